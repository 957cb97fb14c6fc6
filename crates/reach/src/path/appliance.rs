//! Appliances that routes lead to.

use std::net::IpAddr;

use palisade_estate::azure::AzureFirewall;
use palisade_estate::{Estate, Unknown};

use super::trace::{Hop, HopKind, Trace};
use crate::azure::{Outcome, Rule};

/// The appliance at an address. Which rules it has isn't asked here, so that what it lets through
/// is uncertain.
pub(super) fn appliance(estate: &Estate, address: IpAddr, trace: &Trace) -> Trace {
    let text = address.to_string();
    let firewall = firewall_at(estate, address);
    let (rule, name, supply) = match &firewall {
        Some(firewall) => (
            Rule::written(firewall.name(), firewall.id(), firewall),
            format!("firewall `{}`", firewall.name()),
            "look up its rules".to_owned(),
        ),
        None => (
            Rule::absent(text.clone()),
            format!("the appliance at {text}"),
            "say what stands there".to_owned(),
        ),
    };
    let unknown = Unknown::because(format!("what {name} lets through isn't known"), supply);
    trace.further(Hop {
        kind: HopKind::Appliance,
        at: firewall.map(|firewall| firewall.id().clone()),
        rule,
        effect: "may let through".to_owned(),
        packets: trace.now().clone(),
        outcome: Outcome::Uncertain(vec![unknown]),
    })
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
