//! Why traffic from one endpoint to another gets through, or doesn't.

use palisade_estate::kubernetes::PolicyType;
use palisade_packet::{AddressSet, Traffic};

use super::ambient::Membership;
use super::analysis::Asked;
use super::evaluation::{Outcome, Witness, applying, meet_all};
use super::program::{Action, Fallback, Policy, Rule, Stage};
use super::table::{ConditionId, TrafficId};
use super::workload::Labels;
use super::{Analysis, EndpointId, EndpointKind, EndpointSet};

/// What happens to some traffic from one endpoint to another, hop by hop.
pub struct Explanation<'a, 'e> {
    /// The source.
    pub source: EndpointId,
    /// The destination.
    pub destination: EndpointId,
    /// The traffic that was asked about.
    pub traffic: TrafficId,
    /// What decides at the source, in order.
    pub egress: Vec<Hop<'a, 'e>>,
    /// What decides at the destination, in order.
    pub ingress: Vec<Hop<'a, 'e>>,
    /// What becomes of the traffic, and of nothing else.
    pub outcome: Outcome,
    /// For traffic that is denied, the rules that would have to be there, or not.
    pub missing: Vec<MissingRule<'a, 'e>>,
    /// What holds beside the policies.
    pub caveats: Vec<Caveat>,
}

/// A place that decides about some of the traffic.
pub struct Hop<'a, 'e> {
    /// What enforces it: the name of the layer.
    pub layer: &'static str,
    /// What decides.
    pub decision: Decision<'a, 'e>,
    /// The traffic that it decides about.
    pub traffic: TrafficId,
    /// What becomes of it.
    pub action: Action,
    /// What the decision hangs on. The traffic may then go on as well.
    pub condition: Option<ConditionId>,
}

/// What decides.
pub enum Decision<'a, 'e> {
    /// A rule of a policy.
    Rule {
        /// The stage of the policy.
        stage: &'a Stage<'e>,
        /// The policy.
        policy: &'a Policy<'e>,
        /// The rule.
        rule: &'a Rule,
    },
    /// No rule of the stage matched, and these policies of it isolate the endpoint.
    Fallback {
        /// The stage.
        stage: &'a Stage<'e>,
        /// The policies that isolate the endpoint.
        policies: Vec<&'a Policy<'e>>,
    },
    /// Policies select the endpoint, and none of them decided: allowed.
    End,
    /// No policy selects the endpoint in this direction: allowed.
    NoPolicy,
    /// The engine lets traffic between a pod and its own node through: allowed.
    OwnNode,
}

/// A rule that would let traffic through that is denied.
pub struct MissingRule<'a, 'e> {
    /// Where: ingress at the destination, egress at the source.
    pub direction: PolicyType,
    /// The layer.
    pub layer: &'static str,
    /// The traffic that it would have to allow.
    pub traffic: TrafficId,
    /// The other side that it would have to name.
    pub peer: PeerNames<'e>,
    /// What stands in the way.
    pub obstacle: Obstacle<'a, 'e>,
}

/// Why traffic is denied.
pub enum Obstacle<'a, 'e> {
    /// No rule allows it. One more rule in any of these policies would, or a policy more.
    Isolated {
        /// The stage whose fallback denies.
        stage: &'a Stage<'e>,
        /// The policies that isolate the endpoint.
        policies: Vec<&'a Policy<'e>>,
    },
    /// A rule denies it. It would have to go, or one that allows would have to stand before it.
    Denied {
        /// The stage of the policy.
        stage: &'a Stage<'e>,
        /// The policy.
        policy: &'a Policy<'e>,
        /// The rule.
        rule: &'a Rule,
    },
}

/// How a rule can name an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerNames<'e> {
    /// Pods by namespace and labels; labels that their controller makes up are left out.
    Pods {
        /// The namespace.
        namespace: &'e str,
        /// The labels.
        labels: Vec<(&'e str, &'e str)>,
    },
    /// Nodes and what is outside, by address.
    Addresses(AddressSet),
    /// A node whose address isn't known.
    SomeNode,
}

/// What policies don't say and still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caveat {
    /// A pod always reaches itself; the answer is about another pod that is alike.
    SamePod,
    /// Between pods of an ambient mesh TCP goes through a tunnel to port 15008, and that is what
    /// policies see.
    Tunnel,
    /// Policies don't select pods on the network of their node: they count as that node.
    SourceOnHost,
    /// The same of the destination.
    DestinationOnHost,
}

