//! `palisade policy`: which policies an estate breaks, without asking Azure.

use std::fs;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use jiff::{Timestamp, tz};
use palisade_document::{Document, Notation, Text, Value, parse};
use palisade_policy::{Catalogue, Definition, Initiative, Library, Plan, builtin, review};
use palisade_report::policy::{ListedPolicy, PolicyReport, write_json, write_list, write_terminal};

use crate::arguments::{InputArguments, ListFormat};
use crate::estate;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::project::Project;

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Say which resources break the definitions that are assigned to them, and which would break
    /// those that nobody assigned
    Check(CheckArguments),
    /// List the built-in definitions that bear on the baseline, and what assigns them
    List(ListArguments),
}

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

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    input: InputArguments,

    /// How to print the list
    #[arg(long, value_enum, default_value_t = ListFormat::Terminal)]
    format: ListFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each definition with what breaks it
    Terminal,
    /// Version 1 of the JSON format
    Json,
}

pub(crate) fn run(command: &PolicyCommand) -> Result<Exit, Failure> {
    match command {
        PolicyCommand::Check(arguments) => check(arguments),
        PolicyCommand::List(arguments) => list(arguments),
    }
}

fn check(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let project = Project::load(&arguments.input)?;
    let chosen = arguments.chosen()?;
    let mut catalogue = Catalogue::built_in();
    if let Some(path) = &arguments.aliases {
        read(path)?.roots().for_each(|root| catalogue.add(root));
    }
    let (input, _, _) = estate::read(&arguments.input, &project)?;
    let mut library = Library::read(&input.estate);
    for (_, document) in &chosen {
        let mut values = Vec::new();
        document.roots().for_each(|root| collect(root, &mut values));
        values.iter().for_each(|value| library.add(*value));
    }
    let mut plan = match chosen.is_empty() && arguments.names().next().is_none() {
        true => Plan::of_assignments(&input.estate, &library),
        false => Plan::default(),
    };
    for (path, document) in &chosen {
        let mut values = Vec::new();
        document.roots().for_each(|root| collect(root, &mut values));
        if values.is_empty() {
            return Err(Failure::Usage(format!(
                "{path} holds no definition and no initiative"
            )));
        }
        values
            .into_iter()
            .for_each(|value| plan.of_value(value, &library));
    }
    for name in arguments.names() {
        if library.initiative(name).is_none() && library.definition(name).is_none() {
            return Err(Failure::Usage(format!(
                "`{name}` is no file, and neither the input nor Palisade has a definition or an initiative of that name"
            )));
        }
        plan.of_choice(name, &library);
    }
    let in_force = plan.planned.len();
    if chosen.is_empty() && arguments.names().next().is_none() {
        plan.add_unassigned(&library);
    }
    let (missing, remarks) = (plan.missing.clone(), plan.remarks.clone());
    let now = arguments.now();
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

    fn now(&self) -> Timestamp {
        let day = self
            .today
            .and_then(|day| day.to_zoned(tz::TimeZone::UTC).ok());
        day.map_or_else(Timestamp::now, |day| day.timestamp())
    }
}

fn is_file(given: &str) -> bool {
    fs::metadata(given).is_ok_and(|found| found.is_file())
}

fn read(path: &str) -> Result<Document, Failure> {
    let bytes = fs::read(path).map_err(|source| Failure::Read {
        path: path.to_owned(),
        source,
    })?;
    let text =
        Text::decode(path, bytes).map_err(|_| Failure::Usage(format!("{path} is no text")))?;
    let notation = Notation::of(text.content());
    let (document, diagnostics) = parse(text, notation);
    match diagnostics.is_empty() {
        true => Ok(document),
        false => Err(Failure::Broken(diagnostics)),
    }
}

/// The definitions and initiatives in a file: one, or a list of them.
fn collect<'d>(value: Value<'d>, found: &mut Vec<Value<'d>>) {
    if Initiative::is_one(value) || Definition::is_one(value) {
        found.push(value);
        return;
    }
    let list = value.get_ignore_case("value").unwrap_or(value);
    list.items().for_each(|item| collect(item, found));
}

fn list(arguments: &ListArguments) -> Result<Exit, Failure> {
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
