//! What stands before the cluster: load balancers, the application gateway and its WAF policy.

use serde_json::{Value, json};

use super::{Spoke, part, reference};
use crate::random::Random;

impl Spoke {
    pub(super) fn gateway_id(&self) -> String {
        self.place.id(
            "Microsoft.Network/applicationGateways",
            &format!("agw-{:04}", self.number),
        )
    }

    fn waf_policy_id(&self) -> String {
        self.place.id(
            "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
            &format!("waf-{:04}", self.number),
        )
    }

    /// The application gateway and its policy.
    pub(super) fn edge(&self, random: &mut Random) -> Vec<Value> {
        vec![self.application_gateway(random), self.waf_policy(random)]
    }

    pub(super) fn load_balancer(&self, name: &str, random: &mut Random) -> Value {
        let group = self.place.node_group(&self.cluster_name());
        let id = group.id("Microsoft.Network/loadBalancers", name);
        let services = random.between(2, 9);
        let frontend = |number: usize| {
            let at = if name == "kubernetes" {
                json!({ "privateIPAllocationMethod": "Dynamic", "provisioningState": "Succeeded", "publicIPAddress": reference(self.public_address_id("ingress")) })
            } else {
                json!({ "privateIPAddress": format!("{}.{}", self.address(4), 10 + number), "privateIPAllocationMethod": "Dynamic", "provisioningState": "Succeeded", "subnet": reference(self.subnet_id("snet-ingress")) })
            };
            part(
                &id,
                "frontendIPConfigurations",
                &format!("fe-{number:02}"),
                at,
            )
        };
        let probe = |number: usize| {
            let properties = json!({ "intervalInSeconds": 5, "noHealthyBackendsBehavior": "AllProbedDown", "numberOfProbes": 2, "port": 30_000 + number, "probeThreshold": 2, "protocol": "Http", "provisioningState": "Succeeded", "requestPath": "/healthz" });
            part(
                &id,
                "probes",
                &format!("fe-{number:02}-TCP-443"),
                properties,
            )
        };
        let rule = |number: usize| {
            let properties = json!({
                "backendAddressPool": reference(self.backend_pool(name, "kubernetes")), "backendPort": 443, "disableOutboundSnat": true, "enableFloatingIP": true,
                "enableTcpReset": true, "frontendIPConfiguration": reference(format!("{id}/frontendIPConfigurations/fe-{number:02}")), "frontendPort": 443,
                "idleTimeoutInMinutes": 4, "loadDistribution": "Default", "probe": reference(format!("{id}/probes/fe-{number:02}-TCP-443")), "protocol": "Tcp", "provisioningState": "Succeeded",
            });
            part(
                &id,
                "loadBalancingRules",
                &format!("fe-{number:02}-TCP-443"),
                properties,
            )
        };
        let pool = json!({ "backendIPConfigurations": self.node_addresses(), "loadBalancerBackendAddresses": [], "provisioningState": "Succeeded" });
        let properties = json!({
            "backendAddressPools": [part(&id, "backendAddressPools", "kubernetes", pool)],
            "frontendIPConfigurations": (0..services).map(frontend).collect::<Vec<_>>(),
            "inboundNatRules": [],
            "loadBalancingRules": (0..services).map(rule).collect::<Vec<_>>(),
            "outboundRules": [],
            "probes": (0..services).map(probe).collect::<Vec<_>>(),
            "provisioningState": "Succeeded",
            "resourceGuid": random.uuid(),
        });
        let mut body = group.resource("Microsoft.Network/loadBalancers", name, properties, random);
        body["sku"] = json!({ "name": "Standard", "tier": "Regional" });
        body
    }

