//! A service tag of which it isn't known what all it takes in, read in every way.

use palisade_estate::Unknown;
use palisade_packet::{AddressSet, PacketSet, Set};

use super::bounds::both;
use super::{Bounds, Outcome, Part};

/// How a tag is read of which it isn't known what all it takes in. `VirtualNetwork` and
/// `Internet` hang on each other: what the one takes in the other leaves out. So rules are asked
/// once for each reading, and what they agree on is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It takes in what it does for certain and no more.
    Least,
    /// It takes in all that it may.
    Most,
}

/// How the tags of the source and of the destination are read.
pub(super) type Readings = (Reading, Reading);

/// What rules say of packets whichever way a tag is read, where `W` is who decides.
pub(super) fn in_every_reading<W: Clone + PartialEq>(
    tag: &Bounds<AddressSet>,
    read: impl Fn(Readings) -> Vec<(PacketSet, W, Outcome)>,
) -> Vec<(PacketSet, W, Outcome)> {
    let (least, most) = (Reading::Least, Reading::Most);
    let readings = match tag.is_exact() {
        true => vec![(least, least)],
        false => vec![(least, least), (most, least), (least, most), (most, most)],
    };
    agreement(readings.into_iter().map(read), &tag.causes)
}

/// The same for the rules of one place.
pub(super) fn parts_in_every_reading(
    tag: &Bounds<AddressSet>,
    read: impl Fn(Readings) -> Vec<Part<PacketSet>>,
) -> Vec<Part<PacketSet>> {
    let split = |readings| {
        let parts = read(readings).into_iter();
        let parts = parts.map(|part| (part.packets, part.rule, part.outcome));
        parts.collect()
    };
    let agreed = in_every_reading(tag, split).into_iter();
    let parts = agreed.map(|(packets, rule, outcome)| Part {
        packets,
        rule,
        outcome,
    });
    parts.collect()
}

/// What several readings of the same rules agree on, where `W` is who decides. Each reading splits
/// the same packets; where two come to different outcomes, the outcome is uncertain because of
/// `causes`.
fn agreement<P: Set, W: Clone + PartialEq>(
    readings: impl IntoIterator<Item = Vec<(P, W, Outcome)>>,
    causes: &[Unknown],
) -> Vec<(P, W, Outcome)> {
    let mut readings = readings.into_iter();
    let mut agreed = readings.next().unwrap_or_default();
    for reading in readings {
        let mut finer: Vec<(P, W, Outcome)> = Vec::new();
        for (known, who, outcome) in &agreed {
            for (other, _, another) in &reading {
                let packets = known.intersection(other);
                if packets.is_empty() {
                    continue;
                }
                let outcome = joined(outcome, another, causes);
                let mut alike = finer.iter_mut();
                match alike.find(|(_, w, o)| w == who && *o == outcome) {
                    Some((all, ..)) => *all = all.union(&packets),
                    None => finer.push((packets, who.clone(), outcome)),
                }
            }
        }
        agreed = finer;
    }
    agreed
}

fn joined(one: &Outcome, other: &Outcome, causes: &[Unknown]) -> Outcome {
    match (one, other) {
        (one, other) if one == other => one.clone(),
        (Outcome::Uncertain(some), Outcome::Uncertain(others)) => {
            Outcome::Uncertain(both(some, others))
        }
        (Outcome::Uncertain(some), _) | (_, Outcome::Uncertain(some)) => {
            Outcome::Uncertain(both(some, causes))
        }
        _ => Outcome::Uncertain(causes.to_vec()),
    }
}
