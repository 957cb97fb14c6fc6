use palisade_estate::azure::{
    Direction, ManagedCluster, NetworkSecurityGroup, SecurityRule, Subnet,
};
use palisade_estate::{Field, Unknown};

use super::authorized_range::ipv4_network;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC009",
    name: "api-server-subnet-open",
    title: "only chosen sources in the network reach the API server's subnet",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("api_server_subnet_open.md"),
    check,
};

/// The port of the API server.
const PORT: u16 = 443;
/// How a rule spells every address of the network.
const EVERYWHERE: [&str; 4] = ["*", "any", "0.0.0.0/0", "virtualnetwork"];
/// Sources outside the network: the question here is who in the network gets in.
const OUTSIDE: [&str; 2] = ["internet", "azureloadbalancer"];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ManagedCluster<'_>>(),
        |cluster, findings| {
            if !cluster.has_vnet_integration().or_default(false)?.0 {
                findings.not_applicable(
                    **cluster,
                    "the API server isn't integrated with a virtual network",
                );
                return Ok(());
            }
            match cluster.api_server_subnet() {
                Field::Present(id, _) => {
                    judge(context, cluster, &context.estate.require(&id)?, findings)
                }
                Field::Absent(_) => {
                    findings.not_applicable(**cluster, "AKS manages the API server's subnet");
                    Ok(())
                }
                Field::Unknown(unknown) => Err(unknown),
            }
        },
    );
}

