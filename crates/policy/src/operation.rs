//! What modify and append do to the settings of a request (Microsoft Learn, "Azure Policy
//! definitions modify effect" and "append effect", 2026).

use std::collections::BTreeMap;

use palisade_estate::Unknown;

use crate::aliases::Path;
use crate::evaluation::Fired;
use crate::facts::{Body, Facts};
use crate::names::Names;
use crate::value::{self, Datum, insert};

/// A change of one setting.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    /// What is done.
    pub(crate) kind: OperationKind,
    /// The alias or tag, as the definition writes it.
    pub(crate) field: String,
    /// The value; nothing for a removal.
    pub(crate) value: Datum,
    /// Whether its own condition can't be evaluated.
    is_conditional: bool,
}

/// What is done to a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationKind {
    /// It gets the value, whatever it was.
    AddOrReplace,
    /// It gets the value if it has none; a list gets one item more.
    Add,
    /// It is taken away.
    Remove,
    /// As `Add`; another value that is there already is refused.
    Append,
}

/// What comes of a change.
#[derive(Clone, Debug)]
enum Outcome {
    Set(Datum),
    Remove,
    Nothing,
    /// The request is refused: append doesn't override.
    Refused,
    Unclear(&'static str),
}

/// Why a request is refused although its change was to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overrides;

impl Operation {
    /// The changes that an effect makes.
    pub(crate) fn read(fired: &Fired) -> Vec<Self> {
        let Some(details) = &fired.details else {
            return Vec::new();
        };
        let is_append = matches!(details, Datum::Array(_));
        let list = match is_append {
            true => Some(details),
            false => member(details, "operations"),
        };
        let items = list.and_then(|list| list.as_array().ok());
        let items = items.into_iter().flat_map(|items| items.iter().enumerate());
        let operations = items.filter_map(|(at, item)| {
            let condition = fired.conditions.get(&at);
            let own = Self::of(item, is_append)?;
            (condition != Some(&false)).then_some(Self {
                is_conditional: own.is_conditional && condition.is_none(),
                ..own
            })
        });
        operations.collect()
    }

    fn of(item: &Datum, is_append: bool) -> Option<Self> {
        let text = |key| {
            member(item, key)?
                .as_string()
                .ok()
                .map(|text| text.to_string())
        };
        let word = text("operation").unwrap_or_default().to_ascii_lowercase();
        Some(Self {
            kind: match (is_append, word.as_str()) {
                (true, _) => OperationKind::Append,
                (false, "addorreplace") => OperationKind::AddOrReplace,
                (false, "add") => OperationKind::Add,
                (false, "remove") => OperationKind::Remove,
                _ => return None,
            },
            field: text("field")?,
            value: member(item, "value").cloned().unwrap_or(Datum::Undefined),
            is_conditional: member(item, "condition").is_some(),
        })
    }

    /// What two changes have in common that change the same setting of a type: its path, or the
    /// tag.
    pub(crate) fn setting(&self, kind: &str, names: &Names) -> String {
        let short = names.key(&self.field);
        let slot = names.slots(kind).iter().find(|slot| slot.short == short);
        match slot {
            Some(slot) => format!("{:?}", steps(&slot.from)),
            None => self.field.to_ascii_lowercase(),
        }
    }
}

/// A member of an object in any letter case.
fn member<'v>(object: &'v Datum, key: &str) -> Option<&'v Datum> {
    let mut members = object.as_object().ok()?.iter();
    members
        .find(|(own, _)| is_called(own, key))
        .map(|(_, value)| value)
}

fn is_called(own: &Datum, key: &str) -> bool {
    own.as_string()
        .is_ok_and(|own| own.eq_ignore_ascii_case(key))
}

/// A step of a path: into a member in lower case, or into every item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Each,
}

fn steps(path: &Path) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, group) in path.0.iter().enumerate() {
        if at > 0 {
            steps.push(Step::Each);
        }
        let members = group.iter().map(|name| name.to_ascii_lowercase());
        steps.extend(members.map(Step::Member));
    }
    steps
}

