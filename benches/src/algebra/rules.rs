//! Rules as a network security group or a firewall has them.

use super::Range;
use crate::random::Random;

/// The fields of a packet that rules look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The source address, 32 bits.
    Source,
    /// The destination address, 32 bits.
    Destination,
    /// TCP or UDP, 1 bit.
    Transport,
    /// The destination port, 16 bits.
    Port,
}

impl Field {
    /// All, in the order in which a diagram asks for them.
    pub const ALL: [Self; 4] = [Self::Source, Self::Destination, Self::Transport, Self::Port];

    /// How many bits it has.
    pub fn bits(self) -> u32 {
        match self {
            Self::Source | Self::Destination => 32,
            Self::Transport => 1,
            Self::Port => 16,
        }
    }

    /// Its largest value.
    pub fn last(self) -> u32 {
        u32::MAX >> (32 - self.bits())
    }
}

/// What a rule matches: a range of each field, in the order of [`Field::ALL`].
pub type Matched = [Range; 4];

/// A rule with what it does.
#[derive(Clone, Debug)]
pub struct OrderedRule {
    /// What it matches.
    pub matched: Matched,
    /// Whether it allows.
    pub allows: bool,
}

/// Rules between subnets and hosts of 10.0.0.0/8 and ranges outside. The same prefixes and ports
/// come again and again, as they do in practice.
pub fn ordered_rules(count: usize, seed: u64) -> Vec<OrderedRule> {
    let mut random = Random::new(seed);
    let prefixes: Vec<Range> = (0..(count / 4).clamp(8, 400))
        .map(|_| prefix(&mut random))
        .collect();
    let address = |random: &mut Random| match random.percent(15) {
        true => whole(Field::Source),
        false => prefixes[random.between(0, prefixes.len())].clone(),
    };
    (0..count)
        .map(|_| OrderedRule {
            matched: [
                address(&mut random),
                address(&mut random),
                transport(&mut random),
                port(&mut random),
            ],
            allows: random.percent(70),
        })
        .collect()
}

fn whole(field: Field) -> Range {
    0..=field.last()
}

fn prefix(random: &mut Random) -> Range {
    let inside = 10 << 24 | number(random, 1 << 24);
    let outside = number(random, u32::MAX as usize);
    let (base, length) = match random.between(0, 100) {
        0..20 => (inside, 32),
        20..70 => (inside, 24),
        70..85 => (inside, 16),
        85..95 => (outside, 20),
        _ => (outside, 12),
    };
    let hosts = u32::MAX.checked_shr(length).unwrap_or(0);
    base & !hosts..=base | hosts
}

fn number(random: &mut Random, below: usize) -> u32 {
    u32::try_from(random.between(0, below)).unwrap_or(u32::MAX)
}

fn transport(random: &mut Random) -> Range {
    match random.between(0, 100) {
        0..70 => 0..=0,
        70..85 => 1..=1,
        _ => whole(Field::Transport),
    }
}

fn port(random: &mut Random) -> Range {
    match random.between(0, 100) {
        0..70 => {
            let port = random.pick(&[22, 53, 80, 443, 1433, 3306, 5432, 6379, 8080, 9093]);
            port..=port
        }
        70..80 => 30000..=32767,
        80..85 => 1024..=65535,
        _ => whole(Field::Port),
    }
}