fn judge(
    context: &Context<'_>,
    cluster: &ManagedCluster<'_>,
    subnet: &Subnet<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let id = match subnet.network_security_group() {
        Field::Present(id, _) => id,
        Field::Absent(_) => {
            let message = format!(
                "the subnet `{}` has no network security group, so the whole network and \
                 its peers reach the API server",
                subnet.name()
            );
            findings
                .fail(**cluster, message)
                .at(subnet.anchor(), "")
                .help(format!(
                    "az network vnet subnet update --ids {} --network-security-group GROUP",
                    subnet.id()
                ));
            return Ok(());
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    let group = context.estate.require::<NetworkSecurityGroup<'_>>(&id)?;
    match verdict(&group, subnet)? {
        Verdict::Closed(rule) => {
            findings
                .pass(
                    **cluster,
                    format!("`{}` denies what no rule before it allows", rule.name()),
                )
                .at(rule.anchor(), "");
        }
        Verdict::Open(rule) => {
            findings
                .fail(
                    **cluster,
                    format!("`{}` lets the whole network and its peers in", rule.name()),
                )
                .at(rule.anchor(), "before any rule that denies")
                .help("narrow the rule's source to the networks of nodes and operators");
        }
        Verdict::OpenByDefault => {
            findings
                .fail(
                    **cluster,
                    format!(
                        "no rule of `{}` denies the rest of the network, \
                         so the default AllowVnetInBound lets it in",
                        group.name()
                    ),
                )
                .at(group.anchor(), "")
                .help(deny_rule(&group));
        }
    }
    Ok(())
}

enum Verdict<'e> {
    Closed(SecurityRule<'e>),
    Open(SecurityRule<'e>),
    OpenByDefault,
}

/// Follows the inbound rules in order until one decides about every source in the network.
fn verdict<'e>(
    group: &NetworkSecurityGroup<'e>,
    subnet: &Subnet<'_>,
) -> Result<Verdict<'e>, Unknown> {
    // Rules exported on their own might not be all; the group's body always lists them.
    if !matches!(group.property("securityRules"), Field::Present(..)) {
        return Err(Unknown::because(
            format!("the body of `{}` doesn't list its rules", group.name()),
            format!("az network nsg show --ids {}", group.id()),
        ));
    }
    if subnet.address_prefixes()?.is_empty() {
        return Err(Unknown::because(
            format!("the subnet `{}` names no address range", subnet.name()),
            format!("az network vnet subnet show --ids {}", subnet.id()),
        ));
    }
    let mut denies_some = None;
    for rule in group.rules(Direction::Inbound)? {
        match (reach(&rule, subnet)?, rule.allows()?) {
            (Reach::Nothing, _) | (Reach::FromSome, true) => {}
            (Reach::All, true) => return Ok(Verdict::Open(rule)),
            (Reach::All, false) => return Ok(Verdict::Closed(rule)),
            (Reach::ToPart, true) => return Err(undecided(&rule)),
            (Reach::FromSome | Reach::ToPart, false) => denies_some = denies_some.or(Some(rule)),
        }
    }
    denies_some.map_or(Ok(Verdict::OpenByDefault), |rule| Err(undecided(&rule)))
}

fn undecided(rule: &SecurityRule<'_>) -> Unknown {
    Unknown::because(
        format!(
            "`{}` decides about a part of the way to the API server, and what is left of it \
             isn't worked out",
            rule.name()
        ),
        "rules that name the whole subnet and end in one that denies every source",
    )
}

/// How much of the way from the network to the API server a rule decides about.
enum Reach {
    Nothing,
    FromSome,
    ToPart,
    All,
}

fn reach(rule: &SecurityRule<'_>, subnet: &Subnet<'_>) -> Result<Reach, Unknown> {
    let (protocol, _) = rule.protocol().or_default("*")?;
    let is_tcp = protocol == "*" || protocol.eq_ignore_ascii_case("tcp");
    let ports = rule.destination_ports()?;
    if !is_tcp || !ports.iter().any(|ports| holds(ports, PORT)) {
        return Ok(Reach::Nothing);
    }
    let (sources, destinations) = (rule.sources()?, rule.destinations()?);
    let is_from_outside =
        !sources.is_empty() && sources.iter().all(|from| is_one_of(from, &OUTSIDE));
    let prefixes = subnet.address_prefixes()?;
    // Application security groups, which leave the lists empty, hold machines of the user's own.
    let is_elsewhere = destinations
        .iter()
        .all(|to| prefixes.iter().all(|prefix| is_apart(to, prefix)));
    if is_from_outside || is_elsewhere {
        return Ok(Reach::Nothing);
    }
    let is_to_all = prefixes
        .iter()
        .all(|prefix| destinations.iter().any(|to| covers(to, prefix)));
    let is_from_all = sources.iter().any(|from| is_one_of(from, &EVERYWHERE))
        && names_every_port(&rule.source_ports()?);
    Ok(match is_from_all {
        false => Reach::FromSome,
        true if is_to_all => Reach::All,
        true => Reach::ToPart,
    })
}

/// Whether a caller's port, which is its own choice, doesn't matter.
fn names_every_port(ports: &[&str]) -> bool {
    let is_all = |range: &&str| matches!(*range, "*" | "0-65535" | "1-65535");
    ports.is_empty() || ports.iter().any(is_all)
}

fn holds(ports: &str, port: u16) -> bool {
    match ports.split_once('-') {
        Some((low, high)) => {
            low.parse().is_ok_and(|low: u16| low <= port)
                && high.parse().is_ok_and(|high: u16| port <= high)
        }
        None => ports == "*" || ports.parse() == Ok(port),
    }
}

fn is_one_of(text: &str, names: &[&str]) -> bool {
    names.iter().any(|name| text.eq_ignore_ascii_case(name))
}

fn covers(wide: &str, prefix: &str) -> bool {
    let networks = ipv4_network(wide).zip(ipv4_network(prefix));
    is_one_of(wide, &EVERYWHERE) || networks.is_some_and(|(wide, prefix)| wide.contains(&prefix))
}

/// Whether two prefixes share no address; of a tag that isn't known.
fn is_apart(one: &str, other: &str) -> bool {
    let networks = ipv4_network(one).zip(ipv4_network(other));
    networks.is_some_and(|(one, other)| !one.contains(&other) && !other.contains(&one))
}

fn deny_rule(group: &NetworkSecurityGroup<'_>) -> String {
    format!(
        "az network nsg rule create --resource-group {} --nsg-name {} --name deny-rest \
         --priority 4096 --direction Inbound --access Deny --protocol '*' \
         --source-address-prefixes VirtualNetwork --destination-port-ranges '*', after rules \
         that allow nodes (443, 4443), operators (443) and AzureLoadBalancer (9988)",
        group.id().resource_group().unwrap_or("GROUP"),
        group.name()
    )
}
