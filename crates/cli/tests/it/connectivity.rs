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

/// Each mistake is named at its line, and what is beside it is read.
#[test]
fn mistakes_are_named_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let broken = include_str!("../fixtures/broken_policies.yaml");
    std::fs::write(folder.path().join("broken.yaml"), broken).unwrap();
    let run = run(
        folder.path(),
        &["connectivity", ".", "--engine", "calico"],
        "",
    );
    assert_eq!(run.code(), 0);
    insta::assert_snapshot!(format!("{}\n{}", run.stdout(), run.stderr()));
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

const SHOP: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {kubernetes.io/metadata.name: shop}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: orders, namespace: shop}
spec: {template: {metadata: {labels: {app: orders}}, spec: {containers: [{name: orders}]}}}
";

const POLICY: &str = "---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: orders, namespace: shop}
spec:
  podSelector: {matchLabels: {app: orders}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 5432}]
";

const INTENTS: &str = "
intents:
  - name: the shop reaches its orders
    from: {namespace: shop, podSelector: {matchLabels: {app: web}}}
    to: {namespace: shop, workload: StatefulSet/orders}
    ports: [5432]
    expect: allow
  - name: nobody outside reaches the orders
    from: outside
    to: {namespace: shop, workload: orders}
    expect: deny
";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

#[test]
fn a_picture_and_a_matrix_are_formats_like_others() {
    let picture = palisade(&["connectivity", "examples/hardened", "--format", "svg"]);
    assert_eq!(picture.code(), 0, "{}", picture.stderr());
    assert!(picture.stdout().starts_with("<svg "));
    let matrix = palisade(&["connectivity", "examples/hardened", "--view", "matrix"]);
    assert!(matrix.stdout().contains("rows send, columns receive"));
    let arguments = ["connectivity", "examples/weak", "--view", "matrix"];
    let refused = palisade(&[&arguments[..], &["--format", "svg"]].concat());
    assert_eq!(refused.code(), 2);
}

#[test]
fn an_intent_holds_or_a_packet_shows_the_contrary() {
    let both = format!("{SHOP}{POLICY}");
    let folder = folder(&[
        ("open/shop.yaml", SHOP),
        ("closed/shop.yaml", &both),
        ("palisade.intents.yaml", INTENTS),
    ]);
    let prove = |path| run(folder.path(), &["prove", path, "--engine", "azure"], "");
    let closed = prove("closed");
    assert_eq!(closed.code(), 0, "{}", closed.stderr());
    assert!(closed.stdout().ends_with("0 violated, 0 unknown, 2 hold\n"));
    let open = prove("open");
    assert_eq!(open.code(), 1, "{}", open.stderr());
    insta::assert_snapshot!("violated", open.stdout());
}

#[test]
fn an_intent_about_nobody_is_unknown() {
    let intents = "intents: [{name: a, from: {namespace: nowhere}, to: cluster, expect: deny}]";
    let folder = folder(&[("shop.yaml", SHOP), ("i.yaml", intents)]);
    let arguments = [
        "prove",
        "shop.yaml",
        "--engine",
        "azure",
        "--intents",
        "i.yaml",
    ];
    let plain = run(folder.path(), &arguments, "");
    assert_eq!(plain.code(), 0, "{}", plain.stderr());
    assert!(
        plain
            .stdout()
            .contains("no cluster of the input has what `from` names")
    );
    let strict = run(folder.path(), &[&arguments[..], &["--strict"]].concat(), "");
    assert_eq!(strict.code(), 3);
}

#[test]
fn a_file_of_intents_that_is_wrong_proves_nothing() {
    for (wrong, complaint) in [
        (
            "intents: [{name: a, from: internet, to: cluster, expect: no}]",
            "1:58: `expect` is neither",
        ),
        (
            "intents: [{name: a, from: moon, to: cluster, expect: deny}]",
            "1:27: this is no party",
        ),
        (
            "intents: [{from: internet, to: cluster, expect: deny}]",
            "the intent has no name",
        ),
        (
            "intents: [{name: a, to: cluster, expect: deny}]",
            "the intent has no `from`",
        ),
        (
            "intents: [{name: a, from: internet, to: cluster, ports: [quic/1], expect: deny}]",
            "`quic/1` is no traffic",
        ),
        (
            "intents: [{name: a, from: {prefix: 10.0.0.0/33}, to: cluster, expect: deny}]",
            "no address prefix",
        ),
        (
            "intents: [{name: a, from: {pod: x}, to: cluster, expect: deny}]",
            "nothing is called `pod` here",
        ),
        (
            "intents: [{name: a, from: {podSelector: {app: x}}, to: cluster, expect: deny}]",
            "in a selector",
        ),
        ("intents: {}", "`intents` isn't a list"),
        ("[]", "a file of intents is an object"),
        ("intents: []", "holds no intent"),
    ] {
        let folder = folder(&[("shop.yaml", SHOP), ("i.yaml", wrong)]);
        let arguments = [
            "prove",
            "shop.yaml",
            "--engine",
            "azure",
            "--intents",
            "i.yaml",
        ];
        let refused = run(folder.path(), &arguments, "");
        assert_eq!(refused.code(), 2, "{wrong}");
        assert!(
            refused.stderr().contains(complaint),
            "{wrong}: {}",
            refused.stderr()
        );
    }
}

#[test]
fn a_difference_names_connections_that_appear_and_disappear() {
    let both = format!("{SHOP}{POLICY}");
    let folder = folder(&[("old/shop.yaml", SHOP), ("new/shop.yaml", &both)]);
    let diff = |arguments: &[&str]| {
        let all = [&["diff", "--fail-on", "never"], arguments].concat();
        run(folder.path(), &all, "")
    };
    let closed = diff(&["old", "new", "--engine", "azure"]);
    assert_eq!(closed.code(), 0, "{}", closed.stderr());
    let text = closed.stdout();
    let part = text.split("who reaches whom").nth(1).unwrap();
    let part = part.split("\n\n").next().unwrap();
    insta::assert_snapshot!("difference", part);
    let markdown = diff(&["old", "new", "--engine", "azure", "--format", "markdown"]);
    assert!(
        markdown.stdout().contains("| removed | "),
        "{}",
        markdown.stdout()
    );
    let unnamed = diff(&["old", "new"]);
    assert!(
        unnamed.stdout().contains("not compared: what enforces"),
        "{}",
        unnamed.stdout()
    );
    let same = diff(&["new", "new", "--engine", "azure"]);
    assert!(
        !same.stdout().contains("who reaches whom"),
        "{}",
        same.stdout()
    );
}

#[test]
fn exposure_is_about_pods_that_are_not_there() {
    let run = palisade(&[
        "connectivity",
        "--exposure",
        "examples/weak",
        "--namespace",
        "warehouse",
    ]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    insta::assert_snapshot!("exposure", run.stdout());
    let csv = palisade(&[
        "connectivity",
        "--exposure",
        "examples/weak",
        "--format",
        "csv",
    ]);
    assert_eq!(csv.code(), 2);
    assert!(csv.stderr().contains("terminal, json or markdown"));
}
