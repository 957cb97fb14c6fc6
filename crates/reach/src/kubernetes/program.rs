//! The form into which every policy dialect is translated.
//!
//! For each direction a packet passes *layers*, all of which must allow it: the network policies,
//! and at the destination what a service mesh adds. In a layer it passes *stages* in order (the
//! tiers of a dialect). A stage has *policies* in the order in which they are asked, a policy has
//! *rules*. The first rule that matches decides: allow, deny, or pass on to the next stage. What
//! no rule of a stage matched meets the stage's fallback if a policy of the stage isolates the
//! endpoint, and goes on to the next stage otherwise. What reaches the end of a layer is allowed.
//!
//! | dialect | in this form |
//! |---|---|
//! | NetworkPolicy | one stage; rules allow; every policy isolates; the fallback denies |
//! | AdminNetworkPolicy, ClusterNetworkPolicy | a stage before and one after; the fallback is the next stage |
//! | Calico tiers | a stage for each tier; the fallback is the tier's default action |
//! | Cilium | one stage: first the policies with the rules that deny, then those with the rules that allow; `isolates` is the switch to default deny |
//! | Istio | a layer of its own at the destination |

use palisade_document::Origin;
use palisade_estate::Object;
use palisade_estate::kubernetes::PolicyType;
use palisade_packet::{AddressSet, Set};

use super::{ConditionId, EndpointId, EndpointSet, TrafficId};

/// What a cluster's policies say, for either direction.
#[derive(Default)]
pub struct Program<'e> {
    /// What packets into an endpoint pass.
    pub ingress: Vec<Layer<'e>>,
    /// What packets out of an endpoint pass.
    pub egress: Vec<Layer<'e>>,
}

impl<'e> Program<'e> {
    /// The layers of a direction.
    pub fn layers(&self, direction: PolicyType) -> &[Layer<'e>] {
        match direction {
            PolicyType::Ingress => &self.ingress,
            PolicyType::Egress => &self.egress,
        }
    }

    /// The layers of a direction, to add to.
    pub fn layers_mut(&mut self, direction: PolicyType) -> &mut Vec<Layer<'e>> {
        match direction {
            PolicyType::Ingress => &mut self.ingress,
            PolicyType::Egress => &mut self.egress,
        }
    }
}

/// Stages that decide together. Every layer must allow a packet.
#[derive(Clone)]
pub struct Layer<'e> {
    /// What enforces it: `network policy`, `Istio authorization`.
    pub name: &'static str,
    /// When traffic of a pod's own node is let through, whatever the rules say.
    pub own_node: OwnNode,
    /// Its stages, in the order in which they are asked.
    pub stages: Vec<Stage<'e>>,
}

/// When a layer lets traffic of a pod's own node through, whatever its rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnNode {
    /// Not at all: its rules are about every source.
    Never,
    /// Before any rule is asked.
    First,
    /// After the rules that deny, which come first in its one stage.
    AfterDenials,
}

/// A tier of policies.
#[derive(Clone)]
pub struct Stage<'e> {
    /// What to call it: `NetworkPolicy`, `tier security`.
    pub name: String,
    /// What becomes of packets that no rule matched, at endpoints that a policy of the stage
    /// isolates.
    pub fallback: Fallback,
    /// Its policies, in the order in which they are asked.
    pub policies: Vec<Policy<'e>>,
}

/// What becomes of packets that no rule of a stage matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// They are allowed, finally.
    Allow,
    /// They are denied, finally.
    Deny,
    /// They go on to the next stage.
    Next,
}

/// A policy's rules for one direction.
#[derive(Clone)]
pub struct Policy<'e> {
    /// The object that it was read from.
    pub object: Object<'e>,
    /// The endpoints that it acts on: destinations for ingress, sources for egress.
    pub subjects: EndpointSet,
    /// Whether it puts its subjects under the stage's fallback.
    pub isolates: bool,
    /// Set where it isn't known whether the policy acts on these subjects. Its rules then may or
    /// may not decide, and so may the fallback.
    pub condition: Option<ConditionId>,
    /// Its rules, in the order in which they are asked.
    pub rules: Vec<Rule>,
}

