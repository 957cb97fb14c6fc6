//! Sets of traffic and conditions, each kept once.

use std::collections::HashMap;

use palisade_packet::{Set, Traffic};

use super::Condition;

/// The number of a set of traffic in its [`TrafficTable`]. Equal sets have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrafficId(u32);

impl TrafficId {
    /// No traffic at all, in every table.
    pub const NONE: Self = Self(0);
    /// All traffic, in every table.
    pub const ALL: Self = Self(1);

    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The number of a condition in its [`TrafficTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConditionId(u32);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

/// Sets of traffic by number, and what combining them gave: clusters use few different sets, and
/// the same pairs meet again and again.
pub struct TrafficTable {
    sets: Vec<Traffic>,
    numbers: HashMap<Traffic, TrafficId>,
    results: HashMap<(Operation, TrafficId, TrafficId), TrafficId>,
    conditions: Vec<Condition>,
    condition_numbers: HashMap<Condition, ConditionId>,
}

impl Default for TrafficTable {
    fn default() -> Self {
        let mut table = Self {
            sets: Vec::new(),
            numbers: HashMap::new(),
            results: HashMap::new(),
            conditions: Vec::new(),
            condition_numbers: HashMap::new(),
        };
        table.number(Traffic::empty());
        table.number(Traffic::full());
        table
    }
}

impl TrafficTable {
    /// The number of a set.
    pub fn number(&mut self, set: Traffic) -> TrafficId {
        if let Some(&known) = self.numbers.get(&set) {
            return known;
        }
        let id = TrafficId(u32::try_from(self.sets.len()).unwrap_or(u32::MAX));
        self.numbers.insert(set.clone(), id);
        self.sets.push(set);
        id
    }

    /// The set of a number.
    pub fn get(&self, id: TrafficId) -> &Traffic {
        &self.sets[id.index()]
    }

    /// The number of a condition.
    pub fn condition_number(&mut self, condition: Condition) -> ConditionId {
        if let Some(&known) = self.condition_numbers.get(&condition) {
            return known;
        }
        let id = ConditionId(u32::try_from(self.conditions.len()).unwrap_or(u32::MAX));
        self.condition_numbers.insert(condition.clone(), id);
        self.conditions.push(condition);
        id
    }

    /// The condition of a number.
    pub fn condition(&self, id: ConditionId) -> &Condition {
        &self.conditions[id.0 as usize]
    }

    /// How many different sets there are.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Never: every table holds the empty and the full set.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// What is in either set.
    pub fn union(&mut self, left: TrafficId, right: TrafficId) -> TrafficId {
        if left == right || right == TrafficId::NONE || left == TrafficId::ALL {
            return left;
        }
        if left == TrafficId::NONE || right == TrafficId::ALL {
            return right;
        }
        let key = (left.min(right), left.max(right));
        self.combine(Operation::Union, key, Traffic::union)
    }

    /// What is in both sets.
    pub fn intersection(&mut self, left: TrafficId, right: TrafficId) -> TrafficId {
        if left == right || left == TrafficId::NONE || right == TrafficId::ALL {
            return left;
        }
        if right == TrafficId::NONE || left == TrafficId::ALL {
            return right;
        }
        let key = (left.min(right), left.max(right));
        self.combine(Operation::Intersection, key, Traffic::intersection)
    }

    /// What is in the left set and not in the right one.
    pub fn difference(&mut self, left: TrafficId, right: TrafficId) -> TrafficId {
        if right == TrafficId::NONE || left == TrafficId::NONE {
            return left;
        }
        if left == right || right == TrafficId::ALL {
            return TrafficId::NONE;
        }
        self.combine(Operation::Difference, (left, right), Traffic::difference)
    }

    fn combine(
        &mut self,
        operation: Operation,
        (left, right): (TrafficId, TrafficId),
        compute: fn(&Traffic, &Traffic) -> Traffic,
    ) -> TrafficId {
        if let Some(&known) = self.results.get(&(operation, left, right)) {
            return known;
        }
        let result = compute(self.get(left), self.get(right));
        let id = self.number(result);
        self.results.insert((operation, left, right), id);
        id
    }
}
