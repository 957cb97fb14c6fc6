use palisade_estate::azure::VirtualNetworkGateway;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC014",
    name: "vpn-client-without-entra",
    title: "VPN clients sign in with Microsoft Entra",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-9"), Framework::CisAzure.id("7.9")],
    parameters: &[],
    page: include_str!("vpn_client_without_entra.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<VirtualNetworkGateway<'_>>(), judge);
}

fn judge(gateway: &VirtualNetworkGateway<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let at = match gateway.vpn_clients() {
        Field::Present(_, at) => at,
        Field::Absent(_) => {
            findings.not_applicable(**gateway, "no clients connect to it");
            return Ok(());
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    let types = gateway.vpn_authentication_types()?;
    let others: Vec<_> = types
        .iter()
        .filter(|kind| !kind.eq_ignore_ascii_case("AAD"))
        .copied()
        .collect();
    if types.is_empty() {
        return Err(Unknown::because(
            "vpnAuthenticationTypes is not in the input",
            format!("az network vnet-gateway show --ids {}", gateway.id()),
        ));
    }
    if others.is_empty() {
        let message = "clients sign in with Microsoft Entra only";
        findings.pass(**gateway, message).at(at, "");
        return Ok(());
    }
    findings
        .fail(**gateway, format!("clients may sign in by {}", others.join(" and ")))
        .at(at, "")
        .help(format!(
            "az network vnet-gateway update --ids {} --vpn-auth-type AAD --aad-tenant TENANT --aad-audience AUDIENCE --aad-issuer ISSUER",
            gateway.id()
        ));
    Ok(())
}
