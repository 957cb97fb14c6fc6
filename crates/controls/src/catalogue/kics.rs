//! KICS: the queries about the network of AKS, by folder. A star stands for several.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged(
        "aks_network_policy_misconfigured",
        "a cluster has a network policy engine",
    ),
    Item::judged(
        "aks_cluster_network_policy_not_configured",
        "a cluster has a network policy engine",
    ),
    Item::judged("aks_private_cluster_disabled", "a cluster is private"),
    Item::judged(
        "aks_with_authorized_ip_ranges_disabled",
        "an API server names its callers' addresses",
    ),
    Item::judged(
        "aks_azure_policies_addon_disabled",
        "the Azure Policy add-on is on",
    ),
    Item::judged("aks_without_audit_logs", "audit logs are on"),
    Item::judged(
        "aks_logging_azure_monitoring_disabled",
        "cluster logs reach Azure Monitor",
    ),
    Item::judged(
        "app_gateway_waf_is_disabled",
        "an application gateway has a web application firewall",
    ),
    Item::judged(
        "unrecommended_network_watcher_flow_log_retention_policy",
        "flow logs are kept for 90 days",
    ),
    Item::judged(
        "network_security_group_with_unrestricted_access_to_ssh",
        "SSH is closed to the internet",
    ),
    Item::judged(
        "network_security_group_with_unrestricted_access_to_rdp",
        "RDP is closed to the internet",
    ),
    Item::judged(
        "activity_log_alert_for_create_or_update_*",
        "alerts tell of changed security groups, public addresses, policies and others",
    ),
    Item::judged(
        "activity_log_alert_for_delete_*",
        "alerts tell of deleted security groups, public addresses, policies and others",
    ),
];
