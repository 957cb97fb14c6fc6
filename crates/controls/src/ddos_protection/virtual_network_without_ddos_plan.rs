use palisade_document::Value;
use palisade_estate::azure::{PublicIpAddress, VirtualNetwork};
use palisade_estate::{ResourceId, Unknown};

use super::attachment::{Attachment, attachment};
use super::placement::{Placement, placement};
use super::protection::gap_of;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "DD001",
    name: "virtual-network-without-ddos-plan",
    title: "the networks of clusters and public entries are under a DDoS protection plan",
    recommendation: Recommendation::DdosProtection,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("94de2ad3-e0c1-4caf-ad78-5d47bbc83d3d"),
        Framework::AzurePolicy.id("a7aca53f-2ed4-4466-a25e-0b45ade68efd"),
        Framework::Mcsb.id("NS-5"),
        Framework::CisAzure.id("8.5"),
        Framework::Azqr.id("1b2dbf4a-8a0b-5e4b-8f4e-3f758188910d"),
        Framework::Azqr.id("69ea1185-19b7-de40-9da1-9e8493547a5c"),
        Framework::Prowler.id("network_vnet_ddos_protection_enabled"),
        Framework::Cnspec.id("network-ddos-protection-enabled"),
    ],
    parameters: &[],
    page: include_str!("virtual_network_without_ddos_plan.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let entries = public_entries(context);
    findings.each(
        context.estate.all::<VirtualNetwork<'_>>(),
        |network, findings| {
            let inside: Vec<_> = entries
                .iter()
                .filter(|entry| entry.network == *network.id())
                .collect();
            if inside.is_empty() && context.estate.clusters_of(network).is_empty() {
                findings.not_applicable(
                    **network,
                    "the network holds no cluster and no public address in the input",
                );
                return Ok(());
            }
            judge(network, &inside, findings)
        },
    );
}

/// A public address with the network that its user stands in.
struct Entry<'e> {
    network: ResourceId,
    address: PublicIpAddress<'e>,
    place: Value<'e>,
}

/// The addresses whose network is known.
fn public_entries<'e>(context: &Context<'e>) -> Vec<Entry<'e>> {
    let addresses = context.estate.all::<PublicIpAddress<'e>>();
    let entry = |address: PublicIpAddress<'e>| {
        let Ok(Attachment::Resource(user, place)) = attachment(&address) else {
            return None;
        };
        match placement(context, &user, &address) {
            Ok(Placement::Network(network)) => Some(Entry {
                network,
                address,
                place,
            }),
            _ => None,
        }
    };
    addresses.filter_map(entry).collect()
}

fn judge(
    network: &VirtualNetwork<'_>,
    inside: &[&Entry<'_>],
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let Some((gap, at)) = gap_of(network)? else {
        findings.pass(
            **network,
            "the network is under a plan of DDoS Network Protection",
        );
        return Ok(());
    };
    let bare = inside
        .iter()
        .filter(|entry| !has_own_protection(&entry.address));
    let bare: Vec<_> = bare.collect();
    let (severity, consequence) = match (inside.len(), bare.len()) {
        (0, _) => (
            Severity::Medium,
            "the network of a cluster is unprotected".to_owned(),
        ),
        (_, 0) => (
            Severity::Low,
            "its public addresses are protected one by one".to_owned(),
        ),
        (_, some) => (Severity::High, format!("{} unprotected", count(some))),
    };
    let finding = findings.fail(**network, format!("{gap}: {consequence}"));
    finding.severity(severity).at(at, "").help(format!(
        "az network vnet update --ids {} --ddos-protection true --ddos-protection-plan PLAN_ID",
        network.id()
    ));
    for entry in bare {
        finding.related(
            entry.place,
            format!("`{}` enters here", entry.address.name()),
        );
    }
    Ok(())
}

fn has_own_protection(address: &PublicIpAddress<'_>) -> bool {
    let mode = address.ddos_protection_mode().present();
    mode.is_some_and(|mode| mode.eq_ignore_ascii_case("enabled"))
}

fn count(addresses: usize) -> String {
    match addresses {
        1 => "a public address is".to_owned(),
        more => format!("{more} public addresses are"),
    }
}
