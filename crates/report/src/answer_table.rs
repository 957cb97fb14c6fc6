//! An answer as a row: the columns that CSV and the spreadsheet share.

use std::borrow::Cow;
use std::collections::HashMap;

use palisade_estate::ResourceId;

use crate::roll_up::azure_id;
use crate::{ControlSummary, Report, ReportFinding};

/// What stands in a cell.
pub(crate) enum Cell<'r> {
    /// Text, never to be taken for a formula.
    Text(Cow<'r, str>),
    /// A number.
    Number(u32),
    /// Nothing.
    Empty,
}

/// An answer with its control.
pub(crate) struct Row<'r> {
    /// The answer.
    pub(crate) finding: &'r ReportFinding,
    /// Its control.
    pub(crate) control: Option<&'r ControlSummary>,
}

/// A column of the table of answers.
pub(crate) struct Column {
    /// Its heading.
    pub(crate) title: &'static str,
    /// How wide a spreadsheet shows it, in characters.
    pub(crate) width: u16,
    /// What it says of an answer.
    pub(crate) cell: for<'r> fn(&Row<'r>) -> Cell<'r>,
}

/// The columns, in order. New ones are added at the end, so that scripts that count keep working.
pub(crate) const COLUMNS: [Column; 23] = [
    column("control", 9, |row| text(&row.finding.control)),
    column("name", 38, |row| {
        maybe(row.control.map(|control| control.name.as_str()))
    }),
    column("title", 60, |row| {
        maybe(row.control.map(|control| control.title.as_str()))
    }),
    column("recommendation", 15, |row| match row.control {
        Some(control) => Cell::Number(control.recommendation.into()),
        None => Cell::Empty,
    }),
    column("status", 14, |row| text(row.finding.status())),
    column("severity", 9, |row| text(&row.finding.severity)),
    column("confidence", 11, |row| text(&row.finding.confidence)),
    column("subject", 34, |row| text(&row.finding.subject.name)),
    column("type", 38, |row| text(&row.finding.subject.subject_type)),
    column("message", 80, |row| text(&row.finding.message)),
    column("fix", 60, |row| maybe(row.finding.help.as_deref())),
    column("supply", 60, |row| joined(&row.finding.supply)),
    column("clusters", 24, |row| {
        let names: Vec<_> = row.finding.clusters.iter().map(|id| last(id)).collect();
        joined(&names)
    }),
    column("subscription", 38, |row| {
        azure(row, ResourceId::subscription)
    }),
    column("resource group", 24, |row| {
        azure(row, ResourceId::resource_group)
    }),
    column("id", 80, |row| text(&row.finding.subject.id)),
    column("path", 40, |row| {
        maybe(row.finding.location.as_ref().map(|at| at.path.as_str()))
    }),
    column("line", 7, |row| match &row.finding.location {
        Some(at) => Cell::Number(at.start_line),
        None => Cell::Empty,
    }),
    column("column", 7, |row| match &row.finding.location {
        Some(at) => Cell::Number(at.start_column),
        None => Cell::Empty,
    }),
    column("waiver reason", 40, |row| {
        let waiver = row.finding.suppression.as_ref();
        maybe(waiver.map(|waiver| waiver.reason.as_str()))
    }),
    column("waiver owner", 20, |row| {
        let waiver = row.finding.suppression.as_ref();
        maybe(waiver.and_then(|waiver| waiver.owner.as_deref()))
    }),
    column("waiver expires", 14, |row| {
        let waiver = row.finding.suppression.as_ref();
        maybe(waiver.and_then(|waiver| waiver.expires.as_deref()))
    }),
    column("fingerprint", 18, |row| text(&row.finding.fingerprint)),
];

const fn column(title: &'static str, width: u16, cell: for<'r> fn(&Row<'r>) -> Cell<'r>) -> Column {
    Column { title, width, cell }
}

/// The answers as rows, the worst first.
pub(crate) fn rows(report: &Report) -> impl Iterator<Item = Row<'_>> {
    let controls: HashMap<_, _> = report
        .controls
        .iter()
        .map(|control| (control.code.as_str(), control))
        .collect();
    report.findings.iter().map(move |finding| Row {
        finding,
        control: controls.get(finding.control.as_str()).copied(),
    })
}

fn text(text: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(text))
}

fn maybe(content: Option<&str>) -> Cell<'_> {
    content.map_or(Cell::Empty, text)
}

fn joined<'r>(parts: &[impl AsRef<str>]) -> Cell<'r> {
    let parts: Vec<_> = parts.iter().map(AsRef::as_ref).collect();
    if parts.is_empty() {
        Cell::Empty
    } else {
        Cell::Text(Cow::Owned(parts.join("; ")))
    }
}

fn azure<'r>(row: &Row<'r>, part: fn(&ResourceId) -> Option<&str>) -> Cell<'r> {
    let id = azure_id(&row.finding.subject.id);
    match id.as_ref().and_then(part) {
        Some(part) => Cell::Text(Cow::Owned(part.to_owned())),
        None => Cell::Empty,
    }
}

/// The last part of an id: the name.
pub(crate) fn last(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
