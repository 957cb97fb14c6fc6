//! What one side of a rule matches, in the cluster and outside, for certain and perhaps.

use palisade_packet::{AddressSet, Set};

use super::program::Peers;
use super::table::ConditionId;
use super::translator::{Selected, Translator};
use super::{EndpointSet, Endpoints};

/// Endpoints and addresses, as far as the input tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Matched {
    /// What is matched for certain.
    pub(super) certain: Peers,
    /// What may be matched; nothing of what is certain.
    pub(super) possible: Peers,
    /// Why it isn't known; set exactly if something is possible.
    pub(super) condition: Option<ConditionId>,
}

impl Matched {
    /// Nothing at all.
    pub(super) fn nothing() -> Self {
        Self::certain(Peers::none())
    }

    /// Everything in the cluster and outside.
    pub(super) fn everything(endpoints: &Endpoints<'_>) -> Self {
        Self::certain(Peers {
            endpoints: endpoints.inside(),
            addresses: AddressSet::full(),
        })
    }

    /// Nothing is in doubt.
    pub(super) fn certain(certain: Peers) -> Self {
        Self {
            certain,
            possible: Peers::none(),
            condition: None,
        }
    }

    /// Endpoints in the cluster.
    pub(super) fn inside(selected: Selected) -> Self {
        Self {
            certain: Peers::inside(selected.certain),
            possible: Peers::inside(selected.possible),
            condition: selected.condition,
        }
    }

    /// All of it is in doubt.
    pub(super) fn doubtful(peers: Peers, condition: ConditionId) -> Self {
        Self {
            condition: (!peers.is_empty()).then_some(condition),
            certain: Peers::none(),
            possible: peers,
        }
    }

    /// Whatever has an address in a set: pods, nodes, and addresses outside.
    pub(super) fn at(addresses: &AddressSet, translator: &Translator<'_>) -> Self {
        let candidates = translator.endpoints.inside();
        let mut matched = Self::inside(translator.endpoints_at(addresses, &candidates));
        matched.certain.addresses = addresses.clone();
        matched
    }

    fn upper(&self) -> Peers {
        join(&self.certain, &self.possible)
    }

    fn of(certain: Peers, upper: &Peers, conditions: [Option<ConditionId>; 2]) -> Self {
        let possible = without(upper, &certain);
        let condition = conditions[0].or(conditions[1]);
        Self {
            condition: condition.filter(|_| !possible.is_empty()),
            certain,
            possible,
        }
    }

    /// What both match.
    #[must_use]
    pub(super) fn and(&self, other: &Self) -> Self {
        Self::of(
            meet(&self.certain, &other.certain),
            &meet(&self.upper(), &other.upper()),
            [self.condition, other.condition],
        )
    }

    /// What either matches.
    #[must_use]
    pub(super) fn or(&self, other: &Self) -> Self {
        Self::of(
            join(&self.certain, &other.certain),
            &join(&self.upper(), &other.upper()),
            [self.condition, other.condition],
        )
    }

    /// Everything else.
    #[must_use]
    pub(super) fn not(&self, endpoints: &Endpoints<'_>) -> Self {
        let all = Self::everything(endpoints).certain;
        Self {
            certain: without(&all, &self.upper()),
            possible: self.possible.clone(),
            condition: self.condition,
        }
    }

    /// The endpoints in the cluster among them, within a set.
    pub(super) fn within(&self, set: &EndpointSet) -> Selected {
        let possible = self.possible.endpoints.intersection(set);
        Selected {
            certain: self.certain.endpoints.intersection(set),
            condition: self.condition.filter(|_| !possible.is_empty()),
            possible,
        }
    }
}

fn join(left: &Peers, right: &Peers) -> Peers {
    Peers {
        endpoints: left.endpoints.union(&right.endpoints),
        addresses: left.addresses.union(&right.addresses),
    }
}

fn meet(left: &Peers, right: &Peers) -> Peers {
    Peers {
        endpoints: left.endpoints.intersection(&right.endpoints),
        addresses: left.addresses.intersection(&right.addresses),
    }
}

fn without(left: &Peers, right: &Peers) -> Peers {
    Peers {
        endpoints: left.endpoints.difference(&right.endpoints),
        addresses: left.addresses.difference(&right.addresses),
    }
}