/// The facts of a resource after some changes; which of them is refused.
pub(crate) fn changed(
    facts: &Facts,
    body: &Body<'_>,
    operations: &[Operation],
    names: &Names,
) -> Result<Facts, Overrides> {
    let mut facts = facts.clone();
    let kind = body.resource_type.to_ascii_lowercase();
    for operation in operations {
        match tag(&operation.field) {
            Some(tag) => change_tag(&mut facts, &tag, operation)?,
            None => change_setting(&mut facts, body, operation, names, &kind)?,
        }
    }
    Ok(facts)
}

/// The name of the tag that a field reads, in lower case.
fn tag(field: &str) -> Option<String> {
    let field = field.to_ascii_lowercase();
    let name = field.strip_prefix("tags")?;
    let name = name.strip_prefix('.').or_else(|| name.strip_prefix('['))?;
    Some(name.trim_matches(['[', ']', '\'']).to_owned())
}

fn change_tag(facts: &mut Facts, tag: &str, operation: &Operation) -> Result<(), Overrides> {
    if operation.is_conditional {
        unclear(&mut facts.unknown, "tags", CONDITION);
    }
    if facts.unknown.contains_key("tags") {
        return Ok(());
    }
    let key = Datum::from(tag);
    let outcome = {
        let tags = &facts.resource[&Datum::from("tags")];
        outcome(operation, Some(&tags[&key]), false)
    };
    let Ok(resource) = facts.resource.as_object_mut() else {
        return Ok(());
    };
    let tags = resource.get_or_insert_with(Datum::from("tags"), Datum::new_object);
    if !matches!(tags, Datum::Object(_)) {
        *tags = Datum::new_object();
    }
    match outcome {
        Outcome::Set(value) => insert(tags, key, value),
        Outcome::Remove => {
            if let Ok(tags) = tags.as_object_mut() {
                tags.remove(&key);
            }
        }
        Outcome::Refused => return Err(Overrides),
        Outcome::Nothing | Outcome::Unclear(_) => {}
    }
    Ok(())
}

const CONDITION: &str = "whether a modify changes it depends on the request";
const PARENT: &str =
    "whether a modify adds it isn't certain, since what should hold it isn't in the request";
const LIST: &str = "what a modify makes of the items of the list isn't documented";

fn unclear(unknown: &mut BTreeMap<String, (String, String)>, key: &str, why: &str) {
    let supply = "the resource as it is once it is deployed";
    unknown.insert(key.to_owned(), (why.to_owned(), supply.to_owned()));
}

/// What a change makes of the value that is there.
fn outcome(operation: &Operation, current: Option<&Datum>, is_item: bool) -> Outcome {
    let current = current.filter(|own| !matches!(own, Datum::Undefined | Datum::Null));
    match (operation.kind, current) {
        (OperationKind::Remove, _) => Outcome::Remove,
        (OperationKind::AddOrReplace, _) if is_item => Outcome::Unclear(LIST),
        (OperationKind::AddOrReplace, _) => Outcome::Set(value::lowered(&operation.value)),
        (_, Some(Datum::Array(items))) if is_item => {
            let mut items = items.to_vec();
            items.push(value::lowered(&operation.value));
            Outcome::Set(Datum::from(items))
        }
        (_, None) if is_item => Outcome::Set(Datum::from(vec![value::lowered(&operation.value)])),
        (_, Some(_)) if is_item => Outcome::Unclear(LIST),
        (_, None) => Outcome::Set(value::lowered(&operation.value)),
        (OperationKind::Append, Some(own)) if *own != value::lowered(&operation.value) => {
            Outcome::Refused
        }
        (_, Some(_)) => Outcome::Nothing,
    }
}

