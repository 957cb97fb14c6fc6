//! ScoutSuite: the findings about the network of Azure.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged(
        "logging-monitoring-diagnostic-setting-does-not-exist",
        "the activity log is exported",
    ),
    Item::judged(
        "logging-monitoring-log-alert-not-exist-create-policy-assignment",
        "an alert tells of a new policy assignment",
    ),
    Item::judged(
        "logging-monitoring-log-alert-not-exist-nsg",
        "an alert tells of changed security groups",
    ),
    Item::judged(
        "logging-monitoring-log-alert-not-exist-security-solution",
        "an alert tells of changed security solutions",
    ),
    Item::out(
        "logging-monitoring-profile-does-not-capture-all-activities",
        "a log profile takes all categories",
        "log profiles, which Azure retired on 2026-09-30 in favour of diagnostic settings",
    ),
    Item::judged(
        "network-security-groups-rule-inbound-internet-all",
        "no rule takes the whole internet",
    ),
    Item::judged(
        "network-security-groups-rule-inbound-service",
        "sensitive ports are closed to the internet",
    ),
    Item::judged(
        "network-security-groups-rule-inbound-service-udp",
        "UDP is closed to the internet",
    ),
    Item::judged(
        "network-security-groups-rule-inbound-ssh",
        "SSH is closed to the internet",
    ),
    Item::judged(
        "network-security-groups-rule-inbound-rdp",
        "RDP is closed to the internet",
    ),
    Item::judged(
        "network-security-groups-rule-inbound-sql",
        "SQL is closed to the internet",
    ),
    Item::judged(
        "network-watcher-not-enabled",
        "Network Watcher is on in every region",
    ),
    Item::judged(
        "network-watcher-not-provisioned",
        "Network Watcher is provisioned",
    ),
];
