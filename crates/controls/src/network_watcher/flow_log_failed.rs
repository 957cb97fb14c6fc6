use palisade_estate::azure::FlowLog;
use palisade_estate::{Field, Unknown};

use super::flow_log;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NW010",
    name: "flow-log-failed",
    title: "flow logs are provisioned",
    recommendation: Recommendation::NetworkWatcher,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::CisAzure.id("6.1.1.6"),
        Framework::Azqr.id("22a769ed-0ecb-8b49-bafe-8f52e6373d9c"),
    ],
    parameters: &[],
    page: include_str!("flow_log_failed.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<FlowLog<'_>>(), judge);
}

fn judge(log: &FlowLog<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match log.text("provisioningState") {
        Field::Present(state, at) if state.eq_ignore_ascii_case("Succeeded") => {
            findings
                .pass(**log, "the provisioning succeeded")
                .at(at, "");
        }
        Field::Present(state, at) if state.eq_ignore_ascii_case("Failed") => {
            findings
                .fail(**log, "the provisioning failed, so nothing may be logged")
                .at(at, "")
                .help(flow_log::update(log, "--enabled true"));
        }
        Field::Present(state, _) => {
            return Err(Unknown::because(
                format!("the provisioning is {state}"),
                format!("az network watcher flow-log show --ids {}", log.id()),
            ));
        }
        Field::Absent(_) => return Err(flow_log::undecided(log)),
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}
