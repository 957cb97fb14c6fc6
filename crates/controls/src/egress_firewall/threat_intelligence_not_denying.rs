use palisade_document::Value;
use palisade_estate::azure::{AzureFirewall, FirewallPolicy};
use palisade_estate::{Field, Resource, Unknown};

use super::address_set::AddressSet;
use super::inherited_mode::{Effective, LEAST_MODE, Mode, bases, least_mode, read};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW004",
    name: "threat-intelligence-not-denying",
    title: "the firewall drops traffic with addresses and names that are known to be malicious",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("da79a7e2-8aa1-45ed-af81-ba050c153564"),
        Framework::AzurePolicy.id("7c591a93-c34c-464c-94ac-8f9f9a46e3d6"),
        Framework::Mcsb.id("NS-4"),
        Framework::Psrule.id("Azure.Firewall.Mode"),
        Framework::Psrule.id("Azure.Firewall.PolicyMode"),
        Framework::Checkov.id("CKV_AZURE_216"),
        Framework::Cnspec.id("firewall-policy-threat-intel-deny"),
    ],
    parameters: &[&LEAST_MODE],
    page: include_str!("threat_intelligence_not_denying.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let least = least_mode(context);
    findings.each(
        context.estate.all::<FirewallPolicy<'_>>(),
        |policy, findings| judge_policy(policy, least, findings),
    );
    findings.each(
        context.estate.all::<AzureFirewall<'_>>(),
        |firewall, findings| judge_classic(firewall, least, findings),
    );
}

fn judge_policy(
    policy: &FirewallPolicy<'_>,
    least: Mode,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let effective = Effective::of(policy, FirewallPolicy::threat_intel_mode, Mode::Alert)?;
    if effective.mode < least {
        let is_basic = policy
            .tier()
            .present()
            .is_some_and(|tier| tier.eq_ignore_ascii_case("basic"));
        let command = format!(
            "az network firewall policy update --ids {} --threat-intel-mode Deny",
            policy.id()
        );
        let help = match is_basic {
            true => "move to the Standard tier: a Basic policy can only alert".to_owned(),
            false => command,
        };
        not_denying(
            **policy,
            effective.mode,
            effective.is_set,
            effective.at,
            findings,
        )
        .help(help);
        return Ok(());
    }
    let mut allowed = allowlist(policy)?;
    let is_all = |entry: &&Value<'_>| AddressSet::of([entry.scalar()]).covers_internet();
    if let Some(everything) = allowed.iter().find(is_all) {
        let message = format!(
            "threatIntelWhitelist exempts everything with {}",
            everything.scalar()
        );
        findings.fail(**policy, message).at(*everything, "");
        return Ok(());
    }
    // Only named: a base policy is judged itself.
    for base in bases(policy).into_iter().flatten() {
        allowed.extend(allowlist(&base)?);
    }
    let inherited = match effective.policy.id() == policy.id() {
        true => String::new(),
        false => format!(", inherited from `{}`", effective.policy.name()),
    };
    let exempt = match allowed.len() {
        0 => String::new(),
        1 => format!("; {} is exempt", allowed[0].scalar()),
        count => format!("; {count} names and addresses are exempt"),
    };
    let message = format!("threatIntelMode is {:?}{inherited}{exempt}", effective.mode);
    let finding = findings.pass(**policy, message).at(effective.at, "");
    for entry in allowed {
        finding.related(entry, "exempt");
    }
    Ok(())
}

/// The names and addresses that threat intelligence lets pass.
fn allowlist<'e>(policy: &FirewallPolicy<'e>) -> Result<Vec<Value<'e>>, Unknown> {
    let mut entries = policy.texts("threatIntelWhitelist.fqdns")?;
    entries.extend(policy.texts("threatIntelWhitelist.ipAddresses")?);
    Ok(entries.into_iter().map(|(_, at)| at).collect())
}

fn judge_classic(
    firewall: &AzureFirewall<'_>,
    least: Mode,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    match firewall.policy() {
        // The policy decides, and it is judged itself.
        Field::Present(..) => return Ok(()),
        Field::Unknown(unknown) => return Err(unknown),
        Field::Absent(_) if firewall.is_in_virtual_hub() => return Ok(()),
        Field::Absent(_) => {}
    }
    let setting = firewall.threat_intel_mode();
    let is_set = matches!(setting, Field::Present(..));
    let (mode, at) = read(setting, Mode::Alert)?;
    if mode >= least {
        findings
            .pass(**firewall, format!("threatIntelMode is {mode:?}"))
            .at(at, "");
        return Ok(());
    }
    not_denying(**firewall, mode, is_set, at, findings).help(format!(
        "az network firewall update --ids {} --threat-intel-mode Deny",
        firewall.id()
    ));
    Ok(())
}

fn not_denying<'f>(
    subject: Resource<'_>,
    mode: Mode,
    is_set: bool,
    at: Value<'_>,
    findings: &'f mut Findings,
) -> &'f mut crate::Finding {
    let (message, severity) = match (mode, is_set) {
        (Mode::Off, _) => (
            "threatIntelMode is Off, so known malicious addresses aren't even logged",
            Severity::High,
        ),
        (_, true) => (
            "threatIntelMode is Alert, which only logs",
            Severity::Medium,
        ),
        (_, false) => (
            "threatIntelMode isn't set, which means Alert and only logs",
            Severity::Medium,
        ),
    };
    let finding = findings.fail(subject, message);
    if is_set {
        finding.at(at, "");
    }
    finding.severity(severity)
}
