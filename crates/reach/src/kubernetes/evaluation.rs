//! The one evaluator: what an endpoint's policies do with traffic to or from others.
//!
//! A walk starts with a set of peers and all traffic. Each rule splits the peers into those that
//! it matches and the rest, and takes from the matched ones the traffic that it decides. What
//! hangs on a condition may be decided and may go on, so that it does both. At the end every peer
//! has the traffic that *may* be allowed and the traffic that *may* be denied; what is in only
//! one of them is certain.

use palisade_packet::{Header, Set};

use super::program::{Action, Fallback, Layer, OwnNode, Policy, Rule, Stage};
use super::table::{ConditionId, TrafficId, TrafficTable};
use super::translator::Selected;
use super::{EndpointId, EndpointSet};

/// What happens to traffic, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    /// What may be allowed.
    pub allowed: TrafficId,
    /// What may be denied. Together with `allowed` this is everything.
    pub denied: TrafficId,
    /// What the traffic in both hangs on.
    pub conditions: Vec<(TrafficId, ConditionId)>,
}

/// What happens to one packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It gets through.
    Allowed,
    /// It is dropped.
    Denied,
    /// It hangs on something: at least one of these.
    Uncertain(Vec<ConditionId>),
}

/// What happens between two endpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What the source's policies say.
    pub egress: Outcome,
    /// What the destination's policies say.
    pub ingress: Outcome,
    /// Both together.
    pub both: Outcome,
}

impl Outcome {
    /// Everything is allowed.
    pub fn open() -> Self {
        Self {
            allowed: TrafficId::ALL,
            denied: TrafficId::NONE,
            conditions: Vec::new(),
        }
    }

    /// What gets through only if both let it.
    #[must_use]
    pub fn meet(&self, other: &Self, table: &mut TrafficTable) -> Self {
        let allowed = table.intersection(self.allowed, other.allowed);
        let denied = table.union(self.denied, other.denied);
        let mut conditions = self.conditions.clone();
        conditions.extend(&other.conditions);
        Self::of(allowed, denied, conditions, table)
    }

    /// What happens to some of the traffic.
    pub(super) fn within(self, traffic: TrafficId, table: &mut TrafficTable) -> Self {
        let allowed = table.intersection(self.allowed, traffic);
        let denied = table.intersection(self.denied, traffic);
        Self::of(allowed, denied, self.conditions, table)
    }

    /// Keeps of the conditions what is about traffic that is in doubt.
    pub(super) fn of(
        allowed: TrafficId,
        denied: TrafficId,
        mut conditions: Vec<(TrafficId, ConditionId)>,
        table: &mut TrafficTable,
    ) -> Self {
        if !conditions.is_empty() {
            let open = table.intersection(allowed, denied);
            for (traffic, _) in &mut conditions {
                *traffic = table.intersection(*traffic, open);
            }
            conditions.retain(|(traffic, _)| *traffic != TrafficId::NONE);
            conditions.sort_unstable();
            conditions.dedup();
        }
        Self {
            allowed,
            denied,
            conditions,
        }
    }

    /// What is allowed for certain.
    pub fn certainly_allowed(&self, table: &mut TrafficTable) -> TrafficId {
        table.difference(self.allowed, self.denied)
    }

    /// What may be allowed and may be denied.
    pub fn uncertain(&self, table: &mut TrafficTable) -> TrafficId {
        table.intersection(self.allowed, self.denied)
    }

    /// What happens to one packet.
    pub fn verdict(&self, header: &Header, table: &TrafficTable) -> Verdict {
        let holds = |id: TrafficId| table.get(id).contains(header);
        match (holds(self.allowed), holds(self.denied)) {
            (true, false) => Verdict::Allowed,
            (_, false) | (false, true) => Verdict::Denied,
            (true, true) => {
                let about = self
                    .conditions
                    .iter()
                    .filter(|(traffic, _)| holds(*traffic));
                let mut conditions: Vec<_> = about.map(|(_, condition)| *condition).collect();
                conditions.sort_unstable();
                conditions.dedup();
                Verdict::Uncertain(conditions)
            }
        }
    }
}

/// The policies of a layer that select an endpoint, stage by stage.
pub(super) type Applying<'p, 'e> = Vec<(&'p Stage<'e>, Vec<&'p Policy<'e>>)>;

