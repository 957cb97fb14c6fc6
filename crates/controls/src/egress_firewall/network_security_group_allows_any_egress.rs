use palisade_estate::azure::{Direction, NetworkSecurityGroup, SecurityRule};
use palisade_estate::{Coverage, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW022",
    name: "network-security-group-allows-any-egress",
    title: "no rule of a network security group of one's own opens the way to every address",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-3"),
        Framework::Trivy.id("AZU-0051"),
        Framework::Cnspec.id("nsg-no-unrestricted-egress"),
    ],
    parameters: &[],
    page: include_str!("network_security_group_allows_any_egress.md"),
    check,
};

/// What stands for every address, or for all of the internet.
const EVERYTHING: [&str; 4] = ["*", "any", "internet", "0.0.0.0/0"];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<NetworkSecurityGroup<'_>>(),
        |group, findings| judge(context, group, findings),
    );
}

fn judge(
    context: &Context<'_>,
    group: &NetworkSecurityGroup<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    for rule in group.rules(Direction::Outbound)? {
        if opens_everything(&rule)? {
            let message = format!(
                "the rule `{}` allows every port of every address",
                rule.name()
            );
            findings.fail(**group, message).at(rule.anchor(), "").help(format!(
                "az network nsg rule update --resource-group {} --nsg-name {} --name {} --destination-address-prefixes VirtualNetwork",
                group.id().resource_group().unwrap_or("GROUP"),
                group.name(),
                rule.name()
            ));
            return Ok(());
        }
    }
    let coverage = context.estate.coverage::<SecurityRule<'_>>(group.id());
    if !group.lists_rules() && coverage != Coverage::Complete {
        return Err(Unknown::because(
            "the group's rules are not listed in the input",
            format!("az network nsg show --ids {}", group.id()),
        ));
    }
    findings.pass(
        **group,
        "no rule of its own allows every port of every address",
    );
    Ok(())
}

/// Whether a rule allows all there is. What is denied before it isn't looked at: the rule says
/// what somebody meant, and goes on to say so when the denial goes.
fn opens_everything(rule: &SecurityRule<'_>) -> Result<bool, Unknown> {
    let is_one = |texts: &[&str], known: &[&str]| {
        texts.iter().any(|text| {
            known
                .iter()
                .any(|known| known.eq_ignore_ascii_case(text.trim()))
        })
    };
    Ok(rule.allows()?
        && is_one(&rule.destinations()?, &EVERYTHING)
        && is_one(&rule.destination_ports()?, &["*", "0-65535"]))
}
