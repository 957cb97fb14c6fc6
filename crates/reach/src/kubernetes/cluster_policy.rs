//! AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy, as the network policy
//! API documents them (kubernetes-sigs/network-policy-api v0.1.7 and v0.2.0).

use std::collections::HashSet;

use palisade_estate::Object;
use palisade_estate::kubernetes::{
    ClusterPeer, ClusterPolicy, ClusterPort, ClusterRule, ClusterTier, PodsOf, PolicyType,
    RuleAction,
};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};

use super::program::{Action, Condition, NoteKind, Peers, Policy, Rule};
use super::translator::{Ports, RuleHead, Selected, Translator};
use super::{EndpointKind, EndpointSet};

/// A policy that the API server accepts.
pub(super) struct AcceptedClusterPolicy<'e> {
    object: Object<'e>,
    policy: ClusterPolicy<'e>,
}

impl<'e> AcceptedClusterPolicy<'e> {
    /// The tier it stands in.
    pub(super) fn tier(&self) -> ClusterTier {
        self.policy.tier
    }

    /// The order in its tier, which Calico takes for that of its own policies there, too.
    #[allow(clippy::cast_precision_loss, reason = "priorities end at 1000")]
    pub(super) fn priority(&self) -> f64 {
        self.policy.priority as f64
    }

    /// The name of the tier that Calico gives the policy.
    pub(super) fn tier_in_calico(&self) -> &'static str {
        match self.object.kind() {
            "AdminNetworkPolicy" => "adminnetworkpolicy",
            "BaselineAdminNetworkPolicy" => "baselineadminnetworkpolicy",
            _ if self.tier() == ClusterTier::Admin => "kube-admin",
            _ => "kube-baseline",
        }
    }

    /// Its rules for the pods that it selects for certain, and again for those that it may
    /// select.
    pub(super) fn policies(
        &self,
        direction: PolicyType,
        translator: &Translator<'e>,
    ) -> Vec<Policy<'e>> {
        translate(self, direction, translator)
    }
}

/// The policies that the API server accepts, in the order in which they are asked: by priority,
/// and by name where the API leaves the order open. What is wrong with the others is remarked
/// upon.
pub(super) fn accepted<'e>(
    policies: &[Object<'e>],
    translator: &Translator<'e>,
) -> Vec<AcceptedClusterPolicy<'e>> {
    let mut accepted = Vec::new();
    for &object in policies {
        let before = translator.remarks.errors();
        let Some(policy) = ClusterPolicy::read(&object, &translator.remarks) else {
            continue;
        };
        if translator.remarks.errors() == before {
            accepted.push(AcceptedClusterPolicy { object, policy });
        } else {
            let message = "the API server refuses the policy";
            translator.note(NoteKind::Refused, object, object.anchor(), message);
        }
    }
    accepted.sort_by_cached_key(|it| (it.policy.priority, it.object.name()));
    accepted
}

fn translate<'e>(
    accepted: &AcceptedClusterPolicy<'e>,
    direction: PolicyType,
    translator: &Translator<'e>,
) -> Vec<Policy<'e>> {
    let written = accepted.policy.rules(direction);
    let Some(subject) = accepted
        .policy
        .subject
        .as_ref()
        .filter(|_| !written.is_empty())
    else {
        return Vec::new();
    };
    let Selected {
        certain,
        possible,
        condition,
    } = pods(subject, translator);
    let for_subjects = [(certain, None), (possible, condition)];
    for_subjects
        .into_iter()
        .filter(|(subjects, _)| !subjects.is_empty())
        .map(|(subjects, condition)| {
            let rules = written.iter().enumerate();
            let rules = rules.flat_map(|(index, rule)| {
                translate_rule(rule, index, direction, &subjects, translator)
            });
            Policy {
                object: accepted.object,
                rules: rules.collect(),
                subjects,
                isolates: false,
                condition,
            }
        })
        .collect()
}

