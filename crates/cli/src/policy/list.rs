//! `palisade policy list`: the built-in definitions that bear on the baseline.

use clap::Args;
use palisade_policy::{Definition, Library, Plan, builtin};
use palisade_report::policy::{ListedPolicy, write_json, write_list};

use crate::arguments::{InputArguments, ListFormat};
use crate::estate;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::project::Project;

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    input: InputArguments,

    /// How to print the list
    #[arg(long, value_enum, default_value_t = ListFormat::Terminal)]
    format: ListFormat,
}

pub(super) fn run(arguments: &ListArguments) -> Result<Exit, Failure> {
    let project = Project::load(&arguments.input)?;
    let (input, _, _) = estate::read(&arguments.input, &project)?;
    let library = Library::read(&input.estate);
    let plan = Plan::of_assignments(&input.estate, &library);
    let rows = builtin::definitions().filter_map(|(name, value)| {
        let definition = Definition::read(value).0?;
        let assigned = plan.planned.iter().filter(|planned| {
            let own = &plan.definitions[planned.rule].name;
            own.eq_ignore_ascii_case(name)
        });
        let assigned = assigned.filter_map(|planned| Some(planned.assignment?.id().to_string()));
        Some(ListedPolicy {
            definition: name.to_owned(),
            display_name: definition.title().to_owned(),
            version: definition.version.unwrap_or_default().to_owned(),
            assigned_by: assigned.collect(),
        })
    });
    let rows: Vec<_> = rows.collect();
    output::print_with(true, |out| match arguments.format {
        ListFormat::Terminal => write_list(&rows, out),
        ListFormat::Json => write_json(&rows, out),
    })?;
    Ok(Exit::Clean)
}
