//! Why a flow gets through or doesn't: what decides, where it stands, what is missing.

use insta::assert_snapshot;
use palisade_packet::{PortSet, Traffic, Transport};
use palisade_reach::kubernetes::{
    Action, Analysis, Decision, EndpointId, EngineKind, Explanation, Hop, Obstacle,
};

use super::{analysis, estate, name};

const CLUSTER: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web, pod-template-hash: abc}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: shop, labels: {app: agent}}
spec: {hostNetwork: true, containers: [{name: c}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: backup}}}]
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
";

fn find(analysis: &Analysis<'_>, wanted: &str) -> EndpointId {
    let mut all = analysis.endpoints.iter();
    all.find(|(id, _)| name(analysis, *id) == wanted).unwrap().0
}

fn hop(analysis: &Analysis<'_>, estate: &palisade_estate::Estate, hop: &Hop<'_, '_>) -> String {
    let traffic = analysis.table().get(hop.traffic).to_string();
    let decision = match &hop.decision {
        Decision::Rule { policy, rule, .. } => format!(
            "{} rule {} at {}",
            policy.object.name(),
            rule.index,
            estate.value(rule.origin).position()
        ),
        Decision::Fallback { stage, policies } => {
            let names: Vec<_> = policies.iter().map(|policy| policy.object.name()).collect();
            format!("end of {}, isolated by {}", stage.name, names.join(", "))
        }
        Decision::End => "no policy decided".to_owned(),
        Decision::NoPolicy => "no policy".to_owned(),
        Decision::OwnNode => "its own node".to_owned(),
    };
    let doubt = hop.condition.map_or("", |_| ", perhaps");
    format!("{:?} {traffic}: {decision}{doubt}", hop.action)
}

fn print(manifest: &str, from: &str, to: &str, port: u16) -> String {
    print_as(EngineKind::Conformant, manifest, from, to, port)
}

fn print_as(engine: EngineKind, manifest: &str, from: &str, to: &str, port: u16) -> String {
    let estate = estate(manifest);
    let analysis = analysis(&estate, engine);
    let traffic = Traffic::to_ports(Transport::Tcp, PortSet::one(port));
    let explanation: Explanation<'_, '_> =
        analysis.explain(find(&analysis, from), find(&analysis, to), traffic);
    let mut lines = Vec::new();
    for (title, hops) in [("out", &explanation.egress), ("in", &explanation.ingress)] {
        lines.extend(
            hops.iter()
                .map(|it| format!("{title}: {}", hop(&analysis, &estate, it))),
        );
    }
    for missing in &explanation.missing {
        let peer = missing.peer.as_network_policy_peer("shop").join(", ");
        let traffic = analysis.table().get(missing.traffic).to_string();
        let section = missing.direction.section();
        let obstacle = match &missing.obstacle {
            Obstacle::Isolated { policies, .. } => format!("one of {}", policies.len()),
            Obstacle::Denied { policy, .. } => format!("before {}", policy.object.name()),
        };
        lines.push(format!("missing: {section} {traffic} {peer}, {obstacle}"));
    }
    lines.push(format!("{:?}", explanation.caveats));
    let is_allowed = explanation.outcome.denied == palisade_reach::kubernetes::TrafficId::NONE;
    lines.push(format!("allowed: {is_allowed}"));
    assert!(
        explanation
            .egress
            .iter()
            .all(|hop| hop.action != Action::Pass)
    );
    lines.join("\n")
}

#[test]
fn a_denied_flow_names_the_rules_that_are_missing() {
    assert_snapshot!(print(CLUSTER, "shop/web", "shop/db", 80), @r"
    out: Deny TCP 80: end of NetworkPolicy, isolated by closed
    in: Deny TCP 80: end of NetworkPolicy, isolated by closed, db
    missing: egress TCP 80 {podSelector: {matchLabels: {app: db}}}, one of 1
    missing: ingress TCP 80 {podSelector: {matchLabels: {app: web}}}, one of 2
    []
    allowed: false
    ");
}

#[test]
fn a_rule_is_named_by_number_and_place() {
    let open = CLUSTER.replace("policyTypes: [Ingress, Egress]", "policyTypes: [Ingress]");
    assert_snapshot!(print(&open, "shop/web", "shop/db", 5432), @r"
    out: Allow TCP 5432: no policy
    in: Allow TCP 5432: db rule 1 at 33:5
    []
    allowed: true
    ");
}

#[test]
fn pods_on_the_network_of_their_node_escape_policies() {
    assert_snapshot!(print(CLUSTER, "shop/agent", "shop/db", 5432), @r"
    out: Allow TCP 5432: no policy
    in: Allow TCP 5432: its own node, perhaps
    in: Deny TCP 5432: end of NetworkPolicy, isolated by closed, db
    missing: ingress TCP 5432 , one of 2
    [SourceOnHost]
    allowed: false
    ");
}

/// The cluster with its pods on a node, and the agent on one.
fn placed(pods: &str, agent: &str) -> String {
    CLUSTER
        .replace(
            "spec: {containers",
            &format!("spec: {{nodeName: {pods}, containers"),
        )
        .replace(
            "spec: {hostNetwork",
            &format!("spec: {{nodeName: {agent}, hostNetwork"),
        )
}

#[test]
fn a_pod_takes_what_its_own_node_sends() {
    assert_snapshot!(print(&placed("n1", "n1"), "shop/agent", "shop/db", 5432), @r"
    out: Allow TCP 5432: no policy
    in: Allow TCP 5432: its own node
    [SourceOnHost]
    allowed: true
    ");
    let elsewhere = print(&placed("n1", "n2"), "shop/agent", "shop/db", 5432);
    assert!(elsewhere.ends_with("allowed: false") && !elsewhere.contains("own node"));
}

#[test]
fn cilium_asks_what_is_denied_before_it_lets_the_own_node_in() {
    let denial = "---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {endpointSelector: {}, ingressDeny: [{fromEntities: [all]}]}
";
    let own = placed("n1", "n1");
    let denied = format!("{own}{denial}");
    let print =
        |manifest: &str| print_as(EngineKind::Cilium, manifest, "shop/agent", "shop/db", 5432);
    assert!(print(&own).ends_with("allowed: true"));
    assert!(print(&denied).ends_with("allowed: false"));
}

#[test]
fn azure_npm_lets_pods_out_to_their_own_node() {
    let own = placed("n1", "n1");
    let to_agent = |engine| print_as(engine, &own, "shop/db", "shop/agent", 80);
    assert!(to_agent(EngineKind::AzureNpm).ends_with("allowed: true"));
    assert!(to_agent(EngineKind::Conformant).ends_with("allowed: false"));
}

#[test]
fn policies_see_the_tunnel_of_the_ambient_mesh() {
    let meshed = CLUSTER
        .replace(
            "metadata: {name: shop}",
            "metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}",
        )
        .replace("policyTypes: [Ingress, Egress]", "policyTypes: [Ingress]");
    assert_snapshot!(print(&meshed, "shop/web", "shop/db", 5432), @r"
    out: Allow TCP 15008: no policy
    in: Deny TCP 15008: end of NetworkPolicy, isolated by closed, db
    missing: ingress TCP 15008 {podSelector: {matchLabels: {app: web}}}, one of 2
    [Tunnel]
    allowed: false
    ");
    let open = meshed.replace("port: 5432", "port: 15008");
    assert!(print(&open, "shop/web", "shop/db", 5432).ends_with("allowed: true"));
}
