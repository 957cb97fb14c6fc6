//! `palisade policy test`: suites beside definitions.

use std::path::Path;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use palisade_document::{Diagnostic, Document, Kind, Value};
use palisade_estate::ResourceId;
use palisade_policy::suite::{self, FILE_ENDINGS, Suite, Test};
use palisade_policy::{Catalogue, Definition, Initiative, Library, Plan, builtin, review};
use palisade_report::policy::{
    SuiteEntry, SuiteReport, TestEntry, write_json, write_suites, write_suites_junit,
};
use palisade_sources::{Deployment, Input, Options};

use super::{catalogue, definitions, is_file, read, time};
use crate::exit::{Exit, Failure};
use crate::files::{self, Found, Place};
use crate::{bicep, output};

#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    /// Suites, and folders in which to look for files that end in .policy-test.yaml
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<String>,

    /// The aliases of Azure Policy, as `az provider list --expand resourceTypes/aliases` prints
    /// them; they count before those that Palisade brings
    #[arg(long, value_name = "FILE")]
    aliases: Option<String>,

    /// Judge exemptions as of this day instead of today
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<Date>,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each test, and why it failed
    Terminal,
    /// JUnit XML, for test dashboards
    Junit,
    /// Version 1 of the JSON format
    Json,
}

/// Where templates go that tests are given: an id in them must be one.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";
const RESOURCE_GROUP: &str = "test";

pub(super) fn run(arguments: &TestArguments) -> Result<Exit, Failure> {
    let asker = Asker {
        catalogue: catalogue(arguments.aliases.as_deref())?,
        now: time(arguments.today),
    };
    let found = files::find(&arguments.paths, is_suite);
    if !found.problems.is_empty() {
        return Err(Failure::Broken(found.problems));
    }
    let paths = found.places.iter().filter_map(|place| match place {
        Place::Disk(path) => Some(files::shown(path)),
        _ => None,
    });
    let suites: Vec<_> = paths.map(|path| asker.suite(&path)).collect();
    if suites.is_empty() {
        let text = format!("nothing to test: no file ends in {}", FILE_ENDINGS[0]);
        return Err(Failure::NoInput(text));
    }
    let report = SuiteReport::new(suites);
    output::print_with(true, |out| match arguments.format {
        Format::Terminal => write_suites(&report, out),
        Format::Junit => write_suites_junit(&report, out),
        Format::Json => write_json(&report, out),
    })?;
    Ok(match (report.count("failed"), report.is_broken()) {
        (0, false) => Exit::Clean,
        (0, true) => Exit::Usage,
        _ => Exit::Findings,
    })
}

fn is_suite(path: &Path) -> bool {
    let name = path.to_string_lossy().to_lowercase();
    FILE_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// What suites are run with.
struct Asker {
    catalogue: Catalogue,
    now: Timestamp,
}

/// A suite with the files that it names.
struct Opened<'d> {
    suite: Suite<'d>,
    path: &'d str,
    /// What is asked, if a file holds it.
    asked: Option<Document>,
    /// The files of further definitions.
    others: Vec<Document>,
}

