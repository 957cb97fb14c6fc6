//! Tests of definitions and their schema.

use std::fs;

use jiff::civil::date;
use palisade_document::{Notation, Text, parse};
use palisade_policy::{Catalogue, Library, Plan, review, suite};
use palisade_report::policy::{PolicyReport, schema, write_json};
use palisade_report::{Report, csv, html, junit, markdown, oscal, sarif};
use palisade_sources::Input;

use crate::{example_files, input, root};

fn check<T>(input: &Input, act: impl FnOnce(PolicyReport, Report) -> T) -> T {
    let estate = &input.estate;
    let library = Library::read(estate);
    let mut plan = Plan::of_assignments(estate, &library);
    let in_force = plan.planned.len();
    plan.add_unassigned(&library);
    let (missing, remarks) = (plan.missing.clone(), plan.remarks.clone());
    let now = "2026-11-23T00:00:00Z".parse().unwrap();
    let review = review(estate, plan, &Catalogue::built_in(), now);
    let report = PolicyReport::new(estate, &review, in_force, &missing, &remarks);
    let findings = report.as_report(input, &review, (1, 0), date(2026, 11, 23));
    act(report, findings)
}

#[test]
fn the_schema_of_policy_checks_is_the_one_of_the_code() {
    let path = root().join("schemas/policy-check.v1.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, schema()).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, schema(), "run UPDATE=1 cargo test -p palisade-report");
    let kept = serde_json::from_str(&kept).unwrap();
    let validator = jsonschema::validator_for(&kept).unwrap();
    for name in ["weak", "hardened"] {
        let mut text = Vec::new();
        check(&input(&example_files(name)), |report, _| {
            write_json(&report, &mut text).unwrap();
        });
        let value = serde_json::from_slice(&text).unwrap();
        assert!(validator.is_valid(&value), "{name}");
    }
}

/// What isn't assigned counts for nothing, what is exempt is waived, and every control has as many
/// answers as it counts.
#[test]
fn states_become_findings() {
    let hardened = input(&example_files("hardened"));
    check(&hardened, |report, findings| {
        assert!(!report.is_broken());
        let is_failing = |status: &str| findings.findings.iter().any(|one| one.status() == status);
        assert!(!is_failing("fail"));
        assert!(is_failing("waived") && is_failing("pass"));
    });
    check(&input(&example_files("weak")), |report, findings| {
        assert!(report.is_broken());
        for control in &findings.controls {
            let own = findings.findings.iter();
            let own: Vec<_> = own.filter(|one| one.control == control.code).collect();
            let counts = control.counts;
            let sum = counts.fail + counts.unknown + counts.pass + counts.waived;
            assert_eq!(sum + counts.not_applicable, own.len(), "{}", control.code);
        }
        let code = "1a5b4dca-0b6f-4cf5-907c-56316bc1bf3d";
        let mut of_https = findings.findings.iter().filter(|one| one.control == code);
        assert!(of_https.all(|one| one.result == "fail" && one.location.is_some()));
        let mut prints: Vec<_> = findings
            .findings
            .iter()
            .map(|one| &one.fingerprint)
            .collect();
        let all = prints.len();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), all);
    });
}

