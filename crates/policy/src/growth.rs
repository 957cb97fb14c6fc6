//! How large the value of an expression can become, so that one that would take all memory isn't
//! evaluated. The evaluator bounds its steps and its time, not what one step makes.

use palisade_arm_template::expression::{Expression, ExpressionKind};
use palisade_document::{Kind, Value};

use crate::expression;
use crate::value::Datum;

/// What is said of an expression that isn't evaluated.
pub(crate) const TOO_LARGE: &str = "an expression may make a value of more than 16 MB";
/// The largest value that an expression may make, in characters or items.
const LARGEST: f64 = 16e6;
/// The longest that an expression may fill a text up to.
const WIDEST: f64 = 10_000.0;
/// The items of the longest range, each with its digits.
const RANGE: f64 = 100_000.0;

/// A bound on the size of a value, as a polynomial in the size of what is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Growth([f64; DEGREES]);

/// What grows with a higher power than the third is as good as without a bound.
const DEGREES: usize = 4;

impl Growth {
    const NOTHING: Self = Self::constant(1.0);
    const READ: Self = Self([0.0, 1.0, 0.0, 0.0]);
    const BOUNDLESS: Self = Self::constant(f64::INFINITY);

    const fn constant(size: f64) -> Self {
        Self([size, 0.0, 0.0, 0.0])
    }

    /// The most that the expressions of a rule make.
    pub(crate) fn of_rule(rule: Value<'_>) -> Self {
        match rule.kind() {
            Kind::String => match expression::of(rule.scalar()) {
                Some(Ok(expression)) => size(&expression),
                _ => Self::NOTHING,
            },
            Kind::Array => Self::of_all(rule.items()),
            Kind::Object => {
                let own = rule.entries();
                let own = own.filter(|entry| !entry.name().eq_ignore_ascii_case("deployment"));
                Self::of_all(own.map(|entry| entry.value))
            }
            _ => Self::NOTHING,
        }
    }

    /// The most that the expressions of some rules make.
    pub(crate) fn of_all<'d>(rules: impl Iterator<Item = Value<'d>>) -> Self {
        rules.map(Self::of_rule).fold(Self::NOTHING, Self::most)
    }

    /// Whether no expression makes too much out of what is read, which is [that
    /// much](extent).
    pub(crate) fn fits(self, read: impl FnOnce() -> f64) -> bool {
        let [constant, linear, rest @ ..] = self.0;
        // What is read was in the input, so that a little more than that is no danger.
        if linear <= 64.0 && rest == [0.0; 2] {
            return constant <= LARGEST;
        }
        let read = read();
        let size = self.0.iter().rev().fold(0.0, |size, own| size * read + own);
        size <= LARGEST
    }

    fn most(self, other: Self) -> Self {
        self.with(other, f64::max)
    }

    fn and(self, other: Self) -> Self {
        self.with(other, |one, other| one + other)
    }

    fn with(mut self, other: Self, join: impl Fn(f64, f64) -> f64) -> Self {
        let pairs = self.0.iter_mut().zip(other.0);
        pairs.for_each(|(own, other)| *own = join(*own, other));
        self
    }

    fn times(self, other: Self) -> Self {
        let mut product = Self::constant(0.0);
        for (i, one) in self.0.iter().enumerate() {
            for (j, other) in other.0.iter().enumerate() {
                match product.0.get_mut(i + j) {
                    _ if *one == 0.0 || *other == 0.0 => {}
                    Some(own) => *own += one * other,
                    None => return Self::BOUNDLESS,
                }
            }
        }
        product
    }

    fn by(self, factor: f64) -> Self {
        self.times(Self::constant(factor))
    }
}

/// The size of what an expression gives.
fn size(expression: &Expression) -> Growth {
    match &expression.kind {
        ExpressionKind::Text(text) => Growth::constant(text.len().max(1) as f64),
        ExpressionKind::Number(_) => Growth::constant(20.0),
        ExpressionKind::Member { base, .. } => size(base),
        ExpressionKind::Index { base, index } => size(base).and(size(index)),
        ExpressionKind::Call { name, arguments } => call(name.key(), arguments),
    }
}

fn call(function: &str, arguments: &[Expression]) -> Growth {
    let sizes: Vec<_> = arguments.iter().map(size).collect();
    let all = sizes.iter().copied().fold(Growth::NOTHING, Growth::and);
    let at = |index: usize| sizes.get(index).copied().unwrap_or(Growth::NOTHING);
    match function {
        "field" | "parameters" | "current" | "value" => Growth::READ,
        "replace" if shrinks(arguments) => at(0),
        "replace" | "join" => at(0).times(at(1).and(at(2))),
        // Each place in the pattern is filled with one of the others.
        "format" => at(0).times(all),
        "padleft" => match arguments.get(1).map(|width| &width.kind) {
            Some(ExpressionKind::Number(width))
                if width.parse().is_ok_and(|width: f64| width <= WIDEST) =>
            {
                at(0).and(Growth::constant(WIDEST))
            }
            _ => Growth::BOUNDLESS,
        },
        "range" => Growth::constant(RANGE),
        // A character becomes three of an address, or two of a text in quotes.
        "uri" | "uricomponent" | "base64" | "datauri" | "string" | "json" => all.by(3.0),
        _ => all,
    }
}

/// Whether a replacement is literally no longer than what it replaces.
fn shrinks(arguments: &[Expression]) -> bool {
    match arguments {
        [_, from, to] => match (&from.kind, &to.kind) {
            (ExpressionKind::Text(from), ExpressionKind::Text(to)) => to.len() <= from.len(),
            _ => false,
        },
        _ => false,
    }
}

/// How much a value holds.
pub(crate) fn extent(value: &Datum) -> f64 {
    match value {
        Datum::String(text) => text.len() as f64,
        Datum::Array(items) => items.iter().map(extent).sum::<f64>() + 1.0,
        Datum::Object(members) => members
            .iter()
            .map(|(key, member)| extent(key) + extent(member))
            .sum::<f64>(),
        _ => 8.0,
    }
}
