//! Masks secrets before anything else sees them: those that the names of settings give away,
//! and those that show by what stands around them in a text.

mod configuration;
mod expression;
mod names;
mod structure;
mod text;

use std::ops::Range;

use palisade_document::{Document, Kind, NodeId, Span, Text, Value};

use structure::Secrets;

/// How the strings of a document are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strings {
    /// As they are.
    Plain,
    /// In a template of ARM a string in brackets is an expression: it names what it is made of.
    Expressions,
}

/// Masks every secret of a document. `is_broken` says that parts of it could not be read: they
/// could not be searched either, so they are masked as a whole.
pub(crate) fn redact(document: &mut Document, is_broken: bool, strings: Strings) {
    if is_broken {
        document.mask_unread();
    }
    let Secrets {
        values,
        mut embedded,
        ..
    } = structure::secrets(document, strings);
    embedded.sort_unstable();
    document.redact(&values);
    let ranges = ranges_in_text(document, &embedded, strings);
    document.mask(&ranges, |node, content| {
        let mut found = within(content, strings, text::secrets);
        if embedded.binary_search(&node).is_ok() {
            found.extend(within(content, strings, text::assigned_secrets));
        }
        in_order(found)
    });
}

/// Masks the secrets of a configuration in HCL, whose values nobody has read yet.
pub(crate) fn redact_configuration(text: &mut Text) {
    let ranges = in_order(configuration::secrets(text.content()));
    text.mask(&ranges);
}

/// What `find` finds in a text, or in each literal of an expression: what stands around a literal
/// is no part of it.
fn within(text: &str, strings: Strings, find: fn(&str) -> Vec<Range<usize>>) -> Vec<Range<usize>> {
    if strings == Strings::Plain || !expression::is_one(text) {
        return find(text);
    }
    let literals = expression::literals(text).into_iter();
    let found = literals.flat_map(|literal| {
        let inner = find(&text[literal.clone()]).into_iter();
        inner.map(move |range| literal.start + range.start..literal.start + range.end)
    });
    found.collect()
}

/// The ranges of secrets in the text of strings and comments.
fn ranges_in_text(document: &Document, embedded: &[NodeId], strings: Strings) -> Vec<Range<usize>> {
    let content = document.text().content();
    let candidates = text::candidates(content);
    let is_suspect = |span: Span| {
        let first = candidates.partition_point(|&at| at < span.start as usize);
        candidates
            .get(first)
            .is_some_and(|&at| at < span.end as usize)
    };
    let texts = document
        .values()
        .filter(|value| value.kind() == Kind::String);
    let suspects = texts.map(Value::span).filter(|&span| is_suspect(span));
    let mut ranges: Vec<_> = suspects
        .flat_map(|span| shifted(within(&content[span.range()], strings, text::secrets), span))
        .collect();
    let embedded = embedded.iter().map(|&node| document.value(node).span());
    for span in embedded.chain(document.comments().iter().copied()) {
        let slice = &content[span.range()];
        for find in [text::secrets, text::assigned_secrets] {
            ranges.extend(shifted(within(slice, strings, find), span));
        }
    }
    in_order(ranges)
}

/// Ranges of a slice as ranges of the text that the slice was cut from.
fn shifted(ranges: Vec<Range<usize>>, slice: Span) -> impl Iterator<Item = Range<usize>> {
    let by = slice.start as usize;
    ranges
        .into_iter()
        .map(move |range| range.start + by..range.end + by)
}

/// The ranges sorted, overlapping ones joined.
fn in_order(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}
