//! Which resources belong to which cluster, by the references between them.

use std::collections::{BTreeSet, VecDeque};

use palisade_document::{Kind, Value};

use crate::azure::ManagedCluster;
use crate::{Estate, Resource, ResourceId, View};

/// For every resource the numbers of its clusters.
#[derive(Default)]
pub(crate) struct Relations {
    clusters: Vec<Vec<u32>>,
}

impl Relations {
    pub(crate) fn clusters_of(&self, resource: u32) -> &[u32] {
        self.clusters
            .get(resource as usize)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// Calls `visit` with the key of every resource id that a body names.
pub(crate) fn named_ids(value: Value<'_>, visit: &mut impl FnMut(&str)) {
    match value.kind() {
        Kind::String => {
            let text = value.scalar();
            if starts_as_id(text)
                && let Some(id) = ResourceId::parse(text)
            {
                visit(id.key());
            }
        }
        Kind::Array => value.items().for_each(|item| named_ids(item, visit)),
        Kind::Object => value
            .entries()
            .for_each(|entry| named_ids(entry.value, visit)),
        _ => {}
    }
}

fn starts_as_id(text: &str) -> bool {
    let prefix = "/subscriptions/";
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Follows the references from each managed cluster: to its subnets and what they use, to their
/// virtual network, over a peering to the hub and its firewall but not on to the other spokes,
/// to what the node resource group holds, and to the gateways and services in the network.
pub(crate) fn relate(estate: &Estate) -> Relations {
    let mut clusters = vec![Vec::new(); estate.resources().len()];
    let children = children(estate);
    for cluster in estate.clusters() {
        let Ok(managed) = cluster.managed() else {
            continue;
        };
        for resource in reachable(estate, &children, managed) {
            clusters[resource as usize].push(cluster.index());
        }
    }
    Relations { clusters }
}

/// A step of the walk: how often a peering has been crossed.
type Step = (u32, u8);

/// For every resource the children that the input holds. A body may leave out the ids of the
/// children that stand in it.
fn children(estate: &Estate) -> Vec<Vec<u32>> {
    let mut children = vec![Vec::new(); estate.resources().len()];
    for child in estate.resources() {
        if let Some(parent) = child.parent()
            && child.resource_type().starts_with(parent.resource_type())
        {
            children[parent.index() as usize].push(child.index());
        }
    }
    children
}

fn reachable(estate: &Estate, children: &[Vec<u32>], cluster: ManagedCluster<'_>) -> BTreeSet<u32> {
    let mut seen = BTreeSet::from([cluster.index()]);
    let mut queue: VecDeque<Step> = VecDeque::from([(cluster.index(), 0)]);
    for resource in node_resource_group(estate, cluster) {
        if seen.insert(resource) {
            queue.push_back((resource, 0));
        }
    }
    while let Some((index, crossings)) = queue.pop_front() {
        let resource = Resource::new(estate, index);
        let mut steps = neighbours(estate, &resource, crossings);
        if !is_dead_end(resource.resource_type()) {
            let below = &children[index as usize];
            steps.extend(below.iter().map(|&child| (child, crossings)));
        }
        for (next, crossings) in steps {
            if seen.insert(next) {
                queue.push_back((next, crossings));
            }
        }
    }
    seen
}

fn node_resource_group(estate: &Estate, cluster: ManagedCluster<'_>) -> Vec<u32> {
    let Some(group) = cluster.node_resource_group().present() else {
        return Vec::new();
    };
    let belongs = |id: &ResourceId| {
        id.subscription() == cluster.id().subscription()
            && id
                .resource_group()
                .is_some_and(|name| name.eq_ignore_ascii_case(group))
    };
    estate
        .resources()
        .filter(|resource| belongs(resource.id()))
        .map(|resource| resource.index())
        .collect()
}

fn neighbours(estate: &Estate, resource: &Resource<'_>, crossings: u8) -> Vec<Step> {
    let mut steps = Vec::new();
    if !is_dead_end(resource.resource_type()) {
        steps.extend(
            estate
                .named_by(resource.index())
                .iter()
                .filter_map(|&next| {
                    let crossings =
                        follow(resource.resource_type(), &estate.record(next).id, crossings)?;
                    Some((next, crossings))
                }),
        );
    }
    let parent = resource
        .parent()
        .filter(|parent| parent.resource_type() != ManagedCluster::TYPE);
    steps.extend(parent.map(|parent| (parent.index(), crossings)));
    let attached = estate.referrers(resource.id()).into_iter();
    let attached = attached
        .filter(|referrer| is_attachment(referrer.resource_type(), resource.resource_type()));
    steps.extend(attached.map(|referrer| (referrer.index(), crossings)));
    steps
}

/// How many peerings have been crossed after the step, or nothing if the step isn't taken.
fn follow(from: &str, to: &ResourceId, crossings: u8) -> Option<u8> {
    let to_type = to.resource_type()?;
    let is_peering = from == "microsoft.network/virtualnetworks/virtualnetworkpeerings"
        || (from == "microsoft.network/virtualnetworks"
            && to_type == "microsoft.network/virtualnetworks");
    match (to_type == ManagedCluster::TYPE, is_peering) {
        (true, _) => None,
        (false, false) => Some(crossings),
        (false, true) => (crossings == 0).then_some(1),
    }
}

/// Shared by everybody: following their references would join all clusters.
fn is_dead_end(resource_type: &str) -> bool {
    matches!(
        resource_type,
        "microsoft.network/ddosprotectionplans"
            | "microsoft.operationalinsights/workspaces"
            | "microsoft.network/networkwatchers"
            | "microsoft.network/privatednszones"
            | "microsoft.storage/storageaccounts"
            | "microsoft.containerservice/managedclusters/agentpools"
    )
}

/// Whether a resource names another in order to serve it, as a gateway names its subnet and a
/// flow log its network: then it belongs where the other belongs.
fn is_attachment(resource_type: &str, target_type: &str) -> bool {
    let targets: &[&str] = match resource_type {
        "microsoft.network/applicationgateways"
        | "microsoft.network/azurefirewalls"
        | "microsoft.network/privateendpoints"
        | "microsoft.apimanagement/service" => &["microsoft.network/virtualnetworks/subnets"],
        "microsoft.network/privatednszones/virtualnetworklinks" => {
            &["microsoft.network/virtualnetworks"]
        }
        "microsoft.network/networkwatchers/flowlogs" => &[
            "microsoft.network/virtualnetworks",
            "microsoft.network/virtualnetworks/subnets",
            "microsoft.network/networksecuritygroups",
        ],
        _ => &[],
    };
    targets.contains(&target_type)
}
