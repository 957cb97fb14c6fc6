//! `palisade diff`: what a template, a plan or another version changes about the findings and
//! about who reaches whom.

use std::fs;

use clap::{Args, ValueEnum};
use palisade_controls::Severity;
use palisade_estate::Cluster;
use palisade_report::connectivity::change::{self, ConnectivityChange};
use palisade_report::{Report, diff};

use crate::arguments::{EstateArguments, FailOn, parse_fail_on};
use crate::connectivity::EngineArguments;
use crate::estate::{self, Judged};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::project::Project;

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    // The last path is the plan, those before it are the estate as it is.
    #[command(flatten)]
    estate: EstateArguments,

    #[command(flatten)]
    engine: EngineArguments,

    /// How to print the difference
    #[arg(long, value_enum, default_value_t = DiffFormat::Terminal)]
    format: DiffFormat,

    /// Write it to a file too, as FORMAT=FILE; may be given several times
    #[arg(long, short, value_name = "FORMAT=FILE")]
    output: Vec<String>,

    /// Exit with 1 when a failure of at least this severity appears [default: low]
    #[arg(long, value_name = "SEVERITY", value_parser = parse_fail_on)]
    fail_on: Option<FailOn>,
}

/// How a difference is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DiffFormat {
    /// For people
    Terminal,
    /// Version 1 of the JSON format
    Json,
    /// A comment on a pull request
    Markdown,
}

pub(crate) fn run(arguments: &DiffArguments) -> Result<Exit, Failure> {
    let Some((plan, live)) = arguments
        .estate
        .input
        .paths
        .split_last()
        .filter(|(_, live)| !live.is_empty())
    else {
        let text =
            "give the estate as it is and then a template or a plan: palisade diff LIVE PLAN";
        return Err(Failure::Usage(text.to_owned()));
    };
    let outputs = arguments.output.iter().map(|text| destination(text));
    let outputs = outputs.collect::<Result<Vec<_>, _>>()?;
    let project = Project::load(&arguments.estate.input)?;
    let judge = |paths: Vec<String>| {
        let mut own = arguments.estate.clone();
        own.input.paths = paths;
        estate::judge(&own, &project, None, None)
    };
    let before = judge(live.to_vec())?;
    let mut after = judge(vec![plan.clone()])?;
    // What a template or a plan makes lies over what is there. An export, and what another
    // template makes, is there instead of it.
    if is_planned(&after) && !is_planned(&before) {
        after = judge(arguments.estate.input.paths.clone())?;
    }
    let mut difference = diff::between(&report(&before), &report(&after));
    difference.connectivity = connectivity(&arguments.engine, &before, &after);
    for (format, path) in outputs {
        fs::write(path, render(&difference, format)).map_err(|source| Failure::Write {
            path: path.to_owned(),
            source,
        })?;
    }
    output::print(&render(&difference, arguments.format))?;
    let threshold = match (arguments.fail_on, project.configuration.fail_on) {
        (Some(FailOn(threshold)), _) | (None, Some(threshold)) => threshold,
        (None, None) => Some(Severity::Low),
    };
    let counts = |change: &diff::Change| threshold.is_some_and(|least| change.severity() >= least);
    Ok(match difference.appears.iter().any(counts) {
        true => Exit::Findings,
        false => Exit::Clean,
    })
}

/// What changes about who reaches whom in the clusters of which the input holds objects. Where
/// either side has one cluster only, it is the same by whatever name.
fn connectivity(
    engine: &EngineArguments,
    before: &Judged,
    after: &Judged,
) -> Vec<ConnectivityChange> {
    let (before, after) = (with_objects(before), with_objects(after));
    let is_alone = before.len() == 1 && after.len() == 1;
    let same = |one: &Cluster<'_>, other: &Cluster<'_>| is_alone || one.name() == other.name();
    let mut changes = Vec::new();
    for cluster in &after {
        let name = cluster.name();
        let Some(old) = before.iter().find(|old| same(old, cluster)) else {
            let reason = "the cluster is there afterwards only";
            changes.push(ConnectivityChange::unknown(name, reason));
            continue;
        };
        let analyses = (engine.try_analyse(old), engine.try_analyse(cluster));
        changes.push(match analyses {
            (Ok(old), Ok(new)) => change::between(name, &old, &new),
            (Err(reason), _) | (_, Err(reason)) => ConnectivityChange::unknown(name, reason),
        });
    }
    let gone = before
        .iter()
        .filter(|old| !after.iter().any(|new| same(old, new)));
    changes.extend(
        gone.map(|old| {
            ConnectivityChange::unknown(old.name(), "the cluster was there before only")
        }),
    );
    changes.retain(|change| !change.is_empty());
    changes
}

fn with_objects(judged: &Judged) -> Vec<Cluster<'_>> {
    let clusters = judged.input.estate.clusters();
    clusters
        .filter(|cluster| cluster.objects().next().is_some())
        .collect()
}

/// Whether a template, a plan or a configuration makes any of it.
fn is_planned(judged: &Judged) -> bool {
    let mut resources = judged.input.estate.resources();
    resources.any(|resource| resource.is_planned())
}

fn report(judged: &Judged) -> Report {
    Report::new(&judged.input, &judged.audit, judged.files, judged.bytes)
}

fn destination(text: &str) -> Result<(DiffFormat, &str), Failure> {
    let named = text.split_once('=');
    let named = named.and_then(|(name, file)| Some((DiffFormat::from_str(name, true).ok()?, file)));
    named.ok_or_else(|| {
        let text = format!(
            "`{text}` doesn't tell its format; write json=FILE, markdown=FILE or terminal=FILE"
        );
        Failure::Usage(text)
    })
}

fn render(difference: &diff::Difference, format: DiffFormat) -> String {
    match format {
        DiffFormat::Terminal => diff::terminal(difference),
        DiffFormat::Json => diff::json(difference),
        DiffFormat::Markdown => diff::markdown(difference),
    }
}
