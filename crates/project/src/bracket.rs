//! Blocks of a text whose values aren't a tree of their own, such as HCL: from a bracket that a
//! line opens to the one that closes it.

use palisade_document::{Document, Span};

/// The stretch from a line's start to the end of what it opens last and leaves open.
pub(crate) fn opened_on(document: &Document, start: usize, end: usize) -> Option<Span> {
    let content = document.text().content();
    let mut open: Vec<usize> = Vec::new();
    let mut at = start;
    let mut first_of_line = None;
    while let Some(c) = content[at..].chars().next() {
        if at >= end && first_of_line.is_none() {
            // What the line closes again is not a block that it opens.
            first_of_line = Some(*open.first()?);
        }
        if let Some(comment) = comment_at(document, at) {
            at = comment.end as usize;
            continue;
        }
        match c {
            '"' => at = after_string(content, at),
            '<' if content[at..].starts_with("<<") => at = after_heredoc(content, at),
            '{' | '[' | '(' => {
                open.push(at);
                at += 1;
            }
            '}' | ']' | ')' => {
                let closed = open.pop()?;
                at += 1;
                if first_of_line == Some(closed) {
                    let offset = |at: usize| u32::try_from(at).ok();
                    return Some(Span {
                        start: offset(start)?,
                        end: offset(at)?,
                    });
                }
            }
            other => at += other.len_utf8(),
        }
    }
    None
}

fn comment_at(document: &Document, at: usize) -> Option<Span> {
    let comments = document.comments();
    let before = comments.partition_point(|comment| (comment.start as usize) < at);
    let comment = comments.get(before)?;
    (comment.start as usize == at && comment.end > comment.start).then_some(*comment)
}

/// Behind a string that starts here; it may not end.
fn after_string(content: &str, start: usize) -> usize {
    let mut is_escaped = false;
    for (offset, c) in content[start + 1..].char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return start + 1 + offset + 1,
            _ => {}
        }
    }
    content.len()
}

/// Behind a text that starts with `<<WORD` and ends with a line of that word.
fn after_heredoc(content: &str, start: usize) -> usize {
    let rest = &content[start + 2..];
    let first = rest.lines().next().unwrap_or_default();
    let word = first.trim_start_matches('-').trim();
    let mut at = start + 2 + first.len();
    if word.is_empty() || !word.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return start + 2;
    }
    for line in content[at..].split_inclusive('\n') {
        at += line.len();
        if line.trim() == word {
            return at;
        }
    }
    content.len()
}
