//! Who may send what to whom, as other analyzers print it: workloads by namespace, name and kind,
//! IPv4 addresses outside, TCP, UDP and SCTP from port 1 on.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use palisade_packet::{AddressSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::kubernetes::{
    Analysis, EndpointId, EndpointKind, Engine, EngineKind, Options, analyse,
};
use palisade_sources::Input;

/// What is called so when it is outside.
pub const OUTSIDE: &str = "outside";

/// What gets through, by the addresses of the side that is outside; between workloads by no
/// addresses in particular.
pub type Connections = Product<AddressSet, Traffic>;

/// Source and destination with what gets through. Pairs without connections aren't in it.
pub type Relation = BTreeMap<(String, String), Connections>;

/// Analyses the only cluster of an input as other analyzers do: namespaces that aren't in the
/// input have no labels, and no range but one of everything holds addresses of pods.
pub fn analysis(input: &Input, kind: EngineKind) -> Option<Analysis<'_>> {
    let cluster = input.estate.clusters().next()?;
    Some(analyse(&cluster, &options(kind)?))
}

/// What other analyzers take for granted.
pub fn options(kind: EngineKind) -> Option<Options> {
    let nowhere: IpNet = "240.0.0.0/4".parse().ok()?;
    Some(Options {
        bare_namespaces: true,
        pod_addresses: Some(nowhere.into()),
        ..Options::new(Engine::new(kind))
    })
}

/// The workloads of an endpoint: `namespace/name[Kind]`, or [`OUTSIDE`].
pub fn names(analysis: &Analysis<'_>, id: EndpointId) -> Vec<String> {
    match &analysis.endpoints.get(id).kind {
        EndpointKind::Pods { workloads, .. } | EndpointKind::HostPods { workloads, .. } => {
            let workloads = workloads.iter();
            workloads
                .map(|&number| {
                    let workload = &analysis.endpoints.workloads()[number];
                    let (namespace, name) = (workload.namespace, &workload.name);
                    format!("{namespace}/{name}[{}]", workload.kind)
                })
                .collect()
        }
        EndpointKind::Node(_) => Vec::new(),
        EndpointKind::Outside => vec![OUTSIDE.to_owned()],
    }
}

/// The endpoints of a workload.
pub fn endpoints(analysis: &Analysis<'_>, name: &str) -> Vec<EndpointId> {
    let all = analysis.endpoints.iter();
    all.map(|(id, _)| id)
        .filter(|&id| names(analysis, id).iter().any(|known| known == name))
        .collect()
}

/// What is certain to get through, between all workloads and the outside. What a workload sends
/// to its own pods is left out.
pub fn relation(analysis: &Analysis<'_>) -> Relation {
    let mut relation = Relation::new();
    for rectangle in analysis.connectivity().rectangles() {
        let mut table = analysis.table();
        let allowed = rectangle.outcome.certainly_allowed(&mut table);
        let traffic = table.get(allowed).intersection(&printed());
        drop(table);
        if traffic.is_empty() {
            continue;
        }
        for source in rectangle.sources.iter() {
            for destination in rectangle.destinations.iter() {
                let addresses = outside_addresses(analysis, source, destination);
                for from in names(analysis, source) {
                    for to in names(analysis, destination) {
                        if from != to && !addresses.is_empty() {
                            let key = (from.clone(), to);
                            let more = Product::of(addresses.clone(), traffic.clone());
                            add(&mut relation, key, &more);
                        }
                    }
                }
            }
        }
    }
    relation
}

/// Adds connections between two.
pub fn add(relation: &mut Relation, key: (String, String), more: &Connections) {
    let known = relation.entry(key).or_insert_with(Connections::empty);
    *known = known.union(more);
}

fn outside_addresses(
    analysis: &Analysis<'_>,
    source: EndpointId,
    destination: EndpointId,
) -> AddressSet {
    for id in [source, destination] {
        let endpoint = analysis.endpoints.get(id);
        if matches!(endpoint.kind, EndpointKind::Outside) {
            return endpoint.addresses.intersection(&AddressSet::all_v4());
        }
    }
    AddressSet::all_v4()
}

