//! `palisade lint` as a user sees it.

use crate::{Run, palisade, run};

const POLICIES: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [ { name: web, ports: [ { containerPort: 8080 } ] } ] }
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  selector: app == "web"
  types: [Ingress]
  ingress:
  - { action: Allow }
  # palisade: ignore[PL004] kept until the partner has moved
  - { action: Deny, source: { nets: [ 10.1.0.0/16 ] } }
  - { action: Deny, source: { nets: [ 10.2.0.0/16 ] } }
"#;

fn linted(arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policies.yaml"), POLICIES).unwrap();
    run(folder.path(), arguments, "")
}

#[test]
fn the_rule_that_decides_instead_is_shown() {
    let run = linted(&["lint", ".", "--engine", "calico"]);
    assert_eq!(run.code(), 1, "{}", run.stderr());
    let shown = run.stdout();
    assert!(shown.contains("policies.yaml:19:5"), "{shown}");
    assert!(
        shown.contains("rule 0 of NetworkPolicy/web allows it"),
        "{shown}"
    );
    // The one before it is waived.
    assert!(!shown.contains("policies.yaml:18:5"), "{shown}");
    assert!(!shown.contains("score"), "{shown}");
}

#[test]
fn a_severity_decides_whether_lints_fail() {
    let run = linted(&["lint", ".", "--engine", "calico", "--fail-on", "high"]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
}

#[test]
fn every_format_of_a_report_takes_lints() {
    for format in ["json", "sarif", "github", "concise", "junit", "html"] {
        let run = linted(&["lint", ".", "--engine", "calico", "--format", format]);
        assert_eq!(run.code(), 1, "{format}: {}", run.stderr());
        assert!(run.stdout().contains("PL004"), "{format}");
    }
}

#[test]
fn the_engine_must_be_known() {
    let run = linted(&["lint", "."]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("--engine"), "{}", run.stderr());
}

#[test]
fn an_audit_asks_no_lints_and_lint_nothing_else() {
    let audit = palisade(&["audit", "examples/weak", "--format", "concise"]);
    assert!(!audit.stdout().contains("[PL"));
    let lint = palisade(&["lint", "examples/weak", "--format", "concise"]);
    let lines: Vec<_> = lint.stdout().lines().map(str::to_owned).collect();
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line.contains("[PL")), "{lines:?}");
}
