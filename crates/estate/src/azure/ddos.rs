//! DDoS Network Protection.

use crate::resource::view;

view! {
    /// A plan of DDoS Network Protection.
    DdosProtectionPlan = "microsoft.network/ddosprotectionplans"
}
