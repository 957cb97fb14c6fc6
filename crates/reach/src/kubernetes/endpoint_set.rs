//! Sets of endpoints.

use std::ops::Range;

/// The number of an endpoint. Pods of one namespace are numbered one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId(pub u32);

impl EndpointId {
    /// The number as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A set of endpoints: bits from the first member's word to the last one's. A set within one
/// namespace is a few words wherever it lies, since its members are neighbours. Equal sets are
/// equal values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointSet {
    /// The index of the first word.
    start: usize,
    /// Neither the first nor the last word is zero.
    words: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;

impl EndpointSet {
    /// The set without members.
    pub fn empty() -> Self {
        Self::default()
    }

    /// One endpoint.
    pub fn one(id: EndpointId) -> Self {
        Self::range(id.index()..id.index() + 1)
    }

    /// The endpoints with the numbers of a range.
    pub fn range(range: Range<usize>) -> Self {
        if range.is_empty() {
            return Self::empty();
        }
        let (start, last) = (range.start / BITS, (range.end - 1) / BITS);
        let mut words = vec![u64::MAX; last - start + 1];
        words[0] &= u64::MAX << (range.start % BITS);
        let end = words.len() - 1;
        words[end] &= u64::MAX >> (BITS - 1 - (range.end - 1) % BITS);
        Self { start, words }
    }

    /// The endpoints with the numbers of any of some ranges.
    pub fn ranges(ranges: impl Iterator<Item = Range<usize>> + Clone) -> Self {
        let filled = ranges.filter(|range| !range.is_empty());
        let least = filled.clone().map(|range| range.start).min();
        let (Some(least), Some(end)) = (least, filled.clone().map(|range| range.end).max()) else {
            return Self::empty();
        };
        let start = least / BITS;
        let mut words = vec![0; (end - 1) / BITS - start + 1];
        for range in filled {
            let own = Self::range(range);
            for (word, more) in words[own.start - start..].iter_mut().zip(&own.words) {
                *word |= more;
            }
        }
        Self { start, words }
    }

    fn trimmed(start: usize, mut words: Vec<u64>) -> Self {
        while words.last() == Some(&0) {
            words.pop();
        }
        let zeros = words.iter().take_while(|word| **word == 0).count();
        words.drain(..zeros);
        let start = if words.is_empty() { 0 } else { start + zeros };
        Self { start, words }
    }

    fn end(&self) -> usize {
        self.start + self.words.len()
    }

    /// The 64 bits from number `index` × 64 on.
    pub(super) fn word(&self, index: usize) -> u64 {
        let inner = index.checked_sub(self.start);
        inner
            .and_then(|inner| self.words.get(inner))
            .copied()
            .unwrap_or(0)
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Whether an endpoint is a member.
    pub fn contains(&self, id: EndpointId) -> bool {
        self.word(id.index() / BITS) >> (id.index() % BITS) & 1 == 1
    }

    /// The least member.
    pub fn first(&self) -> Option<EndpointId> {
        self.iter().next()
    }

    /// The members, ascending.
    pub fn iter(&self) -> impl Iterator<Item = EndpointId> + '_ {
        self.words.iter().enumerate().flat_map(|(place, &word)| {
            let base = (self.start + place) * BITS;
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                (left != 0).then(|| {
                    left &= left - 1;
                    EndpointId(u32::try_from(base + bit).unwrap_or(u32::MAX))
                })
            })
        })
    }

    /// Takes in the members of another set.
    pub fn extend(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        if self.is_empty() {
            self.clone_from(other);
            return;
        }
        let start = self.start.min(other.start);
        let end = self.end().max(other.end());
        if (start, end) != (self.start, self.end()) {
            let mut words = vec![0; end - start];
            let offset = self.start - start;
            words[offset..offset + self.words.len()].copy_from_slice(&self.words);
            (self.start, self.words) = (start, words);
        }
        let offset = other.start - self.start;
        for (word, more) in self.words[offset..].iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// What is in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.extend(other);
        all
    }

    /// What is in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let start = self.start.max(other.start);
        let end = self.end().min(other.end());
        if start >= end {
            return Self::empty();
        }
        let left = &self.words[start - self.start..end - self.start];
        let right = &other.words[start - other.start..end - other.start];
        let words = left.iter().zip(right).map(|(left, right)| left & right);
        Self::trimmed(start, words.collect())
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        if self.is_disjoint(other) {
            return self.clone();
        }
        let mut words = self.words.clone();
        let start = self.start.max(other.start);
        let end = self.end().min(other.end());
        for index in start..end {
            words[index - self.start] &= !other.words[index - other.start];
        }
        Self::trimmed(self.start, words)
    }

    /// Whether no endpoint is in both sets.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        let start = self.start.max(other.start);
        let end = self.end().min(other.end());
        if start >= end {
            return true;
        }
        let left = &self.words[start - self.start..end - self.start];
        let right = &other.words[start - other.start..end - other.start];
        left.iter()
            .zip(right)
            .all(|(left, right)| left & right == 0)
    }

    /// Whether all members are in the other set.
    pub fn is_subset(&self, other: &Self) -> bool {
        let mut words = (self.start..).zip(&self.words);
        words.all(|(index, word)| word & !other.word(index) == 0)
    }
}

impl FromIterator<EndpointId> for EndpointSet {
    fn from_iter<I: IntoIterator<Item = EndpointId>>(ids: I) -> Self {
        let ids: Vec<_> = ids.into_iter().map(EndpointId::index).collect();
        let (Some(&least), Some(&greatest)) = (ids.iter().min(), ids.iter().max()) else {
            return Self::empty();
        };
        let start = least / BITS;
        let mut words = vec![0_u64; greatest / BITS - start + 1];
        for id in ids {
            words[id / BITS - start] |= 1 << (id % BITS);
        }
        Self { start, words }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn set(ids: &BTreeSet<u32>) -> EndpointSet {
        ids.iter().copied().map(EndpointId).collect()
    }

    fn members() -> impl Strategy<Value = BTreeSet<u32>> {
        prop_oneof![
            prop::collection::btree_set(0_u32..400, 0..8),
            (0_u32..400, 0_u32..200).prop_map(|(start, length)| (start..start + length).collect()),
        ]
    }

    proptest! {
        #[test]
        fn sets_do_what_sets_of_numbers_do(a in members(), b in members()) {
            let (left, right) = (set(&a), set(&b));
            prop_assert_eq!(left.union(&right), set(&(&a | &b)));
            prop_assert_eq!(left.intersection(&right), set(&(&a & &b)));
            prop_assert_eq!(left.difference(&right), set(&(&a - &b)));
            prop_assert_eq!(left.is_disjoint(&right), a.is_disjoint(&b));
            prop_assert_eq!(left.is_subset(&right), a.is_subset(&b));
            prop_assert_eq!(left.len(), a.len());
            prop_assert_eq!(left.is_empty(), a.is_empty());
            let back: BTreeSet<_> = left.iter().map(|id| id.0).collect();
            prop_assert_eq!(back, a.clone());
            for id in 0..700 {
                prop_assert_eq!(left.contains(EndpointId(id)), a.contains(&id));
            }
        }

        #[test]
        fn a_range_is_its_numbers(start in 0_usize..300, length in 0_usize..300) {
            let numbers: BTreeSet<u32> = (start..start + length).map(|n| n as u32).collect();
            prop_assert_eq!(EndpointSet::range(start..start + length), set(&numbers));
            let halves = [start..start + length / 2, start + length / 2..start + length, 7..7];
            prop_assert_eq!(EndpointSet::ranges(halves.into_iter()), set(&numbers));
        }
    }
}
