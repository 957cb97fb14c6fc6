//! The managed cluster and what AKS makes for it.

use serde_json::{Value, json};

use super::{Spoke, reference};
use crate::random::Random;

const POOLS: [&str; 4] = ["system", "general", "memory", "spot"];

impl Spoke {
    /// The cluster, its scale sets, identity, registry and load balancers.
    pub(super) fn cluster(&self, random: &mut Random) -> Vec<Value> {
        let mut group = vec![self.managed_cluster(random)];
        group.extend(POOLS.map(|pool| self.scale_set(pool, random)));
        group.push(self.identity(random));
        group.push(self.registry(random));
        group.push(self.load_balancer("kubernetes", random));
        group.push(self.load_balancer("kubernetes-internal", random));
        group
    }

    fn managed_cluster(&self, random: &mut Random) -> Value {
        let name = self.cluster_name();
        let is_private = random.percent(60);
        let plane = random.pick(&["azure", "cilium"]);
        let pools: Vec<_> = POOLS
            .iter()
            .map(|pool| self.agent_pool(pool, random))
            .collect();
        let properties = json!({
            "aadProfile": { "adminGroupObjectIDs": [random.uuid()], "enableAzureRBAC": random.percent(70), "managed": true, "tenantID": random.uuid() },
            "addonProfiles": {
                "azureKeyvaultSecretsProvider": { "config": { "enableSecretRotation": "true", "rotationPollInterval": "2m" }, "enabled": true, "identity": { "clientId": random.uuid(), "objectId": random.uuid() } },
                "azurepolicy": { "config": null, "enabled": random.percent(60) },
                "omsagent": { "config": { "logAnalyticsWorkspaceResourceID": self.workspace_id(), "useAADAuth": "true" }, "enabled": true },
            },
            "agentPoolProfiles": pools,
            "apiServerAccessProfile": {
                "authorizedIPRanges": if is_private { json!(null) } else { json!(["198.51.100.0/24", "203.0.113.17/32"]) },
                "disableRunCommand": random.percent(50),
                "enablePrivateCluster": is_private,
                "enablePrivateClusterPublicFQDN": random.percent(20),
                "enableVnetIntegration": random.percent(30),
                "privateDNSZone": "system",
            },
            "autoScalerProfile": {
                "balance-similar-node-groups": "true", "daemonset-eviction-for-empty-nodes": false, "expander": "least-waste",
                "max-empty-bulk-delete": "10", "max-graceful-termination-sec": "600", "max-node-provision-time": "15m",
                "max-total-unready-percentage": "45", "new-pod-scale-up-delay": "0s", "ok-total-unready-count": "3",
                "scale-down-delay-after-add": "10m", "scale-down-delay-after-delete": "10s", "scale-down-delay-after-failure": "3m",
                "scale-down-unneeded-time": "10m", "scale-down-utilization-threshold": "0.5", "scan-interval": "10s",
                "skip-nodes-with-local-storage": "false", "skip-nodes-with-system-pods": "true",
            },
            "autoUpgradeProfile": { "nodeOSUpgradeChannel": "NodeImage", "upgradeChannel": "patch" },
            "currentKubernetesVersion": "1.34.2",
            "disableLocalAccounts": random.percent(70),
            "dnsPrefix": name,
            "enableRBAC": true,
            "fqdn": format!("{name}-{}.hcp.{}.azmk8s.io", random.hex(8), self.place.region),
            "identityProfile": { "kubeletidentity": { "clientId": random.uuid(), "objectId": random.uuid(), "resourceId": self.place.id("Microsoft.ManagedIdentity/userAssignedIdentities", "id-kubelet") } },
            "kubernetesVersion": "1.34",
            "maxAgentPools": 100,
            "networkProfile": {
                "dnsServiceIP": "172.20.0.10", "ipFamilies": ["IPv4"], "loadBalancerSku": "standard",
                "loadBalancerProfile": { "backendPoolType": "nodeIPConfiguration", "effectiveOutboundIPs": [reference(self.public_address_id("outbound"))], "managedOutboundIPs": { "count": 1 } },
                "networkDataplane": plane, "networkPlugin": "azure", "networkPluginMode": "overlay",
                "networkPolicy": if plane == "cilium" { "cilium" } else { random.pick(&["azure", "calico", "none"]) },
                "outboundType": random.pick(&["userDefinedRouting", "userDefinedRouting", "loadBalancer", "userAssignedNATGateway"]),
                "podCidr": "192.168.0.0/16", "podCidrs": ["192.168.0.0/16"], "podLinkLocalAccess": "IMDS",
                "serviceCidr": "172.20.0.0/16", "serviceCidrs": ["172.20.0.0/16"],
            },
            "nodeProvisioningProfile": { "defaultNodePools": "Auto", "mode": "Manual" },
            "nodeResourceGroup": self.place.node_group(&name).group,
            "oidcIssuerProfile": { "enabled": true, "issuerURL": format!("https://{}.oic.prod-aks.azure.com/{}/", self.place.region, random.uuid()) },
            "powerState": { "code": "Running" },
            "provisioningState": "Succeeded",
            "resourceUID": random.hex(24),
            "securityProfile": {
                "defender": { "logAnalyticsWorkspaceResourceId": self.workspace_id(), "securityMonitoring": { "enabled": random.percent(60) } },
                "imageCleaner": { "enabled": true, "intervalHours": 168 },
                "workloadIdentity": { "enabled": true },
            },
            "servicePrincipalProfile": { "clientId": "msi" },
            "storageProfile": { "blobCSIDriver": { "enabled": true }, "diskCSIDriver": { "enabled": true }, "fileCSIDriver": { "enabled": true }, "snapshotController": { "enabled": true } },
            "supportPlan": "KubernetesOfficial",
            "workloadAutoScalerProfile": { "keda": { "enabled": random.percent(50) } },
        });
        let mut body = self.place.resource(
            "Microsoft.ContainerService/managedClusters",
            &name,
            properties,
            random,
        );
        body["sku"] =
            json!({ "name": "Base", "tier": random.pick(&["Standard", "Premium", "Free"]) });
        body["identity"] = json!({ "type": "UserAssigned", "userAssignedIdentities": { self.place.id("Microsoft.ManagedIdentity/userAssignedIdentities", "id-cluster"): { "clientId": random.uuid(), "principalId": random.uuid() } } });
        body
    }

