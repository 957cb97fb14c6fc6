use palisade_estate::Estate;

use crate::{clusters_of, estate_of};

const NETWORK: &str = "Microsoft.Network";

/// A hub with a firewall, and two spokes with a cluster each.
fn hub_and_spokes(more: &[(&str, &str)]) -> Estate {
    let spoke = |other: &str| {
        format!(
            r#"{{"subnets": [{{"name": "nodes", "properties": {{"networkSecurityGroup": {{"id": "~/{NETWORK}/networkSecurityGroups/nsg-{other}"}}, "routeTable": {{"id": "~/{NETWORK}/routeTables/rt-{other}"}}}}}}, {{"name": "edge", "properties": {{}}}}],
                "virtualNetworkPeerings": [{{"name": "to-hub", "properties": {{"remoteVirtualNetwork": {{"id": "~/{NETWORK}/virtualNetworks/hub"}}}}}}]}}"#
        )
    };
    let cluster = |name: &str| {
        format!(
            r#"{{"nodeResourceGroup": "MC_{name}", "agentPoolProfiles": [{{"name": "p", "vnetSubnetID": "~/{NETWORK}/virtualNetworks/spoke-{name}/subnets/nodes"}}]}}"#
        )
    };
    let (one, two) = (spoke("one"), spoke("two"));
    let (first, second) = (cluster("one"), cluster("two"));
    let hub = format!(
        r#"{{"subnets": [{{"name": "AzureFirewallSubnet", "properties": {{}}}}],
            "virtualNetworkPeerings": [
              {{"name": "to-one", "properties": {{"remoteVirtualNetwork": {{"id": "~/{NETWORK}/virtualNetworks/spoke-one"}}}}}},
              {{"name": "to-two", "properties": {{"remoteVirtualNetwork": {{"id": "~/{NETWORK}/virtualNetworks/spoke-two"}}}}}}]}}"#
    );
    let mut resources = vec![
        (
            "Microsoft.ContainerService/managedClusters/one",
            first.as_str(),
        ),
        (
            "Microsoft.ContainerService/managedClusters/two",
            second.as_str(),
        ),
        ("Microsoft.Network/virtualNetworks/spoke-one", one.as_str()),
        ("Microsoft.Network/virtualNetworks/spoke-two", two.as_str()),
        ("Microsoft.Network/virtualNetworks/hub", hub.as_str()),
        ("Microsoft.Network/networkSecurityGroups/nsg-one", "{}"),
        ("Microsoft.Network/networkSecurityGroups/nsg-two", "{}"),
        ("Microsoft.Network/routeTables/rt-one", "{}"),
        ("Microsoft.Network/routeTables/rt-two", "{}"),
        (
            "Microsoft.Network/azureFirewalls/fw",
            r#"{"ipConfigurations": [{"properties": {"subnet": {"id": "~/Microsoft.Network/virtualNetworks/hub/subnets/AzureFirewallSubnet"}}}], "firewallPolicy": {"id": "~/Microsoft.Network/firewallPolicies/fp"}}"#,
        ),
        ("Microsoft.Network/firewallPolicies/fp", "{}"),
    ];
    resources.extend_from_slice(more);
    estate_of(&resources)
}

#[test]
fn spokes_share_the_hub_and_its_firewall_and_nothing_of_each_other() {
    let estate = hub_and_spokes(&[]);
    for (path, clusters) in [
        ("Microsoft.Network/virtualNetworks/hub", &["one", "two"][..]),
        ("Microsoft.Network/azureFirewalls/fw", &["one", "two"]),
        ("Microsoft.Network/firewallPolicies/fp", &["one", "two"]),
        ("Microsoft.Network/virtualNetworks/spoke-one", &["one"]),
        (
            "Microsoft.Network/virtualNetworks/spoke-one/subnets/nodes",
            &["one"],
        ),
        ("Microsoft.Network/networkSecurityGroups/nsg-one", &["one"]),
        ("Microsoft.Network/routeTables/rt-one", &["one"]),
        (
            "Microsoft.Network/virtualNetworks/spoke-two/subnets/nodes",
            &["two"],
        ),
        ("Microsoft.Network/networkSecurityGroups/nsg-two", &["two"]),
        ("Microsoft.ContainerService/managedClusters/two", &["two"]),
    ] {
        assert_eq!(clusters_of(&estate, path), clusters, "{path}");
    }
}

