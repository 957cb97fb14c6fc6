//! Whether a metric alert tells of an attack on a public address.

use palisade_estate::azure::{MetricAlert, PublicIpAddress};
use palisade_estate::{Field, ResourceId, Settings, Unknown, View};

/// The metric that is 1 while an address is attacked and 0 otherwise.
const METRIC: &str = "IfUnderDDoSAttack";

/// What an alert does for an address.
pub(super) enum Watch {
    /// It fires when the address is attacked.
    Yes,
    /// It looks at the metric but doesn't fire; the text says why.
    Almost(&'static str),
    /// It is about something else.
    No,
}

/// `network` is the protected network of the address, which has the same metric.
pub(super) fn watch(
    alert: &MetricAlert<'_>,
    address: &PublicIpAddress<'_>,
    network: Option<&ResourceId>,
) -> Result<Watch, Unknown> {
    let criteria = alert.criteria()?;
    let (about_attacks, others): (Vec<_>, Vec<_>) =
        criteria.iter().partition(|criterion| is_metric(criterion));
    let Some(criterion) = about_attacks.first() else {
        return Ok(Watch::No);
    };
    if !is_in_scope(alert, address, network)? {
        return Ok(Watch::No);
    }
    if !is_enabled(alert)? {
        return Ok(Watch::Almost("this alert is disabled"));
    }
    if !others.is_empty() || about_attacks.len() > 1 {
        return Ok(Watch::Almost(
            "this alert needs other conditions besides the attack",
        ));
    }
    tells_attack(criterion)
}

fn is_metric(criterion: &Settings<'_>) -> bool {
    let name = criterion.text("metricName").present();
    name.is_some_and(|name| name.eq_ignore_ascii_case(METRIC))
}

fn is_enabled(alert: &MetricAlert<'_>) -> Result<bool, Unknown> {
    match alert.is_enabled() {
        Field::Present(is_enabled, _) => Ok(is_enabled),
        Field::Unknown(unknown) => Err(unknown),
        Field::Absent(_) => Err(Unknown::because(
            format!(
                "the alert `{}` doesn't tell whether it is enabled",
                alert.name()
            ),
            format!("az monitor metrics alert show --ids {}", alert.id()),
        )),
    }
}

fn is_in_scope(
    alert: &MetricAlert<'_>,
    address: &PublicIpAddress<'_>,
    network: Option<&ResourceId>,
) -> Result<bool, Unknown> {
    let scopes = alert.scopes()?;
    if scopes
        .iter()
        .any(|scope| scope == address.id() || Some(scope) == network)
    {
        return Ok(true);
    }
    if !scopes.iter().any(|scope| address.id().is_within(scope)) {
        return Ok(false);
    }
    let is_type = matches_setting(alert.target_resource_type(), PublicIpAddress::TYPE)?;
    let region = address.location().unwrap_or_default();
    Ok(is_type && matches_setting(alert.target_resource_region(), &region)?)
}

/// Alerts on a group or a subscription name the type and the region that they look at.
fn matches_setting(setting: Field<'_, &str>, wanted: &str) -> Result<bool, Unknown> {
    match setting {
        Field::Present(text, _) => {
            let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            Ok(text.eq_ignore_ascii_case(wanted))
        }
        Field::Unknown(unknown) => Err(unknown),
        Field::Absent(at) => Err(Unknown::because(
            format!(
                "an alert on a group or subscription names no type or region at {}",
                at.position()
            ),
            "az monitor metrics alert show --resource-group GROUP --name ALERT",
        )),
    }
}

/// Whether the condition holds at 1 and doesn't at 0.
fn tells_attack(criterion: &Settings<'_>) -> Result<Watch, Unknown> {
    let kind = criterion
        .text("criterionType")
        .present()
        .unwrap_or_default();
    if kind.eq_ignore_ascii_case("DynamicThresholdCriterion")
        || !criterion.elements("dimensions")?.is_empty()
    {
        return Err(Unknown::because(
            "an alert on the metric has a learned threshold or a dimension, so when it \
             fires isn't known",
            "an alert with a static threshold of 1 and no dimension",
        ));
    }
    let (aggregation, _) = criterion.text("timeAggregation").or_default("Maximum")?;
    let (operator, _) = criterion.text("operator").or_default("")?;
    let threshold = criterion
        .text("threshold")
        .present()
        .and_then(|text| text.parse::<f64>().ok());
    let separates =
        threshold.is_some_and(|threshold| match operator.to_ascii_lowercase().as_str() {
            "greaterthan" => (0.0..1.0).contains(&threshold),
            "greaterthanorequal" => threshold > 0.0 && threshold <= 1.0,
            "equals" => (threshold - 1.0).abs() < f64::EPSILON,
            _ => false,
        });
    if separates && !aggregation.eq_ignore_ascii_case("count") {
        return Ok(Watch::Yes);
    }
    Ok(Watch::Almost(
        "the condition of this alert doesn't tell an attack from none",
    ))
}
