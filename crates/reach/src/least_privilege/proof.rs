//! That a cluster's policies allow the flows and nothing else.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use palisade_estate::Object;
use palisade_estate::kubernetes::PolicyType;
use palisade_packet::{Set, Traffic};

use super::LeastPrivilege;
use super::flow::{Covered, DNS, End, lookups};
use crate::kubernetes::{
    Action, Connectivity, Decision, EndpointId, EndpointSet, Outcome, OutcomeId, Row,
};

/// What became of a proof.
#[derive(Clone)]
pub struct Proof<'e> {
    /// How many pairs of endpoints were compared, over all packets: every pair of which one end
    /// is a pod of a namespace that gets policies.
    pub pairs: usize,
    /// What differs. None: the proof holds.
    pub counterexamples: Vec<Counterexample<'e>>,
}

/// Pairs of which the policies say something else than the flows, for one reason.
#[derive(Clone)]
pub struct Counterexample<'e> {
    /// What is wrong.
    pub refuted: Refuted,
    /// The traffic of which this is so for certain or perhaps.
    pub traffic: Traffic,
    /// What decides, as far as policies do.
    pub policies: Vec<Object<'e>>,
    /// How many pairs it is about.
    pub pairs: usize,
    /// One of them: the source and the destination.
    pub example: (EndpointId, EndpointId),
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refuted {
    /// A flow doesn't get through, or perhaps not.
    Denied,
    /// More gets through, or perhaps.
    More,
}

/// What must get through of a pair, and what may.
struct Bounds {
    least: Traffic,
    most: Traffic,
}

impl Bounds {
    fn exactly(traffic: Traffic) -> Self {
        Self {
            least: traffic.clone(),
            most: traffic,
        }
    }

    fn union(&self, other: &Self) -> Self {
        Self {
            least: self.least.union(&other.least),
            most: self.most.union(&other.most),
        }
    }

    fn intersection(&self, other: &Self) -> Self {
        Self {
            least: self.least.intersection(&other.least),
            most: self.most.intersection(&other.most),
        }
    }
}

impl<'e> LeastPrivilege<'_, 'e> {
    /// Compares what the policies of the analysis let through, over all packets, with the flows.
    /// What a pod exchanges with its own node, which the engine lets through whatever the
    /// policies say, isn't held against them.
    pub fn prove(&self) -> Proof<'e> {
        let connectivity = self.analysis.connectivity();
        let expectation = Expectation::of(self);
        let differences = Mutex::new(Vec::new());
        connectivity.for_each_row(|row| {
            let different = expectation.differences(&row, &connectivity);
            let mut differences = differences.lock().unwrap_or_else(PoisonError::into_inner);
            differences.extend(different);
        });
        let mut differences = differences
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        differences.sort();
        let (all, others) = (self.analysis.endpoints.len(), expectation.others());
        Proof {
            pairs: all * all - others * others,
            counterexamples: self.by_reason(differences),
        }
    }

    /// Puts differences with the same reason together. Of many only some are explained.
    fn by_reason(&self, differences: Vec<Difference>) -> Vec<Counterexample<'e>> {
        const MOST: usize = 2_000;
        let mut places: HashMap<_, usize> = HashMap::new();
        let mut examples: Vec<Counterexample<'e>> = Vec::new();
        for (number, (ends, refuted, traffic)) in differences.into_iter().enumerate() {
            let policies = match number < MOST {
                true => self.deciding(ends, refuted, &traffic),
                false => Vec::new(),
            };
            let anchors: Vec<_> = policies.iter().map(|it| it.anchor().origin()).collect();
            let key = (refuted, traffic.clone(), anchors);
            let next = examples.len();
            let place = *places.entry(key).or_insert(next);
            if place == next {
                examples.push(Counterexample {
                    refuted,
                    traffic,
                    policies,
                    pairs: 0,
                    example: ends,
                });
            }
            examples[place].pairs += 1;
        }
        examples
    }

    /// The policies that deny, or allow, some of the traffic.
    fn deciding(
        &self,
        (source, destination): (EndpointId, EndpointId),
        refuted: Refuted,
        traffic: &Traffic,
    ) -> Vec<Object<'e>> {
        let explanation = self.analysis.explain(source, destination, traffic.clone());
        let mut found: Vec<Object<'e>> = Vec::new();
        for hop in explanation.egress.iter().chain(&explanation.ingress) {
            let is_asked = match refuted {
                Refuted::Denied => hop.action == Action::Deny || hop.condition.is_some(),
                Refuted::More => hop.action == Action::Allow,
            };
            if !is_asked {
                continue;
            }
            let policies = match &hop.decision {
                Decision::Rule { policy, .. } => vec![policy.object],
                Decision::Fallback { policies, .. } => {
                    policies.iter().map(|policy| policy.object).collect()
                }
                Decision::End | Decision::NoPolicy | Decision::OwnNode => Vec::new(),
            };
            for policy in policies {
                let at = policy.anchor().origin();
                if !found.iter().any(|known| known.anchor().origin() == at) {
                    found.push(policy);
                }
            }
        }
        found
    }
}

