//! Each format, read by a library that others wrote.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use jiff::civil::date;
use palisade_controls::{Framework, Suppression, SuppressionKind};
use palisade_report::{
    BaselineSummary, GoneFinding, Links, Report, azure_pipelines, concise, csv, github, inventory,
    junit, markdown, ocsf, oscal, prometheus, sarif, terminal, xlsx,
};
use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::{changed, example, example_files, input, report};

const ALL: [&str; 5] = ["fail", "unknown", "pass", "not-applicable", "waived"];

fn written(write: impl Fn(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn count(report: &Report, status: &str) -> usize {
    let own = report
        .findings
        .iter()
        .filter(|finding| finding.status() == status);
    own.count()
}

/// A report with a failure that somebody accepted.
fn with_waiver() -> Report {
    changed(&example_files("weak"), |audit| {
        let failure = audit
            .findings
            .iter_mut()
            .find(|finding| finding.is_failure());
        failure.unwrap().suppression = Some(Suppression {
            kind: SuppressionKind::Configuration,
            reason: "moves to the hub in May".to_owned(),
            owner: Some("network team".to_owned()),
            expires: Some(date(2027, 5, 31)),
            place: None,
        });
    })
}

/// Names that try to be a formula, a command of a pipeline, markup, a mention.
const HOSTILE: [&str; 10] = [
    "\u{1b}[2Jgone\u{202e}nwod edispu",
    "=HYPERLINK(\"https://evil.example\")",
    "+1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "::error::x",
    "x\n::set-output name=a::b",
    "##vso[task.setvariable variable=a]b",
    "##[add-path]/x",
    "</summary><script>alert(1)</script>|`*@everyone #1",
    "]]>&amp;\u{1}\u{FFFE}\u{8}",
];

fn hostile() -> Report {
    let objects = HOSTILE.iter().map(|name| {
        serde_json::json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": { "name": name, "namespace": name },
            "spec": { "type": "LoadBalancer", "externalIPs": [name], "selector": { "app": name } },
        })
    });
    let list = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": objects.collect::<Vec<_>>() });
    let report = report(&[("::error::=a.json".to_owned(), list.to_string().into_bytes())]);
    assert!(count(&report, "fail") >= HOSTILE.len());
    report
}

#[test]
fn csv_has_a_row_for_each_answer() {
    let report = with_waiver();
    let text = written(|out| csv::write(&report, out));
    let mut table = ::csv::Reader::from_reader(text.as_bytes());
    let headings = table.headers().unwrap().clone();
    let rows: Vec<BTreeMap<String, String>> = table.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), report.findings.len());
    assert_eq!(headings.get(0), Some("control"));
    for (row, finding) in rows.iter().zip(&report.findings) {
        assert_eq!(row["status"], finding.status());
        assert_eq!(row["id"], finding.subject.id);
        let line = finding
            .location
            .as_ref()
            .map(|at| at.start_line.to_string());
        assert_eq!(row["line"], line.unwrap_or_default());
    }
    let waived = rows.last().unwrap();
    assert_eq!(waived["waiver reason"], "moves to the hub in May");
    assert_eq!(waived["waiver expires"], "2027-05-31");
}

#[test]
fn csv_runs_nothing_in_a_spreadsheet() {
    let text = written(|out| csv::write(&hostile(), out));
    for record in ::csv::Reader::from_reader(text.as_bytes()).records() {
        for field in &record.unwrap() {
            assert!(
                !field.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']),
                "{field}"
            );
        }
    }
}

