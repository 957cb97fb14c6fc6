use palisade_estate::azure::{Subnet, VirtualNetwork};
use palisade_estate::{Field, Unknown};

use super::node_subnet::{ApplianceRoute, each_node_subnet, lists_its_parts, route_source};
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW011",
    name: "learned-routes-override-firewall",
    title: "routes learned from a gateway stay out of the tables that lead to the firewall",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("learned_routes_override_firewall.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    each_node_subnet(
        context,
        findings,
        |subnet, findings| match ApplianceRoute::of(subnet)? {
            Some(way) => judge(context, subnet, &way, findings),
            None => {
                let message = "no default route of its own leads to an appliance";
                findings.not_applicable(**subnet, message);
                Ok(())
            }
        },
    );
}

fn judge(
    context: &Context<'_>,
    subnet: &Subnet<'_>,
    way: &ApplianceRoute<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let table = way.table.name();
    let (is_disabled, at) = way.table.bgp_propagation_disabled().or_default(false)?;
    if is_disabled {
        let message = format!("the route table `{table}` keeps learned routes out");
        findings.pass(**subnet, message).at(at, "");
        return Ok(());
    }
    let place = match way.table.bgp_propagation_disabled() {
        Field::Present(..) => at,
        _ => way.table.anchor(),
    };
    let Some(id) = subnet.id().parent() else {
        return Ok(());
    };
    let network = context.estate.require::<VirtualNetwork<'_>>(&id)?;
    match route_source(&network)? {
        Some(source) => {
            let message = format!(
                "the route table `{table}` lets learned routes in, and one that is narrower than 0.0.0.0/0 leads past the firewall"
            );
            let finding = findings.fail(**subnet, message);
            if source.may_be_vacant {
                finding.confidence(Confidence::Medium);
            }
            finding
                .at(place, "disableBgpRoutePropagation isn't true")
                .related(source.at, "the network learns routes from here")
                .help(format!(
                    "az network route-table update --ids {} --disable-bgp-route-propagation true",
                    way.table.id()
                ));
            Ok(())
        }
        None if lists_its_parts(&network) => {
            let message = format!("`{}` has no gateway to learn routes from", network.name());
            findings.pass(**subnet, message).at(network.anchor(), "");
            Ok(())
        }
        None => Err(Unknown::because(
            format!(
                "the input doesn't list the subnets and peerings of `{}`",
                network.name()
            ),
            format!("az network vnet show --ids {}", network.id()),
        )),
    }
}
