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

#[test]
fn modules_hand_on_values_and_providers() {
    let reading = configuration(&[
        (
            "env/main.tf",
            r#"
provider "azurerm" {
  features {}
  subscription_id = var.spoke
}
provider "azurerm" {
  alias           = "hub"
  subscription_id = "hub-id"
}
variable "spoke" { default = "spoke-id" }
module "hub" {
  source    = "../modules/network"
  providers = { azurerm = azurerm.hub }
  name      = "hub"
  subnets   = { AzureFirewallSubnet = { prefix = "10.0.0.0/26" } }
}
module "spoke" {
  source   = "../modules/network"
  for_each = { one = 1, two = 2 }
  name     = "spoke-${each.key}"
  subnets  = { nodes = { prefix = "10.${each.value}.0.0/24", outbound = false } }
}
resource "azurerm_kubernetes_cluster" "c" {
  name                = "aks"
  resource_group_name = "rg"
  location            = "westeurope"
  default_node_pool {
    name           = "system"
    vnet_subnet_id = module.spoke["one"].subnet_ids["nodes"]
  }
}
module "elsewhere" {
  source = "Azure/aks/azurerm"
}
"#,
        ),
        (
            "modules/network/main.tf",
            r#"
variable "name" { type = string }
variable "subnets" {
  type = map(object({
    prefix   = string
    outbound = optional(bool, true)
  }))
}
resource "azurerm_virtual_network" "v" {
  name                = var.name
  resource_group_name = "rg"
  location            = "westeurope"
}
resource "azurerm_subnet" "s" {
  for_each                        = var.subnets
  name                            = each.key
  resource_group_name             = azurerm_virtual_network.v.resource_group_name
  virtual_network_name            = azurerm_virtual_network.v.name
  address_prefixes                = [each.value.prefix]
  default_outbound_access_enabled = each.value.outbound
}
output "subnet_ids" {
  value = { for name, subnet in azurerm_subnet.s : name => subnet.id }
}
"#,
        ),
    ]);
    insta::assert_snapshot!(all(&reading));
}

#[test]
fn a_configuration_in_json_is_read_alike() {
    let reading = configuration(&[(
        "main.tf.json",
        r#"{"variable": {"name": {"default": "nsg"}},
            "resource": {"azurerm_network_security_group": {"n": {
              "name": "${var.name}-1", "resource_group_name": "rg", "location": "westeurope",
              "security_rule": [{"name": "ssh", "direction": "Inbound", "destination_port_range": "22"}]}}}}"#,
    )]);
    insta::assert_snapshot!(all(&reading));
}

#[test]
fn files_of_variables_are_loaded_in_the_order_of_terraform() {
    let main = "variable \"a\" { default = \"0\" }\nresource \"azurerm_ip_group\" \"g\" {\n  name = var.a\n  resource_group_name = \"rg\"\n}\n";
    let reading = configuration(&[
        ("terraform.tfvars", "a = \"1\""),
        ("b.auto.tfvars", "a = \"3\""),
        ("a.auto.tfvars", "a = \"2\""),
        ("other.tfvars", "a = \"4\""),
        ("main.tf", main),
    ]);
    assert!(
        reading.resources[0].id.ends_with("/ipGroups/3"),
        "{}",
        all(&reading)
    );
}

#[test]
fn sensitive_variables_are_not_read() {
    let shown = all(&configuration(&[(
        "main.tf",
        "variable \"a\" {\n  default = \"hidden\"\n  sensitive = true\n}\nresource \"azurerm_ip_group\" \"g\" {\n  name = \"g\"\n  tags = { a = var.a }\n}\n",
    )]));
    assert!(!shown.contains("hidden"), "{shown}");
}

#[test]
fn a_resource_whose_count_is_unknown_is_in_doubt() {
    let reading = configuration(&[(
        "main.tf",
        "variable \"create\" {}\nresource \"azurerm_ip_group\" \"g\" {\n  count = var.create ? 1 : 0\n  name = \"g\"\n}\n",
    )]);
    let doubt = reading.resources[0].doubt.as_ref().unwrap();
    assert!(doubt.cause.contains("`create` has no value"), "{doubt:?}");
}

