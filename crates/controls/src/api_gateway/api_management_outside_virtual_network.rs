use palisade_document::Value;
use palisade_estate::azure::ApiManagementService;
use palisade_estate::{Field, Settings, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity, Subject};

pub(super) static CONTROL: Control = Control {
    code: "GW001",
    name: "api-management-outside-virtual-network",
    title: "the API gateway can be reached only from inside the virtual network",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("73ef9241-5d81-4cd4-b483-8443d1730fe5"),
        Framework::AzurePolicy.id("ef619a2c-cc4d-4d03-b2ba-8c94a834d85b"),
        Framework::Mcsb.id("NS-2"),
        Framework::Checkov.id("CKV_AZURE_107"),
        Framework::Azqr.id("apim-004"),
        Framework::Cnspec.id("api-management-internal-vnet-mode"),
    ],
    parameters: &[],
    page: include_str!("api_management_outside_virtual_network.md"),
    check,
};

/// The tiers that can be inside a virtual network.
const INJECTABLE: [&str; 3] = ["Developer", "Premium", "PremiumV2"];

/// The tiers whose External mode leads only out, so that private endpoints can lead in.
pub(super) const OUTBOUND_ONLY: [&str; 2] = ["StandardV2", "PremiumV2"];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ApiManagementService<'_>>(),
        |service, findings| {
            let locations = service.additional_locations()?;
            judge(service, service, (**service).into(), findings)?;
            for location in locations {
                let name = location.text("location").present().unwrap_or_default();
                let subject = Subject::from(**service).part(name);
                if let Err(unknown) = judge(service, &location, subject.clone(), findings) {
                    findings.unknown(subject, unknown).at(location.value(), "");
                }
            }
            Ok(())
        },
    );
}

/// Judges the gateway of one region: the service's first, or an additional location.
fn judge(
    service: &ApiManagementService<'_>,
    region: &Settings<'_>,
    subject: Subject,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if let (true, at) = region.flag("disableGateway").or_default(false)? {
        findings
            .pass(subject, "the gateway in this region is switched off")
            .at(at, "");
        return Ok(());
    }
    let tier = service.tier().or_default("")?.0;
    let is_given = matches!(service.virtual_network_type(), Field::Present(..));
    let (mode, at) = service.virtual_network_type().or_default("None")?;
    let at = if is_given { at } else { region.anchor() };
    let (is_public, access) = service.public_network_access().or_default(true)?;
    match (mode.to_ascii_lowercase().as_str(), is_public) {
        ("internal", _) => {
            inside(service, tier, region)?;
            findings
                .pass(
                    subject,
                    "the gateway is inside the virtual network (Internal)",
                )
                .at(at, "");
        }
        ("external", false) if !is_one_of(tier, &OUTBOUND_ONLY) => {
            return Err(Unknown::because(
                format!(
                    "publicNetworkAccess is Disabled in External mode, which Azure documents for no service of tier {tier}"
                ),
                format!("az resource show --ids {}", service.id()),
            ));
        }
        (_, false) => {
            findings
                .pass(subject, "publicNetworkAccess is Disabled, so only private endpoints lead to the gateway")
                .at(access, "");
        }
        ("external", true) => open(service, subject, at, external(tier), findings),
        ("none", true) => {
            let word = if is_given {
                "None"
            } else {
                "None, the default"
            };
            let why = format!("virtualNetworkType is {word}: the gateway is on the internet");
            open(service, subject, at, why, findings);
        }
        _ => {
            return Err(Unknown::because(
                format!("the mode {mode} is newer than this version of Palisade"),
                "a newer version of Palisade",
            ));
        }
    }
    Ok(())
}

fn external(tier: &str) -> String {
    if is_one_of(tier, &OUTBOUND_ONLY) {
        format!(
            "virtualNetworkType is External, which in the tier {tier} leads only out: the gateway is on the internet"
        )
    } else {
        "virtualNetworkType is External: the gateway has a public address".to_owned()
    }
}

fn open(
    service: &ApiManagementService<'_>,
    subject: Subject,
    at: Value<'_>,
    why: String,
    findings: &mut Findings,
) {
    let group = service.id().resource_group().unwrap_or_default();
    findings.fail(subject, why).at(at, "reached from the internet").help(format!(
        "az apim update --resource-group {group} --name {} --set virtualNetworkType=Internal virtualNetworkConfiguration.subnetResourceId=SUBNET_ID",
        service.name()
    ));
}

/// Internal mode counts where Azure offers it, in a region that names its subnet.
fn inside(
    service: &ApiManagementService<'_>,
    tier: &str,
    region: &Settings<'_>,
) -> Result<(), Unknown> {
    if !is_one_of(tier, &INJECTABLE) {
        return Err(Unknown::because(
            format!("virtualNetworkType is Internal, which isn't known of the tier `{tier}`"),
            format!("az resource show --ids {}", service.id()),
        ));
    }
    let is_additional = region.value() != service.value();
    match region.reference("virtualNetworkConfiguration.subnetResourceId") {
        Field::Absent(_) if is_additional => Err(Unknown::because(
            "the mode is Internal, but this region names no subnet",
            format!("az resource show --ids {}", service.id()),
        )),
        _ => Ok(()),
    }
}

pub(super) fn is_one_of(tier: &str, tiers: &[&str]) -> bool {
    tiers.iter().any(|known| known.eq_ignore_ascii_case(tier))
}
