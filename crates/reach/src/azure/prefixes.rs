//! Lists of prefixes that are known as far as the input tells. Routing goes by the length of each
//! prefix, so that neighbours aren't merged.

use ipnet::IpNet;
use palisade_estate::Unknown;
use palisade_packet::{AddressSet, Set};

use super::Bounds;
use super::address::prefix;
use super::bounds::both;

/// Prefixes, for certain and perhaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefixes {
    /// What is there for certain.
    pub certain: Vec<IpNet>,
    /// What may be there, too.
    pub possible: Vec<IpNet>,
    /// Whether there may be others, of which nothing is known.
    pub may_be_others: bool,
    /// Why it isn't known.
    pub causes: Vec<Unknown>,
}

impl Prefixes {
    /// Prefixes that are known.
    pub fn exactly(certain: Vec<IpNet>) -> Self {
        Self {
            certain,
            ..Self::default()
        }
    }

    /// Prefixes of which nothing is known.
    pub fn unknown(cause: Unknown) -> Self {
        Self {
            may_be_others: true,
            causes: vec![cause],
            ..Self::default()
        }
    }

    /// What texts say.
    pub fn read<'t>(texts: Result<impl IntoIterator<Item = &'t str>, Unknown>) -> Self {
        let texts = match texts {
            Ok(texts) => texts,
            Err(unknown) => return Self::unknown(unknown),
        };
        let mut read = Self::default();
        for text in texts {
            match prefix(text) {
                Some(prefix) => read.certain.push(prefix),
                None => {
                    let cause = format!("`{text}` is no address prefix");
                    read = read.union(&Self::unknown(Unknown::because(
                        cause,
                        "correct the setting",
                    )));
                }
            }
        }
        read
    }

    /// The same prefixes, all of them in doubt.
    #[must_use]
    pub fn doubtful(mut self, cause: Unknown) -> Self {
        self.possible.append(&mut self.certain);
        self.causes = both(&self.causes, &[cause]);
        self
    }

    /// Both lists.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        self.certain.extend(&other.certain);
        self.possible.extend(&other.possible);
        self.may_be_others |= other.may_be_others;
        self.causes = both(&self.causes, &other.causes);
        self
    }

    /// The addresses in them.
    pub fn addresses(&self) -> Bounds<AddressSet> {
        let set = |prefixes: &[IpNet]| -> AddressSet {
            prefixes.iter().copied().map(AddressSet::from).collect()
        };
        let most = match self.may_be_others {
            true => AddressSet::full(),
            false => set(&self.possible),
        };
        Bounds::between(set(&self.certain), most, self.causes.clone())
    }
}
