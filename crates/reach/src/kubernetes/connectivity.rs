//! All pairs at once.
//!
//! Endpoints whose policies in a direction are the same ones form a *group*, and a group is
//! walked once against everything. A group's answer is a few sets of peers with an outcome each.
//! What happens from a source to a destination is then what the source's egress group says of the
//! destination and the destination's ingress group says of the source, both together. Pairs are
//! put together source by source, for 64 sources at a time, and sources with the same answers
//! make one rectangle.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use palisade_estate::kubernetes::PolicyType;
use rayon::prelude::*;

use super::analysis::Asked;
use super::evaluation::{Applying, Outcome, Unwatched, meet_all};
use super::program::{Policy, Program};
use super::table::{TrafficId, TrafficTable};
use super::{Analysis, EndpointId, EndpointSet};

/// The number of an outcome in a [`Connectivity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutcomeId(u32);

/// Endpoints that policies of a direction treat alike.
pub struct Group {
    /// The endpoints.
    pub members: EndpointSet,
    /// What happens with which peers: disjoint sets that cover everything, the largest first.
    pub parts: Vec<(EndpointSet, OutcomeId)>,
}

/// What every endpoint may send to every other.
pub struct Connectivity<'a, 'e> {
    analysis: &'a Analysis<'e>,
    outcomes: Mutex<Outcomes>,
    ingress: Vec<Group>,
    egress: Vec<Group>,
    /// The members of the ingress groups, one group after the other, and where each begins: side
    /// by side, because all pairs ask for all of them again and again.
    destinations: Vec<EndpointId>,
    starts: Vec<usize>,
    /// The group of each endpoint.
    ingress_of: Vec<usize>,
    egress_of: Vec<usize>,
}

/// What gets through, and to which destinations, ascending. No destination is in two cells, and
/// those that nothing gets through to are in none.
pub type Cells = Vec<(OutcomeId, Vec<EndpointId>)>;

/// A source, and where it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The source.
    pub source: EndpointId,
    /// Its destinations.
    pub cells: Cells,
}

/// Sources that have the same answer for each of some destinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rectangle {
    /// The sources.
    pub sources: EndpointSet,
    /// The destinations.
    pub destinations: EndpointSet,
    /// What gets through from each of the sources to each of the destinations.
    pub outcome: Outcome,
}

/// Outcomes, each kept once, and what two of them come to.
struct Outcomes {
    list: Vec<Outcome>,
    numbers: HashMap<Outcome, OutcomeId>,
    meets: HashMap<(OutcomeId, OutcomeId), OutcomeId>,
}

impl Outcomes {
    const OPEN: OutcomeId = OutcomeId(0);

    fn new() -> Self {
        let mut outcomes = Self {
            list: Vec::new(),
            numbers: HashMap::new(),
            meets: HashMap::new(),
        };
        outcomes.number(Outcome::open());
        outcomes
    }

    fn number(&mut self, outcome: Outcome) -> OutcomeId {
        if let Some(&known) = self.numbers.get(&outcome) {
            return known;
        }
        let id = OutcomeId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.numbers.insert(outcome.clone(), id);
        self.list.push(outcome);
        id
    }

    fn get(&self, id: OutcomeId) -> &Outcome {
        &self.list[id.0 as usize]
    }

    fn meet(
        &mut self,
        left: OutcomeId,
        right: OutcomeId,
        table: &Mutex<TrafficTable>,
    ) -> OutcomeId {
        if left == Self::OPEN {
            return right;
        }
        if right == Self::OPEN || left == right {
            return left;
        }
        if let Some(&known) = self.meets.get(&(left, right)) {
            return known;
        }
        let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
        let both = self.get(left).meet(self.get(right), &mut table);
        drop(table);
        let id = self.number(both);
        self.meets.insert((left, right), id);
        id
    }
}

