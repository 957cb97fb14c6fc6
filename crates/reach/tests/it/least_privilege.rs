//! The least policies of a cluster: what counts as evidence, what is written, and the proof.

use palisade_document::Origin;
use palisade_estate::Estate;
use palisade_reach::kubernetes::{Engine, EngineKind, Options, analyse};
use palisade_reach::least_privilege::{
    Dialect, Evidence, LeastPrivilege, Refuted, Wanted, replaced,
};

use crate::{analysis, estate};

const NEEDS: &str = include_str!("fixtures/needs.yaml");

fn wanted(dialect: Dialect) -> Wanted {
    Wanted {
        dialect,
        namespaces: Vec::new(),
    }
}

fn place(estate: &Estate, origin: Origin) -> String {
    format!("line {}", estate.value(origin).position().line)
}

/// The flows with their evidence, and what isn't evident.
fn said(manifest: &str, kind: EngineKind, dialect: Dialect) -> String {
    let estate = estate(manifest);
    let analysis = analysis(&estate, kind);
    let cluster = estate.clusters().next().unwrap();
    let least = LeastPrivilege::of(&cluster, &analysis, &wanted(dialect));
    let evidence = |all: &[Evidence]| -> String {
        let lines = all.iter();
        lines
            .map(|it| format!("    {} ({})\n", it.what, place(&estate, it.at)))
            .collect()
    };
    let mut text = format!("{:?}, without {:?}\n", least.namespaces(), least.excluded);
    for flow in least.flows() {
        let own = evidence(&flow.evidence);
        text += &format!("{} -> {}: {}\n{own}", flow.from, flow.to, flow.traffic);
    }
    for it in &least.undecided {
        let own = evidence(&it.evidence);
        text += &format!("undecided in {}: {}\n{own}", it.namespace, it.message);
    }
    text
}

/// The policies as text.
fn generated(manifest: &str, kind: EngineKind, dialect: Dialect) -> String {
    let estate = estate(manifest);
    let analysis = analysis(&estate, kind);
    let cluster = estate.clusters().next().unwrap();
    let least = LeastPrivilege::of(&cluster, &analysis, &wanted(dialect));
    let policies = least.policies(|origin| place(&estate, origin));
    policies.into_iter().map(|one| one.text).collect()
}

/// What refutes generated policies beside some others, which those of their namespaces replace.
fn refuted(manifest: &str, others: &str, kind: EngineKind, dialect: Dialect) -> Vec<String> {
    let policies = generated(manifest, kind, dialect);
    let estate = estate(&format!("{manifest}\n---\n{others}\n{policies}"));
    let cluster = estate.clusters().next().unwrap();
    let mut options = Options::new(Engine::new(kind));
    let all = analyse(&cluster, &options);
    let least = LeastPrivilege::of(&cluster, &all, &wanted(dialect));
    let generated = policies.matches("\nkind: ").count();
    let old = replaced(&cluster, &least.namespaces());
    let old = &old[..old.len() - generated];
    options.without = old.iter().map(|policy| policy.anchor().origin()).collect();
    let analysis = analyse(&cluster, &options);
    let least = LeastPrivilege::of(&cluster, &analysis, &wanted(dialect));
    let proof = least.prove();
    assert!(proof.pairs > 0);
    let examples = proof.counterexamples.iter().map(|example| {
        let names: Vec<_> = example
            .policies
            .iter()
            .map(|it| it.display_name())
            .collect();
        let what = match example.refuted {
            Refuted::Denied => "denied",
            Refuted::More => "more",
        };
        format!("{what} {} by {}", example.traffic, names.join(", "))
    });
    examples.collect()
}

#[test]
fn evidence_is_what_manifests_say() {
    insta::assert_snapshot!(said(NEEDS, EngineKind::Conformant, Dialect::Kubernetes));
}

#[test]
fn only_cilium_names_nodes() {
    let with = |dialect| said(NEEDS, EngineKind::Cilium, dialect);
    let of_nodes = "the cluster's nodes -> shop/cart: TCP 8081";
    assert!(with(Dialect::Cilium).contains(of_nodes));
    let text = with(Dialect::Kubernetes);
    assert!(!text.contains(of_nodes));
    assert!(
        text.contains("Service/cart; with Cilium only a CiliumNetworkPolicy lets other nodes in")
    );
}

