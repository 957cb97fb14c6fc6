//! The `palisade` command: arguments in, exit code out. The only crate that prints and touches
//! the disk.

mod arguments;
mod audit;
mod controls;
mod exit;
mod files;
mod output;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command};
use exit::{Exit, Failure};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to standard output and are no errors.
            let is_error = error.use_stderr();
            let _ = error.print();
            return if is_error {
                Exit::Usage.into()
            } else {
                Exit::Clean.into()
            };
        }
    };
    match run(arguments) {
        Ok(exit) => exit.into(),
        // A reader that closed the pipe has seen enough.
        Err(Failure::Pipe) => Exit::Clean.into(),
        Err(failure) => {
            output::error(&failure);
            failure.exit().into()
        }
    }
}

fn run(arguments: Arguments) -> Result<Exit, Failure> {
    match arguments.command {
        None => {
            output::print(arguments::WELCOME)?;
            Ok(Exit::Usage)
        }
        Some(Command::Audit(arguments)) => audit::run(&arguments),
        Some(Command::Controls { format }) => controls::list(format),
        Some(Command::Explain { control }) => controls::explain(&control),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "palisade", &mut script);
            output::print(&String::from_utf8_lossy(&script))?;
            Ok(Exit::Clean)
        }
    }
}
