//! `palisade policy check`: the definitions that are in force, asked of an estate.

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use palisade_document::Document;
use palisade_policy::{Arguments as PolicyArguments, Library, Plan, review};
use palisade_report::policy::{PolicyReport, write_json, write_terminal};

use super::{catalogue, definitions, is_file, read, time};
use crate::arguments::InputArguments;
use crate::estate;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::project::Project;

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    input: InputArguments,

    /// Ask this definition instead of those that are assigned: a file, or the name of one in the
    /// input or of a built-in one; may be given several times
    #[arg(long, value_name = "FILE|ID")]
    definition: Vec<String>,

    /// Ask this initiative: a file, or the name of one in the input; may be given several times
    #[arg(long, value_name = "FILE|ID")]
    initiative: Vec<String>,

    /// The aliases of Azure Policy, as `az provider list --expand resourceTypes/aliases` prints
    /// them; they count before those that Palisade brings
    #[arg(long, value_name = "FILE")]
    aliases: Option<String>,

    /// Show the condition of every definition that is broken, part by part, with what each
    /// comparison saw
    #[arg(long)]
    explain: bool,

    /// Unknown answers count: exit with 3 when there is one
    #[arg(long)]
    strict: bool,

    /// Judge exemptions as of this day instead of today
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Date>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each definition with what breaks it
    Terminal,
    /// Version 1 of the JSON format
    Json,
}

pub(super) fn run(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let project = Project::load(&arguments.input)?;
    let chosen = arguments.chosen()?;
    let catalogue = catalogue(arguments.aliases.as_deref())?;
    let (input, _, _) = estate::read(&arguments.input, &project)?;
    let mut library = Library::read(&input.estate);
    for (_, document) in &chosen {
        definitions(document)
            .into_iter()
            .for_each(|value| library.add(value));
    }
    let mut plan = match chosen.is_empty() && arguments.names().next().is_none() {
        true => Plan::of_assignments(&input.estate, &library),
        false => Plan::default(),
    };
    for (path, document) in &chosen {
        let values = definitions(document);
        if values.is_empty() {
            return Err(Failure::Usage(format!(
                "{path} holds no definition and no initiative"
            )));
        }
        values
            .into_iter()
            .for_each(|value| plan.of_value(value, PolicyArguments::default(), &library));
    }
    for name in arguments.names() {
        if library.initiative(name).is_none() && library.definition(name).is_none() {
            return Err(Failure::Usage(format!(
                "`{name}` is no file, and neither the input nor Palisade has a definition or an initiative of that name"
            )));
        }
        plan.of_choice(name, PolicyArguments::default(), &library);
    }
    let in_force = plan.planned.len();
    if chosen.is_empty() && arguments.names().next().is_none() {
        plan.add_unassigned(&library);
    }
    let (missing, remarks) = (plan.missing.clone(), plan.remarks.clone());
    let now = time(arguments.today);
    let review = review(&input.estate, plan, &catalogue, now);
    let report = PolicyReport::new(&input.estate, &review, in_force, &missing, &remarks);
    output::print_with(true, |out| match arguments.format {
        Format::Terminal => write_terminal(&report, arguments.explain, out),
        Format::Json => write_json(&report, out),
    })?;
    Ok(
        match (
            report.is_broken(),
            arguments.strict && report.is_uncertain(),
        ) {
            (true, _) => Exit::Findings,
            (false, true) => Exit::NoInput,
            (false, false) => Exit::Clean,
        },
    )
}

impl CheckArguments {
    fn given(&self) -> impl Iterator<Item = &String> {
        self.definition.iter().chain(&self.initiative)
    }

    /// The files among what was chosen.
    fn chosen(&self) -> Result<Vec<(String, Document)>, Failure> {
        let files = self.given().filter(|given| is_file(given));
        files.map(|path| Ok((path.clone(), read(path)?))).collect()
    }

    /// The names among what was chosen.
    fn names(&self) -> impl Iterator<Item = &String> {
        self.given().filter(|given| !is_file(given))
    }
}
