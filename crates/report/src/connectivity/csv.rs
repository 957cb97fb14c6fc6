//! CSV (RFC 4180): a row a connection.

use std::io::{self, Write};

use csv::WriterBuilder;

use super::{ConnectivityReport, Party};
use crate::csv::inert;

/// Writes a header and a row for each connection, the parties by name.
pub fn write(report: &ConnectivityReport, out: impl Write) -> io::Result<()> {
    let mut rows = WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    rows.write_record([
        "cluster",
        "from",
        "to",
        "allowed",
        "uncertain",
        "conditions",
    ])?;
    for cluster in &report.clusters {
        let names: Vec<_> = cluster.parties.iter().map(Party::name).collect();
        for connection in &cluster.connections {
            let cells = [
                &cluster.cluster,
                &names[connection.from],
                &names[connection.to],
                connection.allowed.as_deref().unwrap_or_default(),
                connection.uncertain.as_deref().unwrap_or_default(),
                &connection.conditions.join("; "),
            ];
            rows.write_record(cells.map(|cell| inert(cell).into_owned()))?;
        }
    }
    rows.flush()
}
