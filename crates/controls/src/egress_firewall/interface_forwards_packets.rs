use palisade_estate::Unknown;
use palisade_estate::azure::NetworkInterface;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW024",
    name: "interface-forwards-packets",
    title: "only network appliances forward packets of others",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("88c0b9da-ce96-4b03-9635-f29a937e2900"),
        Framework::Mcsb.id("NS-3"),
        Framework::Checkov.id("CKV_AZURE_118"),
        Framework::Trivy.id("AZU-0075"),
    ],
    parameters: &[],
    page: include_str!("interface_forwards_packets.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<NetworkInterface<'_>>(), judge);
}

fn judge(interface: &NetworkInterface<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (forwards, at) = interface.flag("enableIPForwarding").or_default(false)?;
    if !forwards {
        let message = "enableIPForwarding is false, as by default";
        findings.pass(**interface, message);
        return Ok(());
    }
    let message = "enableIPForwarding is true, so its machine may pass on packets of others";
    findings.fail(**interface, message).at(at, "").help(format!(
        "az network nic update --ids {} --ip-forwarding false",
        interface.id()
    ));
    Ok(())
}
