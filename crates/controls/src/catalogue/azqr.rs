//! Azure Quick Review, with the guids of the Azure Proactive Resiliency Library behind it.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged("aks-004", "a cluster is private"),
    Item::judged("aks-010", "HTTP application routing is off"),
    Item::judged("aks-012", "nodes leave by user-defined routes"),
    Item::judged("apim-004", "API Management has private endpoints"),
    Item::judged("apim-009", "API Management speaks TLS 1.2"),
    Item::judged("apim-010", "API Management has no weak ciphers"),
    Item::judged("apim-011", "certificates are renewed in time"),
    Item::judged(
        "8b9c0d1e-2f3a-4b5c-6d7e-8f9a0b1c2d3e",
        "a route table is in use",
    ),
    Item::judged(
        "6d7e8f9a-0b1c-2d3e-4f5a-6b7c8d9e0f1a",
        "an IP group is in use",
    ),
    Item::judged(
        "5c6d7e8f-9a0b-1c2d-3e4f-5a6b7c8d9e0f",
        "a NAT gateway is in use",
    ),
    Item::judged(
        "7a8b9c0d-1e2f-3a4b-5c6d-7e8f9a0b1c2d",
        "a security group is in use",
    ),
    Item::judged(
        "5e6f7a8b-9c0d-1e2f-3a4b-5c6d7e8f9a0b",
        "a public address is in use",
    ),
    Item::judged(
        "0b1c2d3e-4f5a-6b7c-8d9e-0f1a2b3c4d5e",
        "a DDoS plan protects something",
    ),
    Item::judged(
        "2f3a4b5c-6d7e-8f9a-0b1c-2d3e4f5a6b7c",
        "an application gateway has backends",
    ),
    Item::out(
        "0d1e2f3a-4b5c-6d7e-8f9a-0b1c2d3e4f5a",
        "a WAF policy of Front Door is in use",
        "an unused policy costs money and guards nothing; it opens no way in",
    ),
    Item::out(
        "ddos-003",
        "the service agreement of a DDoS plan",
        "a contract, not a configuration",
    ),
    Item::judged(
        "3c8fa7c6-6b78-a24a-a63f-348a7c71acb9",
        "a firewall's metrics are watched",
    ),
    Item::out(
        "3a63560a-1ed3-6140-acd1-d1d23f9a2e12",
        "firewall policies inherit from a base policy",
        "a way to organise rules; a single policy needs no parent",
    ),
    Item::judged(
        "c72b7fee-1fa0-5b4b-98e5-54bcae95bb74",
        "a firewall spans zones",
    ),
    Item::judged(
        "d2e4a38e-2307-4299-a217-4c0cebc9a7f6",
        "a firewall has several addresses",
    ),
    Item::judged(
        "1b2dbf4a-8a0b-5e4b-8f4e-3f758188910d",
        "a firewall's network has DDoS protection",
    ),
    Item::judged(
        "8d9223c4-730d-ca47-af88-a9a024c37270",
        "application gateways have WAF policies",
    ),
    Item::judged(
        "233a7008-71e9-e745-923e-1a1c7a0b92f3",
        "listeners use HTTPS",
    ),
    Item::judged(
        "537b4d94-edd1-4041-b13d-8217dfa485f0",
        "blocked requests are looked at in the log",
    ),
    Item::judged(
        "823b0cff-05c0-2e4e-a1e7-9965e1cfa16f",
        "an application gateway scales by itself",
    ),
    Item::judged(
        "c9c00f2a-3888-714b-a72b-b4c9e8fcffb2",
        "an application gateway spans zones",
    ),
    Item::judged(
        "7893f0b3-8622-1d47-beed-4b50a19f7895",
        "an application gateway is of the second generation",
    ),
    Item::judged(
        "5d035919-898d-a047-8d5d-454e199692e5",
        "an application gateway is logged",
    ),
    Item::judged(
        "69ea1185-19b7-de40-9da1-9e8493547a5c",
        "networks with public addresses have DDoS protection",
    ),
    Item::judged(
        "ae054bf2-aefa-cf4a-8282-741194cef8da",
        "DDoS metrics are watched",
    ),
    Item::judged(
        "c4254c66-b8a5-47aa-82f6-e7d7fb418f47",
        "a public address has DDoS protection",
    ),
    Item::judged(
        "5cea1501-6fe4-4ec4-ac8f-f72320eb18d3",
        "a public address is of the Standard SKU",
    ),
    Item::judged(
        "24ae3773-cc2c-3649-88de-c9788e25b463",
        "private endpoints rather than service endpoints",
    ),
    Item::judged(
        "4e133bd0-8762-bc40-a95b-b29142427d73",
        "Network Watcher is on in every region in use",
    ),
    Item::judged(
        "22a769ed-0ecb-8b49-bafe-8f52e6373d9c",
        "no flow log has failed or is off",
    ),
    Item::judged(
        "1e28bbc1-1eb7-486f-8d7f-93943f40219c",
        "a connection monitor exists",
    ),
    Item::judged(
        "bf0b7dbd-016d-458c-af99-70fcb03ad451",
        "flow logs have traffic analytics",
    ),
    Item::judged(
        "06b77be9-56a3-4d41-b362-8b295c5a283d",
        "a virtual network has a flow log",
    ),
    Item::judged(
        "dcaf8128-94bd-4d53-9235-3a0371df6b74",
        "a cluster is monitored",
    ),
    Item::judged(
        "8bb4a57b-55e4-d24e-9c19-2679d8bc779f",
        "an alert tells of changed security groups",
    ),
    Item::judged(
        "23b2dfc7-7e5d-9443-9f62-980ca621b561",
        "an alert tells of changed route tables",
    ),
    Item::judged(
        "d2976d3e-294b-4b49-a1f0-c42566a3758f",
        "security groups are logged",
    ),
    Item::judged(
        "f0bf9ae6-25a5-974d-87d5-025abec73539",
        "a subnet has a security group",
    ),
    Item::judged(
        "8291c1fa-650c-b44b-b008-4deb7465919d",
        "a security group has rules of its own",
    ),
];
