//! What is checked.

use palisade_controls::{Control, Framework, page};
use palisade_project::{Selector, every_control, parameters};

use crate::arguments::ListFormat;
use crate::exit::{Exit, Failure};
use crate::output;

/// Lists the controls.
pub(crate) fn list(format: ListFormat) -> Result<Exit, Failure> {
    let text = match format {
        ListFormat::Terminal => every_control().map(line).collect::<String>(),
        ListFormat::Json => palisade_report::json::controls(every_control()),
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

/// Prints the page of a control, with its parameters.
pub(crate) fn explain(name: &str) -> Result<Exit, Failure> {
    let control = match Selector::parse(name) {
        Ok(Selector::Control(code)) => every_control().find(|control| control.code == code),
        Ok(_) => None,
        Err(hint) => {
            return Err(Failure::Usage(format!(
                "no control is called `{name}`; {hint}"
            )));
        }
    };
    let Some(control) = control else {
        return Err(Failure::Usage(format!(
            "`{name}` names several controls; `palisade controls` lists them"
        )));
    };
    let page = page::for_readers(control.page);
    let parameters = parameters(control);
    // What can be set stands before the references.
    let text = match page.split_once("\n## References\n") {
        Some((before, after)) if !parameters.is_empty() => {
            format!("{before}\n{parameters}\n## References\n{after}\n")
        }
        _ => format!("{page}\n"),
    };
    output::print(&text)?;
    Ok(Exit::Clean)
}

/// Whether a control answers an item of a catalogue.
pub(crate) fn is_of(control: &Control, framework: Framework) -> bool {
    let mut equivalents = control.equivalents.iter();
    equivalents.any(|equivalent| equivalent.framework == framework)
}