fn sheet(book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Vec<Vec<Data>> {
    let range = book.worksheet_range(name).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn the_workbook_holds_overview_findings_controls_and_inventory() {
    let report = with_waiver();
    let input = input(&example_files("weak"));
    let bytes = xlsx::render(&report, &inventory(&input.estate)).unwrap();
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let names = ["Overview", "Findings", "Controls", "Inventory"];
    assert_eq!(book.sheet_names(), names);
    let findings = sheet(&mut book, "Findings");
    assert_eq!(findings.len(), report.findings.len() + 1);
    let column = |heading: &str| {
        let place = |cell: &Data| *cell == Data::String(heading.to_owned());
        findings[0].iter().position(place).unwrap()
    };
    let (status, id) = (column("status"), column("id"));
    for (row, finding) in findings[1..].iter().zip(&report.findings) {
        assert_eq!(row[status].to_string(), finding.status());
        assert_eq!(row[id].to_string(), finding.subject.id);
    }
    assert_eq!(
        sheet(&mut book, "Controls").len(),
        report.controls.len() + 1
    );
    let things = report.input.resources + report.input.objects;
    assert_eq!(sheet(&mut book, "Inventory").len(), things + 1);
    let overview = sheet(&mut book, "Overview");
    let score = overview.iter().find(|row| row[0] == "score");
    assert_eq!(score.unwrap()[1], Data::Float(report.score.unwrap().into()));
}

/// A catalogue that was asked for shows in what people read.
#[test]
fn the_items_of_a_catalogue_are_listed() {
    let report = example("weak").by_framework(Framework::CisAks);
    let items = report.framework.as_ref().unwrap().items.len();
    let comment = markdown::render(&report, &["fail"], Links::default());
    let starts = report.framework.as_ref().unwrap().items.iter();
    let mut starts = starts.map(|item| format!("\n| {} | ", item.id));
    assert!(starts.all(|start| comment.contains(&start)));
    let bytes = xlsx::render(&report, &[]).unwrap();
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    assert_eq!(sheet(&mut book, "Framework").len(), items + 1);
    let text = prometheus::render(&report);
    let counted = text
        .lines()
        .filter(|line| line.starts_with("palisade_framework_items{"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap());
    assert_eq!(counted.sum::<usize>(), items);
}

#[test]
fn the_workbook_has_no_formulas() {
    let bytes = xlsx::render(&hostile(), &[]).unwrap();
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    for name in book.sheet_names() {
        assert!(book.worksheet_formula(&name).unwrap().is_empty(), "{name}");
    }
    let findings = sheet(&mut book, "Findings");
    let texts: Vec<_> = findings.iter().flatten().map(Data::to_string).collect();
    assert!(texts.iter().any(|text| text.starts_with("=HYPERLINK")));
}

#[test]
fn junit_counts_what_it_holds() {
    for report in [with_waiver(), example("hardened"), hostile()] {
        let text = written(|out| junit::write(&report, out));
        let document = roxmltree::Document::parse(&text).unwrap();
        let number = |name: &str| {
            let nodes = document.descendants();
            nodes.filter(|node| node.has_tag_name(name)).count()
        };
        assert_eq!(number("failure"), count(&report, "fail"));
        let skipped = count(&report, "unknown") + count(&report, "waived");
        assert_eq!(number("skipped"), skipped);
        assert_eq!(
            number("testcase"),
            number("failure") + skipped + count(&report, "pass")
        );
        let told = |name: &str| document.root_element().attribute(name).unwrap().to_owned();
        assert_eq!(told("tests"), number("testcase").to_string());
        assert_eq!(told("failures"), number("failure").to_string());
    }
    let text = written(|out| junit::write(&with_waiver(), out));
    assert!(text.contains("waived: moves to the hub in May"));
}

/// Whoever names an object doesn't command the pipeline that audits it.
#[test]
fn logs_of_pipelines_hold_our_commands_only() {
    let report = hostile();
    let text = github::render(&report, &ALL);
    for line in text.lines() {
        let words = [
            "::error ",
            "::warning ",
            "::notice ",
            "::group::",
            "::endgroup::",
        ];
        let is_command = words.iter().any(|word| line.starts_with(word));
        assert!(
            is_command || line.starts_with("- ") && !line.contains("##["),
            "{line}"
        );
    }
    assert!(text.contains("file=%3A%3Aerror%3A%3A=a.json"));
    for text in [concise::render(&report, &ALL), in_full(&report)] {
        assert!(!text.contains("##vso[") && !text.contains("##["), "{text}");
        assert!(
            text.chars().all(|c| c == '\n' || !c.is_control()),
            "{text:?}"
        );
        let is_command = |line: &str| line.trim_start().starts_with("::");
        assert!(!text.lines().any(is_command), "{text}");
    }
    let text = azure_pipelines::render(&report, &ALL);
    assert_eq!(text.lines().count(), report.findings.len());
    for line in text.lines() {
        assert!(line.starts_with("##vso[task.logissue type="), "{line}");
        let (properties, _) = line.split_once(']').unwrap();
        assert!(properties.ends_with(';'), "{line}");
    }
}

fn in_full(report: &Report) -> String {
    let style = terminal::Style {
        colour: false,
        width: 120,
        shown: &ALL,
        full: true,
    };
    terminal::render(report, style)
}

#[test]
fn github_gets_no_more_annotations_than_it_shows() {
    let text = github::render(&example("weak"), &["fail"]);
    for kind in ["::error ", "::warning ", "::notice "] {
        let count = text.lines().filter(|line| line.starts_with(kind)).count();
        assert!(count <= 10, "{count} {kind}");
    }
    let folded = text.lines().filter(|line| line.starts_with("- ")).count();
    assert!(text.contains(&format!("::group::{folded} more\n")));
}

#[test]
fn a_comment_fits_a_pull_request() {
    let many = |number: usize| {
        let clusters: Vec<_> = (0..number)
            .map(|number| {
                serde_json::json!({
                    "id": format!("/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-{number}"),
                    "name": format!("aks-{number}"),
                    "properties": { "networkProfile": { "outboundType": "loadBalancer" } },
                })
            })
            .collect();
        report(&[("a.json".to_owned(), serde_json::to_vec(&clusters).unwrap())])
    };
    for report in [example("weak"), with_waiver(), many(500), hostile()] {
        let text = markdown::render(&report, &ALL, Links::default());
        assert!(text.len() <= 65_536, "{}", text.len());
        assert!(text.starts_with(markdown::MARKER));
        let opened = text.matches("<details>").count();
        assert_eq!(opened, text.matches("</details>").count());
    }
}

/// The headings of a comment, each with the codes that are named below it.
fn named(comment: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut codes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for part in comment.split("\n### ").skip(1) {
        let (heading, rest) = part.split_once('\n').unwrap();
        let words = rest.split(|c: char| !c.is_ascii_alphanumeric());
        let is_code = |word: &&str| {
            let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
            letters.len() + 3 == word.len() && palisade_controls::find(word).is_some()
        };
        codes.insert(heading, words.filter(is_code).collect());
    }
    codes
}

/// An estate that fails every control, often and with much to say.
fn fails_all(times: usize, length: usize) -> Report {
    let mut report = example("weak");
    let failure = report.findings.iter().find(|one| one.status() == "fail");
    let failure = failure.unwrap().clone();
    report.findings.clear();
    for control in &report.controls {
        let mut finding = failure.clone();
        finding.control.clone_from(&control.code);
        finding.message = "x".repeat(length);
        report.findings.extend(vec![finding; times]);
    }
    report
}

/// However much there is to say, a comment fits, and each control is in it with the number of its
/// answers.
#[test]
fn a_comment_names_every_control() {
    for (times, length) in [(1, 10), (3, 200), (40, 400), (100, 2_000)] {
        let mut report = fails_all(times, length);
        let comment = markdown::render(&report, &ALL, Links::default());
        assert!(comment.len() <= 65_536, "{}", comment.len());
        let all: Vec<_> = palisade_controls::all()
            .map(|control| control.code)
            .collect();
        assert_eq!(named(&comment)["Failures"], all, "{times} of {length}");
        let (number, count) = (report.controls.len(), format!(" ({times})"));
        assert!(times == 1 || comment.matches(&count).count() == number);
        // The worst, which come first, keep an answer.
        assert!(comment.contains("<details>"));

        // Each control with answers of three kinds, and titles that are long.
        for control in &mut report.controls {
            control.title = "y".repeat(length);
        }
        for result in ["unknown", "pass"] {
            let mut others = fails_all(1, length).findings;
            for finding in &mut others {
                result.clone_into(&mut finding.result);
            }
            report.findings.extend(others);
        }
        let comment = markdown::render(&report, &ALL, Links::default());
        assert!(comment.len() <= 65_536, "{}", comment.len());
        for heading in ["Failures", "Not known", "Passes"] {
            assert_eq!(named(&comment)[heading], all, "{heading}");
        }
    }
}

/// Nothing of the estate is markup, and nobody is mentioned.
#[test]
fn a_comment_is_safe() {
    let text = markdown::render(&hostile(), &ALL, Links::default());
    let mut is_code = false;
    let (mut tables, mut links) = (0, 0);
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                assert!(!html.contains("script"), "{html}");
            }
            Event::Start(Tag::Table(_)) => tables += 1,
            Event::Start(Tag::Link { .. }) => links += 1,
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::Text(text) => {
                assert!(
                    !text.contains("@everyone") && !text.contains("#1"),
                    "{text}"
                );
            }
            _ => {}
        }
    }
    assert!(!is_code && tables >= 1 && links >= HOSTILE.len());
}

