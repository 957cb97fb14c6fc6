//! Calico's objects (`projectcalico.org/v3` and `crd.projectcalico.org/v1`), read as the types of
//! the API say (projectcalico/calico, `api/pkg/apis/projectcalico/v3`, 3.31).

mod network_policy;
mod network_set;
mod rule;
mod selector;
mod stance;
mod tier;

pub use network_policy::{CalicoNetworkPolicy, StagedKind};
pub use network_set::{CalicoHostEndpoint, CalicoNetworkSet, CalicoProfile, EndpointPort};
pub use rule::{
    CalicoAction, CalicoEntity, CalicoHttp, CalicoIcmp, CalicoPort, CalicoRule, CalicoService,
    CalicoServiceAccounts,
};
pub use selector::{CalicoSelector, InvalidCalicoSelector, SelectorMeaning};
pub use stance::CalicoPolicy;
pub use tier::{CalicoTier, TierEnd};

use super::record::Record;
use crate::Object;

/// Whether an object is of Calico's API, in either of its groups.
fn is_calico(object: &Object<'_>) -> bool {
    matches!(
        object.group(),
        "projectcalico.org" | "crd.projectcalico.org"
    )
}

/// A selector; nothing if there is none or it is empty.
fn read_selector<'e>(record: &Record<'e, '_>, name: &'static str) -> Option<CalicoSelector<'e>> {
    let text = record.filled(name)?;
    match CalicoSelector::parse(text) {
        Ok(selector) => (!selector.is_blank()).then_some(selector),
        Err(invalid) => {
            let at = record.place(name);
            record.remarks().refuse(at, invalid.to_string());
            None
        }
    }
}
