//! All that filters at one network interface: the security admin rules of its network, then the
//! network security groups of its subnet and of the interface. Every group that is there must
//! allow a packet; where there is none, nothing is filtered. Packets within a subnet are filtered
//! as any others.

use palisade_estate::azure::{Direction, NetworkSecurityGroup, Subnet};
use palisade_estate::{Estate, Field, ResourceId, Unknown};
use palisade_packet::PacketSet;

use super::admin_rule::{AdminAction, AdminRule, admin_rule, admin_rules};
use super::bounds::both;
use super::network_security_group::{read, undecided};
use super::reading::{Readings, in_every_reading};
use super::{Decision, Outcome, Part, Rule, RuleAddresses, Vicinity};

/// What filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The security admin rules.
    AdminRules,
    /// The network security group of the subnet.
    Subnet,
    /// The network security group of the network interface.
    Interface,
}

/// What filters at a network interface.
pub struct Filters<'e> {
    /// The security admin rules that may act.
    pub admin_rules: Vec<AdminRule<'e>>,
    /// The subnet's group, if it has one.
    pub subnet: Group<'e>,
    /// The interface's group, if it has one.
    pub interface: Group<'e>,
}

impl<'e> Filters<'e> {
    /// What filters at an interface in a subnet that has this group of its own.
    pub fn at(vicinity: &Vicinity<'e>, interface: Group<'e>) -> Self {
        Self {
            admin_rules: admin_rules(&vicinity.subnet),
            subnet: Group::of_subnet(&vicinity.subnet),
            interface,
        }
    }
}

/// A network security group that is there, isn't, or isn't known.
#[derive(Clone)]
pub enum Group<'e> {
    /// It is there.
    Present(NetworkSecurityGroup<'e>),
    /// There is none.
    None,
    /// There is one of which nothing is known, or it isn't known whether there is one.
    Unknown(Option<ResourceId>, Unknown),
}

impl<'e> Group<'e> {
    /// The group that a setting names.
    pub fn named(estate: &'e Estate, reference: Field<'e, ResourceId>) -> Self {
        match reference {
            Field::Present(id, _) => match estate.require(&id) {
                Ok(group) => Self::Present(group),
                Err(unknown) => Self::Unknown(Some(id), unknown),
            },
            Field::Absent(_) => Self::None,
            Field::Unknown(unknown) => Self::Unknown(None, unknown),
        }
    }

    /// The group of a subnet.
    pub fn of_subnet(subnet: &Subnet<'e>) -> Self {
        Self::named(subnet.estate(), subnet.network_security_group())
    }
}

/// Packets that met the same fate by the same rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The packets.
    pub packets: PacketSet,
    /// What filtered them, in order.
    pub steps: Vec<Step>,
    /// What becomes of them in the end.
    pub outcome: Outcome,
}

/// What one layer did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The layer.
    pub layer: Layer,
    /// The rule that decided.
    pub rule: Rule,
    /// What the layer did by itself.
    pub outcome: Outcome,
}

/// Splits packets by the rules of all layers.
///
/// A tag of which it isn't known what all it takes in means the same in all layers.
pub fn security(
    filters: &Filters<'_>,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    packets: &PacketSet,
) -> Vec<Passage> {
    let split = |readings| {
        let passages = read_all(filters, direction, addresses, readings, packets).into_iter();
        let passages = passages.map(|passage| (passage.packets, passage.steps, passage.outcome));
        passages.collect()
    };
    let agreed = in_every_reading(addresses.virtual_network(), split).into_iter();
    let passages = agreed.map(|(packets, steps, outcome)| Passage {
        packets,
        steps,
        outcome,
    });
    passages.collect()
}