#[test]
fn a_block_that_may_repeat_unknown_times_leaves_the_list_open() {
    let reading = configuration(&[(
        "main.tf",
        r#"
variable "rules" {}
resource "azurerm_network_security_group" "n" {
  name = "n"
  security_rule { name = "one" }
  dynamic "security_rule" {
    for_each = var.rules
    content { name = security_rule.value }
  }
}
"#,
    )]);
    let shown = all(&reading);
    assert!(
        shown.contains("securityRules[1] = unknown: variable `rules` has no value"),
        "{shown}"
    );
}

#[test]
fn objects_of_kubernetes_are_read() {
    let reading = configuration(&[(
        "main.tf",
        r#"
resource "kubernetes_network_policy_v1" "deny" {
  metadata {
    name      = "deny"
    namespace = "shop"
  }
  spec {
    pod_selector {}
    policy_types = ["Ingress"]
    ingress {
      from {
        ip_block { cidr = "10.0.0.0/8" }
      }
    }
  }
}
resource "kubernetes_manifest" "ns" {
  manifest = { apiVersion = "v1", kind = "Namespace", metadata = { name = "shop" } }
}
resource "kubectl_manifest" "two" {
  yaml_body = <<-YAML
    apiVersion: v1
    kind: Namespace
    metadata:
      name: two
    ---
    apiVersion: v1
    kind: Namespace
    metadata:
      name: three
  YAML
}
resource "helm_release" "nginx" {
  name  = "nginx"
  chart = "ingress-nginx"
}
"#,
    )]);
    insta::assert_snapshot!(all(&reading));
}

#[test]
fn bodies_of_azapi_are_taken_as_they_are() {
    let reading = configuration(&[(
        "main.tf",
        r#"
data "azurerm_resource_group" "rg" { name = "rg" }
resource "azapi_resource" "c" {
  type      = "Microsoft.ContainerService/managedClusters@2024-09-01"
  name      = "aks"
  parent_id = data.azurerm_resource_group.rg.id
  location  = "westeurope"
  body = { properties = { disableLocalAccounts = false, enableRBAC = true } }
}
resource "azapi_update_resource" "u" {
  type        = "Microsoft.ContainerService/managedClusters@2024-09-01"
  resource_id = azapi_resource.c.id
  body        = jsonencode({ properties = { disableLocalAccounts = true, apiServerAccessProfile = { enablePrivateCluster = true } } })
}
resource "azapi_resource" "pool" {
  type      = "Microsoft.ContainerService/managedClusters/agentPools@2024-09-01"
  name      = "user"
  parent_id = azapi_resource.c.id
  body      = jsonencode({ properties = { osType = "Windows" } })
}
"#,
    )]);
    insta::assert_snapshot!(all(&reading));
}

#[test]
fn an_association_with_an_unknown_subnet_may_be_with_any() {
    let main = r#"
variable "subnet_id" {}
resource "azurerm_subnet" "open" {
  name                 = "open"
  resource_group_name  = "rg"
  virtual_network_name = "hub"
}
resource "azurerm_subnet" "guarded" {
  name                 = "guarded"
  resource_group_name  = "rg"
  virtual_network_name = "hub"
}
resource "azurerm_subnet_network_security_group_association" "known" {
  subnet_id                 = azurerm_subnet.guarded.id
  network_security_group_id = azurerm_network_security_group.n.id
}
resource "azurerm_subnet_network_security_group_association" "unknown" {
  subnet_id                 = var.subnet_id
  network_security_group_id = azurerm_network_security_group.n.id
}
resource "azurerm_network_security_group" "n" {
  name                = "nsg"
  resource_group_name = "rg"
}
"#;
    insta::assert_snapshot!(all(&configuration(&[("main.tf", main)])));
}
