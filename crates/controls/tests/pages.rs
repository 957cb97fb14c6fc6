//! Runs the tests on the pages of the controls: each case is a small estate with the answers
//! expected of that control. `UPDATE=1` writes the answers into the pages instead.
#![allow(clippy::print_stderr, reason = "a test tells what it could not write")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::civil::date;
use libtest_mimic::{Arguments, Failed, Trial};
use palisade_controls::page::{Case, HEADINGS, cases, section};
use palisade_controls::{Context, Control, Finding, Place, Recommendation};
use palisade_sources::File;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let is_update = std::env::var_os("UPDATE").is_some();
    if is_update {
        controls().for_each(update);
    }
    let trials = controls().flat_map(|control| {
        let whole = Trial::test(format!("{}::page", control.code), move || {
            well_formed(control)
        });
        let cases = cases(control.page)
            .into_iter()
            .filter(|_| !is_update)
            .map(move |case| {
                Trial::test(format!("{}::{}", control.code, case.name), move || {
                    run(control, &case)
                })
            });
        cases.chain([whole])
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// The controls of the baseline and the lints.
fn controls() -> impl Iterator<Item = &'static Control> {
    palisade_controls::every()
}

fn run(control: &'static Control, case: &Case<'_>) -> Result<(), Failed> {
    let actual = answers(control, case)?;
    if actual == case.expected.trim() {
        return Ok(());
    }
    Err(format!("expected:\n{}\n\nfound:\n{actual}\n\n(UPDATE=1 cargo test -p palisade-controls --test pages writes it)", case.expected.trim()).into())
}

fn answers(control: &'static Control, case: &Case<'_>) -> Result<String, Failed> {
    let load = |&(path, content): &(&str, &str)| {
        Ok(File {
            path: path.to_owned(),
            bytes: content.as_bytes().to_vec(),
        })
    };
    let input = palisade_sources::read_all(&case.files, load, case.is_complete);
    if let Some(diagnostic) = input.diagnostics.first() {
        return Err(format!("the estate is broken: {diagnostic:?}").into());
    }
    if let Some(left) = input.not_understood.first() {
        return Err(format!("not understood: {left:?}").into());
    }
    let context = Context::new(&input.estate, date(2026, 11, 23));
    let audit = palisade_controls::audit(&context, vec![control]);
    let lines: Vec<_> = audit
        .findings
        .iter()
        .map(|finding| line(finding, &context))
        .collect();
    Ok(lines.join("\n"))
}

fn line(finding: &Finding, context: &Context<'_>) -> String {
    let place = match finding.primary.as_ref().map(|mark| &mark.place) {
        Some(&Place::Value(origin)) => {
            let value = context.estate.value(origin);
            format!(" {}:{}", value.document().text().path(), value.position())
        }
        _ => String::new(),
    };
    format!(
        "{} {}{place}: {}",
        finding.outcome.as_str(),
        finding.subject.name,
        finding.message
    )
}

/// A page has the fixed headings and a failing, a passing and an unknown case. A lint remarks upon
/// what is wrong and says nothing about the rest, so that none passes.
fn well_formed(control: &Control) -> Result<(), Failed> {
    let title = format!("# {} {}\n", control.code, control.name);
    if !control.page.starts_with(&title) {
        return Err(format!("the page must start with `{}`", title.trim()).into());
    }
    for heading in HEADINGS {
        if section(control.page, heading).is_empty() {
            return Err(format!("the section `{heading}` is missing or empty").into());
        }
    }
    shows_every_form(control)?;
    let cases = cases(control.page);
    let outcomes = ["fail", "unknown", "pass"];
    let needed = match control.recommendation {
        // What is wrong with a text shows in the text.
        Recommendation::DefinitionLint => 1,
        Recommendation::PolicyLint => 2,
        _ => 3,
    };
    for outcome in outcomes.into_iter().take(needed) {
        let has_line =
            |case: &Case<'_>| case.expected.lines().any(|line| line.starts_with(outcome));
        if !cases.iter().any(has_line) {
            return Err(format!("no case gives `{outcome}`").into());
        }
    }
    Ok(())
}

/// Controls whose fix nobody can write down, with the reason.
const WITHOUT_FORMS: [(&str, &str); 1] = [(
    "GW015",
    "Azure moves a service to another platform; no property declares it",
)];

/// What is mended in Azure shows the fix in `az`, Bicep and Terraform; what is mended in a cluster
/// shows a manifest.
fn shows_every_form(control: &Control) -> Result<(), Failed> {
    if WITHOUT_FORMS.iter().any(|(code, _)| *code == control.code) {
        return Ok(());
    }
    let fix = section(control.page, "How to fix");
    let shows = |form: &str| fix.contains(&format!("```{form}\n"));
    let is_about_objects = section(control.page, "Tests").contains("\n```yaml ");
    if control.recommendation == Recommendation::DefinitionLint && shows("json") {
        return Ok(());
    }
    let missing: Vec<_> = ["bash", "bicep", "terraform"]
        .into_iter()
        .filter(|form| !shows(form))
        .collect();
    if missing.is_empty() || is_about_objects && shows("yaml") {
        return Ok(());
    }
    Err(format!("the fix isn't shown in {}", missing.join(", ")).into())
}

/// Writes the answers that the control gives now into its page.
fn update(control: &'static Control) {
    let Some(path) = page_path(control) else {
        return;
    };
    let mut page = control.page.to_owned();
    for case in cases(control.page) {
        let Ok(actual) = answers(control, &case) else {
            continue;
        };
        let Some(start) = page.find(&format!("\n### {}\n", case.name)) else {
            continue;
        };
        let Some(fence) = page[start..].find("\n```findings\n") else {
            continue;
        };
        let body = start + fence + "\n```findings\n".len();
        let Some(end) = page[body - 1..].find("\n```").map(|end| body - 1 + end) else {
            continue;
        };
        page.replace_range(body.min(end + 1)..end.max(body), &actual);
        if end < body && !actual.is_empty() {
            page.insert(body + actual.len(), '\n');
        }
    }
    if let Err(error) = std::fs::write(&path, page) {
        eprintln!("{}: {error}", path.display());
    }
}

fn page_path(control: &Control) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = format!("{}.md", control.name.replace('-', "_"));
    let folders = std::fs::read_dir(root).ok()?.flatten();
    folders
        .map(|folder| folder.path().join(&file))
        .find(|path| path.is_file())
}
