//! Expressions of ARM templates, as far as masking has to tell them from plain strings.

use std::ops::Range;

/// Whether a string, with or without its quotes, is an expression: in brackets, of which the
/// first is not doubled.
pub(super) fn is_one(text: &str) -> bool {
    let inner = text.trim_matches('"').trim();
    inner.starts_with('[') && !inner.starts_with("[[") && inner.ends_with(']')
}

/// Whether an expression is made of nothing but what stands in it, so that its literals are its
/// value.
pub(super) fn is_literal(text: &str) -> bool {
    const NAMED: [&str; 6] = [
        "parameters(",
        "variables(",
        "reference",
        "resourceid(",
        "list",
        "copyindex(",
    ];
    let lower = text.to_ascii_lowercase();
    !NAMED.iter().any(|named| lower.contains(named))
}

/// The literals of an expression, without their quotes. A quote within one is doubled.
pub(super) fn literals(text: &str) -> Vec<Range<usize>> {
    let mut literals = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find('\'') {
        let start = at + found + 1;
        let mut end = start;
        while let Some(quote) = text[end..].find('\'') {
            end += quote;
            if !text[end + 1..].starts_with('\'') {
                break;
            }
            end += 2;
        }
        if text[end..].starts_with('\'') {
            literals.push(start..end);
            at = end + 1;
        } else {
            return literals;
        }
    }
    literals
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_stand_between_single_quotes() {
        let text = "[concat('a''b', parameters('c'), '')]";
        let found: Vec<_> = literals(text)
            .into_iter()
            .map(|range| &text[range])
            .collect();
        assert_eq!(found, ["a''b", "c", ""]);
        assert!(literals("[concat('a").is_empty());
    }
}
