//! Comparisons (Microsoft Learn, "Comparison functions for ARM templates", 2025).

use std::cmp::Ordering;

use palisade_document::{Content, Derived};

use super::{Function, MANY, lazy, lenient, strict, wrong_type};
use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::expression::Expression;
use crate::fault::{Fault, Outcome};
use crate::value;

pub(super) const FUNCTIONS: &[Function] = &[
    lazy("coalesce", 1, MANY, coalesce),
    lenient("equals", 2, 2, equals),
    strict("greater", 2, 2, greater),
    strict("greaterOrEquals", 2, 2, greater_or_equals),
    strict("less", 2, 2, less),
    strict("lessOrEquals", 2, 2, less_or_equals),
];

fn coalesce<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    for argument in arguments {
        let value = evaluator.evaluate(context, argument)?;
        if !matches!(value.content, Content::Null) {
            return Ok(value);
        }
    }
    Ok(value::null())
}

/// Texts are compared with their letter case, and values of different types are different.
fn equals(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(match evaluator.same(&values[0], &values[1]) {
        Ok(same) => value::boolean(same),
        Err(unknown) => unknown,
    })
}

fn greater(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::boolean(compare(values)?.is_gt()))
}

fn greater_or_equals(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::boolean(compare(values)?.is_ge()))
}

fn less(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::boolean(compare(values)?.is_lt()))
}

fn less_or_equals(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::boolean(compare(values)?.is_le()))
}

/// Two numbers or two texts.
fn compare(values: &[Derived]) -> Result<Ordering, Fault> {
    match (&values[0].content, &values[1].content) {
        (Content::String(left), Content::String(right)) => Ok(left.cmp(right)),
        (Content::Number(left), Content::Number(right)) => {
            match (value::whole(left), value::whole(right)) {
                (Some(left), Some(right)) => Ok(left.cmp(&right)),
                _ => {
                    let float = |text: &str| text.parse::<f64>().unwrap_or_default();
                    Ok(float(left).total_cmp(&float(right)))
                }
            }
        }
        (Content::String(_), _) => Err(wrong_type(values, 1, "a string as the first")),
        (Content::Number(_), _) => Err(wrong_type(values, 1, "an int as the first")),
        _ => Err(wrong_type(values, 0, "an int or a string")),
    }
}
