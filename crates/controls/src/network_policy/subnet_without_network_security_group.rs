use palisade_estate::azure::Subnet;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP012",
    name: "subnet-without-network-security-group",
    title: "every subnet has a network security group",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("e71308d3-144b-4262-b144-efdc3cc90517"),
        Framework::Mcsb.id("NS-1"),
        Framework::CisAzure.id("7.11"),
        Framework::Psrule.id("Azure.VNET.UseNSGs"),
        Framework::Checkov.id("CKV2_AZURE_31"),
        Framework::Azqr.id("f0bf9ae6-25a5-974d-87d5-025abec73539"),
        Framework::Prowler.id("network_subnet_nsg_associated"),
    ],
    parameters: &[],
    page: include_str!("subnet_without_network_security_group.md"),
    check,
};

/// Services that take a security group on a subnet delegated to them.
const TAKES_GROUP: [&str; 6] = [
    "Microsoft.ContainerService/managedClusters",
    "Microsoft.ContainerInstance/containerGroups",
    "Microsoft.App/environments",
    "Microsoft.Web/serverFarms",
    "Microsoft.Sql/managedInstances",
    "Microsoft.DBforPostgreSQL/flexibleServers",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<Subnet<'_>>(), judge);
}

fn judge(subnet: &Subnet<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if subnet.is_reserved() {
        findings.not_applicable(
            **subnet,
            "Azure reserves the subnet for a service of its own",
        );
        return Ok(());
    }
    match subnet.network_security_group() {
        Field::Present(group, at) => {
            findings
                .pass(
                    **subnet,
                    format!("the network security group is `{}`", group.name()),
                )
                .at(at, "");
        }
        Field::Absent(_) => {
            require_support(subnet)?;
            findings
                .fail(**subnet, "the subnet has no network security group")
                .help(format!(
                    "az network vnet subnet update --ids {} --network-security-group GROUP",
                    subnet.id()
                ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}

/// Some services refuse a security group on the subnets that are delegated to them.
fn require_support(subnet: &Subnet<'_>) -> Result<(), Unknown> {
    let delegations = subnet.delegations()?;
    let other = delegations.iter().find(|service| {
        !TAKES_GROUP
            .iter()
            .any(|known| known.eq_ignore_ascii_case(service))
    });
    match other {
        None => Ok(()),
        Some(service) => Err(Unknown::because(
            format!(
                "the subnet has no network security group, and {service}, to which it is delegated, may take none"
            ),
            "a network security group, or a waiver that says that the service takes none",
        )),
    }
}
