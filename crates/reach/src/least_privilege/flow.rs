//! The flows that the manifests of a cluster evidently need.

use std::collections::BTreeMap;

use palisade_estate::{Cluster, Object};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};

use super::party::Parties;
use super::{Dialect, Evidence, Undecided, control_plane, entry, mention, metrics};
use crate::kubernetes::{
    Analysis, EndpointId, EndpointKind, EndpointSet, EngineKind, Services, own_range,
};
use crate::path::node_addresses;

/// An end of a flow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// A party, by its number.
    Party(usize),
    /// The cluster's nodes and the pods on their networks, as only Cilium's own policies can say.
    Nodes,
    /// Addresses, among which nodes may be; pods only where the engine matches them by address.
    Addresses(AddressSet),
}

/// What a flow carries, and what speaks for it.
#[derive(Clone, Debug)]
pub(super) struct Need {
    pub(super) traffic: Traffic,
    pub(super) evidence: Vec<Evidence>,
}

/// All flows, by their source and destination.
pub(super) type Flows = BTreeMap<(End, End), Need>;

/// What is open to look-ups of names: port 53 of the pods of the cluster's DNS.
pub(super) fn lookups() -> Traffic {
    let to = |transport| Traffic::to_ports(transport, PortSet::one(53));
    to(Transport::Udp).union(&to(Transport::Tcp))
}

/// Where the cluster's DNS runs, and the label of its pods.
pub(super) const DNS: (&str, (&str, &str)) = ("kube-system", ("k8s-app", "kube-dns"));

/// The flows of a cluster, and what isn't evident.
pub(super) fn collect<'e>(
    cluster: &Cluster<'e>,
    analysis: &Analysis<'e>,
    parties: &Parties<'e>,
    dialect: Dialect,
) -> (Flows, Vec<Undecided>) {
    let mut collector = Collector {
        cluster,
        analysis,
        parties,
        services: Services::of(cluster, &analysis.endpoints),
        nodes: nodes(cluster, analysis, dialect),
        flows: Flows::new(),
        undecided: BTreeMap::new(),
    };
    mention::collect(&mut collector);
    entry::collect(&mut collector);
    control_plane::collect(&mut collector);
    metrics::collect(&mut collector);
    let undecided = collector.undecided.into_iter();
    let undecided = undecided.map(|((namespace, message), evidence)| Undecided {
        namespace,
        message,
        evidence,
    });
    (collector.flows, undecided.collect())
}

/// How policies name the nodes; why they can't otherwise.
fn nodes(cluster: &Cluster<'_>, analysis: &Analysis<'_>, dialect: Dialect) -> Result<End, String> {
    match (dialect, analysis.engine.kind) {
        (Dialect::Cilium, _) => Ok(End::Nodes),
        (_, EngineKind::Cilium) => Err(
            "with Cilium only a CiliumNetworkPolicy lets other nodes in or out: --dialect cilium"
                .to_owned(),
        ),
        _ => {
            let addresses = cluster
                .managed()
                .and_then(|managed| node_addresses(&managed));
            addresses.map(End::Addresses).map_err(|unknown| {
                format!(
                    "the subnets of the nodes aren't known: {}; add what `{}` prints",
                    unknown.cause, unknown.supply
                )
            })
        }
    }
}

/// Collects flows from every kind of evidence.
pub(super) struct Collector<'c, 'e> {
    pub(super) cluster: &'c Cluster<'e>,
    pub(super) analysis: &'c Analysis<'e>,
    pub(super) parties: &'c Parties<'e>,
    pub(super) services: Services<'c, 'e>,
    /// How policies name the nodes, or why they can't.
    pub(super) nodes: Result<End, String>,
    flows: Flows,
    undecided: BTreeMap<(String, String), Vec<Evidence>>,
}

