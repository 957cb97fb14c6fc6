//! Diagnostic settings, alerts and flow logs.

use serde_json::{Value, json};

use super::Spoke;
use crate::random::Random;

const CLUSTER_LOGS: [&str; 9] = [
    "kube-apiserver",
    "kube-audit",
    "kube-audit-admin",
    "kube-controller-manager",
    "kube-scheduler",
    "cluster-autoscaler",
    "cloud-controller-manager",
    "guard",
    "csi-azuredisk-controller",
];
const GATEWAY_LOGS: [&str; 3] = [
    "ApplicationGatewayAccessLog",
    "ApplicationGatewayPerformanceLog",
    "ApplicationGatewayFirewallLog",
];
const ADDRESS_LOGS: [&str; 3] = [
    "DDoSProtectionNotifications",
    "DDoSMitigationFlowLogs",
    "DDoSMitigationReports",
];

impl Spoke {
    pub(super) fn diagnostic_settings(&self, random: &mut Random) -> Vec<Value> {
        [
            (self.cluster_id(), CLUSTER_LOGS.as_slice()),
            (self.gateway_id(), &GATEWAY_LOGS),
            (self.public_address_id("gateway"), &ADDRESS_LOGS),
            (self.public_address_id("ingress"), &ADDRESS_LOGS),
        ]
        .map(|(target, categories)| self.diagnostic_setting(&target, categories, random))
        .into()
    }

    fn diagnostic_setting(&self, target: &str, categories: &[&str], random: &mut Random) -> Value {
        let retention = json!({ "days": 0, "enabled": false });
        let log = |category: &&str| json!({ "category": category, "categoryGroup": null, "enabled": random.percent(70), "retentionPolicy": retention });
        json!({
            "id": format!("{target}/providers/microsoft.insights/diagnosticSettings/to-workspace"),
            "identity": null, "kind": null, "location": null,
            "name": "to-workspace",
            "properties": {
                "eventHubAuthorizationRuleId": null, "eventHubName": null, "logAnalyticsDestinationType": null,
                "logs": categories.iter().map(log).collect::<Vec<_>>(),
                "metrics": [{ "category": "AllMetrics", "enabled": true, "retentionPolicy": retention, "timeGrain": null }],
                "serviceBusRuleId": null, "storageAccountId": null, "workspaceId": self.workspace_id(),
            },
            "tags": null,
            "type": "Microsoft.Insights/diagnosticSettings",
        })
    }

    /// Alerts on metrics of the cluster and on activities in its subscription.
    pub(super) fn alerts(&self, random: &mut Random) -> Vec<Value> {
        let actions = self
            .hub
            .id("Microsoft.Insights/actionGroups", "ag-platform");
        let metric = |name: &'static str, target: String, random: &mut Random| {
            let properties = json!({
                "actions": [{ "actionGroupId": actions, "webHookProperties": {} }],
                "autoMitigate": true,
                "criteria": { "allOf": [{ "criterionType": "StaticThresholdCriterion", "dimensions": [], "metricName": name, "metricNamespace": "", "name": "Metric1", "operator": "GreaterThan", "threshold": 0.0, "timeAggregation": "Maximum" }], "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria" },
                "description": format!("{name} of {target}"),
                "enabled": random.percent(85), "evaluationFrequency": "PT1M", "scopes": [target], "severity": 1, "windowSize": "PT5M",
            });
            self.place.resource(
                "Microsoft.Insights/metricAlerts",
                &format!("alert {name} {:04}", self.number),
                properties,
                random,
            )
        };
        let activity = |operation: &'static str, random: &mut Random| {
            let properties = json!({
                "actions": { "actionGroups": [{ "actionGroupId": actions, "webhookProperties": {} }] },
                "condition": { "allOf": [{ "anyOf": null, "containsAny": null, "equals": "Administrative", "field": "category" }, { "anyOf": null, "containsAny": null, "equals": operation, "field": "operationName" }] },
                "description": format!("Somebody used {operation}"),
                "enabled": random.percent(85), "scopes": [format!("/subscriptions/{}", self.place.subscription)],
            });
            self.place.resource(
                "Microsoft.Insights/activityLogAlerts",
                &format!(
                    "activity {} {:04}",
                    operation.replace('/', " "),
                    self.number
                ),
                properties,
                random,
            )
        };
        vec![
            metric(
                "IfUnderDDoSAttack",
                self.public_address_id("gateway"),
                random,
            ),
            metric("node_cpu_usage_percentage", self.cluster_id(), random),
            activity("Microsoft.Network/networkSecurityGroups/write", random),
            activity("Microsoft.Network/routeTables/write", random),
            activity("Microsoft.ContainerService/managedClusters/write", random),
        ]
    }

    /// A flow log of the network, and older ones of three of its security groups.
    pub(super) fn flow_logs(&self, random: &mut Random) -> Vec<Value> {
        let targets = [self.network_id()].into_iter().chain(
            ["snet-nodes", "snet-gateway", "snet-apim"]
                .map(|subnet| self.security_group_id(subnet)),
        );
        targets
            .enumerate()
            .map(|(number, target)| self.flow_log(number, &target, random))
            .collect()
    }

    fn flow_log(&self, number: usize, target: &str, random: &mut Random) -> Value {
        let properties = json!({
            "enabled": random.percent(85),
            "enabledFilteringCriteria": "",
            "flowAnalyticsConfiguration": { "networkWatcherFlowAnalyticsConfiguration": { "enabled": random.percent(70), "trafficAnalyticsInterval": 10, "workspaceId": random.uuid(), "workspaceRegion": self.place.region, "workspaceResourceId": self.workspace_id() } },
            "format": { "type": "JSON", "version": 2 },
            "provisioningState": "Succeeded",
            "recordTypes": "B,C,E,D",
            "retentionPolicy": { "days": random.pick(&[0, 7, 30, 90]), "enabled": true },
            "storageId": self.hub.id("Microsoft.Storage/storageAccounts", "stplatformflows"),
            "targetResourceGuid": random.uuid(),
            "targetResourceId": target,
        });
        let watcher = format!(
            "NetworkWatcher_{}/flowLogs/flow-{:04}-{number}",
            self.place.region, self.number
        );
        let id = format!(
            "/subscriptions/{}/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/{watcher}",
            self.place.subscription
        );
        let mut body = self.place.resource(
            "Microsoft.Network/networkWatchers/flowLogs",
            &watcher,
            properties,
            random,
        );
        body["id"] = id.into();
        body
    }
}
