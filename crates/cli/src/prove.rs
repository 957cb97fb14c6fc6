//! `palisade prove`: intents, proved over every packet or refuted by one.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use palisade_document::{Notation, Text, parse};
use palisade_reach::azure::Network;
use palisade_reach::intent::{self, FILE_NAME};
use palisade_report::connectivity::json;
use palisade_report::connectivity::proof::{self, ProofReport, ProofVerdict};

use crate::arguments::{InputArguments, ListFormat};
use crate::connectivity::EngineArguments;
use crate::estate;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::project::Project;
use crate::way;

#[derive(Debug, Args)]
pub(crate) struct ProveArguments {
    #[command(flatten)]
    input: InputArguments,

    /// Read the intents from this file instead of the palisade.intents.yaml in this folder or the
    /// nearest above
    #[arg(long, value_name = "FILE")]
    intents: Option<PathBuf>,

    #[command(flatten)]
    engine: EngineArguments,

    /// Ask the network policies of clusters alone, not Azure's network behind them
    #[arg(long)]
    policies_alone: bool,

    /// Service tags newer than the built-in ones: Microsoft's download of a cloud, or what
    /// `az network list-service-tags` prints
    #[arg(long, value_name = "FILE")]
    service_tags: Vec<PathBuf>,

    /// Exit with 3 when no intent is violated and one is unknown
    #[arg(long)]
    strict: bool,

    /// How to print what became of them
    #[arg(long, value_enum, default_value_t = ListFormat::Terminal)]
    format: ListFormat,
}

pub(crate) fn run(arguments: &ProveArguments) -> Result<Exit, Failure> {
    let path = match &arguments.intents {
        Some(path) => path.clone(),
        None => nearest()?,
    };
    let (document, mut diagnostics) = parse(text(&path)?, Notation::Yaml);
    let intents = intent::read(&document);
    diagnostics.extend(intents.diagnostics);
    if !diagnostics.is_empty() {
        return Err(Failure::Broken(diagnostics));
    }
    if intents.list.is_empty() {
        let text = format!("{} holds no intent", path.display());
        return Err(Failure::Usage(text));
    }
    let project = Project::load(&arguments.input)?;
    let (input, _, _) = estate::read(&arguments.input, &project)?;
    let analyses = arguments.engine.analyses(&input.estate)?;
    let tags = way::service_tags(&arguments.service_tags)?;
    let network = Network::new(&input.estate, tags);
    let network = (!arguments.policies_alone).then_some(&network);
    let report = ProofReport::new(&input.estate, network, &analyses, &intents.list);
    output::print_with(true, |out| match arguments.format {
        ListFormat::Terminal => proof::write_terminal(&report, out),
        ListFormat::Json => json::write(&report, out),
    })?;
    let has = |verdict| report.count(verdict) > 0;
    Ok(if has(ProofVerdict::Violated) {
        Exit::Findings
    } else if arguments.strict && has(ProofVerdict::Unknown) {
        Exit::NoInput
    } else {
        Exit::Clean
    })
}

fn text(path: &Path) -> Result<Text, Failure> {
    let shown = path.to_string_lossy().into_owned();
    let bytes = fs::read(path).map_err(|source| Failure::Read {
        path: shown.clone(),
        source,
    })?;
    Ok(Text::new(shown, String::from_utf8_lossy(&bytes)))
}

/// The file of intents in the working folder or the nearest above.
fn nearest() -> Result<PathBuf, Failure> {
    let folder = env::current_dir().ok();
    let folders = folder.iter().flat_map(|folder| folder.ancestors());
    let found = folders
        .map(|folder| folder.join(FILE_NAME))
        .find(|path| path.is_file());
    let Some(found) = found else {
        let text = format!("there is no {FILE_NAME} here or above; name a file with --intents");
        return Err(Failure::Usage(text));
    };
    let shown = folder.and_then(|folder| found.strip_prefix(folder).ok().map(Path::to_owned));
    Ok(shown.unwrap_or(found))
}
