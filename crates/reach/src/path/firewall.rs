//! Through an Azure Firewall.

use std::net::IpAddr;

use palisade_estate::azure::{AzureFirewall, FirewallPolicy, RuleCollectionGroup, Subnet};
use palisade_estate::{Field, Settings, Unknown};
use palisade_packet::{PacketSet, Set};

use super::arrival::{replied, settles, stays};
use super::trace::{Hop, HopKind, Trace, led_on};
use super::walk::{Sender, Walk, lost, routed};
use crate::azure::address::public_addresses;
use crate::azure::firewall::{Filtered, Question, Treatment, firewall, source_translation};
use crate::azure::{Leads, Outcome, Part, Rule, Translation, Vicinity};

/// Packets that reach a firewall at one of its addresses: what its rules say, the addresses that
/// they have behind it, and the way on from its subnet, which has no network security group.
pub(super) fn pass<'e>(
    walk: &Walk<'_, 'e>,
    device: &AzureFirewall<'e>,
    address: IpAddr,
    trace: &Trace,
) -> Vec<Trace> {
    let question = question_at(walk, device, trace);
    let parts = firewall(walk.network, device, &question, trace.now());
    let mut traces = Vec::new();
    for part in &parts {
        let is_dropped = |treatment: &Treatment| *treatment == Treatment::Dropped;
        let (mut passes, drops): (Vec<_>, Vec<_>) = part
            .outcome
            .treatments
            .iter()
            .partition(|one| !is_dropped(one));
        if passes.is_empty() {
            passes = drops;
        }
        for treatment in passes {
            let asked = trace.further(asked(device, part, treatment));
            traces.extend(led_on(vec![asked], |trace| {
                behind(walk, device, address, treatment, trace)
            }));
        }
    }
    traces
}

/// What the rules say, and where a NAT rule sends packets.
fn asked(device: &AzureFirewall<'_>, part: &Part<PacketSet, Filtered>, by: &Treatment) -> Hop {
    let (kind, does) = match by {
        Treatment::Translated(_) => ("NAT rule", "gives them another destination"),
        Treatment::Forwarded => ("network rule", "lets them through"),
        Treatment::Proxied => ("application rule", "lets them through"),
        Treatment::Dropped => ("rule", "drops them"),
    };
    let collection = collection(device, &part.rule);
    let of = collection.map(|collection| format!(" of collection `{}`", collection.name()));
    let perhaps = match part.outcome.outcome {
        Outcome::Uncertain(_) => "perhaps ",
        _ => "",
    };
    let mut outcome = part.outcome.outcome.clone();
    let packets = match by {
        Treatment::Translated(translation) => {
            outcome = doubted(outcome, &translation.causes);
            translation.apply(&part.packets)
        }
        _ => part.packets.clone(),
    };
    Hop {
        kind: HopKind::Firewall,
        at: Some(device.id().clone()),
        rule: part.rule.clone(),
        effect: match part.rule.origin {
            Some(_) => format!("{kind}{} {perhaps}{does}", of.unwrap_or_default()),
            None => format!("{perhaps}{does}"),
        },
        packets,
        outcome,
    }
}

fn doubted(outcome: Outcome, causes: &[Unknown]) -> Outcome {
    match outcome {
        Outcome::Allowed if !causes.is_empty() => Outcome::Uncertain(causes.to_vec()),
        outcome => outcome,
    }
}

/// The collection that a rule stands in.
fn collection<'e>(device: &AzureFirewall<'e>, rule: &Rule) -> Option<Settings<'e>> {
    let holder = rule.resource.as_ref()?;
    let group = device.estate().require::<RuleCollectionGroup<'e>>(holder);
    let collections = match &group {
        Ok(group) => group.elements("ruleCollections").unwrap_or_default(),
        Err(_) => {
            let kinds = ["nat", "network", "application"];
            let paths = kinds.map(|kind| format!("{kind}RuleCollections"));
            let lists = paths.iter().filter_map(|path| device.elements(path).ok());
            lists.flatten().collect()
        }
    };
    let holds = |collection: &Settings<'e>| {
        let rules = collection.elements("rules").unwrap_or_default();
        let mut rules = rules.iter();
        rules.any(|own| Some(own.anchor().origin()) == rule.origin)
    };
    collections.into_iter().find(holds)
}

