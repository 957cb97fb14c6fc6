//! `palisade baseline`: the failures that a project knows of.

use std::fs;

use clap::{Args, Subcommand};
use palisade_document::Text;
use palisade_project::Baseline;

use crate::arguments::EstateArguments;
use crate::exit::{Exit, Failure};
use crate::project::Project;
use crate::{estate, output};

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Write the failures of an estate into a baseline
    Accept(AcceptArguments),
}

#[derive(Debug, Args)]
pub(crate) struct AcceptArguments {
    #[command(flatten)]
    estate: EstateArguments,

    /// Where to write the baseline; one that is there is replaced
    #[arg(
        long,
        short,
        default_value = "palisade-baseline.json",
        value_name = "FILE"
    )]
    output: String,
}

pub(crate) fn run(command: &BaselineCommand) -> Result<Exit, Failure> {
    match command {
        BaselineCommand::Accept(arguments) => accept(arguments),
    }
}

/// Writes what counts at present. What is waived otherwise needs no baseline.
fn accept(arguments: &AcceptArguments) -> Result<Exit, Failure> {
    let project = Project::load(&arguments.estate.input)?;
    let judged = estate::judge(&arguments.estate, &project, None, None)?;
    let is_strict = project.is_strict(&arguments.estate);
    let baseline = Baseline::accept(&judged.input.estate, &judged.audit, is_strict);
    let path = &arguments.output;
    fs::write(path, baseline.to_text()).map_err(|source| Failure::Write {
        path: path.clone(),
        source,
    })?;
    let count: usize = baseline.entries().iter().map(|entry| entry.count).sum();
    let what = if count == 1 { "finding" } else { "findings" };
    output::print(&format!("accepted {count} {what} in {path}\n"))?;
    Ok(Exit::Clean)
}

/// Reads the baseline that an audit is compared with.
pub(crate) fn read(path: &str) -> Result<Baseline, Failure> {
    let bytes = fs::read(path).map_err(|source| Failure::Read {
        path: path.to_owned(),
        source,
    })?;
    let content = String::from_utf8_lossy(&bytes).into_owned();
    Baseline::read(Text::new(path, content)).map_err(Failure::Broken)
}
