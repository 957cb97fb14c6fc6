use palisade_estate::azure::NetworkWatcher;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NW007",
    name: "network-watcher-not-provisioned",
    title: "network watchers are provisioned",
    recommendation: Recommendation::NetworkWatcher,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("IR-4"),
        Framework::ScoutSuite.id("network-watcher-not-provisioned"),
    ],
    parameters: &[],
    page: include_str!("network_watcher_not_provisioned.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<NetworkWatcher<'_>>(), judge);
}

fn judge(watcher: &NetworkWatcher<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let show = format!("az resource show --ids {}", watcher.id());
    let (state, at) = match watcher.provisioning_state() {
        Field::Present(state, at) => (state, at),
        Field::Absent(_) => {
            let cause = "the input doesn't tell the provisioning state";
            return Err(Unknown::because(cause, show));
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    match state.to_ascii_lowercase().as_str() {
        "succeeded" => {
            findings
                .pass(**watcher, "provisioningState is Succeeded")
                .at(at, "");
        }
        "failed" | "canceled" | "deleting" => {
            findings
                .fail(**watcher, format!("provisioningState is {state}"))
                .at(at, "")
                .help(format!(
                    "az network watcher configure --resource-group {} --locations {} --enabled true",
                    watcher.id().resource_group().unwrap_or("NetworkWatcherRG"),
                    watcher.location().unwrap_or_else(|| "REGION".to_owned())
                ));
        }
        _ => {
            let cause = format!("provisioningState is {state}, which is on the way to another");
            return Err(Unknown::because(cause, show));
        }
    }
    Ok(())
}
