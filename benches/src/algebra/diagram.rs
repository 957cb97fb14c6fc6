//! Reduced ordered binary decision diagrams over the bits of a packet.

use std::collections::{HashMap, HashSet};

use super::{Algebra, Field, Matched, Range};

/// A node: 0 is the set without packets, 1 the full one.
pub(super) type Node = u32;

const EMPTY: Node = 0;
const FULL: Node = 1;

/// The nodes of all diagrams, each once, and what has been worked out of them.
#[derive(Default)]
pub struct Diagrams {
    nodes: Vec<Inner>,
    known: HashMap<Inner, Node>,
    results: HashMap<(Operation, Node, Node), Node>,
}

/// A bit with what is behind it if it is 0 and if it is 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Inner {
    bit: u32,
    low: Node,
    high: Node,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

impl Diagrams {
    fn inner(&self, node: Node) -> Option<Inner> {
        self.nodes.get(node.checked_sub(2)? as usize).copied()
    }

    fn node(&mut self, bit: u32, low: Node, high: Node) -> Node {
        if low == high {
            return low;
        }
        let inner = Inner { bit, low, high };
        let next = u32::try_from(self.nodes.len() + 2).unwrap_or(u32::MAX);
        let node = *self.known.entry(inner).or_insert(next);
        if node == next {
            self.nodes.push(inner);
        }
        node
    }

    fn apply(&mut self, operation: Operation, one: Node, other: Node) -> Node {
        match (operation, one, other) {
            (Operation::Union, EMPTY, set) | (Operation::Union, set, EMPTY) => return set,
            (Operation::Union, FULL, _) | (Operation::Union, _, FULL) => return FULL,
            (Operation::Intersection, FULL, set) | (Operation::Intersection, set, FULL) => {
                return set;
            }
            (Operation::Intersection, EMPTY, _) | (Operation::Intersection, _, EMPTY) => {
                return EMPTY;
            }
            (Operation::Difference, EMPTY, _) | (Operation::Difference, _, FULL) => return EMPTY,
            (Operation::Difference, set, EMPTY) => return set,
            (Operation::Difference, a, b) if a == b => return EMPTY,
            (_, a, b) if a == b => return a,
            _ => {}
        }
        if let Some(&node) = self.results.get(&(operation, one, other)) {
            return node;
        }
        let bit_of = |node: Node| self.inner(node).map_or(u32::MAX, |inner| inner.bit);
        let bit = bit_of(one).min(bit_of(other));
        let (low, high) = self.branches(one, bit);
        let (other_low, other_high) = self.branches(other, bit);
        let low = self.apply(operation, low, other_low);
        let high = self.apply(operation, high, other_high);
        let node = self.node(bit, low, high);
        self.results.insert((operation, one, other), node);
        node
    }

    fn branches(&self, node: Node, bit: u32) -> (Node, Node) {
        match self.inner(node) {
            Some(inner) if inner.bit == bit => (inner.low, inner.high),
            _ => (node, node),
        }
    }

    /// The packets with a field of `first` or more, or of `last` or less; bit by bit from the end.
    fn bound(&mut self, first_bit: u32, field: Field, value: u32, is_lower: bool) -> Node {
        let mut node = FULL;
        for position in (0..field.bits()).rev() {
            let is_set = value >> (field.bits() - 1 - position) & 1 == 1;
            let bit = first_bit + position;
            node = match (is_lower, is_set) {
                (true, true) => self.node(bit, EMPTY, node),
                (true, false) => self.node(bit, node, FULL),
                (false, true) => self.node(bit, FULL, node),
                (false, false) => self.node(bit, node, EMPTY),
            };
        }
        node
    }

    fn range(&mut self, first_bit: u32, field: Field, range: &Range) -> Node {
        let from = self.bound(first_bit, field, *range.start(), true);
        let to = self.bound(first_bit, field, *range.end(), false);
        self.apply(Operation::Intersection, from, to)
    }
}

impl Algebra for Diagrams {
    type Set = Node;

    fn matched(&mut self, fields: &Matched) -> Node {
        let mut node = FULL;
        let mut first_bit = 0;
        for (field, range) in Field::ALL.into_iter().zip(fields) {
            let within = self.range(first_bit, field, range);
            node = self.apply(Operation::Intersection, node, within);
            first_bit += field.bits();
        }
        node
    }

    fn full(&mut self) -> Node {
        FULL
    }

    fn empty(&mut self) -> Node {
        EMPTY
    }

    fn union(&mut self, one: &Node, other: &Node) -> Node {
        self.apply(Operation::Union, *one, *other)
    }

    fn intersection(&mut self, one: &Node, other: &Node) -> Node {
        self.apply(Operation::Intersection, *one, *other)
    }

    fn difference(&mut self, one: &Node, other: &Node) -> Node {
        self.apply(Operation::Difference, *one, *other)
    }

    fn is_equal(&mut self, one: &Node, other: &Node) -> bool {
        one == other
    }

    fn pieces(&self, set: &Node) -> usize {
        let mut seen = HashSet::new();
        let mut open = vec![*set];
        while let Some(node) = open.pop() {
            if let Some(inner) = self.inner(node)
                && seen.insert(node)
            {
                open.extend([inner.low, inner.high]);
            }
        }
        seen.len()
    }
}
