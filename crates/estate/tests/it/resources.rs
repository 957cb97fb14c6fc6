use palisade_estate::azure::{ManagedCluster, NetworkSecurityGroup, Subnet, VirtualNetwork};
use palisade_estate::{Field, ResourceId, View};

use crate::{body, estate_of, find, id, input};

const SUBNET: &str = "Microsoft.Network/virtualNetworks/v/subnets/nodes";
const GUARD: &str = "Microsoft.Network/networkSecurityGroups/guard";
const CLUSTER: &str = "Microsoft.ContainerService/managedClusters/c";

#[test]
fn references_lead_both_ways_in_any_letter_case() {
    let estate = estate_of(&[
        (
            CLUSTER,
            r#"{"agentPoolProfiles": [{"name": "a", "vnetSubnetID": "~/MICROSOFT.NETWORK/VirtualNetworks/V/Subnets/NODES"}, {"name": "b", "vnetSubnetID": "~/Microsoft.Network/virtualNetworks/v/subnets/nodes"}]}"#,
        ),
        (
            "Microsoft.Network/virtualNetworks/v",
            r#"{"subnets": [{"name": "nodes", "properties": {"networkSecurityGroup": {"id": "~/Microsoft.Network/networkSecurityGroups/GUARD"}}}]}"#,
        ),
        (
            GUARD,
            r#"{"subnets": [{"id": "~/Microsoft.Network/virtualNetworks/v/subnets/nodes"}]}"#,
        ),
    ]);
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let subnets = cluster.subnets().unwrap();
    assert_eq!(subnets.len(), 1, "two pools, one subnet");
    let subnet = subnets[0].as_ref().unwrap();
    assert_eq!(subnet.id(), &id(SUBNET));
    let Field::Present(group, _) = subnet.network_security_group() else {
        panic!("no group")
    };
    let guard = estate.require::<NetworkSecurityGroup<'_>>(&group).unwrap();
    assert_eq!(guard.id(), &id(GUARD));
    assert_eq!(subnet.virtual_network().unwrap().name(), "v");
    let referrers: Vec<_> = guard
        .referrers()
        .iter()
        .map(|resource| resource.id().key().to_owned())
        .collect();
    assert!(
        referrers.contains(&id(SUBNET).key().to_owned()),
        "{referrers:?}"
    );
    assert_eq!(
        estate.referrers_of::<ManagedCluster<'_>>(&id(SUBNET)).len(),
        1
    );
    assert_eq!(estate.referrers_of::<Subnet<'_>>(guard.id()).len(), 1);
}

#[test]
fn outside_the_input_is_not_absent() {
    let estate = estate_of(&[(
        SUBNET,
        r#"{"networkSecurityGroup": {"id": "~/Microsoft.Network/networkSecurityGroups/elsewhere"}, "routeTable": null}"#,
    )]);
    let subnet = Subnet::try_of(find(&estate, SUBNET)).unwrap();
    let Field::Present(group, _) = subnet.network_security_group() else {
        panic!("no group")
    };
    let unknown = estate
        .require::<NetworkSecurityGroup<'_>>(&group)
        .err()
        .unwrap();
    assert_eq!(unknown.cause, "`elsewhere` is outside the input");
    assert!(unknown.supply.contains(group.as_str()));
    assert!(matches!(subnet.route_table(), Field::Absent(_)));
    assert_eq!(
        estate.referrers(&group).len(),
        1,
        "who names it is known all the same"
    );
}

#[test]
fn a_reference_to_another_type_is_unknown() {
    let estate = estate_of(&[(GUARD, "{}")]);
    assert!(estate.require::<VirtualNetwork<'_>>(&id(GUARD)).is_err());
}

#[test]
fn the_fuller_version_of_a_resource_wins_in_any_order() {
    let listing = r#"[{"id": "/subscriptions/s1/resourcegroups/RG/providers/Microsoft.Network/networkSecurityGroups/guard", "name": "guard", "type": "Microsoft.Network/networkSecurityGroups", "properties": null}]"#;
    let full = body(GUARD, r#"{"flushConnection": true}"#);
    for files in [
        [("a.json", listing.to_owned()), ("b.json", full.clone())],
        [("a.json", full.clone()), ("b.json", listing.to_owned())],
    ] {
        let input = input(&files, false);
        assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
        assert_eq!(input.estate.resources().len(), 1);
        assert_eq!(
            find(&input.estate, GUARD).flag("flushConnection").present(),
            Some(true)
        );
    }
}

#[test]
fn the_first_of_two_different_versions_is_used_with_a_warning() {
    let files = [
        ("a.json", body(GUARD, r#"{"mode": "first"}"#)),
        (
            "b.json",
            format!("\n{}", body(GUARD, r#"{"mode": "second"}"#)),
        ),
    ];
    let input = input(&files, false);
    assert_eq!(
        find(&input.estate, GUARD).text("mode").present(),
        Some("first")
    );
    let [warning] = input.diagnostics.as_slice() else {
        panic!("{:?}", input.diagnostics)
    };
    assert_eq!(
        (warning.path.as_str(), warning.position.unwrap().line),
        ("b.json", 2)
    );
    assert!(
        warning.message.contains("a.json:1:1"),
        "{}",
        warning.message
    );
}

#[test]
fn two_equal_versions_are_no_news() {
    let one = body(GUARD, r#"{"a": 1, "b": [1, 2]}"#);
    let other = body(GUARD, r#"{"b": [1, 2], "a": 1}"#);
    let input = input(&[("a.json", one), ("b.json", other)], false);
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
}

#[test]
fn children_and_extensions_are_found_below_their_parent() {
    let estate = estate_of(&[
        (
            "Microsoft.Network/virtualNetworks/V",
            r#"{"subnets": [{"name": "b", "properties": {}}, {"name": "a", "properties": {}}]}"#,
        ),
        (
            "Microsoft.Network/virtualNetworks/v2",
            r#"{"subnets": [{"name": "c", "properties": {}}]}"#,
        ),
        (
            "Microsoft.Network/virtualNetworks/v/providers/Microsoft.Insights/diagnosticSettings/d",
            "{}",
        ),
    ]);
    let network =
        VirtualNetwork::try_of(find(&estate, "Microsoft.Network/virtualNetworks/v")).unwrap();
    let names: Vec<_> = network
        .subnets()
        .iter()
        .map(|subnet| subnet.name().to_owned())
        .collect();
    assert_eq!(names, ["a", "b"]);
    let settings = estate.children::<palisade_estate::azure::DiagnosticSetting<'_>>(network.id());
    assert_eq!(settings.len(), 1);
}

#[test]
fn the_place_of_a_resource_does_not_depend_on_the_order_of_the_files() {
    let files = |order: [&'static str; 3]| {
        let files = order.map(|name| {
            (
                name,
                body(
                    &format!("Microsoft.Network/networkSecurityGroups/{name}"),
                    "{}",
                ),
            )
        });
        let input = input(&files, false);
        input
            .estate
            .all::<NetworkSecurityGroup<'_>>()
            .map(|group| group.name().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(files(["x", "y", "z"]), files(["z", "x", "y"]));
}

#[test]
fn subscriptions_are_told_apart_without_letter_case() {
    let one = "/subscriptions/S1/resourceGroups/g/providers/p/t/n";
    let content = format!(
        r#"[{{"id": "{one}", "x": 1}}, {{"id": "{}", "x": 1}}, {{"id": "/subscriptions/s2/providers/p/t/n", "x": 1}}]"#,
        one.to_lowercase()
    );
    let estate = input(&[("estate.json", content)], false).estate;
    let subscriptions: Vec<_> = estate
        .subscriptions()
        .iter()
        .map(|id| id.key().to_owned())
        .collect();
    assert_eq!(subscriptions, ["/subscriptions/s1", "/subscriptions/s2"]);
    assert_eq!(estate.resources().len(), 2);
    assert!(
        estate
            .find(&ResourceId::parse(&one.to_uppercase()).unwrap())
            .is_some()
    );
}
