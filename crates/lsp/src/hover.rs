//! The page of a control where one of its findings shows.

use std::path::Path;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position, Range};

use crate::diagnostic::message;
use crate::shown::Shown;

/// What is found at a position, and the pages of the controls that found it, each once.
pub(crate) fn at(shown: &Shown, file: &Path, at: Position) -> Option<Hover> {
    let mut found: Vec<_> = shown.meeting(file, Range { start: at, end: at }).collect();
    // What points at the least comes first.
    found.sort_by_key(|(finding, span, _)| (span.end - span.start, &finding.control));
    let range = found.first()?.2;
    let mut text = String::new();
    for (number, (finding, _, _)) in found.iter().enumerate() {
        let mut later = found[number + 1..].iter();
        text.push_str(&format!(
            "**{}** {}\n\n",
            finding.control,
            literal(&message(finding))
        ));
        if !later.any(|(other, _, _)| other.control == finding.control) {
            text.push_str(&format!(
                "{}\n\n---\n\n",
                shown.page(&finding.control).trim()
            ));
        }
    }
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: text.trim_end_matches("\n\n---\n\n").to_owned(),
        }),
        range: Some(range),
    })
}

/// Text of an estate is only text: no markup, no link.
fn literal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\n' => escaped.push_str("  \n"),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            _ if sign.is_ascii_punctuation() => escaped.extend(['\\', sign]),
            _ => escaped.push(sign),
        }
    }
    escaped
}
