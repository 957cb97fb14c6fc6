//! Who reaches whom, as it is printed.

use std::fs;

use palisade_reach::kubernetes::{Engine, EngineKind, Options, analyse};
use palisade_report::connectivity::{ConnectivityReport, csv, dot, json, markdown, terminal};

use crate::{input, root};

/// Two services of a shop, one of them isolated.
const SHOP: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: shop}
spec: {template: {metadata: {labels: {app: orders}}, spec: {containers: [{name: orders}]}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: orders, namespace: shop}
spec:
  podSelector: {matchLabels: {app: orders}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 8080}]
  egress:
    - to: [{ipBlock: {cidr: 20.0.0.0/8}}]
      ports: [{port: 443}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: ours, namespace: shop}
spec: {endpointSelector: {}, ingress: [{}]}
";

fn shop(engine: EngineKind) -> ConnectivityReport {
    let input = input(&[("shop.yaml".to_owned(), SHOP.as_bytes().to_vec())]);
    let cluster = input.estate.clusters().next().unwrap();
    let analysis = analyse(&cluster, &Options::new(Engine::new(engine)));
    ConnectivityReport::new(&input.estate, &[(cluster.name(), &analysis)])
}

fn text(write: impl Fn(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn each_source_with_what_it_reaches() {
    let report = shop(EngineKind::AzureNpm);
    insta::assert_snapshot!(text(|out| terminal::write(&report, out)));
}

#[test]
fn without_an_engine_everything_reaches_everything() {
    let report = shop(EngineKind::None);
    insta::assert_snapshot!(text(|out| terminal::write(&report, out)));
}

#[test]
fn tables_and_graphs_hold_the_same_connections() {
    let report = shop(EngineKind::AzureNpm);
    insta::assert_snapshot!("csv", text(|out| csv::write(&report, out)));
    insta::assert_snapshot!("markdown", text(|out| markdown::write(&report, out)));
    insta::assert_snapshot!("dot", text(|out| dot::write(&report, out)));
}

#[test]
fn what_is_left_out_takes_its_parties_along() {
    let mut report = shop(EngineKind::AzureNpm);
    report.retain(|from, to| from.name().contains("web") && to.name().contains("orders"));
    let cluster = &report.clusters[0];
    assert_eq!(cluster.parties.len(), 2);
    assert_eq!(cluster.connections.len(), 1);
    let connection = &cluster.connections[0];
    assert_eq!(
        cluster.parties[connection.from].name(),
        "shop/Deployment/web"
    );
    assert_eq!(connection.allowed.as_deref(), Some("TCP 8080"));
}

#[test]
fn the_schema_of_connectivity_is_the_one_of_the_code() {
    let path = root().join("schemas/connectivity.v1.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, json::schema()).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        kept,
        json::schema(),
        "run UPDATE=1 cargo test -p palisade-report"
    );
    let schema = serde_json::from_str(&json::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for engine in [EngineKind::AzureNpm, EngineKind::Cilium] {
        let written = text(|out| json::write(&shop(engine), out));
        let value = serde_json::from_str(&written).unwrap();
        assert!(validator.is_valid(&value), "{written}");
    }
}
