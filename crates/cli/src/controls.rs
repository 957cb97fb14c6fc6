//! What is checked.

use palisade_controls::{Control, Framework, page};

use crate::arguments::ListFormat;
use crate::exit::{Exit, Failure};
use crate::output;

/// Lists the controls.
pub(crate) fn list(format: ListFormat) -> Result<Exit, Failure> {
    let text = match format {
        ListFormat::Terminal => palisade_controls::all().map(line).collect::<String>(),
        ListFormat::Json => palisade_report::json::controls(palisade_controls::all()),
    };
    output::print(&text)?;
    Ok(Exit::Clean)
}

fn line(control: &Control) -> String {
    format!(
        "{:<7} {:<9} {}\n        {}\n",
        control.code, control.severity, control.name, control.title
    )
}

/// Prints the page of a control.
pub(crate) fn explain(name: &str) -> Result<Exit, Failure> {
    let Some(control) = palisade_controls::find(name) else {
        return Err(unknown_control(name));
    };
    output::print(&format!("{}\n", page::for_readers(control.page)))?;
    Ok(Exit::Clean)
}

/// The controls that `select` and `ignore` leave.
pub(crate) fn choose(
    select: &[String],
    ignore: &[String],
) -> Result<Vec<&'static Control>, Failure> {
    for name in select.iter().chain(ignore) {
        if !palisade_controls::all().any(|control| is_named(control, name)) {
            return Err(unknown_control(name));
        }
    }
    let is_in =
        |control: &Control, names: &[String]| names.iter().any(|name| is_named(control, name));
    let chosen = palisade_controls::all()
        .filter(|control| (select.is_empty() || is_in(control, select)) && !is_in(control, ignore));
    Ok(chosen.collect())
}

/// Whether a control answers an item of a catalogue.
pub(crate) fn is_of(control: &Control, framework: Framework) -> bool {
    let mut equivalents = control.equivalents.iter();
    equivalents.any(|equivalent| equivalent.framework == framework)
}

/// Whether a control is meant by its code, its name, its prefix or its recommendation's number.
fn is_named(control: &Control, name: &str) -> bool {
    let recommendation = control.recommendation;
    [control.code, control.name, recommendation.prefix()]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
        || name.parse() == Ok(recommendation.number())
}

fn unknown_control(name: &str) -> Failure {
    let wanted = name.to_ascii_lowercase();
    let near = palisade_controls::all().find(|control| {
        control.name.contains(&wanted) || control.code.to_ascii_lowercase().starts_with(&wanted)
    });
    let hint = match near {
        Some(control) => format!("did you mean {} ({})?", control.code, control.name),
        None => "`palisade controls` lists them".to_owned(),
    };
    Failure::Usage(format!("no control is called `{name}`; {hint}"))
}
