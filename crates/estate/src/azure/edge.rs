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

    /// The rules that lead from a listener to a backend, a redirect or a map of paths.
    pub fn request_routing_rules(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("requestRoutingRules")
    }

    /// The maps from paths to backends and redirects, each with its `pathRules`.
    pub fn url_path_maps(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("urlPathMaps")
    }

    /// The redirects.
    pub fn redirect_configurations(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("redirectConfigurations")
    }

    /// How the gateway speaks to its backends.
    pub fn backend_http_settings(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("backendHttpSettingsCollection")
    }

    /// The TLS profiles that listeners may name in place of the gateway's policy.
    pub fn ssl_profiles(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("sslProfiles")
    }

    /// `sslPolicy`: what TLS clients may speak.
    pub fn ssl_policy(&self) -> Field<'e, Settings<'e>> {
        self.property("sslPolicy").map(Settings::of)
    }

    /// `defaultPredefinedSslPolicy`: the policy in force where none is set, as Azure reports it.
    pub fn default_ssl_policy(&self) -> Field<'e, &'e str> {
        self.text("defaultPredefinedSslPolicy")
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

    /// Parts of requests that managed rules don't look at.
    pub fn exclusions(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("managedRules.exclusions")
    }

    /// Requests that managed rules don't look at.
    pub fn exceptions(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("managedRules.exceptions")
    }

    /// The custom rules, which come before the managed ones.
    pub fn custom_rules(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("customRules")
    }

    /// `policySettings.requestBodyCheck`: whether bodies are looked at.
    pub fn request_body_check(&self) -> Field<'e, bool> {
        self.flag("policySettings.requestBodyCheck")
    }

    /// `policySettings.requestBodyEnforcement`: whether bodies above the size limit are refused.
    pub fn request_body_enforcement(&self) -> Field<'e, bool> {
        self.flag("policySettings.requestBodyEnforcement")
    }

    /// `policySettings.requestBodyInspectLimitInKB`: how deep bodies are looked at.
    pub fn request_body_inspect_limit(&self) -> Field<'e, i64> {
        self.number("policySettings.requestBodyInspectLimitInKB")
    }

    /// `policySettings.maxRequestBodySizeInKb`: the size limit of bodies.
    pub fn max_request_body_size(&self) -> Field<'e, i64> {
        self.number("policySettings.maxRequestBodySizeInKb")
    }

    /// What uses the policy, as Azure reports it on the policy itself: gateways, listeners,
    /// path rules and Application Gateways for Containers.
    pub fn associations(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        let mut associations = Vec::new();
        for path in [
            "applicationGateways",
            "httpListeners",
            "pathBasedRules",
            "applicationGatewayForContainers",
        ] {
            associations.extend(self.elements(path)?);
        }
        Ok(associations)
    }
}

impl<'e> FrontDoorWafPolicy<'e> {
    /// `policySettings.enabledState`: whether the policy is on.
    pub fn is_enabled(&self) -> Field<'e, bool> {
        self.flag("policySettings.enabledState")
    }

    /// `policySettings.mode`: `Prevention` or `Detection`.
    pub fn mode(&self) -> Field<'e, &'e str> {
        self.text("policySettings.mode")
    }
}
