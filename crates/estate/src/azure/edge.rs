//! Where HTTP enters: Application Gateway, Front Door, Application Gateway for Containers and
//! their web application firewalls.

use crate::resource::view;
use crate::{Field, ResourceId, Settings, Unknown};

view! {
    /// An application gateway.
    ApplicationGateway = "microsoft.network/applicationgateways"
}

view! {
    /// The policy of a web application firewall on an application gateway.
    WafPolicy = "microsoft.network/applicationgatewaywebapplicationfirewallpolicies"
}

view! {
    /// The policy of a web application firewall on Front Door.
    FrontDoorWafPolicy = "microsoft.network/frontdoorwebapplicationfirewallpolicies"
}

view! {
    /// Front Door (classic).
    FrontDoor = "microsoft.network/frontdoors"
}

view! {
    /// A profile of Front Door Standard or Premium.
    FrontDoorProfile = "microsoft.cdn/profiles"
}

view! {
    /// A security policy of a Front Door profile: which domains which firewall guards.
    FrontDoorSecurityPolicy = "microsoft.cdn/profiles/securitypolicies"
}

view! {
    /// Application Gateway for Containers.
    TrafficController = "microsoft.servicenetworking/trafficcontrollers"
}

view! {
    /// A security policy of Application Gateway for Containers.
    TrafficControllerSecurityPolicy = "microsoft.servicenetworking/trafficcontrollers/securitypolicies"
}

impl<'e> ApplicationGateway<'e> {
    /// `sku.tier`: `Standard`, `Standard_v2`, `Basic`, `WAF` or `WAF_v2`.
    pub fn tier(&self) -> Field<'e, &'e str> {
        self.text("sku.tier")
    }

    /// `firewallPolicy.id`: the policy of the whole gateway.
    pub fn firewall_policy(&self) -> Field<'e, ResourceId> {
        self.reference("firewallPolicy")
    }

    /// `webApplicationFirewallConfiguration`, the form before policies.
    pub fn legacy_waf_configuration(&self) -> Field<'e, Settings<'e>> {
        self.property("webApplicationFirewallConfiguration")
            .map(Settings::of)
    }

    /// The HTTP listeners.
    pub fn http_listeners(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("httpListeners")
    }
}

impl<'e> WafPolicy<'e> {
    /// `policySettings.state`: whether the policy is on.
    pub fn is_enabled(&self) -> Field<'e, bool> {
        self.flag("policySettings.state")
    }

    /// `policySettings.mode`: `Prevention` or `Detection`.
    pub fn mode(&self) -> Field<'e, &'e str> {
        self.text("policySettings.mode")
    }

    /// The managed rule sets.
    pub fn managed_rule_sets(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("managedRules.managedRuleSets")
    }
}
