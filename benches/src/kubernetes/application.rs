//! One application: a deployment and the objects around it.

use serde_json::{Value, json};

use crate::random::Random;

/// A deployment's name, place and labels.
pub(super) struct Application {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) replicas: usize,
    tier: &'static str,
}

/// A namespace, often with a policy that denies by default.
pub(super) fn namespace(name: &str, random: &mut Random) -> Vec<Value> {
    let mut objects = vec![json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": { "labels": { "kubernetes.io/metadata.name": name, "pod-security.kubernetes.io/enforce": random.pick(&["restricted", "baseline", "privileged"]), "team": name }, "name": name },
    })];
    if random.percent(60) {
        objects.push(json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": { "name": "default-deny", "namespace": name },
            "spec": { "podSelector": {}, "policyTypes": ["Ingress", "Egress"] },
        }));
    }
    objects
}

impl Application {
    pub(super) fn new(namespace: &str, number: usize, random: &mut Random) -> Self {
        const TIERS: [&str; 3] = ["web", "worker", "store"];
        let tier = TIERS[number % TIERS.len()];
        Self {
            name: format!("{tier}-{number:02}"),
            namespace: namespace.to_owned(),
            replicas: random.between(2, 5),
            tier,
        }
    }

    fn selector(&self) -> Value {
        json!({ "app.kubernetes.io/instance": self.namespace, "app.kubernetes.io/name": self.name })
    }

    pub(super) fn labels(&self) -> Value {
        let mut labels = self.selector();
        labels["app.kubernetes.io/component"] = self.tier.into();
        labels["app.kubernetes.io/managed-by"] = "Helm".into();
        labels["app.kubernetes.io/part-of"] = "brackwater-shop".into();
        labels["app.kubernetes.io/version"] = "4.11.2".into();
        labels["helm.sh/chart"] = "service-4.11.2".into();
        labels
    }

    /// The metadata of an object of the application.
    pub(super) fn metadata(&self, suffix: &str) -> Value {
        json!({ "labels": self.labels(), "name": format!("{}{suffix}", self.name), "namespace": self.namespace })
    }

    /// Everything that a chart renders for it.
    pub(super) fn manifests(&self, random: &mut Random) -> Vec<Value> {
        let mut objects = vec![
            self.service_account(),
            self.config_map(random),
            self.service(random),
            self.deployment(random),
            self.autoscaler(),
            self.disruption_budget(),
        ];
        if self.tier == "web" {
            objects.push(self.ingress(random));
        }
        if random.percent(70) {
            objects.push(self.network_policy(random));
        }
        objects
    }

    fn service_account(&self) -> Value {
        json!({ "apiVersion": "v1", "automountServiceAccountToken": false, "kind": "ServiceAccount", "metadata": self.metadata("") })
    }

    fn config_map(&self, random: &mut Random) -> Value {
        let flags: String = (0..random.between(5, 30))
            .map(|number| format!("feature.{number:02}.rollout: {}\n", random.between(0, 100)))
            .collect();
        json!({
            "apiVersion": "v1",
            "data": { "application.yaml": format!("server:\n  port: 8080\n  shutdown: graceful\nupstream:\n  catalogue: http://catalogue.brackwater.example\n  timeout: 3s\n{flags}"), "LOG_LEVEL": "info" },
            "kind": "ConfigMap",
            "metadata": self.metadata("-config"),
        })
    }

