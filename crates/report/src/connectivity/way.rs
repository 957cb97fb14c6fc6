//! The way of packets through Azure's network, resolved to places in files.

use std::io::{self, Write};

use palisade_controls::Place;
use palisade_estate::{Estate, ResourceId, Unknown};
use palisade_packet::{AddressSet, PacketSet, Set, Traffic};
use palisade_reach::azure::Outcome;
use palisade_reach::azure::address::public_addresses;
use palisade_reach::path::{self, Crossing, Entrance, Start, Trace};
use schemars::JsonSchema;
use serde::Serialize;

use super::flow::{FlowVerdict, write_place};
use crate::Location;
use crate::plain_text::one_line;

/// What becomes, in Azure's network, of packets that leave pods from one subnet, or come in to it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    /// What lets them in, for packets into a cluster: the Service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What the policies see of packets that come by it, where that isn't the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// The subnet that they come out of or go to; nothing where the way isn't one subnet's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subnet: Option<String>,
    /// The agent pools whose nodes stand there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<String>,
    /// What becomes of them.
    pub verdict: FlowVerdict,
    /// The courses that they take, each about some of the packets.
    pub courses: Vec<Course>,
}

/// Whom the policies see in place of the client, and what they say.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Who it is: `a node`, `the gateway agw-1`.
    pub source: String,
    /// What the policies say about packets from there.
    pub verdict: FlowVerdict,
}

/// Packets that pass the same places with the same end.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Course {
    /// The destinations.
    pub to: String,
    /// The traffic.
    pub traffic: String,
    /// What becomes of them.
    pub verdict: FlowVerdict,
    /// The places, in order.
    pub hops: Vec<WayHop>,
    /// Why it is uncertain, and what to supply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
}

/// A place that decides.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WayHop {
    /// What kind of place it is: `subnet NSG`, `route`.
    pub kind: &'static str,
    /// The id of the subnet, firewall or the like at which it decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The rule, route or setting that decides.
    pub rule: String,
    /// The id of the resource that holds the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What it does.
    pub effect: String,
    /// The source addresses afterwards, where the place rewrites them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The destination addresses afterwards, where the place rewrites them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// What this place by itself does.
    pub verdict: FlowVerdict,
    /// Where the rule is written; nothing for what Azure adds by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// Something that the input doesn't tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// What it is.
    pub cause: String,
    /// What to add to the input.
    pub supply: String,
}

impl Way {
    /// The way of packets out of the subnet where they start.
    pub fn out(estate: &Estate, start: &Start<'_>, traces: &[Trace]) -> Self {
        Self::new(
            estate,
            None,
            Some((start.subnet.id(), &start.pools)),
            traces,
        )
    }

    /// The way of packets out of a subnet to other nodes of the cluster.
    pub fn across(estate: &Estate, crossing: &Crossing<'_>) -> Self {
        let place = (crossing.subnet.id(), crossing.pools.as_slice());
        Self::new(estate, None, Some(place), &crossing.traces)
    }

    /// The way of packets in by a Service.
    pub fn into(estate: &Estate, service: String, entrance: &Entrance<'_>) -> Self {
        let place = (entrance.subnet.id(), entrance.pools.as_slice());
        Self::new(estate, Some(service), Some(place), &entrance.traces)
    }

    /// The way through something else that has a name.
    pub fn through(estate: &Estate, name: String, traces: &[Trace]) -> Self {
        Self::new(estate, Some(name), None, traces)
    }

    fn new(
        estate: &Estate,
        by: Option<String>,
        place: Option<(&ResourceId, &[&str])>,
        traces: &[Trace],
    ) -> Self {
        let pools = place.map(|(_, pools)| pools).unwrap_or_default();
        let pools = pools.iter().map(|&pool| pool.to_owned());
        let outcome = path::verdict(traces);
        let courses = traces.iter().map(|trace| course(estate, trace));
        Self {
            by,
            seen: None,
            subnet: place.map(|(subnet, _)| subnet.to_string()),
            pools: pools.collect(),
            verdict: outcome.as_ref().map_or(FlowVerdict::Denied, verdict),
            courses: courses.collect(),
        }
    }
}

fn verdict(outcome: &Outcome) -> FlowVerdict {
    match outcome {
        Outcome::Allowed => FlowVerdict::Allowed,
        Outcome::Denied => FlowVerdict::Denied,
        Outcome::Uncertain(_) => FlowVerdict::Uncertain,
    }
}

