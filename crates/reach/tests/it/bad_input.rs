//! Bad input: each defect is told at its line, and all the rest is still analysed.

use insta::assert_snapshot;
use palisade_reach::kubernetes::{Engine, EngineKind, Options, analyse};
use palisade_sources::File;

use super::connections;

const GOOD: &str = "apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
";

/// What is told of a second file beside the good one, which is analysed in any case.
fn told(bad: &str) -> String {
    let load = |file: &(&str, &str)| {
        Ok(File {
            path: file.0.to_owned(),
            bytes: file.1.as_bytes().to_vec(),
        })
    };
    let input = palisade_sources::read_all(&[("good.yaml", GOOD), ("bad.yaml", bad)], load, false);
    let cluster = input.estate.clusters().next().unwrap();
    let analysis = analyse(&cluster, &Options::new(Engine::new(EngineKind::Conformant)));
    let connections = connections(&analysis);
    assert!(
        connections.contains("shop/web -> shop/db: TCP 5432"),
        "{connections}"
    );
    let all = input.diagnostics.iter().chain(&analysis.diagnostics);
    let lines = all.map(|told| {
        let position = told.position.map(|position| position.to_string());
        assert_eq!(told.path, "bad.yaml");
        format!(
            "{}: {:?}: {}",
            position.unwrap_or_default(),
            told.level,
            told.message
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn policy(spec: &str) -> String {
    told(&format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: bad, namespace: shop}}\nspec:\n  podSelector: {{matchLabels: {{app: web}}}}\n{spec}"
    ))
}

#[test]
fn yaml_that_cannot_be_read_in_one_document() {
    let bad = "apiVersion: v1\nkind: Namespace\nmetadata: {name: one}\n---\nkind: [\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: two}\n";
    assert_snapshot!(told(bad), @r"5:7: Error: unclosed bracket '['");
}

#[test]
fn a_field_that_there_is_not() {
    assert_snapshot!(policy("  policyType: [Ingress]\n  ingress:\n  - from: []\n    port: 80\n"), @r"
    6:15: Warning: the spec has no member `policyType`: kubectl refuses it, and other clients leave it out
    9:11: Warning: an ingress rule has no member `port`: kubectl refuses it, and other clients leave it out
    ");
}

#[test]
fn values_of_the_wrong_type() {
    assert_snapshot!(policy("  ingress: {}\n"), @r"6:12: Error: `ingress` is not a list");
    assert_snapshot!(policy("  ingress:\n  - ports: [{port: [80]}]\n"), @r"7:20: Error: the port is neither a number nor a name");
    assert_snapshot!(policy("  ingress:\n  - ports: [{port: 80000}]\n"), @r"7:20: Error: the port 80000 is not between 1 and 65535");
    assert_snapshot!(policy("  ingress:\n  - from: [{podSelector: web}]\n"), @r"7:26: Error: `podSelector` is not an object");
    assert_snapshot!(policy("  policyTypes: Ingress\n"), @r"6:16: Error: `policyTypes` is not a list");
}

#[test]
fn an_exception_outside_its_range() {
    assert_snapshot!(policy("  ingress:\n  - from:\n    - ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}\n"), @r"8:44: Error: the exception 11.0.0.0/16 is not a part of 10.0.0.0/8");
}

#[test]
fn an_end_below_its_port() {
    assert_snapshot!(policy("  ingress:\n  - ports:\n    - {port: 90, endPort: 80}\n"), @r"8:27: Error: the endPort 80 is below the port 90");
}

#[test]
fn a_selector_that_is_none() {
    assert_snapshot!(policy("  ingress:\n  - from:\n    - podSelector: {matchExpressions: [{key: a, operator: Equals, values: [b]}]}\n"), @r"8:59: Error: the operator is none of In, NotIn, Exists and DoesNotExist");
    assert_snapshot!(policy("  ingress:\n  - from:\n    - podSelector: {matchLabels: {'-a': b}}\n"), @r"8:41: Error: `-a` is not a label's key");
}

#[test]
fn a_port_named_twice() {
    let pod = |ports: &str| {
        told(&format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: twice, namespace: shop}}\nspec:\n  containers:\n{ports}"
        ))
    };
    assert_snapshot!(pod("  - name: c\n    ports:\n    - {name: http, containerPort: 80}\n    - {name: http, containerPort: 81}\n"), @r"9:14: Error: the container names two ports `http`");
    assert_snapshot!(pod("  - {name: c, ports: [{name: http, containerPort: 80}]}\n  - {name: d, ports: [{name: http, containerPort: 81}]}\n"), @r"7:30: Warning: another container of the pod names another port `http`, and engines take one of them or both");
    assert_snapshot!(pod("  - {name: c, ports: [{name: dns, containerPort: 53, protocol: UDP}]}\n  - {name: d, ports: [{name: dns, containerPort: 53}]}\n"), @r"");
}
