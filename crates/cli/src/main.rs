//! The `palisade` command: arguments in, exit code out. The only crate that prints and touches
//! the disk.

mod api_server;
mod arguments;
mod audit;
mod baseline;
mod bicep;
mod connectivity;
mod controls;
mod diff;
mod egress;
mod end;
mod estate;
mod exit;
mod files;
mod formats;
mod generate;
mod inbound;
mod init;
mod kubectl;
mod lint;
mod lsp;
mod man;
mod output;
mod policy;
mod progress;
mod project;
mod prove;
mod reach;
mod way;

use std::process::ExitCode;

use clap::FromArgMatches;

use arguments::{Arguments, Command};
use exit::{Exit, Failure};

fn main() -> ExitCode {
    let mut command = arguments::command();
    let parsed = command
        .try_get_matches_from_mut(kubectl::as_command(std::env::args_os().collect()))
        .and_then(|matches| Arguments::from_arg_matches(&matches))
        .map_err(|error| error.format(&mut command));
    let arguments = match parsed {
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
    if arguments.quiet {
        output::be_quiet();
    }
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
        Some(Command::Connectivity(arguments)) => connectivity::run(&arguments),
        Some(Command::Reach(arguments)) => reach::run(&arguments),
        Some(Command::Prove(arguments)) => prove::run(&arguments),
        Some(Command::Generate(arguments)) => generate::run(&arguments),
        Some(Command::Egress(arguments)) => egress::run(&arguments),
        Some(Command::Lint(arguments)) => lint::run(arguments),
        Some(Command::Policy(command)) => policy::run(command),
        Some(Command::Kubectl(arguments)) => kubectl::run(arguments),
        Some(Command::Baseline(command)) => baseline::run(&command),
        Some(Command::Diff(arguments)) => diff::run(&arguments),
        Some(Command::Init(arguments)) => init::run(&arguments),
        Some(Command::Controls { format }) => controls::list(format),
        Some(Command::Explain { control }) => controls::explain(&control),
        Some(Command::Lsp(arguments)) => lsp::run(&arguments),
        Some(Command::Man(arguments)) => man::run(&arguments),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut arguments::command(), "palisade", &mut script);
            output::print(&String::from_utf8_lossy(&script))?;
            Ok(Exit::Clean)
        }
    }
}
