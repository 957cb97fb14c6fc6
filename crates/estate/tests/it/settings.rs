use palisade_estate::azure::{
    ManagedCluster, NetworkSecurityGroup, OutboundType, PolicyEngine, RouteTable,
};
use palisade_estate::{Field, Settings};

use crate::{estate, estate_of, find};

const THING: &str = "Microsoft.Test/things/t";

/// Asks a resource with these properties.
fn ask<T>(properties: &str, question: impl Fn(&Settings<'_>) -> T) -> T {
    let estate = estate_of(&[(THING, properties)]);
    question(&find(&estate, THING))
}

/// The state of a field with the text at its place.
fn state<T: std::fmt::Debug>(field: Field<'_, T>) -> String {
    let at = |place: palisade_document::Value<'_>| {
        place.document().text().content()[place.span().range()].to_owned()
    };
    match field {
        Field::Present(setting, place) => format!("{setting:?} at {}", at(place)),
        Field::Absent(place) => format!("absent at {}", at(place)),
        Field::Unknown(unknown) => format!("unknown: {}", unknown.cause),
    }
}

#[test]
fn a_text_is_present_absent_or_unknown() {
    for (properties, answer) in [
        (r#"{"a": "x"}"#, r#""x" at "x""#),
        (r#"{"A": "x"}"#, r#""x" at "x""#),
        (r#"{"a": 7}"#, r#""7" at 7"#),
        (r#"{"a": true}"#, r#""true" at true"#),
        (r#"{"a": ""}"#, r#"absent at """#),
        (r#"{"a": []}"#, "unknown: the value at estate.json:1:"),
        (r#"{"a": {"b": 1}}"#, "unknown: the value at estate.json:1:"),
    ] {
        let found = ask(properties, |thing| state(thing.text("a")));
        assert!(found.starts_with(answer), "{properties}: {found}");
    }
    for properties in [r#"{"a": null}"#, "{}"] {
        assert!(ask(properties, |thing| state(thing.text("a"))).starts_with("absent at {\"id\""));
    }
}

#[test]
fn an_absent_setting_points_at_what_would_hold_it() {
    let place = |path: &str| {
        ask(r#"{"outer": {"inner": null}}"#, |thing| {
            state(thing.text(path))
        })
    };
    assert_eq!(place("outer.inner"), r#"absent at {"inner": null}"#);
    assert_eq!(place("outer.inner.deeper"), r#"absent at {"inner": null}"#);
}

#[test]
fn a_flag_is_present_absent_or_unknown() {
    for (value, answer) in [
        ("true", "true at true"),
        ("false", "false at false"),
        ("\"True\"", "true at \"True\""),
        ("\"Enabled\"", "true at \"Enabled\""),
        ("\"DISABLED\"", "false at \"DISABLED\""),
        ("null", "absent"),
        ("\"maybe\"", "unknown"),
        ("1", "unknown"),
        ("[true]", "unknown"),
    ] {
        let found = ask(&format!(r#"{{"a": {value}}}"#), |thing| {
            state(thing.flag("a"))
        });
        assert!(found.starts_with(answer), "{value}: {found}");
    }
}

#[test]
fn a_number_is_present_absent_or_unknown() {
    for (value, answer) in [
        ("7", "7 at 7"),
        ("\"7\"", "7 at \"7\""),
        ("-1", "-1 at -1"),
        ("null", "absent"),
        ("7.5", "unknown"),
        ("\"seven\"", "unknown"),
        ("99999999999999999999", "unknown"),
    ] {
        let found = ask(&format!(r#"{{"a": {value}}}"#), |thing| {
            state(thing.number("a"))
        });
        assert!(found.starts_with(answer), "{value}: {found}");
    }
}

#[test]
fn a_list_is_present_absent_or_unknown() {
    for (value, answer) in [
        ("[1, 2]", "Ok(2)"),
        ("[]", "Ok(0)"),
        ("null", "Ok(0)"),
        ("\"x\"", "Err"),
        ("{}", "Err"),
    ] {
        let found = ask(&format!(r#"{{"a": {value}}}"#), |thing| {
            format!("{:?}", thing.elements("a").map(|list| list.len()))
        });
        assert!(found.starts_with(answer), "{value}: {found}");
    }
}

#[test]
fn a_reference_is_present_absent_or_unknown() {
    for (value, answer) in [
        ("\"~/a/b/c\"", "/subscriptions/s1"),
        (r#"{"id": "~/a/b/c"}"#, "/subscriptions/s1"),
        (
            r#"{"ID": "~/a/b/c", "resourceGroup": "rg"}"#,
            "/subscriptions/s1",
        ),
        ("null", "absent"),
        ("\"\"", "absent"),
        ("\"system\"", "unknown"),
        ("{}", "unknown"),
        ("7", "unknown"),
    ] {
        let found = ask(&format!(r#"{{"a": {value}}}"#), |thing| {
            state(thing.reference("a"))
        });
        assert!(found.starts_with(answer), "{value}: {found}");
    }
}

#[test]
fn properties_come_before_what_stands_beside_them() {
    let both = r#"{"id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Test/things/t", "mode": "outer", "flat": "yes", "properties": {"mode": "inner"}}"#;
    let estate = estate(both);
    let thing = find(&estate, THING);
    assert_eq!(thing.text("mode").present(), Some("inner"));
    assert_eq!(thing.text("flat").present(), Some("yes"));
}

#[test]
fn a_listing_says_nothing_about_settings() {
    let listing = r#"[{"changedTime": "2026-01-05", "id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c", "identity": null, "kind": null, "location": "norwayeast", "name": "c", "properties": null, "sku": {"name": "Base"}, "tags": {}, "type": "Microsoft.ContainerService/managedClusters"},
        {"id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/n", "name": "n", "type": "x/y"},
        {"id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/routeTables/r", "name": "r"}]"#;
    let estate = estate(listing);
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    assert!(cluster.is_listing());
    assert!(matches!(cluster.is_private(), Field::Unknown(_)));
    assert!(matches!(cluster.policy_engine(), Field::Unknown(_)));
    assert!(cluster.agent_pools().is_err());
    assert!(cluster.subnets().is_err());
    // What a listing does tell is told.
    assert_eq!(cluster.text("sku.name").present(), Some("Base"));
    assert_eq!(cluster.location().as_deref(), Some("norwayeast"));
    let group = estate.all::<NetworkSecurityGroup<'_>>().next().unwrap();
    assert!(
        group
            .rules(palisade_estate::azure::Direction::Inbound)
            .is_err()
    );
    assert!(
        estate
            .all::<RouteTable<'_>>()
            .next()
            .unwrap()
            .default_route()
            .is_err()
    );
}

#[test]
fn empty_properties_are_no_listing() {
    assert!(!ask("{}", |thing| thing.is_listing()));
}

fn with_network_profile<T>(profile: &str, question: impl Fn(&ManagedCluster<'_>) -> T) -> T {
    let properties = format!(r#"{{"networkProfile": {profile}}}"#);
    let estate = estate_of(&[("Microsoft.ContainerService/ManagedClusters/c", &properties)]);
    question(&estate.all::<ManagedCluster<'_>>().next().unwrap())
}

#[test]
fn the_policy_engine_is_read_as_azure_means_it() {
    for (profile, engine) in [
        (r#"{"networkPolicy": "none"}"#, Some(PolicyEngine::None)),
        (r#"{"networkPolicy": "Calico"}"#, Some(PolicyEngine::Calico)),
        (r#"{"NETWORKPOLICY": "AZURE"}"#, Some(PolicyEngine::Azure)),
        (
            r#"{"networkPolicy": "", "networkDataplane": "Cilium"}"#,
            Some(PolicyEngine::Cilium),
        ),
        (
            r#"{"networkPolicy": "kube-router"}"#,
            Some(PolicyEngine::Other("kube-router")),
        ),
        (r#"{"networkPolicy": null}"#, None),
        ("null", None),
    ] {
        let matches = with_network_profile(profile, |cluster| {
            cluster.policy_engine().present() == engine
        });
        assert!(matches, "{profile}");
    }
}

#[test]
fn outbound_types_are_an_open_set() {
    for (text, outbound) in [
        ("userDefinedRouting", OutboundType::UserDefinedRouting),
        ("LOADBALANCER", OutboundType::LoadBalancer),
        ("managedNATGateway", OutboundType::NatGateway),
        ("block", OutboundType::Block),
        ("teleport", OutboundType::Other("teleport")),
    ] {
        let profile = format!(r#"{{"outboundType": "{text}"}}"#);
        let matches = with_network_profile(&profile, |cluster| {
            cluster.outbound_type().present() == Some(outbound)
        });
        assert!(matches, "{text}");
    }
}

#[test]
fn add_ons_match_in_any_letter_case() {
    let properties = r#"{"addonProfiles": {"ACIConnectorLinux": {"enabled": true}}}"#;
    let estate = estate_of(&[("Microsoft.ContainerService/managedClusters/c", properties)]);
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let addon = cluster.addon("aciConnectorLinux").present().unwrap();
    assert_eq!(addon.flag("enabled").present(), Some(true));
}

/// A row of Resource Graph without `properties` holds the columns that were asked for.
#[test]
fn a_query_result_tells_its_columns_only() {
    let row = format!(
        r#"{{"data": [{{"id": "/subscriptions/s1/resourceGroups/rg/providers/{THING}", "plugin": "azure"}}]}}"#
    );
    let file = palisade_sources::File {
        path: "estate.json".to_owned(),
        bytes: row.into_bytes(),
    };
    let load = |file: &palisade_sources::File| {
        Ok(palisade_sources::File {
            path: file.path.clone(),
            bytes: file.bytes.clone(),
        })
    };
    let estate = palisade_sources::read_all(&[file], load, false).estate;
    let thing = estate.resources().next().unwrap();
    assert_eq!(thing.text("plugin").present(), Some("azure"));
    assert!(matches!(thing.text("other"), Field::Unknown(_)));
}
