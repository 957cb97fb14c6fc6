//! The other side of Cilium's rules.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_document::Value;

use crate::kubernetes::record::{Record, Remarks, read_selector};
use crate::kubernetes::{PolicyType, Selector};

/// The other side, always in one of these ways. Nothing in a list matches nothing.
#[derive(Clone, Debug)]
pub enum CiliumPeers<'e> {
    /// Pods and other endpoints by their labels, in the policy's own namespace unless the labels
    /// speak of namespaces.
    Endpoints(Vec<Selector<'e>>),
    /// What belongs to no endpoint: addresses outside the cluster.
    Networks(Vec<CiliumCidr<'e>>),
    /// Classes of peers.
    Entities(Vec<CiliumEntity>),
    /// The backends of Services.
    Services(Vec<CiliumService<'e>>),
    /// Addresses that were looked up by name.
    Names(Vec<CiliumName<'e>>),
    /// Nodes by their labels.
    Nodes(Vec<Selector<'e>>),
    /// Groups of a cloud: none of Azure exist.
    Groups(Value<'e>),
}

/// Addresses of a rule.
#[derive(Clone, Debug)]
pub enum CiliumCidr<'e> {
    /// A range without some parts of it.
    Range {
        /// The range.
        network: IpNet,
        /// The parts.
        except: Vec<IpNet>,
    },
    /// The ranges of the CiliumCIDRGroup of this name, without some parts.
    Group {
        /// The name.
        name: &'e str,
        /// The parts.
        except: Vec<IpNet>,
        /// The place of the name.
        at: Value<'e>,
    },
    /// The ranges of the groups with such labels, without some parts.
    Groups {
        /// The labels.
        selector: Selector<'e>,
        /// The parts.
        except: Vec<IpNet>,
    },
}

/// A class of peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CiliumEntity {
    /// Everything.
    All,
    /// Outside the cluster.
    World,
    /// Outside the cluster, by IPv4.
    WorldIpv4,
    /// Outside the cluster, by IPv6.
    WorldIpv6,
    /// Inside the cluster: pods, nodes and what Cilium makes.
    Cluster,
    /// The pod's own node, pods on its network included.
    Host,
    /// Every other node, pods on their networks included.
    RemoteNode,
    /// The API server.
    KubeApiServer,
    /// Cilium's own ingress proxy.
    Ingress,
    /// Pods whose labels aren't known yet.
    Init,
    /// Cilium's health checks.
    Health,
    /// Pods that Cilium doesn't manage.
    Unmanaged,
    /// Nothing.
    None,
}

const ENTITIES: [(&str, CiliumEntity); 13] = [
    ("all", CiliumEntity::All),
    ("world", CiliumEntity::World),
    ("world-ipv4", CiliumEntity::WorldIpv4),
    ("world-ipv6", CiliumEntity::WorldIpv6),
    ("cluster", CiliumEntity::Cluster),
    ("host", CiliumEntity::Host),
    ("remote-node", CiliumEntity::RemoteNode),
    ("kube-apiserver", CiliumEntity::KubeApiServer),
    ("ingress", CiliumEntity::Ingress),
    ("init", CiliumEntity::Init),
    ("health", CiliumEntity::Health),
    ("unmanaged", CiliumEntity::Unmanaged),
    ("none", CiliumEntity::None),
];

/// Services of a rule.
#[derive(Clone, Debug)]
pub enum CiliumService<'e> {
    /// The Service of a name.
    Named {
        /// The name.
        name: &'e str,
        /// The namespace; the policy's own if nothing is said.
        namespace: Option<&'e str>,
    },
    /// The Services with such labels.
    Labelled {
        /// The labels.
        selector: Selector<'e>,
        /// The namespace; every one if nothing is said.
        namespace: Option<&'e str>,
    },
}

/// A name or a pattern of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CiliumName<'e> {
    /// Exactly this name.
    Exact(&'e str),
    /// `*` stands for anything within a label, a leading `**.` for any labels, a lone `*` for
    /// every name.
    Pattern(&'e str),
}

impl<'e> CiliumPeers<'e> {
    /// Reads whichever of the fields is given.
    pub(super) fn read(
        record: &Record<'e, '_>,
        direction: PolicyType,
        is_deny: bool,
    ) -> Option<Self> {
        let names = PeerFields::of(direction);
        let remarks = record.remarks();
        let mut found = Vec::new();
        found.extend(selectors(record, names.endpoints).map(Self::Endpoints));
        found.extend(selectors(record, names.nodes).map(Self::Nodes));
        found.extend(read_networks(record, &names).map(Self::Networks));
        found.extend(
            record
                .each(names.entities, |item| read_entity(item, remarks))
                .map(Self::Entities),
        );
        found.extend(record.get(names.groups).map(Self::Groups));
        if direction == PolicyType::Egress {
            let services = record.each("toServices", |item| read_service(item, remarks));
            found.extend(services.map(Self::Services));
            if !is_deny {
                let fqdns = record.each("toFQDNs", |item| read_name(item, remarks));
                found.extend(fqdns.map(Self::Names));
            }
        }
        if found.iter().filter(|peers| !peers.is_empty()).count() > 1 {
            remarks.refuse(
                record.value(),
                "a rule names its peers in one way only: give each way a rule of its own",
            );
        }
        // An empty list beside a filled one selects nothing, as the empty list alone does.
        found.into_iter().min_by_key(|peers| !peers.is_empty())
    }

    /// Whether the list is empty, so that it matches nothing.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Endpoints(list) | Self::Nodes(list) => list.is_empty(),
            Self::Networks(list) => list.is_empty(),
            Self::Entities(list) => list.is_empty(),
            Self::Services(list) => list.is_empty(),
            Self::Names(list) => list.is_empty(),
            Self::Groups(list) => list.items().len() == 0,
        }
    }
}

struct PeerFields {
    endpoints: &'static str,
    nodes: &'static str,
    cidr: &'static str,
    cidr_set: &'static str,
    entities: &'static str,
    groups: &'static str,
}

impl PeerFields {
    fn of(direction: PolicyType) -> Self {
        match direction {
            PolicyType::Ingress => Self {
                endpoints: "fromEndpoints",
                nodes: "fromNodes",
                cidr: "fromCIDR",
                cidr_set: "fromCIDRSet",
                entities: "fromEntities",
                groups: "fromGroups",
            },
            PolicyType::Egress => Self {
                endpoints: "toEndpoints",
                nodes: "toNodes",
                cidr: "toCIDR",
                cidr_set: "toCIDRSet",
                entities: "toEntities",
                groups: "toGroups",
            },
        }
    }
}

fn selectors<'e>(record: &Record<'e, '_>, name: &'static str) -> Option<Vec<Selector<'e>>> {
    record.each(name, |item| read_selector(item, record.remarks()))
}

