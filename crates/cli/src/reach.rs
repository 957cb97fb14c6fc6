//! `palisade reach`: one flow, explained hop by hop.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use palisade_packet::{AddressSet, Set, Traffic};
use palisade_reach::azure::Network;
use palisade_reach::azure::address::{PLATFORM, public_addresses};
use palisade_reach::intent::parse_traffic;
use palisade_reach::kubernetes::{Analysis, EndpointId, EndpointKind, EndpointSet};
use palisade_report::connectivity::flow::{self, Flow, FlowReport};
use palisade_report::connectivity::json;

use crate::arguments::{InputArguments, ListFormat};
use crate::connectivity::EngineArguments;
use crate::estate;
use crate::exit::{Exit, Failure};
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

    /// The destination, named likewise
    to: String,

    #[command(flatten)]
    input: InputArguments,

    /// The traffic, such as 443, tcp/443, udp/8000-8010, sctp or icmp; without it all traffic is
    /// asked about
    #[arg(long, value_name = "TRAFFIC", value_parser = parse_traffic)]
    port: Option<Traffic>,

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
    let traffic = arguments.port.clone().unwrap_or_else(Traffic::full);
    let tags = way::service_tags(&arguments.service_tags)?;
    let network = Network::new(&input.estate, tags);
    let mut flows = Vec::new();
    for cluster in input.estate.clusters() {
        let analysis = arguments.engine.analyse(&cluster)?;
        let sources = ends(&analysis, &arguments.from);
        let destinations = ends(&analysis, &arguments.to);
        for source in sources.iter() {
            for destination in destinations.iter() {
                if is_outside(&analysis, source) && is_outside(&analysis, destination) {
                    continue;
                }
                if flows.len() == MOST_FLOWS {
                    return Err(Failure::Usage(format!(
                        "more than {MOST_FLOWS} pairs of endpoints have these names; name them more exactly"
                    )));
                }
                let explanation = analysis.explain(source, destination, traffic.clone());
                let names = (
                    name(&analysis, source, &arguments.from),
                    name(&analysis, destination, &arguments.to),
                );
                let flow = Flow::new(
                    &input.estate,
                    cluster.name(),
                    &analysis,
                    &explanation,
                    names,
                );
                let passing = way::passing(&analysis, &explanation);
                flows.push(
                    if leaves(&analysis, source, destination) && !passing.is_empty() {
                        let to = addresses(&analysis, destination, &arguments.to);
                        flow.through(way::ways(&network, &cluster, &to, &passing), &passing)
                    } else if leaves(&analysis, destination, source) {
                        let from = addresses(&analysis, source, &arguments.from);
                        let (ways, unknown) =
                            way::ways_in(&network, &cluster, &analysis, destination, &from);
                        flow.let_in(ways, unknown)
                    } else {
                        flow
                    },
                );
            }
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

/// The endpoints that a name stands for.
fn ends(analysis: &Analysis<'_>, name: &str) -> EndpointSet {
    let endpoints = &analysis.endpoints;
    if name == "internet" {
        return endpoints.outside();
    }
    if let Ok(address) = name.parse::<IpAddr>() {
        return at(analysis, address);
    }
    let workloads = endpoints.workloads().iter();
    let named = workloads.filter(|workload| {
        let short = format!("{}/{}", workload.namespace, workload.name);
        let long = format!("{}/{}/{}", workload.namespace, workload.kind, workload.name);
        name == short || name.eq_ignore_ascii_case(&long)
    });
    let mut found: EndpointSet = named
        .flat_map(|workload| workload.endpoints.iter().copied())
        .collect();
    for (id, endpoint) in endpoints.iter() {
        if matches!(&endpoint.kind, EndpointKind::Node(node) if node.name() == name) {
            found.extend(&EndpointSet::one(id));
        }
    }
    found
}

/// Who has an address: pods and nodes that are known to have it, else what is outside.
fn at(analysis: &Analysis<'_>, address: IpAddr) -> EndpointSet {
    let endpoints = &analysis.endpoints;
    let inside = endpoints.inside();
    let holders = inside.iter().filter(|&id| {
        let endpoint = endpoints.get(id);
        endpoint.is_located && endpoint.addresses.contains(&address)
    });
    let found: EndpointSet = holders.collect();
    match endpoints.outside_at(address) {
        Some(outside) if found.is_empty() => EndpointSet::one(outside),
        _ => found,
    }
}

fn is_outside(analysis: &Analysis<'_>, id: EndpointId) -> bool {
    analysis.endpoints.outside().contains(id)
}

/// Whether one end is pods and the other addresses outside the cluster.
fn leaves(analysis: &Analysis<'_>, pods: EndpointId, outside: EndpointId) -> bool {
    let kind = &analysis.endpoints.get(pods).kind;
    matches!(kind, EndpointKind::Pods { .. }) && is_outside(analysis, outside)
}

/// The addresses that were asked about: one, those of an outside range, or the public ones of it.
fn addresses(analysis: &Analysis<'_>, id: EndpointId, asked: &str) -> AddressSet {
    match asked.parse::<IpAddr>() {
        Ok(address) => AddressSet::from(address),
        Err(_) => {
            let range = &analysis.endpoints.get(id).addresses;
            let public = public_addresses().difference(&AddressSet::from(PLATFORM));
            range.intersection(&public)
        }
    }
}

/// What to call an endpoint. An address that was asked about is called by itself, not by the range
/// that it lies in.
fn name(analysis: &Analysis<'_>, id: EndpointId, asked: &str) -> String {
    let endpoints = &analysis.endpoints;
    if is_outside(analysis, id) && asked.parse::<IpAddr>().is_ok() {
        return asked.to_owned();
    }
    let endpoint = endpoints.get(id);
    match &endpoint.kind {
        EndpointKind::Pods { workloads, .. } | EndpointKind::HostPods { workloads, .. } => {
            let names = workloads.iter().map(|&number| {
                let workload = &endpoints.workloads()[number];
                format!("{}/{}/{}", workload.namespace, workload.kind, workload.name)
            });
            names.collect::<Vec<_>>().join(", ")
        }
        EndpointKind::Node(node) => format!("node {}", node.name()),
        EndpointKind::Outside => endpoint.addresses.to_string(),
    }
}
