//! Services and addresses that workloads name: in environment variables, commands and arguments,
//! and in the ConfigMaps that they read.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use palisade_document::Value;
use palisade_estate::kubernetes::{PodTemplate, pod_template};
use palisade_estate::{Cluster, Object};
use palisade_packet::{AddressSet, PortSet, Traffic, Transport};

use super::Evidence;
use super::flow::{Collector, End};
use super::host_name::{HostName, host_names};

/// Keeps the flows open that workloads name the other end of.
pub(super) fn collect(collector: &mut Collector<'_, '_>) {
    let analysis = collector.analysis;
    for workload in analysis.endpoints.workloads() {
        let Some(template) = pod_template(workload.object) else {
            continue;
        };
        let mut sources = BTreeSet::new();
        let mut cause = None;
        for &id in &workload.endpoints {
            match collector.end_of(id) {
                Ok(end) => _ = sources.insert(end),
                Err(why) => cause = Some(why),
            }
        }
        let caller = Caller {
            namespace: workload.namespace,
            sources: sources.into_iter().collect(),
            unnamed: cause,
        };
        for mention in mentions(collector.cluster, &template) {
            caller.follow(collector, &mention);
        }
    }
}

/// A host that a workload names.
struct Mention {
    host: HostName,
    /// Whether the setting is one for hosts, by its name.
    is_setting_of_hosts: bool,
    evidence: Evidence,
}

/// Words in the names of settings that hold hosts.
const OF_HOSTS: [&str; 9] = [
    "HOST", "ADDR", "URL", "URI", "SERVER", "ENDPOINT", "SERVICE", "BROKER", "UPSTREAM",
];

/// Whoever names a host.
struct Caller<'e> {
    namespace: &'e str,
    sources: Vec<End>,
    /// Why some of its pods can't be named as sources.
    unnamed: Option<String>,
}

impl Caller<'_> {
    fn follow(&self, collector: &mut Collector<'_, '_>, mention: &Mention) {
        let Mention { host, evidence, .. } = mention;
        if let Some(service) = self.service(collector, mention) {
            if let Some(cause) = &self.unnamed {
                let name = service.display_name();
                let message = format!("pods on the network of nodes name {name}; {cause}");
                let theirs = service.namespace().unwrap_or_default();
                collector.leave(theirs, message, evidence);
            }
            let port = host.port.map(|port| port.to_string());
            collector.lead(
                self.namespace,
                &self.sources,
                service,
                port.as_deref(),
                evidence,
            );
        } else if let Some(address) = host.address() {
            self.reach(collector, address, mention);
        } else if self.is_outside(mention) {
            let message = format!(
                "`{}` is no Service of the input; to let it out takes its addresses, or a CiliumNetworkPolicy with toFQDNs",
                host.name
            );
            collector.leave(self.namespace, message, evidence);
        }
    }

    /// The Service that a host names, as the cluster's DNS and its addresses do.
    fn service<'e>(&self, collector: &Collector<'_, 'e>, mention: &Mention) -> Option<Object<'e>> {
        let host = &mention.host;
        let services = &collector.services;
        if let Some(address) = host.address() {
            return services.at(address);
        }
        let parts: Vec<&str> = host.name.split('.').collect();
        // `pod.service.namespace.svc` is a pod of a headless Service.
        if let Some(place) = parts.iter().position(|part| *part == "svc") {
            let place = place.checked_sub(2)?;
            return services.named(parts[place + 1], parts[place]);
        }
        let is_meant = host.has_scheme || host.port.is_some() || mention.is_setting_of_hosts;
        match parts.as_slice() {
            _ if !is_meant => None,
            [name] => services.named(self.namespace, name),
            [name, namespace] => services
                .named(namespace, name)
                .or_else(|| services.named(self.namespace, namespace)),
            _ => None,
        }
    }

    /// Addresses outside with a port are evident as they stand.
    fn reach(&self, collector: &mut Collector<'_, '_>, address: IpAddr, mention: &Mention) {
        let is_elsewhere = match address {
            IpAddr::V4(v4) => !(v4.is_unspecified() || v4.is_loopback() || v4.is_link_local()),
            IpAddr::V6(v6) => !(v6.is_unspecified() || v6.is_loopback()),
        };
        let Some(port) = mention.host.port.filter(|_| is_elsewhere) else {
            return;
        };
        let to = End::Addresses(AddressSet::from(address));
        let traffic = Traffic::to_ports(Transport::Tcp, PortSet::one(port));
        for source in &self.sources {
            collector.keep(source.clone(), to.clone(), &traffic, &mention.evidence);
        }
    }

    /// Whether a host is plainly one elsewhere.
    fn is_outside(&self, mention: &Mention) -> bool {
        let host = &mention.host;
        let is_meant = host.has_scheme || (mention.is_setting_of_hosts && host.is_alone);
        let last = host.name.rsplit_once('.').map(|(_, last)| last);
        is_meant && last.is_some_and(|last| last.bytes().any(|c| c.is_ascii_alphabetic()))
    }
}

/// The hosts that the containers of a workload are given.
fn mentions<'e>(cluster: &Cluster<'e>, template: &PodTemplate<'e>) -> Vec<Mention> {
    let mut reader = Reader {
        cluster,
        namespace: template.namespace(),
        owner: template.owner.display_name(),
        found: Vec::new(),
    };
    for container in template.containers() {
        reader.container(container);
    }
    for volume in list(template.spec, "volumes") {
        let projected = volume.get("projected").into_iter();
        let projected = projected.flat_map(|projected| list(projected, "sources"));
        for map in [volume].into_iter().chain(projected) {
            let map = map.get("configMap").and_then(|map| map.get("name"));
            reader.files(map.map(Value::scalar).unwrap_or_default());
        }
    }
    reader.found
}

