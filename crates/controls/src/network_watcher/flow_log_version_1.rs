use palisade_estate::azure::FlowLog;
use palisade_estate::{Field, Unknown};

use super::flow_log;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NW008",
    name: "flow-log-version-1",
    title: "the records of flow logs count bytes and packets",
    recommendation: Recommendation::NetworkWatcher,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("flow_log_version_1.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<FlowLog<'_>>(), judge);
}

fn judge(log: &FlowLog<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (target, _) = flow_log::target(log)?;
    if !flow_log::is_security_group(&target) {
        let message = "records of flow logs above network security groups always count bytes";
        findings.not_applicable(**log, message);
        return Ok(());
    }
    match log.format_version() {
        Field::Present(1, at) => {
            let message = "format.version is 1, whose records don't count bytes and packets";
            findings
                .fail(**log, message)
                .at(at, "")
                .help(flow_log::update(log, "--log-version 2"));
        }
        Field::Present(version @ 2.., at) => {
            let message = format!("format.version is {version}");
            findings.pass(**log, message).at(at, "");
        }
        Field::Present(..) | Field::Absent(_) => {
            return Err(Unknown::because(
                "format.version isn't set, and which one Azure then writes isn't documented",
                format!("az resource show --ids {}", log.id()),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}
