use palisade_estate::Unknown;
use palisade_estate::azure::FlowLog;

use super::flow_log;
use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "NW004",
    name: "flow-log-retention-short",
    title: "flow logs are kept for at least 90 days",
    recommendation: Recommendation::NetworkWatcher,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("LT-6"),
        Framework::CisAzure.id("7.5"),
        Framework::CisAzure.id("7.8"),
        Framework::Checkov.id("CKV_AZURE_12"),
        Framework::Trivy.id("AZU-0049"),
        Framework::Prowler.id("network_flow_log_more_than_90_days"),
        Framework::Kics.id("unrecommended_network_watcher_flow_log_retention_policy"),
    ],
    parameters: &[&DAYS],
    page: include_str!("flow_log_retention_short.md"),
    check,
};

/// 90 days are what an investigation usually reaches back for; 365 are the most that a flow log
/// can be set to.
static DAYS: Parameter = Parameter {
    name: "days",
    meaning: "how many days a flow log must be kept",
    domain: Domain::Number {
        default: 90,
        least: 1,
        most: 365,
    },
    weaker: Weaker::Less,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let enough = context.number(&DAYS);
    findings.each(context.estate.all::<FlowLog<'_>>(), |log, findings| {
        judge(log, enough, findings)
    });
}

fn judge(log: &FlowLog<'_>, enough: i64, findings: &mut Findings) -> Result<(), Unknown> {
    let (is_limited, switch) = log.is_retention_enabled().or_default(false)?;
    let (days, at) = log.retention_days().or_default(0)?;
    if !is_limited {
        let message = "retentionPolicy.enabled isn't true, so the flow log deletes nothing";
        findings.pass(**log, message).at(switch, "");
    } else if days == 0 {
        let message = "retentionPolicy.days is 0, so the flow log deletes nothing";
        findings.pass(**log, message).at(at, "");
    } else if days >= enough {
        let message = format!("records are kept for {days} days");
        findings.pass(**log, message).at(at, "");
    } else {
        let unit = if days == 1 { "day" } else { "days" };
        let message = format!("records are deleted after {days} {unit}, before {enough}");
        findings
            .fail(**log, message)
            .at(at, "")
            .help(flow_log::update(log, &format!("--retention {enough}")));
    }
    Ok(())
}
