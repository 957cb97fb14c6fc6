//! Figures in Prometheus' text format (exposition format 0.0.4), for the textfile collector of the
//! node exporter or a push gateway: how many answers of each kind, and the scores. It has no time
//! stamps, so that the same report gives the same bytes.

use std::fmt::Write as _;

use crate::{Counts, FrameworkSummary, RecommendationSummary, Report};

/// The kinds of answers, all of which are written, so that a figure that falls to nothing is seen
/// to be zero and not to be missing.
const STATUSES: [&str; 5] = ["fail", "unknown", "pass", "not-applicable", "waived"];

/// All figures.
pub fn render(report: &Report) -> String {
    let mut page = Page::default();
    build(report, &mut page);
    scores(report, &mut page);
    by_control(report, &mut page);
    by_severity(report, &mut page);
    by_cluster(report, &mut page);
    if let Some(framework) = &report.framework {
        by_item(framework, &mut page);
    }
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn gauge(&mut self, name: &str, help: &str) {
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl Into<u64>) {
        let labels: Vec<_> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", escape(value)))
            .collect();
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", labels.join(","))
        };
        let _ = writeln!(self.text, "{name}{labels} {}", value.into());
    }
}

/// A label's value: backslash, quotation mark and line feed are escaped.
fn escape(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn by_status(counts: &Counts) -> [usize; 5] {
    [
        counts.fail,
        counts.unknown,
        counts.pass,
        counts.not_applicable,
        counts.waived,
    ]
}

fn build(report: &Report, page: &mut Page) {
    let name = "palisade_build_info";
    page.gauge(name, "The version of Palisade that wrote this; always 1.");
    page.value(name, &[("version", &report.tool.version)], 1_u64);
    let input = &report.input;
    for (name, help, number) in [
        ("palisade_input_files", "Files that were read.", input.files),
        (
            "palisade_input_resources",
            "Azure resources in them.",
            input.resources,
        ),
        (
            "palisade_input_objects",
            "Kubernetes objects in them.",
            input.objects,
        ),
        (
            "palisade_input_diagnostics",
            "Defects of the files.",
            input.diagnostics.len(),
        ),
    ] {
        page.gauge(name, help);
        page.value(name, &[], count(number));
    }
}

fn scores(report: &Report, page: &mut Page) {
    let name = "palisade_score";
    page.gauge(
        name,
        "0 to 100: the share of what was asked that is known to be fulfilled.",
    );
    if let Some(score) = report.score {
        page.value(name, &[], score);
    }
    let name = "palisade_recommendation_score";
    page.gauge(name, "The score of a recommendation.");
    for one in &report.recommendations {
        if let Some(score) = one.score {
            page.value(name, &labels(one), score);
        }
    }
}

fn labels(one: &RecommendationSummary) -> [(&str, &str); 1] {
    [("recommendation", &one.prefix)]
}

fn by_control(report: &Report, page: &mut Page) {
    let name = "palisade_findings";
    page.gauge(name, "Answers of a control by kind.");
    for control in &report.controls {
        // What is about the project's own waivers has a prefix, too, but no recommendation.
        let prefix = control.code.trim_end_matches(|c: char| c.is_ascii_digit());
        for (status, number) in STATUSES.into_iter().zip(by_status(&control.counts)) {
            let labels = [
                ("control", control.code.as_str()),
                ("name", &control.name),
                ("recommendation", prefix),
                ("severity", &control.severity),
                ("status", status),
            ];
            page.value(name, &labels, count(number));
        }
    }
}

fn by_severity(report: &Report, page: &mut Page) {
    let name = "palisade_failures";
    page.gauge(
        name,
        "Failures by severity, as each was rated; without those that are waived.",
    );
    for severity in palisade_controls::Severity::ALL {
        let own = report
            .findings
            .iter()
            .filter(|finding| finding.status() == "fail" && finding.severity == severity.as_str());
        page.value(name, &[("severity", severity.as_str())], count(own.count()));
    }
}

/// What several clusters share counts for each of them.
fn by_cluster(report: &Report, page: &mut Page) {
    let name = "palisade_cluster_score";
    page.gauge(name, "The score of a cluster.");
    for cluster in &report.clusters {
        if let Some(score) = cluster.score {
            page.value(name, &[("cluster", &cluster.id)], score);
        }
    }
    let name = "palisade_cluster_recommendation_score";
    page.gauge(name, "The score of a cluster by recommendation.");
    for cluster in &report.clusters {
        for one in &cluster.recommendations {
            if let Some(score) = one.score {
                let labels = [("cluster", cluster.id.as_str()), labels(one)[0]];
                page.value(name, &labels, score);
            }
        }
    }
    let name = "palisade_cluster_findings";
    page.gauge(
        name,
        "Answers about a cluster and what serves it, by recommendation and kind; what clusters share counts for each.",
    );
    for cluster in &report.clusters {
        for one in &cluster.recommendations {
            for (status, number) in STATUSES.into_iter().zip(by_status(&one.counts)) {
                let labels = [
                    ("cluster", cluster.id.as_str()),
                    labels(one)[0],
                    ("status", status),
                ];
                page.value(name, &labels, count(number));
            }
        }
    }
}

fn by_item(framework: &FrameworkSummary, page: &mut Page) {
    let name = "palisade_framework_items";
    page.gauge(name, "Items of a catalogue by result.");
    for (result, number) in crate::framework::tally(framework) {
        let labels = [("framework", framework.id.as_str()), ("result", result)];
        page.value(name, &labels, count(number));
    }
}
