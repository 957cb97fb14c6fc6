//! KubeLinter: the checks about the network.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged("dangling-networkpolicy", "every policy selects pods"),
    Item::judged(
        "dangling-ingress",
        "an Ingress leads to Services that exist",
    ),
    Item::judged(
        "exposed-services",
        "no Service is a node port or a load balancer",
    ),
    Item::judged("host-network", "pods don't share the network of their node"),
];
