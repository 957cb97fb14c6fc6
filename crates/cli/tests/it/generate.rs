//! `palisade generate` as a user sees it.

use crate::{folder, palisade, run};

const SHOP: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, env: [{name: API_URL, value: 'http://api:80'}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {containers: [{name: api, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: 8080}]}
";

const OPEN: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open, namespace: shop}
spec: {podSelector: {}, ingress: [{}]}
";

#[test]
fn policies_go_to_standard_output_and_what_was_found_to_standard_error() {
    let folder = folder(&[("shop.yaml", SHOP)]);
    let run = run(folder.path(), &["generate", ".", "--engine", "azure"], "");
    assert_eq!(run.code(), 0, "{}", run.stderr());
    insta::assert_snapshot!("policies", run.stdout());
    insta::assert_snapshot!("found", run.stderr());
}

#[test]
fn standard_input_is_read_once_and_proved_too() {
    let folder = folder(&[]);
    let run = run(folder.path(), &["generate", "-", "--engine", "azure"], SHOP);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(run.stdout().contains("(stdin:4)"), "{}", run.stdout());
}

#[test]
fn a_folder_gets_a_file_for_each_namespace() {
    let folder = folder(&[("shop.yaml", SHOP)]);
    let run = run(
        folder.path(),
        &["generate", "shop.yaml", "-o", "policies"],
        "",
    );
    assert_eq!(run.code(), 0, "{}", run.stderr());
    assert!(
        run.stdout().contains("shop/web → shop/api: TCP 8080"),
        "{}",
        run.stdout()
    );
    assert!(run.stdout().contains("name the engine with --engine"));
    let written = std::fs::read_to_string(folder.path().join("policies/shop.yaml")).unwrap();
    assert!(written.contains("name: allow-web"), "{written}");
}

#[test]
fn policies_that_stay_in_force_refute_the_proof() {
    let folder = folder(&[("shop.yaml", SHOP), ("open.yaml", OPEN)]);
    let instead = run(folder.path(), &["generate", ".", "--engine", "azure"], "");
    assert_eq!(instead.code(), 0, "{}", instead.stderr());
    assert!(
        instead
            .stderr()
            .contains("shop: NetworkPolicy/open (open.yaml:3)")
    );
    let arguments = ["generate", ".", "--engine", "azure", "--beside"];
    let beside = run(folder.path(), &arguments, "");
    assert_eq!(beside.code(), 1, "{}", beside.stderr());
    assert!(beside.stderr().contains("refuted"), "{}", beside.stderr());
    assert!(
        beside
            .stderr()
            .contains("by shop: NetworkPolicy/open (open.yaml:3)")
    );
}

#[test]
fn a_dialect_that_the_engine_does_not_enforce_is_refuted() {
    let folder = folder(&[("shop.yaml", SHOP)]);
    let arguments = ["generate", ".", "--engine", "azure", "--dialect", "cilium"];
    let run = run(folder.path(), &arguments, "");
    assert_eq!(run.code(), 1, "{}", run.stderr());
    assert!(
        run.stderr()
            .contains("only Cilium enforces Cilium's own policies")
    );
}

#[test]
fn the_examples_get_policies() {
    for example in ["examples/weak", "examples/halfway"] {
        let run = palisade(&["generate", example]);
        assert_eq!(run.code(), 0, "{example}: {}", run.stderr());
    }
    // A policy of the whole cluster, which stays, lets out SCTP to port 53 as well.
    let run = palisade(&["generate", "examples/hardened"]);
    assert_eq!(run.code(), 1, "{}", run.stderr());
    let by = "by CiliumClusterwideNetworkPolicy/default-deny";
    assert!(run.stderr().contains("SCTP 53") && run.stderr().contains(by));
}

#[test]
fn namespaces_of_kubernetes_alone_are_nothing_to_do() {
    let folder = folder(&[("pods.yaml", &SHOP.replace("shop", "kube-system"))]);
    let run = run(folder.path(), &["generate", "."], "");
    assert_eq!(run.code(), 3, "{}", run.stderr());
}
