//! `palisade man`: the manual pages, for packagers.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::arguments;
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// The folder to write palisade.1, palisade-audit.1 and so on to
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

pub(crate) fn run(arguments: &ManArguments) -> Result<Exit, Failure> {
    let folder = &arguments.folder;
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(arguments::command(), folder))
        .map_err(|source| Failure::Write {
            path: folder.display().to_string(),
            source,
        })?;
    Ok(Exit::Clean)
}
