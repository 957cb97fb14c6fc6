//! What the controls of flow logs have in common.

use jiff::civil::{Date, date};
use palisade_document::Value;
use palisade_estate::azure::FlowLog;
use palisade_estate::{Field, ResourceId, Unknown};

/// The day on which the flow logs of network security groups end. New ones can't be made since
/// 2025-06-30.
pub(super) const SECURITY_GROUP_LOGS_END: Date = date(2027, 9, 30);

/// The flow log doesn't say whether it is on, and what Azure then takes isn't documented.
pub(super) fn undecided(log: &FlowLog<'_>) -> Unknown {
    Unknown::because(
        format!(
            "the flow log `{}` doesn't say whether it is enabled",
            log.name()
        ),
        format!("az resource show --ids {}", log.id()),
    )
}

/// Whether the flow log is on.
pub(super) fn is_enabled(log: &FlowLog<'_>) -> Result<bool, Unknown> {
    match log.is_enabled() {
        Field::Present(is_enabled, _) => Ok(is_enabled),
        Field::Absent(_) => Err(undecided(log)),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// What is logged, with the place that names it.
pub(super) fn target<'e>(log: &FlowLog<'e>) -> Result<(ResourceId, Value<'e>), Unknown> {
    match log.target() {
        Field::Present(target, at) => Ok((target, at)),
        Field::Absent(_) => Err(Unknown::because(
            format!("the flow log `{}` names no target", log.name()),
            format!("az resource show --ids {}", log.id()),
        )),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// Whether a target is a network security group, whose flow logs are being retired.
pub(super) fn is_security_group(target: &ResourceId) -> bool {
    let target_type = target.resource_type();
    target_type.as_deref() == Some("microsoft.network/networksecuritygroups")
}

/// A command that changes the flow log: `az network watcher flow-log update` with options.
pub(super) fn update(log: &FlowLog<'_>, options: &str) -> String {
    let region = log.location().unwrap_or_else(|| "REGION".to_owned());
    format!(
        "az network watcher flow-log update --location {region} --name {} {options}",
        log.name()
    )
}
