//! `policy.networking.k8s.io`: AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1), and
//! ClusterNetworkPolicy (v1alpha2), which replaces both. Read as the types of the network policy
//! API say (kubernetes-sigs/network-policy-api, v0.1.7 and v0.2.0).

use ipnet::IpNet;
use palisade_document::Value;

use super::record::{Record, Remarks, read_selector};
use super::{PolicyType, Selector};
use crate::Object;

/// Before or after the NetworkPolicies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClusterTier {
    /// Before: its verdicts can't be overridden.
    Admin,
    /// After: for pods that no NetworkPolicy isolates.
    Baseline,
}

/// What a rule of an ordered policy does with the traffic that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleAction {
    /// Let through, finally.
    Allow,
    /// Drop, finally.
    Deny,
    /// Leave to the next tier.
    Pass,
}

/// An AdminNetworkPolicy, BaselineAdminNetworkPolicy or ClusterNetworkPolicy.
#[derive(Clone, Debug)]
pub struct ClusterPolicy<'e> {
    /// The tier it stands in.
    pub tier: ClusterTier,
    /// The order within the tier, 0 first. A baseline admin policy has none: there is but one.
    pub priority: i64,
    /// The pods it acts on; nothing if the policy is refused.
    pub subject: Option<PodsOf<'e>>,
    /// Rules for what comes in, in order.
    pub ingress: Vec<ClusterRule<'e>>,
    /// Rules for what goes out, in order.
    pub egress: Vec<ClusterRule<'e>>,
    /// Whether something outside the rules makes the API server refuse the policy.
    pub is_refused: bool,
}

/// Pods by the labels of their namespace and their own.
#[derive(Clone, Debug)]
pub struct PodsOf<'e> {
    /// The namespaces.
    pub namespaces: Selector<'e>,
    /// The pods in them; all if nothing is said.
    pub pods: Selector<'e>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct ClusterRule<'e> {
    /// The place.
    pub at: Value<'e>,
    /// Its name, if it has one.
    pub name: Option<&'e str>,
    /// What it does; nothing if that is refused.
    pub action: Option<RuleAction>,
    /// The other side: any of these.
    pub peers: Vec<ClusterPeer<'e>>,
    /// The traffic: any of these, or every protocol if nothing is said.
    pub ports: Option<Vec<ClusterPort<'e>>>,
    /// Whether the API server refuses something in the rule.
    pub is_refused: bool,
}

