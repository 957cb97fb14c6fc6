//! Prowler 5.46: the checks about the network of AKS.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged(
        "aks_network_policy_enabled",
        "a cluster has a network policy engine",
    ),
    Item::judged(
        "aks_clusters_public_access_disabled",
        "a cluster is private",
    ),
    Item::judged(
        "aks_clusters_created_with_private_nodes",
        "nodes have no public address",
    ),
    Item::judged(
        "aks_cluster_local_accounts_disabled",
        "local accounts are off",
    ),
    Item::judged(
        "aks_cluster_azure_monitor_enabled",
        "metrics reach Azure Monitor",
    ),
    Item::judged("aks_cluster_defender_enabled", "the Defender profile is on"),
    Item::judged(
        "defender_ensure_defender_for_containers_is_on",
        "Defender for Containers is on",
    ),
    Item::judged(
        "network_vnet_ddos_protection_enabled",
        "a virtual network has DDoS protection",
    ),
    Item::judged(
        "network_watcher_enabled",
        "Network Watcher is on in every region",
    ),
    Item::judged(
        "network_flow_log_captured_sent",
        "flow logs are on and reach a workspace",
    ),
    Item::judged(
        "network_flow_log_more_than_90_days",
        "flow logs are kept for 90 days",
    ),
    Item::out(
        "network_public_ip_shodan",
        "no public address is listed by Shodan",
        "asks a third party about addresses; Palisade asks nobody",
    ),
    Item::judged("network_bastion_host_exists", "a Bastion host exists"),
    Item::judged(
        "network_subnet_nsg_associated",
        "a subnet has a security group",
    ),
    Item::judged(
        "network_ssh_internet_access_restricted",
        "SSH is closed to the internet",
    ),
    Item::judged(
        "network_rdp_internet_access_restricted",
        "RDP is closed to the internet",
    ),
    Item::judged(
        "network_http_internet_access_restricted",
        "HTTP is closed to the internet",
    ),
    Item::judged(
        "network_udp_internet_access_restricted",
        "UDP is closed to the internet",
    ),
    Item::out(
        "apim_threat_detection_llm_jacking",
        "no misuse of language models shows in the logs",
        "reads the traffic itself; that it is logged and limited is asked by GW010 and GW012",
    ),
    Item::judged(
        "policy_ensure_asc_enforcement_enabled",
        "the assignment of the security benchmark is enforced",
    ),
    Item::judged(
        "monitor_alert_create_policy_assignment",
        "an alert tells of a new policy assignment",
    ),
    Item::judged(
        "monitor_alert_delete_policy_assignment",
        "an alert tells of a deleted policy assignment",
    ),
    Item::judged(
        "monitor_alert_create_update_nsg",
        "an alert tells of a changed security group",
    ),
    Item::judged(
        "monitor_alert_delete_nsg",
        "an alert tells of a deleted security group",
    ),
    Item::judged(
        "monitor_alert_create_update_security_solution",
        "an alert tells of a changed security solution",
    ),
    Item::judged(
        "monitor_alert_delete_security_solution",
        "an alert tells of a deleted security solution",
    ),
    Item::judged(
        "monitor_alert_create_update_sqlserver_fr",
        "an alert tells of a changed firewall rule of a SQL server",
    ),
    Item::judged(
        "monitor_alert_delete_sqlserver_fr",
        "an alert tells of a deleted firewall rule of a SQL server",
    ),
    Item::judged(
        "monitor_alert_create_update_public_ip_address_rule",
        "an alert tells of a changed public address",
    ),
    Item::judged(
        "monitor_alert_delete_public_ip_address_rule",
        "an alert tells of a deleted public address",
    ),
    Item::judged(
        "monitor_alert_service_health_exists",
        "an alert tells of incidents of Azure",
    ),
    Item::judged(
        "monitor_diagnostic_settings_exists",
        "the activity log is exported",
    ),
    Item::judged(
        "monitor_diagnostic_setting_with_appropriate_categories",
        "the export holds the categories that matter",
    ),
    Item::judged(
        "monitor_storage_account_with_activity_logs_is_private",
        "the store of the activity log is not public",
    ),
    Item::out(
        "monitor_storage_account_with_activity_logs_cmk_encrypted",
        "the store of the activity log has a key of the customer's",
        "encryption at rest, not what the network lets through",
    ),
    Item::judged(
        "core_minimize_hostNetwork_containers",
        "containers don't share the network of their node",
    ),
    Item::judged(
        "core_minimize_admission_hostport_containers",
        "containers take no ports of their node",
    ),
];
