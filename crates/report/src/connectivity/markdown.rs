//! Markdown: a table a cluster.

use std::io::{self, Write};

use super::{ConnectivityReport, Party};
use crate::plain_text::one_line;

/// Writes a heading and a table of connections for each cluster.
pub fn write(report: &ConnectivityReport, mut out: impl Write) -> io::Result<()> {
    for cluster in &report.clusters {
        writeln!(out, "### {}\n", cell(&cluster.cluster))?;
        writeln!(out, "Policies enforced by: {}.\n", cluster.engine)?;
        writeln!(out, "| from | to | what gets through |\n|---|---|---|")?;
        let names: Vec<_> = cluster.parties.iter().map(Party::name).collect();
        for connection in &cluster.connections {
            let to = match connection.from == connection.to {
                true => "one another",
                false => names[connection.to].as_str(),
            };
            writeln!(
                out,
                "| {} | {} | {} |",
                cell(&names[connection.from]),
                cell(to),
                cell(&connection.traffic())
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Text in a cell of a table: nothing in it is read as Markdown or HTML.
pub(super) fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in one_line(text).chars() {
        if "\\`*_[]<>|&~#!".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
