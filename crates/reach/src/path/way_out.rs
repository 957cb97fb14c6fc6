//! The way from a subnet to the internet, for packets whose next hop is the internet.

use palisade_estate::azure::{AzureFirewall, ManagedCluster, OutboundType};
use palisade_estate::{Field, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::trace::{Hop, HopKind, Trace};
use super::walk::Sender;
use crate::azure::address::public_addresses;
use crate::azure::{Outcome, Rule, Vicinity};

/// A NAT gateway of the subnet comes first, else the cluster's outbound type decides ("Customize
/// cluster egress with outbound types", Microsoft Learn, 2026-08-05). The internet has no way to
/// addresses that aren't public.
pub(super) fn way_out(sender: &Sender<'_>, vicinity: &Vicinity<'_>, trace: &Trace) -> Vec<Trace> {
    let to = |addresses: AddressSet| {
        let there = Product::of(addresses, Traffic::full());
        let there: PacketSet = Product::of(AddressSet::full(), there);
        trace.now().intersection(&there)
    };
    let (public, others) = (to(public_addresses()), to(public_addresses().complement()));
    let mut traces = Vec::new();
    if !others.is_empty() {
        traces.push(trace.further(Hop {
            kind: HopKind::WayOut,
            at: Some(vicinity.subnet.id().clone()),
            rule: Rule::absent("the internet"),
            effect: "has no way to an address that isn't public".to_owned(),
            packets: others,
            outcome: Outcome::Denied,
        }));
    }
    if !public.is_empty() {
        let (rule, effect, outcome) = match sender {
            Sender::Nodes(cluster) => by(cluster, vicinity),
            Sender::Firewall(firewall) => by_firewall(firewall, vicinity),
            Sender::Machine | Sender::Gateway => by_machine(vicinity),
        };
        traces.push(trace.further(Hop {
            kind: HopKind::WayOut,
            at: Some(vicinity.subnet.id().clone()),
            rule,
            effect: effect.to_owned(),
            packets: public,
            outcome,
        }));
    }
    traces
}

type By = (Rule, &'static str, Outcome);

fn by_nat_gateway(vicinity: &Vicinity<'_>) -> Option<By> {
    match vicinity.subnet.nat_gateway() {
        Field::Present(id, at) => {
            let rule = Rule {
                name: id.name().to_owned(),
                resource: Some(id.clone()),
                origin: Some(at.origin()),
            };
            Some((rule, "leaves by the NAT gateway", Outcome::Allowed))
        }
        Field::Unknown(unknown) => {
            let rule = Rule::implied("NAT gateway", vicinity.subnet.id());
            Some((rule, "perhaps leaves", Outcome::Uncertain(vec![unknown])))
        }
        Field::Absent(_) => None,
    }
}

/// A firewall has a public address of its own, unless all that is for the internet is routed
/// elsewhere.
fn by_firewall(firewall: &AzureFirewall<'_>, vicinity: &Vicinity<'_>) -> By {
    by_nat_gateway(vicinity).unwrap_or_else(|| {
        let rule = Rule::written(firewall.name(), firewall.id(), firewall);
        let effect = "leaves by a public address of the firewall";
        (rule, effect, Outcome::Allowed)
    })
}

/// A machine may have a public address of its own or be behind a load balancer.
fn by_machine(vicinity: &Vicinity<'_>) -> By {
    by_nat_gateway(vicinity).unwrap_or_else(|| {
        let unknown = Unknown::because(
            "which public address the machine leaves by isn't in the input",
            "az network nic list and az network lb list",
        );
        let rule = Rule::implied("way out of the machine", vicinity.subnet.id());
        (rule, "perhaps leaves", Outcome::Uncertain(vec![unknown]))
    })
}

fn by(cluster: &ManagedCluster<'_>, vicinity: &Vicinity<'_>) -> By {
    if let Some(by) = by_nat_gateway(vicinity) {
        return by;
    }
    let (outbound, at) = match cluster.outbound_type() {
        Field::Present(outbound, at) => (outbound, at),
        Field::Absent(at) => (OutboundType::LoadBalancer, at),
        Field::Unknown(unknown) => {
            let rule = Rule::implied("outboundType", cluster.id());
            return (rule, "perhaps leaves", Outcome::Uncertain(vec![unknown]));
        }
    };
    let rule = Rule {
        name: "outboundType".to_owned(),
        resource: Some(cluster.id().clone()),
        origin: Some(at.origin()),
    };
    let uncertain = |cause: &str| {
        Outcome::Uncertain(vec![Unknown::because(
            cause,
            "az network nic show-effective-route-table",
        )])
    };
    match outbound {
        OutboundType::LoadBalancer => (
            rule,
            "leaves by the cluster's load balancer",
            Outcome::Allowed,
        ),
        OutboundType::NatGateway => (
            rule,
            "leaves by the cluster's NAT gateway",
            Outcome::Allowed,
        ),
        OutboundType::Block => (rule, "is blocked by the outbound type", Outcome::Denied),
        OutboundType::None | OutboundType::UserDefinedRouting => {
            match vicinity.subnet.default_outbound_access() {
                Field::Present(false, _) => (rule, "has no way out", Outcome::Denied),
                _ => (
                    rule,
                    "has no way out but Azure's default one, if any",
                    uncertain("whether nodes have default outbound access isn't in the input"),
                ),
            }
        }
        OutboundType::Other(_) => (
            rule,
            "perhaps leaves",
            uncertain("the outbound type isn't known to this version"),
        ),
    }
}
