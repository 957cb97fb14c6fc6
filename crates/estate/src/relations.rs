//! Which resources belong to which cluster, by the references between them.

use std::collections::{BTreeSet, HashMap, VecDeque};

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

/// A value of a body that can't be known before deployment and may be a reference: anything but
/// a name, a place and the like, which stand beside the settings.
pub(crate) fn unknown_reference(body: Value<'_>) -> Option<Value<'_>> {
    const NO_REFERENCES: [&str; 6] = ["name", "location", "tags", "sku", "zones", "kind"];
    match body.kind() {
        Kind::Unknown => Some(body),
        Kind::Array => body.items().find_map(unknown_reference),
        Kind::Object => body
            .entries()
            .filter(|entry| !NO_REFERENCES.contains(&entry.name()))
            .find_map(|entry| unknown_reference(entry.value)),
        _ => None,
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
    let groups = by_group(estate);
    for cluster in estate.clusters() {
        let Ok(managed) = cluster.managed() else {
            continue;
        };
        for resource in reachable(estate, managed, &groups) {
            clusters[resource as usize].push(cluster.index());
        }
    }
    Relations { clusters }
}

/// The resources by subscription and resource group, in lower case.
type Groups = HashMap<(String, String), Vec<u32>>;

fn by_group(estate: &Estate) -> Groups {
    let mut groups = Groups::new();
    for resource in estate.resources() {
        let id = resource.id();
        if let (Some(subscription), Some(group)) = (id.subscription(), id.resource_group()) {
            let key = (subscription.to_owned(), group.to_owned());
            groups.entry(key).or_default().push(resource.index());
        }
    }
    groups
}

/// A step of the walk: how often a peering has been crossed.
type Step = (u32, u8);

fn reachable(estate: &Estate, cluster: ManagedCluster<'_>, groups: &Groups) -> BTreeSet<u32> {
    let mut seen = BTreeSet::from([cluster.index()]);
    let mut queue: VecDeque<Step> = VecDeque::from([(cluster.index(), 0)]);
    for &resource in node_resource_group(cluster, groups).into_iter().flatten() {
        if seen.insert(resource) {
            queue.push_back((resource, 0));
        }
    }
    while let Some((index, crossings)) = queue.pop_front() {
        let resource = Resource::new(estate, index);
        for (next, crossings) in neighbours(estate, &resource, crossings) {
            if seen.insert(next) {
                queue.push_back((next, crossings));
            }
        }
    }
    seen
}

fn node_resource_group<'g>(
    cluster: ManagedCluster<'_>,
    groups: &'g Groups,
) -> Option<&'g Vec<u32>> {
    let subscription = cluster.id().subscription()?.to_owned();
    let group = cluster
        .node_resource_group()
        .present()?
        .to_ascii_lowercase();
    groups.get(&(subscription, group))
}

fn neighbours(estate: &Estate, resource: &Resource<'_>, crossings: u8) -> Vec<Step> {
    let mut steps = Vec::new();
    if !is_dead_end(resource.resource_type()) {
        steps.extend(
            estate
                .named_by(resource.index())
                .iter()
                .filter_map(|&next| {
                    let next_type = &estate.record(next).resource_type;
                    let crossings = follow(resource.resource_type(), next_type, crossings)?;
                    Some((next, crossings))
                }),
        );
        // A body may leave out the ids of the children that stand in it.
        let below = estate.below(resource.id()).iter();
        let is_child = |child: &u32| {
            let child_type = &estate.record(*child).resource_type;
            child_type.starts_with(resource.resource_type())
        };
        steps.extend(
            below
                .copied()
                .filter(is_child)
                .map(|child| (child, crossings)),
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
fn follow(from: &str, to: &str, crossings: u8) -> Option<u8> {
    let is_peering = from == "microsoft.network/virtualnetworks/virtualnetworkpeerings"
        || (from == "microsoft.network/virtualnetworks"
            && to == "microsoft.network/virtualnetworks");
    match (to == ManagedCluster::TYPE, is_peering) {
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