fn course(estate: &Estate, trace: &Trace) -> Course {
    let last = trace.last_seen();
    let causes = match &trace.outcome {
        Outcome::Uncertain(causes) => causes.iter().map(cause).collect(),
        _ => Vec::new(),
    };
    let mut sources = trace.packets.lefts();
    let mut targets = destinations(&trace.packets);
    let hops = trace.hops.iter().map(|hop| {
        let after = hop.packets.lefts();
        let is_new = after != sources && !after.is_empty() && !after.is_full();
        let source = is_new.then(|| addresses_text(&after));
        sources = after;
        // Places on the way narrow the destinations; one that rewrites them leaves none of them.
        let after = destinations(&hop.packets);
        let is_rewritten = !after.is_empty() && !after.is_subset(&targets);
        let destination = is_rewritten.then(|| addresses_text(&after));
        targets = after;
        let place = hop.rule.origin.map(Place::Value);
        WayHop {
            kind: hop.kind.as_str(),
            at: hop.at.as_ref().map(ToString::to_string),
            rule: hop.rule.name.clone(),
            resource: hop.rule.resource.as_ref().map(ToString::to_string),
            effect: hop.effect.clone(),
            source,
            destination,
            verdict: verdict(&hop.outcome),
            location: place.map(|place| crate::location::location(estate, &place, "", false)),
        }
    });
    Course {
        to: addresses_text(&destinations(last)),
        traffic: traffic(last).to_string(),
        verdict: verdict(&trace.outcome),
        hops: hops.collect(),
        causes,
    }
}

fn cause(unknown: &Unknown) -> Cause {
    Cause {
        cause: unknown.cause.clone(),
        supply: unknown.supply.clone(),
    }
}

fn destinations(packets: &PacketSet) -> AddressSet {
    let parts = packets.parts().iter();
    parts.fold(AddressSet::empty(), |all, (_, rest)| {
        all.union(&rest.lefts())
    })
}

/// Ranges, but for all that are public, which would be many.
fn addresses_text(addresses: &AddressSet) -> String {
    let public = public_addresses();
    match addresses {
        all if *all == public => "any public address".to_owned(),
        all if *all == public.intersection(&AddressSet::all_v4()) => {
            "any public IPv4 address".to_owned()
        }
        some => some.to_string(),
    }
}

fn traffic(packets: &PacketSet) -> Traffic {
    let parts = packets.parts().iter();
    parts.fold(Traffic::empty(), |all, (_, rest)| all.union(&rest.rights()))
}

/// Writes a way for people.
pub(super) fn write_way(way: &Way, out: &mut impl Write) -> io::Result<()> {
    let by = way.by.as_ref().map(|by| format!(" by {by}"));
    let place = way.subnet.as_ref().map(|subnet| {
        let direction = if way.by.is_some() { "to" } else { "from" };
        format!(" {direction} subnet {}{}", last_segment(subnet), pools(way))
    });
    writeln!(
        out,
        "  in Azure's network: {},{}{}",
        way.verdict.as_str(),
        one_line(&by.unwrap_or_default()),
        one_line(&place.unwrap_or_default()),
    )?;
    if let Some(seen) = &way.seen {
        let (source, verdict) = (one_line(&seen.source), seen.verdict.as_str());
        writeln!(
            out,
            "    policies see {source} in place of the client: {verdict}"
        )?;
    }
    for course in &way.courses {
        writeln!(
            out,
            "    {}: {}, {}",
            course.verdict.as_str(),
            one_line(&shortened(&course.to)),
            one_line(&course.traffic)
        )?;
        for hop in &course.hops {
            write_way_hop(hop, out)?;
        }
        for cause in &course.causes {
            writeln!(
                out,
                "      because: {} ({})",
                one_line(&cause.cause),
                one_line(&cause.supply)
            )?;
        }
    }
    Ok(())
}

fn pools(way: &Way) -> String {
    match way.pools.as_slice() {
        [] => String::new(),
        [pool] => format!(" (pool {pool})"),
        pools => format!(" (pools {})", pools.join(", ")),
    }
}

fn write_way_hop(hop: &WayHop, out: &mut impl Write) -> io::Result<()> {
    let holder = hop.resource.as_deref().map(last_segment);
    let of = holder.filter(|holder| *holder != hop.rule);
    let of = of.map(|holder| format!(" of {holder}")).unwrap_or_default();
    let source = hop.source.as_ref();
    let source = source
        .map(|source| format!("; from {} now", shortened(source)))
        .unwrap_or_default();
    let destination = hop.destination.as_ref();
    let destination = destination
        .map(|destination| format!("; to {} now", shortened(destination)))
        .unwrap_or_default();
    writeln!(
        out,
        "      {:<14} {}{}: {}{}{}",
        hop.kind,
        one_line(&hop.rule),
        one_line(&of),
        one_line(&hop.effect),
        one_line(&source),
        one_line(&destination)
    )?;
    if let Some(place) = &hop.location {
        write_place(place, 21, out)?;
    }
    Ok(())
}

/// Many ranges are shown by their first ones; machine formats have all.
fn shortened(ranges: &str) -> String {
    const SHOWN: usize = 4;
    let all: Vec<_> = ranges.split(", ").collect();
    match all.len() > SHOWN {
        true => format!(
            "{} and {} more ranges",
            all[..SHOWN].join(", "),
            all.len() - SHOWN
        ),
        false => ranges.to_owned(),
    }
}

fn last_segment(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
