//! CIS benchmark for AKS, version 1.8. Titles are in our own words.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged("2.1.1", "audit logs are collected"),
    Item::out(
        "3.1",
        "files of the nodes' configuration (3.1.1 to 3.1.4)",
        "files and flags of the kubelet, which only a login on the node shows and AKS sets",
    ),
    Item::out(
        "3.2",
        "flags of the kubelet (3.2.1 and after)",
        "files and flags of the kubelet, which only a login on the node shows and AKS sets",
    ),
    Item::out(
        "4.1",
        "roles and service accounts (4.1.1 to 4.1.12)",
        "who may do what with the API, not what the network lets through",
    ),
    Item::out(
        "4.2.1",
        "few containers are privileged",
        "what a container may do on its node, not what the network lets through",
    ),
    Item::out(
        "4.2.2",
        "few containers share the process namespace of their node",
        "what a container may do on its node, not what the network lets through",
    ),
    Item::out(
        "4.2.3",
        "few containers share the IPC namespace of their node",
        "what a container may do on its node, not what the network lets through",
    ),
    Item::judged("4.2.4", "few containers share the network of their node"),
    Item::out(
        "4.2.5",
        "few containers may gain privileges",
        "what a container may do on its node, not what the network lets through",
    ),
    Item::partly(
        "4.4.1",
        "the network plugin is current and knows policies",
        "AKS chooses the plugin's version with the node image; nothing in the configuration names it",
    ),
    Item::judged("4.4.2", "every namespace has network policies"),
    Item::out(
        "4.5.1",
        "secrets are files rather than environment variables",
        "how a container gets its secrets, not what the network lets through",
    ),
    Item::out(
        "4.5.2",
        "secrets are kept outside the cluster",
        "where secrets are kept, not what the network lets through",
    ),
    Item::manual(
        "4.6.1",
        "namespaces separate what belongs to different owners",
        "which workloads belong together is known to their owners only",
    ),
    Item::out(
        "4.6.2",
        "pods have a security context",
        "what a container may do on its node, not what the network lets through",
    ),
    Item::judged("4.6.3", "the default namespace is not used"),
    Item::out(
        "5.1",
        "image registries and scanning (5.1.1 to 5.1.4)",
        "where images come from, not what the network lets through",
    ),
    Item::out(
        "5.2.1",
        "workloads have service accounts of their own",
        "who may do what with the API, not what the network lets through",
    ),
    Item::out(
        "5.3.1",
        "secrets are encrypted in the cluster's store",
        "encryption at rest, not what the network lets through",
    ),
    Item::judged("5.4.1", "access to the API server is restricted"),
    Item::judged(
        "5.4.2",
        "the API server has a private endpoint and no public one",
    ),
    Item::judged("5.4.3", "nodes are private"),
    Item::judged("5.4.4", "network policies are enabled and set"),
    Item::judged("5.4.5", "load balancers for HTTPS have certificates"),
    Item::partly(
        "5.5.1",
        "users come from Microsoft Entra",
        "which groups may do what is a matter of roles",
    ),
    Item::out(
        "5.5.2",
        "Azure roles authorise users of the API",
        "who may do what with the API, not what the network lets through",
    ),
];
