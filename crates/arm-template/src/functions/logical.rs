//! Truth values (Microsoft Learn, "Logical functions for ARM templates", 2025).

use palisade_document::{Content, Derived};

use super::{Function, MANY, lazy, strict, wrong_type};
use crate::environment::Context;
use crate::evaluator::{Evaluator, with_article};
use crate::expression::Expression;
use crate::fault::{Fault, Outcome};
use crate::value;

pub(super) const FUNCTIONS: &[Function] = &[
    lazy("and", 2, MANY, and),
    strict("bool", 1, 1, bool_of),
    strict("false", 0, 0, no),
    lazy("if", 3, 3, if_),
    strict("not", 1, 1, not),
    lazy("or", 2, MANY, or),
    strict("true", 0, 0, yes),
    strict("xor", 2, 2, xor),
];

fn yes(_: &Evaluator<'_>, _: Context<'_, '_>, _: &[Derived]) -> Outcome {
    Ok(value::boolean(true))
}

fn no(_: &Evaluator<'_>, _: Context<'_, '_>, _: &[Derived]) -> Outcome {
    Ok(value::boolean(false))
}

/// A truth value, or the unknown that it is.
fn truth<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    argument: &Expression,
) -> Result<Result<bool, Derived>, Fault> {
    let value = evaluator.evaluate(context, argument)?;
    if value.is_unknown() {
        return Ok(Err(value));
    }
    if let Some(unknown) = evaluator.partial.known(&value) {
        return Ok(Err(unknown));
    }
    value::as_bool(&value).map(Ok).ok_or_else(|| {
        Fault::new(format!("expected a bool, found {}", with_article(&value)))
            .within(&argument.span)
    })
}

fn and<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    decided(evaluator, context, arguments, false)
}

fn or<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    decided(evaluator, context, arguments, true)
}

/// The first argument that decides counts; an unknown one only if none does.
fn decided<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
    decisive: bool,
) -> Outcome {
    let mut unknown = None;
    for argument in arguments {
        match truth(evaluator, context, argument)? {
            Ok(value) if value == decisive => return Ok(value::boolean(decisive)),
            Ok(_) => {}
            Err(cause) => {
                unknown.get_or_insert(cause);
            }
        }
    }
    Ok(unknown.unwrap_or_else(|| value::boolean(!decisive)))
}

fn not(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::boolean(!bool_argument(values, 0)?))
}

fn xor(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let differ = bool_argument(values, 0)? != bool_argument(values, 1)?;
    Ok(value::boolean(differ))
}

fn bool_argument(values: &[Derived], at: usize) -> Result<bool, Fault> {
    value::as_bool(&values[at]).ok_or_else(|| wrong_type(values, at, "a bool"))
}

fn bool_of(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let converted = match &values[0].content {
        Content::Number(number) => value::whole(number).map(|number| number != 0),
        Content::String(text) if &**text == "1" => Some(true),
        Content::String(text) if &**text == "0" => Some(false),
        _ => value::as_bool(&values[0]),
    };
    let wanted = "a bool, an int or one of the texts true and false";
    converted
        .map(value::boolean)
        .ok_or_else(|| wrong_type(values, 0, wanted))
}

/// Only the branch that is taken is evaluated. Where the condition is unknown the branches may
/// still agree.
fn if_<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    match truth(evaluator, context, &arguments[0])? {
        Ok(true) => evaluator.evaluate(context, &arguments[1]),
        Ok(false) => evaluator.evaluate(context, &arguments[2]),
        Err(unknown) => {
            // A branch that isn't taken may be in error, which says nothing then.
            let branches = arguments[1..]
                .iter()
                .map(|branch| evaluator.evaluate(context, branch));
            let branches: Result<Vec<_>, _> = branches.collect();
            match branches.as_deref() {
                Ok([left, right]) if matches!(evaluator.same(left, right), Ok(true)) => {
                    Ok(left.clone())
                }
                _ => Ok(unknown),
            }
        }
    }
}
