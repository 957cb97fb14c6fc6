//! JSON, version 1.

use std::io::{self, Write};

use super::EgressReport;

/// Writes the report as one JSON object.
pub fn write(report: &EgressReport, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, report)?;
    writeln!(out)
}

/// The JSON Schema of the format.
pub fn schema() -> String {
    let schema = schemars::schema_for!(EgressReport);
    serde_json::to_string_pretty(&schema)
        .map(|json| json + "\n")
        .unwrap_or_default()
}
