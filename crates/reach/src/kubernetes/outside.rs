//! Outside addresses, cut into the fewest ranges that no rule tells apart.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use palisade_packet::{AddressSet, Bounded, IntervalSet, Set};

/// Cuts all addresses so that every one of `sets` holds each piece whole or not at all. Pieces
/// that are in the same sets are one; they come in the order of their least address.
pub(super) fn cut<'s>(sets: impl IntoIterator<Item = &'s AddressSet>) -> Vec<AddressSet> {
    let different: BTreeSet<&AddressSet> = sets.into_iter().collect();
    let different: Vec<_> = different.into_iter().collect();
    let v4: Vec<_> = different.iter().map(|set| set.v4()).collect();
    let v6: Vec<_> = different.iter().map(|set| set.v6()).collect();
    let mut pieces: BTreeMap<Vec<usize>, Vec<AddressSet>> = BTreeMap::new();
    for (first, last, members) in intervals(&v4) {
        let range = AddressSet::range(IpAddr::V4(first.into()), IpAddr::V4(last.into()));
        pieces.entry(members).or_default().push(range);
    }
    for (first, last, members) in intervals(&v6) {
        let range = AddressSet::range(IpAddr::V6(first.into()), IpAddr::V6(last.into()));
        pieces.entry(members).or_default().push(range);
    }
    let mut pieces: Vec<AddressSet> = pieces
        .into_values()
        .map(|ranges| ranges.into_iter().collect())
        .collect();
    pieces.sort_by_cached_key(Set::witness);
    pieces
}

/// The intervals between all ends, each with the numbers of the sets that hold it.
fn intervals<T: Bounded>(sets: &[&IntervalSet<T>]) -> Vec<(T, T, Vec<usize>)> {
    // What begins and what ends at the start of an interval.
    let mut changes: BTreeMap<T, Vec<(usize, bool)>> = BTreeMap::new();
    changes.insert(T::MIN, Vec::new());
    for (number, set) in sets.iter().enumerate() {
        for &(first, last) in set.intervals() {
            changes.entry(first).or_default().push((number, true));
            if let Some(after) = last.next() {
                changes.entry(after).or_default().push((number, false));
            }
        }
    }
    let starts: Vec<T> = changes.keys().copied().collect();
    let mut inside = BTreeSet::new();
    let mut intervals = Vec::with_capacity(starts.len());
    for (place, (first, changed)) in changes.into_iter().enumerate() {
        for (number, begins) in changed {
            if begins {
                inside.insert(number);
            } else {
                inside.remove(&number);
            }
        }
        let last = starts
            .get(place + 1)
            .and_then(|next| next.previous())
            .unwrap_or(T::MAX);
        intervals.push((first, last, inside.iter().copied().collect()));
    }
    intervals
}

#[cfg(test)]
mod tests {
    use ipnet::IpNet;

    use super::*;

    fn set(prefixes: &[&str]) -> AddressSet {
        let parsed = prefixes.iter().map(|text| text.parse::<IpNet>().unwrap());
        parsed.map(AddressSet::from).collect()
    }

    #[test]
    fn pieces_in_the_same_sets_are_one() {
        let block = set(&["0.0.0.0/0"]).difference(&set(&["10.0.0.0/8"]));
        let pieces = cut([&block, &set(&["10.1.0.0/16"])]);
        let printed: Vec<_> = pieces.iter().map(ToString::to_string).collect();
        assert_eq!(
            printed,
            [
                "0.0.0.0-9.255.255.255, 11.0.0.0-255.255.255.255",
                "10.0.0.0/16, 10.2.0.0-10.255.255.255, ::/0",
                "10.1.0.0/16",
            ]
        );
    }

    #[test]
    fn nothing_to_tell_apart_is_one_piece() {
        assert_eq!(cut([]), [AddressSet::full()]);
        assert_eq!(cut([&AddressSet::full()]), [AddressSet::full()]);
        assert_eq!(cut([&AddressSet::empty()]), [AddressSet::full()]);
    }

    #[test]
    fn the_pieces_are_everything_once() {
        let sets = [
            set(&["10.0.0.0/8", "fd00::/8"]),
            set(&["10.0.0.0/9"]),
            set(&["0.0.0.0/0"]),
            set(&["255.255.255.255/32", "::/1"]),
        ];
        let pieces = cut(&sets);
        let all: AddressSet = pieces.iter().cloned().collect();
        assert_eq!(all, AddressSet::full());
        for (number, piece) in pieces.iter().enumerate() {
            for set in &sets {
                assert!(piece.is_subset(set) || piece.is_disjoint(set));
            }
            for other in &pieces[number + 1..] {
                assert!(piece.is_disjoint(other));
            }
        }
    }
}