fn read_networks<'e>(record: &Record<'e, '_>, names: &PeerFields) -> Option<Vec<CiliumCidr<'e>>> {
    let remarks = record.remarks();
    let plain = record.texts(names.cidr);
    let sets = record.each(names.cidr_set, |item| read_cidr_set(item, remarks));
    if plain.as_ref().is_some_and(|list| !list.is_empty())
        && sets.as_ref().is_some_and(|list| !list.is_empty())
    {
        remarks.refuse(
            record.place(names.cidr_set),
            "a rule names its peers in one way only: give each way a rule of its own",
        );
    }
    let given = plain.is_some() || sets.is_some();
    let plain = plain.unwrap_or_default().into_iter();
    let mut networks: Vec<_> = plain
        .filter_map(|(text, at)| read_network(text, at, remarks))
        .map(|network| CiliumCidr::Range {
            network,
            except: Vec::new(),
        })
        .collect();
    networks.extend(sets.unwrap_or_default());
    given.then_some(networks)
}

fn read_cidr_set<'e>(item: Value<'e>, remarks: &Remarks<'e>) -> Option<CiliumCidr<'e>> {
    let record = Record::open(item, remarks)?;
    let excepts = record.texts("except").unwrap_or_default();
    let mut except = Vec::with_capacity(excepts.len());
    for &(text, at) in &excepts {
        except.extend(read_network(text, at, remarks).map(|network| (network, at)));
    }
    let group = record.filled("cidrGroupRef");
    let selector = record.selector("cidrGroupSelector");
    let cidr = record.filled("cidr");
    let parts =
        |except: Vec<(IpNet, Value<'e>)>| except.into_iter().map(|(part, _)| part).collect();
    let found = match (cidr, group, selector) {
        (Some(text), None, None) => {
            read_network(text, record.place("cidr"), remarks).map(|network| {
                for &(part, at) in &except {
                    if !network.contains(&part.addr()) {
                        remarks.refuse(at, "`except` must lie inside its `cidr`");
                    }
                }
                CiliumCidr::Range {
                    network,
                    except: parts(except),
                }
            })
        }
        (None, Some(name), None) => Some(CiliumCidr::Group {
            name,
            at: record.place("cidrGroupRef"),
            except: parts(except),
        }),
        (None, None, Some(selector)) => Some(CiliumCidr::Groups {
            selector,
            except: parts(except),
        }),
        _ => {
            record.require_one_of("`cidr`, `cidrGroupRef` and `cidrGroupSelector`");
            None
        }
    };
    record.close();
    found
}

/// A range; a single address stands for itself.
pub(super) fn read_network<'e>(text: &str, at: Value<'e>, remarks: &Remarks<'e>) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().map(IpNet::from).ok();
    let network = text.parse::<IpNet>().ok().or_else(address);
    if network.is_none() {
        remarks.refuse(at, "this is not an address or a range such as `10.0.0.0/8`");
    }
    network
}

