//! A running cluster with many pods and network policies, as `kubectl get -A -o json` lists them:
//! namespaces with an environment and a team, workloads of three replicas, a default deny for
//! each namespace, and policies with every kind of peer and port.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// How large a cluster is.
#[derive(Clone, Copy)]
pub struct ClusterSize {
    /// The pods.
    pub pods: usize,
    /// The namespaces.
    pub namespaces: usize,
    /// The network policies.
    pub policies: usize,
    /// How many different pod selectors the policies have, each of one group of workloads; without
    /// a number they select by application, tier and more.
    pub selectors: Option<usize>,
}

impl ClusterSize {
    /// So many pods, 20 in a namespace, and a policy for each five.
    pub fn of(pods: usize) -> Self {
        Self {
            pods,
            namespaces: (pods / 20).max(1),
            policies: pods / 5,
            selectors: None,
        }
    }
}

const REPLICAS: usize = 3;
const ENVIRONMENTS: [&str; 3] = ["dev", "test", "prod"];
const TIERS: [&str; 5] = ["web", "api", "db", "cache", "batch"];

/// The objects of a cluster as one list.
pub fn cluster(size: ClusterSize, seed: u64) -> String {
    let mut maker = Maker {
        random: Random::new(seed),
        namespaces: size.namespaces,
        selectors: size.selectors,
        applications: vec![Vec::new(); size.namespaces],
    };
    let mut items: Vec<Value> = (0..size.namespaces)
        .map(|number| maker.namespace(number))
        .collect();
    items.extend(maker.pods(size.pods));
    items.extend((0..size.policies).map(|number| maker.policy(number)));
    json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string()
}

struct Maker {
    random: Random,
    namespaces: usize,
    selectors: Option<usize>,
    /// The applications of each namespace, with their tiers.
    applications: Vec<Vec<(String, &'static str)>>,
}

impl Maker {
    fn team(&mut self) -> String {
        let teams = (self.namespaces / 4).max(2);
        format!("team{}", self.random.between(0, teams))
    }

