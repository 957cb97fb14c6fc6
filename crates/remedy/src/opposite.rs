//! Settings that are one of two words.

use palisade_document::Span;

use crate::{Edit, Remedy};

/// Words of which a setting of Azure or Kubernetes has one or the other.
const PAIRS: [[&str; 2]; 4] = [
    ["false", "true"],
    ["Disabled", "Enabled"],
    ["Allow", "Deny"],
    ["Detection", "Prevention"],
];

/// Sets the value at a place to the other of two words, if it is one of such a pair. Quotes and
/// letter case stay.
pub fn opposite(text: &str, span: Span) -> Option<Remedy> {
    let value = text.get(span.range())?;
    let quote = ['"', '\'']
        .into_iter()
        .find(|&quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote));
    let width = u32::from(quote.is_some());
    let word = &value[width as usize..value.len() - width as usize];
    let other = PAIRS.iter().find_map(|[one, other]| {
        let is = |known: &str| word == known || word == known.to_ascii_lowercase();
        is(one).then_some(other).or(is(other).then_some(one))
    })?;
    let is_lower = !word.starts_with(|first: char| first.is_ascii_uppercase());
    let replacement = match is_lower {
        true => other.to_ascii_lowercase(),
        false => (*other).to_owned(),
    };
    Some(Remedy {
        title: format!("change {word} to {replacement}"),
        edits: vec![Edit {
            span: Span {
                start: span.start + width,
                end: span.end - width,
            },
            replacement,
        }],
        is_safe: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply;

    fn turned(value: &str) -> Option<String> {
        let end = u32::try_from(value.len()).unwrap();
        let remedy = opposite(value, Span { start: 0, end })?;
        apply(value, &remedy.edits)
    }

    #[test]
    fn quotes_and_letter_case_stay() {
        for (value, other) in [
            ("false", "true"),
            ("\"true\"", "\"false\""),
            ("'Allow'", "'Deny'"),
            ("\"disabled\"", "\"enabled\""),
            ("Prevention", "Detection"),
        ] {
            assert_eq!(turned(value).as_deref(), Some(other));
            assert_eq!(turned(other).as_deref(), Some(value));
        }
    }

    #[test]
    fn other_values_have_no_opposite() {
        for value in [
            "",
            "\"",
            "\"\"",
            "1",
            "FALSE",
            "falsetrue",
            "{}",
            "var.enabled",
            "\"true",
        ] {
            assert_eq!(turned(value), None, "{value}");
        }
    }
}
