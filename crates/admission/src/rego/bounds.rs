//! Functions that make much of little: a call of one is given a guard that estimates the size of
//! what would come out, and fails before the memory is taken. Everything else grows by no more
//! than a factor a step, which the limit of time ends.
//!
//! Regular expressions are looked at too: what the engine takes for too large, the cluster's may
//! not, and the other way round.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use regorus::unstable::Expr;
use regorus::{Engine, Value};

use super::syntax::{self, Edit, Node, extent};

/// The guard's name among the functions.
const GUARD: &str = "palisade_guard";
/// What the guard says.
pub(super) const TOO_LARGE: &str = "a function would make a value of more than 4 MB";
/// What it says of a regular expression.
pub(super) const LARGE_PATTERN: &str = "a regular expression is too large";
/// The largest value that one call may make, in bytes or items.
const LARGEST: u64 = 4_000_000;
/// The functions whose result can be larger than all of their arguments together.
const GUARDED: [&str; 12] = [
    "bits.lsh",
    "concat",
    "numbers.range",
    "numbers.range_step",
    "regex.find_all_string_submatch_n",
    "regex.find_n",
    "regex.match",
    "regex.replace",
    "regex.split",
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
        "regex.find_all_string_submatch_n" | "regex.find_n" | "regex.match" | "regex.split" => 1,
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
        if let Some(pattern) = pattern(function, all) {
            return match weigh(pattern) {
                Pattern::Fine => Ok(first.clone()),
                Pattern::Refused => Ok(Value::Undefined),
                Pattern::TooLarge => Err(std::io::Error::other(LARGE_PATTERN).into()),
            };
        }
        match size(function, all) {
            Some(size) if size <= LARGEST => Ok(first.clone()),
            _ => Err(std::io::Error::other(TOO_LARGE).into()),
        }
    };
    engine
        .add_extension(GUARD.to_owned(), 3, Box::new(guard))
        .map_err(|error| error.to_string())
}

/// What the cluster's engine, RE2, would say of a regular expression, as far as ours can tell.
#[derive(Clone, Copy)]
enum Pattern {
    Fine,
    /// It is none for RE2 either, so that the call is undefined.
    Refused,
    TooLarge,
}

/// The most repetitions that RE2 takes.
const REPETITIONS: u32 = 1000;

/// The regular expression of a call, if it is of a function with one.
fn pattern<'v>(function: &str, arguments: &'v [Value]) -> Option<&'v str> {
    let place = usize::from(function == "regex.replace");
    let pattern = arguments
        .get(place)
        .filter(|_| function.starts_with("regex."))?;
    pattern.as_string().ok().map(|text| text.as_ref())
}

fn weigh(pattern: &str) -> Pattern {
    static KNOWN: LazyLock<Mutex<HashMap<String, Pattern>>> = LazyLock::new(Mutex::default);
    let known = KNOWN
        .lock()
        .ok()
        .and_then(|known| known.get(pattern).copied());
    if let Some(known) = known {
        return known;
    }
    let repeats = pattern.split('{').skip(1).filter_map(|rest| {
        let counts = rest.split_once('}')?.0;
        counts
            .split(',')
            .filter_map(|count| count.parse::<u32>().ok())
            .max()
    });
    let found = match regex::Regex::new(pattern) {
        _ if repeats.max().is_some_and(|most| most > REPETITIONS) => Pattern::Refused,
        Ok(_) => Pattern::Fine,
        Err(regex::Error::CompiledTooBig(_)) => Pattern::TooLarge,
        Err(_) => Pattern::Refused,
    };
    if let Ok(mut known) = KNOWN.lock() {
        known.insert(pattern.to_owned(), found);
    }
    found
}

/// About how large the result is; nothing if it can't be told.
fn size(function: &str, arguments: &[Value]) -> Option<u64> {
    let number = |at: usize| arguments.get(at)?.as_i64().ok();
    let length = |at: usize| arguments.get(at).map(weight);
    match function {
        "numbers.range" | "numbers.range_step" => Some(number(0)?.abs_diff(number(1)?)),
        "bits.lsh" => u64::try_from(number(1)?).ok(),
        _ if arguments.is_empty() || function.starts_with("regex.") => Some(0),
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
