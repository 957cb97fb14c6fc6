//! PSRule for Azure: the rules about the network of AKS, as of its baseline of 2026-03.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged(
        "Azure.VNET.FirewallSubnet",
        "a network with a gateway has a firewall's subnet",
    ),
    Item::judged(
        "Azure.VNET.FirewallSubnetNAT",
        "the subnet of a zonal firewall has a NAT gateway",
    ),
    Item::judged(
        "Azure.Firewall.Mode",
        "a classic firewall denies known malicious traffic",
    ),
    Item::judged(
        "Azure.Firewall.PolicyMode",
        "a firewall policy denies known malicious traffic",
    ),
    Item::judged("Azure.Firewall.AvailabilityZone", "a firewall spans zones"),
    Item::out(
        "Azure.Route.Name",
        "a route table's name is valid",
        "a naming convention, which says nothing about what the network lets through",
    ),
    Item::judged(
        "Azure.VNET.PrivateSubnet",
        "a subnet has no default outbound access",
    ),
    Item::judged("Azure.AKS.NetworkPolicy", "a cluster has network policies"),
    Item::judged("Azure.AKS.AzureCNI", "the network plugin is Azure CNI"),
    Item::judged(
        "Azure.AKS.AuthorizedIPs",
        "a public API server names its callers' addresses",
    ),
    Item::judged("Azure.AKS.LocalAccounts", "local accounts are off"),
    Item::judged(
        "Azure.AKS.HttpAppRouting",
        "the HTTP application routing add-on is off",
    ),
    Item::judged(
        "Azure.AKS.AzurePolicyAddOn",
        "the Azure Policy add-on is on",
    ),
    Item::judged("Azure.AKS.AuditLogs", "audit logs are collected"),
    Item::judged(
        "Azure.AKS.AuditAdmin",
        "the audit log without reads is chosen",
    ),
    Item::judged("Azure.AKS.PlatformLogs", "platform logs are collected"),
    Item::judged("Azure.AKS.ContainerInsights", "Container Insights is on"),
    Item::judged("Azure.AKS.DefenderProfile", "the Defender profile is on"),
    Item::judged(
        "Azure.Monitor.ServiceHealth",
        "an alert tells of incidents of Azure",
    ),
    Item::judged(
        "Azure.AppGw.UseWAF",
        "an application gateway has a web application firewall",
    ),
    Item::judged("Azure.AppGw.WAFEnabled", "its firewall is enabled"),
    Item::judged("Azure.AppGw.Prevention", "its firewall prevents"),
    Item::judged("Azure.AppGw.OWASP", "its rule set is of OWASP 3"),
    Item::judged("Azure.AppGw.WAFRules", "no rule is disabled"),
    Item::judged("Azure.AppGw.UseHTTPS", "listeners use HTTPS"),
    Item::judged("Azure.AppGw.SSLPolicy", "the TLS policy starts at 1.2"),
    Item::judged(
        "Azure.AppGw.MinInstance",
        "there are two instances at least",
    ),
    Item::judged("Azure.AppGw.AvailabilityZone", "a gateway spans zones"),
    Item::judged(
        "Azure.AppGw.MigrateV2",
        "a gateway is of the second generation",
    ),
    Item::judged("Azure.AppGw.MigrateWAFPolicy", "a gateway has a WAF policy"),
    Item::judged("Azure.AppGwWAF.Enabled", "a policy is enabled"),
    Item::judged("Azure.AppGwWAF.PreventionMode", "a policy prevents"),
    Item::judged("Azure.AppGwWAF.Exclusions", "a policy has no exclusions"),
    Item::judged(
        "Azure.AppGwWAF.RuleGroups",
        "a policy has the recommended rule sets",
    ),
    Item::judged(
        "Azure.FrontDoorWAF.Enabled",
        "a policy of Front Door is enabled",
    ),
    Item::judged(
        "Azure.FrontDoorWAF.PreventionMode",
        "a policy of Front Door prevents",
    ),
    Item::judged("Azure.APIM.HTTPEndpoint", "APIs answer over HTTPS"),
    Item::judged("Azure.APIM.HTTPBackend", "backends are called over HTTPS"),
    Item::judged("Azure.APIM.Protocols", "old versions of TLS are off"),
    Item::judged("Azure.APIM.Ciphers", "weak ciphers are off"),
    Item::judged(
        "Azure.APIM.ProductSubscription",
        "products ask for a subscription",
    ),
    Item::judged(
        "Azure.APIM.ProductApproval",
        "somebody approves subscriptions",
    ),
    Item::judged(
        "Azure.APIM.CORSPolicy",
        "cross-origin policies have no wildcard",
    ),
    Item::judged("Azure.APIM.PolicyBase", "policies keep the outer policies"),
    Item::judged(
        "Azure.APIM.MinAPIVersion",
        "old versions of the management API are refused",
    ),
    Item::judged(
        "Azure.APIM.EncryptValues",
        "named values are in a key vault",
    ),
    Item::judged("Azure.APIM.DefenderCloud", "Defender for APIs is on"),
    Item::judged(
        "Azure.APIM.CertificateExpiry",
        "certificates are renewed in time",
    ),
    Item::judged("Azure.APIM.SampleProducts", "sample products are removed"),
    Item::out(
        "Azure.APIM.ManagedIdentity",
        "the service has a managed identity",
        "identity, not what the network lets through",
    ),
    Item::out(
        "Azure.APIM.MultiRegion",
        "the service spans regions",
        "availability of applications, which no recommendation is about",
    ),
    Item::judged("Azure.Policy.WaiverExpiry", "waivers end"),
    Item::judged("Azure.Policy.ExemptionDescriptors", "exemptions say why"),
    Item::judged(
        "Azure.Policy.AssignmentDescriptors",
        "assignments say what for",
    ),
    Item::out(
        "Azure.Policy.AssignmentAssignedBy",
        "assignments say by whom",
        "a naming convention, which says nothing about what the network lets through",
    ),
    Item::out(
        "Azure.Policy.Descriptors",
        "definitions say what for",
        "a naming convention, which says nothing about what the network lets through",
    ),
    Item::judged("Azure.NSG.AnyInboundSource", "no rule takes any source"),
    Item::judged(
        "Azure.NSG.LateralTraversal",
        "nodes may not administer each other",
    ),
    Item::judged(
        "Azure.NSG.DenyAllInbound",
        "no rule shuts out the load balancer's probes",
    ),
    Item::judged(
        "Azure.NSG.AKSRules",
        "a cluster's own security group has no custom rules",
    ),
    Item::judged("Azure.NSG.Associated", "a security group is in use"),
    Item::judged("Azure.VNET.UseNSGs", "subnets have security groups"),
    Item::judged(
        "Azure.VNET.BastionSubnet",
        "a network with a gateway has a Bastion subnet",
    ),
    Item::judged("Azure.PublicIP.IsAttached", "a public address is in use"),
    Item::judged(
        "Azure.PublicIP.StandardSKU",
        "a public address is of the Standard SKU",
    ),
];
