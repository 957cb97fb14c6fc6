//! `palisade lsp`: serves an editor on the standard streams.

use std::collections::{HashMap, HashSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use palisade_document::{Diagnostic, Text};
use palisade_lsp::{Audited, Buffers, Workspace};
use palisade_report::Report;
use palisade_sources::Input;

use crate::arguments::{EstateArguments, InputArguments, Questions};
use crate::estate;
use crate::exit::{Exit, Failure};
use crate::files::Place;
use crate::project::Project;

#[derive(Debug, Args)]
pub(crate) struct LspArguments {
    /// Talk on the standard streams, as it always does
    #[arg(long)]
    stdio: bool,

    /// Read the configuration from this file instead of the palisade.toml in the workspace or the
    /// nearest above
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<String>,

    /// Read no configuration
    #[arg(long)]
    no_config: bool,
}

pub(crate) fn run(arguments: &LspArguments) -> Result<Exit, Failure> {
    let (connection, threads) = palisade_lsp::stdio();
    let served = palisade_lsp::serve(&connection, |folders| Folders::open(folders, arguments));
    drop(connection);
    served.map_err(Failure::Editor)?;
    threads.join().map_err(|source| Failure::Write {
        path: "standard output".to_owned(),
        source,
    })?;
    Ok(Exit::Clean)
}

/// The folders of a workspace. The first is the working folder, so that an editor is told what
/// `palisade audit .` says there.
struct Folders {
    folder: PathBuf,
    paths: Vec<String>,
    config: Option<String>,
    no_config: bool,
}

impl Folders {
    fn open(folders: &[PathBuf], arguments: &LspArguments) -> Result<Self, String> {
        let config = arguments.config.as_deref().map(|path| {
            let whole = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
            whole.to_string_lossy().into_owned()
        });
        let mut paths = Vec::new();
        let folder = match folders {
            [first, others @ ..] => {
                let moved = env::set_current_dir(first);
                moved.map_err(|error| format!("can't enter {}: {error}", first.display()))?;
                paths.push(".".to_owned());
                paths.extend(
                    others
                        .iter()
                        .map(|path| path.to_string_lossy().into_owned()),
                );
                first.clone()
            }
            [] => env::current_dir().map_err(|error| error.to_string())?,
        };
        Ok(Self {
            folder,
            paths,
            config,
            no_config: arguments.no_config,
        })
    }

    /// What to read: the folders, or the open files where there is no folder.
    fn arguments(&self, buffers: &Buffers) -> EstateArguments {
        let mut input = InputArguments {
            paths: self.paths.clone(),
            config: self.config.clone(),
            no_config: self.no_config,
            ..InputArguments::default()
        };
        let shown = |path: &Path| path.strip_prefix(&self.folder).unwrap_or(path).to_owned();
        let texts = buffers.iter();
        if self.paths.is_empty() {
            let places = texts.map(|(path, text)| Place::Fetched {
                path: shown(path).to_string_lossy().into_owned(),
                bytes: Arc::new(text.clone().into_bytes()),
            });
            input.fetched.places = places.collect();
        } else {
            let texts = texts.map(|(path, text)| (shown(path), text.clone()));
            input.buffers = texts.collect();
        }
        EstateArguments {
            input,
            questions: Questions::Everything,
            ..EstateArguments::default()
        }
    }
}

impl Workspace for Folders {
    fn folder(&self) -> &Path {
        &self.folder
    }

    fn audit(&self, buffers: &Buffers) -> Result<Audited, Vec<Diagnostic>> {
        let arguments = self.arguments(buffers);
        let judged = Project::load(&arguments.input).and_then(|project| {
            let judged = estate::judge_any(&arguments, &project, None, None)?;
            Ok((judged, project))
        });
        let (judged, project) = judged.map_err(|failure| match failure {
            Failure::Broken(problems) => problems,
            other => vec![Diagnostic::error(
                palisade_project::FILE_NAME,
                None,
                other.to_string(),
            )],
        })?;
        let report = Report::new(&judged.input, &judged.audit, judged.files, judged.bytes);
        Ok(Audited {
            texts: texts(&report, &judged.input),
            shown: project.shown(),
            report,
        })
    }

    fn text(&self, path: &str) -> Option<String> {
        let text = Text::decode(path, fs::read(self.folder.join(path)).ok()?).ok()?;
        Some(text.content().to_owned())
    }
}

/// The texts of the files that a report points at.
fn texts(report: &Report, input: &Input) -> HashMap<String, Text> {
    let findings = report.findings.iter();
    let places = findings.flat_map(|finding| finding.location.iter().chain(&finding.related));
    let wanted: HashSet<_> = places.map(|place| place.path.as_str()).collect();
    let texts = input
        .estate
        .documents()
        .iter()
        .map(|document| document.text());
    texts
        .filter(|text| wanted.contains(text.path()) && !text.content().is_empty())
        .map(|text| (text.path().to_owned(), text.clone()))
        .collect()
}
