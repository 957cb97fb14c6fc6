//! `networking.k8s.io` NetworkPolicy, as the API documents it (Kubernetes 1.36).

use ipnet::IpNet;
use palisade_document::Value;
use palisade_estate::Object;
use palisade_estate::kubernetes::{
    NetworkPolicy, PolicyRule, PolicyType, Selector, refusals, unknown_members,
};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};

use super::EndpointSet;
use super::program::{Action, NoteKind, Peers, Policy, Rule};
use super::translator::{Ports, RuleHead, Selected, Translator};

/// The policies that the API server accepts. What is wrong with the others is remarked upon.
pub(super) fn accepted<'e>(
    policies: &[Object<'e>],
    translator: &Translator<'e>,
) -> Vec<NetworkPolicy<'e>> {
    let mut accepted = Vec::new();
    for policy in policies.iter().copied().filter_map(NetworkPolicy::try_of) {
        let refusals = refusals(&policy);
        for (at, message) in unknown_members(&policy) {
            translator.remarks.warn(at, message);
        }
        if refusals.is_empty() {
            accepted.push(policy);
        } else {
            let (at, message) = refusals[0].clone();
            translator.note(NoteKind::Refused, *policy, at, message);
        }
        for (at, message) in refusals {
            translator.remarks.refuse(at, message);
        }
    }
    accepted
}

/// The policies of one direction. They allow only, so that their order is of no account.
pub(super) fn policies<'e>(
    accepted: &[NetworkPolicy<'e>],
    direction: PolicyType,
    translator: &Translator<'e>,
) -> Vec<Policy<'e>> {
    let policies = accepted.iter();
    policies
        .flat_map(|policy| translate(policy, direction, translator))
        .collect()
}

fn translate<'e>(
    policy: &NetworkPolicy<'e>,
    direction: PolicyType,
    translator: &Translator<'e>,
) -> Vec<Policy<'e>> {
    let written = policy.written_rules(direction);
    if !policy.isolates(direction) {
        if let Some(rule) = written.first() {
            let (section, kind) = (direction.section(), direction.as_str());
            let message =
                format!("the {section} rules do nothing, because policyTypes doesn't name {kind}");
            translator.note(NoteKind::Pitfall, **policy, rule.value(), message);
        }
        return Vec::new();
    }
    let Ok(selector) = policy.pod_selector() else {
        return Vec::new();
    };
    let namespace = policy.namespace().unwrap_or_default();
    let selected = translator.pods_in(namespace, &selector);
    let reader = RuleReader {
        translator,
        policy: **policy,
        namespace,
        direction,
    };
    let certain = (selected.certain, None);
    let possible = selected.condition.map(|it| (selected.possible, Some(it)));
    let parts = [Some(certain), possible].into_iter().flatten();
    parts
        .map(|(subjects, condition)| Policy {
            object: **policy,
            rules: reader.all_rules(&written, &subjects),
            subjects,
            isolates: true,
            condition,
        })
        .collect()
}

struct RuleReader<'t, 'e> {
    translator: &'t Translator<'e>,
    policy: Object<'e>,
    namespace: &'e str,
    direction: PolicyType,
}

impl<'e> RuleReader<'_, 'e> {
    fn all_rules(&self, written: &[PolicyRule<'e>], subjects: &EndpointSet) -> Vec<Rule> {
        let numbered = written.iter().enumerate();
        let rules = numbered.flat_map(|(index, rule)| {
            let head = RuleHead {
                action: Action::Allow,
                origin: rule.value().origin(),
                index,
                condition: None,
            };
            self.rules(head, rule, subjects)
        });
        rules.collect()
    }

    fn rules(&self, head: RuleHead, rule: &PolicyRule<'e>, subjects: &EndpointSet) -> Vec<Rule> {
        let ports = ports(rule);
        let written = rule.peers();
        let (mut inside, mut outside) = (Selected::default(), AddressSet::empty());
        if written.is_empty() {
            inside = Selected::certain(self.translator.endpoints.inside());
            outside = AddressSet::full();
        }
        for peer in written {
            match peer.get("ipBlock").filter(|block| !block.is_null()) {
                Some(block) => {
                    let addresses = addresses(block);
                    inside = inside.union(&self.translator.endpoints_of_range(&addresses));
                    outside = outside.union(&addresses);
                }
                None => {
                    let pods = self.pods(peer);
                    if pods.is_empty() {
                        let message = "no pod of the input is this peer";
                        self.translator
                            .note(NoteKind::Nobody, self.policy, peer, message);
                    }
                    inside = inside.union(&pods);
                }
            }
        }
        let certain = Selected::certain(inside.certain.clone());
        let known = Peers {
            endpoints: certain.certain,
            addresses: outside,
        };
        let uncertain = Selected {
            certain: EndpointSet::empty(),
            ..inside
        };
        let translator = self.translator;
        let mut rules = translator.rules(head, self.direction, subjects, &known, &ports);
        rules.extend(translator.rules_for(head, self.direction, subjects, &uncertain, &ports));
        rules
    }

    /// The pods of a peer: those of the policy's own namespace unless it names others.
    fn pods(&self, peer: Value<'e>) -> Selected {
        let selector = |name: &str| {
            let written = peer.get(name).filter(|selector| !selector.is_null())?;
            Selector::read(written).ok()
        };
        let pods = selector("podSelector");
        match selector("namespaceSelector") {
            Some(namespaces) => self.translator.pods(&namespaces, &pods.unwrap_or_default()),
            None => {
                let pods = pods.unwrap_or_default();
                self.translator.pods_in(self.namespace, &pods)
            }
        }
    }
}

/// The addresses of an `ipBlock`: its `cidr` without its exceptions.
pub(super) fn addresses(block: Value<'_>) -> AddressSet {
    let range = |value: Value<'_>| {
        let parsed = value.scalar().parse::<IpNet>();
        parsed.map_or_else(|_| AddressSet::empty(), AddressSet::from)
    };
    let all = block.get("cidr").map_or_else(AddressSet::empty, range);
    let exceptions = block.get("except").into_iter().flat_map(Value::items);
    let exceptions: AddressSet = exceptions.map(range).collect();
    all.difference(&exceptions)
}

/// The ports of a rule. A port without a number is every port of its protocol; no ports at all
/// are all traffic, whatever its protocol.
fn ports<'e>(rule: &PolicyRule<'e>) -> Ports<'e> {
    let written = rule.ports();
    if written.is_empty() {
        return Ports::all();
    }
    let mut ports = Ports::none();
    for entry in written {
        let member = |name: &str| entry.get(name).filter(|value| !value.is_null());
        let protocol = member("protocol").map_or("TCP", Value::scalar);
        let Some(transport) = Transport::named(protocol) else {
            continue;
        };
        let number = |value: Value<'_>| u16::try_from(value.as_i64()?).ok();
        let numbers = match member("port").map(|port| (port, number(port))) {
            None => PortSet::full(),
            Some((_, Some(first))) => {
                let last = member("endPort").and_then(number).unwrap_or(first);
                PortSet::range(first, last)
            }
            Some((name, None)) => {
                ports.named.push((Some(transport), name.scalar()));
                continue;
            }
        };
        ports.fixed = ports.fixed.union(&Traffic::to_ports(transport, numbers));
    }
    ports
}
