use palisade_estate::azure::FirewallPolicy;
use palisade_estate::{Settings, Unknown};

use super::inherited_mode::{Effective, LEAST_MODE, Mode, least_mode};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW005",
    name: "intrusion-detection-not-denying",
    title: "a Premium firewall policy drops traffic in which it detects an intrusion",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-4"),
        Framework::Checkov.id("CKV_AZURE_220"),
        Framework::Cnspec.id("firewall-policy-idps-enabled"),
        Framework::Cnspec.id("firewall-policy-no-idps-bypass-rules"),
    ],
    parameters: &[&LEAST_MODE],
    page: include_str!("intrusion_detection_not_denying.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let least = least_mode(context);
    findings.each(
        context.estate.all::<FirewallPolicy<'_>>(),
        |policy, findings| judge(policy, least, findings),
    );
}

fn judge(policy: &FirewallPolicy<'_>, least: Mode, findings: &mut Findings) -> Result<(), Unknown> {
    let (tier, _) = policy.tier().or_default("Standard")?;
    if !tier.eq_ignore_ascii_case("premium") {
        let message = format!("the tier is {tier}; only Premium detects intrusions");
        findings.not_applicable(**policy, message);
        return Ok(());
    }
    let effective = Effective::of(policy, FirewallPolicy::intrusion_detection_mode, Mode::Off)?;
    if effective.mode < least {
        not_denying(policy, &effective, findings);
        return Ok(());
    }
    let bypasses = policy.intrusion_detection_bypasses()?;
    for bypass in &bypasses {
        if lets_everything_past(bypass)? {
            let message = format!(
                "the bypass `{}` keeps all traffic from intrusion detection",
                bypass.name()
            );
            findings.fail(**policy, message).at(bypass.anchor(), "");
            return Ok(());
        }
    }
    let names: Vec<_> = bypasses
        .iter()
        .map(|bypass| format!("`{}`", bypass.name()))
        .collect();
    let except = match names.len() {
        0 => String::new(),
        _ => format!(", except for the traffic of {}", names.join(", ")),
    };
    let inherited = match effective.policy.id() == policy.id() {
        true => String::new(),
        false => format!(", inherited from `{}`", effective.policy.name()),
    };
    let message = format!(
        "intrusionDetection.mode is {:?}{inherited}{except}",
        effective.mode
    );
    let finding = findings.pass(**policy, message).at(effective.at, "");
    for bypass in bypasses {
        finding.related(bypass.anchor(), "isn't inspected");
    }
    Ok(())
}

fn not_denying(policy: &FirewallPolicy<'_>, effective: &Effective<'_>, findings: &mut Findings) {
    let message = match (effective.mode, effective.is_set) {
        (Mode::Off, true) => "intrusionDetection.mode is Off",
        (Mode::Off, false) => "intrusionDetection isn't set, so intrusions aren't looked for",
        _ => "intrusionDetection.mode is Alert, which only logs",
    };
    let finding = findings.fail(**policy, message);
    finding.help(format!(
        "az network firewall policy update --ids {} --idps-mode Deny",
        policy.id()
    ));
    if effective.is_set {
        finding.at(effective.at, "");
    }
}

/// Whether a bypass names every protocol, source, destination and port.
fn lets_everything_past(bypass: &Settings<'_>) -> Result<bool, Unknown> {
    let is_any = |path| {
        let texts = bypass.texts(path)?;
        Ok(texts
            .iter()
            .any(|(text, _)| matches!(*text, "*" | "0.0.0.0/0")))
    };
    let protocol = bypass.text("protocol").present();
    Ok(
        protocol.is_some_and(|name| name.eq_ignore_ascii_case("any"))
            && is_any("sourceAddresses")?
            && is_any("destinationAddresses")?
            && is_any("destinationPorts")?,
    )
}
