//! The catalogue of aliases.

use palisade_policy::Catalogue;

use crate::{ask, document};

fn path(name: &str) -> Vec<String> {
    let found = Catalogue::built_in().find(name);
    found.into_iter().map(|alias| alias.path).collect()
}

#[test]
fn a_name_is_found_in_any_letter_case() {
    let wanted = ["properties.enableDdosProtection"];
    assert_eq!(
        path("Microsoft.Network/virtualNetworks/enableDdosProtection"),
        wanted
    );
    assert_eq!(
        path("microsoft.network/VIRTUALNETWORKS/enableddosprotection"),
        wanted
    );
}

#[test]
fn the_list_behind_its_items_has_a_name_too() {
    let items = "Microsoft.Network/networkSecurityGroups/securityRules[*]";
    assert_eq!(path(items), ["properties.securityRules[*]"]);
    assert_eq!(
        path(items.trim_end_matches("[*]")),
        ["properties.securityRules"]
    );
}

#[test]
fn one_name_may_mean_something_else_in_each_type() {
    assert_eq!(path("Microsoft.Compute/imageSku").len(), 3);
}

#[test]
fn what_is_no_alias_is_not_guessed() {
    for name in [
        "",
        "x",
        "/",
        "Microsoft.Network/virtualNetworks/",
        "properties.subnets",
    ] {
        assert!(path(name).is_empty(), "{name}");
    }
    let rule = r#"{"if": {"field": "Microsoft.Network/virtualNetworks/invented", "exists": false},
        "then": {"effect": "audit"}}"#;
    let network = r#"{"type": "Microsoft.Network/virtualNetworks", "properties": {}}"#;
    assert_eq!(
        ask(rule, network, &[]),
        "! the alias `Microsoft.Network/virtualNetworks/invented` isn't in the catalogue"
    );
}

#[test]
fn what_azure_lists_counts_before_what_is_embedded() {
    let list = document(
        r#"{"value": [{"namespace": "Microsoft.Network", "resourceTypes": [{"resourceType":
            "virtualNetworks", "aliases": [{"name": "Microsoft.Network/virtualNetworks/invented",
            "defaultPath": "properties.invented"}]}]}]}"#,
    );
    let mut catalogue = Catalogue::built_in();
    catalogue.add(list.roots().next().unwrap());
    let found = catalogue.find("Microsoft.Network/virtualNetworks/invented");
    assert_eq!(found[0].path, "properties.invented");
    assert!(
        !catalogue
            .find("Microsoft.Network/virtualNetworks/subnets[*].addressPrefix")
            .is_empty()
    );
}
