//! All pairs at once say what each pair says alone.

use std::collections::HashMap;

use palisade_reach::kubernetes::{Connectivity, EndpointId, EngineKind, Outcome, TrafficId};
use proptest::prelude::*;

use super::{analysis, estate};

/// What the rectangles say of each pair. Fails if two of them overlap.
fn pairs(connectivity: &Connectivity<'_, '_>) -> HashMap<(EndpointId, EndpointId), Outcome> {
    let mut pairs = HashMap::new();
    for rectangle in connectivity.rectangles() {
        for source in rectangle.sources.iter() {
            for destination in rectangle.destinations.iter() {
                let outcome = rectangle.outcome.clone();
                let earlier = pairs.insert((source, destination), outcome);
                assert_eq!(earlier, None, "{source:?} {destination:?}");
            }
        }
    }
    pairs
}

fn check(manifest: &str, kind: EngineKind) {
    let estate = estate(manifest);
    let analysis = analysis(&estate, kind);
    let connectivity = analysis.connectivity();
    let pairs = pairs(&connectivity);
    let outside = analysis.endpoints.outside();
    for (source, _) in analysis.endpoints.iter() {
        for (destination, _) in analysis.endpoints.iter() {
            let alone = analysis.pair(source, destination).both;
            assert_eq!(alone, connectivity.between(source, destination));
            let is_outside = outside.contains(source) && outside.contains(destination);
            let is_denied = alone.allowed == TrafficId::NONE;
            let expected = (!is_denied && !is_outside).then_some(&alone);
            assert_eq!(
                pairs.get(&(source, destination)),
                expected,
                "{source:?} {destination:?}\n{manifest}"
            );
        }
    }
}

fn selector() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "{}",
        "{matchLabels: {app: x}}",
        "{matchLabels: {app: y, tier: t}}",
        "{matchExpressions: [{key: app, operator: In, values: [x, z]}]}",
        "{matchExpressions: [{key: tier, operator: DoesNotExist}]}",
        "{matchExpressions: [{key: app, operator: NotIn, values: [x]}, {key: tier, operator: Exists}]}",
    ])
}

fn peer() -> impl Strategy<Value = String> {
    let namespaces = prop::sample::select(vec![
        "{}",
        "{matchLabels: {kubernetes.io/metadata.name: ns1}}",
        "{matchLabels: {env: prod}}",
        "{matchExpressions: [{key: env, operator: NotIn, values: [prod]}]}",
    ]);
    let blocks = prop::sample::select(vec![
        "{cidr: 0.0.0.0/0}",
        "{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}",
        "{cidr: 10.1.2.0/24}",
        "{cidr: '::/0', except: ['fd00::/8']}",
    ]);
    prop_oneof![
        selector().prop_map(|pods| format!("{{podSelector: {pods}}}")),
        namespaces
            .clone()
            .prop_map(|namespaces| format!("{{namespaceSelector: {namespaces}}}")),
        (namespaces, selector()).prop_map(|(namespaces, pods)| format!(
            "{{namespaceSelector: {namespaces}, podSelector: {pods}}}"
        )),
        blocks.prop_map(|block| format!("{{ipBlock: {block}}}")),
    ]
}

fn rule(peers: &'static str) -> impl Strategy<Value = String> {
    let port = prop::sample::select(vec![
        "{port: 80}",
        "{port: http}",
        "{port: 53, protocol: UDP}",
        "{port: 8000, endPort: 9000}",
        "{protocol: SCTP}",
    ]);
    let ports = prop::collection::vec(port, 0..3);
    let others = prop::collection::vec(peer(), 0..3);
    (others, ports).prop_map(move |(others, ports)| {
        format!(
            "{{{peers}: [{}], ports: [{}]}}",
            others.join(", "),
            ports.join(", ")
        )
    })
}

fn policy() -> impl Strategy<Value = String> {
    let types = prop::sample::select(vec!["[Ingress]", "[Egress]", "[Ingress, Egress]"]);
    let ingress = prop::collection::vec(rule("from"), 0..3);
    let egress = prop::collection::vec(rule("to"), 0..3);
    (0..3, selector(), types, ingress, egress).prop_map(
        |(namespace, pods, types, ingress, egress)| {
            format!(
                "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
                 metadata: {{generateName: p, namespace: ns{namespace}}}\nspec: {{podSelector: {pods}, \
                 policyTypes: {types}, ingress: [{}], egress: [{}]}}\n",
                ingress.join(", "),
                egress.join(", ")
            )
        },
    )
}

/// Namespaces ns0 (env=dev), ns1 (env=prod) and ns2 (whose object isn't there), pods with an
/// address and without, a pod on the network of its node, and a node.
fn cluster() -> String {
    let mut manifest = String::from(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: ns0, labels: {env: dev}}\n---\n\
         apiVersion: v1\nkind: Namespace\nmetadata: {name: ns1, labels: {env: prod}}\n---\n\
         apiVersion: v1\nkind: Node\nmetadata: {name: node, labels: {env: prod}}\n\
         status: {addresses: [{type: InternalIP, address: 10.1.2.3}]}\n",
    );
    let labels = ["{app: x}", "{app: y, tier: t}", "{app: z, tier: u}"];
    for (number, labels) in (0..).zip(labels.iter().cycle().take(9)) {
        let namespace = number % 3;
        let address = if number % 2 == 0 {
            format!("10.{number}.2.7")
        } else {
            String::new()
        };
        let port = 80 + number % 2;
        let is_on_host = number == 4;
        manifest.push_str(&format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: pod{number}, namespace: ns{namespace}, labels: {labels}}}\n\
             spec: {{hostNetwork: {is_on_host}, containers: [{{name: c, ports: [{{name: http, containerPort: {port}}}]}}]}}\n\
             status: {{podIP: '{address}'}}\n"
        ));
    }
    manifest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rectangles_are_all_pairs(
        policies in prop::collection::vec(policy(), 0..6),
        kind in prop::sample::select(vec![
            EngineKind::None,
            EngineKind::Conformant,
            EngineKind::AzureNpm,
            EngineKind::Calico,
            EngineKind::Cilium,
        ]),
    ) {
        check(&format!("{}{}", cluster(), policies.concat()), kind);
    }
}