    fn agent_pool(&self, name: &str, random: &mut Random) -> Value {
        json!({
            "availabilityZones": ["1", "2", "3"],
            "count": self.nodes / 4,
            "currentOrchestratorVersion": "1.34.2",
            "eTag": random.uuid(),
            "enableAutoScaling": true,
            "enableEncryptionAtHost": random.percent(70),
            "enableFIPS": false,
            "enableNodePublicIP": random.percent(5),
            "enableUltraSSD": false,
            "kubeletDiskType": "OS",
            "maxCount": self.nodes,
            "maxPods": 110,
            "minCount": 1,
            "mode": if name == "system" { "System" } else { "User" },
            "name": name,
            "networkProfile": { "allowedHostPorts": null, "applicationSecurityGroups": null, "nodePublicIPTags": null },
            "nodeImageVersion": "AKSAzureLinux-V3gen2-202610.13.0",
            "nodeLabels": { "brackwater.example/pool": name, "brackwater.example/tier": random.pick(&["gold", "silver"]) },
            "nodeTaints": if name == "system" { json!(["CriticalAddonsOnly=true:NoSchedule"]) } else { json!(null) },
            "orchestratorVersion": "1.34",
            "osDiskSizeGB": 128,
            "osDiskType": "Ephemeral",
            "osSKU": "AzureLinux",
            "osType": "Linux",
            "powerState": { "code": "Running" },
            "provisioningState": "Succeeded",
            "scaleDownMode": "Delete",
            "securityProfile": { "enableSecureBoot": true, "enableVTPM": true, "sshAccess": "LocalUser" },
            "type": "VirtualMachineScaleSets",
            "upgradeSettings": { "drainTimeoutInMinutes": 30, "maxSurge": "33%", "maxUnavailable": "0" },
            "vmSize": random.pick(&["Standard_D8ds_v5", "Standard_E8ds_v5", "Standard_D4ads_v5"]),
            "vnetSubnetID": self.subnet_id("snet-nodes"),
        })
    }