/// The traffic that other analyzers print.
pub fn printed() -> Traffic {
    let ports = || PortSet::range(1, u16::MAX);
    let all = Transport::ALL.map(|transport| Traffic::to_ports(transport, ports()));
    all.iter()
        .fold(Traffic::empty(), |all, next| all.union(next))
}

/// Reads `All Connections`, or `SCTP 1-9002,9004-65535,TCP 80,UDP`, or `TCP:[80,90], UDP`.
pub fn traffic(text: &str) -> Option<Traffic> {
    let text = text.trim();
    match text {
        "All Connections" => return Some(printed()),
        "No Connections" | "" => return Some(Traffic::empty()),
        _ => {}
    }
    let words = text.replace(":[", " ").replace([']', '{', '}'], "");
    let mut found: BTreeMap<Transport, Vec<(u16, u16)>> = BTreeMap::new();
    let mut current = None;
    for part in words.split([',', ' ']).filter(|part| !part.is_empty()) {
        if let Some(transport) = Transport::named(part) {
            current = Some(transport);
            found.entry(transport).or_default();
            continue;
        }
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range = (first.parse().ok()?, last.parse().ok()?);
        found.entry(current?).or_default().push(range);
    }
    let mut traffic = Traffic::empty();
    for (transport, ranges) in found {
        let ports = match ranges.is_empty() {
            true => PortSet::range(1, u16::MAX),
            false => ranges.into_iter().collect(),
        };
        traffic = traffic.union(&Traffic::to_ports(transport, ports));
    }
    Some(traffic)
}

/// Reads an end of a connection: a workload, or outside addresses as `a-b[External]`.
pub fn end(text: &str) -> (String, AddressSet) {
    let text = text.trim();
    let range = text.strip_suffix("[External]").unwrap_or(text);
    let parse = |text: &str| text.parse::<IpAddr>().ok();
    let ends = match range.split_once('-') {
        Some((first, last)) => parse(first).zip(parse(last)),
        None => parse(range).map(|one| (one, one)),
    };
    match ends {
        Some((first, last)) => (OUTSIDE.to_owned(), AddressSet::range(first, last)),
        None => (text.to_owned(), AddressSet::all_v4()),
    }
}

/// Adds a line of an expected result; says so if it can't be read.
pub fn add_line(
    relation: &mut Relation,
    source: &str,
    destination: &str,
    connections: &str,
) -> Result<(), String> {
    let ((from, here), (to, there)) = (end(source), end(destination));
    let addresses = here.intersection(&there);
    let traffic =
        traffic(connections).ok_or_else(|| format!("`{connections}` is no list of connections"))?;
    if !addresses.is_empty() && !traffic.is_empty() {
        add(relation, (from, to), &Product::of(addresses, traffic));
    }
    Ok(())
}

/// How two relations differ, a line a pair; empty if they agree.
pub fn differences(expected: &Relation, found: &Relation) -> Vec<String> {
    let keys: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let none = Connections::empty();
    let different = keys
        .into_iter()
        .filter(|key| expected.get(*key) != found.get(*key));
    different
        .map(|key| {
            let (wanted, got) = (
                expected.get(key).unwrap_or(&none),
                found.get(key).unwrap_or(&none),
            );
            format!(
                "{} => {}: expected {}, found {}",
                key.0,
                key.1,
                print(wanted),
                print(got)
            )
        })
        .collect()
}

fn print(connections: &Connections) -> String {
    let parts = connections.parts().iter();
    let lines: Vec<_> = parts
        .map(
            |(addresses, traffic)| match *addresses == AddressSet::all_v4() {
                true => traffic.to_string(),
                false => format!("[{addresses}] {traffic}"),
            },
        )
        .collect();
    match lines.is_empty() {
        true => "nothing".to_owned(),
        false => lines.join(" | "),
    }
}
