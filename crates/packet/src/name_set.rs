//! Sets of domain names.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::Hash;

use crate::name::{NamePattern, plain};

/// A set of domain names: labels that aren't empty, with dots between them. Letter case and a
/// final dot are of no account.
///
/// It is kept as the least automaton that reads just these names, its states numbered in the
/// order in which they are found, so that equal sets are equal values. Patterns with many
/// wildcards can need an automaton of exponential size; where more than [`NameSet::MOST_STATES`]
/// would be needed an operation gives nothing instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameSet {
    states: Vec<State>,
}

/// Where reading has come to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct State {
    /// Whether the name may end here.
    is_end: bool,
    /// Where single characters lead, in their order.
    steps: Vec<(char, u32)>,
    /// Where all other characters lead.
    otherwise: u32,
}

/// An automaton that isn't the least one yet, described state by state.
trait Automaton {
    type State: Clone + Eq + Hash;

    fn start(&self) -> Self::State;
    fn is_end(&self, state: &Self::State) -> bool;
    /// The characters that a state tells from all others.
    fn letters(&self, state: &Self::State) -> BTreeSet<char>;
    /// Where a character leads, or any that isn't among the letters.
    fn step(&self, state: &Self::State, letter: Option<char>) -> Self::State;
}

impl NameSet {
    /// The greatest number of states that a set may have.
    pub const MOST_STATES: usize = 1024;

    /// No name.
    pub fn empty() -> Self {
        Self {
            states: vec![State {
                is_end: false,
                steps: Vec::new(),
                otherwise: 0,
            }],
        }
    }

    /// Every name.
    pub fn full() -> Self {
        // A label begins, nothing can follow, and within a label.
        let state = |is_end, dot, otherwise| State {
            is_end,
            steps: vec![('.', dot)],
            otherwise,
        };
        let mut states = vec![state(false, 1, 2), state(false, 1, 1), state(true, 0, 2)];
        states[1].steps.clear();
        Self { states }
    }

    /// The names that a pattern matches.
    pub fn of(pattern: &NamePattern) -> Option<Self> {
        least(&Reader::of(pattern))
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        *self == Self::empty()
    }

    /// Whether a name is in the set.
    pub fn contains(&self, name: &str) -> bool {
        let end = plain(name)
            .chars()
            .fold(0, |state, c| self.step(state, Some(c)));
        self.states[end as usize].is_end
    }

    /// A name of the set, one of the shortest.
    pub fn witness(&self) -> Option<String> {
        let mut seen = HashSet::from([0]);
        let mut queue = VecDeque::from([(0, String::new())]);
        while let Some((number, name)) = queue.pop_front() {
            let state = &self.states[number as usize];
            if state.is_end {
                return Some(name);
            }
            let is_free = |c: &char| *c != '.' && state.steps.iter().all(|(own, _)| own != c);
            let other = ('a'..=char::MAX).find(is_free);
            let steps = state.steps.iter().copied();
            for (c, target) in steps.chain(other.map(|c| (c, state.otherwise))) {
                if seen.insert(target) {
                    queue.push_back((target, format!("{name}{c}")));
                }
            }
        }
        None
    }

    /// What is in either set.
    pub fn union(&self, other: &Self) -> Option<Self> {
        self.combine(other, |left, right| left || right)
    }

