//! Through an appliance of another maker, as it is declared.

use palisade_estate::azure::Direction;
use palisade_packet::{AddressSet, PacketSet, Set};

use super::arrival::{interface_group, replied, settles, stays};
use super::cross::subnet_at;
use super::trace::{Hop, HopKind, Trace, led_on};
use super::walk::{Sender, Walk, filtered, lost, routed};
use crate::azure::address::public_addresses;
use crate::azure::{Appliance, Filters, Leads, Outcome, Rule, Translation, Vicinity};

/// Packets that a route leads to the appliance: the filters at its network interface, which act on
/// what is forwarded as on all else, what it lets through, and the way on from its subnet.
pub(super) fn pass<'e>(walk: &Walk<'_, 'e>, device: &Appliance, trace: &Trace) -> Vec<Trace> {
    let network = walk.network;
    let subnet = match subnet_at(network.estate(), device.address) {
        Ok(subnet) => subnet,
        Err(unknown) => return vec![lost(trace, &unknown)],
    };
    let vicinity = Vicinity::of(network, subnet);
    let interface = interface_group(network, &subnet, &AddressSet::from(device.address));
    let filters = Filters::at(&vicinity, interface);
    let arrived = filtered(network, &vicinity, &filters, Direction::Inbound, trace);
    let passed = led_on(arrived, |trace| asked(device, trace));
    let is_public = trace.now().lefts().is_subset(&public_addresses());
    let returns = move |leads: &Leads| match is_public {
        true => settles(leads),
        false => stays(leads) || *leads == Leads::Gateway,
    };
    let passed = led_on(passed, |trace| {
        vec![replied(network, &vicinity, trace, None, &returns)]
    });
    let mut onward = walk.clone();
    onward.sender = Sender::Machine;
    onward.passed.push(device.address);
    onward.held_by = (!device.translates).then_some(device.address);
    let left = led_on(passed, |trace| {
        let trace = translated(device, trace);
        filtered(network, &vicinity, &filters, Direction::Outbound, &trace)
    });
    led_on(left, |trace| routed(&onward, &vicinity, trace))
}

fn asked(device: &Appliance, trace: &Trace) -> Vec<Trace> {
    let allowed = trace.now().intersection(&device.allows);
    let dropped = trace.now().difference(&device.allows);
    let cases = [
        (allowed, "lets them through", Outcome::Allowed),
        (dropped, "drops them", Outcome::Denied),
    ];
    let cases = cases
        .into_iter()
        .filter(|(packets, ..)| !packets.is_empty());
    let hops = cases.map(|(packets, does, outcome)| {
        trace.further(hop(device, HopKind::Appliance, does, packets, outcome))
    });
    hops.collect()
}

fn translated(device: &Appliance, trace: &Trace) -> Trace {
    if !device.translates {
        return trace.clone();
    }
    let translation = Translation {
        source: Some(AddressSet::from(device.address)),
        ..Translation::default()
    };
    let packets = translation.apply(trace.now());
    let does = "puts its own address in place of the source";
    let kind = HopKind::SourceTranslation;
    trace.further(hop(device, kind, does, packets, Outcome::Allowed))
}

fn hop(device: &Appliance, kind: HopKind, does: &str, packets: PacketSet, outcome: Outcome) -> Hop {
    Hop {
        kind,
        at: None,
        rule: Rule::absent(device.name.clone()),
        effect: format!("{} {does}, as {} declares", device.kind, device.place),
        packets,
        outcome,
    }
}
