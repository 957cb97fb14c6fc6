//! What a comment in a file is about.
//!
//! A comment that stands after something on its line is about that line; one that stands alone is
//! about the next line that holds more than comments. About a line means: whatever starts on it,
//! and the whole value of every key on it. A mapping in block style starts with its first key, so
//! a comment alone above the first line of an object is about the whole object, while one after
//! that line is about the line only.

use palisade_document::{Document, Kind, Span, Value};

use crate::bracket::opened_on;

/// The stretches of the text that a comment is about.
pub(crate) fn about(document: &Document, comment: Span) -> Vec<Span> {
    let content = document.text().content();
    let line = Line::around(content, comment.start as usize);
    let before = &content[line.start..comment.start as usize];
    let after = content[comment.end as usize..line.end.max(comment.end as usize)].trim();
    let stands_alone = before.trim().is_empty() && after.is_empty();
    let line = if stands_alone {
        match next_with_content(document, comment.end as usize) {
            Some(line) => line,
            None => return Vec::new(),
        }
    } else {
        line
    };
    let mut stretches = vec![line.span()];
    if document.values().len() == 0 {
        stretches.extend(opened_on(document, line.start, line.end));
    }
    for value in document.values() {
        if value.kind() == Kind::Object {
            let of_keys = value.entries().filter(|entry| line.holds(entry.key.span()));
            stretches.extend(of_keys.map(|entry| entry.value.span()));
        }
        let starts_here = line.holds(value.span()) && (stands_alone || has_opening_sign(value));
        if starts_here {
            stretches.push(value.span());
        }
    }
    stretches
}

/// Whether a value starts with a sign or is a scalar, rather than with what is in it.
fn has_opening_sign(value: Value<'_>) -> bool {
    let text = &value.document().text().content()[value.span().range()];
    match value.kind() {
        Kind::Array | Kind::Object => text.starts_with(['{', '[']),
        _ => true,
    }
}

/// The next line that holds more than comments and blanks.
fn next_with_content(document: &Document, from: usize) -> Option<Line> {
    let content = document.text().content();
    let mut line = Line::around(content, from);
    loop {
        let start = line.end + 1;
        if start > content.len() {
            return None;
        }
        line = Line::around(content, start);
        let text = content[line.start..line.end].trim();
        let indent = content[line.start..].len() - content[line.start..].trim_start().len();
        let first = line.start + indent;
        // A separator of documents and a comment hold nothing.
        let is_comment = document
            .comments()
            .iter()
            .any(|comment| comment.range().contains(&first));
        if !text.is_empty() && !is_comment && text != "---" {
            return Some(line);
        }
    }
}

/// A line of a text, without its end.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
}

impl Line {
    fn around(content: &str, at: usize) -> Self {
        let at = at.min(content.len());
        let start = content[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = content[at..]
            .find('\n')
            .map_or(content.len(), |end| at + end);
        Self { start, end }
    }

    fn holds(self, span: Span) -> bool {
        (self.start..self.end).contains(&(span.start as usize))
    }

    fn span(self) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            start: offset(self.start),
            end: offset(self.end),
        }
    }
}
