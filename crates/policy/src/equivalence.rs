//! What a definition asks, so that a team's own may stand in for a built-in one.

use palisade_document::{Kind, Value};

use crate::definition::{Definition, Mode};
use crate::objects;

/// A text that definitions have in common which ask the same: about objects, by the same
/// constraint template in whatever version; about resources, by the same condition, wherever the
/// order and the letter case of its parts mean nothing. Nothing if that can't be told.
pub(crate) fn question(definition: &Definition<'_>) -> Option<String> {
    match &definition.mode {
        Mode::Provider(mode) => {
            let (template, _) = objects::template(definition.rule.then.details?)?;
            Some(format!("{} {template}", mode.to_ascii_lowercase()))
        }
        Mode::All | Mode::Indexed => Some(canonical(definition.rule.condition_text)),
    }
}

/// A text that conditions have in common which differ only in order and letter case.
fn canonical(value: Value<'_>) -> String {
    match value.kind() {
        Kind::Array => {
            let mut items: Vec<_> = value.items().map(canonical).collect();
            items.sort_unstable();
            format!("[{}]", items.join(","))
        }
        Kind::Object => {
            let members = value.entries();
            let mut members: Vec<_> = members
                .map(|entry| {
                    let name = entry.name().to_ascii_lowercase();
                    format!("{name:?}:{}", canonical(entry.value))
                })
                .collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
        // `exists` takes `false` and `"false"` alike.
        _ => format!("{:?}", value.scalar().to_ascii_lowercase()),
    }
}
