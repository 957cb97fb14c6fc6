//! One rule of a section of Cilium's policies in the common form.

use palisade_document::Value;
use palisade_estate::kubernetes::{
    CiliumCidr, CiliumEntity, CiliumEntry, CiliumIcmp, CiliumName, CiliumNetworkPolicy,
    CiliumPeers, CiliumPort, CiliumPortNumber, CiliumPortRule, CiliumRequests, CiliumService,
    PolicyType, Selector,
};
use palisade_estate::{Coverage, Object};
use palisade_packet::{AddressSet, IntervalSet, PortSet, Set, Traffic, Transport};

use super::{Cilium, all_in_doubt, selection};
use crate::kubernetes::matched::Matched;
use crate::kubernetes::program::{Condition, NoteKind, Peers, Rule};
use crate::kubernetes::translator::{Ports, RuleHead};
use crate::kubernetes::{ConditionId, EndpointKind, EndpointSet, service_backend};

/// Translates the rules of one section.
pub(super) struct EntryTranslator<'s, 't, 'e> {
    pub(super) cilium: &'s Cilium<'t, 'e>,
    pub(super) policy: &'s CiliumNetworkPolicy<'e>,
    pub(super) direction: PolicyType,
    /// What the policy acts on.
    pub(super) subjects: &'s EndpointSet,
}

/// Ports with what else the traffic hangs on.
type Part<'e> = (Ports<'e>, Option<ConditionId>);

impl<'e> EntryTranslator<'_, '_, 'e> {
    /// The rules of this form that one rule comes to.
    pub(super) fn translate(&self, head: RuleHead, entry: &CiliumEntry<'e>) -> Vec<Rule> {
        let translator = self.cilium.translator;
        let peers = self.peers(entry);
        let mut rules = Vec::new();
        for (ports, of_ports) in self.parts(entry) {
            for (peers, of_peers) in [(&peers.certain, None), (&peers.possible, peers.condition)] {
                let head = RuleHead {
                    condition: of_ports.or(of_peers),
                    ..head
                };
                let direction = self.direction;
                rules.extend(translator.rules(head, direction, self.subjects, peers, &ports));
            }
        }
        rules
    }

    fn condition(&self, condition: Condition) -> ConditionId {
        self.cilium.translator.condition(condition)
    }

    fn unknown(&self, cause: impl Into<String>, supply: &str) -> ConditionId {
        self.condition(Condition::Unknown {
            cause: cause.into(),
            supply: supply.to_owned(),
        })
    }

    fn note(&self, kind: NoteKind, at: Value<'e>, message: &str) {
        let translator = self.cilium.translator;
        translator.note(kind, self.policy.object, at, message);
    }

    fn peers(&self, entry: &CiliumEntry<'e>) -> Matched {
        let endpoints = &self.cilium.translator.endpoints;
        match &entry.peers {
            Some(peers) => self.named_peers(entry.at, peers),
            // Without peers and without traffic a rule matches nothing: it only isolates.
            None if entry.ports.is_empty() && entry.icmps.is_empty() => Matched::nothing(),
            None => Matched::everything(endpoints),
        }
    }

    fn named_peers(&self, at: Value<'e>, peers: &CiliumPeers<'e>) -> Matched {
        let translator = self.cilium.translator;
        let namespace = self.policy.namespace;
        let union = |parts: &mut dyn Iterator<Item = Matched>| {
            parts.fold(Matched::nothing(), |all, part| all.or(&part))
        };
        match peers {
            CiliumPeers::Endpoints(selectors) => union(
                &mut selectors
                    .iter()
                    .map(|selector| selection::peers(selector, namespace, translator)),
            ),
            CiliumPeers::Networks(networks) => {
                union(&mut networks.iter().map(|network| self.network(network)))
            }
            CiliumPeers::Entities(entities) => self.entities(entities),
            CiliumPeers::Services(services) => {
                union(&mut services.iter().map(|service| self.service(service)))
            }
            CiliumPeers::Names(names) => {
                if !translator.engine.names {
                    self.note(
                        NoteKind::Ignored,
                        at,
                        "rules by name need Advanced Container Networking Services: without them this allows nothing",
                    );
                    return Matched::nothing();
                }
                union(&mut names.iter().map(|name| self.name(name)))
            }
            CiliumPeers::Nodes(selectors) => {
                union(&mut selectors.iter().map(|selector| self.nodes(selector)))
            }
            CiliumPeers::Groups(_) => {
                self.note(
                    NoteKind::Ignored,
                    at,
                    "groups are those of other clouds: in Azure they stand for nothing",
                );
                Matched::nothing()
            }
        }
    }

