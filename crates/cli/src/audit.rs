//! `palisade audit`: read, judge, report.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use palisade_controls::{Audit, Context};
use palisade_report::{Report, concise, html, json, sarif, terminal};
use palisade_sources::Input;

use crate::arguments::{AuditArguments, FailOn, Format, Shown};
use crate::exit::{Exit, Failure};
use crate::{controls, files, output};
use clap::ValueEnum;

pub(crate) fn run(arguments: &AuditArguments) -> Result<Exit, Failure> {
    let mut controls = controls::choose(&arguments.select, &arguments.ignore)?;
    if let Some(framework) = arguments.framework {
        controls.retain(|control| controls::is_of(control, framework));
    }
    let outputs = arguments
        .output
        .iter()
        .map(|text| destination(text))
        .collect::<Result<Vec<_>, _>>()?;
    let (input, files, bytes) = read(arguments)?;
    let today = arguments.today.unwrap_or_else(|| jiff::Zoned::now().date());
    let audit = palisade_controls::audit(&Context::new(&input.estate, today), controls);
    let mut report = Report::new(&input, &audit, files, bytes);
    if let Some(framework) = arguments.framework {
        report = report.by_framework(framework);
    }
    let exit = exit(arguments, &input, &audit);
    // The report holds all that is printed, and rendering it needs the room.
    drop((input, audit));
    output::note(&terminal::diagnostics(&report, true));
    for (format, path) in outputs {
        let text = render(&report, format, arguments, false);
        fs::write(path, text).map_err(|source| Failure::Write {
            path: path.to_owned(),
            source,
        })?;
    }
    output::print(&render(
        &report,
        arguments.format,
        arguments,
        output::has_colour(),
    ))?;
    Ok(exit)
}

fn read(arguments: &AuditArguments) -> Result<(Input, usize, u64), Failure> {
    let found = files::find(&arguments.paths);
    let bytes = AtomicU64::new(0);
    let load = |place: &files::Place| {
        let file = files::load(place)?;
        bytes.fetch_add(file.bytes.len() as u64, Ordering::Relaxed);
        Ok(file)
    };
    let mut input = palisade_sources::read_all(&found.places, load, arguments.complete);
    input.diagnostics.extend(found.problems);
    input.diagnostics.sort();
    if input.estate.is_empty() {
        return Err(Failure::NoInput(nothing_found(&input, found.places.len())));
    }
    Ok((input, found.places.len(), bytes.into_inner()))
}

fn nothing_found(input: &Input, files: usize) -> String {
    let mut text = format!(
        "nothing to audit: no Azure resource and no Kubernetes object in what was read (files: {files})"
    );
    for diagnostic in &input.diagnostics {
        let place = diagnostic
            .position
            .map(|at| format!(":{at}"))
            .unwrap_or_default();
        text.push_str(&format!(
            "\n  {}{place}: {}",
            diagnostic.path, diagnostic.message
        ));
    }
    for left in &input.not_understood {
        text.push_str(&format!("\n  {}: {}", left.path, left.reason));
    }
    text
}

/// `FORMAT=FILE`, or a file whose ending tells the format.
fn destination(text: &str) -> Result<(Format, &str), Failure> {
    let named = text
        .split_once('=')
        .and_then(|(name, file)| Some((Format::from_str(name, true).ok()?, file)));
    let by_ending = || {
        let format = match text.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "json" => Format::Json,
            "sarif" => Format::Sarif,
            "html" | "htm" => Format::Html,
            "txt" => Format::Terminal,
            _ => return None,
        };
        Some((format, text))
    };
    named.or_else(by_ending).ok_or_else(|| {
        Failure::Usage(format!("`{text}` doesn't tell its format; end it in .json, .sarif, .html or .txt, or write FORMAT=FILE"))
    })
}

fn render(report: &Report, format: Format, arguments: &AuditArguments, colour: bool) -> String {
    let shown = Shown::words(&arguments.show);
    match format {
        Format::Terminal => {
            let style = terminal::Style {
                colour,
                width: output::width(),
                shown: &shown,
                full: arguments.full,
            };
            terminal::render(report, style)
        }
        Format::Concise => concise::render(report, &shown),
        Format::Json => json::render(report),
        Format::Sarif => sarif::render(report),
        Format::Html => html::render(report),
    }
}

fn exit(arguments: &AuditArguments, input: &Input, audit: &Audit) -> Exit {
    let FailOn(threshold) = arguments.fail_on;
    let counts = |finding: &&palisade_controls::Finding| {
        finding.is_failure() && threshold.is_some_and(|least| finding.severity >= least)
    };
    let is_unknown = || {
        audit
            .findings
            .iter()
            .any(palisade_controls::Finding::is_unknown)
    };
    if audit.findings.iter().any(|finding| counts(&finding)) {
        Exit::Findings
    } else if arguments.strict && (is_unknown() || !input.diagnostics.is_empty()) {
        Exit::NoInput
    } else {
        Exit::Clean
    }
}
