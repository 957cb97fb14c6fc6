//! The formats of a report: what they are called, how their files end, and who writes them.

use std::io::{self, Write};

use clap::ValueEnum;
use palisade_report::{
    InventoryItem, Links, Report, azure_pipelines, concise, csv, github, html, json, junit,
    markdown, ocsf, oscal, prometheus, sarif, terminal, xlsx,
};

use crate::exit::Failure;
use crate::output;

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With source excerpts, for people
    Terminal,
    /// A line a finding
    Concise,
    /// Version 1 of the JSON format
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// One page that works offline
    Html,
    /// A comment on a pull request
    Markdown,
    /// JUnit XML, for test dashboards
    Junit,
    /// A row a finding
    Csv,
    /// A workbook for Excel: overview, findings, controls, inventory
    Xlsx,
    /// Annotations of GitHub Actions
    Github,
    /// Issues of Azure Pipelines
    AzurePipelines,
    /// OCSF 1.4.0 Compliance Findings, JSON lines
    Ocsf,
    /// OSCAL 1.1.2 assessment results
    Oscal,
    /// Prometheus' text format
    Prometheus,
}

/// How files end that are in a format. The first that fits counts.
const ENDINGS: [(&str, Format); 15] = [
    (".sarif.json", Format::Sarif),
    (".ocsf.json", Format::Ocsf),
    (".oscal.json", Format::Oscal),
    (".json", Format::Json),
    (".sarif", Format::Sarif),
    (".html", Format::Html),
    (".htm", Format::Html),
    (".md", Format::Markdown),
    (".xml", Format::Junit),
    (".csv", Format::Csv),
    (".xlsx", Format::Xlsx),
    (".jsonl", Format::Ocsf),
    (".prom", Format::Prometheus),
    (".txt", Format::Terminal),
    (".log", Format::Concise),
];

impl Format {
    fn by_ending(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let fits = |(ending, _): &&(&str, Self)| path.ends_with(ending);
        ENDINGS.iter().find(fits).map(|(_, format)| *format)
    }

    /// Whether it lists what the estate holds.
    pub(crate) fn has_inventory(self) -> bool {
        self == Self::Xlsx
    }

    /// Whether it is text.
    pub(crate) fn is_text(self) -> bool {
        self != Self::Xlsx
    }
}

/// `FORMAT=FILE`, or a file whose ending tells the format.
pub(crate) fn destination(text: &str) -> Result<(Format, &str), Failure> {
    let named = text
        .split_once('=')
        .and_then(|(name, file)| Some((Format::from_str(name, true).ok()?, file)));
    let by_ending = || Some((Format::by_ending(text)?, text));
    named.or_else(by_ending).ok_or_else(|| {
        let endings: Vec<_> = ENDINGS.iter().map(|(ending, _)| *ending).collect();
        let endings = endings.join(", ");
        Failure::Usage(format!(
            "`{text}` doesn't tell its format; end it in one of {endings}, or write FORMAT=FILE"
        ))
    })
}

/// What is chosen about a report beside its format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style<'s> {
    /// The kinds of answers that formats for people show; those for programs carry all.
    pub(crate) shown: &'s [&'s str],
    /// Whether every answer is shown with its source.
    pub(crate) full: bool,
    /// Whether to use colours.
    pub(crate) colour: bool,
    /// How places become links.
    pub(crate) links: Links<'s>,
}

/// Writes a report.
pub(crate) fn write(
    report: &Report,
    inventory: &[InventoryItem],
    format: Format,
    style: Style<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Style { shown, links, .. } = style;
    let text = match format {
        Format::Terminal => terminal::render(
            report,
            terminal::Style {
                colour: style.colour,
                width: output::width(),
                shown,
                full: style.full,
            },
        ),
        Format::Concise => concise::render(report, shown),
        Format::Json => json::render(report),
        Format::Sarif => sarif::render(report),
        Format::Html => html::render(report),
        Format::Markdown => markdown::render(report, shown, links),
        Format::Github => github::render(report, shown),
        Format::AzurePipelines => azure_pipelines::render(report, shown),
        Format::Prometheus => prometheus::render(report),
        Format::Junit => return junit::write(report, out),
        Format::Csv => return csv::write(report, out),
        Format::Ocsf => return ocsf::write(report, out),
        Format::Oscal => return oscal::write(report, out),
        Format::Xlsx => {
            let bytes = xlsx::render(report, inventory).map_err(io::Error::other)?;
            return out.write_all(&bytes);
        }
    };
    out.write_all(text.as_bytes())
}
