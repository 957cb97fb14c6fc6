//! `palisade policy lint`: what is wrong, odd or without effect in definitions and in what puts them
//! in force.

use clap::Args;

use crate::arguments::{AuditArguments, Questions};
use crate::audit;
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(crate) struct LintArguments {
    #[command(flatten)]
    audit: AuditArguments,

    /// The aliases of Azure Policy, as `az provider list --expand resourceTypes/aliases` prints
    /// them; they count before those that Palisade brings
    #[arg(long, value_name = "FILE")]
    aliases: Option<String>,
}

pub(super) fn run(mut arguments: LintArguments) -> Result<Exit, Failure> {
    arguments.audit.estate.questions = Questions::DefinitionLints;
    arguments.audit.estate.aliases = arguments.aliases;
    audit::run(&arguments.audit)
}
