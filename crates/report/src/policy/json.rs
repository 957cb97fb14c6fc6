//! JSON, version 1.

use std::io::{self, Write};

use serde::Serialize;

/// Writes a report or a list as one JSON value.
pub fn write(report: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, report)?;
    writeln!(out)
}
