//! Plans and states.

use palisade_document::{DocumentId, Text};

use crate::shape::{all, leaves, places, plan};

const NETWORK: &str = include_str!("plans/network.json");

#[test]
fn references_lead_through_modules_and_keys() {
    insta::assert_snapshot!(all(&plan(NETWORK, &[])));
}

#[test]
fn what_is_sensitive_is_not_taken_in() {
    let shown = all(&plan(NETWORK, &[]));
    assert!(!shown.contains("hidden"));
}

#[test]
fn values_point_into_the_files_beside_the_plan() {
    let main = r#"
variable "ranges" {
  default = ["10.1.0.0/24"]
}
resource "azurerm_kubernetes_cluster" "c" {
  name                    = "aks"
  private_cluster_enabled = var.private
  api_server_access_profile {
    authorized_ip_ranges = var.ranges
  }
  network_profile {
    network_plugin = "azure"
    outbound_type  = "userDefinedRouting"
  }
}
variable "private" {
  default = true
}
"#;
    let reading = plan(NETWORK, &[("main.tf", main)]);
    let cluster = reading
        .resources
        .iter()
        .find(|resource| resource.address == "azurerm_kubernetes_cluster.c");
    let text = Text::new("main.tf", main);
    let found = places(&cluster.unwrap().body, DocumentId(1), &text);
    insta::assert_snapshot!(found);
}

#[test]
fn a_state_says_what_is_there() {
    let state = r#"{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": [
      {"module": "module.m", "mode": "managed", "type": "azurerm_route_table", "name": "r", "provider": "x", "instances": [
        {"index_key": "a", "schema_version": 0, "attributes": {"id": "/subscriptions/s1/resourceGroups/g/providers/Microsoft.Network/routeTables/r", "name": "r", "bgp_route_propagation_enabled": false,
          "route": [{"name": "all", "address_prefix": "0.0.0.0/0", "next_hop_type": "VirtualAppliance", "next_hop_in_ip_address": "10.0.0.4"}]},
         "sensitive_attributes": [[{"type": "get_attr", "value": "tags"}]]}]},
      {"mode": "managed", "type": "azurerm_monitor_diagnostic_setting", "name": "d", "instances": [
        {"attributes": {"id": "/subscriptions/s1/x|d", "name": "d", "target_resource_id": "/subscriptions/s1/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c", "enabled_log": [{"category": "kube-audit", "category_group": ""}]}}]}]}"#;
    let (document, _) =
        palisade_document::parse(Text::new("s", state), palisade_document::Notation::Json);
    assert!(palisade_terraform::is_state(
        document.roots().next().unwrap()
    ));
    let reading = palisade_terraform::read_state(&document, &Default::default());
    insta::assert_snapshot!(all(&reading));
}

#[test]
fn a_broken_plan_gives_what_is_left() {
    for text in [
        r#"{"format_version": "1.0", "resource_changes": 1}"#,
        r#"{"format_version": "1.0", "resource_changes": [{"change": {"after": {}}}, 3, {"type": "azurerm_subnet", "name": "x", "address": "azurerm_subnet.x"}]}"#,
        r#"{"format_version": "1.0", "resource_changes": [{"type": "azurerm_subnet", "name": "x", "address": "azurerm_subnet.x", "change": {"after": {"name": 1, "delegation": "x"}}}]}"#,
    ] {
        for resource in plan(text, &[]).resources {
            assert!(!leaves(&resource.body).is_empty());
        }
    }
}

/// Terraform sorts the blocks of a set by their hash.
#[test]
fn blocks_of_a_set_are_told_apart_by_their_names() {
    let plan_text = r#"{"format_version": "1.0", "resource_changes": [
      {"address": "azurerm_network_security_group.n", "mode": "managed", "type": "azurerm_network_security_group", "name": "n",
       "change": {"actions": ["create"], "after": {"name": "n", "resource_group_name": "rg", "security_rule": [{"name": "two"}, {"name": "one"}]}, "after_unknown": {"id": true}}}]}"#;
    let main = "resource \"azurerm_network_security_group\" \"n\" {\n  security_rule {\n    name = \"one\"\n  }\n  security_rule {\n    name = \"two\"\n  }\n}\n";
    let reading = plan(plan_text, &[("main.tf", main)]);
    let found = places(
        &reading.resources[0].body,
        DocumentId(1),
        &Text::new("main.tf", main),
    );
    assert!(
        found.contains(".properties.securityRules[0].name: \"two\""),
        "{found}"
    );
    assert!(
        found.contains(".properties.securityRules[1].name: \"one\""),
        "{found}"
    );
}
