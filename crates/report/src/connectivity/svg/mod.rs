//! SVG: a picture that a person can read.
//!
//! Namespaces are frames, parties cards in them; what comes in is a row of a card with lines from
//! where, so that no text stands on a line. Connections are put together as far as they say the
//! same ([`summary`]), and what would be lines from nearly everywhere is said in words. Lines lead
//! to the right as far as that goes; what is outside has a lane on the left as a source, and one
//! on the right as a destination. Colours are those of the source's namespace, and follow the
//! reader's choice of light or dark.

mod columns;
mod draw;
mod frames;
mod layout;
mod route;
mod size;
mod summary;

use std::io::{self, Write};

use super::ConnectivityReport;

/// Writes one picture, the clusters below each other.
pub fn write(report: &ConnectivityReport, out: impl Write) -> io::Result<()> {
    draw::write(report, out)
}