    fn application_gateway(&self, random: &mut Random) -> Value {
        let id = self.gateway_id();
        let sites = random.between(4, 16);
        let each = |collection: &str, prefix: &str, body: &dyn Fn(usize) -> Value| -> Vec<Value> {
            (0..sites)
                .map(|number| {
                    part(
                        &id,
                        collection,
                        &format!("{prefix}-{number:02}"),
                        body(number),
                    )
                })
                .collect()
        };
        let properties = json!({
            "autoscaleConfiguration": { "maxCapacity": 10, "minCapacity": 2 },
            "backendAddressPools": each("backendAddressPools", "pool", &|number| json!({ "backendAddresses": [{ "ipAddress": format!("{}.{}", self.address(4), 10 + number) }], "provisioningState": "Succeeded" })),
            "backendHttpSettingsCollection": each("backendHttpSettingsCollection", "settings", &|number| json!({
                "affinityCookieName": "ApplicationGatewayAffinity", "connectionDraining": { "drainTimeoutInSec": 60, "enabled": true }, "cookieBasedAffinity": "Disabled", "hostName": site(number),
                "pickHostNameFromBackendAddress": false, "port": 443, "probe": reference(format!("{id}/probes/probe-{number:02}")), "protocol": "Https", "provisioningState": "Succeeded", "requestTimeout": 30,
            })),
            "enableHttp2": true,
            "firewallPolicy": reference(self.waf_policy_id()),
            "frontendIPConfigurations": [part(&id, "frontendIPConfigurations", "public", json!({ "privateIPAllocationMethod": "Dynamic", "provisioningState": "Succeeded", "publicIPAddress": reference(self.public_address_id("gateway")) }))],
            "frontendPorts": [part(&id, "frontendPorts", "port-443", json!({ "port": 443, "provisioningState": "Succeeded" })), part(&id, "frontendPorts", "port-80", json!({ "port": 80, "provisioningState": "Succeeded" }))],
            "gatewayIPConfigurations": [part(&id, "gatewayIPConfigurations", "gateway", json!({ "provisioningState": "Succeeded", "subnet": reference(self.subnet_id("snet-gateway")) }))],
            "httpListeners": each("httpListeners", "listener", &|number| json!({
                "customErrorConfigurations": [], "frontendIPConfiguration": reference(format!("{id}/frontendIPConfigurations/public")), "frontendPort": reference(format!("{id}/frontendPorts/port-443")),
                "hostName": site(number), "hostNames": [], "protocol": "Https", "provisioningState": "Succeeded", "requireServerNameIndication": true, "sslCertificate": reference(format!("{id}/sslCertificates/wildcard")),
            })),
            "operationalState": "Running",
            "probes": each("probes", "probe", &|number| json!({
                "host": site(number), "interval": 30, "match": { "body": "", "statusCodes": ["200-399"] }, "minServers": 0, "path": "/healthz",
                "pickHostNameFromBackendHttpSettings": false, "protocol": "Https", "provisioningState": "Succeeded", "timeout": 30, "unhealthyThreshold": 3,
            })),
            "provisioningState": "Succeeded",
            "requestRoutingRules": each("requestRoutingRules", "rule", &|number| json!({
                "backendAddressPool": reference(format!("{id}/backendAddressPools/pool-{number:02}")), "backendHttpSettings": reference(format!("{id}/backendHttpSettingsCollection/settings-{number:02}")),
                "httpListener": reference(format!("{id}/httpListeners/listener-{number:02}")), "priority": 100 + 10 * number, "provisioningState": "Succeeded", "ruleType": "Basic",
            })),
            "resourceGuid": random.uuid(),
            "sku": { "family": "Generation_1", "name": "WAF_v2", "tier": "WAF_v2" },
            "sslCertificates": [part(&id, "sslCertificates", "wildcard", json!({ "keyVaultSecretId": "https://kv-edge.vault.azure.net/secrets/wildcard", "provisioningState": "Succeeded" }))],
            "sslPolicy": { "policyName": "AppGwSslPolicy20220101", "policyType": "Predefined" },
        });
        self.place.resource(
            "Microsoft.Network/applicationGateways",
            &format!("agw-{:04}", self.number),
            properties,
            random,
        )
    }

    fn waf_policy(&self, random: &mut Random) -> Value {
        let custom = |number: usize| {
            json!({
                "action": "Block",
                "matchConditions": [{ "matchValues": [format!("203.0.113.{number}"), "192.0.2.0/24"], "matchVariables": [{ "variableName": "RemoteAddr" }], "negationConditon": false, "operator": "IPMatch", "transforms": [] }],
                "name": format!("deny{number:02}"), "priority": 10 + number, "ruleType": "MatchRule", "state": "Enabled",
            })
        };
        let properties = json!({
            "applicationGateways": [reference(self.gateway_id())],
            "customRules": (0..random.between(2, 20)).map(custom).collect::<Vec<_>>(),
            "managedRules": {
                "exclusions": [{ "matchVariable": "RequestCookieNames", "selector": "session", "selectorMatchOperator": "Equals" }],
                "managedRuleSets": [
                    { "ruleGroupOverrides": [{ "ruleGroupName": "SQLI", "rules": [{ "action": "AnomalyScoring", "ruleId": "942430", "state": random.pick(&["Enabled", "Disabled"]) }] }], "ruleSetType": "Microsoft_DefaultRuleSet", "ruleSetVersion": "2.1" },
                    { "ruleGroupOverrides": [], "ruleSetType": "Microsoft_BotManagerRuleSet", "ruleSetVersion": "1.1" },
                ],
            },
            "policySettings": {
                "fileUploadEnforcement": true, "fileUploadLimitInMb": 100, "maxRequestBodySizeInKb": 128, "mode": random.pick(&["Prevention", "Prevention", "Detection"]),
                "requestBodyCheck": random.percent(80), "requestBodyEnforcement": true, "requestBodyInspectLimitInKB": 128, "state": "Enabled",
            },
            "provisioningState": "Succeeded",
        });
        self.place.resource(
            "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
            &format!("waf-{:04}", self.number),
            properties,
            random,
        )
    }
}

fn site(number: usize) -> String {
    format!("site-{number:02}.brackwater.example")
}
