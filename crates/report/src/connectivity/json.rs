//! JSON, version 1.

use std::io::{self, Write};

use serde::Serialize;

use super::ConnectivityReport;
use super::exposure::ExposureReport;

/// Writes a report of connections or of flows as one JSON object.
pub fn write(report: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, report)?;
    writeln!(out)
}

/// The JSON Schema of the format.
pub fn schema() -> String {
    text(&schemars::schema_for!(ConnectivityReport))
}

/// The JSON Schema of exposure.
pub fn exposure_schema() -> String {
    text(&schemars::schema_for!(ExposureReport))
}

fn text(schema: &schemars::Schema) -> String {
    serde_json::to_string_pretty(schema)
        .map(|json| json + "\n")
        .unwrap_or_default()
}
