//! What Azure refuses of a cluster's network settings.

use palisade_estate::azure::ManagedCluster;
use palisade_reach::azure::refusals;
use serde_json::{Value, json};

use crate::estate::estate;
use crate::spoke::{Spoke, to_appliance};

/// The causes for which the cluster of a spoke is refused.
fn causes(change: impl FnOnce(&mut Spoke), settings: &[(&str, Value)]) -> Vec<String> {
    let mut spoke = Spoke::default();
    change(&mut spoke);
    let mut resources = spoke.written();
    for (key, value) in settings {
        resources[0]["properties"][*key] = value.clone();
    }
    let estate = estate(&resources);
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let refusals = refusals(&cluster).into_iter();
    refusals.map(|refusal| refusal.cause).collect()
}

#[test]
fn a_default_route_is_needed_where_routes_lead_out() {
    let routed = |spoke: &mut Spoke| spoke.outbound = "userDefinedRouting";
    assert_eq!(causes(routed, &[]).len(), 1);
    let to_firewall = |spoke: &mut Spoke| {
        routed(spoke);
        spoke.routes = vec![to_appliance("default", "0.0.0.0/0")];
    };
    assert!(causes(to_firewall, &[]).is_empty());
    let to_internet = |spoke: &mut Spoke| {
        routed(spoke);
        spoke.routes = vec![json!({"name": "default", "properties": {
            "addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}})];
    };
    assert_eq!(causes(to_internet, &[]).len(), 1);
    assert_eq!(causes(|spoke| spoke.outbound = "block", &[]).len(), 1);
}

#[test]
fn a_private_cluster_needs_a_name_somewhere() {
    let profile = |public: bool| {
        json!({"enablePrivateCluster": true, "privateDNSZone": "none",
               "enablePrivateClusterPublicFQDN": public})
    };
    let causes = |public| causes(|_| {}, &[("apiServerAccessProfile", profile(public))]);
    assert_eq!(causes(false).len(), 1);
    assert!(causes(true).is_empty());
}

#[test]
fn kubenet_takes_four_hundred_nodes() {
    let kubenet = |spoke: &mut Spoke| spoke.plugin = ("kubenet", None, Some("10.244.0.0/16"));
    let pools = |count: u32| {
        let pool = json!([{"name": "p", "count": count, "enableAutoScaling": false}]);
        [("agentPoolProfiles", pool)]
    };
    assert!(causes(kubenet, &pools(400)).is_empty());
    assert_eq!(causes(kubenet, &pools(401)).len(), 1);
}
