//! Lambdas (Microsoft Learn, "Lambda functions for ARM templates", 2025). A lambda is no value:
//! the functions that take one look at its expression.

use std::cmp::Ordering;
use std::sync::Arc;

use palisade_document::{Content, Derived};

use super::{Function, LONGEST_ARRAY, fault, joining, lazy, made_array, text_of};
use crate::environment::Context;
use crate::evaluator::{Evaluator, with_article};
use crate::expression::{Expression, ExpressionKind};
use crate::fault::{Fault, Outcome};
use crate::value::{self, Members};

pub(super) const FUNCTIONS: &[Function] = &[
    lazy("filter", 2, 2, filter),
    lazy("groupBy", 2, 2, group_by),
    lazy("lambda", 1, usize::MAX, lambda),
    joining("lambdaVariables", 1, 1, lambda_variables),
    lazy("map", 2, 2, map),
    lazy("mapValues", 2, 2, map_values),
    lazy("reduce", 3, 3, reduce),
    lazy("sort", 2, 2, sort),
    lazy("toObject", 2, 3, to_object),
];

fn lambda<'d>(_: &Evaluator<'d>, _: Context<'_, 'd>, _: &[Expression]) -> Outcome {
    fault("`lambda` stands only as an argument of a function that takes one")
}

fn lambda_variables(_: &Evaluator<'_>, context: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let name = text_of(values, 0)?;
    match context.env.local(name) {
        Some(value) => Ok(value.clone()),
        None => fault(format!("there is no lambda variable `{name}` here")),
    }
}

/// A lambda with the names of its variables.
struct Lambda<'x> {
    names: Vec<Arc<str>>,
    body: &'x Expression,
}

impl<'x> Lambda<'x> {
    /// Reads `lambda('a', 'b', body)`, which has as many variables as `wanted` allows.
    fn of(
        expression: &'x Expression,
        wanted: std::ops::RangeInclusive<usize>,
    ) -> Result<Self, Fault> {
        let ExpressionKind::Call { name, arguments } = &expression.kind else {
            return Err(Fault::new("expected a lambda").within(&expression.span));
        };
        let names: Vec<Arc<str>> = arguments
            .iter()
            .filter_map(|argument| match &argument.kind {
                ExpressionKind::Text(text) => Some(Arc::clone(text)),
                _ => None,
            })
            .collect();
        let Some(body) = arguments.last().filter(|_| name.key() == "lambda") else {
            return Err(Fault::new("expected a lambda").within(&expression.span));
        };
        // A body can be a text, too.
        let names = names[..names.len().min(arguments.len() - 1)].to_vec();
        if !wanted.contains(&names.len()) || names.len() + 1 != arguments.len() {
            let message = format!("the lambda has {} variables", arguments.len() - 1);
            return Err(Fault::new(message).within(&expression.span));
        }
        Ok(Self { names, body })
    }

    fn call<'d>(
        &self,
        evaluator: &Evaluator<'d>,
        context: Context<'_, 'd>,
        values: &[Derived],
    ) -> Outcome {
        let mut env = context.env.clone();
        for (name, value) in self.names.iter().zip(values) {
            env = env.with_local(Arc::clone(name), value.clone());
        }
        let context = Context {
            env: &env,
            leaf: context.leaf,
        };
        evaluator.evaluate(context, self.body)
    }
}

/// The array that a lambda goes over, or the unknown that it is.
fn array<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    argument: &Expression,
) -> Result<Result<Vec<Derived>, Derived>, Fault> {
    let whole = evaluator.evaluate(context, argument)?;
    match &whole.content {
        Content::Unknown { .. } => Ok(Err(whole)),
        Content::Array(items) => {
            if items.len() > LONGEST_ARRAY || !evaluator.spend(items.len()) {
                return Err(Fault::new("the array has more than 100,000 elements"));
            }
            let items = items.iter().map(|item| value::part_of(&whole, item));
            Ok(Ok(items.collect()))
        }
        _ => {
            let message = format!("expected an array, found {}", with_article(&whole));
            Err(Fault::new(message).within(&argument.span))
        }
    }
}

fn map<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    let lambda = Lambda::of(&arguments[1], 1..=2)?;
    let items = match array(evaluator, context, &arguments[0])? {
        Ok(items) => items,
        Err(unknown) => return Ok(unknown),
    };
    let mapped = items
        .into_iter()
        .enumerate()
        .map(|(at, item)| lambda.call(evaluator, context, &[item, value::count(at)]));
    let mapped: Result<Vec<_>, _> = mapped.collect();
    made_array(evaluator, mapped?)
}

/// An array of which it isn't known whether an element stays is unknown.
fn filter<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    let lambda = Lambda::of(&arguments[1], 1..=2)?;
    let items = match array(evaluator, context, &arguments[0])? {
        Ok(items) => items,
        Err(unknown) => return Ok(unknown),
    };
    let mut kept = Vec::new();
    for (at, item) in items.into_iter().enumerate() {
        let stays = lambda.call(evaluator, context, &[item.clone(), value::count(at)])?;
        if stays.is_unknown() {
            return Ok(stays);
        }
        match value::as_bool(&stays) {
            Some(true) => kept.push(item),
            Some(false) => {}
            None => return fault("the lambda of `filter` gives no bool"),
        }
    }
    made_array(evaluator, kept)
}