/// Labels that controllers put on pods to tell revisions apart.
const OF_CONTROLLERS: [&str; 8] = [
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "controller-uid",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
];

impl<'e> Analysis<'e> {
    /// Explains what becomes of some traffic from one endpoint to another.
    pub fn explain(
        &self,
        source: EndpointId,
        destination: EndpointId,
        traffic: Traffic,
    ) -> Explanation<'_, 'e> {
        let traffic = self.table().number(traffic);
        let (egress, out) = self.hops(PolicyType::Egress, source, destination, traffic);
        let (ingress, into) = self.hops(PolicyType::Ingress, destination, source, traffic);
        let outcome = out.meet(&into, &mut self.table());
        let mut missing = self.missing(PolicyType::Egress, &egress, destination);
        missing.extend(self.missing(PolicyType::Ingress, &ingress, source));
        Explanation {
            source,
            destination,
            traffic,
            egress,
            ingress,
            outcome,
            missing,
            caveats: self.caveats(source, destination),
        }
    }

    fn hops(
        &self,
        direction: PolicyType,
        subject: EndpointId,
        peer: EndpointId,
        traffic: TrafficId,
    ) -> (Vec<Hop<'_, 'e>>, Outcome) {
        let peers = EndpointSet::one(peer);
        let mut hops = Vec::new();
        let mut outcomes = Vec::new();
        let mut table = self.table();
        for layer in self.program.layers(direction) {
            let applying = applying(layer, subject);
            let mut recorder = Recorder {
                layer: layer.name,
                is_selected: applying.iter().any(|(_, policies)| !policies.is_empty()),
                hops: &mut hops,
            };
            let asked = Asked {
                direction,
                subject,
                peers: &peers,
                traffic,
            };
            outcomes.push(self.walk(layer, &applying, asked, &mut table, &mut recorder));
        }
        let parts = meet_all(outcomes, &peers, &mut table);
        let outcome = parts.into_iter().next().map(|(_, outcome)| outcome);
        let outcome = outcome.filter(|_| !self.program.layers(direction).is_empty());
        // Where there is no layer at all, everything that was asked about is allowed.
        (
            hops,
            outcome.unwrap_or(Outcome {
                allowed: traffic,
                denied: TrafficId::NONE,
                conditions: Vec::new(),
            }),
        )
    }

    fn missing<'a>(
        &'a self,
        direction: PolicyType,
        hops: &[Hop<'a, 'e>],
        peer: EndpointId,
    ) -> Vec<MissingRule<'a, 'e>> {
        let denials = hops.iter().filter(|hop| hop.action == Action::Deny);
        denials
            .filter_map(|hop| {
                let obstacle = match &hop.decision {
                    Decision::Rule {
                        stage,
                        policy,
                        rule,
                    } => Obstacle::Denied {
                        stage,
                        policy,
                        rule,
                    },
                    Decision::Fallback { stage, policies } => Obstacle::Isolated {
                        stage,
                        policies: policies.clone(),
                    },
                    Decision::End | Decision::NoPolicy | Decision::OwnNode => return None,
                };
                Some(MissingRule {
                    direction,
                    layer: hop.layer,
                    traffic: hop.traffic,
                    peer: self.names(peer),
                    obstacle,
                })
            })
            .collect()
    }

    /// How a rule can name an endpoint.
    pub fn names(&self, id: EndpointId) -> PeerNames<'e> {
        let endpoint = self.endpoints.get(id);
        let namespace = endpoint
            .namespace
            .map(|number| self.endpoints.namespaces()[number].name);
        match (&endpoint.kind, namespace) {
            (EndpointKind::Pods { .. }, Some(namespace)) => PeerNames::Pods {
                namespace,
                labels: lasting(&endpoint.labels),
            },
            _ if endpoint.is_located => PeerNames::Addresses(endpoint.addresses.clone()),
            _ => PeerNames::SomeNode,
        }
    }

    fn caveats(&self, source: EndpointId, destination: EndpointId) -> Vec<Caveat> {
        let is_on_host = |id| {
            let kind = &self.endpoints.get(id).kind;
            matches!(kind, EndpointKind::HostPods { .. })
        };
        let is_member = |id| self.ambient.membership(id) != Membership::No;
        let mut caveats = Vec::new();
        if source == destination {
            caveats.push(Caveat::SamePod);
        }
        if is_member(source) && is_member(destination) {
            caveats.push(Caveat::Tunnel);
        }
        if is_on_host(source) {
            caveats.push(Caveat::SourceOnHost);
        }
        if is_on_host(destination) {
            caveats.push(Caveat::DestinationOnHost);
        }
        caveats
    }
}

