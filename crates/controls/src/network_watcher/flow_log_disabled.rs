use palisade_estate::azure::FlowLog;
use palisade_estate::{Field, Unknown};

use super::flow_log;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NW003",
    name: "flow-log-disabled",
    title: "flow logs are enabled",
    recommendation: Recommendation::NetworkWatcher,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("27960feb-a23c-4577-8d36-ef8b5f35e0be"),
        Framework::Mcsb.id("LT-4"),
        Framework::CisAzure.id("6.1.1.6"),
        Framework::Trivy.id("AZU-0073"),
        Framework::Azqr.id("22a769ed-0ecb-8b49-bafe-8f52e6373d9c"),
        Framework::Prowler.id("network_flow_log_captured_sent"),
        Framework::Cnspec.id("network-watcher-flow-logs-enabled"),
    ],
    parameters: &[],
    page: include_str!("flow_log_disabled.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<FlowLog<'_>>(), judge);
}

fn judge(log: &FlowLog<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match log.is_enabled() {
        Field::Present(true, at) => {
            findings.pass(**log, "enabled is true").at(at, "");
        }
        Field::Present(false, at) => {
            let message = match log.target() {
                Field::Present(target, _) => {
                    format!(
                        "enabled is false, so the flows of `{}` aren't kept",
                        target.name()
                    )
                }
                _ => "enabled is false, so no flows are kept".to_owned(),
            };
            findings
                .fail(**log, message)
                .at(at, "")
                .help(flow_log::update(log, "--enabled true"));
        }
        Field::Absent(_) => return Err(flow_log::undecided(log)),
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}