    fn namespace(&mut self, number: usize) -> Value {
        let name = format!("ns{number}");
        let labels = json!({
            "kubernetes.io/metadata.name": name,
            "env": self.random.pick(&ENVIRONMENTS),
            "team": self.team(),
        });
        let metadata = json!({ "name": name, "labels": labels });
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata })
    }

    fn pods(&mut self, count: usize) -> Vec<Value> {
        let mut pods = Vec::with_capacity(count);
        for workload in 0.. {
            let left = count - pods.len();
            if left == 0 {
                break;
            }
            let namespace = workload % self.namespaces;
            let application = format!("app{}", workload / self.namespaces);
            let tier = self.random.pick(&TIERS);
            self.applications[namespace].push((application.clone(), tier));
            let mut labels =
                json!({ "app": application, "tier": tier, "ver": self.random.pick(&["v1", "v2"]) });
            if self.random.percent(20) {
                labels["exposed"] = "true".into();
            }
            if let Some(selectors) = self.selectors {
                labels["group"] = format!("g{}", workload % selectors).into();
            }
            let port = self.random.pick(&[80, 8080, 9090, 5432, 6379]);
            for replica in 0..REPLICAS.min(left) {
                pods.push(pod(
                    pods.len(),
                    namespace,
                    &application,
                    replica,
                    &labels,
                    port,
                ));
            }
        }
        pods
    }

    fn policy(&mut self, number: usize) -> Value {
        let namespace = number % self.namespaces;
        let mut spec = Map::new();
        spec.insert("podSelector".to_owned(), json!({}));
        let mut types = Vec::new();
        if number < self.namespaces {
            types.push("Ingress");
            if self.random.percent(50) {
                types.push("Egress");
            }
        } else {
            let selector = self.pod_selector(namespace);
            spec.insert("podSelector".to_owned(), selector);
            let share = self.random.between(0, 100);
            for (is_there, kind, section, peers) in [
                (share < 80, "Ingress", "ingress", "from"),
                (share > 50, "Egress", "egress", "to"),
            ] {
                if is_there {
                    let count = self.random.pick(&[1, 1, 2]);
                    let rules: Vec<_> = (0..count).map(|_| self.rule(namespace, peers)).collect();
                    spec.insert(section.to_owned(), rules.into());
                    types.push(kind);
                }
            }
        }
        spec.insert("policyTypes".to_owned(), types.into());
        let metadata =
            json!({ "name": format!("p{number}"), "namespace": format!("ns{namespace}") });
        json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec })
    }

    fn rule(&mut self, namespace: usize, key: &str) -> Value {
        let mut rule = json!({});
        if self.random.percent(95) {
            let count = self.random.pick(&[1, 1, 2, 3]);
            let peers: Vec<_> = (0..count).map(|_| self.peer(namespace)).collect();
            rule[key] = peers.into();
        }
        if let Some(ports) = self.ports() {
            rule["ports"] = ports;
        }
        rule
    }

    fn peer(&mut self, namespace: usize) -> Value {
        match self.random.between(0, 100) {
            0..35 => json!({ "podSelector": self.pod_selector(namespace) }),
            35..60 => json!({ "namespaceSelector": self.namespace_selector() }),
            60..80 => {
                let other = self.random.between(0, self.namespaces);
                json!({ "namespaceSelector": self.namespace_selector(), "podSelector": self.pod_selector(other) })
            }
            _ => {
                let own = format!("203.0.{}.0/24", self.random.between(0, 256));
                let ranges = ["0.0.0.0/0", "172.16.0.0/12", "192.168.0.0/16", &own];
                match self.random.pick(&ranges) {
                    all @ "0.0.0.0/0" => {
                        json!({ "ipBlock": { "cidr": all, "except": ["10.0.0.0/8", "169.254.169.254/32"] } })
                    }
                    range => json!({ "ipBlock": { "cidr": range } }),
                }
            }
        }
    }

    fn pod_selector(&mut self, namespace: usize) -> Value {
        if let Some(selectors) = self.selectors {
            let group = format!("g{}", self.random.between(0, selectors));
            return json!({ "matchLabels": { "group": group } });
        }
        let own = &self.applications[namespace];
        let (application, tier) = match own.is_empty() {
            true => ("app0".to_owned(), "web"),
            false => own[self.random.between(0, own.len())].clone(),
        };
        match self.random.between(0, 100) {
            0..40 => json!({ "matchLabels": { "app": application } }),
            40..70 => json!({ "matchLabels": { "tier": tier } }),
            70..80 => json!({}),
            _ => {
                let other = self.random.pick(&TIERS);
                let expression = match self.random.between(0, 4) {
                    0 => json!({ "key": "tier", "operator": "In", "values": [tier, other] }),
                    1 => json!({ "key": "tier", "operator": "NotIn", "values": [tier] }),
                    2 => json!({ "key": "exposed", "operator": "Exists" }),
                    _ => json!({ "key": "exposed", "operator": "DoesNotExist" }),
                };
                json!({ "matchExpressions": [expression] })
            }
        }
    }

    fn namespace_selector(&mut self) -> Value {
        match self.random.between(0, 100) {
            0..40 => {
                let name = format!("ns{}", self.random.between(0, self.namespaces));
                json!({ "matchLabels": { "kubernetes.io/metadata.name": name } })
            }
            40..70 => json!({ "matchLabels": { "env": self.random.pick(&ENVIRONMENTS) } }),
            70..90 => json!({ "matchLabels": { "team": self.team() } }),
            _ => json!({}),
        }
    }

    fn ports(&mut self) -> Option<Value> {
        Some(match self.random.between(0, 100) {
            0..30 => return None,
            30..60 => {
                json!([{ "port": self.random.pick(&[80, 443, 8080, 9090, 5432]), "protocol": "TCP" }])
            }
            60..75 => json!([{ "port": 53, "protocol": "UDP" }, { "port": 53, "protocol": "TCP" }]),
            75..85 => json!([{ "port": "http" }]),
            85..95 => {
                let first = self.random.between(1000, 30_000);
                let last = first + self.random.between(1, 3000);
                json!([{ "port": first, "endPort": last, "protocol": self.random.pick(&["TCP", "UDP"]) }])
            }
            _ => json!([{ "protocol": "SCTP", "port": 7777 }]),
        })
    }
}

fn pod(
    number: usize,
    namespace: usize,
    application: &str,
    replica: usize,
    labels: &Value,
    port: u16,
) -> Value {
    let address = format!(
        "10.{}.{}.{}",
        244 + (number >> 16),
        number >> 8 & 255,
        number & 255
    );
    let owner = json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{application}-rs"), "controller": true, "blockOwnerDeletion": true });
    let ports = json!([
        { "name": "http", "containerPort": port, "protocol": "TCP" },
        { "name": "metrics", "containerPort": 9100, "protocol": "TCP" },
    ]);
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": format!("{application}-{replica}"),
            "namespace": format!("ns{namespace}"),
            "labels": labels,
            "ownerReferences": [owner],
        },
        "spec": { "nodeName": format!("node{}", number / 30), "containers": [{ "name": "c", "image": "img", "ports": ports }] },
        "status": { "phase": "Running", "podIP": address, "podIPs": [{ "ip": address }] },
    })
}
