//! Sets of whole numbers as sorted intervals.

use std::cmp::Ordering;
use std::fmt::Debug;
use std::hash::Hash;

use crate::Set;

/// A whole number with a least and a greatest value.
pub trait Bounded: Copy + Ord + Hash + Debug {
    /// The least number.
    const MIN: Self;
    /// The greatest number.
    const MAX: Self;
    /// The number after this one; nothing after the greatest.
    fn next(self) -> Option<Self>;
    /// The number before this one; nothing before the least.
    fn previous(self) -> Option<Self>;
}

macro_rules! bounded {
    ($($number:ty),*) => {$(
        impl Bounded for $number {
            const MIN: Self = <$number>::MIN;
            const MAX: Self = <$number>::MAX;
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
        }
    )*};
}

bounded!(u8, u16, u32, u128);

/// A set of numbers: intervals with both ends inside, sorted, and with a gap between neighbours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalSet<T> {
    intervals: Vec<(T, T)>,
}

impl<T: Bounded> IntervalSet<T> {
    /// The numbers from `first` to `last`, both included; none if `last` is less.
    pub fn range(first: T, last: T) -> Self {
        let is_one = first <= last;
        Self {
            intervals: is_one.then_some((first, last)).into_iter().collect(),
        }
    }

    /// One number.
    pub fn one(number: T) -> Self {
        Self::range(number, number)
    }

    /// The intervals, ascending, each with its first and last number.
    pub fn intervals(&self) -> &[(T, T)] {
        &self.intervals
    }

    /// Takes in an interval that starts no earlier than all before it.
    fn push(&mut self, first: T, last: T) {
        match self.intervals.last_mut() {
            Some((_, end)) if end.next().is_none_or(|after| first <= after) => {
                *end = (*end).max(last);
            }
            _ => self.intervals.push((first, last)),
        }
    }
}

impl<T: Bounded> FromIterator<(T, T)> for IntervalSet<T> {
    /// The union of intervals in any order; those that end before they start hold nothing.
    fn from_iter<I: IntoIterator<Item = (T, T)>>(intervals: I) -> Self {
        let mut sorted: Vec<_> = intervals
            .into_iter()
            .filter(|(first, last)| first <= last)
            .collect();
        sorted.sort_unstable();
        let mut set = Self::empty();
        for (first, last) in sorted {
            set.push(first, last);
        }
        set
    }
}

impl<T: Bounded> Set for IntervalSet<T> {
    type Member = T;

    fn empty() -> Self {
        Self {
            intervals: Vec::new(),
        }
    }

    fn full() -> Self {
        Self::range(T::MIN, T::MAX)
    }

    fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    fn contains(&self, member: &T) -> bool {
        let place = self.intervals.binary_search_by(|(first, last)| {
            if last < member {
                Ordering::Less
            } else if first > member {
                Ordering::Greater
            } else {
                Ordering::Equal
            }
        });
        place.is_ok()
    }

    fn witness(&self) -> Option<T> {
        self.intervals.first().map(|&(first, _)| first)
    }

    fn is_subset(&self, other: &Self) -> bool {
        let mut around = other.intervals.as_slice();
        self.intervals.iter().all(|(first, last)| {
            while around.first().is_some_and(|(_, end)| end < first) {
                take(&mut around);
            }
            around
                .first()
                .is_some_and(|(start, end)| start <= first && last <= end)
        })
    }

    fn is_disjoint(&self, other: &Self) -> bool {
        let mut others = other.intervals.as_slice();
        self.intervals.iter().all(|(first, last)| {
            while others.first().is_some_and(|(_, end)| end < first) {
                take(&mut others);
            }
            others.first().is_none_or(|(start, _)| start > last)
        })
    }

    fn union(&self, other: &Self) -> Self {
        let mut set = Self {
            intervals: Vec::with_capacity(self.intervals.len() + other.intervals.len()),
        };
        let (mut left, mut right) = (self.intervals.as_slice(), other.intervals.as_slice());
        loop {
            let next = match (left.first(), right.first()) {
                (Some(a), Some(b)) if a <= b => take(&mut left),
                (Some(_), None) => take(&mut left),
                (_, Some(_)) => take(&mut right),
                (None, None) => return set,
            };
            if let Some((first, last)) = next {
                set.push(first, last);
            }
        }
    }

    fn intersection(&self, other: &Self) -> Self {
        let mut set = Self::empty();
        let (mut left, mut right) = (self.intervals.as_slice(), other.intervals.as_slice());
        while let (Some(&(a, b)), Some(&(c, d))) = (left.first(), right.first()) {
            if a.max(c) <= b.min(d) {
                set.intervals.push((a.max(c), b.min(d)));
            }
            if b < d {
                take(&mut left);
            } else {
                take(&mut right);
            }
        }
        set
    }

    fn difference(&self, other: &Self) -> Self {
        let mut set = Self::empty();
        let mut holes = other.intervals.as_slice();
        for &(first, last) in &self.intervals {
            let mut start = Some(first);
            while let (Some(from), Some(&(hole, end))) = (start, holes.first()) {
                if hole > last {
                    break;
                }
                if hole > from {
                    // `hole` is greater than some number, so that there is one before it.
                    set.intervals
                        .extend(hole.previous().map(|before| (from, before)));
                }
                start = if end < from { start } else { end.next() };
                if end > last {
                    start = None;
                    break;
                }
                take(&mut holes);
            }
            if let Some(from) = start.filter(|from| *from <= last) {
                set.intervals.push((from, last));
            }
        }
        set
    }
}

/// The first of a slice, which goes on behind it.
fn take<T: Copy>(slice: &mut &[T]) -> Option<T> {
    let (first, rest) = slice.split_first()?;
    *slice = rest;
    Some(*first)
}
