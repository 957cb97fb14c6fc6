//! The report as one HTML file that needs nothing else: no network, no fonts, no scripts from
//! elsewhere.

use crate::Report;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/report.js");

/// The most answers that the page holds, so that it stays usable on huge estates. The worst come
/// first; the page says when there are more.
const MOST_FINDINGS: usize = 20_000;

/// One HTML page.
pub fn render(report: &Report) -> String {
    let bounded;
    let report = if report.findings.len() > MOST_FINDINGS {
        let mut shorter = report.clone();
        shorter.total_findings = Some(shorter.findings.len());
        shorter.findings.truncate(MOST_FINDINGS);
        bounded = shorter;
        &bounded
    } else {
        report
    };
    let data = serde_json::to_string(report)
        .unwrap_or_default()
        .replace('<', "\\u003c");
    let mut page = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len() + data.len());
    let mut rest = PAGE;
    // Placeholders are filled in one pass, so that text of the report is never taken for one.
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        match name {
            "style" => page.push_str(STYLE),
            "script" => page.push_str(SCRIPT),
            "data" => page.push_str(&data),
            _ => {}
        }
        rest = after;
    }
    page.push_str(rest);
    page
}