#[test]
fn a_comment_says_what_is_waived() {
    let text = markdown::render(&with_waiver(), &[], Links::default());
    assert!(text.contains("1 waived"));
    assert!(
        text.contains("  - waived: moves to the hub in May, says network team, until 2027-05-31\n")
    );
}

/// A comment lists what a change mended, and not what was known before.
#[test]
fn a_comment_shows_what_the_baseline_tells() {
    let mut report = changed(&example_files("weak"), |audit| {
        for finding in audit.findings.iter_mut().filter(|one| one.is_failure()) {
            finding.suppression = Some(Suppression {
                kind: SuppressionKind::Baseline,
                reason: "in the baseline".to_owned(),
                owner: None,
                expires: None,
                place: None,
            });
        }
    });
    report.baseline = Some(BaselineSummary {
        path: "palisade-baseline.json".to_owned(),
        known: count(&report, "waived"),
        new: 0,
        gone: vec![GoneFinding {
            control: "FW004".to_owned(),
            subject: "/subscriptions/s1/x/fwpol-hub".to_owned(),
            message: "threatIntelMode is Alert".to_owned(),
            fingerprint: String::new(),
            became: "fixed".to_owned(),
        }],
    });
    let text = markdown::render(&report, &["fail"], Links::default());
    assert!(text.contains("\n- fixed: FW004 `fwpol-hub`: threatIntelMode is Alert\n"));
    assert!(!text.contains("### Waived"), "{text}");
}

