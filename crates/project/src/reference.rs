//! The reference of `palisade.toml` for people: `docs/configuration.md`, and the parameters of a
//! control for `palisade explain`.

use palisade_controls::{Control, Domain, Parameter, Weaker};

use crate::keys::{APPLIANCE, CONTROL, Key, MATCHER, PATHS, RESOURCES, TOP, Takes, WAIVER};
use crate::{TEMPLATE, every_control};

const INTRODUCTION: &str = include_str!("reference.md");

/// The whole page.
pub fn reference() -> String {
    let mut page = INTRODUCTION.replace("{{template}}", TEMPLATE.trim_end());
    for (place, keys) in [
        ("top", &TOP[..]),
        ("paths", &PATHS),
        ("resources", &RESOURCES),
        ("matcher", &MATCHER),
        ("control", &CONTROL),
        ("waiver", &WAIVER),
        ("appliance", &APPLIANCE),
    ] {
        page = page.replace(&format!("{{{{{place}}}}}"), table(keys).trim_end());
    }
    page.replace("{{parameters}}", all_parameters().trim_end())
}

fn table(keys: &[Key]) -> String {
    let mut text = "| key | takes | default | meaning |\n|---|---|---|---|\n".to_owned();
    for key in keys {
        let default = match key.default {
            "" => String::new(),
            default => match default.split_once(',') {
                Some((value, words)) if words.starts_with(" which") => {
                    format!("`{value}`,{words}")
                }
                _ if default.starts_with("the ") => default.to_owned(),
                _ => format!("`{default}`"),
            },
        };
        text.push_str(&format!(
            "| `{}` | {} | {default} | {} |\n",
            key.name,
            takes(key.takes),
            key.meaning
        ));
    }
    text
}

fn takes(takes: Takes) -> &'static str {
    match takes {
        Takes::Controls => "controls",
        Takes::Severity => "a severity",
        Takes::FailOn => "a severity or `never`",
        Takes::Shown => "kinds of answers",
        Takes::Switch => "`true` or `false`",
        Takes::Globs => "globs",
        Takes::Matchers => "entries",
        Takes::Packets => "packets",
        Takes::Text => "a text",
        Takes::Day => "a day",
        Takes::Table => "a table",
    }
}

fn all_parameters() -> String {
    let mut text = "| control | parameter | takes | default | meaning | weaker when |\n|---|---|---|---|---|---|\n".to_owned();
    for control in every_control() {
        for parameter in control.parameters {
            text.push_str(&format!(
                "| {} `{}` | `{}` | {} | {} | {} | {} |\n",
                control.code,
                control.name,
                parameter.name,
                range(parameter),
                parameter.default(),
                parameter.meaning,
                weaker(parameter)
            ));
        }
    }
    text
}

/// The values that a parameter takes, in words.
fn range(parameter: &Parameter) -> String {
    match parameter.domain {
        Domain::Number { least, most, .. } => format!("{least} to {most}"),
        Domain::Choice { choices, .. } => choices.join(", "),
        Domain::Ports { .. } => "a list of ports".to_owned(),
        Domain::AddressRanges { .. } => "a list of ranges in CIDR notation".to_owned(),
        Domain::Names { .. } => "a list of names".to_owned(),
    }
}

fn weaker(parameter: &Parameter) -> &'static str {
    match (parameter.domain, parameter.weaker) {
        (Domain::Number { .. }, Weaker::Less) => "smaller",
        (Domain::Number { .. }, Weaker::More) => "greater",
        (Domain::Choice { .. }, Weaker::Less) => "earlier",
        (Domain::Choice { .. }, Weaker::More) => "later",
        (_, Weaker::Less) => "something is missing",
        (_, Weaker::More) => "something is added",
    }
}

/// The parameters of a control in Markdown, as a section of its page; empty if it has none.
pub fn parameters(control: &Control) -> String {
    if control.parameters.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "## Parameters\n\nUnder `[control.{}]` in `palisade.toml`:\n\n",
        control.code
    );
    for parameter in control.parameters {
        text.push_str(&format!(
            "- `{}`: {}. Takes {}; {} by default; lets more pass when {}.\n",
            parameter.name,
            parameter.meaning,
            range(parameter),
            parameter.default(),
            weaker(parameter)
        ));
    }
    text
}
