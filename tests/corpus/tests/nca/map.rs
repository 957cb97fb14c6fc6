//! Maps of connections as network-config-analyzer prints them: by namespaces and by labels or
//! names of pods, `src_ns: [a] src_pods: [app=b] dst: 0.0.0.0/0 conn: {protocols:TCP}`, or a
//! line a pair.

use palisade_corpus_tests::relation::{OUTSIDE, Relation, add};
use palisade_packet::{AddressSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::kubernetes::{Analysis, Labels, Workload};

use super::from_port_one;

/// The connections of IPv4 that lines tell; `Err` if one can't be read.
pub(crate) fn read<'t>(
    lines: impl Iterator<Item = &'t str>,
    analysis: &Analysis<'_>,
) -> Result<Relation, String> {
    let mut relation = Relation::new();
    for line in lines {
        let cut = line
            .split_once(" conn: ")
            .or_else(|| line.split_once(" : "));
        let ends = cut.and_then(|(ends, _)| ends.split_once(" dst").or(ends.split_once(" => ")));
        let read = cut.zip(ends).and_then(|((_, traffic), (from, to))| {
            Some((
                end(from, analysis)?,
                end(to, analysis)?,
                self::traffic(traffic)?,
            ))
        });
        let ((sources, here), (destinations, there), traffic) =
            read.ok_or_else(|| format!("can't read `{line}`"))?;
        let connections = Product::of(here.intersection(&there), traffic);
        for source in &sources {
            for destination in destinations.iter().filter(|to| *to != source) {
                add(
                    &mut relation,
                    (source.clone(), destination.clone()),
                    &connections,
                );
            }
        }
    }
    Ok(relation)
}

/// Only what is sent over IPv4.
pub(crate) fn of_v4(relation: Relation) -> Relation {
    let v4 = Product::of(AddressSet::all_v4(), Traffic::full());
    let pairs = relation.into_iter();
    let pairs = pairs.map(|(pair, connections)| (pair, connections.intersection(&v4)));
    pairs
        .filter(|(_, connections)| !connections.is_empty())
        .collect()
}

fn end(text: &str, analysis: &Analysis<'_>) -> Option<(Vec<String>, AddressSet)> {
    let rest = text.trim_start_matches("src");
    if let Some(rest) = rest.strip_prefix("_ns: [") {
        let (namespaces, pods) = rest.split_once("] ")?;
        let pods = pods.split_once('[')?.1.strip_suffix(']')?;
        let namespaces: Vec<_> = namespaces.split(',').map(str::trim).collect();
        let all = analysis.endpoints.workloads().iter();
        let meant = all.filter(|it| {
            let mut ends = it
                .endpoints
                .iter()
                .map(|&id| &analysis.endpoints.get(id).labels);
            namespaces.contains(&it.namespace)
                && ends.any(|labels| is_meant(pods, &it.name, labels))
        });
        return Some((meant.map(full_name).collect(), AddressSet::all_v4()));
    }
    let text = rest.trim_start_matches(": ");
    let first = text.chars().next()?;
    if !first.is_ascii_digit() {
        return Some((vec![text.to_owned()], AddressSet::all_v4()));
    }
    let ranges = text.split(',').filter(|range| !range.contains(':'));
    let addresses = ranges.map(|range| match range.split_once('-') {
        Some((first, last)) => Some(AddressSet::range(first.parse().ok()?, last.parse().ok()?)),
        None => Some(AddressSet::from(range.parse::<ipnet::IpNet>().ok()?)),
    });
    let addresses = addresses.collect::<Option<Vec<_>>>()?;
    let addresses = addresses
        .iter()
        .fold(AddressSet::empty(), |all, one| all.union(one));
    Some((vec![OUTSIDE.to_owned()], addresses))
}

fn full_name(workload: &Workload<'_>) -> String {
    format!(
        "{}/{}[{}]",
        workload.namespace, workload.name, workload.kind
    )
}

fn is_meant(expression: &str, name: &str, labels: &Labels<'_>) -> bool {
    let expression = expression.trim();
    if let Some((left, right)) = expression.split_once(" or ") {
        return is_meant(left, name, labels) || is_meant(right, name, labels);
    }
    if let Some((left, right)) = expression.split_once(" and ") {
        return is_meant(left.trim_start_matches('('), name, labels)
            && is_meant(right.trim_end_matches(')'), name, labels);
    }
    let label = |key: &str| labels.get(key.trim());
    let is_listed = |key: &str, list: &str| {
        let value = label(key);
        let mut listed = list.trim_end_matches(')').split(',').map(str::trim);
        value.is_some_and(|value| listed.any(|known| known == value))
    };
    if expression == "*" {
        true
    } else if let Some(key) = expression.strip_prefix("!has(") {
        label(key.trim_end_matches(')')).is_none()
    } else if let Some(key) = expression.strip_prefix("has(") {
        label(key.trim_end_matches(')')).is_some()
    } else if let Some((key, list)) = expression.split_once(" not in (") {
        !is_listed(key, list)
    } else if let Some((key, list)) = expression.split_once(" in (") {
        is_listed(key, list)
    } else if let Some((key, value)) = expression.split_once("!=") {
        !is_listed(key, value)
    } else if let Some((key, value)) = expression.split_once('=') {
        is_listed(key, value)
    } else {
        expression.split(", ").any(|listed| listed == name)
    }
}

fn traffic(text: &str) -> Option<Traffic> {
    let text = text.trim();
    if text == "All connections" {
        return Some(from_port_one());
    }
    let inside = text.strip_prefix("{protocols:")?.strip_suffix('}')?;
    let (protocol, ports) = match inside.split_once(",dst_ports:") {
        Some((protocol, port)) => (protocol, PortSet::one(port.parse().ok()?)),
        None => (inside, PortSet::range(1, u16::MAX)),
    };
    let transport = Transport::named(protocol)?;
    Some(Traffic::ports(
        transport,
        PortSet::range(1, u16::MAX),
        ports,
    ))
}
