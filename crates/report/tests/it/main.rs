//! What programs read must be what the schemas say.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod connectivity;
mod egress;
mod formats;
mod policy;
mod roll_up;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use palisade_controls::{Audit, Context, Framework, Suppression, SuppressionKind};
use palisade_report::{Report, concise, html, json, sarif, terminal};
use palisade_sources::{File, Input};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
    paths.sort();
}

fn input(files: &[(String, Vec<u8>)]) -> Input {
    let load = |(path, bytes): &(String, Vec<u8>)| {
        Ok(File {
            path: path.clone(),
            bytes: bytes.clone(),
        })
    };
    palisade_sources::read_all(files, load, false)
}

/// The report on an example, or on files given as path and content.
fn report(files: &[(String, Vec<u8>)]) -> Report {
    changed(files, |_| ())
}

/// The same, with something done to the answers.
fn changed(files: &[(String, Vec<u8>)], change: impl FnOnce(&mut Audit)) -> Report {
    let input = input(files);
    let mut audit = audit(&input);
    change(&mut audit);
    Report::new(&input, &audit, files.len(), 0)
}

fn audit(input: &Input) -> Audit {
    let context = Context::new(&input.estate, date(2026, 11, 23));
    palisade_controls::audit(&context, palisade_controls::all().collect())
}

fn example(name: &str) -> Report {
    report(&example_files(name))
}

fn example_files(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = root().join("examples").join(name);
    let mut paths = Vec::new();
    collect(&folder, &mut paths);
    let shown = |path: &PathBuf| {
        path.strip_prefix(&folder)
            .unwrap()
            .to_string_lossy()
            .into_owned()
    };
    paths
        .iter()
        .map(|path| (shown(path), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn the_schema_in_the_repository_is_the_one_of_the_code() {
    let path = root().join("schemas/report.v1.schema.json");
    let schema = json::schema();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, schema, "run UPDATE=1 cargo test -p palisade-report");
}

/// The result of an item of a benchmark, with all controls asked or only some.
fn item(report: &Report, id: &str) -> (String, Vec<String>) {
    let framework = report.framework.as_ref().unwrap();
    let item = framework.items.iter().find(|item| item.id == id).unwrap();
    (item.result.clone(), item.controls.clone())
}

#[test]
fn a_benchmark_is_answered_item_by_item() {
    let weak = example("weak").by_framework(Framework::CisAks);
    assert_eq!(item(&weak, "5.4.4").0, "fail");
    assert_eq!(item(&weak, "4.6.1").0, "manual");
    assert_eq!(item(&weak, "4.1").0, "out-of-scope");
    let hardened = example("hardened").by_framework(Framework::CisAks);
    assert_eq!(item(&hardened, "2.1.1").0, "pass");
    assert_eq!(item(&hardened, "4.4.1").0, "manual");
    let shown = terminal::render(
        &hardened,
        terminal::Style {
            colour: false,
            width: 100,
            shown: &[],
            full: false,
        },
    );
    assert!(
        shown.contains("2.1.1  pass            audit logs are collected (MON001)"),
        "{shown}"
    );
}

#[test]
fn an_item_whose_controls_were_not_all_asked_is_unknown() {
    let mut report = example("hardened");
    report.controls.retain(|control| control.code != "MON001");
    let report = report.by_framework(Framework::CisAks);
    assert_eq!(
        item(&report, "2.1.1"),
        ("unknown".to_owned(), vec!["MON001".to_owned()])
    );
}

#[test]
fn json_reports_fit_the_schema() {
    let schema = serde_json::from_str(&json::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for name in ["weak", "halfway", "hardened"] {
        let value: serde_json::Value = serde_json::from_str(&json::render(&example(name))).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
        assert!(value["findings"].as_array().unwrap().len() > 3);
    }
    assert!(!validator.is_valid(&serde_json::json!({ "version": "1" })));
}

/// GitHub's limits and requirements that a schema doesn't say.
#[test]
fn sarif_is_what_code_scanning_takes() {
    let report = example("weak");
    let log: serde_json::Value = serde_json::from_str(&sarif::render(&report)).unwrap();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let failures = report
        .findings
        .iter()
        .filter(|finding| finding.result == "fail")
        .count();
    assert_eq!(results.len(), failures);
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        for text in ["shortDescription", "fullDescription", "help"] {
            let length = rule[text]["text"].as_str().unwrap().chars().count();
            assert!(
                length > 0 && (text == "help" || length <= 1024),
                "{}: {text}",
                rule["id"]
            );
        }
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10);
    }
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(
            run["tool"]["driver"]["rules"][index]["id"],
            result["ruleId"]
        );
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64().unwrap() > 0);
        assert!(
            !result["partialFingerprints"]["primaryLocationLineHash"]
                .as_str()
                .unwrap()
                .is_empty()
        );
    }
}

#[test]
fn fingerprints_tell_findings_apart() {
    for name in ["weak", "halfway", "hardened"] {
        let report = example(name);
        let mut fingerprints: Vec<_> = report
            .findings
            .iter()
            .map(|finding| &finding.fingerprint)
            .collect();
        let count = fingerprints.len();
        fingerprints.sort();
        fingerprints.dedup();
        let twice: Vec<_> = report
            .findings
            .iter()
            .filter(|one| {
                report
                    .findings
                    .iter()
                    .filter(|other| other.fingerprint == one.fingerprint)
                    .count()
                    > 1
            })
            .map(concise_line)
            .collect();
        assert_eq!(fingerprints.len(), count, "{}", twice.join("\n"));
    }
}