impl Asker {
    fn suite(&self, path: &str) -> SuiteEntry {
        let document = match document(path) {
            Ok(document) => document,
            Err(diagnostics) => return SuiteEntry::new(path, path, &diagnostics),
        };
        let mut suite = suite::read(&document);
        let mut errors = std::mem::take(&mut suite.diagnostics);
        let mut open = |name: Value<'_>| {
            let opened = self::document(&beside(path, name.scalar()));
            opened.map_err(|found| errors.extend(found)).ok()
        };
        let is_name = |name: &Value<'_>| !looks_like_file(path, name.scalar());
        let asked = suite.asked.filter(|name| !is_name(name)).map(&mut open);
        let others = suite.definitions.iter().filter_map(|name| open(*name));
        let others = others.collect();
        let opened = Opened {
            path,
            others,
            asked: match asked {
                Some(Some(asked)) => Some(asked),
                // Without what it is about there is nothing to run.
                Some(None) => return SuiteEntry::new(path, path, &errors),
                None => None,
            },
            suite,
        };
        let mut entry = SuiteEntry::new(path, &opened.title(), &errors);
        let tests = opened.suite.tests.iter();
        entry.tests = tests.map(|test| self.test(&opened, test)).collect();
        entry
    }

    fn test(&self, opened: &Opened<'_>, test: &Test<'_>) -> TestEntry {
        let (input, stand_in) = match opened.estate(test) {
            Ok(estate) => estate,
            Err(errors) => return TestEntry::broken(test, &errors),
        };
        let mut library = Library::read(&input.estate);
        let files = opened.asked.iter().chain(&opened.others);
        files
            .flat_map(definitions)
            .for_each(|value| library.add(value));
        let (plan, errors) = match opened.plan(test, &input, &library) {
            Ok(plan) => {
                let errors = opened.left_out(&plan);
                (plan, errors)
            }
            Err(errors) => return TestEntry::broken(test, &errors),
        };
        if !errors.is_empty() {
            return TestEntry::broken(test, &errors);
        }
        let review = review(&input.estate, plan, &self.catalogue, self.now);
        let problems = suite::problems(&review, test, stand_in.as_ref());
        TestEntry::run(test, &review, &problems)
    }
}

impl Opened<'_> {
    /// What the suite is about, in print.
    fn title(&self) -> String {
        let Some(asked) = self.suite.asked else {
            return "the assignments that are given".to_owned();
        };
        let value = match &self.asked {
            Some(document) => definitions(document).first().copied(),
            None => builtin::definition(&asked.scalar().to_lowercase()),
        };
        let title = value.and_then(|value| {
            let properties = value.get_ignore_case("properties").unwrap_or(value);
            properties.get_ignore_case("displayName")?.as_str()
        });
        title.unwrap_or(asked.scalar()).to_owned()
    }

    /// The estate of a test, and the cluster that is put into it if it holds objects and no
    /// cluster.
    fn estate(&self, test: &Test<'_>) -> Result<(Input, Option<ResourceId>), Vec<Diagnostic>> {
        let mut found = Found::default();
        for given in &test.given {
            match given.kind() {
                Kind::Object => found.places.push(Place::Fetched {
                    path: self.path.to_owned(),
                    bytes: Arc::new(suite::alone(*given).into_bytes()),
                }),
                _ => {
                    let named = beside(self.path, given.scalar());
                    found.add(files::find(&[named], |path| !is_suite(path)));
                }
            }
        }
        let not_compiled = bicep::compile(&mut found);
        let mut errors = found.problems;
        errors.extend(not_compiled.iter().map(left_aside));
        let mut input = read_all(&found.places);
        let kind = "microsoft.containerservice/managedclusters";
        let has_objects = input.estate.objects().len() > 0;
        let mut stand_in = None;
        if has_objects && input.estate.of_type(kind).len() == 0 {
            let (id, place) = cluster();
            found.places.push(place);
            input = read_all(&found.places);
            stand_in = ResourceId::parse(&id);
        }
        errors.extend(input.diagnostics.iter().cloned());
        let given = test.at.get("given").unwrap_or(test.at);
        errors.extend(input.not_understood.iter().map(|left| {
            let at = (left.path == self.path).then(|| given.position());
            Diagnostic {
                position: at,
                ..left_aside(left)
            }
        }));
        match errors.is_empty() {
            true => Ok((input, stand_in)),
            false => Err(errors),
        }
    }

    fn plan<'e>(
        &'e self,
        test: &Test<'_>,
        input: &'e Input,
        library: &Library<'e>,
    ) -> Result<Plan<'e>, Vec<Diagnostic>> {
        let Some(asked) = self.suite.asked else {
            self.suite.arguments(test, &[])?;
            return Ok(Plan::of_assignments(&input.estate, library));
        };
        let named = asked.scalar();
        let values = match &self.asked {
            Some(document) => definitions(document),
            None => {
                let initiative = library.initiative(named);
                let definition = || library.definition(named).map(|(value, _)| value);
                initiative.or_else(definition).into_iter().collect()
            }
        };
        let [value] = values.as_slice() else {
            let message = match (&self.asked, values.is_empty()) {
                (None, _) => format!(
                    "neither what is given nor Palisade has a definition or an initiative `{named}`"
                ),
                (_, true) => format!("`{named}` holds no definition and no initiative"),
                (_, false) => format!("`{named}` holds several definitions"),
            };
            let help = "name a file with one, or one that `palisade policy list` shows";
            return Err(vec![error(asked, &message).with_help(help)]);
        };
        let declared = match Initiative::is_one(*value) {
            true => Initiative::read(*value).0.parameters,
            false => {
                let definition = Definition::read(*value).0;
                definition.map_or(Vec::new(), |own| own.parameters)
            }
        };
        let arguments = self.suite.arguments(test, &declared);
        let mut plan = Plan::default();
        // What is wrong with the definition itself counts before what it can't be given.
        plan.of_value(*value, arguments.clone().unwrap_or_default(), library);
        match plan.remarks.is_empty() {
            true => arguments.map(|_| plan),
            false => Ok(plan),
        }
    }

    /// What is wrong with definitions, and which of them are nowhere.
    fn left_out(&self, plan: &Plan<'_>) -> Vec<Diagnostic> {
        let remarks = plan.remarks.iter().map(|remark| remark.diagnostic());
        let missing = plan.missing.iter().filter(|_| plan.remarks.is_empty());
        let missing = missing.map(|missing| {
            let cause = &missing.why.cause;
            let help = "name its file in `definitions`";
            match self.suite.asked {
                Some(asked) => error(asked, cause).with_help(help),
                None => Diagnostic::error(self.path, None, cause).with_help(help),
            }
        });
        remarks.chain(missing).collect()
    }
}

