//! Configurations without a plan.

use crate::shape::{all, configuration};

#[test]
fn references_variables_and_locals_are_resolved() {
    let reading = configuration(&[(
        "main.tf",
        r#"
variable "allowed" { default = ["10.0.0.0/8"] }
variable "prefix" {}
locals { name = "${var.prefix}-aks" }
resource "azurerm_resource_group" "rg" {
  name     = "rg-one"
  location = "westeurope"
}
resource "azurerm_virtual_network" "v" {
  name                = "hub"
  resource_group_name = azurerm_resource_group.rg.name
  location            = azurerm_resource_group.rg.location
  address_space       = ["10.0.0.0/16"]
}
resource "azurerm_subnet" "nodes" {
  for_each             = toset(["a", "b"])
  name                 = "nodes-${each.key}"
  resource_group_name  = azurerm_resource_group.rg.name
  virtual_network_name = azurerm_virtual_network.v.name
  address_prefixes     = [cidrsubnet("10.0.0.0/16", 8, each.key == "a" ? 1 : 2)]
}
resource "azurerm_subnet_network_security_group_association" "x" {
  subnet_id                 = azurerm_subnet.nodes["a"].id
  network_security_group_id = azurerm_network_security_group.n.id
}
resource "azurerm_network_security_group" "n" {
  name                = "nsg"
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
  dynamic "security_rule" {
    for_each = { ssh = 22, rdp = 3389 }
    content {
      name = security_rule.key
      priority = 100
      direction = "Inbound"
      access = "Allow"
      protocol = "Tcp"
      source_address_prefix = "*"
      source_port_range = "*"
      destination_address_prefix = "*"
      destination_port_range = security_rule.value
    }
  }
}
resource "azurerm_kubernetes_cluster" "c" {
  name                = local.name
  resource_group_name = azurerm_resource_group.rg.name
  location            = "westeurope"
  api_server_access_profile { authorized_ip_ranges = var.allowed }
  run_command_enabled = false
  default_node_pool {
    name = "system"
    vnet_subnet_id = azurerm_subnet.nodes["a"].id
  }
  network_profile { network_plugin = "azure" }
}
resource "azurerm_kubernetes_cluster_node_pool" "p" {
  name = "user"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.c.id
  vnet_subnet_id = azurerm_subnet.nodes["b"].id
}
"#,
    )]);
    insta::assert_snapshot!(all(&reading));
}