fn list<'e>(value: Value<'e>, key: &str) -> impl Iterator<Item = Value<'e>> {
    value.get(key).into_iter().flat_map(Value::items)
}

/// A variable of a container: its text, where that is written, and in what words.
struct Variable<'e> {
    text: String,
    at: Value<'e>,
    what: String,
}

struct Reader<'c, 'e> {
    cluster: &'c Cluster<'e>,
    namespace: &'e str,
    owner: String,
    found: Vec<Mention>,
}

impl<'e> Reader<'_, 'e> {
    fn container(&mut self, container: Value<'e>) {
        let variables = self.variables(container);
        for (name, variable) in &variables {
            let name = name.to_ascii_uppercase();
            let is_of_hosts = OF_HOSTS.iter().any(|word| name.contains(word));
            let port = port_beside(&name, &variables);
            for mut host in host_names(&variable.text) {
                if host.is_alone {
                    host.port = host.port.or(port);
                }
                self.add(host, is_of_hosts, variable.at, variable.what.clone());
            }
        }
        for key in ["command", "args"] {
            for word in list(container, key) {
                let text = expanded(word.scalar(), &variables);
                let what = format!("{key} of {}", self.owner);
                for host in host_names(&text) {
                    self.add(host, false, word, what.clone());
                }
            }
        }
    }

    fn add(&mut self, host: HostName, is_setting_of_hosts: bool, at: Value<'e>, what: String) {
        self.found.push(Mention {
            host,
            is_setting_of_hosts,
            evidence: Evidence {
                at: at.origin(),
                what,
            },
        });
    }

    /// The variables of a container, in the order in which the kubelet sets them: of two with one
    /// name the last counts.
    fn variables(&self, container: Value<'e>) -> BTreeMap<String, Variable<'e>> {
        let mut variables = BTreeMap::new();
        for source in list(container, "envFrom") {
            let prefix = source.get("prefix").map(Value::scalar).unwrap_or_default();
            let map = source.get("configMapRef").and_then(|map| map.get("name"));
            let map = map.map(Value::scalar).unwrap_or_default();
            for entry in self.config_map(map) {
                let name = format!("{prefix}{}", entry.name());
                variables.insert(name, self.of_map(entry.name(), entry.value, map));
            }
        }
        for entry in list(container, "env") {
            let Some(name) = entry.get("name").map(Value::scalar) else {
                continue;
            };
            let variable = match entry.get("value").filter(|value| !value.is_null()) {
                Some(value) => Some(Variable {
                    text: expanded(value.scalar(), &variables),
                    at: value,
                    what: format!("env {name} of {}", self.owner),
                }),
                None => self.referenced(entry),
            };
            match variable {
                Some(variable) => variables.insert(name.to_owned(), variable),
                None => variables.remove(name),
            };
        }
        variables
    }

    fn referenced(&self, entry: Value<'e>) -> Option<Variable<'e>> {
        let reference = entry.get("valueFrom")?.get("configMapKeyRef")?;
        let key = reference.get("key")?.scalar();
        let map = reference.get("name")?.scalar();
        let found = self.config_map(map).find(|entry| entry.name() == key)?;
        Some(self.of_map(key, found.value, map))
    }

    fn of_map(&self, key: &str, value: Value<'e>, map: &str) -> Variable<'e> {
        Variable {
            text: value.scalar().to_owned(),
            at: value,
            what: self.read(key, map),
        }
    }

    fn read(&self, key: &str, map: &str) -> String {
        format!("{key} of ConfigMap/{map}, which {} reads", self.owner)
    }

    /// The files that a ConfigMap becomes.
    fn files(&mut self, map: &str) {
        for entry in self.config_map(map) {
            let what = self.read(entry.name(), map);
            for host in host_names(entry.value.scalar()) {
                self.add(host, false, entry.value, what.clone());
            }
        }
    }

    fn config_map(
        &self,
        name: &str,
    ) -> impl Iterator<Item = palisade_document::Entry<'e>> + use<'e> {
        let mut maps = self.cluster.objects_of("", "ConfigMap");
        let map = maps.find(|map| {
            map.name() == name && map.namespace().unwrap_or("default") == self.namespace
        });
        let data = map.and_then(|map| map.get("data"));
        data.into_iter().flat_map(Value::entries)
    }
}

/// The port in the variable beside one that holds a host: `DB_PORT` for `DB_HOST`.
fn port_beside(name: &str, variables: &BTreeMap<String, Variable<'_>>) -> Option<u16> {
    let mut endings = ["HOSTNAME", "HOST", "SERVER", "ADDRESS", "ADDR"].into_iter();
    let stem = endings.find_map(|ending| name.strip_suffix(ending))?;
    let port = variables.get(&format!("{stem}PORT"))?;
    port.text.parse().ok().filter(|port| *port > 0)
}

/// A text with `$(NAME)` replaced as the kubelet does: by variables that are known already.
fn expanded(text: &str, variables: &BTreeMap<String, Variable<'_>>) -> String {
    /// Variables that hold each other make texts that double with every step.
    const LONGEST: usize = 1 << 20;
    let mut written = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("$(") {
        let Some(length) = rest[start..].find(')') else {
            break;
        };
        let (before, reference) = (&rest[..start], &rest[start..=start + length]);
        written.push_str(before);
        match variables.get(&reference[2..length]) {
            Some(variable) if written.len() + variable.text.len() < LONGEST => {
                written.push_str(&variable.text);
            }
            _ => written.push_str(reference),
        }
        rest = &rest[start + length + 1..];
    }
    written.push_str(rest);
    written
}