    /// Classes of peers. Where the input tells the addresses of the API server, its class is these
    /// for what is sent to it; for what it sends Cilium can't tell it reliably on AKS.
    fn entities(&self, entities: &[CiliumEntity]) -> Matched {
        let translator = self.cilium.translator;
        let server = service_backend::api_server(&self.cilium.cluster);
        let is_known = self.direction == PolicyType::Egress && !server.is_empty();
        if !is_known || !entities.contains(&CiliumEntity::KubeApiServer) {
            return selection::entities(entities, translator);
        }
        let others = entities
            .iter()
            .copied()
            .filter(|entity| *entity != CiliumEntity::KubeApiServer);
        let hosts = translator.endpoints.hosts();
        let mut there = Matched::inside(translator.endpoints_at(&server, &hosts));
        there.certain.addresses = server;
        selection::entities(&others.collect::<Vec<_>>(), translator).or(&there)
    }

    /// Addresses outside: ranges never match pods, nor nodes.
    fn network(&self, network: &CiliumCidr<'e>) -> Matched {
        let set = |networks: &[ipnet::IpNet]| -> AddressSet {
            networks.iter().copied().map(AddressSet::from).collect()
        };
        let outside = |all: AddressSet, except: &[ipnet::IpNet]| {
            Matched::certain(Peers::outside(all.difference(&set(except))))
        };
        match network {
            CiliumCidr::Range { network, except } => outside((*network).into(), except),
            CiliumCidr::Group { name, except, .. } => {
                let mut groups = self.cilium.groups.iter();
                match groups.find(|group| group.name == *name) {
                    Some(group) => outside(set(&group.networks), except),
                    None => self
                        .missing_group(format!("the CiliumCIDRGroup `{name}` isn't in the input")),
                }
            }
            CiliumCidr::Groups { selector, except } => {
                let groups = self.cilium.groups.iter();
                let chosen = groups
                    .filter(|group| selector.matches(|key| group.object.label(key)))
                    .flat_map(|group| group.networks.iter().copied())
                    .map(AddressSet::from);
                outside(chosen.collect(), except)
            }
        }
    }

    fn missing_group(&self, cause: String) -> Matched {
        let coverage = self
            .cilium
            .cluster
            .coverage(&[("cilium.io", "CiliumCIDRGroup")]);
        if coverage == Coverage::Complete {
            return Matched::nothing();
        }
        let condition = self.unknown(cause, "kubectl get ciliumcidrgroups -o json");
        Matched::doubtful(Peers::outside(AddressSet::full()), condition)
    }

    fn name(&self, name: &CiliumName<'e>) -> Matched {
        let (CiliumName::Exact(text) | CiliumName::Pattern(text)) = name;
        let condition = self.condition(Condition::Name((*text).to_owned()));
        Matched::doubtful(Peers::outside(AddressSet::full()), condition)
    }

