//! `palisade lint`: what is wrong, odd or without effect in network policies.

use clap::Args;

use crate::arguments::{AuditArguments, Questions};
use crate::audit;
use crate::connectivity::EngineArguments;
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(crate) struct LintArguments {
    #[command(flatten)]
    audit: AuditArguments,

    #[command(flatten)]
    engine: EngineArguments,
}

pub(crate) fn run(mut arguments: LintArguments) -> Result<Exit, Failure> {
    arguments.audit.estate.questions = Questions::Lints(arguments.engine.named());
    audit::run(&arguments.audit)
}
