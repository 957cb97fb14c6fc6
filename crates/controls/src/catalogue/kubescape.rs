//! Kubescape's controls about the network of AKS, as of 2026.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged("C-0030", "ingress and egress of pods are limited"),
    Item::judged("C-0041", "pods don't share the network of their node"),
    Item::judged("C-0042", "no SSH server runs in a container"),
    Item::judged("C-0044", "containers take no ports of their node"),
    Item::judged("C-0049", "an intruder can't map the network"),
    Item::judged("C-0054", "an intruder can't reach other pods"),
    Item::judged(
        "C-0059",
        "no nginx snippet opens the controller (CVE-2021-25742)",
    ),
    Item::judged("C-0061", "no pods are in the default namespace"),
    Item::judged("C-0067", "audit logs are on"),
    Item::judged("C-0115", "external addresses of Services are denied"),
    Item::judged("C-0205", "the network plugin knows policies"),
    Item::judged("C-0206", "every namespace has network policies"),
    Item::judged("C-0216", "few containers share the network of their node"),
    Item::judged("C-0240", "a cluster has a network policy engine"),
    Item::judged("C-0245", "load balancers for HTTPS have certificates"),
    Item::judged("C-0247", "access to the API server is restricted"),
    Item::judged("C-0248", "nodes are private"),
    Item::judged("C-0252", "the API server has a private endpoint"),
    Item::judged("C-0254", "audit logs are on"),
    Item::judged("C-0260", "every workload has a network policy"),
    Item::judged("C-0263", "an Ingress has TLS"),
    Item::judged("C-0283", "external addresses of Services are denied"),
    Item::judged("C-0292", "no ingress-nginx past its end"),
    Item::judged("C-0299", "every policy selects pods"),
    Item::judged("C-0301", "the egress of sandboxes for agents is limited"),
];
