//! The values that leave the evaluator: without the marks that it works with, and with the way
//! that each part came.

use std::sync::Arc;

use palisade_document::{Content, Derived, Link};

use crate::evaluator::{Evaluator, exhausted};
use crate::partial::is_partial;
use crate::value;

/// The value as others see it.
pub(crate) fn settled(evaluator: &Evaluator<'_>, value: &Derived) -> Derived {
    change(evaluator, value, None, 0).unwrap_or_else(|| value.clone())
}

/// The value if it differs from what it was. `way` is how the list or mapping around came.
fn change(
    evaluator: &Evaluator<'_>,
    it: &Derived,
    way: Option<&Arc<Link>>,
    depth: usize,
) -> Option<Derived> {
    if !evaluator.spend(if way.is_some() { 8 } else { 1 }) || depth > 250 {
        return Some(exhausted());
    }
    let through = value::joined(way, it.source.through.as_ref());
    let content = match &it.content {
        Content::String(text) if is_partial(text) => Some(partial_text(evaluator, text)),
        // A state of which Azure knows more can't be told apart from one that is whole.
        Content::Object(_) if value::rest(it).is_some() => {
            value::rest(it).map(|rest| rest.content.clone())
        }
        Content::Array(items) => {
            let change = |item: &Derived| change(evaluator, item, through.as_ref(), depth + 1);
            let changed: Vec<_> = items.iter().map(change).collect();
            changed.iter().any(Option::is_some).then(|| {
                let items = changed.into_iter().zip(items.iter());
                let items = items.map(|(new, old)| new.unwrap_or_else(|| old.clone()));
                Content::Array(Arc::new(items.collect()))
            })
        }
        Content::Object(members) => {
            let change = |it: &Derived| change(evaluator, it, through.as_ref(), depth + 1);
            let changed: Vec<_> = members
                .iter()
                .map(|(key, value)| (change(key), change(value)))
                .collect();
            let is_changed = changed
                .iter()
                .any(|(key, value)| key.is_some() || value.is_some());
            is_changed.then(|| {
                let pairs = changed.into_iter().zip(members.iter());
                let pairs = pairs.map(|((new_key, new), (key, old))| {
                    let key = new_key.unwrap_or_else(|| key.clone());
                    (key, new.unwrap_or_else(|| old.clone()))
                });
                Content::Object(Arc::new(pairs.collect()))
            })
        }
        _ => None,
    };
    if content.is_none() && way.is_none() {
        return None;
    }
    let mut changed = it.clone();
    changed.content = content.unwrap_or_else(|| it.content.clone());
    changed.source.through = through;
    Some(changed)
}

/// An id keeps its shape with a stand-in; any other text is unknown.
fn partial_text(evaluator: &Evaluator<'_>, text: &str) -> Content {
    let lower = text.get(..15).unwrap_or(text).to_ascii_lowercase();
    if lower.starts_with("/subscriptions/") || lower.starts_with("/providers/") {
        return Content::String(evaluator.partial.stand_in(text).into());
    }
    evaluator.partial.unknown(text).unwrap_or(Content::Null)
}
