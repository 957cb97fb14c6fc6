use palisade_estate::azure::ApiManagementService;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW015",
    name: "retired-platform-version",
    title: "the API Management service runs on a platform that Azure supports",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("retired_platform_version.md"),
    check,
};

/// The platforms that Azure supports.
const SUPPORTED: [&str; 3] = ["stv2", "stv2.1", "mtv1"];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiManagementService<'_>>(), judge);
}

fn judge(service: &ApiManagementService<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (platform, at) = match service.platform_version() {
        Field::Present(platform, at) => (platform, at),
        Field::Absent(_) => {
            return Err(Unknown::because(
                "platformVersion is not in the input",
                format!("az resource show --ids {}", service.id()),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    if platform.eq_ignore_ascii_case("stv1") {
        findings
            .fail(**service, "platformVersion is stv1, which was retired on 31 August 2024 (in Azure Government and China on 24 February 2025)")
            .at(at, "a retired platform")
            .help("move the service to stv2, in the portal under Platform migration");
    } else if SUPPORTED
        .iter()
        .any(|known| known.eq_ignore_ascii_case(platform))
    {
        findings
            .pass(**service, format!("platformVersion is {platform}"))
            .at(at, "");
    } else {
        return Err(Unknown::because(
            format!("platformVersion is {platform}, which this version of Palisade doesn't know"),
            "a newer version of Palisade",
        ));
    }
    Ok(())
}
