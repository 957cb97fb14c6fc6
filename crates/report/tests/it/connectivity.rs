//! Who reaches whom, as it is printed.

use std::fs;

use palisade_document::{Notation, Text};
use palisade_reach::kubernetes::{Engine, EngineKind, Options, analyse, expose};
use palisade_report::connectivity::exposure::{ClusterExposure, ExposureReport};
use palisade_report::connectivity::{
    ConnectivityReport, csv, dot, exposure_text, json, markdown, matrix, svg, terminal,
};

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
    ConnectivityReport::new(&input.estate, &[(cluster.name(), analysis)])
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
fn a_matrix_holds_them_too() {
    let report = shop(EngineKind::AzureNpm);
    insta::assert_snapshot!("matrix", text(|out| matrix::write_terminal(&report, out)));
    insta::assert_snapshot!(
        "matrix_markdown",
        text(|out| matrix::write_markdown(&report, out))
    );
    insta::assert_snapshot!("matrix_csv", text(|out| matrix::write_csv(&report, out)));
}

#[test]
fn a_picture_is_xml_that_names_everyone_and_what_gets_through() {
    let report = shop(EngineKind::AzureNpm);
    let written = text(|out| svg::write(&report, out));
    let picture = roxmltree::Document::parse(&written).unwrap();
    let texts: Vec<_> = picture
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .map(|node| {
            let inner = node.descendants().filter(|inner| inner.is_text());
            let own =
                inner.filter(|inner| inner.parent().is_none_or(|it| !it.has_tag_name("title")));
            own.filter_map(|inner| inner.text()).collect::<String>()
        })
        .collect();
    for expected in [
        "shop",
        "webDeployment",
        "ordersDeployment",
        "TCP 8080",
        "20.0.0.0/8",
        "TCP 443",
    ] {
        assert!(
            texts.iter().any(|text| text == expected),
            "{expected}: {texts:?}"
        );
    }
    assert_eq!(written, text(|out| svg::write(&report, out)));
}

#[test]
fn names_of_an_estate_are_only_text() {
    let mut report = shop(EngineKind::AzureNpm);
    report.clusters[0].cluster = "=cmd<script>\u{7}".to_owned();
    report.clusters[0].parties[0].members = vec!["Deployment/\"><script>&\u{1b}[2J".to_owned()];
    let written = text(|out| svg::write(&report, out));
    let picture = roxmltree::Document::parse(&written).unwrap();
    assert!(
        picture
            .descendants()
            .all(|node| !node.has_tag_name("script"))
    );
    for written in [
        text(|out| csv::write(&report, out)),
        text(|out| matrix::write_csv(&report, out)),
    ] {
        assert!(
            !written.lines().any(|line| line.starts_with('=')),
            "{written}"
        );
    }
    for written in [
        text(|out| matrix::write_terminal(&report, out)),
        text(|out| terminal::write(&report, out)),
    ] {
        assert!(
            !written.contains('\u{1b}') && !written.contains('\u{7}'),
            "{written}"
        );
    }
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

/// The exposure of the shop's workloads.
fn exposed(engine: EngineKind) -> ExposureReport {
    let input = input(&[("shop.yaml".to_owned(), SHOP.as_bytes().to_vec())]);
    let cluster = input.estate.clusters().next().unwrap();
    let exposure = expose(&cluster, &Options::new(Engine::new(engine)));
    let cluster = ClusterExposure::new(cluster.name(), engine.as_str(), exposure.as_ref());
    ExposureReport {
        version: 1,
        clusters: vec![cluster],
    }
}

#[test]
fn exposure_names_pods_to_come_by_their_labels() {
    let report = exposed(EngineKind::AzureNpm);
    insta::assert_snapshot!(
        "exposure",
        text(|out| exposure_text::write_terminal(&report, out))
    );
    insta::assert_snapshot!(
        "exposure_markdown",
        text(|out| exposure_text::write_markdown(&report, out))
    );
}

#[test]
fn the_schema_of_exposure_is_the_one_of_the_code() {
    let path = root().join("schemas/exposure.v1.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, json::exposure_schema()).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        kept,
        json::exposure_schema(),
        "run UPDATE=1 cargo test -p palisade-report"
    );
    let schema = serde_json::from_str(&kept).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let written = text(|out| json::write(&exposed(EngineKind::Cilium), out));
    let value = serde_json::from_str(&written).unwrap();
    assert!(validator.is_valid(&value), "{written}");
}

#[test]
fn the_schema_of_intents_takes_what_the_reader_takes() {
    let schema = fs::read_to_string(root().join("schemas/intents.v1.schema.json")).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let intent = |changed: &str| {
        let parts =
            r#""name": "a", "from": "internet", "to": {"namespace": "shop"}, "expect": "deny""#;
        format!("{{\"intents\": [{{{parts}{changed}}}]}}")
    };
    for (text, is_right) in [
        (intent(""), true),
        (intent(r#", "ports": [443, "udp/53", "tcp/80-90", "sctp", "icmp"]"#), true),
        (intent(r#", "ports": ["quic"]"#), false),
        (intent(r#", "ports": []"#), false),
        (intent(r#", "prots": [443]"#), false),
        (r#"{"intents": [{"name": "a", "from": ["outside", {"prefix": "10.0.0.0/8"}], "to": {"podSelector": {"matchLabels": {"a": "b"}}, "workload": "Deployment/x"}, "expect": "allow"}]}"#.to_owned(), true),
        (r#"{"intents": [{"name": "a", "from": [], "to": "cluster", "expect": "allow"}]}"#.to_owned(), false),
        (r#"{"intents": [{"name": "a", "from": {}, "to": "cluster", "expect": "allow"}]}"#.to_owned(), false),
        (r#"{"intents": [{"name": "a", "from": {"node": "n", "namespace": "x"}, "to": "cluster", "expect": "allow"}]}"#.to_owned(), false),
        (r#"{"intents": [{"name": "a", "from": "cluster", "to": "cluster", "expect": "maybe"}]}"#.to_owned(), false),
        (r#"{"intent": []}"#.to_owned(), false),
    ] {
        let value = serde_json::from_str(&text).unwrap();
        assert_eq!(validator.is_valid(&value), is_right, "{text}");
        let read = Text::new("i.json", text.clone());
        let (document, _) = palisade_document::parse(read, Notation::Json);
        let intents = palisade_reach::intent::read(&document);
        assert_eq!(intents.diagnostics.is_empty(), is_right, "{text}");
    }
}
