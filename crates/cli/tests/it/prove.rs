//! `palisade prove`, with Azure's network behind the policies.

use std::path::Path;

use serde_json::Value;

use crate::{palisade, run};

const INTENTS: &str = "intents:
  - name: pods reach the internet through a firewall only
    from: cluster
    to: internet
    expect: {only-via: firewall}
  - name: nothing gets out by SSH
    from: cluster
    to: internet
    ports: [22]
    expect: deny
  - name: the labels of carriers get out
    from: {namespace: carriers}
    to: {prefix: 203.0.113.7/32}
    ports: [443]
    expect: allow
";

fn prove(folder: &Path, intents: &str, more: &[&str]) -> crate::Run {
    let file = folder.join("intents.yaml");
    std::fs::write(&file, intents).unwrap();
    let file = file.to_string_lossy();
    let mut arguments = vec!["prove", "--intents", &file];
    arguments.extend(more);
    palisade(&arguments)
}

#[test]
fn what_leaves_a_cluster_is_followed_through_azure() {
    let folder = tempfile::tempdir().unwrap();
    let shown = |example: &str| {
        let run = prove(folder.path(), INTENTS, &[example]);
        let path = folder.path().to_string_lossy().into_owned();
        run.stdout().replace(&path, "FOLDER")
    };
    insta::assert_snapshot!("weak", shown("examples/weak"));
    insta::assert_snapshot!("halfway", shown("examples/halfway"));
}

#[test]
fn the_policies_alone_say_nothing_of_a_firewall() {
    let folder = tempfile::tempdir().unwrap();
    let alone = prove(
        folder.path(),
        INTENTS,
        &["examples/halfway", "--policies-alone"],
    );
    let stdout = alone.stdout();
    assert!(
        stdout.starts_with("unknown   pods reach the internet through a firewall only"),
        "{stdout}"
    );
}

/// An intent about one packet of one workload says what the explanation of that packet says.
#[test]
fn an_intent_about_one_packet_is_what_its_explanation_says() {
    let folder = tempfile::tempdir().unwrap();
    let pods = [
        ("examples/weak", "carriers", "Deployment/label-printer"),
        ("examples/weak", "warehouse", "StatefulSet/postgres"),
        ("examples/weak", "checkout", "Deployment/cart"),
        ("examples/halfway", "outlet", "Deployment/web"),
        ("examples/hardened", "checkout", "CronJob/abandoned-carts"),
    ];
    let addresses = ["203.0.113.7", "10.2.0.4", "10.20.0.4", "168.63.129.16"];
    let mut seen = std::collections::BTreeSet::new();
    for (example, namespace, workload) in pods {
        for address in addresses {
            for port in ["tcp/443", "tcp/22", "udp/53"] {
                let from = format!("{namespace}/{workload}");
                let flow = palisade(&[
                    "reach", &from, address, example, "--port", port, "--format", "json",
                ]);
                let flow: Value = serde_json::from_str(&flow.stdout()).unwrap();
                let verdict = flow["flows"][0]["verdict"].as_str().unwrap().to_owned();
                let intent = |expect| {
                    format!(
                        "- {{name: {expect}, from: {{namespace: {namespace}, workload: {workload}}}, to: {{prefix: {address}/32}}, ports: [{port}], expect: {expect}}}"
                    )
                };
                let intents = format!("intents:\n{}\n{}\n", intent("allow"), intent("deny"));
                let proof = prove(folder.path(), &intents, &[example, "--format", "json"]);
                let proof: Value = serde_json::from_str(&proof.stdout()).unwrap();
                let of = |number: usize| proof["intents"][number]["verdict"].as_str().unwrap();
                let wanted = match verdict.as_str() {
                    "allowed" => ("holds", "violated"),
                    "denied" => ("violated", "holds"),
                    _ => ("unknown", "unknown"),
                };
                assert_eq!(
                    (of(0), of(1)),
                    wanted,
                    "{example}: {from} to {address}, {port}"
                );
                seen.insert(verdict);
            }
        }
    }
    assert_eq!(seen.len(), 3, "only {seen:?} came up");
}

/// Between pods an intent is about any two nodes, so that it may be unknown where the explanation
/// of two certain pods isn't. Where it says something, the explanation says the same.
#[test]
fn an_intent_between_pods_is_never_against_their_explanation() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = [
        (
            "examples/weak",
            "warehouse/Deployment/picking-api",
            "warehouse/StatefulSet/postgres",
        ),
        (
            "examples/weak",
            "carriers/Deployment/label-printer",
            "warehouse/StatefulSet/postgres",
        ),
        (
            "examples/weak",
            "checkout/Deployment/cart",
            "kube-system/Deployment/coredns",
        ),
        (
            "examples/hardened",
            "checkout/CronJob/abandoned-carts",
            "kube-system/Deployment/coredns",
        ),
    ];
    let mut definite = 0;
    for (example, from, to) in pairs {
        for port in ["tcp/5432", "udp/53"] {
            let flow = palisade(&[
                "reach", from, to, example, "--port", port, "--format", "json",
            ]);
            let flow: Value = serde_json::from_str(&flow.stdout()).unwrap();
            let verdict = flow["flows"][0]["verdict"].as_str().unwrap().to_owned();
            let party = |text: &str| {
                let (namespace, workload) = text.split_once('/').unwrap();
                format!("{{namespace: {namespace}, workload: {workload}}}")
            };
            let intent = |expect| {
                let (from, to) = (party(from), party(to));
                format!(
                    "- {{name: {expect}, from: {from}, to: {to}, ports: [{port}], expect: {expect}}}"
                )
            };
            let intents = format!("intents:\n{}\n{}\n", intent("allow"), intent("deny"));
            let proof = prove(folder.path(), &intents, &[example, "--format", "json"]);
            let proof: Value = serde_json::from_str(&proof.stdout()).unwrap();
            let found = [0, 1].map(|number| proof["intents"][number]["verdict"].as_str().unwrap());
            let wanted = match verdict.as_str() {
                "allowed" => ["holds", "violated"],
                "denied" => ["violated", "holds"],
                _ => ["unknown", "unknown"],
            };
            for (found, wanted) in found.into_iter().zip(wanted) {
                assert!(
                    found == wanted || found == "unknown",
                    "{from} to {to}, {port}: {found}, {verdict}"
                );
                definite += usize::from(found != "unknown");
            }
        }
    }
    assert!(definite >= 6, "only {definite} answers are definite");
}

#[test]
fn a_place_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let intents = "intents: [{name: a, from: cluster, to: internet, expect: {only-via: []}}]\n";
    std::fs::write(folder.path().join("palisade.intents.yaml"), intents).unwrap();
    let refused = run(folder.path(), &["prove", "."], "");
    assert_eq!(refused.code(), 2);
    assert!(
        refused.stderr().contains("palisade.intents.yaml:1:69"),
        "{}",
        refused.stderr()
    );
}
