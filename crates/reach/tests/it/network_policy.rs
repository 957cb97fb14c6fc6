//! NetworkPolicy, point by point.

use insta::assert_snapshot;
use palisade_reach::kubernetes::{EngineKind, NoteKind};

use super::{analysis, connections_of, estate};

/// Namespaces `a` (team=red) and `b`; pods `a/web`, `a/db` and `b/job`.
const CLUSTER: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: a, labels: {team: red}}
---
apiVersion: v1
kind: Namespace
metadata: {name: b}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: a}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: c, ports: [{name: http, containerPort: 8080}, {name: dns, containerPort: 53, protocol: UDP}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: a}
spec:
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - {name: c, ports: [{name: http, containerPort: 9090}]}
---
apiVersion: batch/v1
kind: Job
metadata: {name: job, namespace: b}
spec:
  template:
    metadata: {labels: {app: job}}
    spec: {containers: [{name: c}]}
";

/// The connections in the cluster under one policy of namespace `a`.
fn under(spec: &str) -> String {
    under_engine(spec, EngineKind::Conformant)
}

fn under_engine(spec: &str, kind: EngineKind) -> String {
    let policy = format!(
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
         metadata: {{name: policy, namespace: a}}\nspec: {spec}\n"
    );
    connections_of(&format!("{CLUSTER}{policy}"), kind)
}