fn change_setting(
    facts: &mut Facts,
    body: &Body<'_>,
    operation: &Operation,
    names: &Names,
    kind: &str,
) -> Result<(), Overrides> {
    let short = names.key(&operation.field);
    let slots = names.slots(kind);
    let Some(own) = slots.iter().find(|slot| slot.short == short) else {
        return Ok(());
    };
    let mut path = steps(&own.from);
    let mut to = steps(&own.to);
    let is_item = path.last() == Some(&Step::Each);
    if is_item {
        path.pop();
        to.pop();
    }
    let goes_through_list = path.contains(&Step::Each);
    let is_unknown = facts.unknown.contains_key(&short);
    let outcome = if operation.is_conditional {
        Outcome::Unclear(CONDITION)
    } else if goes_through_list && operation.kind != OperationKind::AddOrReplace {
        Outcome::Unclear(LIST)
    } else if is_unknown && (is_item || operation.kind != OperationKind::AddOrReplace) {
        return Ok(());
    } else if !goes_through_list && !has_parent(body, &path) {
        Outcome::Unclear(PARENT)
    } else {
        outcome(operation, get(&facts.resource, &to), is_item)
    };
    if matches!(outcome, Outcome::Refused) {
        return Err(Overrides);
    }
    for slot in slots {
        let from = steps(&slot.from);
        let to = steps(&slot.to);
        let is_below = from.starts_with(&path);
        if !is_below && !path.starts_with(&from) {
            continue;
        }
        match &outcome {
            Outcome::Nothing | Outcome::Refused => {}
            Outcome::Unclear(why) => unclear(&mut facts.unknown, &slot.short, why),
            // Only tags can be removed.
            Outcome::Remove => {}
            Outcome::Set(value) if is_below => {
                let rest = &from[path.len()..];
                if rest.contains(&Step::Each) && !rest.iter().all(|step| *step == Step::Each) {
                    unclear(&mut facts.unknown, &slot.short, LIST);
                    continue;
                }
                let own = rest.iter().take_while(|step| **step != Step::Each);
                let value = own.fold(value.clone(), |at, step| match step {
                    Step::Member(name) => at[&Datum::from(name.as_str())].clone(),
                    Step::Each => at,
                });
                let end = to.len() - rest.iter().filter(|step| **step == Step::Each).count();
                facts.unknown.remove(&slot.short);
                set(&mut facts.resource, &to[..end], &value);
            }
            Outcome::Set(value) => {
                let whole = [to.as_slice(), &path[from.len()..]].concat();
                set(&mut facts.resource, &whole, value);
            }
        }
    }
    Ok(())
}

fn get<'v>(at: &'v Datum, path: &[Step]) -> Option<&'v Datum> {
    path.iter().try_fold(at, |at, step| match step {
        Step::Member(name) => at.as_object().ok()?.get(&Datum::from(name.as_str())),
        Step::Each => None,
    })
}

/// Puts a value at a place, for every item of the lists on the way.
fn set(at: &mut Datum, path: &[Step], value: &Datum) {
    match path {
        [] => *at = value.clone(),
        [Step::Each, rest @ ..] => {
            if let Ok(items) = at.as_array_mut() {
                items.iter_mut().for_each(|item| set(item, rest, value));
            }
        }
        [Step::Member(name), rest @ ..] => {
            if matches!(at, Datum::Undefined | Datum::Null) {
                *at = Datum::new_object();
            }
            let Ok(members) = at.as_object_mut() else {
                return;
            };
            let key = Datum::from(name.as_str());
            match (rest, value) {
                ([], Datum::Undefined) => drop(members.remove(&key)),
                _ => set(
                    members.get_or_insert_with(key, || Datum::Undefined),
                    rest,
                    value,
                ),
            }
        }
    }
}

/// Whether a body holds what a setting would be put into. `properties` always is there.
fn has_parent(body: &Body<'_>, path: &[Step]) -> bool {
    let mut at = body.value;
    let parents = path.iter().take(path.len().saturating_sub(1));
    for (depth, step) in parents.enumerate() {
        let Step::Member(name) = step else {
            return true;
        };
        match at.get_ignore_case(name) {
            Some(next) if next.is_unknown() || !next.is_null() => at = next,
            _ => return depth == 0 && path.len() == 2,
        }
    }
    true
}

/// The facts of a resource that some definition may change or not.
pub(crate) fn doubted<'f>(
    facts: &Facts,
    fields: impl Iterator<Item = &'f str>,
    why: &Unknown,
    names: &Names,
    kind: &str,
) -> Facts {
    let mut facts = facts.clone();
    let why = (why.cause.clone(), why.supply.clone());
    for field in fields {
        if tag(field).is_some() {
            facts.unknown.insert("tags".to_owned(), why.clone());
            continue;
        }
        let short = names.key(field);
        let slots = names.slots(kind);
        let Some(own) = slots.iter().find(|slot| slot.short == short) else {
            continue;
        };
        let path = steps(&own.from);
        for slot in slots {
            let from = steps(&slot.from);
            if from.starts_with(&path) || path.starts_with(&from) {
                facts.unknown.insert(slot.short.clone(), why.clone());
            }
        }
    }
    facts
}
