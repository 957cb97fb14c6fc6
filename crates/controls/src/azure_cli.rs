//! Commands that change a cluster.

use palisade_estate::ResourceId;

/// `az aks update` for a cluster, with its group and name filled in.
pub(crate) fn update(cluster: &ResourceId, options: &str) -> String {
    format!("az aks update {} {options}", place(cluster))
}

/// `az aks enable-addons` for a cluster.
pub(crate) fn enable_addon(cluster: &ResourceId, addon: &str) -> String {
    format!("az aks enable-addons --addons {addon} {}", place(cluster))
}

/// `az aks disable-addons` for a cluster.
pub(crate) fn disable_addon(cluster: &ResourceId, addon: &str) -> String {
    format!("az aks disable-addons --addons {addon} {}", place(cluster))
}

/// `az aks nodepool …` for a pool of a cluster.
pub(crate) fn nodepool(verb: &str, cluster: &ResourceId, pool: &str, options: &str) -> String {
    let group = cluster.resource_group().unwrap_or("GROUP");
    format!(
        "az aks nodepool {verb} --resource-group {group} --cluster-name {} --name {pool} {options}",
        cluster.name()
    )
}

fn place(cluster: &ResourceId) -> String {
    let group = cluster.resource_group().unwrap_or("GROUP");
    format!("--resource-group {group} --name {}", cluster.name())
}