#[test]
fn without_policies_everything_is_open() {
    assert_snapshot!(connections_of(CLUSTER, EngineKind::Conformant), @r"
    a/web -> a/db: all traffic
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0, ::/0: all traffic
    a/db -> a/web: all traffic
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0, ::/0: all traffic
    b/job -> a/web: all traffic
    b/job -> a/db: all traffic
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> a/web: all traffic
    0.0.0.0/0, ::/0 -> a/db: all traffic
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
}

#[test]
fn a_policy_isolates_what_it_selects() {
    assert_snapshot!(under("{podSelector: {matchLabels: {app: web}}}"), @r"
    a/web -> a/db: all traffic
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0, ::/0: all traffic
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0, ::/0: all traffic
    b/job -> a/db: all traffic
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> a/db: all traffic
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
}

#[test]
fn no_type_named_means_ingress_and_egress_only_with_rules() {
    assert_snapshot!(under("{podSelector: {}, egress: []}"), @r"
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0, ::/0: all traffic
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0, ::/0: all traffic
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
    assert_snapshot!(under("{podSelector: {}, egress: [{}]}"), @r"
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0, ::/0: all traffic
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0, ::/0: all traffic
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
}

#[test]
fn an_empty_rule_allows_everything() {
    assert_snapshot!(under("{podSelector: {}, ingress: [{}], egress: [{}]}"), @r"
    a/web -> a/db: all traffic
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0, ::/0: all traffic
    a/db -> a/web: all traffic
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0, ::/0: all traffic
    b/job -> a/web: all traffic
    b/job -> a/db: all traffic
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> a/web: all traffic
    0.0.0.0/0, ::/0 -> a/db: all traffic
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
}

#[test]
fn both_selectors_in_one_peer_must_hold() {
    assert_snapshot!(under("{ingress: [{from: [{namespaceSelector: {matchLabels: {team: red}}, podSelector: {matchLabels: {app: db}}}]}]}"), @r"
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0, ::/0: all traffic
    a/db -> a/web: all traffic
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0, ::/0: all traffic
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
}

#[test]
fn two_peers_are_alternatives() {
    assert_snapshot!(under("{ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}, {podSelector: {matchLabels: {app: db}}}]}]}"), @r"
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0, ::/0: all traffic
    a/db -> a/web: all traffic
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0, ::/0: all traffic
    b/job -> a/web: all traffic
    b/job -> a/db: all traffic
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
}

#[test]
fn named_ports_are_those_of_the_destination() {
    assert_snapshot!(under("{ingress: [{ports: [{port: http}]}]}"), @r"
    a/web -> a/db: TCP 9090
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0, ::/0: all traffic
    a/db -> a/web: TCP 8080
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0, ::/0: all traffic
    b/job -> a/web: TCP 8080
    b/job -> a/db: TCP 9090
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> a/web: TCP 8080
    0.0.0.0/0, ::/0 -> a/db: TCP 9090
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
    assert_snapshot!(under("{policyTypes: [Egress], egress: [{ports: [{port: http}, {port: dns, protocol: UDP}]}]}"), @r"
    a/web -> a/db: TCP 9090
    a/db -> a/web: TCP 8080; UDP 53
    b/job -> a/web: all traffic
    b/job -> a/db: all traffic
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> a/web: all traffic
    0.0.0.0/0, ::/0 -> a/db: all traffic
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
}

#[test]
fn a_port_may_be_a_range_or_a_whole_protocol() {
    assert_snapshot!(under("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80, endPort: 90}, {protocol: SCTP}]}]}"), @r"
    a/web -> a/db: TCP 80-90; SCTP
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0, ::/0: all traffic
    a/db -> a/web: all traffic
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0, ::/0: all traffic
    b/job -> a/web: all traffic
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> a/web: all traffic
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
}

#[test]
fn a_range_with_exceptions_cuts_the_outside() {
    assert_snapshot!(under("{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}"), @r"
    a/web -> a/db: all traffic
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0-9.255.255.255, 10.1.0.0/16, 11.0.0.0-255.255.255.255, ::/0: all traffic
    a/web -> 10.0.0.0/16, 10.2.0.0-10.255.255.255: all traffic
    a/db -> 10.0.0.0/16, 10.2.0.0-10.255.255.255: all traffic
    b/job -> a/web: all traffic
    b/job -> a/db: all traffic
    b/job -> 0.0.0.0-9.255.255.255, 10.1.0.0/16, 11.0.0.0-255.255.255.255, ::/0: all traffic
    b/job -> 10.0.0.0/16, 10.2.0.0-10.255.255.255: all traffic
    0.0.0.0-9.255.255.255, 10.1.0.0/16, 11.0.0.0-255.255.255.255, ::/0 -> a/web: all traffic
    0.0.0.0-9.255.255.255, 10.1.0.0/16, 11.0.0.0-255.255.255.255, ::/0 -> a/db: all traffic
    0.0.0.0-9.255.255.255, 10.1.0.0/16, 11.0.0.0-255.255.255.255, ::/0 -> b/job: all traffic
    10.0.0.0/16, 10.2.0.0-10.255.255.255 -> a/web: all traffic
    10.0.0.0/16, 10.2.0.0-10.255.255.255 -> a/db: all traffic
    10.0.0.0/16, 10.2.0.0-10.255.255.255 -> b/job: all traffic
    ");
}

/// Kubernetes means ranges for outside addresses, Cilium never lets them cover pods, Calico and
/// Azure NPM match by address, which templates don't tell.
#[test]
fn whether_a_range_covers_pods_depends_on_the_engine() {
    let everywhere = "{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}";
    assert_snapshot!(under_engine(everywhere, EngineKind::Cilium), @r"
    a/web -> a/db: all traffic
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0: all traffic
    a/web -> ::/0: all traffic
    a/db -> 0.0.0.0/0: all traffic
    b/job -> a/web: all traffic
    b/job -> a/db: all traffic
    b/job -> 0.0.0.0/0: all traffic
    b/job -> ::/0: all traffic
    0.0.0.0/0 -> a/web: all traffic
    0.0.0.0/0 -> a/db: all traffic
    0.0.0.0/0 -> b/job: all traffic
    ::/0 -> a/web: all traffic
    ::/0 -> a/db: all traffic
    ::/0 -> b/job: all traffic
    ");
    assert_snapshot!(under_engine(everywhere, EngineKind::AzureNpm), @r"
    a/web -> a/db: all traffic
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0: all traffic
    a/web -> ::/0: all traffic
    a/db -> a/web: all traffic
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0: all traffic
    b/job -> a/web: all traffic
    b/job -> a/db: all traffic
    b/job -> 0.0.0.0/0: all traffic
    b/job -> ::/0: all traffic
    0.0.0.0/0 -> a/web: all traffic
    0.0.0.0/0 -> a/db: all traffic
    0.0.0.0/0 -> b/job: all traffic
    ::/0 -> a/web: all traffic
    ::/0 -> a/db: all traffic
    ::/0 -> b/job: all traffic
    ");
    let some = "{podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}";
    assert_snapshot!(under_engine(some, EngineKind::Calico), @r"
    a/web -> a/db: all traffic
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255, ::/0: all traffic
    a/web -> 10.0.0.0/8: all traffic
    a/db -> a/web: perhaps all traffic
    a/db -> b/job: perhaps all traffic
    a/db -> 10.0.0.0/8: all traffic
    b/job -> a/web: all traffic
    b/job -> a/db: all traffic
    b/job -> 0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255, ::/0: all traffic
    b/job -> 10.0.0.0/8: all traffic
    0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255, ::/0 -> a/web: all traffic
    0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255, ::/0 -> a/db: all traffic
    0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255, ::/0 -> b/job: all traffic
    10.0.0.0/8 -> a/web: all traffic
    10.0.0.0/8 -> a/db: all traffic
    10.0.0.0/8 -> b/job: all traffic
    ");
}

#[test]
fn without_an_engine_nothing_is_enforced() {
    let policy = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: a}\nspec: {podSelector: {}}\n";
    let estate = estate(&format!("{CLUSTER}{policy}"));
    let analysis = analysis(&estate, EngineKind::None);
    let kinds: Vec<_> = analysis.notes.iter().map(|note| note.kind).collect();
    assert_eq!(kinds, [NoteKind::NotEnforced]);
    assert!(analysis.program.ingress.is_empty());
}

#[test]
fn a_namespace_whose_labels_are_not_known_may_be_selected() {
    let policy = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: a}\nspec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: red}}}]}]}\n";
    let without_b = CLUSTER.replace("metadata: {name: b}", "metadata: {name: c}");
    assert_snapshot!(connections_of(&format!("{without_b}{policy}"), EngineKind::Conformant), @r"
    a/web -> a/db: all traffic
    a/web -> b/job: all traffic
    a/web -> 0.0.0.0/0, ::/0: all traffic
    a/db -> a/web: all traffic
    a/db -> b/job: all traffic
    a/db -> 0.0.0.0/0, ::/0: all traffic
    b/job -> a/web: all traffic
    b/job -> a/db: perhaps all traffic
    b/job -> 0.0.0.0/0, ::/0: all traffic
    0.0.0.0/0, ::/0 -> a/web: all traffic
    0.0.0.0/0, ::/0 -> b/job: all traffic
    ");
}

#[test]
fn what_the_api_server_refuses_is_left_out_with_its_line() {
    let bad = [
        "{podSelector: {}, ingress: [{ports: [{port: 90, endPort: 80}]}]}",
        "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]}",
        "{podSelector: {matchExpressions: [{key: a, operator: Equals, values: [b]}]}}",
        "{podSelector: {}, ingress: {}}",
    ];
    let policies: Vec<_> = bad
        .iter()
        .enumerate()
        .map(|(number, spec)| format!("---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p{number}, namespace: a}}\nspec: {spec}\n"))
        .collect();
    let estate = estate(&format!("{CLUSTER}{}", policies.concat()));
    let analysis = analysis(&estate, EngineKind::Conformant);
    let printed: Vec<_> = analysis
        .diagnostics
        .iter()
        .map(|diagnostic| format!("{}: {}", diagnostic.position.unwrap(), diagnostic.message))
        .collect();
    assert_snapshot!(printed.join("\n"), @r"
    41:64: the endPort 80 is below the port 90
    46:78: the exception 11.0.0.0/16 is not a part of 10.0.0.0/8
    51:60: the operator is none of In, NotIn, Exists and DoesNotExist
    56:34: `ingress` is not a list
    ");
    assert!(analysis.program.ingress[0].stages[0].policies.is_empty());
}
