//! Appliances that routes lead to.

use std::net::IpAddr;

use palisade_estate::azure::AzureFirewall;
use palisade_estate::{Estate, Unknown};
use palisade_packet::{AddressSet, PacketSet, Set};

use super::arrival::into_node;
use super::declared;
use super::firewall::pass;
use super::trace::{Hop, HopKind, Trace, led_on};
use super::walk::Walk;
use crate::azure::{Outcome, Rule, Vicinity};

/// Packets that a route leads to the appliance at an address.
pub(super) fn appliance<'e>(
    walk: &Walk<'_, 'e>,
    vicinity: &Vicinity<'e>,
    address: IpAddr,
    trace: &Trace,
) -> Vec<Trace> {
    if let Some(site) = walk.receiver_at(address) {
        return into_node(walk, address, site, trace);
    }
    let firewall = firewall_at(walk.network.estate(), address);
    let in_hub = firewall.is_some_and(|firewall| firewall.is_in_virtual_hub());
    let there = match in_hub {
        true => trace.clone(),
        false => near(vicinity, address, trace),
    };
    led_on(vec![there], |trace| {
        if walk.passed.contains(&address) {
            let effect = "has passed them before: they go in a circle";
            return vec![at(
                address,
                effect,
                PacketSet::empty(),
                Outcome::Denied,
                trace,
            )];
        }
        match firewall {
            Some(firewall) => pass(walk, &firewall, address, trace),
            None => match walk.network.appliance_at(address) {
                Some(device) => declared::pass(walk, device, trace),
                None => vec![unknown(address, trace)],
            },
        }
    })
}

/// A route leads to an appliance in the network itself or in one that it is peered with, else
/// packets are lost ("Virtual network traffic routing", Microsoft Learn: the next hop must be
/// directly connected).
fn near(vicinity: &Vicinity<'_>, address: IpAddr, trace: &Trace) -> Trace {
    let mut near = vicinity.own.addresses();
    let mut causes = Vec::new();
    match &vicinity.peers {
        Ok(peers) => {
            for peer in peers {
                near = near.union(&peer.prefixes.addresses());
            }
        }
        Err(unknown) => causes.push(unknown.clone()),
    }
    let address_set = AddressSet::from(address);
    if address_set.is_subset(&near.least) {
        return trace.clone();
    }
    if causes.is_empty() && address_set.is_disjoint(&near.most) {
        let effect = "is in no network that the subnet is connected to";
        return at(address, effect, PacketSet::empty(), Outcome::Denied, trace);
    }
    causes.extend(near.causes);
    let effect = "is perhaps in no network that the subnet is connected to";
    let packets = trace.now().clone();
    at(address, effect, packets, Outcome::Uncertain(causes), trace)
}

fn at(address: IpAddr, effect: &str, packets: PacketSet, outcome: Outcome, trace: &Trace) -> Trace {
    trace.further(Hop {
        kind: HopKind::Appliance,
        at: None,
        rule: Rule::absent(address.to_string()),
        effect: effect.to_owned(),
        packets,
        outcome,
    })
}

/// Nothing is known about the appliance.
fn unknown(address: IpAddr, trace: &Trace) -> Trace {
    let unknown = Unknown::because(
        format!("what the appliance at {address} lets through isn't known"),
        "declare it in `palisade.toml` as an `[[appliance]]`",
    );
    let packets = trace.now().clone();
    let outcome = Outcome::Uncertain(vec![unknown]);
    at(address, "may let through", packets, outcome, trace)
}

/// The Azure Firewall that has a private address.
pub(super) fn firewall_at(estate: &Estate, address: IpAddr) -> Option<AzureFirewall<'_>> {
    let text = address.to_string();
    let mut firewalls = estate.all::<AzureFirewall<'_>>();
    firewalls.find(|firewall| {
        let addresses = firewall.private_ip_addresses().unwrap_or_default();
        addresses.contains(&text.as_str())
    })
}
