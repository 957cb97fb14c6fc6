//! Sets of pairs.

use std::collections::BTreeMap;

use crate::Set;

/// A set of pairs, kept as a function from the left to the right: each part says which rights go
/// with some lefts. The lefts of different parts are disjoint, their rights differ, and no part
/// is empty, so that there is one form for one set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Product<A, B> {
    parts: Vec<(A, B)>,
}

impl<A: Set, B: Set> Product<A, B> {
    /// Every pair of a left of `lefts` and a right of `rights`.
    pub fn of(lefts: A, rights: B) -> Self {
        let is_empty = lefts.is_empty() || rights.is_empty();
        Self {
            parts: if is_empty {
                Vec::new()
            } else {
                vec![(lefts, rights)]
            },
        }
    }

    /// The parts, ordered by their lefts.
    pub fn parts(&self) -> &[(A, B)] {
        &self.parts
    }

    /// The lefts of all pairs.
    pub fn lefts(&self) -> A {
        self.parts
            .iter()
            .fold(A::empty(), |all, (lefts, _)| all.union(lefts))
    }

    /// The rights of all pairs.
    pub fn rights(&self) -> B {
        self.parts
            .iter()
            .fold(B::empty(), |all, (_, rights)| all.union(rights))
    }

    /// Pieces whose lefts are disjoint, put into the one form.
    fn canonical(pieces: impl IntoIterator<Item = (A, B)>) -> Self {
        let mut by_right: BTreeMap<B, A> = BTreeMap::new();
        for (lefts, rights) in pieces {
            if lefts.is_empty() || rights.is_empty() {
                continue;
            }
            let all = by_right
                .get(&rights)
                .map_or_else(|| lefts.clone(), |known| known.union(&lefts));
            by_right.insert(rights, all);
        }
        let mut parts: Vec<_> = by_right
            .into_iter()
            .map(|(rights, lefts)| (lefts, rights))
            .collect();
        parts.sort_unstable();
        Self { parts }
    }

    /// The parts of both, cut so that a piece has one right on either side.
    fn pieces<'p>(&'p self, other: &'p Self) -> impl Iterator<Item = (A, &'p B, &'p B)> {
        self.parts.iter().flat_map(move |(a, b)| {
            other
                .parts
                .iter()
                .map(move |(c, d)| (a.intersection(c), b, d))
                .filter(|(lefts, _, _)| !lefts.is_empty())
        })
    }

    /// The parts with the lefts that are in no part of `other`.
    fn pieces_outside(&self, other: &Self) -> impl Iterator<Item = (A, B)> {
        let known = other.lefts();
        self.parts
            .iter()
            .map(move |(lefts, rights)| (lefts.difference(&known), rights.clone()))
    }
}

impl<A: Set, B: Set> Set for Product<A, B> {
    type Member = (A::Member, B::Member);

    fn empty() -> Self {
        Self { parts: Vec::new() }
    }

    fn full() -> Self {
        Self::of(A::full(), B::full())
    }

    fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    fn contains(&self, (left, right): &Self::Member) -> bool {
        let part = self.parts.iter().find(|(lefts, _)| lefts.contains(left));
        part.is_some_and(|(_, rights)| rights.contains(right))
    }

    fn witness(&self) -> Option<Self::Member> {
        let (lefts, rights) = self.parts.first()?;
        Some((lefts.witness()?, rights.witness()?))
    }

    fn is_disjoint(&self, other: &Self) -> bool {
        self.parts.iter().all(|(a, b)| {
            let mut others = other.parts.iter();
            others.all(|(c, d)| b.is_disjoint(d) || a.is_disjoint(c))
        })
    }

    fn union(&self, other: &Self) -> Self {
        if self.is_empty() || self == other {
            return other.clone();
        }
        if other.is_empty() {
            return self.clone();
        }
        let both = self
            .pieces(other)
            .map(|(lefts, here, there)| (lefts, here.union(there)));
        let pieces = both
            .chain(self.pieces_outside(other))
            .chain(other.pieces_outside(self));
        Self::canonical(pieces)
    }

    fn intersection(&self, other: &Self) -> Self {
        if self == other {
            return self.clone();
        }
        let both = self
            .pieces(other)
            .map(|(lefts, here, there)| (lefts, here.intersection(there)));
        Self::canonical(both)
    }

    fn difference(&self, other: &Self) -> Self {
        if self.is_empty() || other.is_empty() {
            return self.clone();
        }
        let both = self
            .pieces(other)
            .map(|(lefts, here, there)| (lefts, here.difference(there)));
        Self::canonical(both.chain(self.pieces_outside(other)))
    }
}