fn translate_rule<'e>(
    rule: &ClusterRule<'e>,
    index: usize,
    direction: PolicyType,
    subjects: &EndpointSet,
    translator: &Translator<'e>,
) -> Vec<Rule> {
    let Some(action) = rule.action else {
        return Vec::new();
    };
    let head = RuleHead {
        action: match action {
            RuleAction::Allow => Action::Allow,
            RuleAction::Deny => Action::Deny,
            RuleAction::Pass => Action::Pass,
        },
        origin: rule.at.origin(),
        index,
        condition: None,
    };
    let is_unknown = |peer: &ClusterPeer<'_>| matches!(peer, ClusterPeer::Unknown(_));
    if action != RuleAction::Allow && rule.peers.iter().any(is_unknown) {
        // The API fails closed: what a peer of a newer version may mean is denied.
        let head = RuleHead {
            action: Action::Deny,
            ..head
        };
        let everyone = Peers {
            endpoints: translator.endpoints.inside(),
            addresses: AddressSet::full(),
        };
        return translator.rules(head, direction, subjects, &everyone, &Ports::all());
    }
    let ports = ports(rule.ports.as_deref());
    let mut inside = Selected::default();
    let mut addresses = AddressSet::empty();
    let mut rules = Vec::new();
    for peer in &rule.peers {
        match peer {
            ClusterPeer::Pods(chosen) => inside = inside.union(&pods(chosen, translator)),
            ClusterPeer::Nodes(selector) => {
                let nodes = translator.nodes(selector);
                inside = inside.union(&on_nodes(&nodes, translator));
            }
            ClusterPeer::Networks(networks) => {
                let ranges = networks.iter().map(|(range, _)| AddressSet::from(*range));
                let ranges: AddressSet = ranges.collect();
                let all = translator.endpoints.inside();
                inside = inside.union(&translator.endpoints_at(&ranges, &all));
                addresses = addresses.union(&ranges);
            }
            ClusterPeer::DomainNames(names) => {
                let outside = Peers::outside(AddressSet::full());
                for (name, _) in names {
                    let condition = translator.condition(Condition::Name((*name).to_owned()));
                    let head = RuleHead {
                        condition: Some(condition),
                        ..head
                    };
                    rules.extend(translator.rules(head, direction, subjects, &outside, &ports));
                }
            }
            ClusterPeer::Unknown(_) => {}
        }
    }
    rules.extend(translator.rules_for(head, direction, subjects, &inside, &ports));
    let outside = Peers::outside(addresses);
    rules.extend(translator.rules(head, direction, subjects, &outside, &ports));
    rules
}

fn pods<'e>(pods: &PodsOf<'e>, translator: &Translator<'e>) -> Selected {
    translator.pods(&pods.namespaces, &pods.pods)
}

/// Nodes, and the pods that have their addresses. Where a pod on the network of its node runs
/// isn't always known.
fn on_nodes(nodes: &EndpointSet, translator: &Translator<'_>) -> Selected {
    let names: HashSet<String> = nodes
        .iter()
        .filter_map(|id| match &translator.endpoints.get(id).kind {
            EndpointKind::Node(object) => Some(object.name()),
            _ => None,
        })
        .collect();
    let hosts = translator.endpoints.hosts();
    let on_a_node = |wanted: &dyn Fn(Option<&str>) -> bool| -> EndpointSet {
        let chosen = hosts.iter().filter(|id| {
            let kind = &translator.endpoints.get(*id).kind;
            matches!(kind, EndpointKind::HostPods { node, .. } if wanted(*node))
        });
        chosen.collect()
    };
    let there = on_a_node(&|node| node.is_some_and(|node| names.contains(node)));
    let open = on_a_node(&|node| node.is_none());
    Selected::new(nodes.union(&there), open, || {
        translator.condition(Condition::Unknown {
            cause: "on which node the pod runs isn't in the input".to_owned(),
            supply: "kubectl get pods,nodes -A -o json".to_owned(),
        })
    })
}

fn ports<'e>(written: Option<&[ClusterPort<'e>]>) -> Ports<'e> {
    let Some(written) = written else {
        return Ports::all();
    };
    let mut ports = Ports::none();
    for port in written {
        match *port {
            ClusterPort::Numbers {
                protocol,
                first,
                last,
            } => {
                if let Some(transport) = Transport::named(protocol) {
                    let numbers = Traffic::to_ports(transport, PortSet::range(first, last));
                    ports.fixed = ports.fixed.union(&numbers);
                }
            }
            ClusterPort::Named(name) => ports.named.push((None, name)),
        }
    }
    ports
}