fn read_entity<'e>(item: Value<'e>, remarks: &Remarks<'e>) -> Option<CiliumEntity> {
    let found = ENTITIES
        .iter()
        .find(|(name, _)| item.as_str() == Some(*name));
    if found.is_none() {
        let names: Vec<_> = ENTITIES
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        remarks.refuse(item, format!("an entity is one of {}", names.join(", ")));
    }
    found.map(|&(_, entity)| entity)
}

fn read_service<'e>(item: Value<'e>, remarks: &Remarks<'e>) -> Option<CiliumService<'e>> {
    let record = Record::open(item, remarks)?;
    let named = record.object("k8sService").map(|service| {
        let found = CiliumService::Named {
            name: service.text("serviceName").unwrap_or_default(),
            namespace: service.filled("namespace"),
        };
        service.close();
        found
    });
    let labelled = record.object("k8sServiceSelector").and_then(|service| {
        service.require("selector");
        let selector = service.selector("selector");
        let namespace = service.filled("namespace");
        service.close();
        Some(CiliumService::Labelled {
            selector: selector?,
            namespace,
        })
    });
    if named.is_some() == labelled.is_some() {
        record.require_one_of("`k8sService` and `k8sServiceSelector`");
    }
    record.close();
    named.or(labelled)
}

fn read_name<'e>(item: Value<'e>, remarks: &Remarks<'e>) -> Option<CiliumName<'e>> {
    let record = Record::open(item, remarks)?;
    let exact = record.filled("matchName").map(CiliumName::Exact);
    let pattern = record.filled("matchPattern").map(CiliumName::Pattern);
    if exact.is_some() == pattern.is_some() {
        record.require_one_of("`matchName` and `matchPattern`");
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte);
    if let Some(CiliumName::Exact(text) | CiliumName::Pattern(text)) = exact.or(pattern) {
        let has_star = text.contains('*') && exact.is_some();
        if has_star || !text.bytes().all(is_part) {
            remarks.refuse(
                item,
                "this is not a name, or a pattern of names, in the DNS",
            );
        }
    }
    record.close();
    exact.or(pattern)
}
