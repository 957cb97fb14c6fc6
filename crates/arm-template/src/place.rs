//! From a place in the content of a string to the place in the file, escapes included.

use std::ops::Range;

use palisade_document::{Place, Span, Value};

/// The place of a part of a string value, given by its bytes in the string's content.
pub(crate) fn part(leaf: Value<'_>, part: &Range<u32>) -> Place {
    let span = leaf.span();
    let content = leaf.scalar();
    let is_verbatim = content.len() + 2 == (span.end - span.start) as usize;
    let found = if is_verbatim {
        Span {
            start: span.start + 1 + part.start,
            end: span.start + 1 + part.end,
        }
    } else {
        let raw = &leaf.document().text().content()[span.range()];
        Span {
            start: span.start + raw_offset(raw, part.start),
            end: span.start + raw_offset(raw, part.end),
        }
    };
    let end = found.end.min(span.end);
    Place {
        document: leaf.document().id(),
        span: Span {
            start: found.start.min(end),
            end,
        },
    }
}

/// The offset in a quoted JSON string at which the byte `wanted` of its content is written.
fn raw_offset(raw: &str, wanted: u32) -> u32 {
    let wanted = wanted as usize;
    let mut content = 0;
    let mut at = 1;
    while content < wanted {
        let Some(rest) = raw.get(at..) else { break };
        let (written, means) = character(rest);
        if written == 0 {
            break;
        }
        at += written;
        content += means;
    }
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// How many bytes the first character of `rest` is written with, and how many it means.
fn character(rest: &str) -> (usize, usize) {
    let mut characters = rest.chars();
    match characters.next() {
        None => (0, 0),
        Some('\\') => match characters.next() {
            Some('u') => unicode(rest),
            Some(escaped) => (1 + escaped.len_utf8(), 1),
            None => (1, 1),
        },
        Some(c) => (c.len_utf8(), c.len_utf8()),
    }
}

/// `\u0041`, or two of them for a character beyond the first plane.
fn unicode(rest: &str) -> (usize, usize) {
    let unit = |at: usize| {
        let digits = rest.get(at + 2..at + 6)?;
        (rest.get(at..at + 2)? == "\\u").then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let Some(first) = unit(0) else { return (2, 1) };
    let pair = unit(6).filter(|_| (0xd800..0xdc00).contains(&first));
    let units = std::iter::once(first).chain(pair);
    match char::decode_utf16(units).next() {
        Some(Ok(c)) => (if pair.is_some() { 12 } else { 6 }, c.len_utf8()),
        _ => (6, 3),
    }
}

#[cfg(test)]
mod tests {
    use palisade_document::{Notation, Text, parse};

    fn found(json: &str, wanted: &str) -> String {
        let (document, diagnostics) = parse(Text::new("t", json), Notation::Json);
        assert_eq!(diagnostics, []);
        let leaf = document.roots().next().unwrap().items().next().unwrap();
        let start = leaf.scalar().find(wanted).unwrap();
        let range = u32::try_from(start).unwrap()..u32::try_from(start + wanted.len()).unwrap();
        json[super::part(leaf, &range).span.range()].to_owned()
    }

    #[test]
    fn a_part_of_a_plain_string_is_found() {
        assert_eq!(found(r#"["[concat('a', 'b')]"]"#, "'b'"), "'b'");
    }

    #[test]
    fn escapes_before_and_in_the_part_are_counted() {
        assert_eq!(found(r#"["[a('\"\u0041\n', 'x')]"]"#, "'x'"), "'x'");
        assert_eq!(
            found(r#"["[a('\ud83d\ude00', 'x\ty')]"]"#, "'x\ty'"),
            r"'x\ty'"
        );
        assert_eq!(found(r#"["[å('\\', 'x')]"]"#, "'x'"), "'x'");
    }
}
