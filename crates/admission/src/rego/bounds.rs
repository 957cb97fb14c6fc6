//! Functions that make much of little: a call of one is given a guard that estimates the size of
//! what would come out, and fails before the memory is taken. Everything else grows by no more
//! than a factor a step, which the limit of time ends.

use regorus::unstable::Expr;
use regorus::{Engine, Value};

use super::syntax::{self, Edit, Node, extent};

/// The guard's name among the functions.
const GUARD: &str = "palisade_guard";
/// What the guard says.
pub(super) const TOO_LARGE: &str = "a function would make a value of more than 4 MB";
/// The largest value that one call may make, in bytes or items.
const LARGEST: u64 = 4_000_000;
/// The functions whose result can be larger than all of their arguments together.
const GUARDED: [&str; 7] = [
    "bits.lsh",
    "concat",
    "numbers.range",
    "numbers.range_step",
    "replace",
    "sprintf",
    "strings.replace_n",
];

/// The module with a guard in the first argument of every such call.
pub(super) fn guarded(text: &str, is_v1: bool) -> Result<String, String> {
    syntax::rewritten(text, is_v1, |text, module, _| {
        let mut edits = Vec::new();
        syntax::visit(module, &mut |node| {
            if let Node::Expression(expression) = node {
                edits.extend(guard(text, expression));
            }
        });
        edits
    })
}

fn guard(text: &str, call: &Expr) -> Option<Edit> {
    let Expr::Call { fcn, params, .. } = call else {
        return None;
    };
    let own = |at: &Expr| text.get(extent(at)).unwrap_or_default();
    let (function, first) = (own(fcn), params.first()?);
    if !GUARDED.contains(&function) || own(first).starts_with(GUARD) {
        return None;
    }
    let arguments: Vec<_> = params
        .iter()
        .take(arity(function))
        .map(|at| own(at))
        .collect();
    // Iterating twice over what one argument iterates over would give every result again.
    let iterates = arguments
        .iter()
        .skip(1)
        .any(|argument| argument.contains("[_"));
    let all = if iterates {
        String::new()
    } else {
        arguments.join(", ")
    };
    Some(Edit {
        range: extent(first),
        text: format!("{GUARD}(\"{function}\", {}, [{all}])", own(first)),
    })
}

fn arity(function: &str) -> usize {
    match function {
        "replace" | "numbers.range_step" => 3,
        _ => 2,
    }
}

/// Gives the engine the guard.
pub(super) fn install(engine: &mut Engine) -> Result<(), String> {
    let guard = |arguments: Vec<Value>| {
        let [function, first, all] = arguments.as_slice() else {
            return Ok(Value::Undefined);
        };
        let function = function.as_string().map_or("", |name| name.as_ref());
        let all = all.as_array().map_or(&[] as &[Value], |all| all.as_slice());
        match size(function, all) {
            Some(size) if size <= LARGEST => Ok(first.clone()),
            _ => Err(std::io::Error::other(TOO_LARGE).into()),
        }
    };
    engine
        .add_extension(GUARD.to_owned(), 3, Box::new(guard))
        .map_err(|error| error.to_string())
}

/// About how large the result is; nothing if it can't be told.
fn size(function: &str, arguments: &[Value]) -> Option<u64> {
    let number = |at: usize| arguments.get(at)?.as_i64().ok();
    let length = |at: usize| arguments.get(at).map(weight);
    match function {
        "numbers.range" | "numbers.range_step" => Some(number(0)?.abs_diff(number(1)?)),
        "bits.lsh" => u64::try_from(number(1)?).ok(),
        _ if arguments.is_empty() => Some(0),
        "concat" => {
            let items = arguments.get(1).map_or(0, count);
            Some(length(0)?.saturating_mul(items).saturating_add(length(1)?))
        }
        "replace" => Some(
            length(0)?
                .saturating_add(1)
                .saturating_mul(length(2)?.saturating_add(1)),
        ),
        "strings.replace_n" => Some(
            length(0)?
                .saturating_add(1)
                .saturating_mul(length(1)?.saturating_add(1)),
        ),
        "sprintf" => {
            let format = arguments.first()?.as_string().ok()?;
            if has_wide_verb(format) {
                return None;
            }
            Some(length(0)?.saturating_add(length(1)?.saturating_mul(2)))
        }
        _ => None,
    }
}

/// Whether a verb asks for a width of four or more digits, or one that isn't written in digits
/// the engine can read.
fn has_wide_verb(format: &str) -> bool {
    format.split('%').skip(1).any(|verb| {
        let width: Vec<_> = verb
            .trim_start_matches('.')
            .chars()
            .take_while(|character| character.is_numeric())
            .collect();
        width.len() > 3 || width.iter().any(|digit| !digit.is_ascii_digit())
    })
}

fn count(value: &Value) -> u64 {
    let items = match value {
        Value::Array(items) => items.len(),
        Value::Set(items) => items.len(),
        _ => 0,
    };
    u64::try_from(items).unwrap_or(u64::MAX)
}

/// The bytes of a value's texts and the number of its other parts.
fn weight(value: &Value) -> u64 {
    match value {
        Value::String(text) => u64::try_from(text.len()).unwrap_or(u64::MAX),
        Value::Array(items) => items.iter().map(weight).sum::<u64>() + 2,
        Value::Set(items) => items.iter().map(weight).sum::<u64>() + 2,
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(key, value)| weight(key) + weight(value))
                .sum::<u64>()
                + 2
        }
        _ => 24,
    }
}