impl<'a, 'e> Connectivity<'a, 'e> {
    pub(super) fn of(analysis: &'a Analysis<'e>) -> Self {
        let mut outcomes = Outcomes::new();
        let mut side = |direction| groups(analysis, direction, &mut outcomes);
        let (ingress, ingress_of) = side(PolicyType::Ingress);
        let (egress, egress_of) = side(PolicyType::Egress);
        let (mut destinations, mut starts) = (Vec::with_capacity(ingress_of.len()), vec![0]);
        for group in &ingress {
            destinations.extend(group.members.iter());
            starts.push(destinations.len());
        }
        Self {
            analysis,
            outcomes: Mutex::new(outcomes),
            ingress,
            egress,
            destinations,
            starts,
            ingress_of,
            egress_of,
        }
    }

    /// The groups of a direction.
    pub fn groups(&self, direction: PolicyType) -> &[Group] {
        match direction {
            PolicyType::Ingress => &self.ingress,
            PolicyType::Egress => &self.egress,
        }
    }

    /// The group of an endpoint.
    pub fn group_of(&self, direction: PolicyType, id: EndpointId) -> &Group {
        match direction {
            PolicyType::Ingress => &self.ingress[self.ingress_of[id.index()]],
            PolicyType::Egress => &self.egress[self.egress_of[id.index()]],
        }
    }

    /// The outcome of a number.
    pub fn outcome(&self, id: OutcomeId) -> Outcome {
        self.lock().get(id).clone()
    }

    /// What gets through from one endpoint to another.
    pub fn between(&self, source: EndpointId, destination: EndpointId) -> Outcome {
        let said = |group: &Group, peer| {
            let part = group.parts.iter().find(|(peers, _)| peers.contains(peer));
            part.map_or(Outcomes::OPEN, |(_, outcome)| *outcome)
        };
        let egress = said(self.group_of(PolicyType::Egress, source), destination);
        let ingress = said(self.group_of(PolicyType::Ingress, destination), source);
        let mut outcomes = self.lock();
        let both = outcomes.meet(egress, ingress, &self.analysis.table);
        outcomes.get(both).clone()
    }

    /// All pairs as rectangles that don't overlap, in the order of their sources. Pairs of
    /// outside addresses are left out, and so is where nothing gets through. Among the pairs is
    /// every endpoint with itself, which stands for traffic between pods that are alike: a single
    /// pod always reaches itself.
    pub fn rectangles(&self) -> Vec<Rectangle> {
        let rows: Mutex<HashMap<Cells, EndpointSet>> = Mutex::default();
        self.for_each_row(|row| {
            let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            let alike = rows.entry(row.cells).or_default();
            alike.extend(&EndpointSet::one(row.source));
        });
        let rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_unstable_by_key(|(_, sources)| sources.first());
        let outcomes = self.lock();
        let mut rectangles = Vec::new();
        for (mut cells, sources) in rows {
            cells.sort_unstable_by_key(|(_, destinations)| destinations.first().copied());
            rectangles.extend(cells.into_iter().map(|(outcome, destinations)| Rectangle {
                sources: sources.clone(),
                destinations: destinations.into_iter().collect(),
                outcome: outcomes.get(outcome).clone(),
            }));
        }
        rectangles
    }

    /// Calls `visit` with the row of every source, in no order and from several threads. Nothing
    /// is kept, so that clusters of any size can be gone through.
    pub fn for_each_row(&self, visit: impl Fn(Row) + Sync + Send) {
        let blocks = self.ingress_of.len().div_ceil(BLOCK * 64);
        (0..blocks).into_par_iter().for_each_init(
            || RowMaker::new(self),
            |maker, block| maker.block(block, &visit),
        );
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Outcomes> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sources of a block, in words of 64: as many as a line of the processor's cache holds.
const BLOCK: usize = 8;

/// Makes the rows of one block of sources after the other, on one thread.
struct RowMaker<'c, 'a, 'e> {
    all: &'c Connectivity<'a, 'e>,
    outside: EndpointSet,
    /// What was asked of the shared outcomes already, by the outcomes of egress and ingress.
    meets: Vec<Vec<Met>>,
    /// The place in the row of each outcome that is in it.
    places: Vec<Option<usize>>,
}

/// What two outcomes come to.
#[derive(Clone, Copy)]
enum Met {
    /// It wasn't asked yet.
    Open,
    /// Nothing gets through.
    Nothing,
    /// This.
    Outcome(OutcomeId),
}

impl<'c, 'a, 'e> RowMaker<'c, 'a, 'e> {
    fn new(all: &'c Connectivity<'a, 'e>) -> Self {
        Self {
            all,
            outside: all.analysis.endpoints.outside(),
            meets: Vec::new(),
            places: Vec::new(),
        }
    }

