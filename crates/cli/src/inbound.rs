//! What Azure's network does with packets from outside on their way to a cluster.

use palisade_estate::azure::{ApplicationGateway, ManagedCluster};
use palisade_estate::{Cluster, Coverage, Settings, Unknown};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};
use palisade_reach::azure::Network;
use palisade_reach::azure::address::{addresses, public_addresses};
use palisade_reach::kubernetes::{
    Analysis, Decision, EndpointKind, Entry, EntryKind, Explanation, SeenSource,
};
use palisade_reach::path::{
    GatewayRoute, approach, come_in, come_in_by_gateway, frontends, gateway_routes, gateway_subnet,
};
use palisade_report::connectivity::flow::{FlowVerdict, verdict_of};
use palisade_report::connectivity::way::{Seen, Way};

use crate::way::resident;

/// Packets from outside to an endpoint of a cluster.
pub(crate) struct Inbound<'a, 'e> {
    pub(crate) network: &'a Network<'e>,
    pub(crate) cluster: &'a Cluster<'e>,
    pub(crate) analysis: &'a Analysis<'e>,
    /// What the policies say.
    pub(crate) explanation: &'a Explanation<'a, 'e>,
    pub(crate) sources: AddressSet,
    pub(crate) traffic: &'a Traffic,
}

