use palisade_estate::azure::{MetricAlert, PublicIpAddress};
use palisade_estate::{Coverage, Unknown};

use super::attack_alert::{Watch, watch};
use super::protection::{Protection, protection};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "DD006",
    name: "ddos-attack-not-alerted",
    title: "somebody is told when a public address is attacked",
    recommendation: Recommendation::DdosProtection,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-5"),
        Framework::Azqr.id("ae054bf2-aefa-cf4a-8282-741194cef8da"),
    ],
    parameters: &[],
    page: include_str!("ddos_attack_not_alerted.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<PublicIpAddress<'_>>(),
        |address, findings| judge(context, address, findings),
    );
}

fn judge<'e>(
    context: &Context<'e>,
    address: &PublicIpAddress<'e>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let protection = protection(context, address)?;
    if let Some(reason) = protection.without_telemetry() {
        findings.not_applicable(**address, reason);
        return Ok(());
    }
    let network = match &protection {
        Protection::Network(network) => Some(network.id()),
        _ => None,
    };
    let (mut near, mut undecided) = (Vec::new(), None);
    for alert in context.estate.all::<MetricAlert<'_>>() {
        match watch(&alert, address, network) {
            Ok(Watch::Yes) => {
                findings
                    .pass(**address, format!("`{}` tells of an attack", alert.name()))
                    .related(alert.anchor(), "the alert");
                return Ok(());
            }
            Ok(Watch::Almost(why)) => near.push((alert, why)),
            Ok(Watch::No) => {}
            Err(unknown) => undecided = undecided.or(Some(unknown)),
        }
    }
    match undecided {
        Some(unknown) => Err(unknown),
        None => {
            missing(
                address,
                context.estate.coverage::<MetricAlert<'_>>(address.id()),
                &near,
                findings,
            );
            Ok(())
        }
    }
}

fn missing(
    address: &PublicIpAddress<'_>,
    coverage: Coverage,
    near: &[(MetricAlert<'_>, &'static str)],
    findings: &mut Findings,
) {
    let finding = findings.missing(
        **address,
        coverage,
        "no metric alert watches IfUnderDDoSAttack of the address",
        "az monitor metrics alert list",
    );
    finding.help(format!(
        "az monitor metrics alert create --resource-group {} --name ddos-{} --scopes {} \
         --condition \"max IfUnderDDoSAttack >= 1\" --window-size 5m --evaluation-frequency \
         1m --action ACTION_GROUP_ID",
        address.id().resource_group().unwrap_or("GROUP"),
        address.name(),
        address.id()
    ));
    for (alert, why) in near {
        finding.related(alert.anchor(), *why);
    }
}
