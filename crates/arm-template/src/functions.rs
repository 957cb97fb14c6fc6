//! The functions of the language, one file a family, as Microsoft Learn groups them ("ARM
//! template functions", 2025).

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use palisade_document::{Content, Derived};

use crate::environment::Context;
use crate::evaluator::{Evaluator, with_article};
use crate::expression::{Expression, Name};
use crate::fault::{Fault, Outcome, fault};
use crate::{partial, user_function, value};

mod array;
mod cidr;
mod comparison;
mod date;
mod deployment;
mod format;
mod hash;
mod lambda;
mod logical;
mod numeric;
mod object;
mod resource;
mod scope;
mod string;
mod uri;

pub(crate) use array::utf16_length;

/// A function of the language.
pub(crate) struct Function {
    name: &'static str,
    least: usize,
    most: usize,
    body: Body,
}

type OfValues = for<'d> fn(&Evaluator<'d>, Context<'_, 'd>, &[Derived]) -> Outcome;
type OfExpressions = for<'d> fn(&Evaluator<'d>, Context<'_, 'd>, &[Expression]) -> Outcome;

/// How a function treats what is unknown.
#[derive(Clone, Copy)]
enum Body {
    /// With an unknown argument the result is unknown.
    Strict(OfValues),
    /// As strict; a text of which a part is unknown makes a text that is unknown as a whole, the
    /// same one for the same arguments.
    Text(OfValues),
    /// A text of which a part is unknown is taken as it is.
    Joining(OfValues),
    /// The function looks at its arguments itself.
    Lenient(OfValues),
    /// The function evaluates its arguments itself, or leaves them.
    Lazy(OfExpressions),
}

/// Any number of arguments.
const MANY: usize = usize::MAX;

/// The longest text and the longest array that a function makes. A template of Azure's has 4 MB.
const LONGEST_TEXT: usize = 4 << 20;
const LONGEST_ARRAY: usize = 100_000;

const fn strict(name: &'static str, least: usize, most: usize, body: OfValues) -> Function {
    function(name, least, most, Body::Strict(body))
}

const fn textual(name: &'static str, least: usize, most: usize, body: OfValues) -> Function {
    function(name, least, most, Body::Text(body))
}

const fn joining(name: &'static str, least: usize, most: usize, body: OfValues) -> Function {
    function(name, least, most, Body::Joining(body))
}

const fn lenient(name: &'static str, least: usize, most: usize, body: OfValues) -> Function {
    function(name, least, most, Body::Lenient(body))
}

const fn lazy(name: &'static str, least: usize, most: usize, body: OfExpressions) -> Function {
    function(name, least, most, Body::Lazy(body))
}

const fn function(name: &'static str, least: usize, most: usize, body: Body) -> Function {
    Function {
        name,
        least,
        most,
        body,
    }
}

fn all() -> &'static HashMap<String, &'static Function> {
    static ALL: OnceLock<HashMap<String, &'static Function>> = OnceLock::new();
    ALL.get_or_init(|| {
        let families = [
            array::FUNCTIONS,
            cidr::FUNCTIONS,
            comparison::FUNCTIONS,
            date::FUNCTIONS,
            deployment::FUNCTIONS,
            lambda::FUNCTIONS,
            logical::FUNCTIONS,
            numeric::FUNCTIONS,
            object::FUNCTIONS,
            resource::FUNCTIONS,
            scope::FUNCTIONS,
            string::FUNCTIONS,
            uri::FUNCTIONS,
        ];
        let functions = families.into_iter().flatten();
        functions
            .map(|function| (function.name.to_ascii_lowercase(), function))
            .collect()
    })
}

/// The names of the functions of the language, in order; `list…` stands for the operations of
/// that name that resource providers have.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = all().values().map(|function| function.name).collect();
    names.push("list*");
    names.sort_unstable();
    names
}

/// Calls a function by its name.
pub(crate) fn call<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    name: &Name,
    arguments: &[Expression],
) -> Outcome {
    let Some(function) = all().get(name.key()) else {
        return other(evaluator, context, name, arguments);
    };
    if arguments.len() < function.least || arguments.len() > function.most {
        return fault(arity(function, arguments.len()));
    }
    if let Body::Lazy(body) = function.body {
        let value = body(evaluator, context, arguments)?;
        return Ok(evaluator.computed(context, value, &[]));
    }
    let values = evaluated(evaluator, context, arguments)?;
    let value = apply(evaluator, context, function, &values)?;
    evaluator.spend(value.as_str().map_or(0, |text| text.len() / 64));
    Ok(evaluator.computed(context, value, &values))
}

fn apply<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    function: &Function,
    values: &[Derived],
) -> Outcome {
    let unknown = || values.iter().find(|value| value.is_unknown()).cloned();
    let is_partial = |value: &Derived| value.as_str().is_some_and(partial::is_partial);
    match function.body {
        Body::Lenient(body) | Body::Joining(body)
            if matches!(function.body, Body::Lenient(_)) || unknown().is_none() =>
        {
            body(evaluator, context, values)
        }
        Body::Strict(_) | Body::Text(_) | Body::Joining(_) if unknown().is_some() => {
            Ok(unknown().unwrap_or_else(value::null))
        }
        Body::Strict(body) => match values.iter().find(|value| is_partial(value)) {
            Some(value) => Ok(evaluator.partial.known(value).unwrap_or_else(value::null)),
            None => body(evaluator, context, values),
        },
        Body::Text(body) => match values.iter().find(|value| is_partial(value)) {
            Some(value) => Ok(unknown_text(evaluator, function.name, values, value)),
            None => body(evaluator, context, values),
        },
        _ => fault(format!("`{}` can't be called here", function.name)),
    }
}