    fn block(&mut self, block: usize, visit: &impl Fn(Row)) {
        let all = self.all;
        let count = all.ingress_of.len();
        let first = block * BLOCK * 64;
        let sources = first..count.min(first + BLOCK * 64);
        // For each source of the block the destination groups that let something through, with
        // what they say. Most say nothing, so that only the others are written down.
        let mut said: Vec<Vec<(OutcomeId, u32)>> = vec![Vec::new(); sources.len()];
        for (number, group) in (0..).zip(&all.ingress) {
            for (peers, outcome) in &group.parts {
                if self.meet(Outcomes::OPEN, *outcome).is_none() {
                    continue;
                }
                for place in 0..BLOCK {
                    let mut word = peers.word(block * BLOCK + place);
                    while word != 0 {
                        let bit = word.trailing_zeros() as usize;
                        if let Some(answers) = said.get_mut(place * 64 + bit) {
                            answers.push((*outcome, number));
                        }
                        word &= word - 1;
                    }
                }
            }
        }
        for (source, answers) in sources.zip(said) {
            let source = EndpointId(u32::try_from(source).unwrap_or(u32::MAX));
            let cells = self.cells(source, &answers);
            visit(Row { source, cells });
        }
    }

    fn cells(&mut self, source: EndpointId, answers: &[(OutcomeId, u32)]) -> Cells {
        let all = self.all;
        let is_outside = self.outside.contains(source);
        let egress = &all.egress[all.egress_of[source.index()]].parts;
        let mut cells = Cells::new();
        for &(answer, group) in answers {
            let group = group as usize;
            for &member in &all.destinations[all.starts[group]..all.starts[group + 1]] {
                let part = egress.iter().find(|(peers, _)| peers.contains(member));
                let Some(outcome) = part.and_then(|(_, said)| self.meet(*said, answer)) else {
                    continue;
                };
                if is_outside && self.outside.contains(member) {
                    continue;
                }
                let next = cells.len();
                let place = *self.place(outcome).get_or_insert(next);
                if place == next {
                    cells.push((outcome, Vec::new()));
                }
                cells[place].1.push(member);
            }
        }
        for (outcome, destinations) in &mut cells {
            *self.place(*outcome) = None;
            destinations.sort_unstable();
        }
        cells.sort_unstable_by_key(|(outcome, _)| *outcome);
        cells
    }

    fn place(&mut self, outcome: OutcomeId) -> &mut Option<usize> {
        at(&mut self.places, outcome, None)
    }

