//! Parameters of definitions and initiatives, and the values given to them.

use std::collections::BTreeMap;

use palisade_document::{Kind, Value};

use crate::Remark;
use crate::value::{self, Datum};

/// A parameter that a definition declares.
#[derive(Clone, Debug)]
pub struct Parameter<'d> {
    /// The name.
    pub name: &'d str,
    /// Where it is declared.
    pub place: Value<'d>,
    /// The type, such as `String` or `Array`.
    pub kind: Option<Value<'d>>,
    /// What it is where nothing is given.
    pub default: Option<Value<'d>>,
    /// The values that may be given; any where there are none.
    pub allowed: Vec<Value<'d>>,
}

impl<'d> Parameter<'d> {
    /// Reads the `parameters` of a definition or an initiative.
    pub(crate) fn read_all(parameters: Value<'d>, remarks: &mut Vec<Remark<'d>>) -> Vec<Self> {
        if !matches!(parameters.kind(), Kind::Object | Kind::Null) {
            remarks.push(Remark::error(parameters, "`parameters` must be an object"));
        }
        let read = parameters.entries().map(|entry| {
            let get = |key| entry.value.get_ignore_case(key);
            let allowed = get("allowedValues");
            Self {
                name: entry.name(),
                place: entry.key,
                kind: get("type"),
                default: get("defaultValue"),
                allowed: allowed.into_iter().flat_map(Value::items).collect(),
            }
        });
        read.collect()
    }

    /// What is wrong with a value for it: its type, or that it isn't allowed.
    pub fn refuses(&self, given: &Datum) -> Option<String> {
        let kind = self.kind.map(Value::scalar).unwrap_or_default();
        let fits = match kind.to_ascii_lowercase().as_str() {
            "string" | "datetime" => matches!(given, Datum::String(_)),
            "array" => matches!(given, Datum::Array(_)),
            "object" => matches!(given, Datum::Object(_)),
            "boolean" => matches!(given, Datum::Bool(_)) || is_word(given, &["true", "false"]),
            "integer" | "float" => matches!(given, Datum::Number(_)),
            _ => true,
        };
        if !fits {
            return Some(format!("parameter `{}` must be of type {kind}", self.name));
        }
        let is_allowed = |given: &Datum| {
            let mut allowed = self.allowed.iter();
            allowed.any(|value| is_alike(given, *value))
        };
        // Of a list every item must be allowed, unless whole lists are.
        let is_fine = self.allowed.is_empty()
            || is_allowed(given)
            || matches!(given, Datum::Array(items) if items.iter().all(is_allowed));
        if is_fine {
            return None;
        }
        let words: Vec<_> = self.allowed.iter().map(|value| value.scalar()).collect();
        let message = "parameter `{}` must be one of ";
        Some(format!(
            "{}{}",
            message.replace("{}", self.name),
            words.join(", ")
        ))
    }
}

fn is_word(given: &Datum, words: &[&str]) -> bool {
    let text = given.as_string();
    text.is_ok_and(|text| words.iter().any(|word| word.eq_ignore_ascii_case(text)))
}

fn is_alike(given: &Datum, allowed: Value<'_>) -> bool {
    match (given, allowed.as_str()) {
        (Datum::String(text), Some(allowed)) => text.eq_ignore_ascii_case(allowed),
        _ => value::verbatim(allowed).is_ok_and(|allowed| allowed == *given),
    }
}

/// The values of parameters, by their names in lower case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments(pub BTreeMap<String, Datum>);

impl Arguments {
    /// What an assignment or a test gives: each member's value, or its `value` member.
    pub fn given<'d>(parameters: Value<'d>) -> Result<Self, Value<'d>> {
        let mut arguments = BTreeMap::new();
        for entry in parameters.entries() {
            let value = entry.value.get_ignore_case("value").unwrap_or(entry.value);
            arguments.insert(entry.name().to_ascii_lowercase(), value::verbatim(value)?);
        }
        Ok(Self(arguments))
    }

    /// The values of the parameters that are declared: what is given, else the defaults. Why not,
    /// if one has no value or one that it refuses.
    pub fn complete(&self, declared: &[Parameter<'_>]) -> Result<Self, String> {
        let mut complete = BTreeMap::new();
        for parameter in declared {
            let key = parameter.name.to_ascii_lowercase();
            let value = match (self.0.get(&key), parameter.default) {
                (Some(given), _) => {
                    if let Some(problem) = parameter.refuses(given) {
                        return Err(problem);
                    }
                    given.clone()
                }
                (None, Some(default)) => match value::verbatim(default) {
                    Ok(default) => default,
                    Err(at) => return Err(value::unknown_of(at).0),
                },
                (None, None) => continue,
            };
            complete.insert(key, value);
        }
        Ok(Self(complete))
    }

    /// As the evaluator takes them: under names in lower case, as the rule is rewritten.
    pub(crate) fn datum(&self) -> Datum {
        let mut object = Datum::new_object();
        for (key, given) in &self.0 {
            value::insert(&mut object, Datum::from(key.as_str()), given.clone());
        }
        object
    }
}