/// The text that `name` makes of arguments of which one is partly unknown.
fn unknown_text(
    evaluator: &Evaluator<'_>,
    name: &str,
    arguments: &[Derived],
    partial: &Derived,
) -> Derived {
    let unknown = evaluator.partial.known(partial).unwrap_or_else(value::null);
    let Content::Unknown { cause, supply } = &unknown.content else {
        return unknown;
    };
    let mut key = format!("{name}(");
    for (at, argument) in arguments.iter().enumerate() {
        let spend = || evaluator.spend(1);
        let Some(json) = value::to_json(argument, &spend) else {
            return unknown;
        };
        key.push_str(if at > 0 { ", " } else { "" });
        key.push_str(&json);
    }
    key.push(')');
    let label: String = evaluator.partial.stand_in(&key).chars().take(200).collect();
    value::text(evaluator.partial.text(&key, &label, (cause, supply)))
}

fn arity(function: &Function, given: usize) -> String {
    let Function {
        name, least, most, ..
    } = function;
    let wanted = match (*least, *most) {
        (least, MANY) => format!("at least {least}"),
        (least, most) if least == most => least.to_string(),
        (least, most) => format!("{least} to {most}"),
    };
    let arguments = if wanted == "1" {
        "argument"
    } else {
        "arguments"
    };
    format!("`{name}` takes {wanted} {arguments}, not {given}")
}

/// The values of arguments.
pub(crate) fn evaluated<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Result<Vec<Derived>, Fault> {
    let values = arguments.iter();
    values
        .map(|argument| evaluator.evaluate(context, argument))
        .collect()
}

/// A function of the template's author, an operation `list…`, or nothing.
fn other<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    name: &Name,
    arguments: &[Expression],
) -> Outcome {
    if let Some(function) = context.env.names.functions.get(name.key()) {
        let values = evaluated(evaluator, context, arguments)?;
        let value = user_function::call(evaluator, context, *function, name.as_str(), &values)?;
        return Ok(evaluator.computed(context, value, &values));
    }
    if name.key().starts_with("list") {
        return Ok(resource::listed(name.as_str()));
    }
    let known = all().values().map(|function| function.name);
    let near = known.min_by_key(|known| distance(known, name.as_str()));
    let unknown = Fault::new(format!("there is no function `{}`", name.as_str()));
    Err(match near {
        Some(near) if distance(near, name.as_str()) <= 2 => {
            unknown.with_help(format!("did you mean `{near}`?"))
        }
        _ => unknown,
    })
}

/// How many letters two names differ by.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, other) in right.iter().enumerate() {
            let cost = usize::from(!letter.eq_ignore_ascii_case(other));
            let change = diagonal + cost;
            diagonal = row[column + 1];
            row[column + 1] = change.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

/// A text argument.
fn text_of(values: &[Derived], at: usize) -> Result<&str, Fault> {
    match &values[at].content {
        Content::String(text) => Ok(text),
        Content::Number(number) => Ok(number),
        _ => Err(wrong_type(values, at, "a string")),
    }
}

/// A whole number argument.
fn integer_of(values: &[Derived], at: usize) -> Result<i64, Fault> {
    let number = match &values[at].content {
        Content::String(text) => text.trim().parse().ok(),
        _ => value::as_integer(&values[at]),
    };
    number.ok_or_else(|| wrong_type(values, at, "an int"))
}

/// An array argument.
fn array_of(values: &[Derived], at: usize) -> Result<&Arc<Vec<Derived>>, Fault> {
    value::as_array(&values[at]).ok_or_else(|| wrong_type(values, at, "an array"))
}

/// An object argument.
fn object_of(values: &[Derived], at: usize) -> Result<&Arc<value::Members>, Fault> {
    value::as_object(&values[at]).ok_or_else(|| wrong_type(values, at, "an object"))
}

fn wrong_type(values: &[Derived], at: usize, wanted: &str) -> Fault {
    Fault::new(format!(
        "argument {} is {}, not {wanted}",
        at + 1,
        with_article(&values[at])
    ))
}

/// A text that a function has made, if it isn't too long.
fn made_text(text: String) -> Outcome {
    if text.len() > LONGEST_TEXT {
        return fault("the text would be longer than 4 MB");
    }
    Ok(value::text(text))
}

/// An array that a function has made, if it isn't too long.
fn made_array(evaluator: &Evaluator<'_>, items: Vec<Derived>) -> Outcome {
    if items.len() > LONGEST_ARRAY || !evaluator.spend(items.len()) {
        return fault("the array would have more than 100,000 elements");
    }
    Ok(Derived::array(items))
}