impl<'e> Collector<'_, 'e> {
    /// Keeps a flow open, if one of its ends gets policies.
    pub(super) fn keep(&mut self, from: End, to: End, traffic: &Traffic, evidence: &Evidence) {
        let is_governed = |end: &End| match end {
            End::Party(number) => self.parties.is_governed(*number),
            _ => false,
        };
        let is_nobody = |end: &End| matches!(end, End::Addresses(set) if set.is_empty());
        // A rule without peers or ports would be about all of them.
        let is_nothing = traffic.is_empty() || is_nobody(&from) || is_nobody(&to);
        if is_nothing || !(is_governed(&from) || is_governed(&to)) {
            return;
        }
        let need = self.flows.entry((from, to)).or_insert_with(|| Need {
            traffic: Traffic::empty(),
            evidence: Vec::new(),
        });
        need.traffic = need.traffic.union(traffic);
        if !need.evidence.contains(evidence) {
            need.evidence.push(evidence.clone());
        }
    }

    /// Lists something as undecided. What is about namespaces without policies is of no account.
    pub(super) fn leave(
        &mut self,
        namespace: &str,
        message: impl Into<String>,
        evidence: &Evidence,
    ) {
        let number = self.analysis.endpoints.namespace(namespace);
        if !number.is_some_and(|number| self.parties.governed.contains(&number)) {
            return;
        }
        let key = (namespace.to_owned(), message.into());
        let known = self.undecided.entry(key).or_default();
        if !known.contains(evidence) {
            known.push(evidence.clone());
        }
    }

    /// How policies name an endpoint; why they can't otherwise.
    pub(super) fn end_of(&self, id: EndpointId) -> Result<End, String> {
        let endpoint = self.analysis.endpoints.get(id);
        match (&endpoint.kind, self.parties.of_endpoint(id)) {
            (_, Some(party)) => Ok(End::Party(party)),
            (EndpointKind::Outside, None) => Ok(End::Addresses(endpoint.addresses.clone())),
            (_, None) => self.nodes.clone(),
        }
    }

    /// Keeps open what leads to the backends of a Service, from each of some sources: through one
    /// of its ports, or all. `namespace` is that of whoever needs it.
    pub(super) fn lead(
        &mut self,
        namespace: &str,
        sources: &[End],
        service: Object<'e>,
        port: Option<&str>,
        evidence: &Evidence,
    ) {
        if service.get("spec.selector").is_none() {
            self.lead_outside(namespace, sources, service, port, evidence);
            return;
        }
        let backends = self.services.backends(service, port);
        if backends.is_empty() {
            let name = service.display_name();
            let message = match port {
                Some(port) => format!("no pod of the input stands behind port {port} of {name}"),
                None => format!("no pod of the input stands behind {name}"),
            };
            self.leave(namespace, message, evidence);
        }
        for (pod, traffic) in backends {
            match self.end_of(pod) {
                Ok(end) => {
                    for source in sources {
                        self.keep(source.clone(), end.clone(), &traffic, evidence);
                    }
                }
                Err(cause) => {
                    let name = service.display_name();
                    let message = format!("{name} leads to the network of nodes; {cause}");
                    self.leave(namespace, message, evidence);
                }
            }
        }
    }

    /// A Service without a selector leads to the addresses that are listed for it.
    fn lead_outside(
        &mut self,
        namespace: &str,
        sources: &[End],
        service: Object<'e>,
        port: Option<&str>,
        evidence: &Evidence,
    ) {
        let (addresses, traffic) = self.services.listed(service, port);
        if addresses.is_empty() || traffic.is_empty() {
            let message = format!(
                "{} has no selector, and its addresses aren't in the input",
                service.display_name()
            );
            self.leave(namespace, message, evidence);
        }
        let end = End::Addresses(addresses);
        for source in sources {
            self.keep(source.clone(), end.clone(), &traffic, evidence);
        }
    }

    /// Who comes from outside: any of these addresses, but for those of the cluster's own pods.
    pub(super) fn outside(&self, clients: &AddressSet) -> End {
        let families = self.analysis.endpoints.families();
        let mut addresses = clients.intersection(families);
        let covers_pods = self.analysis.engine.ranges_cover_pods();
        if let Some(own) = own_range(self.cluster).filter(|_| covers_pods) {
            addresses = addresses.difference(&own);
        }
        End::Addresses(addresses)
    }
}

/// The endpoints that an end of a flow is.
#[derive(Clone, Debug, Default)]
pub(super) struct Covered {
    /// For certain.
    pub(super) certain: EndpointSet,
    /// Perhaps: their addresses aren't known.
    pub(super) possible: EndpointSet,
    /// In part. Rules tell the parts of what is outside apart, so that there are none unless a
    /// rule is missing.
    pub(super) partial: EndpointSet,
}

impl Covered {
    pub(super) fn by(end: &End, parties: &Parties<'_>, analysis: &Analysis<'_>) -> Self {
        let endpoints = &analysis.endpoints;
        match end {
            End::Party(number) => Self {
                certain: parties.list[*number].endpoints.clone(),
                ..Self::default()
            },
            End::Nodes => Self {
                certain: endpoints.hosts(),
                ..Self::default()
            },
            End::Addresses(addresses) => {
                let mut covered = Self::default();
                let inside = match analysis.engine.kind {
                    EngineKind::Cilium => EndpointSet::empty(),
                    _ if analysis.engine.ranges_cover_pods() => endpoints.inside(),
                    _ => endpoints.hosts(),
                };
                for id in inside.union(&endpoints.outside()).iter() {
                    let endpoint = endpoints.get(id);
                    let set = if endpoint.addresses.is_subset(addresses) {
                        &mut covered.certain
                    } else if endpoint.addresses.is_disjoint(addresses) {
                        continue;
                    } else if matches!(endpoint.kind, EndpointKind::Outside) {
                        &mut covered.partial
                    } else {
                        &mut covered.possible
                    };
                    set.extend(&EndpointSet::one(id));
                }
                covered
            }
        }
    }
}