/// What a firewall is asked. Where its clients ask it for names, the name that packets are for
/// stands, in its rules, for just the addresses that they go to ("Use FQDN filtering in network
/// rules", Microsoft Learn, 2025-07-01).
fn question_at(walk: &Walk<'_, '_>, device: &AzureFirewall<'_>, trace: &Trace) -> Question {
    let mut question = walk.asked.question.clone();
    if let Some(name) = &walk.asked.name
        && is_asked_for_names(walk, device)
    {
        let addresses = question.resolved.entry(name.to_ascii_lowercase());
        addresses.or_insert_with(|| trace.destinations());
    }
    question
}

/// Whether the sender's network takes the firewall for its DNS server, and it answers.
fn is_asked_for_names(walk: &Walk<'_, '_>, device: &AzureFirewall<'_>) -> bool {
    let policy = device.policy().present();
    let policy = policy.and_then(|id| device.estate().require::<FirewallPolicy<'_>>(&id).ok());
    let answers = policy.is_some_and(|policy| policy.dns_proxy_enabled().present() == Some(true));
    let own = device.private_ip_addresses().unwrap_or_default();
    let mut own = own.iter().filter_map(|text| text.parse::<IpAddr>().ok());
    answers && !walk.dns_servers.is_empty() && own.any(|own| walk.dns_servers == [own])
}

/// The way on from the firewall's subnet.
fn behind<'e>(
    walk: &Walk<'_, 'e>,
    device: &AzureFirewall<'e>,
    address: IpAddr,
    treatment: &Treatment,
    trace: &Trace,
) -> Vec<Trace> {
    let subnet = match subnet(device) {
        Ok(subnet) => subnet,
        Err(unknown) => return vec![lost(trace, &unknown)],
    };
    let vicinity = Vicinity::of(walk.network, subnet);
    let is_public = trace.now().lefts().is_subset(&public_addresses());
    let returns = move |leads: &Leads| match is_public {
        true => settles(leads),
        false => stays(leads) || *leads == Leads::Gateway,
    };
    let replied = replied(walk.network, &vicinity, trace, None, &returns);
    led_on(vec![replied], |trace| {
        let mut traces = Vec::new();
        for (packets, translation) in source_translation(device, treatment, trace.now()) {
            let trace = trace.narrowed(packets);
            let mut onward = walk.clone();
            onward.sender = Sender::Firewall(*device);
            onward.passed.push(address);
            onward.held_by = translation.is_identity().then_some(address);
            let translated = match translation.is_identity() {
                true => trace,
                false => trace.further(with_source(device, &translation, &trace)),
            };
            traces.extend(led_on(vec![translated], |trace| {
                routed(&onward, &vicinity, trace)
            }));
        }
        traces
    })
}

/// The new source may be any of the addresses that the input leaves possible: the places behind
/// are asked about all of them.
fn with_source(device: &AzureFirewall<'_>, translation: &Translation, trace: &Trace) -> Hop {
    Hop {
        kind: HopKind::SourceTranslation,
        at: Some(device.id().clone()),
        rule: Rule::implied(device.name(), device.id()),
        effect: "an address of the firewall takes the place of the source".to_owned(),
        packets: translation.apply(trace.now()),
        outcome: Outcome::Allowed,
    }
}

fn subnet<'e>(device: &AzureFirewall<'e>) -> Result<Subnet<'e>, Unknown> {
    if device.is_in_virtual_hub() {
        return Err(Unknown::because(
            format!(
                "the routes of the virtual hub of `{}` aren't read",
                device.name()
            ),
            "az network vhub get-effective-routes",
        ));
    }
    for configuration in device.elements("ipConfigurations")? {
        if let Field::Present(id, _) = configuration.reference("subnet") {
            return device.estate().require(&id);
        }
    }
    Err(Unknown::because(
        format!(
            "the subnet of firewall `{}` isn't in the input",
            device.name()
        ),
        "az network firewall show",
    ))
}
