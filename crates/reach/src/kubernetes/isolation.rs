//! Isolation: whether everything that gets through to an endpoint, or out of it, was allowed by a
//! rule, or some of it only because no policy spoke of it.
//!
//! Nothing here looks at how a policy is written: an endpoint is isolated if no packet, from or to
//! anybody, comes to the end of what its policies say. So a policy that isolates does it in every
//! dialect, and so do rules that deny everything in the last tier.

use std::collections::HashMap;

use palisade_estate::Object;
use palisade_estate::kubernetes::PolicyType;
use palisade_packet::{AddressSet, Set};

use super::connectivity::signatures;
use super::evaluation::{Question, Undecided, Walk, applying};
use super::program::{Action, Condition, Policy, Rule};
use super::table::{TrafficId, TrafficTable};
use super::{Analysis, ConditionId, EndpointId, EndpointSet};

/// Whether an endpoint is isolated in a direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// It is: over all packets, nothing gets through that no rule allows.
    Whole,
    /// It isn't: traffic with this one, for instance, gets through because nothing speaks of it.
    Open(EndpointId),
    /// It can't be known, because of these.
    Unknown(Vec<Condition>),
}

/// The isolation of all endpoints in one direction.
pub struct Isolations {
    of: Vec<usize>,
    answers: Vec<Isolation>,
}

impl Isolations {
    /// That of an endpoint.
    pub fn get(&self, id: EndpointId) -> &Isolation {
        &self.answers[self.of[id.index()]]
    }
}

impl<'e> Analysis<'e> {
    /// Whether each endpoint is isolated in a direction.
    pub fn isolations(&self, direction: PolicyType) -> Isolations {
        let peers = self.peers_that_exist();
        let signatures = signatures(&self.program, direction, self.endpoints.len());
        let mut known: HashMap<_, usize> = HashMap::new();
        let mut isolations = Isolations {
            of: Vec::with_capacity(signatures.len()),
            answers: Vec::new(),
        };
        for (id, signature) in (0..u32::MAX).map(EndpointId).zip(signatures) {
            let own_node = self.own_nodes.number(direction, id);
            let next = isolations.answers.len();
            let number = *known.entry((signature, own_node)).or_insert(next);
            if number == next {
                let answer = self.isolation(direction, id, &peers);
                isolations.answers.push(answer);
            }
            isolations.of.push(number);
        }
        isolations
    }

    /// The policies of a direction by which an endpoint is isolated for certain: those that put it
    /// under the default of their stage, or else those with rules that deny.
    pub fn isolating(&self, direction: PolicyType, id: EndpointId) -> Vec<Object<'e>> {
        let layers = self.program.layers(direction).iter();
        let stages = layers.flat_map(|layer| applying(layer, id));
        let policies = stages.flat_map(|(_, policies)| policies);
        let certain: Vec<_> = policies
            .filter(|policy| policy.condition.is_none())
            .collect();
        let objects = |is_it: &dyn Fn(&Policy<'e>) -> bool| -> Vec<Object<'e>> {
            let mut found: Vec<Object<'e>> = Vec::new();
            for policy in certain.iter().filter(|policy| is_it(policy)) {
                if !found.contains(&policy.object) {
                    found.push(policy.object);
                }
            }
            found
        };
        let isolating = objects(&|policy| policy.isolates);
        if !isolating.is_empty() {
            return isolating;
        }
        let denies = |rule: &Rule| rule.action == Action::Deny;
        objects(&|policy| policy.rules.iter().any(denies))
    }

    /// Whether a policy lets all traffic of everybody through in a direction, so that whom it
    /// isolates is as open as before: every pod of whatever namespace, or every IPv4 address.
    pub fn lets_everything_through(&self, direction: PolicyType, object: Object<'e>) -> bool {
        let layers = self.program.layers(direction).iter();
        let stages = layers.flat_map(|layer| &layer.stages);
        let policies = stages.flat_map(|stage| &stage.policies);
        let mut own = policies.filter(|policy| policy.object == object);
        own.any(|policy| {
            let mut rules = policy.rules.iter();
            let is_open = |rule: &&Rule| self.lets_everybody_through(rule);
            let open = rules.position(|rule| is_open(&rule));
            let denies = policy
                .rules
                .iter()
                .position(|rule| rule.action == Action::Deny);
            open.is_some_and(|open| denies.is_none_or(|denies| open < denies))
        })
    }

    fn lets_everybody_through(&self, rule: &Rule) -> bool {
        let peers = &rule.peers;
        let every_pod = self
            .endpoints
            .elsewhere()
            .is_some_and(|pod| peers.endpoints.contains(pod));
        rule.action == Action::Allow
            && rule.condition.is_none()
            && rule.traffic == TrafficId::ALL
            && (every_pod || AddressSet::all_v4().is_subset(&peers.addresses))
    }

    /// Whether a condition is that labels aren't known: those of a namespace or of a stand-in.
    pub fn is_about_labels(&self, condition: &Condition) -> bool {
        let table = self.table();
        let mut about = self.about_labels.iter();
        about.any(|id| table.condition(*id) == condition)
    }

    /// Everybody but outside addresses of families that the cluster doesn't have.
    fn peers_that_exist(&self) -> EndpointSet {
        let endpoints = &self.endpoints;
        let outside = endpoints.outside();
        let exist = outside.iter().filter(|id| {
            let addresses = &endpoints.get(*id).addresses;
            !addresses.is_disjoint(endpoints.families())
        });
        endpoints.inside().union(&exist.collect())
    }

    fn isolation(
        &self,
        direction: PolicyType,
        subject: EndpointId,
        peers: &EndpointSet,
    ) -> Isolation {
        let mut table = self.table();
        // A packet must come to the end of every layer to get through without a rule.
        let mut all = vec![(peers.clone(), Undecided::everything())];
        for layer in self.program.layers(direction) {
            let question = Question {
                subject,
                peers,
                traffic: TrafficId::ALL,
                own_node: (layer.own_node, self.own_nodes.admitted(direction, subject)),
            };
            let parts = Walk::undecided(&applying(layer, subject), question, &mut table);
            all = meet(&all, &parts, &mut table);
        }
        let open = all.iter().find(|(_, left)| left.surely != TrafficId::NONE);
        if let Some(peer) = open.and_then(|(peers, _)| peers.first()) {
            return Isolation::Open(peer);
        }
        let doubtful = all
            .iter()
            .filter(|(_, left)| left.perhaps != TrafficId::NONE);
        let mut conditions: Vec<ConditionId> = doubtful
            .flat_map(|(_, left)| left.conditions.iter().copied())
            .collect();
        conditions.sort_unstable();
        conditions.dedup();
        match conditions.is_empty() {
            true => Isolation::Whole,
            false => {
                let told = conditions.into_iter();
                Isolation::Unknown(told.map(|id| table.condition(id).clone()).collect())
            }
        }
    }
}

fn meet(
    left: &[(EndpointSet, Undecided)],
    right: &[(EndpointSet, Undecided)],
    table: &mut TrafficTable,
) -> Vec<(EndpointSet, Undecided)> {
    let mut cut = Vec::new();
    for (here, one) in left {
        for (there, other) in right {
            let both = here.intersection(there);
            if !both.is_empty() {
                cut.push((both, one.meet(other, table)));
            }
        }
    }
    cut
}
