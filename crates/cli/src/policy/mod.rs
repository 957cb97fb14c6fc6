//! `palisade policy`: which policies an estate breaks, without asking Azure.

mod check;
mod lint;
mod list;
mod test;

use std::fs;

use clap::Subcommand;
use jiff::civil::Date;
use jiff::{Timestamp, tz};
use palisade_document::{Document, Notation, Text, Value, parse};
use palisade_policy::{Catalogue, Definition, Initiative};

use crate::exit::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Say which resources break the definitions that are assigned to them, and which would break
    /// those that nobody assigned
    Check(check::CheckArguments),
    /// Run the suites that stand beside definitions: what each must say about resources and objects
    Test(test::TestArguments),
    /// Find what is wrong, odd or without effect in definitions, initiatives, assignments and
    /// exemptions
    Lint(lint::LintArguments),
    /// List the built-in definitions that bear on the baseline, and what assigns them
    List(list::ListArguments),
}

pub(crate) fn run(command: PolicyCommand) -> Result<Exit, Failure> {
    match command {
        PolicyCommand::Check(arguments) => check::run(&arguments),
        PolicyCommand::Test(arguments) => test::run(&arguments),
        PolicyCommand::Lint(arguments) => lint::run(arguments),
        PolicyCommand::List(arguments) => list::run(&arguments),
    }
}

/// The aliases that are known: those of a file before those that Palisade brings.
pub(crate) fn catalogue(path: Option<&str>) -> Result<Catalogue, Failure> {
    let mut catalogue = Catalogue::built_in();
    if let Some(path) = path {
        read(path)?.roots().for_each(|root| catalogue.add(root));
    }
    Ok(catalogue)
}

/// The time that exemptions are judged for: the start of a day, or now.
fn time(today: Option<Date>) -> Timestamp {
    let day = today.and_then(|day| day.to_zoned(tz::TimeZone::UTC).ok());
    day.map_or_else(Timestamp::now, |day| day.timestamp())
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
fn definitions(document: &Document) -> Vec<Value<'_>> {
    let mut values = Vec::new();
    document.roots().for_each(|root| collect(root, &mut values));
    values
}

fn collect<'d>(value: Value<'d>, found: &mut Vec<Value<'d>>) {
    if Initiative::is_one(value) || Definition::is_one(value) {
        found.push(value);
        return;
    }
    let list = value.get_ignore_case("value").unwrap_or(value);
    list.items().for_each(|item| collect(item, found));
}
