//! `palisade init`: a configuration to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use clap::Args;
use palisade_project::{FILE_NAME, TEMPLATE};

use crate::exit::{Exit, Failure};
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// Where to write
    #[arg(default_value = FILE_NAME, value_name = "FILE")]
    file: String,
}

/// Writes the file unless there is one.
pub(crate) fn run(arguments: &InitArguments) -> Result<Exit, Failure> {
    let path = &arguments.file;
    let opened = OpenOptions::new().write(true).create_new(true).open(path);
    match opened.and_then(|mut file| file.write_all(TEMPLATE.as_bytes())) {
        Ok(()) => {
            output::print(&format!("wrote {path}\n"))?;
            Ok(Exit::Clean)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Failure::Usage(format!(
            "{path} exists and is left as it is"
        ))),
        Err(source) => Err(Failure::Write {
            path: path.clone(),
            source,
        }),
    }
}
