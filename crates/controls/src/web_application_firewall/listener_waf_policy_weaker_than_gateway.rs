use palisade_document::Value;
use palisade_estate::azure::{ApplicationGateway, WafPolicy};
use palisade_estate::{Field, ResourceId, Settings, Unknown};

use super::protection::{self, Protection};
use super::{gateway_part, rule_set};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "WAF014",
    name: "listener-waf-policy-weaker-than-gateway",
    title: "the policy of a listener or path protects as much as the gateway's",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-6")],
    parameters: &[],
    page: include_str!("listener_waf_policy_weaker_than_gateway.md"),
    check,
};

/// A listener or a path with a policy of its own.
struct Site<'e> {
    name: String,
    policy: ResourceId,
    at: Value<'e>,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ApplicationGateway<'_>>(),
        |gateway, findings| judge(context, gateway, findings),
    );
}

fn judge(
    context: &Context<'_>,
    gateway: &ApplicationGateway<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let sites = sites(gateway)?;
    if sites.is_empty() {
        findings.pass(**gateway, "no listener or path has a policy of its own");
        return Ok(());
    }
    let (own, at) = match gateway.firewall_policy() {
        Field::Present(id, at) => (id, at),
        Field::Absent(_) => {
            findings.not_applicable(**gateway, "the gateway has no policy to compare with");
            return Ok(());
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    let own = context.estate.require::<WafPolicy<'_>>(&own)?;
    if !matches!(protection::of(&own)?, Protection::Prevents(_)) {
        let message = format!(
            "the gateway's own policy `{}` doesn't prevent anything",
            own.name()
        );
        findings.not_applicable(**gateway, message).at(at, "");
        return Ok(());
    }
    let has_rules = is_against_attacks(&own)?;
    for site in sites {
        if let Err(unknown) = compare(context, gateway, has_rules, &site, findings) {
            findings
                .unknown(Subject::from(**gateway).part(&site.name), unknown)
                .at(site.at, "the policy");
        }
    }
    Ok(())
}

fn sites<'e>(gateway: &ApplicationGateway<'e>) -> Result<Vec<Site<'e>>, Unknown> {
    let mut sites = Vec::new();
    for listener in gateway.http_listeners()? {
        sites.extend(site(listener.name().to_owned(), &listener)?);
    }
    for map in gateway.url_path_maps()? {
        for rule in map.elements("pathRules")? {
            sites.extend(site(gateway_part::path_rule_name(&map, &rule), &rule)?);
        }
    }
    Ok(sites)
}

fn site<'e>(name: String, part: &Settings<'e>) -> Result<Option<Site<'e>>, Unknown> {
    match part.reference("firewallPolicy") {
        Field::Present(policy, at) => Ok(Some(Site { name, policy, at })),
        Field::Absent(_) => Ok(None),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// The most specific policy takes the place of the others; nothing is merged.
fn compare(
    context: &Context<'_>,
    gateway: &ApplicationGateway<'_>,
    gateway_has_rules: bool,
    site: &Site<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let subject = Subject::from(**gateway).part(&site.name);
    let policy = context.estate.require::<WafPolicy<'_>>(&site.policy)?;
    let name = policy.name();
    let on = protection::command(&policy, "--state Enabled --mode Prevention");
    let (defect, decisive, help) = match protection::of(&policy)? {
        Protection::Off(at) => ("is disabled", at, on),
        Protection::Detects(at) => ("only detects", at, on),
        Protection::Prevents(_) if gateway_has_rules && !is_against_attacks(&policy)? => (
            "has no managed rules against attacks",
            policy.anchor(),
            rule_set::add_command(&policy),
        ),
        Protection::Prevents(_) => {
            findings
                .pass(subject, format!("its policy `{name}` prevents too"))
                .at(site.at, "");
            return Ok(());
        }
    };
    findings
        .fail(
            subject,
            format!(
                "its policy `{name}` {defect} and takes the place of the gateway's, which prevents"
            ),
        )
        .at(site.at, "")
        .related(decisive, "this weakens it")
        .help(help);
    Ok(())
}

fn is_against_attacks(policy: &WafPolicy<'_>) -> Result<bool, Unknown> {
    let sets = rule_set::all(policy)?;
    Ok(sets.iter().any(rule_set::RuleSet::is_against_attacks))
}