fn concise_line(finding: &palisade_report::ReportFinding) -> String {
    format!(
        "{} {} {}",
        finding.control, finding.subject.id, finding.message
    )
}

/// Text of the estate can't break out of the page's data.
#[test]
fn the_page_holds_its_data_safely() {
    let name = "</script><script>alert(1)</script>{{script}}";
    let body = serde_json::json!({
        "id": format!("/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/{}", name.replace('/', "-")),
        "name": name,
        "properties": { "networkProfile": { "outboundType": name } },
    });
    let page = html::render(&report(&[(
        "a.json".to_owned(),
        body.to_string().into_bytes(),
    )]));
    assert!(!page.contains("<script>alert"));
    assert_eq!(page.matches("<script").count(), 2);
    assert!(
        page.contains("{{script}}"),
        "text of the estate is left as it is"
    );
}

/// A page doesn't repeat the ids of clusters with every finding that they share.
#[test]
fn the_page_names_clusters_by_their_place() {
    let report = example("weak");
    let id = &report.clusters[0].id;
    let shared = report
        .findings
        .iter()
        .filter(|finding| finding.clusters.contains(id))
        .count();
    let named = html::render(&report).matches(&format!("\"{id}\"")).count();
    assert!(shared > 50 && named < shared / 2, "{shared} {named}");
}

/// A minified file is one long line: excerpts are cut around the span.
#[test]
fn long_lines_are_cut_around_the_span() {
    let cluster = |number: usize| {
        serde_json::json!({
            "id": format!("/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-{number}"),
            "name": format!("aks-{number}"),
            "properties": { "networkProfile": { "outboundType": "loadBalancer" } },
        })
    };
    let list: Vec<_> = (0..100).map(cluster).collect();
    let content = serde_json::to_string(&list).unwrap();
    let report = report(&[("a.json".to_owned(), content.clone().into_bytes())]);
    let finding = report
        .findings
        .iter()
        .find(|finding| finding.control == "FW001")
        .unwrap();
    let place = finding.location.as_ref().unwrap();
    let excerpt = place.excerpt.as_ref().unwrap();
    assert!(excerpt.lines[0].len() < 500);
    let start = (place.start_column - excerpt.first_column) as usize;
    let end = (place.end_column - excerpt.first_column) as usize;
    assert_eq!(&excerpt.lines[0][start..end], "\"loadBalancer\"");
    let style = terminal::Style {
        colour: false,
        width: 120,
        shown: &["fail"],
        full: false,
    };
    let text = terminal::render(&report, style);
    let longest = text.lines().map(str::len).max().unwrap_or_default();
    assert!(longest < 1_000, "{longest}");
    assert!(concise::render(&report, &["fail"]).lines().count() >= 100);
}

/// Unknown answers can't raise a score.
#[test]
fn scores_count_unknown_as_not_fulfilled() {
    let listing = r#"{"id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-1", "name": "aks-1", "type": "x"}"#;
    let report = report(&[("a.json".to_owned(), listing.as_bytes().to_vec())]);
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.result == "unknown")
    );
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.result != "pass")
    );
    assert_eq!(report.score, Some(0));
}

/// What is accepted counts as waived and nowhere else, in every format.
#[test]
fn waived_failures_do_not_count() {
    let cluster = r#"{"id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-1", "name": "aks-1", "properties": {"networkProfile": {"outboundType": "loadBalancer"}}}"#;
    let files = [("a.json".to_owned(), cluster.as_bytes().to_vec())];
    let waive = |audit: &mut Audit| {
        let finding = audit
            .findings
            .iter_mut()
            .find(|one| one.control.code == "FW001")
            .unwrap();
        finding.suppression = Some(Suppression {
            kind: SuppressionKind::Configuration,
            reason: "leaves through a partner's proxy".to_owned(),
            owner: Some("team-network".to_owned()),
            expires: Some(date(2027, 1, 31)),
            place: None,
        });
    };
    let (before, after) = (report(&files), changed(&files, waive));
    let counts = |report: &Report| report.recommendations[0].counts;
    assert_eq!(counts(&after).fail, counts(&before).fail - 1);
    assert_eq!((counts(&before).waived, counts(&after).waived), (0, 1));
    assert_eq!(after.controls[0].counts.waived, 1);
    assert_eq!(after.clusters[0].recommendations[0].counts.waived, 1);
    assert!(after.score >= before.score);
    assert_eq!(after.findings.last().unwrap().status(), "waived");

    assert!(!concise::render(&after, &["fail"]).contains("FW001"));
    assert_eq!(
        concise::render(&after, &["waived"]),
        "a.json:1:173: waived[FW001] aks-1: the outbound type is loadBalancer, which leads past any firewall\n"
    );
    let style = terminal::Style {
        colour: false,
        width: 120,
        shown: &["waived"],
        full: false,
    };
    let text = terminal::render(&after, style);
    let waiver = "waived: leaves through a partner's proxy, says team-network, until 2027-01-31";
    assert!(text.contains(waiver), "{text}");

    let log: serde_json::Value = serde_json::from_str(&sarif::render(&after)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let waived = results.iter().find(|one| one["ruleId"] == "FW001").unwrap();
    assert_eq!(waived["suppressions"][0]["kind"], "external");
    assert_eq!(
        waived["suppressions"][0]["justification"],
        "Leaves through a partner's proxy."
    );

    let schema = serde_json::from_str(&json::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let written = serde_json::from_str(&json::render(&after)).unwrap();
    assert!(validator.is_valid(&written));
    assert_eq!(
        written["findings"].as_array().unwrap().last().unwrap()["suppression"]["kind"],
        "configuration"
    );
}
