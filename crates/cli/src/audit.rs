//! `palisade audit`: read, judge, report.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use palisade_controls::{Audit, Context};
use palisade_report::{Links, Report, terminal};
use palisade_sources::Input;

use crate::arguments::{AuditArguments, FailOn, Shown};
use crate::exit::{Exit, Failure};
use crate::formats::{self, Format, Style};
use crate::{controls, files, output};

pub(crate) fn run(arguments: &AuditArguments) -> Result<Exit, Failure> {
    let mut controls = controls::choose(&arguments.select, &arguments.ignore)?;
    if let Some(framework) = arguments.framework {
        controls.retain(|control| controls::is_of(control, framework));
    }
    let outputs = arguments
        .output
        .iter()
        .map(|text| formats::destination(text))
        .collect::<Result<Vec<_>, _>>()?;
    let (input, files, bytes) = read(arguments)?;
    let today = arguments.today.unwrap_or_else(|| jiff::Zoned::now().date());
    let audit = palisade_controls::audit(&Context::new(&input.estate, today), controls);
    let mut report = Report::new(&input, &audit, files, bytes);
    if let Some(framework) = arguments.framework {
        report = report.by_framework(framework);
    }
    let exit = exit(arguments, &input, &audit);
    let mut formats = outputs
        .iter()
        .map(|(format, _)| *format)
        .chain([arguments.format]);
    let inventory = if formats.any(Format::has_inventory) {
        palisade_report::inventory(&input.estate)
    } else {
        Vec::new()
    };
    // The report holds all that is printed, and rendering it needs the room.
    drop((input, audit));
    output::complain(&terminal::diagnostics(&report, true, output::is_quiet()));
    let shown = Shown::words(&arguments.show);
    let style = Style {
        shown: &shown,
        full: arguments.full,
        colour: false,
        links: Links {
            base: arguments.link_base.as_deref(),
        },
    };
    for (format, path) in outputs {
        let write = |out: &mut dyn Write| formats::write(&report, &inventory, format, style, out);
        to_file(path, write).map_err(|source| Failure::Write {
            path: path.to_owned(),
            source,
        })?;
    }
    let style = Style {
        colour: output::has_colour(),
        ..style
    };
    output::print_with(arguments.format.is_text(), |out| {
        formats::write(&report, &inventory, arguments.format, style, out)
    })?;
    Ok(exit)
}

fn to_file(path: &str, write: impl Fn(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    write(&mut file)?;
    file.flush()
}

fn read(arguments: &AuditArguments) -> Result<(Input, usize, u64), Failure> {
    let mut found = files::find(&arguments.paths);
    found.add(arguments.fetched.clone());
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
