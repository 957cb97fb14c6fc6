//! Exclusions and exceptions of managed rules that spare too much.

use palisade_document::Value;
use palisade_estate::{Field, Settings, Unknown};

use super::address_range::is_wide;
use crate::Severity;

/// Something that is too broad: the place and what it spares.
pub(super) struct Breadth<'e> {
    pub(super) message: String,
    pub(super) severity: Severity,
    pub(super) at: Value<'e>,
}

/// Headers that every client sends, and that applications read most.
const COMMON_HEADERS: [&str; 7] = [
    "Host",
    "Cookie",
    "Authorization",
    "User-Agent",
    "Referer",
    "X-Forwarded-For",
    "Content-Type",
];

/// A part of a name so short is in many names.
const SHORT: usize = 2;

pub(super) fn of_exclusion<'e>(entry: &Settings<'e>) -> Result<Option<Breadth<'e>>, Unknown> {
    let (variable, at) = entry.text("matchVariable").or_default("")?;
    let (operator, _) = entry.text("selectorMatchOperator").or_default("")?;
    let (selector, _) = entry.text("selector").or_default("")?;
    let is_global = !is_scoped(entry, "exclusionManagedRuleSets")?;
    let spared = match operator.to_ascii_lowercase().as_str() {
        "equalsany" => format!("every one of {variable}"),
        "contains" | "startswith" | "endswith" if selector.chars().count() <= SHORT => {
            format!("all {variable} that {} `{selector}`", verb(operator))
        }
        "equals" if is_global && is_common_header(variable, selector) => {
            format!("the header {selector}")
        }
        _ => return Ok(None),
    };
    let (rules, severity) = match is_global {
        true => ("all managed rules", Severity::Medium),
        false => ("some managed rules", Severity::Low),
    };
    Ok(Some(Breadth {
        message: format!("{rules} skip {spared}"),
        severity,
        at,
    }))
}

/// Unlike an exclusion, an exception spares the whole request.
pub(super) fn of_exception<'e>(entry: &Settings<'e>) -> Result<Option<Breadth<'e>>, Unknown> {
    let (variable, at) = entry.text("matchVariable").or_default("")?;
    let (operator, _) = entry.text("valueMatchOperator").or_default("")?;
    let values = entry.texts("values")?;
    let value = |is_broad: fn(&str) -> bool| {
        let mut values = values.iter().map(|(value, _)| *value);
        values.find(|value| is_broad(value))
    };
    let spared = match variable.to_ascii_lowercase().as_str() {
        "requesturi" if operator.eq_ignore_ascii_case("Equals") => None,
        "requesturi" => value(|text| text.chars().count() <= SHORT).map(|text| {
            format!(
                "every request to addresses that {} `{text}`",
                verb(operator)
            )
        }),
        "remoteaddr" => value(is_wide).map(|text| format!("every request from {text}")),
        // A client sets its headers itself.
        "requestheader" => Some(format!(
            "every request with the right header {}",
            entry.text("selector").or_default("")?.0
        )),
        _ => None,
    };
    let severity = match is_scoped(entry, "exceptionManagedRuleSets")? {
        true => Severity::Medium,
        false => Severity::High,
    };
    Ok(spared.map(|spared| Breadth {
        message: format!("managed rules skip {spared}"),
        severity,
        at,
    }))
}

/// An operator as a verb of what it selects.
fn verb(operator: &str) -> &'static str {
    match operator.to_ascii_lowercase().as_str() {
        "startswith" => "start with",
        "endswith" => "end in",
        _ => "contain",
    }
}

fn is_scoped(entry: &Settings<'_>, path: &str) -> Result<bool, Unknown> {
    match entry.list(path) {
        Field::Present(..) => Ok(true),
        Field::Absent(_) => Ok(false),
        Field::Unknown(unknown) => Err(unknown),
    }
}

fn is_common_header(variable: &str, selector: &str) -> bool {
    let is_header = variable.to_ascii_lowercase().starts_with("requestheader");
    is_header
        && COMMON_HEADERS
            .iter()
            .any(|header| header.eq_ignore_ascii_case(selector))
}