fn reduce<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    let lambda = Lambda::of(&arguments[2], 2..=3)?;
    let items = match array(evaluator, context, &arguments[0])? {
        Ok(items) => items,
        Err(unknown) => return Ok(unknown),
    };
    let mut so_far = evaluator.evaluate(context, &arguments[1])?;
    for (at, item) in items.into_iter().enumerate() {
        so_far = lambda.call(evaluator, context, &[so_far, item, value::count(at)])?;
    }
    Ok(so_far)
}

fn sort<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    let lambda = Lambda::of(&arguments[1], 2..=2)?;
    let mut items = match array(evaluator, context, &arguments[0])? {
        Ok(items) => items,
        Err(unknown) => return Ok(unknown),
    };
    // By merging, so that a lambda that contradicts itself can do no harm.
    let mut unknown = None;
    let mut defect = None;
    let mut comes_first = |left: &Derived, right: &Derived| match lambda.call(
        evaluator,
        context,
        &[left.clone(), right.clone()],
    ) {
        Ok(less) if less.is_unknown() => {
            unknown.get_or_insert(less);
            false
        }
        Ok(less) => value::as_bool(&less).unwrap_or(false),
        Err(fault) => {
            defect.get_or_insert(fault);
            false
        }
    };
    let mut width = 1;
    while width < items.len() {
        let mut merged = Vec::with_capacity(items.len());
        for pair in items.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let (Some(first), Some(second)) = (left.first(), right.first()) {
                if comes_first(second, first) {
                    merged.push(second.clone());
                    right = &right[1..];
                } else {
                    merged.push(first.clone());
                    left = &left[1..];
                }
            }
            merged.extend(left.iter().chain(right).cloned());
        }
        items = merged;
        width *= 2;
    }
    match (defect, unknown) {
        (Some(defect), _) => Err(defect),
        (None, Some(unknown)) => Ok(unknown),
        (None, None) => made_array(evaluator, items),
    }
}

/// The name that a lambda gives to an item, or the unknown that it is.
fn name_of<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    lambda: &Lambda<'_>,
    item: &Derived,
) -> Result<Result<Derived, Derived>, Fault> {
    let name = lambda.call(evaluator, context, std::slice::from_ref(item))?;
    if let Some(unknown) = super::object::unknown_name(evaluator, &name) {
        return Ok(Err(unknown));
    }
    match &name.content {
        Content::String(_) => Ok(Ok(name)),
        Content::Number(number) => Ok(Ok(value::text(Arc::clone(number)))),
        _ => Err(Fault::new("the lambda for the names gives no string")),
    }
}

fn to_object<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    let names = Lambda::of(&arguments[1], 1..=1)?;
    let values = arguments
        .get(2)
        .map(|it| Lambda::of(it, 1..=1))
        .transpose()?;
    let items = match array(evaluator, context, &arguments[0])? {
        Ok(items) => items,
        Err(unknown) => return Ok(unknown),
    };
    let mut members = Members::new();
    for item in items {
        let name = match name_of(evaluator, context, &names, &item)? {
            Ok(name) => name,
            Err(unknown) => return Ok(unknown),
        };
        let member = match &values {
            Some(lambda) => lambda.call(evaluator, context, &[item])?,
            None => item,
        };
        evaluator.spend(members.len());
        value::set(&mut members, name, member);
    }
    Ok(Derived::object(members))
}

fn group_by<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    let names = Lambda::of(&arguments[1], 1..=1)?;
    let items = match array(evaluator, context, &arguments[0])? {
        Ok(items) => items,
        Err(unknown) => return Ok(unknown),
    };
    let mut groups: Vec<(Derived, Vec<Derived>)> = Vec::new();
    for item in items {
        let name = match name_of(evaluator, context, &names, &item)? {
            Ok(name) => name,
            Err(unknown) => return Ok(unknown),
        };
        evaluator.spend(groups.len());
        let group = groups
            .iter_mut()
            .find(|(other, _)| name_order(other, &name).is_eq());
        match group {
            Some((_, group)) => group.push(item),
            None => groups.push((name, vec![item])),
        }
    }
    let members = groups
        .into_iter()
        .map(|(name, group)| (name, Derived::array(group)));
    Ok(Derived::object(members.collect()))
}

fn name_order(left: &Derived, right: &Derived) -> Ordering {
    let key = |name: &Derived| name.as_str().unwrap_or_default().to_lowercase();
    key(left).cmp(&key(right))
}

fn map_values<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    arguments: &[Expression],
) -> Outcome {
    let lambda = Lambda::of(&arguments[1], 1..=1)?;
    let whole = evaluator.evaluate(context, &arguments[0])?;
    if whole.is_unknown() {
        return Ok(whole);
    }
    if let Some(rest) = value::rest(&whole) {
        return Ok(rest.clone());
    }
    let members = super::object_of(std::slice::from_ref(&whole), 0)?;
    let mapped = members.iter().map(|(key, member)| {
        let member = value::part_of(&whole, member);
        Ok((key.clone(), lambda.call(evaluator, context, &[member])?))
    });
    let mapped: Result<Members, Fault> = mapped.collect();
    Ok(Derived::object(mapped?))
}
