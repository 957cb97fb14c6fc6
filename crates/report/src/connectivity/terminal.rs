//! For people: each source with where it gets.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{ClusterConnectivity, Connection, ConnectivityReport, PartyKind};
use crate::plain_text::one_line;

/// Writes the clusters, their sources in order, and below each what it reaches.
pub fn write(report: &ConnectivityReport, mut out: impl Write) -> io::Result<()> {
    for (number, cluster) in report.clusters.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        write_cluster(cluster, &mut out)?;
    }
    Ok(())
}

fn write_cluster(cluster: &ClusterConnectivity, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{} · policies enforced by: {}",
        one_line(&cluster.cluster),
        cluster.engine
    )?;
    if cluster.is_unenforced() {
        writeln!(
            out,
            "no network policy is enforced: everything reaches everything"
        )?;
    }
    for (number, party) in cluster.parties.iter().enumerate() {
        let connections = cluster.connections_from(number);
        if connections.is_empty() && party.kind != PartyKind::Pods {
            continue;
        }
        writeln!(out, "\n{}", one_line(&party.name()))?;
        if connections.is_empty() {
            writeln!(out, "  → nothing")?;
        }
        for (traffic, destinations) in by_traffic(connections) {
            let names = names(cluster, number, &destinations);
            writeln!(out, "  → {}: {traffic}", one_line(&names.join(", ")))?;
        }
    }
    write_notes(cluster, out)
}

/// The destinations of connections by what gets through, in the order of the first of each.
fn by_traffic(connections: &[Connection]) -> Vec<(String, Vec<usize>)> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut found: Vec<(String, Vec<usize>)> = Vec::new();
    for connection in connections {
        let text = one_line(&connection.traffic()).into_owned();
        let place = *places.entry(text.clone()).or_insert(found.len());
        if place == found.len() {
            found.push((text, Vec::new()));
        }
        found[place].1.push(connection.to);
    }
    found
}

/// What to call some destinations of a source. All parties of a side have one name together, so
/// that a cluster without policies is a few lines.
fn names(cluster: &ClusterConnectivity, from: usize, destinations: &[usize]) -> Vec<String> {
    let mut names = Vec::new();
    for (is_outside, all) in [
        (false, cluster.everything()),
        (true, cluster.everything_outside()),
    ] {
        let is_of_side =
            |number: &usize| (cluster.parties[*number].kind == PartyKind::Outside) == is_outside;
        let own: Vec<_> = destinations.iter().copied().filter(is_of_side).collect();
        let others = (0..cluster.parties.len())
            .filter(is_of_side)
            .filter(|&number| number != from);
        let is_all = others.clone().count() > 1 && others.clone().all(|to| own.contains(&to));
        if is_all {
            names.push(all.to_owned());
            continue;
        }
        names.extend(own.iter().map(|&to| match to == from {
            true => "one another".to_owned(),
            false => cluster.parties[to].name(),
        }));
    }
    names
}

fn write_notes(cluster: &ClusterConnectivity, out: &mut impl Write) -> io::Result<()> {
    for note in &cluster.notes {
        let place = &note.location;
        writeln!(
            out,
            "\n{}: {} ({}:{}:{})\n  {}",
            note.kind,
            one_line(&note.policy),
            one_line(&place.path),
            place.start_line,
            place.start_column,
            one_line(&note.message)
        )?;
    }
    Ok(())
}

impl Connection {
    /// What gets through, and what may.
    pub(super) fn traffic(&self) -> String {
        traffic_text(
            self.allowed.as_deref(),
            self.uncertain.as_deref(),
            &self.conditions,
        )
    }
}

/// What gets through, and what may: `TCP 443; perhaps UDP 53 (only to addresses of …)`.
pub(super) fn traffic_text(
    allowed: Option<&str>,
    uncertain: Option<&str>,
    conditions: &[String],
) -> String {
    let perhaps = uncertain.map(|text| match conditions.is_empty() {
        true => format!("perhaps {text}"),
        false => format!("perhaps {text} ({})", conditions.join("; ")),
    });
    let parts = [allowed.map(str::to_owned), perhaps];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
