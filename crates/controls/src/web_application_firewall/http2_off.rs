use palisade_estate::Unknown;
use palisade_estate::azure::ApplicationGateway;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF023",
    name: "http2-off",
    title: "gateways speak HTTP/2 with clients",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Info,
    confidence: Confidence::High,
    equivalents: &[Framework::CisAzure.id("7.13")],
    parameters: &[],
    page: include_str!("http2_off.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApplicationGateway<'_>>(), judge);
}

fn judge(gateway: &ApplicationGateway<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (is_on, at) = gateway.flag("enableHttp2").or_default(false)?;
    if is_on {
        findings.pass(**gateway, "enableHttp2 is true").at(at, "");
        return Ok(());
    }
    let message = "enableHttp2 isn't true, so clients speak HTTP/1.1";
    findings.fail(**gateway, message).help(format!(
        "az network application-gateway update --ids {} --http2 Enabled",
        gateway.id()
    ));
    Ok(())
}
