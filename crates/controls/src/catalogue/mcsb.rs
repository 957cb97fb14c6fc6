//! Microsoft cloud security benchmark, version 1, as its initiative groups the definitions.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged(
        "NS-1",
        "networks are divided into segments that only named traffic crosses",
    ),
    Item::judged("NS-2", "services are reached over private networks"),
    Item::judged("NS-3", "a firewall stands at the edge"),
    Item::judged("NS-4", "intrusions are detected and stopped"),
    Item::judged(
        "NS-5",
        "public networks are protected against denial of service",
    ),
    Item::judged("NS-6", "web applications have a web application firewall"),
    Item::judged("NS-7", "rules of the network are managed in one place"),
    Item::judged(
        "NS-8",
        "insecure protocols and services are found and disabled",
    ),
    Item::partly(
        "NS-9",
        "connections to other networks are private",
        "circuits and site connections are agreed with a carrier; their configuration alone doesn't tell where they end",
    ),
    Item::partly(
        "NS-10",
        "name resolution is secure",
        "dangling public records show only beside the DNS zones of the whole organisation",
    ),
    Item::judged("LT-1", "threats are detected"),
    Item::out(
        "LT-2",
        "threats against identities are detected",
        "identity, which has its own detectors in Microsoft Entra",
    ),
    Item::judged("LT-3", "what an investigation needs is logged"),
    Item::judged("LT-4", "the network is logged"),
    Item::partly(
        "LT-5",
        "logs come together in one place",
        "whether one team reads them all is a matter of organisation",
    ),
    Item::judged("LT-6", "logs are kept long enough"),
    Item::out(
        "LT-7",
        "clocks are right",
        "AKS and Azure keep the clocks of their hosts",
    ),
    Item::judged("DP-3", "data is encrypted on its way"),
    Item::judged("DP-6", "secrets and keys are managed"),
    Item::judged("DP-7", "certificates are managed"),
    Item::judged("IM-1", "identities come from one directory"),
    Item::judged("IM-4", "servers and callers prove who they are"),
    Item::judged("PA-7", "nobody may do more than needed"),
    Item::judged("PV-2", "configurations are audited and enforced"),
    Item::judged("IR-4", "incidents can be investigated"),
    Item::out(
        "other",
        "the other families: asset management, backup, DevOps, endpoints, governance and the rest of those above",
        "not about the network",
    ),
];
