//! Intents: what is proved agrees with every pair asked one by one.

use palisade_document::{Notation, Text, parse};
use palisade_packet::{Set, Traffic};
use palisade_reach::intent::{self, Expect, parse_traffic};
use palisade_reach::kubernetes::{Analysis, EndpointId, EndpointKind, EngineKind, Verdict};
use palisade_reach::proof::{Answer, Prover};
use proptest::prelude::*;

use crate::{analysis, estate, name};

const CLUSTER: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {kubernetes.io/metadata.name: shop, team: shop}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: shop}
spec: {template: {metadata: {labels: {app: orders}}, spec: {containers: [{name: orders}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: batch, namespace: jobs, labels: {app: batch}}
spec: {containers: [{name: batch}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: orders, namespace: shop}
spec:
  podSelector: {matchLabels: {app: orders}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 80}]
    - from: [{namespaceSelector: {matchLabels: {team: jobs}}}]
      ports: [{port: 443}]
  egress:
    - to: [{ipBlock: {cidr: 20.0.0.0/8}}]
      ports: [{port: 443}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egress:
    - toFQDNs: [{matchName: api.example.com}]
      toPorts: [{ports: [{port: '443', protocol: TCP}]}]
    - toEndpoints: [{matchLabels: {app: orders}}]
";

const PARTIES: [&str; 6] = [
    "{workload: web}",
    "{namespace: shop, workload: Deployment/orders}",
    "{podSelector: {matchExpressions: [{key: app, operator: Exists}]}}",
    "{namespace: jobs}",
    "outside",
    "{prefix: 20.1.0.0/16}",
];
const PORTS: [&str; 4] = ["80", "tcp/443", "udp/53", "tcp"];

/// Which of the endpoints of [`CLUSTER`] a party is.
fn is_of(analysis: &Analysis<'_>, id: EndpointId, party: &str) -> bool {
    let is_outside = matches!(analysis.endpoints.get(id).kind, EndpointKind::Outside);
    match party {
        "outside" => is_outside,
        "{prefix: 20.1.0.0/16}" => {
            let address = "20.1.2.3".parse().unwrap();
            is_outside && analysis.endpoints.get(id).addresses.contains(&address)
        }
        _ if is_outside => false,
        "{workload: web}" => name(analysis, id) == "shop/web",
        "{namespace: jobs}" => name(analysis, id) == "jobs/batch",
        "{namespace: shop, workload: Deployment/orders}" => name(analysis, id) == "shop/orders",
        _ => true,
    }
}

/// The answer's first letter, pair by pair.
fn plain(
    analysis: &Analysis<'_>,
    from: &str,
    to: &str,
    traffic: &Traffic,
    expect: Expect<'_>,
) -> char {
    let all = || analysis.endpoints.iter().map(|(id, _)| id);
    let outside = analysis.endpoints.outside();
    let mut answer = 'h';
    for source in all().filter(|&id| is_of(analysis, id, from)) {
        for destination in all().filter(|&id| is_of(analysis, id, to)) {
            let is_itself = source == destination && name(analysis, source) == "jobs/batch";
            if is_itself || (outside.contains(source) && outside.contains(destination)) {
                continue;
            }
            let both = analysis.pair(source, destination).both;
            let mut table = analysis.table();
            let certain = both.certainly_allowed(&mut table);
            let (certain, may) = (table.get(certain), table.get(both.allowed));
            let is_violated = match expect {
                Expect::Deny | Expect::OnlyVia(_) => !certain.is_disjoint(traffic),
                Expect::Allow => !traffic.is_subset(may),
            };
            let is_open = match expect {
                Expect::Deny | Expect::OnlyVia(_) => !may.is_disjoint(traffic),
                Expect::Allow => !traffic.is_subset(certain),
            };
            if is_violated {
                return 'v';
            }
            if is_open {
                answer = 'u';
            }
        }
    }
    answer
}

#[test]
fn a_proof_is_what_all_pairs_say() {
    let estate = estate(CLUSTER);
    let mut seen = std::collections::BTreeMap::new();
    for kind in [EngineKind::AzureNpm, EngineKind::Cilium] {
        let analysis = analysis(&estate, kind);
        let prover = Prover::new(&analysis);
        for from in PARTIES {
            for to in PARTIES {
                for ports in PORTS {
                    for expect in [Expect::Allow, Expect::Deny] {
                        let text = format!(
                            "intents: [{{name: a, from: {from}, to: {to}, ports: ['{ports}'], expect: {}}}]",
                            expect.as_str()
                        );
                        let (document, _) =
                            parse(Text::new("i.yaml", text.clone()), Notation::Yaml);
                        let intents = intent::read(&document);
                        assert!(
                            intents.diagnostics.is_empty(),
                            "{text}: {:?}",
                            intents.diagnostics
                        );
                        let answer = prover.prove(&intents.list[0]);
                        let letter = match &answer {
                            Answer::Holds => 'h',
                            Answer::Violated(packet) => {
                                let pair = analysis.pair(packet.source, packet.destination);
                                let verdict = pair.both.verdict(&packet.header, &analysis.table());
                                let wanted = match expect {
                                    Expect::Allow => Verdict::Denied,
                                    Expect::Deny | Expect::OnlyVia(_) => Verdict::Allowed,
                                };
                                assert_eq!(verdict, wanted, "{text}");
                                'v'
                            }
                            Answer::Unknown(_) => 'u',
                            Answer::NotHere { .. } => panic!("{text}"),
                        };
                        let traffic = parse_traffic(ports).unwrap();
                        assert_eq!(
                            letter,
                            plain(&analysis, from, to, &traffic, expect),
                            "{kind:?} {text}"
                        );
                        *seen.entry(letter).or_insert(0) += 1;
                    }
                }
            }
        }
    }
    assert!(seen.len() == 3, "every answer occurs: {seen:?}");
}

#[test]
fn labels_of_a_namespace_that_are_not_in_the_input_make_it_unknown() {
    let estate = estate(CLUSTER);
    let analysis = analysis(&estate, EngineKind::AzureNpm);
    let prover = Prover::new(&analysis);
    let answer = |to: &str| {
        let text = format!(
            "intents: [{{name: a, from: {{namespaceSelector: {{matchLabels: {{team: jobs}}}}}}, to: {to}, expect: deny}}]"
        );
        let (document, _) = parse(Text::new("i.yaml", text), Notation::Yaml);
        prover.prove(&intent::read(&document).list[0])
    };
    assert!(matches!(answer("cluster"), Answer::Unknown(_)));
}

proptest! {
    /// Twin of the fuzz target `intents`.
    #[test]
    fn whatever_a_file_holds_it_is_read_or_refused(
        text in "[ -~\n]{0,80}",
        key in "(name|from|to|ports|expect|node)",
        value in "(\\[\\]|\\{\\}|null|internet|[0-9]{1,6}|\\{prefix: 1\\}|\\{node: a, workload: b\\}|[a-z/]{1,6})",
    ) {
        let entry = format!("intents:\n  - name: x\n    from: cluster\n    to: cluster\n    expect: deny\n    {key}: {value}\n");
        for text in [text, entry] {
            let (document, wrong) = parse(Text::new("i.yaml", text.clone()), Notation::Yaml);
            let intents = intent::read(&document);
            prop_assert!(!intents.list.is_empty() || !wrong.is_empty() || !intents.diagnostics.is_empty() || document.roots().len() == 0
                || text.contains("intents"));
        }
    }
}
