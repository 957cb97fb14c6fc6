use palisade_estate::azure::{AzureFirewall, MetricAlert};
use palisade_estate::{Field, Unknown, View};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW019",
    name: "firewall-health-not-alerted",
    title: "somebody is told when a firewall is unhealthy or runs out of ports",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::Azqr.id("3c8fa7c6-6b78-a24a-a63f-348a7c71acb9")],
    parameters: &[],
    page: include_str!("firewall_health_not_alerted.md"),
    check,
};

/// What tells that a firewall is about to fail those behind it.
const METRICS: [&str; 2] = ["FirewallHealth", "SNATPortUtilization"];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<AzureFirewall<'_>>(),
        |firewall, findings| judge(context, firewall, findings),
    );
}

fn judge(
    context: &Context<'_>,
    firewall: &AzureFirewall<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let mut watched = Vec::new();
    let mut unclear = None;
    for alert in context.estate.all::<MetricAlert<'_>>() {
        match metrics(&alert, firewall) {
            Ok(found) => watched.extend(found),
            Err(unknown) => unclear = unclear.or(Some(unknown)),
        }
    }
    let unwatched: Vec<_> = METRICS
        .into_iter()
        .filter(|metric| {
            !watched
                .iter()
                .any(|known| known.eq_ignore_ascii_case(metric))
        })
        .collect();
    if unwatched.is_empty() {
        findings.pass(**firewall, "alerts watch its health and its ports");
        return Ok(());
    }
    if let Some(unknown) = unclear {
        return Err(unknown);
    }
    let coverage = context.estate.coverage::<MetricAlert<'_>>(firewall.id());
    let message = format!(
        "no alert watches {} of the firewall",
        unwatched.join(" and ")
    );
    findings
        .missing(**firewall, coverage, message, "az monitor metrics alert list")
        .help(format!(
            "az monitor metrics alert create --resource-group {} --name {}-health --scopes {} --condition \"avg FirewallHealth < 90\" --action ACTION_GROUP_ID",
            firewall.id().resource_group().unwrap_or("GROUP"),
            firewall.name(),
            firewall.id()
        ));
    Ok(())
}

/// The metrics that an alert watches of a firewall; none if it is off or about something else.
fn metrics<'e>(
    alert: &MetricAlert<'e>,
    firewall: &AzureFirewall<'_>,
) -> Result<Vec<&'e str>, Unknown> {
    if !is_about(alert, firewall)? || !alert.is_enabled().or_default(true)?.0 {
        return Ok(Vec::new());
    }
    let criteria = alert.criteria()?;
    let names = criteria
        .iter()
        .map(|criterion| criterion.text("metricName"));
    Ok(names.filter_map(Field::present).collect())
}

/// An alert names the firewall, or all of its type in a group or a subscription.
fn is_about(alert: &MetricAlert<'_>, firewall: &AzureFirewall<'_>) -> Result<bool, Unknown> {
    let scopes = alert.scopes()?;
    if scopes.iter().any(|scope| scope == firewall.id()) {
        return Ok(true);
    }
    if !scopes.iter().any(|scope| firewall.id().is_within(scope)) {
        return Ok(false);
    }
    let (target, _) = alert.target_resource_type().or_default("")?;
    Ok(target.eq_ignore_ascii_case(AzureFirewall::TYPE))
}
