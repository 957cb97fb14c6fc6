//! `palisade audit`: read, judge, report.

use std::io::Write;

use palisade_controls::{Finding, Severity};
use palisade_report::{Links, Report};

use crate::arguments::{AuditArguments, FailOn, Questions, Shown};
use crate::estate::{self, Judged};
use crate::exit::{Exit, Failure};
use crate::formats::{self, Format, Style};
use crate::project::{Project, kinds};
use crate::{baseline, output};

pub(crate) fn run(arguments: &AuditArguments) -> Result<Exit, Failure> {
    let project = Project::load(&arguments.estate.input)?;
    let outputs = arguments
        .output
        .iter()
        .map(|text| formats::destination(text))
        .collect::<Result<Vec<_>, _>>()?;
    let baseline = arguments
        .baseline
        .as_deref()
        .map(baseline::read)
        .transpose()?;
    let judged = estate::judge(
        &arguments.estate,
        &project,
        arguments.framework,
        baseline.as_ref(),
    )?;
    let mut report = Report::new(&judged.input, &judged.audit, judged.files, judged.bytes);
    if arguments.estate.questions != Questions::Baseline {
        report = report.of_lints();
    }
    if let Some(compared) = &judged.compared {
        report = report.beside_baseline(compared);
    }
    if let Some(framework) = arguments.framework {
        report = report.by_framework(framework);
    }
    let exit = exit(arguments, &project, &judged);
    let mut formats = outputs
        .iter()
        .map(|(format, _)| *format)
        .chain([arguments.format]);
    let inventory = if formats.any(Format::has_inventory) {
        palisade_report::inventory(&judged.input.estate)
    } else {
        Vec::new()
    };
    // The report holds all that is printed, and rendering it needs the room.
    drop((judged, baseline));
    output::complain_of(&report.input.diagnostics);
    let shown = shown(arguments, &project);
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
        output::to_file(path, write)?;
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

/// The kinds of answers to show: those of the command line, else of the configuration, else
/// failures.
fn shown(arguments: &AuditArguments, project: &Project) -> Vec<&'static str> {
    let given = Shown::words(&arguments.show);
    match given.as_slice() {
        [] => project.shown(),
        given => kinds(given),
    }
}

fn exit(arguments: &AuditArguments, project: &Project, judged: &Judged) -> Exit {
    let threshold = match (arguments.fail_on, project.configuration.fail_on) {
        (Some(FailOn(threshold)), _) | (None, Some(threshold)) => threshold,
        (None, None) => Some(Severity::Low),
    };
    let findings = &judged.audit.findings;
    let counts = |finding: &Finding| {
        finding.is_failure() && threshold.is_some_and(|least| finding.severity >= least)
    };
    let is_strict = project.is_strict(&arguments.estate);
    let lacks_evidence =
        || findings.iter().any(Finding::is_unknown) || !judged.input.diagnostics.is_empty();
    if findings.iter().any(counts) {
        Exit::Findings
    } else if is_strict && lacks_evidence() {
        Exit::NoInput
    } else {
        Exit::Clean
    }
}
