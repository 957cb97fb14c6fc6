//! Whom the conditions of a custom rule let in.

use palisade_document::Value;
use palisade_estate::{Field, Settings, Unknown};

use super::address_range::is_wide;

/// How far a condition restricts the requests that a rule matches.
pub(super) enum Reach<'e> {
    /// To clients or paths that an attacker can't choose freely.
    Narrow,
    /// To requests that any client can make by choosing what it sends; why.
    Spoofable(String, Value<'e>),
    /// To nothing; why.
    Everything(String, Value<'e>),
}

/// How far a rule's conditions restrict it together: all must hold, so that one narrow
/// condition is enough.
pub(super) fn reach<'e>(rule: &Settings<'e>) -> Result<Reach<'e>, Unknown> {
    let conditions = rule.elements("matchConditions")?;
    let mut widest = Reach::Everything("it has no condition".to_owned(), rule.anchor());
    for condition in conditions {
        match of_condition(&condition)? {
            Reach::Narrow => return Ok(Reach::Narrow),
            Reach::Spoofable(why, at) => widest = Reach::Spoofable(why, at),
            everything if matches!(widest, Reach::Everything(..)) => widest = everything,
            Reach::Everything(..) => {}
        }
    }
    Ok(widest)
}

/// A condition holds when one of its variables fits one of its values.
fn of_condition<'e>(condition: &Settings<'e>) -> Result<Reach<'e>, Unknown> {
    let (operator, at) = condition.text("operator").or_default("")?;
    let (is_negated, _) = condition.flag("negationConditon").or_default(false)?;
    let values = condition.texts("matchValues")?;
    let operator = operator.to_ascii_lowercase();
    if operator == "any" {
        return Ok(Reach::Everything("its condition is Any".to_owned(), at));
    }
    let variables = condition.elements("matchVariables")?;
    if variables.is_empty() {
        return Err(Unknown::because(
            "a condition of the rule names no variable",
            "correct the condition",
        ));
    }
    let mut reach = Reach::Narrow;
    for variable in variables {
        let (name, place) = variable.text("variableName").or_default("")?;
        let of_variable = match name.to_ascii_lowercase().as_str() {
            "remoteaddr" => of_address(&operator, is_negated, &values, at),
            "requesturi" => of_path(&operator, is_negated, &values, at),
            _ => Reach::Spoofable(
                format!("any client can choose the {}", what(name, &variable)),
                place,
            ),
        };
        match of_variable {
            Reach::Narrow => {}
            wide @ Reach::Everything(..) => return Ok(wide),
            wide @ Reach::Spoofable(..) => reach = wide,
        }
    }
    Ok(reach)
}

fn what(variable: &str, settings: &Settings<'_>) -> String {
    match settings.text("selector") {
        Field::Present(selector, _) => format!("{variable} {selector}"),
        _ => variable.to_owned(),
    }
}

type Values<'e> = [(&'e str, Value<'e>)];

fn of_address<'e>(
    operator: &str,
    is_negated: bool,
    values: &Values<'e>,
    at: Value<'e>,
) -> Reach<'e> {
    match operator {
        "ipmatch" if is_negated => Reach::Everything(
            "it takes every address but the ones it names".to_owned(),
            at,
        ),
        "ipmatch" => match values.iter().find(|(value, _)| is_wide(value)) {
            Some((value, place)) => Reach::Everything(format!("it takes {value}"), *place),
            None => Reach::Narrow,
        },
        "geomatch" => Reach::Everything("it takes whole countries".to_owned(), at),
        _ => Reach::Spoofable(format!("it matches addresses by {operator}"), at),
    }
}

/// An exact path or the start of one spares that path alone. Anything else can be put into the
/// address of another path, after `?` if need be.
fn of_path<'e>(operator: &str, is_negated: bool, values: &Values<'e>, at: Value<'e>) -> Reach<'e> {
    let root = values.iter().find(|(value, _)| matches!(*value, "" | "/"));
    match (operator, root) {
        (_, _) if is_negated => {
            Reach::Everything("it takes every path but the ones it names".to_owned(), at)
        }
        ("equal", _) | ("beginswith", None) => Reach::Narrow,
        ("regex", _) if values.iter().all(|(pattern, _)| is_anchored(pattern)) => Reach::Narrow,
        ("beginswith" | "contains", Some((_, place))) => {
            Reach::Everything("every path fits".to_owned(), *place)
        }
        _ => Reach::Spoofable(
            "any client can put it into the address of another path".to_owned(),
            at,
        ),
    }
}

/// Whether a pattern matches only what starts with a path of its own: after `^/` at least two
/// plain characters, so that the first stays whatever repeats the second, and no alternative.
fn is_anchored(pattern: &str) -> bool {
    let Some(rest) = pattern.strip_prefix("^/") else {
        return false;
    };
    let is_plain = |character: char| character.is_ascii_alphanumeric();
    rest.chars()
        .take_while(|character| is_plain(*character))
        .count()
        >= 2
        && !pattern.contains('|')
}