    /// What two outcomes come to; nothing if nothing gets through.
    fn meet(&mut self, egress: OutcomeId, ingress: OutcomeId) -> Option<OutcomeId> {
        let all = self.all;
        let met = at(at(&mut self.meets, egress, Vec::new()), ingress, Met::Open);
        if let Met::Open = met {
            let mut outcomes = all.lock();
            let both = outcomes.meet(egress, ingress, &all.analysis.table);
            *met = match outcomes.get(both).allowed {
                TrafficId::NONE => Met::Nothing,
                _ => Met::Outcome(both),
            };
        }
        match *met {
            Met::Outcome(both) => Some(both),
            Met::Open | Met::Nothing => None,
        }
    }
}

/// The entry of an outcome in a list by outcomes, which grows as it has to.
fn at<T: Clone>(list: &mut Vec<T>, outcome: OutcomeId, filling: T) -> &mut T {
    let index = outcome.0 as usize;
    if list.len() <= index {
        list.resize(index + 1, filling);
    }
    &mut list[index]
}

/// The groups of a direction, and the group of each endpoint.
fn groups(
    analysis: &Analysis<'_>,
    direction: PolicyType,
    outcomes: &mut Outcomes,
) -> (Vec<Group>, Vec<usize>) {
    let signatures = signatures(&analysis.program, direction, analysis.endpoints.len());
    let mut numbers: HashMap<_, usize> = HashMap::new();
    let mut members: Vec<Vec<EndpointId>> = Vec::new();
    let mut group_of = Vec::with_capacity(signatures.len());
    for (id, signature) in (0..u32::MAX).map(EndpointId).zip(signatures) {
        // What is let through whatever the policies say matters where there are policies.
        let beside = (!signature.is_empty()).then(|| {
            let own_node = analysis.own_nodes.number(direction, id);
            (own_node, analysis.ambient.membership(id))
        });
        let number = *numbers.entry((signature, beside)).or_insert(members.len());
        if number == members.len() {
            members.push(Vec::new());
        }
        members[number].push(id);
        group_of.push(number);
    }
    let mut table = analysis.table();
    let all = analysis.endpoints.all();
    let selecting = Selecting::of(&analysis.program, direction, analysis.endpoints.len());
    let groups = members.into_iter().map(|members| {
        let first = members[0];
        let applying = selecting.layers(first);
        let layers = analysis.program.layers(direction).iter().zip(&applying);
        let layers = layers.map(|(layer, applying)| {
            let asked = Asked {
                direction,
                subject: first,
                peers: &all,
                traffic: TrafficId::ALL,
            };
            analysis.walk(layer, applying, asked, &mut table, &mut Unwatched)
        });
        let layers = layers.collect();
        let mut parts = meet_all(layers, &all, &mut table);
        parts.sort_by_cached_key(|(peers, _)| std::cmp::Reverse(peers.len()));
        let parts = parts.into_iter();
        Group {
            members: members.into_iter().collect(),
            parts: parts
                .map(|(peers, outcome)| (peers, outcomes.number(outcome)))
                .collect(),
        }
    });
    (groups.collect(), group_of)
}

/// For each endpoint the numbers of the policies that select it, and of the rules that are about
/// some of a policy's subjects only and about this one. Equal lists are walked alike.
pub(super) fn signatures(
    program: &Program<'_>,
    direction: PolicyType,
    count: usize,
) -> Vec<Vec<u32>> {
    let mut signatures = vec![Vec::new(); count];
    let mut number = 0;
    for policy in policies(program, direction) {
        number += 1;
        for subject in policy.subjects.iter() {
            signatures[subject.index()].push(number);
        }
        for rule in &policy.rules {
            let Some(subjects) = &rule.subjects else {
                continue;
            };
            number += 1;
            for subject in subjects.intersection(&policy.subjects).iter() {
                signatures[subject.index()].push(number);
            }
        }
    }
    signatures
}

fn policies<'p, 'e>(
    program: &'p Program<'e>,
    direction: PolicyType,
) -> impl Iterator<Item = &'p Policy<'e>> {
    let stages = program
        .layers(direction)
        .iter()
        .flat_map(|layer| &layer.stages);
    stages.flat_map(|stage| &stage.policies)
}

/// Which policies select which endpoint, for all endpoints at once.
struct Selecting<'p, 'e> {
    program: &'p Program<'e>,
    direction: PolicyType,
    /// For each endpoint layer, stage and policy, in the order in which they are asked.
    places: Vec<Vec<(u32, u32, u32)>>,
}

impl<'p, 'e> Selecting<'p, 'e> {
    fn of(program: &'p Program<'e>, direction: PolicyType, count: usize) -> Self {
        let mut places = vec![Vec::new(); count];
        for (layer, inner) in (0..).zip(program.layers(direction)) {
            for (stage, inner) in (0..).zip(&inner.stages) {
                for (policy, inner) in (0..).zip(&inner.policies) {
                    for subject in inner.subjects.iter() {
                        places[subject.index()].push((layer, stage, policy));
                    }
                }
            }
        }
        Self {
            program,
            direction,
            places,
        }
    }

    fn layers(&self, subject: EndpointId) -> Vec<Applying<'p, 'e>> {
        let layers = self.program.layers(self.direction);
        let mut applying: Vec<Applying<'p, 'e>> = layers
            .iter()
            .map(|layer| {
                let stages = layer.stages.iter();
                stages.map(|stage| (stage, Vec::new())).collect()
            })
            .collect();
        for &(layer, stage, policy) in &self.places[subject.index()] {
            let (stage, policies) = &mut applying[layer as usize][stage as usize];
            policies.push(&stage.policies[policy as usize]);
        }
        applying
    }
}