/// Names in an estate are anybody's choice.
#[test]
fn hostile_names_stay_text() {
    let odd = r"<script>alert(1)</script>\u001b[31m =cmd|x";
    let scope = "/subscriptions/00000000-0000-0000-0000-000000000001";
    let text = format!(
        r#"[{{"id": "{scope}/providers/Microsoft.Authorization/policyDefinitions/d", "name": "d",
            "properties": {{"displayName": "{odd}", "description": "{odd}", "mode": "All", "policyRule": {{"if":
            {{"field": "type", "equals": "Microsoft.Network/virtualNetworks"}}, "then": {{"effect": "deny"}}}}}}}},
           {{"id": "{scope}/providers/Microsoft.Authorization/policyAssignments/a", "name": "a", "properties":
            {{"displayName": "{odd}", "policyDefinitionId": "{scope}/providers/Microsoft.Authorization/policyDefinitions/d",
            "nonComplianceMessages": [{{"message": "{odd}"}}]}}}},
           {{"id": "{scope}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/n", "name": "n",
            "type": "Microsoft.Network/virtualNetworks", "properties": {{}}}}]"#
    );
    check(
        &input(&[("a.json".to_owned(), text.into_bytes())]),
        |report, findings| {
            assert!(report.is_broken());
            let written = |write: &dyn Fn(&mut dyn std::io::Write)| {
                let mut bytes = Vec::new();
                write(&mut bytes);
                String::from_utf8(bytes).unwrap()
            };
            let xml = written(&|out| junit::write(&findings, out).unwrap());
            assert!(roxmltree::Document::parse(&xml).is_ok(), "{xml}");
            let table = written(&|out| csv::write(&findings, out).unwrap());
            let log = written(&|out| oscal::write(&findings, out).unwrap());
            let links = palisade_report::Links { base: None };
            let text = markdown::render(&findings, &["fail"], links);
            let terminal = written(&|out| {
                palisade_report::policy::write_terminal(&report, true, out).unwrap();
            });
            for text in [
                &xml,
                &table,
                &log,
                &text,
                &terminal,
                &html::render(&findings),
                &sarif::render(&findings),
            ] {
                assert!(!text.contains('\u{1b}'));
            }
            assert!(!html::render(&findings).contains("<script>alert"));
            assert!(!text.contains("<script>"), "{text}");
        },
    );
}

#[test]
fn the_schema_of_suites_takes_what_the_reader_takes() {
    let schema = fs::read_to_string(root().join("schemas/policy-tests.v1.schema.json")).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let test = |changed: &str| {
        format!(r#"{{"definition": "d.json", "tests": [{{"name": "a", {changed}}}]}}"#)
    };
    let given = r#""given": {"type": "a/b", "name": "c"}"#;
    let expect = |expected: &str| test(&format!(r#"{given}, "expect": {expected}"#));
    for (text, is_right) in [
        (expect(r#""compliant""#), true),
        (expect(r#""not-applicable""#), true),
        (expect(r#""complaint""#), false),
        (expect(r#""non-compliant", "effect": "Deny""#), true),
        (expect(r#""non-compliant", "effect": "Burn""#), false),
        (expect(r#""compliant", "effect": "Deny""#), false),
        (expect(r#""compliant", "parameters": {"a": [1]}"#), true),
        (expect(r#""compliant", "parameters": [1]"#), false),
        (expect(r#""compliant", "parameter": {}"#), false),
        (expect("[]"), false),
        (
            expect(r#"[{"subject": "c", "state": "exempt", "effect": "audit"}]"#),
            true,
        ),
        (expect(r#"[{"policy": "c", "state": "unknown"}]"#), true),
        (
            expect(r#"[{"subject": "c", "state": "unknown", "effect": "audit"}]"#),
            false,
        ),
        (expect(r#"[{"subject": "c"}]"#), false),
        (
            test(r#""given": ["a.json", {"kind": "Pod"}], "expect": "compliant""#),
            true,
        ),
        (test(r#""given": [], "expect": "compliant""#), false),
        (test(r#""given": 5, "expect": "compliant""#), false),
        (test(r#""given": "", "expect": "compliant""#), false),
        (test(r#""expect": "compliant""#), false),
        (test(given), false),
        (r#"{"tests": []}"#.to_owned(), false),
        (r#"{"definition": "a"}"#.to_owned(), false),
        (
            format!(
                r#"{{"definition": "a", "initiative": "b", "tests": [{{"name": "a", {given}, "expect": "compliant"}}]}}"#
            ),
            false,
        ),
        (
            format!(
                r#"{{"$schema": "s", "initiative": "b", "definitions": ["c"], "tests": [{{"name": "a", {given}, "expect": "compliant"}}]}}"#
            ),
            true,
        ),
        (
            format!(
                r#"{{"definitions": [5], "tests": [{{"name": "a", {given}, "expect": "compliant"}}]}}"#
            ),
            false,
        ),
    ] {
        let value = serde_json::from_str(&text).unwrap();
        assert_eq!(validator.is_valid(&value), is_right, "schema: {text}");
        let (document, _) = parse(Text::new("s.json", text.clone()), Notation::Json);
        let suite = suite::read(&document);
        let diagnostics = &suite.diagnostics;
        assert_eq!(
            diagnostics.is_empty(),
            is_right,
            "reader: {text} {diagnostics:?}"
        );
        assert!(diagnostics.iter().all(|one| one.position.is_some()));
    }
}