    fn service(&self, random: &mut Random) -> Value {
        let is_public = random.percent(8);
        let mut object = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": self.metadata(""),
            "spec": {
                "ports": [{ "name": "http", "port": 80, "protocol": "TCP", "targetPort": "http" }, { "name": "metrics", "port": 9090, "protocol": "TCP", "targetPort": "metrics" }],
                "selector": self.selector(),
                "type": if is_public { "LoadBalancer" } else { "ClusterIP" },
            },
        });
        if is_public && random.percent(50) {
            object["metadata"]["annotations"] =
                json!({ "service.beta.kubernetes.io/azure-load-balancer-internal": "true" });
        }
        object
    }

    /// The deployment, from which pods and replica sets take their template.
    pub(super) fn deployment(&self, random: &mut Random) -> Value {
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": self.metadata(""),
            "spec": {
                "progressDeadlineSeconds": 600,
                "replicas": self.replicas,
                "revisionHistoryLimit": 5,
                "selector": { "matchLabels": self.selector() },
                "strategy": { "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": 0 }, "type": "RollingUpdate" },
                "template": {
                    "metadata": { "annotations": { "checksum/config": random.hex(64), "prometheus.io/port": "9090", "prometheus.io/scrape": "true" }, "labels": self.labels() },
                    "spec": self.pod(random),
                },
            },
        })
    }

    fn pod(&self, random: &mut Random) -> Value {
        let image = format!(
            "crspoke.azurecr.io/{}/{}@sha256:{}",
            self.namespace,
            self.name,
            random.hex(64)
        );
        json!({
            "affinity": { "podAntiAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [{ "podAffinityTerm": { "labelSelector": { "matchLabels": self.selector() }, "topologyKey": "kubernetes.io/hostname" }, "weight": 100 }] } },
            "automountServiceAccountToken": false,
            "containers": [self.container(&image, random), sidecar(random)],
            "hostNetwork": random.percent(3),
            "initContainers": [{ "args": ["migrate", "--wait"], "image": image, "name": "migrate", "resources": { "limits": { "memory": "256Mi" }, "requests": { "cpu": "50m", "memory": "128Mi" } }, "securityContext": restricted() }],
            "securityContext": { "fsGroup": 10001, "runAsGroup": 10001, "runAsNonRoot": true, "runAsUser": 10001, "seccompProfile": { "type": "RuntimeDefault" } },
            "serviceAccountName": self.name,
            "terminationGracePeriodSeconds": 45,
            "tolerations": [{ "effect": "NoSchedule", "key": "brackwater.example/pool", "operator": "Equal", "value": "general" }],
            "topologySpreadConstraints": [{ "labelSelector": { "matchLabels": self.selector() }, "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway" }],
            "volumes": [
                { "configMap": { "name": format!("{}-config", self.name) }, "name": "config" },
                { "emptyDir": { "sizeLimit": "512Mi" }, "name": "scratch" },
                { "csi": { "driver": "secrets-store.csi.k8s.io", "readOnly": true, "volumeAttributes": { "secretProviderClass": self.name } }, "name": "keys" },
            ],
        })
    }

    fn container(&self, image: &str, random: &mut Random) -> Value {
        let mut environment = vec![
            json!({ "name": "POD_NAME", "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.name" } } }),
            json!({ "name": "LOG_LEVEL", "valueFrom": { "configMapKeyRef": { "key": "LOG_LEVEL", "name": format!("{}-config", self.name) } } }),
            json!({ "name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://collector.observability:4317" }),
        ];
        environment.extend((0..random.between(2, 14)).map(|number| json!({ "name": format!("SETTING_{number:02}"), "value": format!("{}.{}.svc:{}", self.tier, self.namespace, 8000 + number) })));
        json!({
            "args": ["--config=/etc/service/application.yaml", "--listen=:8080"],
            "env": environment,
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "livenessProbe": probe("/livez", 30),
            "name": "service",
            "ports": [{ "containerPort": 8080, "name": "http", "protocol": "TCP" }, { "containerPort": 9090, "name": "metrics", "protocol": "TCP" }],
            "readinessProbe": probe("/readyz", 5),
            "resources": { "limits": { "memory": "1Gi" }, "requests": { "cpu": "250m", "memory": "512Mi" } },
            "securityContext": restricted(),
            "startupProbe": probe("/livez", 2),
            "volumeMounts": [{ "mountPath": "/etc/service", "name": "config", "readOnly": true }, { "mountPath": "/tmp", "name": "scratch" }, { "mountPath": "/var/run/keys", "name": "keys", "readOnly": true }],
        })
    }

    fn autoscaler(&self) -> Value {
        json!({
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": self.metadata(""),
            "spec": {
                "maxReplicas": 4 * self.replicas,
                "metrics": [{ "resource": { "name": "cpu", "target": { "averageUtilization": 70, "type": "Utilization" } }, "type": "Resource" }],
                "minReplicas": self.replicas,
                "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": self.name },
            },
        })
    }

    fn disruption_budget(&self) -> Value {
        json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": self.metadata(""), "spec": { "maxUnavailable": 1, "selector": { "matchLabels": self.selector() } } })
    }

    fn ingress(&self, random: &mut Random) -> Value {
        let host = format!("{}.{}.brackwater.example", self.name, self.namespace);
        let path = |path: &str| json!({ "backend": { "service": { "name": self.name, "port": { "name": "http" } } }, "path": path, "pathType": "Prefix" });
        let mut object = json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": self.metadata(""),
            "spec": { "ingressClassName": random.pick(&["nginx", "azure-application-gateway"]), "rules": [{ "host": host, "http": { "paths": [path("/"), path("/api"), path("/static")] } }] },
        });
        if random.percent(75) {
            object["spec"]["tls"] = json!([{ "hosts": [host], "secretName": "wildcard" }]);
        }
        object
    }

    fn network_policy(&self, random: &mut Random) -> Value {
        let peers = [
            json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "ingress" } }, "podSelector": { "matchLabels": { "app.kubernetes.io/name": "nginx" } } }),
            json!({ "podSelector": {} }),
        ];
        json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": self.metadata(""),
            "spec": {
                "egress": [
                    { "ports": [{ "port": 53, "protocol": "UDP" }, { "port": 53, "protocol": "TCP" }], "to": [{ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "kube-system" } } }] },
                    { "ports": [{ "port": 443, "protocol": "TCP" }], "to": [{ "ipBlock": { "cidr": random.pick(&["10.0.0.0/8", "0.0.0.0/0"]), "except": ["10.0.1.0/24"] } }] },
                ],
                "ingress": [{ "from": peers, "ports": [{ "port": "http", "protocol": "TCP" }] }],
                "podSelector": { "matchLabels": self.selector() },
                "policyTypes": ["Ingress", "Egress"],
            },
        })
    }
}

fn sidecar(random: &mut Random) -> Value {
    json!({
        "env": [{ "name": "FLUSH_INTERVAL", "value": "5s" }, { "name": "TARGET", "value": "http://collector.observability:4318" }],
        "image": format!("crspoke.azurecr.io/platform/shipper@sha256:{}", random.hex(64)),
        "name": "shipper",
        "resources": { "limits": { "memory": "128Mi" }, "requests": { "cpu": "20m", "memory": "64Mi" } },
        "securityContext": restricted(),
        "volumeMounts": [{ "mountPath": "/tmp", "name": "scratch" }],
    })
}

fn probe(path: &str, period: usize) -> Value {
    json!({ "failureThreshold": 3, "httpGet": { "path": path, "port": "http", "scheme": "HTTP" }, "initialDelaySeconds": 5, "periodSeconds": period, "successThreshold": 1, "timeoutSeconds": 2 })
}

fn restricted() -> Value {
    json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] }, "readOnlyRootFilesystem": true, "runAsNonRoot": true })
}