    fn nodes(&self, selector: &Selector<'e>) -> Matched {
        let translator = self.cilium.translator;
        let nodes = translator.nodes(selector);
        let mut hosts = nodes.clone();
        let names: Vec<_> = nodes
            .iter()
            .filter_map(|id| match &translator.endpoints.get(id).kind {
                EndpointKind::Node(node) => Some(node.name()),
                _ => None,
            })
            .collect();
        for id in translator.endpoints.hosts().iter() {
            if let EndpointKind::HostPods { node, .. } = translator.endpoints.get(id).kind {
                let is_there = |node: &str| names.iter().any(|name| name == node);
                if node.is_none_or(is_there) {
                    hosts.extend(&EndpointSet::one(id));
                }
            }
        }
        let condition = self.unknown(
            "whether Cilium gives nodes identities by their labels (enable-node-selector-labels) isn't known",
            "kubectl get configmap cilium-config -n kube-system -o json",
        );
        Matched::inside(all_in_doubt(hosts, condition))
    }

    fn service(&self, service: &CiliumService<'e>) -> Matched {
        let cluster = &self.cilium.cluster;
        let own = self.policy.namespace;
        match service {
            CiliumService::Named { name, namespace } => {
                let namespace = namespace.or(own).unwrap_or("default");
                match service_backend::service(cluster, namespace, name) {
                    Ok(None) => Matched::nothing(),
                    Ok(Some(object)) => self.backends(&object),
                    Err(cause) => {
                        let condition =
                            self.unknown(cause, "kubectl get services,endpointslices -A -o json");
                        let endpoints = &self.cilium.translator.endpoints;
                        Matched::doubtful(Matched::everything(endpoints).certain, condition)
                    }
                }
            }
            CiliumService::Labelled {
                selector,
                namespace,
            } => {
                let services = cluster.objects_of("", "Service").filter(|service| {
                    namespace.is_none_or(|namespace| service.namespace() == Some(namespace))
                        && selector.matches(|key| service.label(key))
                });
                services.fold(Matched::nothing(), |all, service| {
                    all.or(&self.backends(&service))
                })
            }
        }
    }

    /// The pods that a Service selects, or the addresses outside behind one without a selector.
    fn backends(&self, service: &Object<'e>) -> Matched {
        let translator = self.cilium.translator;
        match service_backend::pods(service, translator) {
            Some(pods) => Matched::certain(Peers::inside(pods)),
            None => {
                let addresses = service_backend::addresses(&self.cilium.cluster, service);
                Matched::certain(Peers::outside(addresses))
            }
        }
    }

