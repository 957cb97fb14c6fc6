//! Operators, equality and numbers.

use palisade_document::{Content, Derived, Provenance};

use super::syntax::Operator;
use crate::value::{self, flag, members, scalar};

pub(super) fn number(found: &Derived) -> Option<f64> {
    let text = match &found.content {
        Content::Number(text) | Content::String(text) => text,
        _ => return None,
    };
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

pub(super) fn from_number(number: f64, source: &Provenance) -> Derived {
    value::number(number.to_string(), source)
}

/// The most parts of two values that are compared.
const MOST_COMPARED: usize = 10_000;

/// Whether two values are equal; nothing if that depends on what isn't known.
pub(super) fn same(left: &Derived, right: &Derived) -> Option<bool> {
    compare(left, right, &mut MOST_COMPARED.clone())
}

fn compare(left: &Derived, right: &Derived, rest: &mut usize) -> Option<bool> {
    *rest = rest.checked_sub(1)?;
    match (&left.content, &right.content) {
        (Content::Unknown { .. }, _) | (_, Content::Unknown { .. }) => None,
        (Content::Null, Content::Null) => Some(true),
        (Content::Bool(left), Content::Bool(right)) => Some(left == right),
        (Content::Number(_), Content::Number(_)) => Some(number(left)? == number(right)?),
        (Content::String(left), Content::String(right)) => Some(left == right),
        (Content::Array(left), Content::Array(right)) => {
            if left.len() != right.len() {
                return Some(false);
            }
            let pairs = left.iter().zip(right.iter());
            all_same(pairs.map(|(left, right)| compare(left, right, rest)))
        }
        (Content::Object(_), Content::Object(_)) => {
            let (left, right) = (members(left), right);
            if left.len() != members(right).len() {
                return Some(false);
            }
            all_same(left.iter().map(|(key, member)| {
                let other = value::get(right, scalar(key).unwrap_or_default());
                other.map_or(Some(false), |other| compare(member, other, rest))
            }))
        }
        _ => Some(false),
    }
}

fn all_same(mut parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut is_open = false;
    let differs = parts.any(|part| {
        is_open |= part.is_none();
        part == Some(false)
    });
    match (differs, is_open) {
        (true, _) => Some(false),
        (false, true) => None,
        (false, false) => Some(true),
    }
}

/// The result of an operator; nothing if an operand doesn't fit or isn't known.
pub(super) fn operate(
    operator: Operator,
    left: &Derived,
    right: &Derived,
    source: &Provenance,
) -> Option<Derived> {
    let truth = super::evaluate::truth;
    let compare =
        |test: fn(f64, f64) -> bool| Some(flag(test(number(left)?, number(right)?), source));
    let calculate = |make: fn(f64, f64) -> f64| {
        let made = make(number(left)?, number(right)?);
        made.is_finite().then(|| from_number(made, source))
    };
    match operator {
        Operator::And if truth(right) == Some(false) => Some(flag(false, source)),
        Operator::Or if truth(right) == Some(true) => Some(flag(true, source)),
        Operator::And => Some(flag(truth(left)? && truth(right)?, source)),
        Operator::Or => Some(flag(truth(left)? || truth(right)?, source)),
        Operator::Equal => same(left, right).map(|equal| flag(equal, source)),
        Operator::NotEqual => same(left, right).map(|equal| flag(!equal, source)),
        Operator::Less => compare(|left, right| left < right),
        Operator::LessOrEqual => compare(|left, right| left <= right),
        Operator::Greater => compare(|left, right| left > right),
        Operator::GreaterOrEqual => compare(|left, right| left >= right),
        Operator::Plus => calculate(|left, right| left + right),
        Operator::Minus => calculate(|left, right| left - right),
        Operator::Times => calculate(|left, right| left * right),
        Operator::Divide => calculate(|left, right| left / right),
        Operator::Modulo => calculate(|left, right| left % right),
    }
}
