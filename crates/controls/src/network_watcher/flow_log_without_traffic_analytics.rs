use palisade_estate::Unknown;
use palisade_estate::azure::FlowLog;

use super::flow_log;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NW006",
    name: "flow-log-without-traffic-analytics",
    title: "traffic analytics reads the flow logs",
    recommendation: Recommendation::NetworkWatcher,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("2f080164-9f4d-497e-9db6-416dc9f7b48a"),
        Framework::Mcsb.id("LT-4"),
        Framework::CisAzure.id("6.1.1.5"),
        Framework::CisAzure.id("6.1.1.6"),
        Framework::Azqr.id("bf0b7dbd-016d-458c-af99-70fcb03ad451"),
        Framework::Prowler.id("network_flow_log_captured_sent"),
    ],
    parameters: &[],
    page: include_str!("flow_log_without_traffic_analytics.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<FlowLog<'_>>(), judge);
}

fn judge(log: &FlowLog<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if !flow_log::is_enabled(log)? {
        let message = "the flow log itself is disabled";
        findings.not_applicable(**log, message);
        return Ok(());
    }
    let (is_read, at) = log.has_traffic_analytics().or_default(false)?;
    if is_read {
        findings
            .pass(**log, "traffic analytics is enabled")
            .at(at, "");
        return Ok(());
    }
    let options = "--traffic-analytics true --workspace WORKSPACE --interval 10";
    findings
        .fail(
            **log,
            "traffic analytics isn't enabled, so the records only lie in storage",
        )
        .at(at, "")
        .help(flow_log::update(log, options));
    Ok(())
}