fn read_all(
    filters: &Filters<'_>,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    readings: Readings,
    packets: &PacketSet,
) -> Vec<Passage> {
    let mut passages = Vec::new();
    for part in admin_rule(&filters.admin_rules, direction, addresses, packets) {
        let step = |outcome| Step {
            layer: Layer::AdminRules,
            rule: part.rule.clone(),
            outcome,
        };
        let by_admin = |outcome: Outcome| Passage {
            packets: part.packets.clone(),
            steps: vec![step(outcome.clone())],
            outcome,
        };
        let (actions, causes) = match &part.outcome {
            Decision::Certain(AdminAction::Deny) => {
                passages.push(by_admin(Outcome::Denied));
                continue;
            }
            Decision::Certain(AdminAction::AlwaysAllow) => {
                passages.push(by_admin(Outcome::Allowed));
                continue;
            }
            Decision::Certain(AdminAction::Allow) => (&[][..], &[][..]),
            Decision::Uncertain { actions, causes } => (&actions[..], &causes[..]),
        };
        let mut steps = Vec::new();
        if part.rule.resource.is_some() {
            steps.push(step(match causes.is_empty() {
                true => Outcome::Allowed,
                false => Outcome::Uncertain(causes.to_vec()),
            }));
        }
        for mut passage in groups(
            filters,
            direction,
            addresses,
            readings,
            part.packets.clone(),
            steps,
        ) {
            passage.outcome = after(passage.outcome, actions, causes);
            passages.push(passage);
        }
    }
    passages
}

/// The outcome of the groups, where the admin rules may have done something else before.
fn after(outcome: Outcome, actions: &[AdminAction], causes: &[Unknown]) -> Outcome {
    let differs = actions.iter().any(|action| match action {
        AdminAction::AlwaysAllow => outcome != Outcome::Allowed,
        AdminAction::Deny => outcome != Outcome::Denied,
        AdminAction::Allow => false,
    });
    match (differs, outcome) {
        (false, outcome) => outcome,
        (true, Outcome::Uncertain(known)) => Outcome::Uncertain(both(&known, causes)),
        (true, _) => Outcome::Uncertain(causes.to_vec()),
    }
}

/// The network security groups, one after the other. What may have been dropped by the first is
/// asked about by the second all the same: if that drops it, it is dropped for certain.
fn groups(
    filters: &Filters<'_>,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    readings: Readings,
    packets: PacketSet,
    steps: Vec<Step>,
) -> Vec<Passage> {
    let order = match direction {
        Direction::Inbound => [
            (Layer::Subnet, &filters.subnet),
            (Layer::Interface, &filters.interface),
        ],
        Direction::Outbound => [
            (Layer::Interface, &filters.interface),
            (Layer::Subnet, &filters.subnet),
        ],
    };
    let mut passages = vec![Passage {
        packets,
        steps,
        outcome: Outcome::Allowed,
    }];
    for (layer, group) in order {
        let mut next = Vec::new();
        for passage in passages {
            if passage.outcome == Outcome::Denied || matches!(group, Group::None) {
                next.push(passage);
                continue;
            }
            for part in split(group, direction, addresses, readings, &passage.packets) {
                next.push(further(&passage, layer, part));
            }
        }
        passages = next;
    }
    passages
}

fn split(
    group: &Group<'_>,
    direction: Direction,
    addresses: &RuleAddresses<'_, '_>,
    readings: Readings,
    packets: &PacketSet,
) -> Vec<Part<PacketSet>> {
    match group {
        Group::Present(group) => read(group, direction, addresses, readings, packets),
        Group::None => Vec::new(),
        Group::Unknown(Some(id), unknown) => undecided(id.name(), id, unknown.clone(), packets),
        Group::Unknown(None, unknown) => vec![Part {
            packets: packets.clone(),
            rule: Rule::absent("unknown network security group"),
            outcome: Outcome::Uncertain(vec![unknown.clone()]),
        }],
    }
}

fn further(passage: &Passage, layer: Layer, part: Part<PacketSet>) -> Passage {
    let mut steps = passage.steps.clone();
    steps.push(Step {
        layer,
        rule: part.rule,
        outcome: part.outcome.clone(),
    });
    let outcome = match (&passage.outcome, part.outcome) {
        (_, Outcome::Denied) => Outcome::Denied,
        (Outcome::Uncertain(some), Outcome::Uncertain(more)) => {
            Outcome::Uncertain(both(some, &more))
        }
        (Outcome::Uncertain(some), _) => Outcome::Uncertain(some.clone()),
        (_, outcome) => outcome,
    };
    Passage {
        packets: part.packets,
        steps,
        outcome,
    }
}