/// The policies of a layer that select an endpoint.
pub(super) fn applying<'p, 'e>(layer: &'p Layer<'e>, subject: EndpointId) -> Applying<'p, 'e> {
    let of_stage = |stage: &'p Stage<'e>| {
        let policies = stage.policies.iter();
        (
            stage,
            policies.filter(|policy| policy.selects(subject)).collect(),
        )
    };
    layer.stages.iter().map(of_stage).collect()
}

/// What is told of a walk while it goes on.
pub(super) trait Witness<'p, 'e> {
    /// A rule matches some of the traffic that is still open with some of the peers.
    fn rule(
        &mut self,
        stage: &'p Stage<'e>,
        policy: &'p Policy<'e>,
        rule: &'p Rule,
        traffic: TrafficId,
    );
    /// Traffic that no rule of a stage took meets the stage's fallback.
    fn fallback(&mut self, stage: &'p Stage<'e>, policies: &[&'p Policy<'e>], traffic: TrafficId);
    /// Traffic of the pod's own node, or of what may be it, is let through.
    fn own_node(&mut self, traffic: TrafficId, condition: Option<ConditionId>);
    /// Traffic reached the end of the layer.
    fn end(&mut self, traffic: TrafficId);
}

/// Nobody who looks on.
pub(super) struct Unwatched;

impl<'p, 'e> Witness<'p, 'e> for Unwatched {
    fn rule(&mut self, _: &'p Stage<'e>, _: &'p Policy<'e>, _: &'p Rule, _: TrafficId) {}
    fn fallback(&mut self, _: &'p Stage<'e>, _: &[&'p Policy<'e>], _: TrafficId) {}
    fn own_node(&mut self, _: TrafficId, _: Option<ConditionId>) {}
    fn end(&mut self, _: TrafficId) {}
}

/// What a layer is asked.
#[derive(Clone, Copy)]
pub(super) struct Question<'q> {
    /// Whose policies are walked.
    pub(super) subject: EndpointId,
    /// The other side.
    pub(super) peers: &'q EndpointSet,
    /// What goes between them.
    pub(super) traffic: TrafficId,
    /// When the subject's own node is let through, and who that is.
    pub(super) own_node: (OwnNode, &'q Selected),
}

/// What comes to the end of a layer with nothing having decided it.
#[derive(Clone, Debug)]
pub(super) struct Undecided {
    /// What does so for certain.
    pub(super) surely: TrafficId,
    /// What does so or may.
    pub(super) perhaps: TrafficId,
    /// What that hangs on.
    pub(super) conditions: Vec<ConditionId>,
}

impl Undecided {
    /// Where there is no layer, everything.
    pub(super) fn everything() -> Self {
        Self {
            surely: TrafficId::ALL,
            perhaps: TrafficId::ALL,
            conditions: Vec::new(),
        }
    }

    /// What comes to the end of both.
    pub(super) fn meet(&self, other: &Self, table: &mut TrafficTable) -> Self {
        let conditions = self.conditions.iter().chain(&other.conditions);
        Self {
            surely: table.intersection(self.surely, other.surely),
            perhaps: table.intersection(self.perhaps, other.perhaps),
            conditions: conditions.copied().collect(),
        }
    }

    fn of(state: State, table: &mut TrafficTable) -> Self {
        let decided = table.union(state.allowed, state.denied);
        let doubtful = table.intersection(state.open, decided);
        let about = state.conditions.into_iter();
        let about =
            about.filter(|(traffic, _)| table.intersection(*traffic, doubtful) != TrafficId::NONE);
        Self {
            conditions: about.map(|(_, condition)| condition).collect(),
            surely: table.difference(state.open, decided),
            perhaps: state.open,
        }
    }
}

/// Peers to whom the same has happened so far.
#[derive(Clone)]
struct Part {
    peers: EndpointSet,
    state: State,
}

/// What has happened so far.
#[derive(Clone, PartialEq, Eq)]
struct State {
    /// Traffic that the next rule sees.
    open: TrafficId,
    /// Traffic that a rule of this stage left to the next one.
    passed: TrafficId,
    allowed: TrafficId,
    denied: TrafficId,
    conditions: Vec<(TrafficId, ConditionId)>,
}

/// What something decides about whom.
struct Decided<'d> {
    action: Action,
    peers: &'d EndpointSet,
    traffic: TrafficId,
    condition: Option<ConditionId>,
}

