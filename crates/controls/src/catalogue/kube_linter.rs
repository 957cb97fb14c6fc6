//! KubeLinter: the checks about the network.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged("non-isolated-pod", "every pod has a network policy"),
    Item::judged("dangling-networkpolicy", "every policy selects pods"),
    Item::judged(
        "dangling-networkpolicypeer-podselector",
        "every peer of a policy selects pods",
    ),
    Item::judged(
        "dangling-ingress",
        "an Ingress leads to Services that exist",
    ),
    Item::judged(
        "exposed-services",
        "no Service is a node port or a load balancer",
    ),
    Item::judged("host-network", "pods don't share the network of their node"),
    Item::judged("privileged-ports", "containers take no port below 1024"),
    Item::judged("ssh-port", "no container listens on port 22"),
];
