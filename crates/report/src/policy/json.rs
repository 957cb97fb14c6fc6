//! JSON, version 1.

use std::io::{self, Write};

use serde::Serialize;

/// The JSON Schema of the format of `palisade policy check`.
pub fn schema() -> String {
    let schema = schemars::schema_for!(super::PolicyReport);
    serde_json::to_string_pretty(&schema)
        .map(|json| json + "\n")
        .unwrap_or_default()
}

/// Writes a report or a list as one JSON value.
pub fn write(report: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, report)?;
    writeln!(out)
}
