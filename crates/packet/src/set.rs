//! What every set can do.

use std::fmt::Debug;
use std::hash::Hash;

/// A set in canonical form: equal sets are equal values. The order (`Ord`) is for sorting and
/// says nothing about inclusion.
pub trait Set: Clone + Ord + Hash + Debug {
    /// What the set holds.
    type Member;

    /// The set without members.
    fn empty() -> Self;

    /// The set of all members.
    fn full() -> Self;

    /// Whether there is no member.
    fn is_empty(&self) -> bool;

    /// Whether `member` is in the set.
    fn contains(&self, member: &Self::Member) -> bool;

    /// Some member: the least one where members have an order.
    fn witness(&self) -> Option<Self::Member>;

    /// What is in either set.
    #[must_use]
    fn union(&self, other: &Self) -> Self;

    /// What is in both sets.
    #[must_use]
    fn intersection(&self, other: &Self) -> Self;

    /// What is in this set and not in `other`.
    #[must_use]
    fn difference(&self, other: &Self) -> Self;

    /// What is not in the set.
    #[must_use]
    fn complement(&self) -> Self {
        Self::full().difference(self)
    }

    /// Whether all members are in `other`.
    fn is_subset(&self, other: &Self) -> bool {
        self.difference(other).is_empty()
    }

    /// Whether no member is in `other`.
    fn is_disjoint(&self, other: &Self) -> bool {
        self.intersection(other).is_empty()
    }

    /// Whether everything is in the set.
    fn is_full(&self) -> bool {
        *self == Self::full()
    }
}
