//! What a team may set about a control.

/// A number, a list or a choice that a control judges by. Declared in the control's own file.
#[derive(Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its key under `[control.CODE]` in `palisade.toml`, in kebab case.
    pub name: &'static str,
    /// What it means, in one sentence without a final stop.
    pub meaning: &'static str,
    /// Which values it takes.
    pub domain: Domain,
    /// Which values let more pass than the default does.
    pub weaker: Weaker,
}

/// The values that a parameter takes, and the one it has when nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// A whole number.
    Number {
        /// When nothing is said.
        default: i64,
        /// The least that is taken.
        least: i64,
        /// The most that is taken.
        most: i64,
    },
    /// One word of several, in ascending order.
    Choice {
        /// When nothing is said.
        default: &'static str,
        /// The words.
        choices: &'static [&'static str],
    },
    /// A list of ports, 1 to 65535.
    Ports {
        /// When nothing is said.
        default: &'static [u16],
    },
    /// A list of address ranges in CIDR notation, IPv4 and IPv6.
    AddressRanges {
        /// When nothing is said.
        default: &'static [&'static str],
    },
    /// A list of names.
    Names {
        /// When nothing is said.
        default: &'static [&'static str],
    },
}

/// On which side of its default a parameter lets more pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weaker {
    /// A smaller number, an earlier choice, a list that lacks something.
    Less,
    /// A greater number, a later choice, a list that has something more.
    More,
}