type Difference = ((EndpointId, EndpointId), Refuted, Traffic);

/// What the flows say of every pair.
struct Expectation<'l, 'a, 'e> {
    least: &'l LeastPrivilege<'a, 'e>,
    /// The pods that get policies.
    governed: EndpointSet,
    /// Those that answer look-ups.
    resolvers: EndpointSet,
    covered: BTreeMap<&'l End, Covered>,
    /// The flows out of and into each party, with the other end.
    out: HashMap<usize, Vec<(&'l End, &'l Traffic)>>,
    into: HashMap<usize, Vec<(&'l End, &'l Traffic)>>,
}

impl<'l, 'a, 'e> Expectation<'l, 'a, 'e> {
    fn of(least: &'l LeastPrivilege<'a, 'e>) -> Self {
        let parties = &least.parties;
        let mut expectation = Self {
            least,
            governed: EndpointSet::empty(),
            resolvers: EndpointSet::empty(),
            covered: BTreeMap::new(),
            out: HashMap::new(),
            into: HashMap::new(),
        };
        let resolving = least.analysis.endpoints.namespace(DNS.0);
        for (number, party) in parties.list.iter().enumerate() {
            if parties.is_governed(number) {
                expectation.governed.extend(&party.endpoints);
            }
            if Some(party.namespace) == resolving && party.labels.contains(&DNS.1) {
                expectation.resolvers.extend(&party.endpoints);
            }
        }
        for ((from, to), need) in &least.flows {
            for end in [from, to] {
                let covered = || Covered::by(end, parties, least.analysis);
                expectation.covered.entry(end).or_insert_with(covered);
            }
            if let End::Party(number) = from {
                let out = expectation.out.entry(*number).or_default();
                out.push((to, &need.traffic));
            }
            if let End::Party(number) = to {
                let into = expectation.into.entry(*number).or_default();
                into.push((from, &need.traffic));
            }
        }
        expectation
    }

    /// How many endpoints get no policies.
    fn others(&self) -> usize {
        self.least.analysis.endpoints.len() - self.governed.len()
    }

