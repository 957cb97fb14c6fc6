//! `palisade reach`: one flow, explained hop by hop.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use palisade_estate::Cluster;
use palisade_estate::azure::ManagedCluster;
use palisade_packet::{AddressSet, Set, Traffic};
use palisade_reach::azure::Network;
use palisade_reach::intent::parse_traffic;
use palisade_reach::kubernetes::{Analysis, EndpointId};
use palisade_reach::path::Asked;
use palisade_report::connectivity::flow::{self, Flow, FlowReport};
use palisade_report::connectivity::json;

use crate::api_server;
use crate::arguments::{InputArguments, ListFormat};
use crate::connectivity::EngineArguments;
use crate::end::{End, Server, parse_resolved};
use crate::estate;
use crate::exit::{Exit, Failure};
use crate::inbound::Inbound;
use crate::output;
use crate::project::Project;
use crate::way;

/// The most pairs of endpoints that are explained in one run.
const MOST_FLOWS: usize = 50;

#[derive(Debug, Args)]
pub(crate) struct ReachArguments {
    /// The source: namespace/name or namespace/Kind/name of a workload or pod, a node, an address,
    /// or internet
    from: String,

    /// The destination, named likewise, or a server on the internet: example.com, example.com:8443
    /// or http://example.com; apiserver is the API server of each cluster
    to: String,

    #[command(flatten)]
    input: InputArguments,

    /// The traffic, such as 443, tcp/443, udp/8000-8010, sctp or icmp; without it all traffic is
    /// asked about, and HTTPS of a server
    #[arg(long, value_name = "TRAFFIC", value_parser = parse_traffic)]
    port: Option<Traffic>,

    /// The addresses of a name, for the rules of firewalls that go by addresses
    #[arg(long, value_name = "NAME=ADDRESS", value_parser = parse_resolved)]
    resolve: Vec<(String, AddressSet)>,

    #[command(flatten)]
    engine: EngineArguments,

    /// Service tags newer than the built-in ones: Microsoft's download of a cloud, or what
    /// `az network list-service-tags` prints
    #[arg(long, value_name = "FILE")]
    service_tags: Vec<PathBuf>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = ListFormat::Terminal)]
    format: ListFormat,
}

pub(crate) fn run(arguments: &ReachArguments) -> Result<Exit, Failure> {
    let project = Project::load(&arguments.input)?;
    let (input, _, _) = estate::read(&arguments.input, &project)?;
    let tags = way::service_tags(&arguments.service_tags)?;
    let appliances = project.configuration.appliances.clone();
    let network = Network::new(&input.estate, tags).with_appliances(appliances);
    let resolved: BTreeMap<_, _> = arguments.resolve.iter().cloned().collect();
    let from = End::read(&arguments.from);
    let mut flows = Vec::new();
    for cluster in input.estate.clusters() {
        let analysis = arguments.engine.analyse(&cluster)?;
        let managed = cluster.managed().ok();
        let asks_api_server = arguments.to == api_server::NAME;
        let managed = managed.filter(|_| asks_api_server);
        let mut to_text = arguments.to.clone();
        if let Some(managed) = &managed {
            if let Some(sources) = from.outside(&analysis) {
                let from = &arguments.from;
                let flow = api_server::from_outside(&network, &cluster, managed, from, &sources);
                flows.push(flow);
                continue;
            }
            to_text = match api_server::destination(&network, managed) {
                Ok(text) => text,
                Err(_) if from.endpoints(&analysis, None).is_empty() => continue,
                Err(unknown) => {
                    flows.push(api_server::unknown(
                        &cluster,
                        managed,
                        &arguments.from,
                        unknown,
                    ));
                    continue;
                }
            };
        }
        let to = End::read(&to_text);
        let is_known = !to.endpoints(&analysis, None).is_empty();
        let server = Server::read(&to_text, &resolved, &input.estate);
        let server = server.filter(|_| !is_known);
        let usual = match (&server, asks_api_server) {
            (Some(server), _) => server.traffic(),
            (None, true) => api_server::traffic(),
            (None, false) => Traffic::full(),
        };
        let traffic = arguments.port.clone().unwrap_or(usual);
        let flow_between = FlowBetween {
            network: &network,
            cluster: &cluster,
            analysis: &analysis,
            asked: match &server {
                Some(server) => server.asked(&traffic, &resolved),
                None => Asked::default(),
            },
            traffic,
            from: &from,
            to: &to,
            server: server.as_ref(),
            api_server: managed,
        };
        for (source, destination) in flow_between.pairs() {
            if flows.len() == MOST_FLOWS {
                return Err(Failure::Usage(format!(
                    "more than {MOST_FLOWS} pairs of endpoints have these names; name them more exactly"
                )));
            }
            let flow = flow_between.flow(source, destination);
            flows.push(way::with_refusals(flow, &cluster));
        }
    }
    if flows.is_empty() {
        return Err(Failure::Usage(format!(
            "no cluster of the input has both `{}` and `{}`; `palisade connectivity` lists who there is",
            arguments.from, arguments.to
        )));
    }
    let report = FlowReport { version: 1, flows };
    output::print_with(true, |out| match arguments.format {
        ListFormat::Terminal => flow::write_terminal(&report, out),
        ListFormat::Json => json::write(&report, out),
    })?;
    Ok(Exit::Clean)
}