/// A rule: what it does with traffic to or from some peers.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it does.
    pub action: Action,
    /// The subjects that it is about where these are not all of its policy's: an ingress rule
    /// whose port name means a number at some of them only, say.
    pub subjects: Option<EndpointSet>,
    /// The other side.
    pub peers: Peers,
    /// The traffic.
    pub traffic: TrafficId,
    /// Set where it isn't known whether the rule matches, or where more than the packet decides.
    pub condition: Option<ConditionId>,
    /// Where the rule stands. Several rules of this form may come from one that is written.
    pub origin: Origin,
    /// The number of the rule in its list, from 0.
    pub index: usize,
}

/// What a rule does with what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Let through, finally for the layer.
    Allow,
    /// Drop, finally.
    Deny,
    /// Leave to the next stage.
    Pass,
}

/// The other side of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peers {
    /// Pods and nodes. In a finished [`Analysis`](super::Analysis) the ranges of outside
    /// addresses are endpoints, too, and those of `addresses` are in here.
    pub endpoints: EndpointSet,
    /// Addresses outside the cluster. Which pods and nodes an address range covers depends on the
    /// engine: [`Translator::endpoints_at`](super::Translator::endpoints_at) tells.
    pub addresses: AddressSet,
}

impl Peers {
    /// Nobody.
    pub fn none() -> Self {
        Self {
            endpoints: EndpointSet::empty(),
            addresses: AddressSet::empty(),
        }
    }

    /// Endpoints in the cluster.
    pub fn inside(endpoints: EndpointSet) -> Self {
        Self {
            endpoints,
            addresses: AddressSet::empty(),
        }
    }

    /// Addresses outside the cluster.
    pub fn outside(addresses: AddressSet) -> Self {
        Self {
            endpoints: EndpointSet::empty(),
            addresses,
        }
    }

    /// Whether there is no one.
    pub fn is_empty(&self) -> bool {
        self.endpoints.is_empty() && self.addresses.is_empty()
    }

    /// Takes in others.
    pub fn extend(&mut self, other: &Self) {
        self.endpoints.extend(&other.endpoints);
        self.addresses = self.addresses.union(&other.addresses);
    }
}

/// What a decision hangs on beside the packet. A rule with a condition may match or may not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Something that the input doesn't tell.
    Unknown {
        /// Why it isn't known.
        cause: String,
        /// What to add to the input.
        supply: String,
    },
    /// What is asked for inside the connection: `HTTP GET /orders`. The connection comes about,
    /// and the request is judged then.
    Layer7(String),
    /// The destination must be an address that a name resolved to: `api.example.com`,
    /// `*.example.com` in the words of the dialect.
    Name(String),
}

/// Something about a policy that whoever wrote it should know.
#[derive(Clone)]
pub struct Note<'e> {
    /// What kind of note it is.
    pub kind: NoteKind,
    /// The policy or other object.
    pub object: Object<'e>,
    /// The place.
    pub origin: Origin,
    /// What is to be said: lower case, no final stop.
    pub message: String,
}

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// The cluster's engine doesn't enforce the policy at all.
    NotEnforced,
    /// The API server or the engine refuses the policy.
    Refused,
    /// The engine leaves out a part of the policy.
    Ignored,
    /// The part behaves otherwise under another engine.
    Migration,
    /// The part has no effect, or one that is easily mistaken.
    Pitfall,
    /// A peer that is nobody in the input.
    Nobody,
}

impl Policy<'_> {
    /// Whether the policy acts on an endpoint.
    pub fn selects(&self, id: EndpointId) -> bool {
        self.subjects.contains(id)
    }
}

impl Rule {
    /// Whether the rule is about an endpoint that its policy selects.
    pub fn is_about(&self, subject: EndpointId) -> bool {
        self.subjects
            .as_ref()
            .is_none_or(|subjects| subjects.contains(subject))
    }
}
