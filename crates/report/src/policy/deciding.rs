//! What decided about a resource: the comparisons that make a condition what it is.

use palisade_document::Value;
use palisade_policy::{Explained, Outcome};

/// The comparison that decided, with what it saw.
pub(super) struct Decided<'e> {
    /// What it says, and what it saw where that isn't the same: `location equals westeurope`.
    pub(super) reason: String,
    /// The setting that it saw; nothing if there is none.
    pub(super) seen: Option<Value<'e>>,
    /// Where it stands in the definition.
    pub(super) rule: Value<'e>,
}

/// The comparison that decided: of those that make the condition hold or fail the first that isn't
/// about the type and saw something, else the first.
pub(super) fn decided<'e>(explained: &Explained<'e>) -> Option<Decided<'e>> {
    let mut leaves = Vec::new();
    collect(explained, false, &mut leaves);
    leaves.retain(|(leaf, _)| !leaf.label.starts_with("type "));
    let seeing = leaves.iter().find(|(leaf, _)| !leaf.seen.is_empty());
    let (leaf, is_negated) = seeing.or_else(|| leaves.first())?;
    let not = if *is_negated { "not: " } else { "" };
    let seen = leaf.seen.first().copied();
    let saw = match seen {
        Some(value) => format!("it is {}", super::resolve::shown(value)),
        None => "there is none".to_owned(),
    };
    Some(Decided {
        reason: format!("{not}{}; {saw}", leaf.label),
        seen,
        rule: leaf.place,
    })
}

/// The comparisons that make a part of a condition hold, or fail: of `allOf` and `anyOf` those
/// parts that came out as the whole did.
fn collect<'x, 'e>(
    part: &'x Explained<'e>,
    is_negated: bool,
    leaves: &mut Vec<(&'x Explained<'e>, bool)>,
) {
    if part.parts.is_empty() {
        leaves.push((part, is_negated));
        return;
    }
    if part.label == "not" {
        part.parts
            .iter()
            .for_each(|inner| collect(inner, !is_negated, leaves));
        return;
    }
    let is_alike = |inner: &&Explained<'_>| {
        matches!(
            (&inner.outcome, &part.outcome),
            (Outcome::Holds, Outcome::Holds)
                | (Outcome::Fails, Outcome::Fails)
                | (Outcome::Unknown(_), Outcome::Unknown(_))
        )
    };
    part.parts
        .iter()
        .filter(is_alike)
        .for_each(|inner| collect(inner, is_negated, leaves));
}