    /// The traffic of a rule: all of it, or part by part.
    fn parts(&self, entry: &CiliumEntry<'e>) -> Vec<Part<'e>> {
        let authentication = self.authentication(entry);
        if entry.ports.is_empty() && entry.icmps.is_empty() {
            return vec![(Ports::all(), authentication)];
        }
        let mut parts: Vec<Part<'e>> = entry
            .ports
            .iter()
            .filter_map(|rule| self.port_rule(rule))
            .map(|(ports, condition)| (ports, condition.or(authentication)))
            .collect();
        if !entry.icmps.is_empty() {
            let messages = entry.icmps.iter().map(messages);
            let fixed = messages.fold(Traffic::empty(), |all, one| all.union(&one));
            let ports = Ports {
                fixed,
                ..Ports::none()
            };
            parts.push((ports, authentication));
        }
        parts
    }

    fn authentication(&self, entry: &CiliumEntry<'e>) -> Option<ConditionId> {
        let mode = entry.authentication.filter(|mode| *mode != "disabled")?;
        Some(self.unknown(
            format!("mutual authentication is asked for (`{mode}`), which AKS doesn't offer"),
            "rules without authentication",
        ))
    }

    fn port_rule(&self, rule: &CiliumPortRule<'e>) -> Option<Part<'e>> {
        let mut condition = None;
        if let Some(requests) = rule.requests {
            let engine = self.cilium.translator.engine;
            let is_dns = matches!(requests, CiliumRequests::Dns(_));
            let is_offered = if is_dns { engine.names } else { engine.layer7 };
            if !is_offered {
                self.note(
                    NoteKind::Ignored,
                    requests.at(),
                    "rules about requests need Advanced Container Networking Services: without them this allows nothing",
                );
                return None;
            }
            condition = requested(&requests).map(|text| self.condition(Condition::Layer7(text)));
        }
        if !rule.server_names.is_empty() {
            let names = rule.server_names.join(", ");
            condition = Some(self.condition(Condition::Layer7(format!("TLS to {names}"))));
        }
        let mut ports = Ports::none();
        if rule.ports.is_empty() {
            ports = Ports::all();
        }
        for port in &rule.ports {
            self.add_port(port, &mut ports);
        }
        Some((ports, condition))
    }

    fn add_port(&self, port: &CiliumPort<'e>, ports: &mut Ports<'e>) {
        let transports: Vec<_> = match port.protocol {
            None => Transport::ALL.to_vec(),
            Some(number) => {
                let named = match number {
                    6 => Some(Transport::Tcp),
                    17 => Some(Transport::Udp),
                    132 => Some(Transport::Sctp),
                    _ => None,
                };
                match named {
                    Some(transport) => vec![transport],
                    None => {
                        ports.fixed = ports.fixed.union(&Traffic::protocol(number));
                        return;
                    }
                }
            }
        };
        let numbers = match port.port {
            CiliumPortNumber::Every => PortSet::full(),
            CiliumPortNumber::Range(first, last) => PortSet::range(first, last),
            CiliumPortNumber::Named(name) => {
                let name = self.known_name(name);
                let named = transports.iter().map(|transport| (Some(*transport), name));
                ports.named.extend(named);
                return;
            }
        };
        for transport in transports {
            let traffic = Traffic::to_ports(transport, numbers.clone());
            ports.fixed = ports.fixed.union(&traffic);
        }
    }

    /// The name as containers write it: Cilium makes names small letters, which they are already.
    fn known_name(&self, name: &'e str) -> &'e str {
        if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return name;
        }
        let endpoints = &self.cilium.translator.endpoints;
        let mut names = endpoints
            .iter()
            .flat_map(|(_, endpoint)| endpoint.ports.iter().map(|port| port.name));
        names
            .find(|known| known.eq_ignore_ascii_case(name))
            .unwrap_or(name)
    }
}

fn messages(icmp: &CiliumIcmp) -> Traffic {
    let kinds = IntervalSet::one(icmp.kind);
    match icmp.is_v6 {
        true => Traffic::icmpv6(kinds, IntervalSet::full()),
        false => Traffic::icmp(kinds, IntervalSet::full()),
    }
}

/// What is asked for, in words; nothing if everything is let through.
fn requested(requests: &CiliumRequests<'_>) -> Option<String> {
    let texts = |item: Value<'_>, fields: &[&str]| {
        let found = fields.iter().filter_map(|field| item.get(field));
        let found: Vec<_> = found.map(Value::scalar).collect();
        found.join(" ")
    };
    let joined = |name: &str, fields: &[&str]| {
        let items = requests.at().items().map(|item| texts(item, fields));
        let items: Vec<_> = items.filter(|text| !text.is_empty()).collect();
        format!("{name} {}", items.join(", ")).trim_end().to_owned()
    };
    match requests {
        CiliumRequests::Http(_) => Some(joined("HTTP", &["method", "host", "path"])),
        CiliumRequests::Kafka(_) => Some(joined("Kafka", &["role", "apiKey", "topic"])),
        CiliumRequests::Dns(at) => {
            let is_any = |item: Value<'_>| {
                let pattern = item.get("matchPattern").map(Value::scalar);
                pattern == Some("*")
            };
            let is_open = at.items().any(is_any);
            (!is_open).then(|| joined("look-ups of", &["matchName", "matchPattern"]))
        }
        CiliumRequests::Other(at) => Some(format!("{} requests", at.scalar())),
    }
}
