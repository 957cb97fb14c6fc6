use jiff::civil::{Date, date};
use palisade_estate::azure::ApiManagementService;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW011",
    name: "management-api-version-open",
    title: "old versions of the management API are refused",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[Framework::Psrule.id("Azure.APIM.MinAPIVersion")],
    parameters: &[],
    page: include_str!("management_api_version_open.md"),
    check,
};

/// The oldest version that Azure itself still answers, since 1 June 2024.
const OLDEST: Date = date(2021, 8, 1);

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiManagementService<'_>>(), judge);
}

fn judge(service: &ApiManagementService<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (version, at) = match service.minimum_api_version() {
        Field::Present(version, at) => (version, at),
        Field::Absent(_) => {
            findings
                .fail(
                    **service,
                    "minApiVersion is not set, so that the service itself refuses no version",
                )
                .help(command(service));
            return Ok(());
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    // A preview is as old as its date: `2021-04-01-preview`.
    let day = version.get(..10).and_then(|day| day.parse::<Date>().ok());
    match day {
        Some(day) if day >= OLDEST => {
            findings
                .pass(**service, format!("versions before {version} are refused"))
                .at(at, "");
        }
        Some(_) => {
            findings
                .fail(
                    **service,
                    format!("minApiVersion is {version}, which is older than 2021-08-01"),
                )
                .at(at, "a retired version")
                .help(command(service));
        }
        None => {
            return Err(Unknown::because(
                format!("minApiVersion is {version}, which is not a date"),
                "correct the value",
            ));
        }
    }
    Ok(())
}

fn command(service: &ApiManagementService<'_>) -> String {
    format!(
        "az apim update --resource-group {} --name {} --set apiVersionConstraint.minApiVersion=2021-08-01",
        service.id().resource_group().unwrap_or_default(),
        service.name()
    )
}