#[test]
fn what_stands_in_the_network_of_a_cluster_serves_it() {
    let in_edge = r#"{"gatewayIPConfigurations": [{"properties": {"subnet": {"id": "~/Microsoft.Network/virtualNetworks/spoke-one/subnets/edge"}}}]}"#;
    let in_hub = r#"{"subnet": {"id": "~/Microsoft.Network/virtualNetworks/hub/subnets/AzureFirewallSubnet"}}"#;
    let estate = hub_and_spokes(&[
        ("Microsoft.Network/applicationGateways/agw", in_edge),
        (
            "Microsoft.ApiManagement/service/apim",
            r#"{"virtualNetworkConfiguration": {"subnetResourceId": "~/Microsoft.Network/virtualNetworks/spoke-two/subnets/edge"}}"#,
        ),
        (
            "Microsoft.Network/privateEndpoints/pe",
            r#"{"subnet": {"id": "~/Microsoft.Network/virtualNetworks/spoke-one/subnets/edge"}, "privateLinkServiceConnections": [{"properties": {"privateLinkServiceId": "~/Microsoft.ContainerService/managedClusters/two"}}]}"#,
        ),
        (
            "Microsoft.Network/networkWatchers/w/flowLogs/f",
            r#"{"targetResourceId": "~/Microsoft.Network/virtualNetworks/spoke-two"}"#,
        ),
        ("Microsoft.Network/networkWatchers/w", "{}"),
        ("Microsoft.Network/privateEndpoints/pe-hub", in_hub),
        (
            "Microsoft.Network/privateDnsZones/z/virtualNetworkLinks/l",
            r#"{"virtualNetwork": {"id": "~/Microsoft.Network/virtualNetworks/spoke-one"}}"#,
        ),
        (
            "Microsoft.Network/applicationGateways/stranger",
            r#"{"gatewayIPConfigurations": [{"properties": {"subnet": {"id": "~/Microsoft.Network/virtualNetworks/far/subnets/s"}}}]}"#,
        ),
    ]);
    for (path, clusters) in [
        ("Microsoft.Network/applicationGateways/agw", &["one"][..]),
        (
            "Microsoft.Network/virtualNetworks/spoke-one/subnets/edge",
            &["one"],
        ),
        ("Microsoft.ApiManagement/service/apim", &["two"]),
        ("Microsoft.Network/privateEndpoints/pe", &["one"]),
        ("Microsoft.Network/networkWatchers/w/flowLogs/f", &["two"]),
        ("Microsoft.Network/privateEndpoints/pe-hub", &["one", "two"]),
        (
            "Microsoft.Network/privateDnsZones/z/virtualNetworkLinks/l",
            &["one"],
        ),
        ("Microsoft.Network/applicationGateways/stranger", &[]),
    ] {
        assert_eq!(clusters_of(&estate, path), clusters, "{path}");
    }
}

#[test]
fn the_node_resource_group_belongs_to_its_cluster() {
    let path = "/subscriptions/s1/resourceGroups/mc_ONE/providers/Microsoft.Network/loadBalancers/kubernetes";
    let other = path.replace("s1", "s2");
    let cluster = crate::body(
        "Microsoft.ContainerService/managedClusters/one",
        r#"{"nodeResourceGroup": "MC_one"}"#,
    );
    let content = format!(
        r#"[{cluster}, {{"id": "{path}", "properties": {{"x": 1}}}}, {{"id": "{other}", "properties": {{"x": 1}}}}]"#
    );
    let estate = crate::estate(&content);
    let clusters = |id: &str| {
        let resource = estate
            .find(&palisade_estate::ResourceId::parse(id).unwrap())
            .unwrap();
        estate.clusters_of(&resource).len()
    };
    assert_eq!((clusters(path), clusters(&other)), (1, 0));
}

#[test]
fn what_everybody_uses_joins_nobody() {
    let workspace = "Microsoft.OperationalInsights/workspaces/law";
    let uses = |network: &str| {
        format!(
            r#"{{"addonProfiles": {{"omsagent": {{"config": {{"id": "~/{workspace}"}}}}}}, "agentPoolProfiles": [{{"vnetSubnetID": "~/Microsoft.Network/virtualNetworks/{network}/subnets/s"}}]}}"#
        )
    };
    let subnet = r#"{"subnets": [{"name": "s", "properties": {}}], "ddosProtectionPlan": {"id": "~/Microsoft.Network/ddosProtectionPlans/d"}}"#;
    let estate = estate_of(&[
        ("Microsoft.ContainerService/managedClusters/one", &uses("a")),
        ("Microsoft.ContainerService/managedClusters/two", &uses("b")),
        ("Microsoft.Network/virtualNetworks/a", subnet),
        ("Microsoft.Network/virtualNetworks/b", subnet),
        (
            workspace,
            r#"{"linked": "~/Microsoft.Network/virtualNetworks/a"}"#,
        ),
        (
            "Microsoft.Network/ddosProtectionPlans/d",
            r#"{"virtualNetworks": [{"id": "~/Microsoft.Network/virtualNetworks/a"}, {"id": "~/Microsoft.Network/virtualNetworks/b"}]}"#,
        ),
    ]);
    assert_eq!(clusters_of(&estate, workspace), ["one", "two"]);
    assert_eq!(
        clusters_of(&estate, "Microsoft.Network/ddosProtectionPlans/d"),
        ["one", "two"]
    );
    assert_eq!(
        clusters_of(&estate, "Microsoft.Network/virtualNetworks/a"),
        ["one"]
    );
    assert_eq!(
        clusters_of(&estate, "Microsoft.Network/virtualNetworks/b"),
        ["two"]
    );
}
