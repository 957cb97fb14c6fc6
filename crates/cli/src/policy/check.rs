//! `palisade policy check`: the definitions that are in force, asked of an estate.

use std::cell::OnceCell;
use std::io::Write;

use clap::Args;
use jiff::Zoned;
use jiff::civil::Date;
use palisade_admission::{Admission, judge};
use palisade_document::Document;
use palisade_estate::{Cluster, Estate, Object};
use palisade_policy::{Arguments as PolicyArguments, Library, Plan, differences, review};
use palisade_report::Links;
use palisade_report::policy::{PolicyReport, write_json, write_terminal};

use super::{catalogue, definitions, is_file, read, time};
use crate::arguments::{InputArguments, Shown};
use crate::estate;
use crate::exit::{Exit, Failure};
use crate::formats::{self, Format, Style};
use crate::output;
use crate::project::{Project, kinds};

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

    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,

    /// Write the report to a file too, in the format of its ending or as FORMAT=FILE; may be given
    /// several times
    #[arg(long, short, value_name = "[FORMAT=]FILE")]
    output: Vec<String>,

    /// What links to files start with, as for `palisade audit`
    #[arg(long, value_name = "URL")]
    link_base: Option<String>,

    /// Show answers of these kinds in formats that choose [default: fail]
    #[arg(long, value_enum, value_delimiter = ',')]
    show: Vec<Shown>,
}

pub(super) fn run(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let project = Project::load(&arguments.input)?;
    let outputs: Vec<_> = arguments
        .output
        .iter()
        .map(|text| formats::destination(text))
        .collect::<Result<_, _>>()?;
    let chosen = arguments.chosen()?;
    let catalogue = catalogue(arguments.aliases.as_deref())?;
    let (input, files, bytes) = estate::read(&arguments.input, &project)?;
    let mut library = Library::read(&input.estate);
    let values = chosen
        .iter()
        .flat_map(|(_, document)| definitions(document));
    values.for_each(|value| library.add(value));
    let (plan, in_force) = arguments.plan(&input.estate, &library, &chosen)?;
    let (missing, remarks) = (plan.missing.clone(), plan.remarks.clone());
    let now = time(arguments.today);
    let review = review(&input.estate, plan, &catalogue, now);
    let differences = differences(&review, &catalogue, now);
    let mut report = PolicyReport::new(&input.estate, &review, in_force, &missing, &remarks)
        .with_differences(&review, &differences);
    if arguments.is_about_assignments() {
        report = report.with_admission(&input.estate, &admissions(&input.estate));
    }
    let mut formats = outputs
        .iter()
        .map(|(format, _)| *format)
        .chain([arguments.format]);
    let inventory = match formats.any(Format::has_inventory) {
        true => palisade_report::inventory(&input.estate),
        false => Vec::new(),
    };
    let today = arguments.today.unwrap_or_else(|| Zoned::now().date());
    let findings = OnceCell::new();
    let write = |format, out: &mut dyn Write| match format {
        Format::Terminal => write_terminal(&report, arguments.explain, out),
        Format::Json => write_json(&report, out),
        format => {
            let read = (files, bytes);
            let findings = findings.get_or_init(|| report.as_report(&input, &review, read, today));
            let shown = arguments.shown(&project);
            formats::write(findings, &inventory, format, arguments.style(&shown), out)
        }
    };
    for (format, path) in outputs {
        output::to_file(path, |out| write(format, out))?;
    }
    let is_text = arguments.format.is_text();
    output::print_with(is_text, |out| write(arguments.format, out))?;
    let is_uncertain = arguments.strict && report.is_uncertain();
    Ok(match (report.is_broken(), is_uncertain) {
        (true, _) => Exit::Findings,
        (false, true) => Exit::NoInput,
        (false, false) => Exit::Clean,
    })
}

/// What the admission of the clusters says that hold rules for it.
fn admissions(estate: &Estate) -> Vec<(Cluster<'_>, Admission<'_>)> {
    let is_rule = |object: Object<'_>| match object.group() {
        "constraints.gatekeeper.sh" | "templates.gatekeeper.sh" | "mutations.gatekeeper.sh" => true,
        group => group == "admissionregistration.k8s.io",
    };
    let ruled = estate
        .clusters()
        .filter(|cluster| cluster.objects().any(is_rule));
    ruled.map(|cluster| (cluster, judge(&cluster))).collect()
}

impl CheckArguments {
    /// Whether what is asked is what is assigned, and not what was chosen.
    fn is_about_assignments(&self) -> bool {
        self.given().next().is_none()
    }

    /// What is asked, and how many definitions of it are in force; the others nobody assigned.
    fn plan<'e>(
        &self,
        estate: &'e Estate,
        library: &Library<'e>,
        chosen: &'e [(String, Document)],
    ) -> Result<(Plan<'e>, usize), Failure> {
        if self.is_about_assignments() {
            let mut plan = Plan::of_assignments(estate, library);
            let in_force = plan.planned.len();
            plan.add_unassigned(library);
            return Ok((plan, in_force));
        }
        let mut plan = Plan::default();
        for (path, document) in chosen {
            let values = definitions(document);
            if values.is_empty() {
                let text = format!("{path} holds no definition and no initiative");
                return Err(Failure::Usage(text));
            }
            let nothing = PolicyArguments::default;
            values
                .into_iter()
                .for_each(|value| plan.of_value(value, nothing(), library));
        }
        for name in self.names() {
            if library.initiative(name).is_none() && library.definition(name).is_none() {
                return Err(Failure::Usage(format!(
                    "`{name}` is no file, and neither the input nor Palisade has a definition or an initiative of that name"
                )));
            }
            plan.of_choice(name, PolicyArguments::default(), library);
        }
        let in_force = plan.planned.len();
        Ok((plan, in_force))
    }

    /// The kinds of answers to show.
    fn shown(&self, project: &Project) -> Vec<&'static str> {
        match Shown::words(&self.show).as_slice() {
            [] => project.shown(),
            given => kinds(given),
        }
    }

    fn style<'s>(&'s self, shown: &'s [&'s str]) -> Style<'s> {
        Style {
            shown,
            full: true,
            colour: false,
            links: Links {
                base: self.link_base.as_deref(),
            },
        }
    }

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
