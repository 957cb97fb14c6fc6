//! cnspec's Azure policies, by id. A star stands for several.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged("firewall-policy-configured", "a firewall has a policy"),
    Item::judged(
        "firewall-policy-premium-sku",
        "a firewall policy is of the Premium tier",
    ),
    Item::judged("firewall-policy-idps-enabled", "intrusions are detected"),
    Item::judged(
        "firewall-policy-no-idps-bypass-rules",
        "nothing bypasses the detection",
    ),
    Item::judged(
        "firewall-policy-no-any-any-allow-rule",
        "no rule allows everything",
    ),
    Item::judged(
        "firewall-policy-no-dnat-management-ports",
        "no rule leads the internet to a management port",
    ),
    Item::judged(
        "firewall-policy-threat-intel-deny",
        "known malicious traffic is denied",
    ),
    Item::judged(
        "nsg-no-unrestricted-egress",
        "no rule leads to any destination",
    ),
    Item::judged(
        "network-subnet-default-outbound-disabled",
        "a subnet has no default outbound access",
    ),
    Item::judged(
        "aks-network-policy-enabled",
        "a cluster has a network policy engine",
    ),
    Item::judged("aks-no-kubenet", "the network plugin is not kubenet"),
    Item::judged(
        "aks-wireguard-transit-encryption",
        "traffic between nodes is encrypted",
    ),
    Item::judged("aks-private-cluster-enabled", "a cluster is private"),
    Item::judged(
        "aks-private-cluster-public-fqdn-disabled",
        "a private cluster has no public name",
    ),
    Item::judged(
        "aks-api-server-authorized-ip-ranges",
        "an API server names its callers' addresses",
    ),
    Item::judged(
        "aks-public-network-access-disabled",
        "public access to a cluster is off",
    ),
    Item::judged(
        "aks-run-command-disabled",
        "commands can't be run through Azure Resource Manager",
    ),
    Item::judged(
        "appgw-waf-policy-enabled",
        "an application gateway has an enabled WAF policy",
    ),
    Item::judged("appgw-waf-prevention-mode", "a WAF policy prevents"),
    Item::judged(
        "appgw-waf-request-body-check",
        "request bodies are inspected",
    ),
    Item::judged("appgw-ssl-policy-tls12", "the TLS policy starts at 1.2"),
    Item::judged(
        "application-gateway-no-public-frontend",
        "an internal gateway has no public frontend",
    ),
    Item::judged(
        "api-management-internal-vnet-mode",
        "API Management is inside a virtual network",
    ),
    Item::judged(
        "api-management-public-network-access-disabled",
        "API Management's public access is off",
    ),
    Item::judged(
        "api-management-gateway-min-tls-1-2",
        "API Management speaks TLS 1.2",
    ),
    Item::judged(
        "api-management-weak-protocols-disabled",
        "old protocols are off",
    ),
    Item::judged(
        "network-ddos-protection-enabled",
        "a virtual network has DDoS protection",
    ),
    Item::judged(
        "public-ip-ddos-protection",
        "a public address has DDoS protection",
    ),
    Item::judged("network-watcher-flow-logs-enabled", "flow logs are on"),
    Item::judged(
        "aks-azure-policy-addon-enabled",
        "the Azure Policy add-on is on",
    ),
    Item::judged(
        "ensure-activity-log-alert-exists-for-create-update-delete-nsg",
        "an alert tells of changed security groups",
    ),
    Item::judged("diagnostic-settings-*", "the activity log is exported"),
    Item::judged("aks-container-insights-enabled", "Container Insights is on"),
];
