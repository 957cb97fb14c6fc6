use palisade_estate::azure::ApiManagementAccess;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW021",
    name: "direct-management-enabled",
    title: "the direct management endpoint is off",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("b741306c-968e-4b67-b916-5675e5c709f4"),
        Framework::Mcsb.id("PV-2"),
    ],
    parameters: &[],
    page: include_str!("direct_management_enabled.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiManagementAccess<'_>>(), judge);
}

fn judge(access: &ApiManagementAccess<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match access.flag("enabled") {
        Field::Present(true, at) => {
            findings
                .fail(**access, "the service is managed past Azure Resource Manager, with a key of its own")
                .at(at, "")
                .help(format!(
                    "az rest --method patch --url \"{}?api-version=2022-08-01\" --headers If-Match='*' --body '{{\"properties\":{{\"enabled\":false}}}}'",
                    access.id()
                ));
        }
        Field::Present(false, at) => {
            findings.pass(**access, "enabled is false").at(at, "");
        }
        Field::Absent(_) => {
            return Err(Unknown::because(
                "whether the endpoint is on is not in the input",
                format!(
                    "az rest --method get --url \"{}?api-version=2022-08-01\"",
                    access.id()
                ),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}