    /// What is in both sets.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        self.combine(other, |left, right| left && right)
    }

    /// What is in this set and not in the other.
    pub fn difference(&self, other: &Self) -> Option<Self> {
        self.combine(other, |left, right| left && !right)
    }

    /// Whether all names are in the other set.
    pub fn is_subset(&self, other: &Self) -> bool {
        !self.finds(other, |left, right| left && !right)
    }

    /// Whether no name is in both sets.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        !self.finds(other, |left, right| left && right)
    }

    fn step(&self, state: u32, letter: Option<char>) -> u32 {
        let state = &self.states[state as usize];
        let known = letter.and_then(|c| {
            let place = state.steps.binary_search_by_key(&c, |(own, _)| *own);
            place.ok().map(|place| state.steps[place].1)
        });
        known.unwrap_or(state.otherwise)
    }

    fn combine(&self, other: &Self, is_end: fn(bool, bool) -> bool) -> Option<Self> {
        least(&Both {
            left: self,
            right: other,
            is_end,
        })
    }

    /// Whether some name's being in either set is as asked.
    fn finds(&self, other: &Self, is_it: fn(bool, bool) -> bool) -> bool {
        let both = Both {
            left: self,
            right: other,
            is_end: is_it,
        };
        let mut seen = HashSet::from([both.start()]);
        let mut open = vec![both.start()];
        while let Some(state) = open.pop() {
            if both.is_end(&state) {
                return true;
            }
            let letters = both.letters(&state).into_iter().map(Some);
            for letter in letters.chain([None]) {
                let next = both.step(&state, letter);
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        false
    }
}

/// The least automaton that reads the same; nothing if it has too many states on the way there.
fn least<A: Automaton>(automaton: &A) -> Option<NameSet> {
    // Before what is alike is one there may be more.
    let states = found(automaton, NameSet::MOST_STATES * 4)?;
    let least = numbered(&states, &classes(&states));
    (least.states.len() <= NameSet::MOST_STATES).then_some(least)
}

/// All states that names lead to.
fn found<A: Automaton>(automaton: &A, most: usize) -> Option<Vec<State>> {
    let mut numbers = HashMap::from([(automaton.start(), 0)]);
    let mut open = vec![automaton.start()];
    let mut states = Vec::new();
    while let Some(state) = open.get(states.len()).cloned() {
        let mut target = |letter| {
            let next = automaton.step(&state, letter);
            let fresh = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(next.clone()).or_insert_with(|| {
                open.push(next);
                fresh
            })
        };
        let otherwise = target(None);
        let letters = automaton.letters(&state).into_iter();
        let steps = letters.map(|c| (c, target(Some(c))));
        states.push(State {
            steps: steps.collect(),
            is_end: automaton.is_end(&state),
            otherwise,
        });
        if open.len() > most {
            return None;
        }
    }
    Some(states)
}

/// The class of each state: those of one class read the same.
fn classes(states: &[State]) -> Vec<u32> {
    let mut classes: Vec<u32> = states.iter().map(|state| u32::from(state.is_end)).collect();
    let mut count = 0;
    loop {
        let mut numbers = HashMap::new();
        let finer: Vec<u32> = states
            .iter()
            .zip(&classes)
            .map(|(state, own)| {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                *numbers
                    .entry((*own, merged(state, &classes)))
                    .or_insert(next)
            })
            .collect();
        classes = finer;
        if numbers.len() == count {
            return classes;
        }
        count = numbers.len();
    }
}

/// Where a state leads, in classes, without characters that lead where all others do.
fn merged(state: &State, classes: &[u32]) -> (Vec<(char, u32)>, u32) {
    let class = |target: u32| classes[target as usize];
    let otherwise = class(state.otherwise);
    let steps = state.steps.iter().map(|(c, target)| (*c, class(*target)));
    (
        steps.filter(|(_, target)| *target != otherwise).collect(),
        otherwise,
    )
}

/// One state a class, in the order in which they are found from the start.
fn numbered(states: &[State], classes: &[u32]) -> NameSet {
    let mut example = HashMap::new();
    for (state, class) in states.iter().zip(classes) {
        example.entry(*class).or_insert(state);
    }
    let mut order = vec![classes[0]];
    let mut numbers = HashMap::from([(classes[0], 0)]);
    let mut least: Vec<State> = Vec::new();
    while let Some(state) = order.get(least.len()).and_then(|class| example.get(class)) {
        let (steps, otherwise) = merged(state, classes);
        let mut number = |class| {
            let fresh = u32::try_from(order.len()).unwrap_or(u32::MAX);
            *numbers.entry(class).or_insert_with(|| {
                order.push(class);
                fresh
            })
        };
        least.push(State {
            is_end: state.is_end,
            steps: steps.into_iter().map(|(c, to)| (c, number(to))).collect(),
            otherwise: number(otherwise),
        });
    }
    NameSet { states: least }
}

/// Reads with two sets at once.
struct Both<'s> {
    left: &'s NameSet,
    right: &'s NameSet,
    is_end: fn(bool, bool) -> bool,
}

impl Automaton for Both<'_> {
    type State = (u32, u32);

    fn start(&self) -> (u32, u32) {
        (0, 0)
    }

    fn is_end(&self, (left, right): &(u32, u32)) -> bool {
        let ends = |set: &NameSet, state: u32| set.states[state as usize].is_end;
        (self.is_end)(ends(self.left, *left), ends(self.right, *right))
    }

    fn letters(&self, (left, right): &(u32, u32)) -> BTreeSet<char> {
        let own = &self.left.states[*left as usize].steps;
        let others = &self.right.states[*right as usize].steps;
        own.iter().chain(others).map(|(c, _)| *c).collect()
    }

    fn step(&self, (left, right): &(u32, u32), letter: Option<char>) -> (u32, u32) {
        (
            self.left.step(*left, letter),
            self.right.step(*right, letter),
        )
    }
}

/// Reads with a pattern, and only names.
struct Reader<'p> {
    pattern: &'p NamePattern,
    letters: BTreeSet<char>,
    /// A character that stands for all that aren't letters.
    other: char,
}

impl<'p> Reader<'p> {
    fn of(pattern: &'p NamePattern) -> Self {
        let mut letters: BTreeSet<char> = pattern.letters().collect();
        letters.insert('.');
        let other = ('a'..=char::MAX).find(|c| !letters.contains(c));
        Self {
            pattern,
            letters,
            other: other.unwrap_or_default(),
        }
    }
}

impl Automaton for Reader<'_> {
    /// The places in the pattern, and whether a label has begun.
    type State = (BTreeSet<usize>, bool);

    fn start(&self) -> Self::State {
        (self.pattern.start().into_iter().collect(), false)
    }

    fn is_end(&self, (places, has_begun): &Self::State) -> bool {
        *has_begun && places.contains(&self.pattern.end())
    }

    fn letters(&self, _: &Self::State) -> BTreeSet<char> {
        self.letters.clone()
    }

    fn step(&self, (places, has_begun): &Self::State, letter: Option<char>) -> Self::State {
        let is_dot = letter == Some('.');
        if places.is_empty() || (is_dot && !has_begun) {
            return (BTreeSet::new(), false);
        }
        let places: HashSet<usize> = places.iter().copied().collect();
        let next = self.pattern.step(&places, letter.unwrap_or(self.other));
        let has_begun = !is_dot && !next.is_empty();
        (next.into_iter().collect(), has_begun)
    }
}
