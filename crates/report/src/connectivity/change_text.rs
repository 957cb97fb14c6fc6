//! What changes about who reaches whom, as people read it.

use std::fmt::Write as _;

use super::change::{ChangeKind, ChangedConnection, ConnectivityChange};
use super::markdown::cell;
use crate::plain_text::one_line;

/// The most connections of a cluster that are printed for people.
const MOST_CONNECTIONS: usize = 200;

/// How many connections change, in words; nothing if none do.
pub(crate) fn summary(changes: &[ConnectivityChange]) -> Option<String> {
    let all = || changes.iter().flat_map(|change| &change.connections);
    all().next()?;
    let kinds = [ChangeKind::Added, ChangeKind::Removed, ChangeKind::Changed];
    let counts = kinds.map(|kind| {
        let count = all().filter(|connection| connection.kind() == kind).count();
        format!("{count} {}", kind.as_str())
    });
    Some(format!("connections: {}", counts.join(", ")))
}

/// A line for each thing that changes.
pub(crate) fn terminal_section(text: &mut String, changes: &[ConnectivityChange]) {
    for change in changes.iter().filter(|change| !change.is_empty()) {
        let _ = writeln!(text, "who reaches whom in {}", one_line(&change.cluster));
        if let Some(reason) = &change.unknown {
            let _ = writeln!(text, "  not compared: {}", one_line(reason));
        }
        for (word, names) in [
            ("new", &change.added_parties),
            ("gone", &change.removed_parties),
        ] {
            for name in names {
                let _ = writeln!(text, "  {word:<8} {}", one_line(name));
            }
        }
        for connection in change.connections.iter().take(MOST_CONNECTIONS) {
            let _ = writeln!(text, "  {}", one_line(&line(connection)));
        }
        if let Some(more) = change.connections.len().checked_sub(MOST_CONNECTIONS + 1) {
            let _ = writeln!(text, "  and {} more; --format json has them all", more + 1);
        }
        text.push('\n');
    }
}

fn line(connection: &ChangedConnection) -> String {
    let (before, after) = connection.texts();
    let what = match connection.kind() {
        ChangeKind::Added => after,
        ChangeKind::Removed => before,
        ChangeKind::Changed => format!("{after} (was {before})"),
    };
    let kind = connection.kind().as_str();
    format!(
        "{kind:<8} {} → {}: {what}",
        connection.from.name(),
        destination(connection)
    )
}

fn destination(connection: &ChangedConnection) -> String {
    match connection.from == connection.to {
        true => "one another".to_owned(),
        false => connection.to.name(),
    }
}

/// A table for each cluster.
pub(crate) fn markdown_section(text: &mut String, changes: &[ConnectivityChange]) {
    for change in changes.iter().filter(|change| !change.is_empty()) {
        let _ = write!(
            text,
            "\n### Who reaches whom in {}\n",
            cell(&change.cluster)
        );
        if let Some(reason) = &change.unknown {
            let _ = write!(text, "\nNot compared: {}.\n", cell(reason));
        }
        for (word, names) in [
            ("New", &change.added_parties),
            ("Gone", &change.removed_parties),
        ] {
            if !names.is_empty() {
                let names: Vec<_> = names.iter().map(|name| cell(name)).collect();
                let _ = write!(text, "\n{word}: {}.\n", names.join(", "));
            }
        }
        if change.connections.is_empty() {
            continue;
        }
        text.push_str("\n| change | from | to | before | after |\n|---|---|---|---|---|\n");
        for connection in change.connections.iter().take(MOST_CONNECTIONS) {
            let (before, after) = connection.texts();
            let (from, to) = (connection.from.name(), destination(connection));
            let cells = [connection.kind().as_str(), &from, &to, &before, &after];
            let cells = cells.map(cell).join(" | ");
            let _ = writeln!(text, "| {cells} |");
        }
        if let Some(more) = change.connections.len().checked_sub(MOST_CONNECTIONS + 1) {
            let _ = write!(text, "\nAnd {} more.\n", more + 1);
        }
    }
}
