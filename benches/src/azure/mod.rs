//! Azure resources as Azure Resource Manager returns them.

mod cluster;
mod edge;
mod gateway;
mod hub;
mod monitor;
mod network;
mod platform;

use serde_json::{Value, json};

use crate::random::Random;

pub(crate) use hub::{Hub, PER_HUB};

/// Where a resource lives.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) subscription: String,
    pub(crate) group: String,
    pub(crate) region: &'static str,
}

const REGIONS: [&str; 5] = [
    "westeurope",
    "northeurope",
    "swedencentral",
    "germanywestcentral",
    "uksouth",
];

impl Place {
    fn id(&self, kind: &str, name: &str) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/{kind}/{name}",
            self.subscription, self.group
        )
    }

    /// The same subscription and region with the group in which AKS keeps the nodes.
    fn node_group(&self, cluster: &str) -> Self {
        Self {
            group: format!("MC_{}_{cluster}_{}", self.group, self.region),
            ..self.clone()
        }
    }

    /// A resource with the envelope that every answer has.
    fn resource(&self, kind: &str, name: &str, properties: Value, random: &mut Random) -> Value {
        json!({
            "etag": format!("W/\"{}\"", random.uuid()),
            "id": self.id(kind, name),
            "location": self.region,
            "name": name,
            "properties": properties,
            "resourceGroup": self.group,
            "systemData": {
                "createdAt": random.time(),
                "createdBy": "deploy@brackwater.example",
                "createdByType": "User",
                "lastModifiedAt": random.time(),
                "lastModifiedBy": random.uuid(),
                "lastModifiedByType": "Application",
            },
            "tags": {
                "costCentre": random.between(1000, 9999).to_string(),
                "environment": random.pick(&["prod", "staging", "test"]),
                "managedBy": "terraform",
                "owner": random.pick(&["payments", "logistics", "storefront", "platform"]),
            },
            "type": kind,
        })
    }
}

/// A part of a resource, with an id of its own.
fn part(parent: &str, collection: &str, name: &str, properties: Value) -> Value {
    let kind = parent.split("/providers/").last().unwrap_or_default();
    let types: Vec<_> = kind.split('/').skip(1).step_by(2).collect();
    json!({
        "etag": "W/\"6f0f8d6e-1c39-4a3c-9c3b-0d5a0f6f2b11\"",
        "id": format!("{parent}/{collection}/{name}"),
        "name": name,
        "properties": properties,
        "type": format!("Microsoft.Network/{}/{collection}", types.join("/")),
    })
}

fn reference(id: impl AsRef<str>) -> Value {
    json!({ "id": id.as_ref() })
}

/// A cluster, its network and all that serves it.
pub(crate) struct Spoke {
    pub(crate) number: usize,
    pub(crate) place: Place,
    pub(crate) hub: Place,
    pub(crate) nodes: usize,
}

/// How many bodies [`Spoke::resources`] gives.
pub(crate) const PER_SPOKE: usize = 64;

impl Spoke {
    pub(crate) fn new(number: usize, hub: &Place, random: &mut Random) -> Self {
        let place = Place {
            subscription: format!("0a1b2c3d-0000-4000-8000-{:012}", number / 4),
            group: format!("rg-spoke-{number:04}"),
            region: hub.region,
        };
        Self {
            number,
            place,
            hub: hub.clone(),
            nodes: random.between(6, 48),
        }
    }

    pub(crate) fn cluster_name(&self) -> String {
        format!("aks-{:04}-{}", self.number, self.place.region)
    }

    /// The second and third part of the spoke's addresses: each has a /20 of its own.
    fn address(&self, subnet: usize) -> String {
        let block = self.number % 3000;
        format!("10.{}.{}", 16 + block / 16, (block % 16) * 16 + subnet)
    }

    fn network_id(&self) -> String {
        self.place.id(
            "Microsoft.Network/virtualNetworks",
            &format!("vnet-{:04}", self.number),
        )
    }

    fn subnet_id(&self, subnet: &str) -> String {
        format!("{}/subnets/{subnet}", self.network_id())
    }

    fn cluster_id(&self) -> String {
        self.place.id(
            "Microsoft.ContainerService/managedClusters",
            &self.cluster_name(),
        )
    }

    fn workspace_id(&self) -> String {
        self.hub
            .id("Microsoft.OperationalInsights/workspaces", "log-platform")
    }

    /// The bodies, in groups that are likely to be exported together.
    pub(crate) fn resources(&self, random: &mut Random) -> Vec<(&'static str, Vec<Value>)> {
        vec![
            ("cluster", self.cluster(random)),
            ("network", self.network(random)),
            ("public-ip-addresses", self.public_addresses(random)),
            ("edge", self.edge(random)),
            ("api-management", self.api_management(random)),
            ("private-link", self.private_link(random)),
            ("diagnostic-settings", self.diagnostic_settings(random)),
            ("monitor", self.alerts(random)),
            ("flow-logs", self.flow_logs(random)),
            ("policy-assignments", self.policy_assignments(random)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spoke_has_as_many_bodies_as_promised() {
        let random = &mut Random::new(1);
        let hub = Hub::new(0, random);
        let spoke = Spoke::new(0, &hub.place, random);
        let count: usize = spoke
            .resources(random)
            .iter()
            .map(|(_, group)| group.len())
            .sum();
        assert_eq!(count, PER_SPOKE);
    }
}
