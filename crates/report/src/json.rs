//! The report as JSON, version 1. Its schema is `schemas/report.v1.schema.json`.

use palisade_controls::Settings;

use crate::Report;

/// One JSON object, without source excerpts.
pub fn render(report: &Report) -> String {
    let mut report = report.clone();
    for finding in &mut report.findings {
        for location in finding.location.iter_mut().chain(&mut finding.related) {
            location.excerpt = None;
        }
    }
    // A tree of strings and numbers can't fail to be written.
    serde_json::to_string_pretty(&report)
        .map(|json| json + "\n")
        .unwrap_or_default()
}

/// The JSON Schema of the format.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Report);
    serde_json::to_string_pretty(&schema)
        .map(|json| json + "\n")
        .unwrap_or_default()
}

/// The controls as a JSON list, without their answers.
pub fn controls<'c>(controls: impl Iterator<Item = &'c palisade_controls::Control>) -> String {
    let list: Vec<_> = controls
        .map(|control| crate::build::control_summary(control, &Settings::NONE, &[]))
        .collect();
    serde_json::to_string_pretty(&list)
        .map(|json| json + "\n")
        .unwrap_or_default()
}
