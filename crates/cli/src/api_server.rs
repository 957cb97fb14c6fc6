//! Flows to the API server of a cluster.

use palisade_estate::azure::ManagedCluster;
use palisade_estate::{Cluster, Unknown};
use palisade_packet::{AddressSet, PortSet, Traffic, Transport};
use palisade_reach::azure::{Network, PrivateWay, api_server_access};
use palisade_reach::path::{private_endpoint_address, to_api_server};
use palisade_report::connectivity::flow::Flow;
use palisade_report::connectivity::way::Way;

/// What a user calls it.
pub(crate) const NAME: &str = "apiserver";

/// From addresses outside the cluster.
pub(crate) fn from_outside(
    network: &Network<'_>,
    cluster: &Cluster<'_>,
    managed: &ManagedCluster<'_>,
    from: &str,
    sources: &AddressSet,
) -> Flow {
    let https = traffic();
    let (doorways, unknown) = to_api_server(network, managed, sources);
    let ways = doorways.into_iter();
    let ways = ways.map(|doorway| Way::through(network.estate(), doorway.name, &doorway.traces));
    let ends = (from.to_owned(), "API server".to_owned());
    let flow = Flow::past_policies(cluster.name(), ends, &https);
    noted(flow.let_in(ways.collect(), &unknown, &https), managed)
}

/// The traffic that it takes.
pub(crate) fn traffic() -> Traffic {
    Traffic::to_ports(Transport::Tcp, PortSet::one(443))
}

/// From within the cluster, where it isn't known at which address.
pub(crate) fn unknown(
    cluster: &Cluster<'_>,
    managed: &ManagedCluster<'_>,
    from: &str,
    unknown: Unknown,
) -> Flow {
    let ends = (from.to_owned(), "API server".to_owned());
    let flow = Flow::past_policies(cluster.name(), ends, &traffic());
    noted(flow.through(Err(unknown), &traffic()), managed)
}

/// What leads past every network.
pub(crate) fn noted(mut flow: Flow, managed: &ManagedCluster<'_>) -> Flow {
    let note = match api_server_access(managed).run_command {
        Ok(false) => return flow,
        Ok(true) => "run command leads to it past every network, for whoever may call `managedClusters/runcommand/action` (az aks update --disable-run-command)".to_owned(),
        Err(unknown) => format!(
            "whether run command leads to it past every network isn't known: {} ({})",
            unknown.cause, unknown.supply
        ),
    };
    flow.caveats.push(note);
    flow
}

/// The address or name, with its port, at which pods and nodes reach it.
pub(crate) fn destination(
    network: &Network<'_>,
    managed: &ManagedCluster<'_>,
) -> Result<String, Unknown> {
    match api_server_access(managed).private_way? {
        PrivateWay::PrivateLink => {
            let addresses = private_endpoint_address(network, managed)?;
            let address = addresses
                .ranges()
                .next()
                .map(|(first, _)| first.to_string());
            address.ok_or_else(|| hidden(managed))
        }
        PrivateWay::VnetIntegration => Err(hidden(managed)),
        PrivateWay::None => match managed.text("fqdn").found() {
            Some((name, _)) => Ok(format!("https://{name}")),
            None => Err(hidden(managed)),
        },
    }
}

fn hidden(managed: &ManagedCluster<'_>) -> Unknown {
    Unknown::because(
        format!(
            "the address of the API server of `{}` isn't in the input",
            managed.name()
        ),
        "ask about its address",
    )
}