#[test]
fn policies_say_why_each_rule_is_there() {
    let kubernetes = generated(NEEDS, EngineKind::Conformant, Dialect::Kubernetes);
    insta::assert_snapshot!("kubernetes", kubernetes);
    let cilium = generated(NEEDS, EngineKind::Cilium, Dialect::Cilium);
    insta::assert_snapshot!("cilium", cilium);
    let calico = generated(NEEDS, EngineKind::Calico, Dialect::Calico);
    insta::assert_snapshot!("calico", calico);
}

#[test]
fn every_engine_proves_its_dialects() {
    let pairs = [
        (EngineKind::Conformant, Dialect::Kubernetes),
        (EngineKind::AzureNpm, Dialect::Kubernetes),
        (EngineKind::Calico, Dialect::Kubernetes),
        (EngineKind::Cilium, Dialect::Kubernetes),
        (EngineKind::Calico, Dialect::Calico),
        (EngineKind::Cilium, Dialect::Cilium),
    ];
    for (kind, dialect) in pairs {
        let refuted = refuted(NEEDS, "", kind, dialect);
        assert!(refuted.is_empty(), "{kind:?}, {dialect:?}: {refuted:?}");
    }
}

#[test]
fn a_dialect_that_the_engine_ignores_is_refuted() {
    let refuted = refuted(NEEDS, "", EngineKind::AzureNpm, Dialect::Cilium);
    assert!(
        refuted.iter().any(|it| it.starts_with("more")),
        "{refuted:?}"
    );
}

#[test]
fn policies_of_a_namespace_are_replaced_and_those_of_the_cluster_are_not() {
    let local = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: open, namespace: shop}, spec: {podSelector: {}, ingress: [{}]}}";
    let found = refuted(NEEDS, local, EngineKind::Calico, Dialect::Kubernetes);
    assert!(found.is_empty(), "{found:?}");
    let global = "{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: shut}, spec: {order: 1, selector: app == 'db', types: [Ingress], ingress: [{action: Deny}]}}";
    let found = refuted(NEEDS, global, EngineKind::Calico, Dialect::Kubernetes);
    assert_eq!(
        found,
        [
            "denied TCP 9187 by GlobalNetworkPolicy/shut",
            "denied TCP 5432 by GlobalNetworkPolicy/shut",
        ]
    );
    let global = "{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: ssh}, spec: {order: 1, selector: app == 'db', types: [Ingress], ingress: [{action: Allow, protocol: TCP, source: {selector: app == 'stock'}, destination: {ports: [22]}}]}}";
    let found = refuted(NEEDS, global, EngineKind::Calico, Dialect::Kubernetes);
    // Egress of the stock isn't open to it.
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn labels_and_names_that_no_cluster_takes_stay_out_of_policies() {
    let manifest = r#"
apiVersion: v1
kind: Pod
metadata: {name: "a'b", namespace: shop, labels: {"x' || all() || has(y": "1", app: "a' || all() || 'b"}}
spec: {containers: [{name: c, image: c, env: [{name: URL, value: "http://b:80"}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, namespace: shop, labels: {app: b}}
spec: {containers: [{name: c, image: c}]}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: shop}
spec: {selector: {app: b}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: c, namespace: "../up"}
spec: {containers: [{name: c, image: c}]}
"#;
    for (kind, dialect) in [
        (EngineKind::Calico, Dialect::Calico),
        (EngineKind::Cilium, Dialect::Cilium),
        (EngineKind::Conformant, Dialect::Kubernetes),
    ] {
        let text = generated(manifest, kind, dialect);
        assert!(
            !text.contains("|| all()") && !text.contains("../up"),
            "{text}"
        );
        // Whoever has such labels all the same isn't selected, and that is said.
        let found = refuted(manifest, "", kind, dialect);
        assert_eq!(found.len(), 1, "{kind:?}: {found:?}");
        assert!(found[0].starts_with("denied TCP 80"));
    }
}
