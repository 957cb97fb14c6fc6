//! The report as one HTML file that needs nothing else: no network, no fonts, no scripts from
//! elsewhere.

use std::collections::HashMap;

use crate::Report;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/report.js");

/// The most answers that the page holds, so that it stays usable on huge estates. The worst come
/// first; the page says when there are more.
const MOST_FINDINGS: usize = 20_000;

/// One HTML page.
pub fn render(report: &Report) -> String {
    let report = bounded(report);
    let data = serde_json::to_string(&report)
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

/// The report without what makes a page grow beyond use: answers past the limit, and cluster ids
/// repeated with every answer, for which the page takes their places in its list of clusters.
fn bounded(report: &Report) -> Report {
    let mut bounded = report.clone();
    if bounded.findings.len() > MOST_FINDINGS {
        bounded.total_findings = Some(bounded.findings.len());
        bounded.findings.truncate(MOST_FINDINGS);
    }
    let places: HashMap<_, _> = report
        .clusters
        .iter()
        .map(|cluster| &cluster.id)
        .zip(0_u32..)
        .collect();
    for cluster in bounded
        .findings
        .iter_mut()
        .flat_map(|finding| &mut finding.clusters)
    {
        if let Some(place) = places.get(cluster) {
            *cluster = place.to_string();
        }
    }
    bounded
}