/// What is asked of one cluster.
struct FlowBetween<'a, 'e> {
    network: &'a Network<'e>,
    cluster: &'a Cluster<'e>,
    analysis: &'a Analysis<'e>,
    from: &'a End,
    to: &'a End,
    /// The server that the destination names.
    server: Option<&'a Server>,
    traffic: Traffic,
    asked: Asked,
    /// The cluster whose API server the destination is.
    api_server: Option<ManagedCluster<'e>>,
}

impl FlowBetween<'_, '_> {
    /// The pairs of endpoints, of which one at least is in the cluster.
    fn pairs(&self) -> Vec<(EndpointId, EndpointId)> {
        let outside = self.analysis.endpoints.outside();
        let destinations = self.to.endpoints(self.analysis, self.server);
        let sources = self.from.endpoints(self.analysis, None);
        let pairs = sources
            .iter()
            .flat_map(|source| destinations.iter().map(move |to| (source, to)));
        pairs
            .filter(|(source, to)| !(outside.contains(*source) && outside.contains(*to)))
            .collect()
    }

    fn flow(&self, source: EndpointId, destination: EndpointId) -> Flow {
        let Self {
            network,
            cluster,
            analysis,
            ..
        } = *self;
        let explanation = analysis.explain(source, destination, self.traffic.clone());
        let names = (
            self.from.name(analysis, source, None),
            self.to.name(analysis, destination, self.server),
        );
        let estate = network.estate();
        let flow = Flow::new(estate, cluster.name(), analysis, &explanation, names);
        let passing = way::passing(analysis, &explanation);
        let outside = analysis.endpoints.outside();
        match (outside.contains(source), outside.contains(destination)) {
            (false, true) if !passing.is_empty() => {
                let to = self.to.addresses(analysis, destination, self.server);
                let api_server = self.api_server.as_ref();
                let flow = match way::ways(network, cluster, &to, &passing, &self.asked, api_server)
                {
                    Some(ways) => flow.through(ways, &passing),
                    None => flow,
                };
                match api_server {
                    Some(managed) => api_server::noted(flow, managed),
                    None => flow,
                }
            }
            (false, false) if !passing.is_empty() => {
                let pair = (source, destination);
                match way::ways_between(network, cluster, analysis, pair, &passing) {
                    Some(ways) => flow.across(ways, way::same_node(analysis, pair), &passing),
                    None => flow,
                }
            }
            (true, false) => {
                let asked = Inbound {
                    network,
                    cluster,
                    analysis,
                    explanation: &explanation,
                    sources: self.from.addresses(analysis, source, None),
                    traffic: &self.traffic,
                };
                match asked.ways() {
                    Some((ways, unknown)) => flow.let_in(ways, &unknown, &passing),
                    None => flow,
                }
            }
            _ => flow,
        }
    }
}
