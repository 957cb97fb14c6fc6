use palisade_estate::azure::Api;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW006",
    name: "api-over-http",
    title: "APIs answer over HTTPS only",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("DP-3"),
        Framework::Psrule.id("Azure.APIM.HTTPEndpoint"),
    ],
    parameters: &[],
    page: include_str!("api_over_http.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<Api<'_>>(), judge);
}

fn judge(api: &Api<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (protocols, at) = match api.protocols() {
        Field::Present(protocols, at) => (protocols, at),
        Field::Absent(_) => {
            return Err(Unknown::because(
                "protocols is not in the input, and Azure documents no default for it",
                format!("az resource show --ids {}", api.id()),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    let names = protocols.iter().map(|protocol| protocol.value());
    let clear = names.into_iter().find(|name| {
        let name = name.scalar();
        name.eq_ignore_ascii_case("http") || name.eq_ignore_ascii_case("ws")
    });
    match clear {
        Some(name) => {
            let message = format!("the API answers over {}, without encryption", name.scalar());
            let encrypted = match name.scalar().eq_ignore_ascii_case("ws") {
                true => "wss",
                false => "https",
            };
            findings.fail(**api, message).at(name, "in the clear").help(format!(
                "az apim api update --resource-group {} --service-name {} --api-id {} --protocols {encrypted}",
                api.id().resource_group().unwrap_or_default(),
                api.id().parent().map(|service| service.name().to_owned()).unwrap_or_default(),
                api.name()
            ));
        }
        None => {
            findings
                .pass(**api, "every protocol of the API is encrypted")
                .at(at, "");
        }
    }
    Ok(())
}
