//! Numbers (Microsoft Learn, "Numeric functions for ARM templates", 2025). They are 64 bits wide.

use palisade_document::{Content, Derived};

use super::{Function, MANY, integer_of, lenient, strict, wrong_type};
use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::fault::{Fault, Outcome, fault};
use crate::value;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("add", 2, 2, add),
    lenient("copyIndex", 0, 2, copy_index),
    strict("div", 2, 2, div),
    strict("float", 1, 1, float),
    strict("int", 1, 1, int),
    lenient("max", 1, MANY, max),
    lenient("min", 1, MANY, min),
    strict("mod", 2, 2, modulo),
    strict("mul", 2, 2, mul),
    strict("sub", 2, 2, sub),
];

fn add(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    calculated(values, i64::checked_add)
}

fn sub(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    calculated(values, i64::checked_sub)
}

fn mul(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    calculated(values, i64::checked_mul)
}

fn div(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    not_by_zero(values)?;
    calculated(values, i64::checked_div)
}

fn modulo(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    not_by_zero(values)?;
    calculated(values, i64::checked_rem)
}

fn not_by_zero(values: &[Derived]) -> Result<(), Fault> {
    match integer_of(values, 1)? {
        0 => Err(Fault::new("division by zero")),
        _ => Ok(()),
    }
}

fn calculated(values: &[Derived], with: fn(i64, i64) -> Option<i64>) -> Outcome {
    match with(integer_of(values, 0)?, integer_of(values, 1)?) {
        Some(result) => Ok(value::integer(result)),
        None => fault("the result is outside the range of an int"),
    }
}

fn int(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let number = match &values[0].content {
        Content::String(text) => value::whole(text.trim()),
        // A fraction is cut off.
        Content::Number(number) => value::whole(number)
            .or_else(|| value::whole(number.split('.').next().unwrap_or_default())),
        _ => None,
    };
    let wanted = "an int or a string that holds one";
    number
        .map(value::integer)
        .ok_or_else(|| wrong_type(values, 0, wanted))
}

fn float(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let text = super::text_of(values, 0)?.trim();
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => {
            Ok(Derived::of(Content::Number(number.to_string().into())))
        }
        _ => Err(wrong_type(values, 0, "a number")),
    }
}

fn max(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    extreme(evaluator, values, Ord::max)
}

fn min(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    extreme(evaluator, values, Ord::min)
}

/// Of several numbers or of one array.
fn extreme(evaluator: &Evaluator<'_>, values: &[Derived], choose: fn(i64, i64) -> i64) -> Outcome {
    let numbers = match value::as_array(&values[0]) {
        Some(items) if values.len() == 1 => items.as_slice(),
        _ => values,
    };
    if let Some(unknown) = numbers
        .iter()
        .find_map(|number| evaluator.first_unknown(number))
    {
        return Ok(unknown);
    }
    let mut chosen = None;
    for at in 0..numbers.len() {
        let number = integer_of(numbers, at)?;
        chosen = Some(chosen.map_or(number, |chosen| choose(chosen, number)));
    }
    chosen.map_or_else(|| fault("the array is empty"), |it| Ok(value::integer(it)))
}

/// `copyIndex()`, `copyIndex(offset)`, `copyIndex('loop')`, `copyIndex('loop', offset)`.
fn copy_index(_: &Evaluator<'_>, context: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let name = values.first().and_then(Derived::as_str);
    let offset = match values {
        [] => 0,
        [only] if only.as_str().is_some() => 0,
        [_] => integer_of(values, 0)?,
        _ => integer_of(values, 1)?,
    };
    let Some(turn) = context.env.find_loop(name) else {
        return fault(match name {
            Some(name) => format!("there is no copy loop `{name}` around this"),
            None => "`copyIndex` stands outside of a copy loop".to_owned(),
        });
    };
    match &turn.index {
        Ok(index) => match index.checked_add(offset) {
            Some(index) => Ok(value::integer(index)),
            None => fault("the result is outside the range of an int"),
        },
        Err(unknown) => Ok(unknown.clone()),
    }
}
