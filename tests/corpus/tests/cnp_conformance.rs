//! The conformance suite of ClusterNetworkPolicy: flows whose verdicts were seen in real clusters.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use palisade_corpus_tests::relation::analysis;
use palisade_corpus_tests::{cases, corpus, disagreements, read};
use palisade_packet::{Header, Transport};
use palisade_reach::kubernetes::{Analysis, EndpointId, EngineKind, Verdict};
use serde_json::Value;

#[test]
fn every_flow_agrees() {
    let root = corpus("k8s-policy/cnp-conformance");
    let cases = cases(&root);
    assert!(cases.len() > 50, "{} cases", cases.len());
    let failures: BTreeMap<_, _> = cases
        .iter()
        .map(|(name, folder)| (name.clone(), differences(&root, folder)))
        .filter(|(_, differences)| !differences.is_empty())
        .collect();
    disagreements("cnp-conformance", cases.len(), &failures);
}

fn differences(root: &Path, folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("case.json")).unwrap();
    let case: Value = serde_json::from_str(&text).unwrap();
    let input = read(
        root,
        &[root.join("base.yaml"), folder.join("policies.yaml")],
    );
    assert_eq!(input.diagnostics, []);
    let analysis = analysis(&input, EngineKind::Conformant).unwrap();
    let mut differences: Vec<_> = analysis
        .diagnostics
        .iter()
        .map(|it| format!("{it:?}"))
        .collect();
    for flow in case["flows"].as_array().unwrap() {
        let header = Header::Ports {
            transport: Transport::named(flow["protocol"].as_str().unwrap()).unwrap(),
            source: 40_000,
            destination: u16::try_from(flow["port"].as_u64().unwrap()).unwrap(),
        };
        let wanted = match flow["allowed"].as_bool().unwrap() {
            true => Verdict::Allowed,
            false => Verdict::Denied,
        };
        let ends = ["src", "dst"].map(|key| pod(&analysis, flow[key].as_str().unwrap()));
        let pair = analysis.pair(ends[0], ends[1]);
        let found = pair.both.verdict(&header, &analysis.table());
        if found != wanted {
            differences.push(format!("{flow}: {found:?}"));
        }
    }
    differences
}

/// A pod of a StatefulSet: `namespace/name-0`.
fn pod(analysis: &Analysis<'_>, name: &str) -> EndpointId {
    let owner = name.rsplit_once('-').map_or(name, |(owner, _)| owner);
    let mut workloads = analysis.endpoints.workloads().iter();
    let workload = workloads.find(|it| format!("{}/{}", it.namespace, it.name) == owner);
    workload
        .unwrap_or_else(|| panic!("there is no {owner}"))
        .endpoints[0]
}
