use palisade_estate::azure::{ApiManagementService, ApiServiceDiagnostic, DiagnosticSetting};
use palisade_estate::{Field, Resource, Unknown};

use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW010",
    name: "api-traffic-not-logged",
    title: "the traffic of the API gateway is logged in full",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("api_traffic_not_logged.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ApiManagementService<'_>>(),
        judge_service,
    );
    findings.each(
        context.estate.all::<ApiServiceDiagnostic<'_>>(),
        judge_sampling,
    );
}

/// Is anything logged at all?
fn judge_service(
    service: &ApiManagementService<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    match collector(service)? {
        Some(collector) => {
            let message = format!("requests are logged by `{}`", collector.name());
            findings.pass(**service, message).at(collector.anchor(), "");
        }
        // The same defect would otherwise be told twice.
        None => {
            let message = "nothing in the input logs the requests; whether anything should is asked by MON014";
            findings.not_applicable(**service, message);
        }
    }
    Ok(())
}

fn collector<'e>(service: &ApiManagementService<'e>) -> Result<Option<Resource<'e>>, Unknown> {
    let estate = service.estate();
    // The logger's id is also written without the service: `/loggers/insights`.
    for diagnostic in estate.children::<ApiServiceDiagnostic<'e>>(service.id()) {
        let is_insights = diagnostic
            .name()
            .eq_ignore_ascii_case("applicationinsights");
        if is_insights && matches!(diagnostic.text("loggerId"), Field::Present(..)) {
            return Ok(Some(*diagnostic));
        }
    }
    for setting in estate.children::<DiagnosticSetting<'e>>(service.id()) {
        if setting.collects("GatewayLogs", &["allLogs"])? {
            return Ok(Some(*setting));
        }
    }
    Ok(None)
}

/// How much of it is logged?
fn judge_sampling(
    diagnostic: &ApiServiceDiagnostic<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (text, at) = match diagnostic.sampling_percentage() {
        Field::Present(text, at) => (text, at),
        Field::Absent(_) => {
            return Err(Unknown::because(
                "sampling.percentage is not in the input, and Azure documents no default for it",
                format!("az resource show --ids {}", diagnostic.id()),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    let percentage: f64 = text.parse().map_err(|_| {
        Unknown::because("sampling.percentage is not a number", "correct the value")
    })?;
    if percentage < 100.0 {
        findings
            .fail(
                **diagnostic,
                format!("only {text} percent of the requests are logged"),
            )
            .at(at, "the others leave no trace");
    } else {
        findings
            .pass(**diagnostic, "every request is logged")
            .at(at, "");
    }
    Ok(())
}
