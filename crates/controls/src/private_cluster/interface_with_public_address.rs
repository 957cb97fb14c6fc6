use palisade_estate::azure::NetworkInterface;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC012",
    name: "interface-with-public-address",
    title: "no machine has a public address",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("83a86a26-fd1f-447c-b59d-e51f44264114"),
        Framework::CisAzure.id("7.7"),
        Framework::Checkov.id("CKV_AZURE_119"),
        Framework::Trivy.id("AZU-0076"),
    ],
    parameters: &[],
    page: include_str!("interface_with_public_address.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<NetworkInterface<'_>>(), judge);
}

fn judge(interface: &NetworkInterface<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let configurations = interface.ip_configurations()?;
    if configurations.is_empty() {
        return Err(Unknown::because(
            "its IP configurations are not in the input",
            format!("az network nic show --ids {}", interface.id()),
        ));
    }
    for configuration in configurations {
        match configuration.reference("publicIPAddress") {
            Field::Absent(_) => {}
            Field::Unknown(unknown) => return Err(unknown),
            Field::Present(address, at) => {
                findings
                    .fail(**interface, format!("it has the public address `{}`", address.name()))
                    .at(at, "")
                    .help(format!(
                        "az network nic ip-config update --resource-group {} --nic-name {} --name {} --remove publicIPAddress",
                        interface.id().resource_group().unwrap_or("GROUP"),
                        interface.name(),
                        configuration.name()
                    ));
                return Ok(());
            }
        }
    }
    findings.pass(
        **interface,
        "none of its configurations has a public address",
    );
    Ok(())
}
