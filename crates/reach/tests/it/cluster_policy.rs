//! AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy, point by point.

use palisade_reach::kubernetes::{EngineKind, NoteKind};

use super::{analysis, connections_of, estate};

/// Pods `a/web` (port http is 8080) and `b/job`; namespace `a` is of team red.
const CLUSTER: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: a, labels: {team: red}}
---
apiVersion: v1
kind: Namespace
metadata: {name: b}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: a, labels: {app: web}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
status: {podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: b, labels: {app: job}}
spec: {containers: [{name: c}]}
status: {podIP: 10.0.0.2}
";

/// A policy of v1alpha1 that acts on every pod.
fn admin(kind: &str, name: &str, spec: &str) -> String {
    let priority = match kind {
        "AdminNetworkPolicy" => "priority: 10, ",
        _ => "",
    };
    format!(
        "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\n\
         spec: {{{priority}subject: {{namespaces: {{}}}}, {spec}}}\n"
    )
}

/// What `b/job` may send to `a/web`.
fn to_web(policies: &[String], kind: EngineKind) -> String {
    let lines = connections_of(&format!("{CLUSTER}{}", policies.concat()), kind);
    let found = lines
        .lines()
        .find_map(|line| line.strip_prefix("b/job -> a/web: "));
    found.unwrap_or("nothing").to_owned()
}

const DENY_ALL: &str = "ingress: [{action: Deny, from: [{namespaces: {}}]}]";
const PASS_80: &str = "ingress: [{action: Pass, from: [{namespaces: {}}], ports: [{portNumber: {port: 80, protocol: TCP}}]}, \
     {action: Deny, from: [{namespaces: {}}]}]";
const ALLOW_HTTP: &str = "ingress: [{action: Allow, from: [{namespaces: {}}], ports: [{namedPort: http}]}, \
     {action: Deny, from: [{namespaces: {}}]}]";

fn network_policy(spec: &str) -> String {
    format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: np, namespace: a}}\nspec: {spec}\n"
    )
}

#[test]
fn the_admin_tier_comes_before_network_policies() {
    let open = network_policy("{podSelector: {}, ingress: [{}]}");
    let deny = admin("AdminNetworkPolicy", "deny", DENY_ALL);
    assert_eq!(
        to_web(&[open.clone(), deny], EngineKind::Conformant),
        "nothing"
    );
    let pass = admin("AdminNetworkPolicy", "pass", PASS_80);
    assert_eq!(to_web(&[open, pass], EngineKind::Conformant), "TCP 80");
}

#[test]
fn the_baseline_tier_is_for_pods_that_no_network_policy_isolates() {
    let baseline = admin("BaselineAdminNetworkPolicy", "default", DENY_ALL);
    let policies = [baseline.clone()];
    assert_eq!(to_web(&policies, EngineKind::Conformant), "nothing");
    let open = network_policy("{podSelector: {}, ingress: [{}]}");
    assert_eq!(
        to_web(&[baseline, open], EngineKind::Conformant),
        "all traffic"
    );
}

#[test]
fn rules_are_asked_in_order_and_names_of_ports_are_the_pods_own() {
    let policies = [admin("AdminNetworkPolicy", "http", ALLOW_HTTP)];
    assert_eq!(to_web(&policies, EngineKind::Conformant), "TCP 8080");
}

#[test]
fn a_network_covers_the_pods_in_it() {
    let networks = "egress: [{action: Deny, to: [{networks: [10.0.0.0/30]}]}]";
    let policies = [admin("AdminNetworkPolicy", "net", networks)];
    assert_eq!(to_web(&policies, EngineKind::Conformant), "nothing");
}

#[test]
fn a_lower_priority_decides_first() {
    let first =
        admin("AdminNetworkPolicy", "zebra", ALLOW_HTTP).replace("priority: 10", "priority: 1");
    let second = admin("AdminNetworkPolicy", "ant", DENY_ALL);
    assert_eq!(to_web(&[second, first], EngineKind::Conformant), "TCP 8080");
}

#[test]
fn a_subject_whose_namespace_is_not_known_is_in_doubt() {
    let manifest = CLUSTER.replace(
        "metadata: {name: a, labels: {team: red}}",
        "metadata: {name: c}",
    );
    let deny = admin("AdminNetworkPolicy", "deny", DENY_ALL).replace(
        "namespaces: {}}, ingress",
        "namespaces: {matchLabels: {team: red}}}, ingress",
    );
    let lines = connections_of(&format!("{manifest}{deny}"), EngineKind::Conformant);
    assert!(
        lines.contains("b/job -> a/web: perhaps all traffic"),
        "{lines}"
    );
}

#[test]
fn calico_gives_them_tiers_and_others_do_not_enforce_them() {
    let deny = [admin("AdminNetworkPolicy", "deny", DENY_ALL)];
    assert_eq!(to_web(&deny, EngineKind::Calico), "nothing");
    for kind in [EngineKind::AzureNpm, EngineKind::Cilium] {
        assert_eq!(to_web(&deny, kind), "all traffic");
        let estate = estate(&format!("{CLUSTER}{}", deny[0]));
        let analysis = analysis(&estate, kind);
        let kinds: Vec<_> = analysis.notes.iter().map(|note| note.kind).collect();
        assert_eq!(kinds, [NoteKind::NotEnforced]);
    }
}

#[test]
fn a_cluster_network_policy_of_the_newer_version() {
    let policy = "---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\n\
        spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [\
        {action: Accept, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 443}}}]}, \
        {action: Deny, from: [{namespaces: {}}]}]}\n";
    assert_eq!(
        to_web(&[policy.to_owned()], EngineKind::Conformant),
        "TCP 443"
    );
}

#[test]
fn what_is_there_twice_with_other_content_is_said() {
    let (one, other) = (
        admin("AdminNetworkPolicy", "p", DENY_ALL),
        admin("AdminNetworkPolicy", "p", ALLOW_HTTP),
    );
    let estate = estate(&format!("{CLUSTER}{one}{other}"));
    let analysis = analysis(&estate, EngineKind::Conformant);
    assert_eq!(analysis.diagnostics.len(), 1);
    assert!(
        analysis.diagnostics[0]
            .message
            .contains("with other content")
    );
}
