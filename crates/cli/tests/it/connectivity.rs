//! `palisade connectivity` and `palisade reach` as a user sees them.

use crate::{palisade, run};

const PODS: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: web}]}\n";

#[test]
fn the_engine_is_the_managed_clusters() {
    let run = palisade(&["connectivity", "examples/hardened"]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(run.stdout().contains("policies enforced by: cilium"));
}

#[test]
fn manifests_alone_need_the_engine_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pods.yaml"), PODS).unwrap();
    let unnamed = run(folder.path(), &["connectivity", "."], "");
    assert_eq!(unnamed.code(), 2);
    assert!(
        unnamed.stderr().contains("--engine"),
        "{}",
        unnamed.stderr()
    );
    let named = run(
        folder.path(),
        &["connectivity", ".", "--engine", "none"],
        "",
    );
    assert_eq!(named.code(), 0, "{}", named.stderr());
    assert!(named.stdout().contains("no network policy is enforced"));
}

#[test]
fn an_engine_that_nobody_knows_is_a_usage_error() {
    let run = palisade(&["connectivity", "examples/weak", "--engine", "weave"]);
    assert_eq!(run.code(), 2);
    assert!(run.stderr().contains("one of none, azure, calico, cilium"));
}

#[test]
fn a_flow_is_explained_by_the_rule_that_decides() {
    let flow = |from, to| {
        let run = palisade(&["reach", from, to, "examples/weak", "--port", "tcp/5432"]);
        assert_eq!(run.code(), 0, "{}", run.stderr());
        run.stdout()
    };
    insta::assert_snapshot!(
        "allowed",
        flow("warehouse/picking-api", "warehouse/postgres")
    );
    insta::assert_snapshot!("denied", flow("20.1.2.3", "warehouse/StatefulSet/postgres"));
}

#[test]
fn a_flow_between_strangers_is_a_usage_error() {
    let run = palisade(&["reach", "a/b", "warehouse/postgres", "examples/weak"]);
    assert_eq!(run.code(), 2);
    assert!(
        run.stderr().contains("palisade connectivity"),
        "{}",
        run.stderr()
    );
}

#[test]
fn traffic_that_is_none_is_refused() {
    for wrong in ["tcp/70000", "tcp/9-1", "icmp/8", "quic/443", ""] {
        let run = palisade(&["reach", "a/b", "c/d", "examples/weak", "--port", wrong]);
        assert_eq!(run.code(), 2, "{wrong}");
    }
}
