use palisade_estate::Unknown;
use palisade_estate::azure::AzureFirewall;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW018",
    name: "firewall-in-one-zone",
    title: "a firewall spans availability zones",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("3e1f521a-d037-4709-bdd6-1f532f271a75"),
        Framework::Psrule.id("Azure.Firewall.AvailabilityZone"),
        Framework::Azqr.id("c72b7fee-1fa0-5b4b-98e5-54bcae95bb74"),
    ],
    parameters: &[],
    page: include_str!("firewall_in_one_zone.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<AzureFirewall<'_>>(), judge);
}

fn judge(firewall: &AzureFirewall<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if firewall.is_in_virtual_hub() {
        let message = "Azure places the firewall of a virtual hub in the zones of its region";
        findings.not_applicable(**firewall, message);
        return Ok(());
    }
    let zones = firewall.texts("zones")?;
    match zones.len() {
        0 => {
            let message =
                "the firewall names no zones, so it stands in none or wherever Azure put it";
            findings.fail(**firewall, message).help(HELP);
        }
        1 => {
            let message = format!("the firewall stands in zone {} only", zones[0].0);
            findings
                .fail(**firewall, message)
                .at(zones[0].1, "")
                .help(HELP);
        }
        count => {
            let message = format!("the firewall spans {count} zones");
            findings.pass(**firewall, message).at(zones[0].1, "");
        }
    }
    Ok(())
}

const HELP: &str =
    "stop the firewall, set its zones, and start it again: see the page for the commands";
