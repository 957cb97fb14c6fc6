//! Graphviz: a cluster of nodes for each namespace, an edge for each connection.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{ClusterConnectivity, ConnectivityReport, Party, PartyKind};
use crate::plain_text::one_line;

/// Writes a directed graph.
pub fn write(report: &ConnectivityReport, mut out: impl Write) -> io::Result<()> {
    writeln!(out, "digraph connectivity {{")?;
    writeln!(out, "  rankdir=LR;\n  node [shape=box, style=rounded];")?;
    for (number, cluster) in report.clusters.iter().enumerate() {
        write_cluster(number, cluster, &mut out)?;
    }
    writeln!(out, "}}")
}

fn write_cluster(
    number: usize,
    cluster: &ClusterConnectivity,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut namespaces: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for (index, party) in cluster.parties.iter().enumerate() {
        let namespace = party.namespace.as_deref();
        namespaces.entry(namespace).or_default().push(index);
    }
    for (group, (namespace, parties)) in namespaces.iter().enumerate() {
        if let Some(namespace) = namespace {
            writeln!(out, "  subgraph cluster_{number}_{group} {{")?;
            writeln!(out, "    label={};", quoted(namespace))?;
        }
        for &index in parties {
            let party = &cluster.parties[index];
            let shape = match party.kind {
                PartyKind::Outside => " shape=ellipse",
                PartyKind::Node | PartyKind::HostPods => " style=dashed",
                PartyKind::Pods => "",
            };
            let label = quoted(&label(party));
            writeln!(out, "    p{number}_{index} [label={label}{shape}];")?;
        }
        if namespace.is_some() {
            writeln!(out, "  }}")?;
        }
    }
    for connection in &cluster.connections {
        let style = match connection.allowed {
            Some(_) => "",
            None => " style=dashed",
        };
        let (from, to) = (connection.from, connection.to);
        let label = quoted(&connection.traffic());
        writeln!(
            out,
            "  p{number}_{from} -> p{number}_{to} [label={label}{style}];"
        )?;
    }
    Ok(())
}

fn label(party: &Party) -> String {
    party.members.join("\n")
}

/// A quoted string of the DOT language.
fn quoted(text: &str) -> String {
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| one_line(line).replace('\\', "\\\\").replace('"', "\\\""))
        .collect();
    format!("\"{}\"", lines.join("\\n"))
}
