//! Built-in definitions of Azure Policy about the network of AKS, as published in 2026.

use super::Item;

pub(super) const ITEMS: &[Item] = &[
    Item::judged(
        "d8c942c6-16a3-400b-8f2e-785f44030036",
        "an Ingress rule names its host",
    ),
    Item::judged(
        "a8eff44f-8c92-45c3-a3fb-9880802d67a7",
        "installs the Azure Policy add-on",
    ),
    Item::judged(
        "0a15ec92-a229-4763-bb14-0ea34a568f8d",
        "the Azure Policy add-on is installed",
    ),
    Item::judged(
        "46238e2f-3f6f-4589-9f3f-77bed4116e67",
        "the network plugin is Azure CNI",
    ),
    Item::judged(
        "1a5b4dca-0b6f-4cf5-907c-56316bc1bf3d",
        "an Ingress answers over HTTPS only",
    ),
    Item::judged(
        "d46c275d-1680-448d-b2ec-e495a3b6cc89",
        "a Service takes only allowed external addresses",
    ),
    Item::judged(
        "245fc9df-fa96-4414-9a0b-3738c2f7341c",
        "the resource logs of a cluster are collected",
    ),
    Item::judged(
        "6c66c325-74c8-42fd-a286-a74b0e2939d8",
        "sends the logs of a cluster to a workspace",
    ),
    Item::judged(
        "3fc4dc25-5baf-40d8-9b05-7fe74c1bc64e",
        "load balancers of a cluster are internal",
    ),
    Item::judged(
        "89f2d532-c53c-4f8f-9afa-4927b1114a0d",
        "commands can't be run through Azure Resource Manager",
    ),
    Item::judged(
        "82985f06-dc18-4a48-bc1c-b9f4f0098cfe",
        "pods use only allowed networks and ports of their node",
    ),
    Item::out(
        "47a1ee2f-2a2a-4576-bf2a-e0e36709c2b8",
        "containers share no process or IPC namespace of their node",
        "what a container may do on its node, not what the network lets through",
    ),
    Item::out(
        "b0fdedee-7b9e-4a17-9f5d-5e8e912d2f01",
        "no two Services select the same pods",
        "a matter of reliability: two Services before the same pods open nothing",
    ),
    Item::judged(
        "040732e8-d947-40b8-95d6-854c95024bf8",
        "a cluster is private",
    ),
    Item::judged(
        "233a2a17-77ca-4fb1-9b6b-69223d272a44",
        "a Service listens on allowed ports only",
    ),
    Item::judged(
        "2fbff515-eecc-4b7e-9b63-fcc7138b7dc3",
        "HTTPS ingress, in its deprecated form",
    ),
    Item::judged(
        "25dee3db-6ce0-4c02-ab5d-245887b24077",
        "allowed ports, in their deprecated form",
    ),
    Item::judged(
        "94de2ad3-e0c1-4caf-ad78-5d47bbc83d3d",
        "a virtual network has DDoS protection",
    ),
    Item::judged(
        "a7aca53f-2ed4-4466-a25e-0b45ade68efd",
        "a network with a public gateway has DDoS protection",
    ),
    Item::judged(
        "752154a7-1e0f-45c6-a880-ac75a7e4f648",
        "the DDoS logs of a public address are collected",
    ),
    Item::judged(
        "da79a7e2-8aa1-45ed-af81-ba050c153564",
        "a firewall policy denies known malicious traffic",
    ),
    Item::judged(
        "7c591a93-c34c-464c-94ac-8f9f9a46e3d6",
        "a classic firewall denies known malicious traffic",
    ),
    Item::out(
        "72923a3a-e567-46d3-b3f9-ffb2462a1c3a",
        "a virtual hub has an Azure Firewall",
        "hubs of Virtual WAN: what leads from a cluster's nodes to its firewall is asked of the nodes' routes",
    ),
    Item::judged(
        "fc5e4038-4584-4632-8c85-c0448d374b2c",
        "internet traffic goes through the Azure Firewall",
    ),
    Item::judged(
        "3e1f521a-d037-4709-bdd6-1f532f271a75",
        "a firewall spans availability zones",
    ),
    Item::judged(
        "dfb5ac92-ce74-4dbc-81fa-87243e62d5d3",
        "policy analytics of a firewall policy is on",
    ),
    Item::judged(
        "8c19196d-7fd7-45b2-a9b4-7288f47c769a",
        "a firewall is of the Premium tier",
    ),
    Item::judged(
        "3f84c9b0-8b64-4208-98d4-6ada96bb49c3",
        "a firewall policy has the DNS proxy on",
    ),
    Item::judged(
        "794d77cc-fe65-4801-8514-230c0be387a8",
        "a firewall has a policy instead of classic rules",
    ),
    Item::judged(
        "882e19a6-996f-400e-a30f-c090887254f4",
        "a gateway has a WAF policy instead of a WAF configuration",
    ),
    Item::judged(
        "564feb30-bf6a-4854-b4bb-0d2d2d1e6c66",
        "an application gateway has a web application firewall",
    ),
    Item::judged(
        "ff1f1879-a60d-4f23-9641-41e7391ec19a",
        "an application gateway is deployed with a web application firewall",
    ),
    Item::judged(
        "12430be1-6cc8-4527-a9a8-e3d38f250096",
        "the web application firewall of a gateway is in the given mode",
    ),
    Item::judged(
        "425bea59-a659-4cbb-8d31-34499bd030b8",
        "the web application firewall of Front Door is in the given mode",
    ),
    Item::judged(
        "ebea0d86-7fbd-42e3-8a46-27e7568c2525",
        "a gateway's WAF policy has bot protection",
    ),
    Item::judged(
        "ca85ef9a-741d-461d-8b7a-18c2da82c666",
        "a gateway's WAF policy inspects request bodies",
    ),
    Item::out(
        "4598f028-de1f-4694-8751-84dceb5f86b9",
        "Front Door's WAF policy inspects request bodies",
        "of a policy of Front Door only state and mode are judged (WAF016), not what it inspects",
    ),
    Item::judged(
        "a9b99dd8-06c5-4317-8629-9d86a3c6e7d9",
        "deploys a network watcher with a virtual network",
    ),
    Item::judged(
        "b6e2945c-0b7b-40f5-9233-7a5323b5cdc6",
        "Network Watcher is enabled",
    ),
    Item::judged(
        "27960feb-a23c-4577-8d36-ef8b5f35e0be",
        "a flow log is enabled",
    ),
    Item::judged(
        "2f080164-9f4d-497e-9db6-416dc9f7b48a",
        "a flow log has traffic analytics",
    ),
    Item::judged(
        "4c3c6c5f-0d47-4402-99b8-aa543dd8bcee",
        "a virtual network has a flow log",
    ),
    Item::judged(
        "e920df7f-9a64-4066-9b58-52684c02a091",
        "sets up traffic analytics of security groups",
    ),
    Item::judged(
        "5e1cd26a-5090-4fdb-9d6a-84a90335e22d",
        "sets the store of security groups' flow logs",
    ),
    Item::judged(
        "0db34a60-64f4-4bf6-bd44-f95c16cf34b9",
        "deploys a flow log for a security group",
    ),
    Item::judged(
        "7bca8353-aa3b-429b-904a-9229c4385837",
        "a subnet has no default outbound access",
    ),
    Item::out(
        "d416745a-506c-48b6-8ab1-83cb814bcaa3",
        "virtual machines are in an approved network",
        "which network is approved is a parameter of each organisation; nodes are followed to theirs",
    ),
    Item::out(
        "35f9c03a-cc27-418e-9c0c-539ff999d010",
        "a gateway subnet has no security group",
        "a defect that Azure refuses or that cuts connections at once, and no hole",
    ),
    Item::judged(
        "88c0b9da-ce96-4b03-9635-f29a937e2900",
        "a network interface forwards no packets",
    ),
    Item::judged(
        "83a86a26-fd1f-447c-b59d-e51f44264114",
        "a network interface has no public address",
    ),
    Item::judged(
        "e71308d3-144b-4262-b144-efdc3cc90517",
        "a subnet has a network security group",
    ),
    Item::judged(
        "9daedab3-fb2d-461e-b861-71790eead4f6",
        "a security group leaves no port open to every address",
    ),
    Item::judged(
        "0e246bcf-5f6f-4f87-bc6f-775d4712c7ea",
        "a public API server names its callers' addresses",
    ),
    Item::judged(
        "b954148f-4c11-4c38-8221-be76711e194a",
        "an alert exists for an administrative operation",
    ),
    Item::judged(
        "3b980d31-7904-4bb7-8575-5665739a8052",
        "an alert exists for a security operation",
    ),
    Item::judged(
        "c5447c04-a4d7-4ba8-a263-c9ee321a6858",
        "an alert exists for a policy operation",
    ),
    Item::out(
        "b02aacc0-b073-424e-8298-42b22829ee0a",
        "a log profile keeps the activity log for a year",
        "log profiles, which Azure retired on 2026-09-30 in favour of diagnostic settings",
    ),
    Item::judged(
        "cd906338-3453-47ba-9334-2d654bf845af",
        "the logs of Front Door are collected",
    ),
    Item::judged(
        "8ac833bd-f505-48d5-887e-c993a1d3eea0",
        "an API endpoint asks for authentication",
    ),
    Item::out(
        "c8acafaf-3d23-44d1-9624-978ef0f8652c",
        "unused API endpoints are removed",
        "what is used shows in traffic, which no configuration tells",
    ),
    Item::out(
        "c15dcc82-b93c-4dcb-9332-fbf121685b54",
        "calls to backends are authenticated",
        "how a backend knows its caller, which is between applications",
    ),
    Item::judged(
        "73ef9241-5d81-4cd4-b483-8443d1730fe5",
        "the service's tier supports virtual networks",
    ),
    Item::judged(
        "ef619a2c-cc4d-4d03-b2ba-8c94a834d85b",
        "the service is in a virtual network",
    ),
    Item::judged(
        "7ca8c8ac-3a6e-493d-99ba-c5fa35347ff2",
        "turns off the service's public access",
    ),
    Item::judged(
        "df73bd95-24da-4a4f-96b9-4e8b94b402bd",
        "the service's public access is off",
    ),
    Item::judged(
        "b741306c-968e-4b67-b916-5675e5c709f4",
        "the direct management endpoint is off",
    ),
    Item::out(
        "ffe25541-3853-4f4e-b71d-064422294b11",
        "the developer portal has no sign-in by password",
        "who signs in to the developer portal, not what the gateway lets through",
    ),
    Item::judged(
        "3aa03346-d8c5-4994-a5bc-7652c2a2aef1",
        "no subscription is for all APIs",
    ),
    Item::judged(
        "92bb331d-ac71-416a-8c91-02f2cb734ce4",
        "backends' certificates are checked",
    ),
    Item::judged(
        "7926a6d1-b268-4586-8197-e8ae90c877d7",
        "Defender for APIs is on",
    ),
    Item::judged(
        "1c988dd6-ade4-430f-a608-2a3e5b0a6d38",
        "Defender for Containers is on",
    ),
    Item::judged(
        "a1840de2-8088-4ea8-b153-b4c723e9cb01",
        "a cluster has the Defender profile",
    ),
    Item::out(
        "055aa869-bc98-4af8-bafc-23f1ab6ffe2c",
        "Front Door has a web application firewall",
        "asks the classic Front Door, which Azure retires on 2027-03-31; policies are asked of both kinds",
    ),
    Item::judged(
        "c251913d-7d24-4958-af87-478ed3b9ba41",
        "a security group has a flow log",
    ),
];
