//! Tiers: groups of policies, one evaluated after the other.

use super::is_calico;
use crate::Object;
use crate::kubernetes::record::{Record, Remarks};

/// What becomes of traffic to or from an endpoint that a tier's policies select and none of
/// their rules matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierEnd {
    /// It is dropped, which is the default.
    Deny,
    /// It goes on to the next tier.
    Pass,
}

/// A tier.
#[derive(Clone, Debug, PartialEq)]
pub struct CalicoTier {
    /// Its name.
    pub name: String,
    /// Its place: lower first; nothing comes last. Equal ones go by name.
    pub order: Option<f64>,
    /// What its end does.
    pub end: TierEnd,
}

impl CalicoTier {
    /// Reads a tier; nothing if the object is of another kind.
    pub fn read<'e>(object: &Object<'e>, remarks: &Remarks<'e>) -> Option<Self> {
        if !is_calico(object) || object.kind() != "Tier" {
            return None;
        }
        let mut tier = Self {
            name: object.name(),
            order: None,
            end: TierEnd::Deny,
        };
        let spec = object.get("spec");
        if let Some(spec) = spec.and_then(|spec| Record::open(spec, remarks)) {
            tier.order = spec.number("order");
            let ends = [("Deny", TierEnd::Deny), ("Pass", TierEnd::Pass)];
            tier.end = spec.choice("defaultAction", &ends).unwrap_or(TierEnd::Deny);
            spec.close();
        }
        Some(tier)
    }

    /// The tiers that Calico makes itself: `default` for its own policies and for NetworkPolicy,
    /// and those of the cluster-scoped Kubernetes policies around it (under their name before
    /// 3.31 and since).
    pub fn built_in() -> [Self; 5] {
        let tier = |name: &str, order, end| Self {
            name: name.to_owned(),
            order: Some(order),
            end,
        };
        [
            tier("adminnetworkpolicy", 1_000.0, TierEnd::Pass),
            tier("kube-admin", 1_000.0, TierEnd::Pass),
            tier("default", 1_000_000.0, TierEnd::Deny),
            tier("baselineadminnetworkpolicy", 10_000_000.0, TierEnd::Pass),
            tier("kube-baseline", 10_000_000.0, TierEnd::Pass),
        ]
    }

    /// Before or after another tier.
    pub fn comes(&self, other: &Self) -> std::cmp::Ordering {
        let place = |tier: &Self| tier.order.unwrap_or(f64::INFINITY);
        place(self)
            .total_cmp(&place(other))
            .then_with(|| self.name.cmp(&other.name))
    }
}
