//! Trivy's checks about the network of AKS, as of version 0.76.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::out(
        "AZU-0031",
        "a log profile keeps the activity log for a year",
        "log profiles, which Azure retired on 2026-09-30 in favour of diagnostic settings",
    ),
    Item::out(
        "AZU-0032",
        "a log profile takes all regions",
        "log profiles, which Azure retired on 2026-09-30 in favour of diagnostic settings",
    ),
    Item::out(
        "AZU-0033",
        "a log profile takes all categories",
        "log profiles, which Azure retired on 2026-09-30 in favour of diagnostic settings",
    ),
    Item::judged("AZU-0040", "cluster logs reach Azure Monitor"),
    Item::judged("AZU-0041", "an API server names its callers' addresses"),
    Item::judged("AZU-0043", "a cluster has a network policy engine"),
    Item::judged("AZU-0047", "no rule takes any source"),
    Item::judged("AZU-0048", "RDP is closed to the internet"),
    Item::judged("AZU-0049", "flow logs are kept for 90 days"),
    Item::judged("AZU-0050", "SSH is closed to the internet"),
    Item::judged("AZU-0051", "no rule leads to any destination"),
    Item::judged("AZU-0065", "a cluster is private"),
    Item::judged("AZU-0066", "the Azure Policy add-on is on"),
    Item::judged("AZU-0073", "flow logs are on"),
    Item::judged("AZU-0074", "sensitive ports are closed to the internet"),
    Item::judged("AZU-0075", "network interfaces forward no packets"),
    Item::judged("AZU-0076", "network interfaces have no public address"),
    Item::judged("KUBE-0001", "no policy takes every address"),
    Item::judged("KUBE-0002", "no policy leads to every address"),
    Item::judged("KSV-0038", "policies select pods or namespaces"),
    Item::out(
        "KSV-0056",
        "few may change Services and policies",
        "who may do what with the API, not what the network lets through",
    ),
];