#[test]
fn links_lead_to_lines() {
    let report = example("weak");
    let places = report
        .findings
        .iter()
        .filter_map(|finding| finding.location.as_ref());
    let mut place = places.into_iter().next().unwrap().clone();
    (place.path, place.start_line, place.end_line) = ("a b/c.json".to_owned(), 3, 3);
    let link = |base| Links { base }.to(&place);
    assert_eq!(link(None), "a%20b/c.json#L3");
    assert_eq!(
        link(Some("https://github.com/o/r/blob/abc/")),
        "https://github.com/o/r/blob/abc/a%20b/c.json#L3"
    );
    assert_eq!(
        link(Some(
            "https://dev.azure.com/o/p/_git/r?path=/{path}&line={line}&lineEnd={endLine}"
        )),
        "https://dev.azure.com/o/p/_git/r?path=/a%20b/c.json&line=3&lineEnd=3"
    );
    place.end_line = 5;
    assert_eq!(Links::default().to(&place), "a%20b/c.json#L3-L5");
}

#[test]
fn ocsf_has_an_event_for_each_answer() {
    let report = with_waiver();
    let text = written(|out| ocsf::write(&report, out));
    let events: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), report.findings.len());
    // 2026-11-23T00:00:00Z
    assert_eq!(events[0]["time"], 1_795_392_000_000_u64);
    let waived = events.last().unwrap();
    assert_eq!(waived["status_id"], 3);
    assert_eq!(waived["comment"], "moves to the hub in May");
    let failing = events
        .iter()
        .filter(|event| event["compliance"]["status_id"] == 3);
    let failures = report
        .findings
        .iter()
        .filter(|finding| finding.result == "fail");
    assert_eq!(failing.count(), failures.count());
}

#[test]
fn oscal_says_what_is_accepted() {
    let report = with_waiver();
    let text = written(|out| oscal::write(&report, out));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let result = &document["assessment-results"]["results"][0];
    let risks = result["risks"].as_array().unwrap();
    let approved: Vec<_> = risks
        .iter()
        .filter(|risk| risk["status"] == "deviation-approved")
        .collect();
    assert_eq!(approved.len(), 1);
    assert_eq!(approved[0]["deadline"], "2027-05-31T00:00:00Z");
    assert_eq!(risks.len(), count(&report, "fail") + 1);
}

/// What isn't known is neither satisfied nor a risk.
#[test]
fn oscal_takes_nothing_unknown_for_satisfied() {
    let listing = r#"{"id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-1", "name": "aks-1", "type": "x"}"#;
    let report = report(&[("a.json".to_owned(), listing.as_bytes().to_vec())]);
    let text = written(|out| oscal::write(&report, out));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let result = &document["assessment-results"]["results"][0];
    for finding in result["findings"].as_array().unwrap() {
        assert_eq!(finding["target"]["status"]["state"], "not-satisfied");
    }
    assert!(result.get("risks").is_none());
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let input = input(&example_files("weak"));
    let inventory = inventory(&input.estate);
    let render = || {
        let report = example("weak");
        (
            xlsx::render(&report, &inventory).unwrap(),
            written(|out| oscal::write(&report, out)),
            written(|out| ocsf::write(&report, out)),
            markdown::render(&report, &ALL, Links::default()),
        )
    };
    assert!(render() == render());
}

#[test]
fn figures_are_zero_rather_than_missing() {
    let text = prometheus::render(&example("hardened"));
    assert!(text.contains("palisade_failures{severity=\"critical\"} 0\n"));
    let names = text
        .lines()
        .filter(|line| line.starts_with("palisade_findings{"));
    assert_eq!(names.count(), 5 * example("hardened").controls.len());
    let hostile = prometheus::render(&hostile());
    assert!(hostile.lines().all(|line| line.starts_with(['#', 'p'])));
}

#[test]
fn sarif_and_the_others_agree_on_what_fails() {
    let report = with_waiver();
    let log: serde_json::Value = serde_json::from_str(&sarif::render(&report)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressed = results
        .iter()
        .filter(|result| result.get("suppressions").is_some());
    assert_eq!(suppressed.count(), count(&report, "waived"));
    assert_eq!(
        results.len(),
        count(&report, "fail") + count(&report, "waived")
    );
}
