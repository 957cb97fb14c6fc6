//! CIS Microsoft Azure Foundations benchmark, version 6.0. Titles are in our own words.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::out(
        "2",
        "Databricks (2.1.1 to 2.1.12)",
        "Databricks, which no recommendation is about",
    ),
    Item::out(
        "3",
        "virtual machines' administrators (3.1.1)",
        "identity, not what the network lets through",
    ),
    Item::out(
        "5",
        "identity (5.1 to 5.7)",
        "identity, not what the network lets through",
    ),
    Item::judged("6.1.1.1", "the activity log is exported"),
    Item::judged("6.1.1.2", "the export holds the categories that matter"),
    Item::out(
        "6.1.1.3",
        "the store of the activity log has a key of the customer's",
        "encryption at rest, not what the network lets through",
    ),
    Item::out(
        "6.1.1.4",
        "key vaults are logged",
        "key vaults, which no recommendation is about",
    ),
    Item::partly(
        "6.1.1.5",
        "flow logs of security groups reach a workspace",
        "no new ones can be made since 2025-06-30, and the last end on 2027-09-30: the flow logs of networks take their place",
    ),
    Item::judged("6.1.1.6", "flow logs of virtual networks reach a workspace"),
    Item::out(
        "6.1.1.7",
        "Microsoft Graph activity is logged",
        "identity, not what the network lets through",
    ),
    Item::out(
        "6.1.1.8",
        "Microsoft Entra activity is logged",
        "identity, not what the network lets through",
    ),
    Item::out(
        "6.1.1.9",
        "Intune is logged",
        "devices, which no recommendation is about",
    ),
    Item::judged("6.1.2.1", "an alert tells of a new policy assignment"),
    Item::judged("6.1.2.2", "an alert tells of a deleted policy assignment"),
    Item::judged("6.1.2.3", "an alert tells of a changed security group"),
    Item::judged("6.1.2.4", "an alert tells of a deleted security group"),
    Item::judged("6.1.2.5", "an alert tells of a changed security solution"),
    Item::judged("6.1.2.6", "an alert tells of a deleted security solution"),
    Item::judged(
        "6.1.2.7",
        "an alert tells of a changed firewall rule of a SQL server",
    ),
    Item::judged(
        "6.1.2.8",
        "an alert tells of a deleted firewall rule of a SQL server",
    ),
    Item::judged("6.1.2.9", "an alert tells of a changed public address"),
    Item::judged("6.1.2.10", "an alert tells of a deleted public address"),
    Item::judged("6.1.2.11", "an alert tells of incidents of Azure"),
    Item::out(
        "6.1.3.1",
        "Application Insights is set up",
        "the inside of applications, which no recommendation is about",
    ),
    Item::partly(
        "6.1.4",
        "every service that can be logged is logged",
        "services beyond those of the nine recommendations are left to other tools",
    ),
    Item::partly(
        "6.1.5",
        "production has no Basic or Free tiers",
        "what is production is known to its owners only",
    ),
    Item::out(
        "6.2",
        "what matters most has locks",
        "locks keep from deleting by mistake; they let nothing through and stop nothing",
    ),
    Item::judged("7.1", "RDP from the internet is restricted"),
    Item::judged("7.2", "SSH from the internet is restricted"),
    Item::judged("7.3", "UDP from the internet is restricted"),
    Item::judged("7.4", "HTTP and HTTPS from the internet are restricted"),
    Item::judged("7.5", "flow logs of security groups are kept for 90 days"),
    Item::judged("7.6", "Network Watcher is on in every region in use"),
    Item::partly(
        "7.7",
        "public addresses are reviewed",
        "whether an address is still wanted is known to its owner only",
    ),
    Item::judged("7.8", "flow logs of virtual networks are kept for 90 days"),
    Item::judged("7.9", "VPN clients sign in with Microsoft Entra only"),
    Item::judged(
        "7.10",
        "application gateways have a web application firewall",
    ),
    Item::judged("7.11", "subnets have security groups"),
    Item::judged("7.12", "application gateways speak TLS 1.2 or later"),
    Item::judged("7.13", "application gateways speak HTTP/2"),
    Item::judged("7.14", "request bodies are inspected"),
    Item::judged("7.15", "bot protection is on"),
    Item::manual(
        "7.16",
        "platform services are in a network security perimeter",
        "which services belong into one perimeter is decided by whoever owns the data; an association alone says nothing of its rules",
    ),
    Item::judged("8.1.2.1", "Defender for APIs is on"),
    Item::judged("8.1.4.1", "Defender for Containers is on"),
    Item::partly(
        "8.1.11",
        "policies of the Microsoft cloud security benchmark are not disabled",
        "which of its several hundred effects may be Disabled is a decision for each",
    ),
    Item::out(
        "8.1",
        "the other plans and settings of Defender for Cloud",
        "hosts, data and identity, which no recommendation is about",
    ),
    Item::out(
        "8.2",
        "IoT (8.2.1)",
        "devices, which no recommendation is about",
    ),
    Item::out(
        "8.3",
        "key vaults (8.3.1 to 8.3.11)",
        "key vaults, which no recommendation is about",
    ),
    Item::judged("8.4.1", "a Bastion host exists"),
    Item::judged("8.5", "virtual networks have DDoS protection"),
    Item::out(
        "9",
        "storage accounts (9.1.1 to 9.3.11)",
        "data stores, which no recommendation is about; those that hold logs are asked by MON022",
    ),
];
