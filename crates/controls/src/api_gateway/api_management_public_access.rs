use palisade_estate::azure::ApiManagementService;
use palisade_estate::{Field, Unknown};

use super::api_management_outside_virtual_network::{OUTBOUND_ONLY, is_one_of};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW002",
    name: "api-management-public-access",
    title: "public access is switched off where private endpoints lead to the gateway",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("7ca8c8ac-3a6e-493d-99ba-c5fa35347ff2"),
        Framework::AzurePolicy.id("df73bd95-24da-4a4f-96b9-4e8b94b402bd"),
        Framework::Mcsb.id("NS-2"),
        Framework::Checkov.id("CKV_AZURE_174"),
        Framework::Cnspec.id("api-management-public-network-access-disabled"),
    ],
    parameters: &[],
    page: include_str!("api_management_public_access.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiManagementService<'_>>(), judge);
}

fn judge(service: &ApiManagementService<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let tier = service.tier().or_default("")?.0;
    let mode = service.virtual_network_type().or_default("None")?.0;
    if mode.eq_ignore_ascii_case("internal") {
        findings.not_applicable(
            **service,
            "the mode is Internal, which has no public gateway",
        );
        return Ok(());
    }
    if mode.eq_ignore_ascii_case("external") && !is_one_of(tier, &OUTBOUND_ONLY) {
        let why = "the mode is External, in which public access can't be switched off (see GW001)";
        findings.not_applicable(**service, why);
        return Ok(());
    }
    let is_given = matches!(service.public_network_access(), Field::Present(..));
    let (is_public, at) = service.public_network_access().or_default(true)?;
    let at = if is_given { at } else { service.anchor() };
    if !is_public {
        findings
            .pass(**service, "publicNetworkAccess is Disabled")
            .at(at, "");
        return Ok(());
    }
    let word = if is_given {
        "Enabled"
    } else {
        "Enabled, the default"
    };
    let beside = match approved_connections(service)? {
        0 => {
            let why = "no private endpoint is approved, without which Azure doesn't switch public access off (see GW001)";
            findings.not_applicable(**service, why);
            return Ok(());
        }
        1 => "the approved private endpoint can be passed by".to_owned(),
        count => format!("the {count} approved private endpoints can be passed by"),
    };
    findings
        .fail(
            **service,
            format!("publicNetworkAccess is {word}: {beside}"),
        )
        .at(at, "the gateway answers the internet")
        .help(format!(
            "az apim update --resource-group {} --name {} --public-network-access false",
            service.id().resource_group().unwrap_or_default(),
            service.name()
        ));
    Ok(())
}

fn approved_connections(service: &ApiManagementService<'_>) -> Result<usize, Unknown> {
    let mut approved = 0;
    for connection in service.private_endpoint_connections()? {
        let status = connection.text("privateLinkServiceConnectionState.status");
        if status.or_default("")?.0.eq_ignore_ascii_case("approved") {
            approved += 1;
        }
    }
    Ok(approved)
}
