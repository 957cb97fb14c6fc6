use palisade_estate::Unknown;
use palisade_estate::azure::ApiManagementService;

use super::resource_log::{Collection, Log, collection, report};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "MON014",
    name: "api-management-log-not-collected",
    title: "the gateway log of every API Management service is kept",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("LT-3"), Framework::CisAzure.id("6.1.4")],
    parameters: &[],
    page: include_str!("api_management_log_not_collected.md"),
    check,
};

const GATEWAY: Log = Log {
    name: "gateway",
    categories: &["GatewayLogs"],
    groups: &[],
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ApiManagementService<'_>>(),
        |service, findings| judge(context, service, findings),
    );
}

fn judge(
    context: &Context<'_>,
    service: &ApiManagementService<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let is_collected = matches!(
        collection(context, service.id(), &GATEWAY),
        Collection::By(_)
    );
    if !is_collected && let Some(tier) = tier_without_log(service)? {
        let unknown = Unknown::because(
            format!("no setting collects the gateway log, which the tier {tier} may not offer"),
            format!(
                "az monitor diagnostic-settings categories list --resource {}",
                service.id()
            ),
        );
        findings.unknown(Subject::from(**service).part(GATEWAY.name), unknown);
        return Ok(());
    }
    report(context, service, &GATEWAY, findings);
    Ok(())
}

/// Whether the tier Consumption has the log isn't documented alike everywhere.
fn tier_without_log<'e>(service: &ApiManagementService<'e>) -> Result<Option<&'e str>, Unknown> {
    let (tier, _) = service.tier().or_default("")?;
    Ok(Some(tier).filter(|tier| tier.eq_ignore_ascii_case("consumption")))
}
