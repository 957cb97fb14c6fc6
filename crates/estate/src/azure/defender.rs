//! Microsoft Defender for Cloud.

use crate::Field;
use crate::resource::view;

view! {
    /// A plan of a subscription, named after what it watches: `Api`, `Containers` and others.
    DefenderPlan = "microsoft.security/pricings"
}

impl<'e> DefenderPlan<'e> {
    /// `pricingTier`: `Standard` when the plan is on, `Free` when it is off.
    pub fn pricing_tier(&self) -> Field<'e, &'e str> {
        self.text("pricingTier")
    }
}