/// A walk through one layer.
pub(super) struct Walk<'t> {
    pub(super) table: &'t mut TrafficTable,
    parts: Vec<Part>,
}

impl<'t> Walk<'t> {
    /// Walks a layer with some peers and some traffic. The parts of the answer are disjoint,
    /// cover the peers, and differ in their outcomes.
    pub(super) fn layer<'p, 'e: 'p>(
        applying: &Applying<'p, 'e>,
        question: Question<'_>,
        table: &'t mut TrafficTable,
        witness: &mut impl Witness<'p, 'e>,
    ) -> Vec<(EndpointSet, Outcome)> {
        Self::through(applying, question, table, witness).finish(witness)
    }

    /// Walks a layer likewise, and tells what nothing in it decides.
    pub(super) fn undecided<'p, 'e: 'p>(
        applying: &Applying<'p, 'e>,
        question: Question<'_>,
        table: &'t mut TrafficTable,
    ) -> Vec<(EndpointSet, Undecided)> {
        let walk = Self::through(applying, question, table, &mut Unwatched);
        let Self { table, parts } = walk;
        let told = parts.into_iter();
        told.map(|part| (part.peers, Undecided::of(part.state, table)))
            .collect()
    }

    fn through<'p, 'e: 'p>(
        applying: &Applying<'p, 'e>,
        question: Question<'_>,
        table: &'t mut TrafficTable,
        witness: &mut impl Witness<'p, 'e>,
    ) -> Self {
        let state = State {
            open: question.traffic,
            passed: TrafficId::NONE,
            allowed: TrafficId::NONE,
            denied: TrafficId::NONE,
            conditions: Vec::new(),
        };
        let peers = question.peers.clone();
        let mut walk = Self {
            table,
            parts: vec![Part { peers, state }],
        };
        let mut asked = applying
            .iter()
            .filter(|(_, policies)| !policies.is_empty())
            .peekable();
        if asked.peek().is_some() && question.own_node.0 == OwnNode::First {
            walk.admit(question.own_node.1, witness);
        }
        for (stage, policies) in asked {
            walk.stage(stage, policies, question, witness);
        }
        walk
    }

    fn stage<'p, 'e: 'p>(
        &mut self,
        stage: &'p Stage<'e>,
        policies: &[&'p Policy<'e>],
        question: Question<'_>,
        witness: &mut impl Witness<'p, 'e>,
    ) {
        let denies = |policy: &&&Policy<'_>| {
            let mut rules = policy.rules.iter();
            !policy.isolates && rules.all(|rule| rule.action == Action::Deny)
        };
        let denying = policies.iter().take_while(denies).count();
        for (number, policy) in policies.iter().enumerate() {
            if number == denying && question.own_node.0 == OwnNode::AfterDenials {
                self.admit(question.own_node.1, witness);
            }
            for rule in &policy.rules {
                if rule.is_about(question.subject) {
                    self.rule(stage, policy, rule, witness);
                }
            }
        }
        // A policy that isn't sure to be there leaves open whether the fallback is met.
        let isolating = policies.iter().filter(|policy| policy.isolates);
        let is_sure = isolating.clone().any(|policy| policy.condition.is_none());
        let doubt = isolating.filter_map(|policy| policy.condition).next();
        let is_met = (is_sure || doubt.is_some()) && stage.fallback != Fallback::Next;
        for part in &mut self.parts {
            let state = &mut part.state;
            if is_met && state.open != TrafficId::NONE {
                witness.fallback(stage, policies, state.open);
                let fate = match stage.fallback {
                    Fallback::Allow => &mut state.allowed,
                    _ => &mut state.denied,
                };
                *fate = self.table.union(*fate, state.open);
                if is_sure {
                    state.open = TrafficId::NONE;
                } else if let Some(doubt) = doubt {
                    state.conditions.push((state.open, doubt));
                }
            }
            state.open = self.table.union(state.open, state.passed);
            state.passed = TrafficId::NONE;
        }
        self.merge();
    }

    fn rule<'p, 'e: 'p>(
        &mut self,
        stage: &'p Stage<'e>,
        policy: &'p Policy<'e>,
        rule: &'p Rule,
        witness: &mut impl Witness<'p, 'e>,
    ) {
        let decided = Decided {
            action: rule.action,
            peers: &rule.peers.endpoints,
            traffic: rule.traffic,
            condition: rule.condition.or(policy.condition),
        };
        self.decide(decided, |taken| witness.rule(stage, policy, rule, taken));
    }

    /// Lets the pod's own node through.
    fn admit<'p, 'e: 'p>(&mut self, own: &Selected, witness: &mut impl Witness<'p, 'e>) {
        for (peers, condition) in [(&own.certain, None), (&own.possible, own.condition)] {
            let decided = Decided {
                action: Action::Allow,
                peers,
                traffic: TrafficId::ALL,
                condition,
            };
            self.decide(decided, |taken| witness.own_node(taken, condition));
        }
    }

    /// Takes from the peers that something decides about the traffic that it decides.
    fn decide(&mut self, decided: Decided<'_>, mut tell: impl FnMut(TrafficId)) {
        let mut split = Vec::new();
        for part in &mut self.parts {
            let taken = self.table.intersection(part.state.open, decided.traffic);
            if taken == TrafficId::NONE || part.peers.is_disjoint(decided.peers) {
                continue;
            }
            tell(taken);
            let mut state = part.state.clone();
            let fate = match decided.action {
                Action::Allow => &mut state.allowed,
                Action::Deny => &mut state.denied,
                Action::Pass => &mut state.passed,
            };
            *fate = self.table.union(*fate, taken);
            match decided.condition {
                Some(condition) => state.conditions.push((taken, condition)),
                None => state.open = self.table.difference(state.open, taken),
            }
            if part.peers.is_subset(decided.peers) {
                part.state = state;
            } else {
                let peers = part.peers.intersection(decided.peers);
                part.peers = part.peers.difference(decided.peers);
                split.push(Part { peers, state });
            }
        }
        if !split.is_empty() {
            self.parts.extend(split);
            self.merge();
        }
    }

    /// Makes parts to whom the same has happened one.
    fn merge(&mut self) {
        let mut merged: Vec<Part> = Vec::with_capacity(self.parts.len());
        for part in self.parts.drain(..) {
            match merged.iter_mut().find(|known| known.state == part.state) {
                Some(known) => known.peers.extend(&part.peers),
                None => merged.push(part),
            }
        }
        self.parts = merged;
    }

    /// What is still open at the end is allowed.
    fn finish<'p, 'e: 'p>(
        mut self,
        witness: &mut impl Witness<'p, 'e>,
    ) -> Vec<(EndpointSet, Outcome)> {
        let mut outcomes: Vec<(EndpointSet, Outcome)> = Vec::with_capacity(self.parts.len());
        for part in std::mem::take(&mut self.parts) {
            let State {
                open,
                allowed,
                denied,
                conditions,
                ..
            } = part.state;
            if open != TrafficId::NONE {
                witness.end(open);
            }
            let allowed = self.table.union(allowed, open);
            let outcome = Outcome::of(allowed, denied, conditions, self.table);
            match outcomes.iter_mut().find(|(_, known)| *known == outcome) {
                Some((peers, _)) => peers.extend(&part.peers),
                None => outcomes.push((part.peers, outcome)),
            }
        }
        outcomes
    }
}

/// What all layers together say: the parts of one cut by those of the other.
pub(super) fn meet_all(
    layers: Vec<Vec<(EndpointSet, Outcome)>>,
    peers: &EndpointSet,
    table: &mut TrafficTable,
) -> Vec<(EndpointSet, Outcome)> {
    let mut layers = layers.into_iter();
    let Some(mut all) = layers.next() else {
        return vec![(peers.clone(), Outcome::open())];
    };
    for layer in layers {
        let mut cut: Vec<(EndpointSet, Outcome)> = Vec::new();
        for (left, here) in &all {
            for (right, there) in &layer {
                let both = left.intersection(right);
                if both.is_empty() {
                    continue;
                }
                let outcome = here.meet(there, table);
                match cut.iter_mut().find(|(_, known)| *known == outcome) {
                    Some((peers, _)) => peers.extend(&both),
                    None => cut.push((both, outcome)),
                }
            }
        }
        all = cut;
    }
    all
}
