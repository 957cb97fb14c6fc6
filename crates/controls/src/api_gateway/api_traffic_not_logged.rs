use palisade_estate::azure::{ApiManagementService, ApiServiceDiagnostic, DiagnosticSetting};
use palisade_estate::{Field, Resource, Unknown};

use super::policy_chain::weaker;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW010",
    name: "api-traffic-not-logged",
    title: "the traffic of the API gateway is logged in full",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    page: include_str!("api_traffic_not_logged.md"),
    check,
};

/// The log of requests, and the category groups that hold it.
const LOG: (&str, &[&str]) = ("GatewayLogs", &["allLogs"]);

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ApiManagementService<'_>>(),
        |service, findings| judge_service(context, service, findings),
    );
    findings.each(
        context.estate.all::<ApiServiceDiagnostic<'_>>(),
        judge_sampling,
    );
}

/// Is anything logged at all?
fn judge_service(
    context: &Context<'_>,
    service: &ApiManagementService<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let settings = context
        .estate
        .children::<DiagnosticSetting<'_>>(service.id());
    let diagnostics = context
        .estate
        .children::<ApiServiceDiagnostic<'_>>(service.id());
    match collector(&settings, &diagnostics)? {
        Some(collector) => {
            findings
                .pass(
                    **service,
                    format!("requests are logged by `{}`", collector.name()),
                )
                .at(collector.anchor(), "");
        }
        None => {
            let coverage = weaker(
                context
                    .estate
                    .coverage::<DiagnosticSetting<'_>>(service.id()),
                context
                    .estate
                    .coverage::<ApiServiceDiagnostic<'_>>(service.id()),
            );
            let supply = format!(
                "az monitor diagnostic-settings list --resource {id}, and az rest --method get --url '{id}/diagnostics?api-version=2022-08-01'",
                id = service.id()
            );
            let message = "neither Application Insights nor a diagnostic setting for GatewayLogs logs the requests";
            findings.missing(**service, coverage, message, supply).help(format!(
                "az monitor diagnostic-settings create --resource {} --name gateway --workspace WORKSPACE --logs '[{{\"category\":\"GatewayLogs\",\"enabled\":true}}]'",
                service.id()
            ));
        }
    }
    Ok(())
}

fn collector<'e>(
    settings: &[DiagnosticSetting<'e>],
    diagnostics: &[ApiServiceDiagnostic<'e>],
) -> Result<Option<Resource<'e>>, Unknown> {
    for setting in settings {
        if setting.collects(LOG.0, LOG.1)? {
            return Ok(Some(**setting));
        }
    }
    for diagnostic in diagnostics {
        if diagnostic
            .name()
            .eq_ignore_ascii_case("applicationinsights")
            && matches!(diagnostic.logger(), Field::Present(..))
        {
            return Ok(Some(**diagnostic));
        }
    }
    for setting in settings {
        if setting.collects(LOG.0, &["audit"])? {
            return Err(Unknown::because(
                format!(
                    "`{}` collects the category group audit, and whether GatewayLogs is in it isn't known",
                    setting.name()
                ),
                "a diagnostic setting that names the category GatewayLogs",
            ));
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
            .at(at, "the others leave no trace")
            .severity(Severity::Low);
    } else {
        findings
            .pass(**diagnostic, "every request is logged")
            .at(at, "");
    }
    Ok(())
}
