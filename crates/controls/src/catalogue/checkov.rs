//! Checkov 3.3: the policies about the network of AKS.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged("CKV_AZURE_4", "cluster logs reach Azure Monitor"),
    Item::judged("CKV_AZURE_6", "an API server names its callers' addresses"),
    Item::judged("CKV_AZURE_7", "a cluster has a network policy engine"),
    Item::judged("CKV_AZURE_9", "RDP is closed to the internet"),
    Item::judged("CKV_AZURE_10", "SSH is closed to the internet"),
    Item::judged("CKV_AZURE_12", "flow logs are kept for 90 days"),
    Item::out(
        "CKV_AZURE_37",
        "a log profile keeps the activity log for a year",
        "log profiles, which Azure retired on 2026-09-30 in favour of diagnostic settings",
    ),
    Item::out(
        "CKV_AZURE_38",
        "a log profile takes all categories",
        "log profiles, which Azure retired on 2026-09-30 in favour of diagnostic settings",
    ),
    Item::judged("CKV_AZURE_85", "Defender for Kubernetes is on"),
    Item::judged("CKV_AZURE_107", "API Management is in a virtual network"),
    Item::judged("CKV_AZURE_115", "a cluster is private"),
    Item::judged("CKV_AZURE_116", "the Azure Policy add-on is on"),
    Item::judged("CKV_AZURE_118", "network interfaces forward no packets"),
    Item::judged(
        "CKV_AZURE_120",
        "an application gateway has a web application firewall",
    ),
    Item::judged("CKV_AZURE_122", "its firewall is in a mode"),
    Item::judged("CKV_AZURE_123", "Front Door's firewall is in a mode"),
    Item::out(
        "CKV_AZURE_133",
        "Front Door's firewall stops Log4Shell",
        "one rule of a managed rule set that Front Door's current sets hold and have on",
    ),
    Item::judged("CKV_AZURE_135", "a gateway's firewall stops Log4Shell"),
    Item::judged("CKV_AZURE_141", "local accounts are off"),
    Item::judged("CKV_AZURE_143", "nodes have no public address"),
    Item::judged("CKV_AZURE_152", "client certificates are asked for"),
    Item::judged("CKV_AZURE_173", "API Management speaks TLS 1.2"),
    Item::judged("CKV_AZURE_174", "API Management's public access is off"),
    Item::judged("CKV_AZURE_215", "backends are called over HTTPS"),
    Item::judged("CKV_AZURE_216", "a firewall denies known malicious traffic"),
    Item::judged("CKV_AZURE_217", "no listener takes plain HTTP"),
    Item::judged(
        "CKV_AZURE_218",
        "an application gateway has a strong TLS policy",
    ),
    Item::judged("CKV_AZURE_219", "a firewall has a policy"),
    Item::judged("CKV_AZURE_220", "intrusions are denied"),
    Item::judged("CKV_AZURE_246", "HTTP application routing is off"),
    Item::judged(
        "CKV2_AZURE_8",
        "the store of the activity log is not public",
    ),
    Item::judged("CKV2_AZURE_29", "the network plugin is Azure CNI"),
    Item::judged("CKV2_AZURE_31", "a subnet has a security group"),
    Item::judged(
        "CKV_K8S_19",
        "containers don't share the network of their node",
    ),
    Item::judged("CKV_K8S_152", "no nginx snippet runs Lua"),
    Item::judged("CKV_K8S_153", "there are no nginx snippets"),
    Item::judged("CKV_K8S_154", "no nginx snippet sets an alias"),
    Item::out(
        "CKV2_K8S_4",
        "nobody may set a Service's load balancer address",
        "who may do what with the API, not what the network lets through",
    ),
    Item::judged("CKV2_K8S_6", "every pod has a network policy"),
];