/// The other side of a rule.
#[derive(Clone, Debug)]
pub enum ClusterPeer<'e> {
    /// Pods, those on the network of their node excepted.
    Pods(PodsOf<'e>),
    /// The addresses of nodes, by the labels of the nodes.
    Nodes(Selector<'e>),
    /// Address ranges, which hold pods too.
    Networks(Vec<(IpNet, Value<'e>)>),
    /// Names; `*.x` stands for one or more labels before `x`.
    DomainNames(Vec<(&'e str, Value<'e>)>),
    /// Something of a newer version, or refused. An engine fails closed: in a rule that allows it
    /// matches nothing, in others the rule becomes one that denies everything.
    Unknown(Value<'e>),
}

/// The traffic of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterPort<'e> {
    /// Destination ports of a protocol, both ends included.
    Numbers {
        /// `TCP`, `UDP` or `SCTP`.
        protocol: &'static str,
        /// The first port.
        first: u16,
        /// The last port.
        last: u16,
    },
    /// The port of this name of the destination pod, whichever its protocol.
    Named(&'e str),
}

const PROTOCOLS: [(&str, &str); 3] = [("TCP", "TCP"), ("UDP", "UDP"), ("SCTP", "SCTP")];
const EVERY_PORT: (u16, u16) = (0, 65535);

/// The generation of the API.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    /// `v1alpha1`: `Allow`, `ports`.
    Admin,
    /// `v1alpha2`: `Accept`, `protocols`.
    Cluster,
}

impl<'e> ClusterPolicy<'e> {
    /// Reads a policy; nothing if the object is of another kind.
    pub fn read(object: &Object<'e>, remarks: &Remarks<'e>) -> Option<Self> {
        if object.group() != "policy.networking.k8s.io" {
            return None;
        }
        let (version, tier) = match object.kind() {
            "AdminNetworkPolicy" => (Version::Admin, Some(ClusterTier::Admin)),
            "BaselineAdminNetworkPolicy" => (Version::Admin, Some(ClusterTier::Baseline)),
            "ClusterNetworkPolicy" => (Version::Cluster, None),
            _ => return None,
        };
        let before = remarks.errors();
        let mut policy = Self {
            tier: tier.unwrap_or(ClusterTier::Admin),
            priority: 0,
            subject: None,
            ingress: Vec::new(),
            egress: Vec::new(),
            is_refused: true,
        };
        let Some(spec) = object.get("spec") else {
            remarks.refuse(object.anchor(), "`spec` is required");
            return Some(policy);
        };
        let Some(spec) = Record::open(spec, remarks) else {
            return Some(policy);
        };
        if version == Version::Cluster {
            spec.require("tier");
            let tiers = [
                ("Admin", ClusterTier::Admin),
                ("Baseline", ClusterTier::Baseline),
            ];
            policy.tier = spec.choice("tier", &tiers).unwrap_or(ClusterTier::Admin);
        }
        if object.kind() != "BaselineAdminNetworkPolicy" {
            spec.require("priority");
            policy.priority = spec.whole("priority", 0..=1000).unwrap_or(1000);
        } else if object.name() != "default" {
            remarks.refuse(
                object.anchor(),
                "the only BaselineAdminNetworkPolicy is called `default`",
            );
        }
        spec.require("subject");
        policy.subject = spec.object("subject").and_then(|subject| {
            let pods = read_pods(&subject);
            let is_ambiguous = subject.get("namespaces").is_some() && subject.get("pods").is_some();
            if pods.is_none() || is_ambiguous {
                subject.require_one_of("`namespaces` and `pods`");
            }
            subject.close();
            pods
        });
        policy.is_refused = remarks.errors() > before;
        let rules = |direction: PolicyType| {
            let reader = RuleReader {
                version,
                direction,
                is_baseline_admin: object.kind() == "BaselineAdminNetworkPolicy",
                remarks,
            };
            let rules = spec.each(direction.section(), |rule| Some(reader.read(rule)));
            rules.unwrap_or_default()
        };
        policy.ingress = rules(PolicyType::Ingress);
        policy.egress = rules(PolicyType::Egress);
        spec.close();
        Some(policy)
    }

    /// The rules of a direction.
    pub fn rules(&self, direction: PolicyType) -> &[ClusterRule<'e>] {
        match direction {
            PolicyType::Ingress => &self.ingress,
            PolicyType::Egress => &self.egress,
        }
    }
}

struct RuleReader<'e, 'r> {
    version: Version,
    direction: PolicyType,
    is_baseline_admin: bool,
    remarks: &'r Remarks<'e>,
}

impl<'e> RuleReader<'e, '_> {
    fn read(&self, at: Value<'e>) -> ClusterRule<'e> {
        let before = self.remarks.errors();
        let mut rule = ClusterRule {
            at,
            name: None,
            action: None,
            peers: Vec::new(),
            ports: None,
            is_refused: true,
        };
        let Some(record) = Record::open(at, self.remarks) else {
            return rule;
        };
        rule.name = record.filled("name");
        record.require("action");
        let allow = match self.version {
            Version::Admin => "Allow",
            Version::Cluster => "Accept",
        };
        let actions = [
            (allow, RuleAction::Allow),
            ("Deny", RuleAction::Deny),
            ("Pass", RuleAction::Pass),
        ];
        let known = if self.is_baseline_admin {
            &actions[..2]
        } else {
            &actions
        };
        rule.action = record.choice("action", known);
        rule.peers = self.peers(&record, rule.action);
        rule.ports = match self.version {
            Version::Admin => record.each("ports", |port| self.port(port)),
            Version::Cluster => record.each("protocols", |protocol| self.protocol(protocol)),
        };
        let list = match self.version {
            Version::Admin => "ports",
            Version::Cluster => "protocols",
        };
        if rule.ports.as_ref().is_some_and(Vec::is_empty) && record.place(list).items().len() == 0 {
            // `ports: []` passes in v1alpha1 and is refused in v1alpha2; either way nothing
            // narrows the rule.
            rule.ports = None;
            if self.version == Version::Cluster {
                self.remarks.refuse(
                    record.place(list),
                    "`protocols` must hold at least one entry",
                );
            }
        }
        self.refuse_named_ports(&rule);
        record.close();
        rule.is_refused = self.remarks.errors() > before;
        rule
    }

    fn peers(&self, record: &Record<'e, '_>, action: Option<RuleAction>) -> Vec<ClusterPeer<'e>> {
        let name = self.direction.peers();
        let peers = record.each(name, |peer| Some(self.peer(peer, action)));
        let peers = peers.unwrap_or_default();
        if peers.is_empty() {
            self.remarks.refuse(
                record.place(name),
                format!("`{name}` must hold at least one entry"),
            );
        }
        peers
    }

    fn peer(&self, at: Value<'e>, action: Option<RuleAction>) -> ClusterPeer<'e> {
        let Some(record) = Record::open(at, self.remarks) else {
            return ClusterPeer::Unknown(at);
        };
        let peer = read_pods(&record)
            .map(ClusterPeer::Pods)
            .or_else(|| self.egress_peer(&record, action));
        if at.entries().len() == 0 {
            record.require_one_of("the kinds of peers");
        }
        let is_given = |kind: &&&str| at.get(kind).is_some_and(|value| !value.is_null());
        let is_ambiguous = self.kinds_of_peers().iter().filter(is_given).count() > 1;
        if is_ambiguous {
            self.remarks
                .refuse(at, "a peer must be of exactly one kind");
        } else {
            record.close();
        }
        peer.filter(|_| !is_ambiguous)
            .unwrap_or(ClusterPeer::Unknown(at))
    }

    fn kinds_of_peers(&self) -> &'static [&'static str] {
        match self.direction {
            PolicyType::Ingress => &["namespaces", "pods"],
            PolicyType::Egress => &["namespaces", "pods", "nodes", "networks", "domainNames"],
        }
    }

    fn egress_peer(
        &self,
        record: &Record<'e, '_>,
        action: Option<RuleAction>,
    ) -> Option<ClusterPeer<'e>> {
        if self.direction == PolicyType::Ingress {
            return None;
        }
        if let Some(nodes) = record.selector("nodes") {
            return Some(ClusterPeer::Nodes(nodes));
        }
        if let Some(networks) = record.texts("networks") {
            return Some(ClusterPeer::Networks(self.networks(networks)));
        }
        let names = record.texts("domainNames")?;
        if action.is_some_and(|action| action != RuleAction::Allow) {
            self.remarks.refuse(
                record.place("domainNames"),
                "names can be allowed, not denied or passed",
            );
        }
        Some(ClusterPeer::DomainNames(names))
    }

    fn networks(&self, texts: Vec<(&'e str, Value<'e>)>) -> Vec<(IpNet, Value<'e>)> {
        let read = |(text, at): (&str, Value<'e>)| match text.parse::<IpNet>() {
            Ok(network) => Some((network, at)),
            Err(_) => {
                self.remarks
                    .refuse(at, "this is not an address range such as `10.0.0.0/8`");
                None
            }
        };
        texts.into_iter().filter_map(read).collect()
    }

    /// An entry of `ports` (v1alpha1).
    fn port(&self, at: Value<'e>) -> Option<ClusterPort<'e>> {
        let record = Record::open(at, self.remarks)?;
        let port = self.numbers(&record).or_else(|| {
            let name = record.filled("namedPort");
            name.map(ClusterPort::Named)
        });
        let fields = ["portNumber", "portRange", "namedPort"];
        let is_given = |field: &&&str| at.get(field).is_some_and(|value| !value.is_null());
        if port.is_none() || fields.iter().filter(is_given).count() > 1 {
            record.require_one_of("`portNumber`, `portRange` and `namedPort`");
        }
        record.close();
        port
    }

    fn numbers(&self, record: &Record<'e, '_>) -> Option<ClusterPort<'e>> {
        if let Some(number) = record.object("portNumber") {
            let protocol = number.choice("protocol", &PROTOCOLS).unwrap_or("TCP");
            number.require("port");
            let port = number.port("port");
            number.close();
            let port = port?;
            return Some(ClusterPort::Numbers {
                protocol,
                first: port,
                last: port,
            });
        }
        let range = record.object("portRange")?;
        let protocol = range.choice("protocol", &PROTOCOLS).unwrap_or("TCP");
        let ends = self.range(&range);
        range.close();
        let (first, last) = ends?;
        Some(ClusterPort::Numbers {
            protocol,
            first,
            last,
        })
    }

    fn range(&self, range: &Record<'e, '_>) -> Option<(u16, u16)> {
        range.require("start");
        range.require("end");
        let (start, end) = (range.port("start"), range.port("end"));
        let ends = start.zip(end)?;
        if ends.0 > ends.1 {
            self.remarks
                .refuse(range.place("end"), "`end` must not be below `start`");
            return None;
        }
        Some(ends)
    }

    /// An entry of `protocols` (v1alpha2).
    fn protocol(&self, at: Value<'e>) -> Option<ClusterPort<'e>> {
        let record = Record::open(at, self.remarks)?;
        let known = [("tcp", "TCP"), ("udp", "UDP"), ("sctp", "SCTP")];
        let given = known
            .into_iter()
            .find_map(|(field, protocol)| Some((record.object(field)?, protocol)));
        let port = match given {
            Some((inner, protocol)) => {
                let ends = match inner.object("destinationPort") {
                    Some(port) => self.destination_port(port),
                    None => Some(EVERY_PORT),
                };
                inner.close();
                ends.map(|(first, last)| ClusterPort::Numbers {
                    protocol,
                    first,
                    last,
                })
            }
            None => record
                .filled("destinationNamedPort")
                .map(ClusterPort::Named),
        };
        if port.is_none() {
            record.require_one_of("`tcp`, `udp`, `sctp` and `destinationNamedPort`");
        }
        record.close();
        port
    }

    fn destination_port(&self, record: Record<'e, '_>) -> Option<(u16, u16)> {
        let ends = match record.port("number") {
            Some(number) => Some((number, number)),
            None => record.object("range").and_then(|range| {
                let ends = self.range(&range);
                range.close();
                ends
            }),
        };
        if ends.is_none() {
            record.require_one_of("`number` and `range`");
        }
        record.close();
        ends
    }

    /// Only pods have named ports.
    fn refuse_named_ports(&self, rule: &ClusterRule<'e>) {
        let is_named = |port: &ClusterPort<'_>| matches!(port, ClusterPort::Named(_));
        let has_others = rule
            .peers
            .iter()
            .any(|peer| !matches!(peer, ClusterPeer::Pods(_) | ClusterPeer::Unknown(_)));
        if has_others && rule.ports.iter().flatten().any(is_named) {
            self.remarks.refuse(
                rule.at,
                "a port by name needs pods: nodes, networks and names have none",
            );
        }
    }
}

/// `namespaces`, or `pods` with both selectors.
fn read_pods<'e>(record: &Record<'e, '_>) -> Option<PodsOf<'e>> {
    let namespaces = record.get("namespaces");
    let pods = record.object("pods");
    if let Some(namespaces) = namespaces {
        return Some(PodsOf {
            namespaces: read_selector(namespaces, record.remarks())?,
            pods: Selector::default(),
        });
    }
    let both = pods?;
    let mut selectors = ["namespaceSelector", "podSelector"].map(|name| {
        if both.get(name).is_some() {
            return both.selector(name);
        }
        // The published definition requires both, but real policies and the API's own examples
        // leave out what is to select everything.
        let message = format!("`{name}` is required; what is left out is read as `{{}}`");
        both.remarks().warn(both.place(name), message);
        Some(Selector::default())
    });
    both.close();
    Some(PodsOf {
        namespaces: selectors[0].take()?,
        pods: selectors[1].take()?,
    })
}