fn read_all(places: &[Place]) -> Input {
    let options = Options {
        assume_complete: true,
        deployment: Deployment {
            subscription: Some(SUBSCRIPTION.to_owned()),
            resource_group: Some(RESOURCE_GROUP.to_owned()),
            location: None,
        },
        ..Options::default()
    };
    palisade_sources::read_all(places, files::load, options)
}

/// A cluster for objects that come without one.
fn cluster() -> (String, Place) {
    let kind = "Microsoft.ContainerService/managedClusters";
    let id = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/{kind}/cluster"
    );
    let body =
        format!(r#"{{"id": "{id}", "type": "{kind}", "name": "cluster", "properties": {{}}}}"#);
    let place = Place::Fetched {
        path: "a cluster for the objects".to_owned(),
        bytes: Arc::new(body.into_bytes()),
    };
    (id, place)
}

/// A file, or what is wrong with it.
fn document(path: &str) -> Result<Document, Vec<Diagnostic>> {
    read(path).map_err(|failure| match failure {
        Failure::Broken(diagnostics) => diagnostics,
        Failure::Read { source, .. } => {
            let message = format!("can't be read: {source}");
            vec![Diagnostic::error(path, None, message)]
        }
        other => vec![Diagnostic::error(path, None, other.to_string())],
    })
}

/// A path that is written in the file of a suite.
fn beside(suite: &str, name: &str) -> String {
    let folder = Path::new(suite).parent().unwrap_or(Path::new(""));
    files::plain(&folder.join(name))
        .to_string_lossy()
        .into_owned()
}

/// Whether what a suite asks is a file: one that is there, or that should be by its ending.
fn looks_like_file(suite: &str, name: &str) -> bool {
    let endings = [".json", ".jsonc", ".yaml", ".yml"];
    is_file(&beside(suite, name)) || endings.iter().any(|ending| name.ends_with(ending))
}

fn error(at: Value<'_>, message: &str) -> Diagnostic {
    Diagnostic::error(at.document().text().path(), Some(at.position()), message)
}

fn left_aside(left: &palisade_sources::NotUnderstood) -> Diagnostic {
    let message = format!("not understood: {}", left.reason);
    Diagnostic::error(&left.path, None, message)
}