    /// What differs in what gets through from one source.
    fn differences(&self, row: &Row, connectivity: &Connectivity<'_, '_>) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut seen = EndpointSet::empty();
        let is_governed = self.governed.contains(row.source);
        for (outcome, destinations) in &row.cells {
            let (least, most) = self.let_through(*outcome, connectivity);
            for &destination in destinations {
                if !is_governed && !self.governed.contains(destination) {
                    continue;
                }
                seen.extend(&EndpointSet::one(destination));
                let expected = self.between(row.source, destination);
                let ends = (row.source, destination);
                let missing = expected.least.difference(&least);
                if !missing.is_empty() {
                    found.push((ends, Refuted::Denied, missing));
                }
                let surplus = most.difference(&expected.most);
                if !surplus.is_empty() {
                    found.push((ends, Refuted::More, surplus));
                }
            }
        }
        for destination in self.destinations(row.source).difference(&seen).iter() {
            let expected = self.between(row.source, destination);
            if !expected.least.is_empty() {
                let ends = (row.source, destination);
                found.push((ends, Refuted::Denied, expected.least));
            }
        }
        found
    }

    fn let_through(
        &self,
        outcome: OutcomeId,
        connectivity: &Connectivity<'_, '_>,
    ) -> (Traffic, Traffic) {
        let outcome: Outcome = connectivity.outcome(outcome);
        let mut table = self.least.analysis.table();
        let certain = outcome.certainly_allowed(&mut table);
        (
            table.get(certain).clone(),
            table.get(outcome.allowed).clone(),
        )
    }

    /// Every destination that a flow from a source leads to.
    fn destinations(&self, source: EndpointId) -> EndpointSet {
        let mut all = EndpointSet::empty();
        if let Some(party) = self.party(source) {
            for (to, _) in self.out.get(&party).into_iter().flatten() {
                let covered = &self.covered[to];
                all.extend(&covered.certain);
                all.extend(&covered.partial);
            }
            all.extend(&self.resolvers);
            return all;
        }
        for (from, to) in self.least.flows.keys() {
            let covered = &self.covered[from];
            if covered.certain.contains(source) || covered.partial.contains(source) {
                all.extend(&self.covered[to].certain);
            }
        }
        all
    }

    /// The party of a pod that gets policies.
    fn party(&self, id: EndpointId) -> Option<usize> {
        let party = self.least.parties.of_endpoint(id);
        party.filter(|_| self.governed.contains(id))
    }

    /// What the flows say of a pair: what the source may send, and the destination take. An end
    /// without policies sends and takes everything.
    fn between(&self, source: EndpointId, destination: EndpointId) -> Bounds {
        let parties = (self.party(source), self.party(destination));
        let everything = || Bounds::exactly(Traffic::full());
        let egress = match parties.0 {
            Some(party) => {
                let mut bounds = self.side(&self.out, party, destination);
                if self.resolvers.contains(destination) {
                    bounds = bounds.union(&Bounds::exactly(lookups()));
                }
                self.with_own_node(PolicyType::Egress, source, destination, bounds)
            }
            None => everything(),
        };
        let ingress = match parties.1 {
            Some(party) => {
                let bounds = self.side(&self.into, party, source);
                self.with_own_node(PolicyType::Ingress, destination, source, bounds)
            }
            None => everything(),
        };
        egress.intersection(&ingress)
    }

    /// What the flows of a party say of the other side.
    fn side(
        &self,
        flows: &HashMap<usize, Vec<(&'l End, &'l Traffic)>>,
        party: usize,
        other: EndpointId,
    ) -> Bounds {
        let mut bounds = Bounds::exactly(Traffic::empty());
        for (end, traffic) in flows.get(&party).into_iter().flatten() {
            let covered = &self.covered[end];
            let traffic = || (*traffic).clone();
            let more = if covered.certain.contains(other) {
                Bounds::exactly(traffic())
            } else if covered.possible.contains(other) {
                Bounds {
                    least: Traffic::empty(),
                    most: traffic(),
                }
            } else if covered.partial.contains(other) {
                // One answer for what is in it and what isn't can't be right.
                Bounds {
                    least: traffic(),
                    most: Traffic::empty(),
                }
            } else {
                continue;
            };
            bounds = bounds.union(&more);
        }
        bounds
    }

    /// What an engine lets through between a pod and its own node comes on top.
    fn with_own_node(
        &self,
        direction: PolicyType,
        pod: EndpointId,
        other: EndpointId,
        mut bounds: Bounds,
    ) -> Bounds {
        if self.least.analysis.is_own_node(direction, pod, other) {
            bounds.most = Traffic::full();
        }
        bounds
    }
}
