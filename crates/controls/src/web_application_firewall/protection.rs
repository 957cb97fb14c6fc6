//! What a policy of a web application firewall does with an attack.

use palisade_document::Value;
use palisade_estate::azure::{ApplicationGateway, WafPolicy};
use palisade_estate::{Field, Settings, Unknown};

use super::gateway_tier;

/// What happens to a request that a rule matches, with the setting that decides.
pub(super) enum Protection<'e> {
    /// Nothing: the policy is off.
    Off(Value<'e>),
    /// It is logged and let through.
    Detects(Value<'e>),
    /// It is refused.
    Prevents(Value<'e>),
}

/// Neither the state nor the mode has a default in the API, and tools choose different ones, so
/// that an absent one is unknown.
pub(super) fn of<'e>(policy: &WafPolicy<'e>) -> Result<Protection<'e>, Unknown> {
    match policy.is_enabled() {
        Field::Present(true, _) => mode(policy),
        Field::Present(false, at) => Ok(Protection::Off(at)),
        Field::Absent(_) => Err(left_out(policy, "state")),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// Whether the policy says that it is off. What it says beside that then doesn't matter.
pub(super) fn is_off(policy: &WafPolicy<'_>) -> bool {
    policy.is_enabled().present() == Some(false)
}

fn mode<'e>(policy: &WafPolicy<'e>) -> Result<Protection<'e>, Unknown> {
    match policy.mode() {
        Field::Present(mode, at) if mode.eq_ignore_ascii_case("prevention") => {
            Ok(Protection::Prevents(at))
        }
        Field::Present(mode, at) if mode.eq_ignore_ascii_case("detection") => {
            Ok(Protection::Detects(at))
        }
        Field::Present(mode, _) => Err(Unknown::because(
            format!("the mode {mode} is neither Prevention nor Detection"),
            "correct the mode",
        )),
        Field::Absent(_) => Err(left_out(policy, "mode")),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// The policy leaves out a setting for which the API has no default.
pub(super) fn left_out(policy: &WafPolicy<'_>, setting: &str) -> Unknown {
    Unknown::because(
        format!("policySettings.{setting} is left out, and Azure documents no default for it"),
        format!(
            "az network application-gateway waf-policy show --ids {}",
            policy.id()
        ),
    )
}

/// The configuration on the gateway itself with its place. It counts only where no policy
/// takes its place, and not on a tier that is known to have no firewall.
pub(super) fn of_gateway<'e>(
    gateway: &ApplicationGateway<'e>,
) -> Result<Option<(Settings<'e>, Value<'e>)>, Unknown> {
    let (configuration, at) = match gateway.legacy_waf_configuration() {
        Field::Present(configuration, at) => (configuration, at),
        Field::Absent(_) => return Ok(None),
        Field::Unknown(unknown) => return Err(unknown),
    };
    match gateway.firewall_policy() {
        Field::Present(..) => Ok(None),
        Field::Absent(_) if gateway_tier::of(gateway).is_ok_and(|tier| !tier.has_waf) => Ok(None),
        Field::Absent(_) => Ok(Some((configuration, at))),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// The command that changes a setting of a policy.
pub(super) fn command(policy: &WafPolicy<'_>, change: &str) -> String {
    format!(
        "az network application-gateway waf-policy policy-setting update --resource-group {} --policy-name {} {change}",
        policy.id().resource_group().unwrap_or_default(),
        policy.name()
    )
}

/// The command that sets a policy setting for which there is no option of its own.
pub(super) fn set_command(policy: &WafPolicy<'_>, setting: &str) -> String {
    format!(
        "az network application-gateway waf-policy update --resource-group {} --name {} --set policySettings.{setting}",
        policy.id().resource_group().unwrap_or_default(),
        policy.name()
    )
}