impl<'e> Inbound<'_, 'e> {
    /// The ways in, and why some aren't known. None where the cluster isn't a managed one in the
    /// input.
    pub(crate) fn ways(&self) -> Option<(Vec<Way>, Vec<Unknown>)> {
        let managed = self.cluster.managed().ok()?;
        let (mut ways, mut unknown) = (Vec::new(), Vec::new());
        let is_private = self.sources.is_disjoint(&public_addresses());
        let entries = self.analysis.entries(self.cluster);
        for entry in &entries {
            let Some(arriving) = self.arriving(entry) else {
                continue;
            };
            match entry.kind {
                EntryKind::PublicLoadBalancer | EntryKind::InternalLoadBalancer => {
                    match come_in(self.network, &managed, &entry.object, &self.sources) {
                        Ok(entrances) => ways.extend(entrances.iter().map(|entrance| {
                            let name = entry.object.display_name();
                            let mut way = Way::into(self.network.estate(), name, entrance);
                            way.seen = self.seen_otherwise(entry, &arriving);
                            way
                        })),
                        Err(cause) => unknown.push(cause),
                    }
                }
                EntryKind::Ingress | EntryKind::Route => unknown.push(Unknown::because(
                    format!(
                        "requests come by {}, whose controller opens connections of its own",
                        entry.object.display_name()
                    ),
                    "ask about the controller, and from it on",
                )),
                EntryKind::NodePort | EntryKind::HostPort | EntryKind::ExternalAddress
                    if is_private || has_public_nodes(&managed) =>
                {
                    unknown.push(Unknown::because(
                        format!("{} takes ports of nodes", entry.object.display_name()),
                        "ask about a node",
                    ));
                }
                _ => {}
            }
        }
        self.gateways(&managed, &entries, &mut ways, &mut unknown);
        if is_private {
            self.direct(&managed, &mut ways, &mut unknown);
        }
        if self.cluster.coverage(&[("", "Service")]) == Coverage::Unseen {
            unknown.push(Unknown::because(
                "the Services of the cluster aren't in the input",
                "kubectl get services -A -o json",
            ));
        }
        Some((ways, unknown))
    }

    /// What of the traffic an entry leads to the destination.
    fn arriving(&self, entry: &Entry<'_>) -> Option<Traffic> {
        let mut backends = entry.backends.iter();
        let (_, traffic) = backends.find(|(id, _)| *id == self.explanation.destination)?;
        let arriving = traffic.intersection(self.traffic);
        (!arriving.is_empty()).then_some(arriving)
    }

    /// By the destination's own address, from a machine of a network.
    fn direct(
        &self,
        managed: &ManagedCluster<'e>,
        ways: &mut Vec<Way>,
        unknown: &mut Vec<Unknown>,
    ) {
        let mut ranges = self.sources.ranges();
        let (Some((first, last)), None) = (ranges.next(), ranges.next()) else {
            return;
        };
        if first != last {
            return;
        }
        let to = resident(self.analysis, self.explanation.destination);
        match approach(self.network, managed, first, &to, self.traffic) {
            Ok(crossing) => ways.push(Way::across(self.network.estate(), &crossing)),
            Err(cause) => unknown.push(cause),
        }
    }

    /// What the policies say where they see a node in place of the client: the same for all nodes, or
    /// uncertain.
    fn seen_otherwise(&self, entry: &Entry<'_>, arriving: &Traffic) -> Option<Seen> {
        if entry.seen != SeenSource::Node {
            return None;
        }
        let mut hops = self.explanation.ingress.iter();
        if hops.all(|hop| matches!(hop.decision, Decision::NoPolicy)) {
            return None;
        }
        let endpoints = &self.analysis.endpoints;
        let hosts = endpoints.hosts();
        let nodes = hosts
            .iter()
            .filter(|id| matches!(endpoints.get(*id).kind, EndpointKind::Node(_)));
        let verdicts = nodes.map(|node| {
            let destination = self.explanation.destination;
            let explanation = self.analysis.explain(node, destination, arriving.clone());
            verdict_of(self.analysis, &explanation)
        });
        Some(Seen {
            source: "a node".to_owned(),
            verdict: joint(verdicts),
        })
    }

    /// By the Application Gateways that send requests to the destination, or to the load balancer of
    /// a Service that leads to it.
    fn gateways(
        &self,
        managed: &ManagedCluster<'e>,
        entries: &[Entry<'e>],
        ways: &mut Vec<Way>,
        unknown: &mut Vec<Unknown>,
    ) {
        let estate = self.network.estate();
        let mut known = Vec::new();
        for gateway in estate.all::<ApplicationGateway<'e>>() {
            let (routes, gaps) = gateway_routes(&gateway);
            unknown.extend(gaps);
            for route in &routes {
                let place = (gateway.id(), route.port, route.backend, route.backend_port);
                if known.contains(&place) {
                    continue;
                }
                known.push(place);
                let Some(seen) = self.behind_gateway(&gateway, entries, route) else {
                    continue;
                };
                match come_in_by_gateway(self.network, managed, &gateway, route, &self.sources) {
                    Ok(traces) => {
                        let name = format!("gateway {} port {}", gateway.name(), route.port);
                        let mut way = Way::through(estate, name, &traces);
                        way.seen = Some(seen);
                        ways.push(way);
                    }
                    Err(cause) => unknown.push(cause),
                }
            }
        }
    }

    /// What the policies see of what a gateway sends to a server, if that leads to the destination.
    fn behind_gateway(
        &self,
        gateway: &ApplicationGateway<'e>,
        entries: &[Entry<'e>],
        route: &GatewayRoute<'e>,
    ) -> Option<Seen> {
        let sent = Traffic::to_ports(Transport::Tcp, PortSet::one(route.backend_port));
        let destination = self.explanation.destination;
        let endpoint = self.analysis.endpoints.get(destination);
        let is_pod = endpoint.is_located && endpoint.addresses.contains(&route.backend);
        if is_pod && !sent.is_disjoint(self.traffic) {
            return Some(self.seen_from(gateway, &sent));
        }
        entries.iter().find_map(|entry| {
            let is_balanced = matches!(
                entry.kind,
                EntryKind::PublicLoadBalancer | EntryKind::InternalLoadBalancer
            );
            let arriving = self.arriving(entry).filter(|_| is_balanced)?;
            let frontends = frontends(&entry.object).unwrap_or_default();
            if !frontends.contains(&route.backend) || sent.is_disjoint(&entry.front) {
                return None;
            }
            let by_node = self.seen_otherwise(entry, &arriving);
            Some(by_node.unwrap_or_else(|| self.seen_from(gateway, &arriving)))
        })
    }

    /// What the policies say about packets from a gateway's subnet.
    fn seen_from(&self, gateway: &ApplicationGateway<'e>, traffic: &Traffic) -> Seen {
        let source = format!("the gateway {}", gateway.name());
        let subnet = gateway_subnet(gateway).ok();
        let prefixes = subnet.and_then(|subnet| subnet.address_prefixes().ok());
        let texts = prefixes.unwrap_or_default().into_iter();
        let ranges: AddressSet = texts.filter_map(addresses).collect();
        let endpoints = &self.analysis.endpoints;
        let outside = endpoints.outside();
        let there = outside
            .iter()
            .filter(|id| !endpoints.get(*id).addresses.is_disjoint(&ranges));
        let verdicts = there.map(|id| {
            let destination = self.explanation.destination;
            let explanation = self.analysis.explain(id, destination, traffic.clone());
            verdict_of(self.analysis, &explanation)
        });
        let verdict = joint(verdicts);
        Seen { source, verdict }
    }
}

/// Whether nodes may have public addresses of their own.
fn has_public_nodes(cluster: &ManagedCluster<'_>) -> bool {
    let pools = cluster.agent_pools().unwrap_or_default();
    let may_be = |pool: &Settings<'_>| {
        let flag = pool.flag("enableNodePublicIP").or_default(false);
        flag.map_or(true, |(set, _)| set)
    };
    pools.is_empty() || pools.iter().any(may_be)
}

/// What is said of several of which it isn't known which is meant.
fn joint(verdicts: impl Iterator<Item = FlowVerdict>) -> FlowVerdict {
    let joint = verdicts.reduce(|one, other| match one == other {
        true => one,
        false => FlowVerdict::Uncertain,
    });
    joint.unwrap_or(FlowVerdict::Uncertain)
}
