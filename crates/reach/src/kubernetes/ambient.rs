//! Istio's ambient mesh, as network policies see it.
//!
//! Between two pods of the mesh TCP goes through a tunnel to port 15008 of the destination, so
//! that policies ask about that port whatever port was meant (Istio documentation of ambient and
//! Kubernetes NetworkPolicy, 1.26). Everything else passes as it is.

use palisade_packet::{PortSet, Set, Traffic, Transport};

use super::evaluation::Outcome;
use super::program::Condition;
use super::table::{TrafficId, TrafficTable};
use super::translator::{Selected, Translator};
use super::{ConditionId, EndpointId, EndpointSet};

const MODE: &str = "istio.io/dataplane-mode";
/// The port of the tunnel (HBONE).
const TUNNEL: u16 = 15008;

/// The pods whose connections go through the tunnel.
pub(super) struct Ambient {
    members: Selected,
    tcp: TrafficId,
    tunnel: TrafficId,
    /// Why it isn't known that a connection takes the tunnel.
    of_membership: Option<ConditionId>,
    /// Why it isn't known what becomes of one that does.
    of_port: Option<ConditionId>,
}

/// Whether something is in the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Membership {
    No,
    Perhaps,
    Yes,
}

impl Ambient {
    /// Reads the labels of namespaces and pods. A cluster in which none speaks of an ambient mesh
    /// has none.
    pub(super) fn of(translator: &Translator<'_>) -> Self {
        let pods = translator.pod_labels();
        let is = |key: &str, meant: &str| pods.with_value(key, |value| value == meant);
        let mut out = is(MODE, "none");
        out.extend(&is("sidecar.istio.io/inject", "true"));
        out.extend(&is("security.istio.io/tlsMode", "istio"));
        let namespaces = translator.namespace_labels();
        let meshed = namespaces.with_value(MODE, |value| value == "ambient");
        let within = translator.pods_of_namespaces(&meshed);
        let own = is(MODE, "ambient");
        let is_there = !meshed.is_empty() || !own.is_empty();
        let certain = within.difference(pods.open()).union(&own).difference(&out);
        let open = match is_there {
            false => EndpointSet::empty(),
            true => translator
                .pods_of_namespaces(translator.unread_namespaces())
                .union(&within.intersection(pods.open())),
        };
        let unknown = |cause: &str, supply: &str| {
            translator.condition(Condition::Unknown {
                cause: cause.to_owned(),
                supply: supply.to_owned(),
            })
        };
        let (mut of_membership, mut of_port) = (None, None);
        if is_there {
            of_membership = Some(unknown(
                "whether both pods are in the ambient mesh isn't known",
                "kubectl get pods,namespaces -A -o json",
            ));
            of_port = Some(unknown(
                "from which port the tunnel of the ambient mesh comes isn't known",
                "rules without source ports",
            ));
        }
        let tunnel = PortSet::one(TUNNEL);
        Self {
            members: Selected::new(certain, open.difference(&out), || {
                translator.unread_labels()
            }),
            tcp: translator.traffic(Traffic::to_ports(Transport::Tcp, PortSet::full())),
            tunnel: translator.traffic(Traffic::to_ports(Transport::Tcp, tunnel)),
            of_membership,
            of_port,
        }
    }

    pub(super) fn membership(&self, id: EndpointId) -> Membership {
        match (
            self.members.certain.contains(id),
            self.members.possible.contains(id),
        ) {
            (true, _) => Membership::Yes,
            (false, true) => Membership::Perhaps,
            (false, false) => Membership::No,
        }
    }

    /// The traffic to ask the policies about to learn of some traffic.
    pub(super) fn asked(
        &self,
        subject: EndpointId,
        peers: &EndpointSet,
        traffic: TrafficId,
        table: &mut TrafficTable,
    ) -> TrafficId {
        let is_tcp = table.intersection(traffic, self.tcp) != TrafficId::NONE;
        if !is_tcp || self.membership(subject) == Membership::No {
            return traffic;
        }
        let is_certain =
            self.membership(subject) == Membership::Yes && peers.is_subset(&self.members.certain);
        let as_it_is = match is_certain {
            true => table.difference(traffic, self.tcp),
            false => traffic,
        };
        table.union(as_it_is, self.tunnel)
    }

    /// What the policies' answers come to for the traffic that was meant.
    pub(super) fn meant(
        &self,
        subject: EndpointId,
        parts: Vec<(EndpointSet, Outcome)>,
        traffic: TrafficId,
        table: &mut TrafficTable,
    ) -> Vec<(EndpointSet, Outcome)> {
        let own = self.membership(subject);
        if own == Membership::No {
            return parts;
        }
        let mut meant: Vec<(EndpointSet, Outcome)> = Vec::new();
        for (peers, outcome) in parts {
            let through = self.through(&outcome, table);
            let doubtful = self.either(&outcome, &through, table);
            let certain = peers.intersection(&self.members.certain);
            let possible = peers.intersection(&self.members.possible);
            let rest = peers.difference(&certain).difference(&possible);
            let of_certain = match own {
                Membership::Yes => through,
                _ => doubtful.clone(),
            };
            for (peers, outcome) in [(certain, of_certain), (possible, doubtful), (rest, outcome)] {
                let outcome = outcome.within(traffic, table);
                if peers.is_empty() {
                    continue;
                }
                match meant.iter_mut().find(|(_, known)| *known == outcome) {
                    Some((all, _)) => all.extend(&peers),
                    None => meant.push((peers, outcome)),
                }
            }
        }
        meant
    }

    /// What becomes of traffic that takes the tunnel: TCP fares as the tunnel does.
    fn through(&self, outcome: &Outcome, table: &mut TrafficTable) -> Outcome {
        let mut as_tunnel = |traffic: TrafficId| {
            let rest = table.difference(traffic, self.tcp);
            match table.intersection(traffic, self.tunnel) {
                TrafficId::NONE => rest,
                _ => table.union(rest, self.tcp),
            }
        };
        let (allowed, denied) = (as_tunnel(outcome.allowed), as_tunnel(outcome.denied));
        let mut conditions: Vec<_> = outcome
            .conditions
            .iter()
            .map(|(traffic, condition)| (as_tunnel(*traffic), *condition))
            .collect();
        // Some of its source ports are let through for certain, and others aren't.
        conditions.extend(self.of_port.map(|condition| (self.tcp, condition)));
        Outcome::of(allowed, denied, conditions, table)
    }

    /// What either may come to.
    fn either(&self, left: &Outcome, right: &Outcome, table: &mut TrafficTable) -> Outcome {
        let allowed = table.union(left.allowed, right.allowed);
        let denied = table.union(left.denied, right.denied);
        let mut conditions = [left.conditions.as_slice(), &right.conditions].concat();
        conditions.extend(self.of_membership.map(|condition| (self.tcp, condition)));
        Outcome::of(allowed, denied, conditions, table)
    }
}