    fn scale_set(&self, pool: &str, random: &mut Random) -> Value {
        let name = scale_set_name(pool, self.number);
        let pools = [
            self.backend_pool("kubernetes", "kubernetes"),
            self.backend_pool("kubernetes-internal", "kubernetes"),
        ];
        let properties = json!({
            "orchestrationMode": "Uniform",
            "overprovision": false,
            "platformFaultDomainCount": 1,
            "provisioningState": "Succeeded",
            "singlePlacementGroup": false,
            "timeCreated": random.time(),
            "uniqueId": random.uuid(),
            "upgradePolicy": { "mode": "Manual" },
            "virtualMachineProfile": {
                "extensionProfile": { "extensions": [
                    { "name": "vmssCSE", "properties": { "autoUpgradeMinorVersion": true, "provisionAfterExtensions": [], "publisher": "Microsoft.Azure.Extensions", "settings": {}, "suppressFailures": false, "type": "CustomScript", "typeHandlerVersion": "2.0" } },
                    { "name": "aksLinuxExtension", "properties": { "autoUpgradeMinorVersion": true, "publisher": "Microsoft.AKS", "settings": {}, "suppressFailures": false, "type": "AKSLinuxExtension", "typeHandlerVersion": "1.0" } },
                ] },
                "networkProfile": { "networkInterfaceConfigurations": [{ "name": name, "properties": {
                    "disableTcpStateTracking": false, "dnsSettings": { "dnsServers": [] }, "enableAcceleratedNetworking": true, "enableIPForwarding": true,
                    "ipConfigurations": [{ "name": "ipconfig1", "properties": {
                        "loadBalancerBackendAddressPools": pools.map(reference), "primary": true, "privateIPAddressVersion": "IPv4", "subnet": reference(self.subnet_id("snet-nodes")),
                    } }],
                    "networkSecurityGroup": reference(self.place.node_group(&self.cluster_name()).id("Microsoft.Network/networkSecurityGroups", "aks-agentpool-nsg")),
                    "primary": true,
                } }] },
                "osProfile": { "adminUsername": "azureuser", "allowExtensionOperations": true, "computerNamePrefix": name, "linuxConfiguration": { "disablePasswordAuthentication": true, "provisionVMAgent": true }, "requireGuestProvisionSignal": true, "secrets": [] },
                "priority": if pool == "spot" { "Spot" } else { "Regular" },
                "storageProfile": { "diskControllerType": "SCSI", "osDisk": { "caching": "ReadOnly", "createOption": "FromImage", "diffDiskSettings": { "option": "Local" }, "diskSizeGB": 128, "managedDisk": { "storageAccountType": "Standard_LRS" }, "osType": "Linux" } },
            },
        });
        let group = self.place.node_group(&self.cluster_name());
        group.resource(
            "Microsoft.Compute/virtualMachineScaleSets",
            &name,
            properties,
            random,
        )
    }

    fn identity(&self, random: &mut Random) -> Value {
        let properties = json!({ "clientId": random.uuid(), "principalId": random.uuid(), "tenantId": random.uuid() });
        self.place.resource(
            "Microsoft.ManagedIdentity/userAssignedIdentities",
            "id-cluster",
            properties,
            random,
        )
    }

    fn registry(&self, random: &mut Random) -> Value {
        let name = format!("crspoke{:04}", self.number);
        let properties = json!({
            "adminUserEnabled": random.percent(10),
            "anonymousPullEnabled": false,
            "dataEndpointEnabled": true,
            "encryption": { "status": "disabled" },
            "loginServer": format!("{name}.azurecr.io"),
            "networkRuleBypassOptions": "AzureServices",
            "networkRuleSet": { "defaultAction": "Deny", "ipRules": [] },
            "policies": { "quarantinePolicy": { "status": "disabled" }, "retentionPolicy": { "days": 30, "status": "enabled" } },
            "privateEndpointConnections": [],
            "provisioningState": "Succeeded",
            "publicNetworkAccess": random.pick(&["Enabled", "Disabled"]),
            "zoneRedundancy": "Enabled",
        });
        self.place.resource(
            "Microsoft.ContainerRegistry/registries",
            &name,
            properties,
            random,
        )
    }

    pub(super) fn backend_pool(&self, balancer: &str, pool: &str) -> String {
        let group = self.place.node_group(&self.cluster_name());
        format!(
            "{}/backendAddressPools/{pool}",
            group.id("Microsoft.Network/loadBalancers", balancer)
        )
    }

    /// The addresses of the nodes, by the id of the part of the scale set that has them.
    pub(super) fn node_addresses(&self) -> Vec<Value> {
        let group = self.place.node_group(&self.cluster_name());
        let address = |node: usize| {
            let name = scale_set_name(POOLS[node % POOLS.len()], self.number);
            let set = group.id("Microsoft.Compute/virtualMachineScaleSets", &name);
            reference(format!(
                "{set}/virtualMachines/{}/networkInterfaces/{name}/ipConfigurations/ipconfig1",
                node / POOLS.len()
            ))
        };
        (0..self.nodes).map(address).collect()
    }
}

fn scale_set_name(pool: &str, number: usize) -> String {
    format!("aks-{pool}-{:08}-vmss", 10_000_000 + number)
}