/// The labels of pods but for those that controllers make up.
pub(crate) fn lasting<'e>(labels: &Labels<'e>) -> Vec<(&'e str, &'e str)> {
    let all = labels.iter();
    all.filter(|(key, _)| !OF_CONTROLLERS.contains(key))
        .collect()
}

/// Writes down what a walk passes.
struct Recorder<'h, 'a, 'e> {
    layer: &'static str,
    is_selected: bool,
    hops: &'h mut Vec<Hop<'a, 'e>>,
}

impl<'a, 'e> Recorder<'_, 'a, 'e> {
    fn add(
        &mut self,
        decision: Decision<'a, 'e>,
        traffic: TrafficId,
        action: Action,
        condition: Option<ConditionId>,
    ) {
        self.hops.push(Hop {
            layer: self.layer,
            decision,
            traffic,
            action,
            condition,
        });
    }
}

impl<'a, 'e> Witness<'a, 'e> for Recorder<'_, 'a, 'e> {
    fn rule(
        &mut self,
        stage: &'a Stage<'e>,
        policy: &'a Policy<'e>,
        rule: &'a Rule,
        traffic: TrafficId,
    ) {
        let condition = rule.condition.or(policy.condition);
        let decision = Decision::Rule {
            stage,
            policy,
            rule,
        };
        self.add(decision, traffic, rule.action, condition);
    }

    fn fallback(&mut self, stage: &'a Stage<'e>, policies: &[&'a Policy<'e>], traffic: TrafficId) {
        let isolating = policies.iter().copied().filter(|policy| policy.isolates);
        let policies: Vec<_> = isolating.collect();
        let is_sure = policies.iter().any(|policy| policy.condition.is_none());
        let doubt = policies.iter().find_map(|policy| policy.condition);
        let action = match stage.fallback {
            Fallback::Allow => Action::Allow,
            Fallback::Deny => Action::Deny,
            Fallback::Next => Action::Pass,
        };
        let decision = Decision::Fallback { stage, policies };
        self.add(decision, traffic, action, doubt.filter(|_| !is_sure));
    }

    fn own_node(&mut self, traffic: TrafficId, condition: Option<ConditionId>) {
        self.add(Decision::OwnNode, traffic, Action::Allow, condition);
    }

    fn end(&mut self, traffic: TrafficId) {
        let decision = match self.is_selected {
            true => Decision::End,
            false => Decision::NoPolicy,
        };
        self.add(decision, traffic, Action::Allow, None);
    }
}

impl PeerNames<'_> {
    /// The peer as entries of `from` or `to` in a NetworkPolicy, each as YAML in one line; none
    /// where there is no telling. `policy` is the namespace of the policy.
    pub fn as_network_policy_peer(&self, policy: &str) -> Vec<String> {
        match self {
            Self::Pods { namespace, labels } => {
                let labels = labels
                    .iter()
                    .map(|(key, value)| format!("{}: {}", quoted(key), quoted(value)));
                let labels = labels.collect::<Vec<_>>().join(", ");
                let pods = match labels.is_empty() {
                    true => "podSelector: {}".to_owned(),
                    false => format!("podSelector: {{matchLabels: {{{labels}}}}}"),
                };
                if *namespace == policy {
                    return vec![format!("{{{pods}}}")];
                }
                vec![format!(
                    "{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {}}}}}, {pods}}}",
                    quoted(namespace)
                )]
            }
            Self::Addresses(addresses) => {
                let prefixes = addresses.prefixes();
                let blocks = prefixes.iter();
                blocks
                    .map(|prefix| format!("{{ipBlock: {{cidr: {prefix}}}}}"))
                    .collect()
            }
            Self::SomeNode => Vec::new(),
        }
    }
}

/// A label's key or value, in quotes where YAML would read it as something else than text.
fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str());
    match is_plain {
        true => text.to_owned(),
        false => format!("\"{text}\""),
    }
}
