use jiff::civil::Date;
use palisade_estate::Unknown;
use palisade_estate::azure::FlowLog;

use super::flow_log::{self, SECURITY_GROUP_LOGS_END as END};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NW005",
    name: "nsg-flow-log-retiring",
    title: "flow logs are those of virtual networks, not of network security groups",
    recommendation: Recommendation::NetworkWatcher,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("e920df7f-9a64-4066-9b58-52684c02a091"),
        Framework::AzurePolicy.id("5e1cd26a-5090-4fdb-9d6a-84a90335e22d"),
        Framework::AzurePolicy.id("0db34a60-64f4-4bf6-bd44-f95c16cf34b9"),
        Framework::AzurePolicy.id("c251913d-7d24-4958-af87-478ed3b9ba41"),
        Framework::Mcsb.id("LT-4"),
        Framework::CisAzure.id("6.1.1.5"),
    ],
    parameters: &[],
    page: include_str!("nsg_flow_log_retiring.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<FlowLog<'_>>(), |log, findings| {
        judge(log, context.today, findings)
    });
}

fn judge(log: &FlowLog<'_>, today: Date, findings: &mut Findings) -> Result<(), Unknown> {
    let (target, at) = flow_log::target(log)?;
    if !flow_log::is_security_group(&target) {
        let message = format!(
            "the target `{}` is no network security group",
            target.name()
        );
        findings.pass(**log, message).at(at, "");
        return Ok(());
    }
    let (message, severity) = if today < END {
        (
            format!(
                "flow logs of network security groups such as `{}` end on {END}",
                target.name()
            ),
            Severity::Low,
        )
    } else {
        (
            format!(
                "flow logs of network security groups such as `{}` ended on {END}",
                target.name()
            ),
            Severity::High,
        )
    };
    findings.fail(**log, message).at(at, "").severity(severity).help(
        "make a flow log of the virtual network, then delete this one: az network watcher flow-log create --vnet VNET --name NAME --location REGION --storage-account STORAGE",
    );
    Ok(())
}
