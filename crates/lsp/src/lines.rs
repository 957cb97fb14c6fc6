//! Places of reports as positions of the protocol.
//!
//! A report counts characters and ends lines at `\n`. The protocol counts UTF-16 code units and
//! ends lines at `\n`, `\r\n` and `\r` (Language Server Protocol 3.17, "Position"). Between them
//! stands the offset in bytes.

use lsp_types::{Position, Range};
use palisade_document::Span;
use palisade_report::Location;

/// A text with the starts of its lines, as both count them.
pub(crate) struct Lines {
    content: String,
    /// Starts of lines that end at `\n`.
    of_reports: Vec<usize>,
    /// Starts of lines of the protocol.
    of_protocol: Vec<usize>,
}

impl Lines {
    pub(crate) fn of(content: String) -> Self {
        let bytes = content.as_bytes();
        let (mut of_reports, mut of_protocol) = (vec![0], vec![0]);
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == b'\n' {
                of_reports.push(at + 1);
            }
            if byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                of_protocol.push(at + 1);
            }
        }
        Self {
            content,
            of_reports,
            of_protocol,
        }
    }

    pub(crate) fn content(&self) -> &str {
        &self.content
    }

    /// The offset of a place of a report: line and column from 1, in characters.
    pub(crate) fn offset(&self, line: u32, column: u32) -> usize {
        let start = self.of_reports.get((line as usize).saturating_sub(1));
        let start = start.copied().unwrap_or(self.content.len());
        let rest = &self.content[start..];
        let mut places = rest.char_indices();
        let place = places.nth((column as usize).saturating_sub(1));
        start + place.map_or(rest.len(), |(at, _)| at)
    }

    /// The position of an offset. A byte order mark isn't part of what an editor counts.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = self.content.floor_char_boundary(offset);
        let line = self.of_protocol.partition_point(|&start| start <= offset) - 1;
        let before = &self.content[self.of_protocol[line]..offset];
        let before = match line {
            0 => before.trim_start_matches('\u{feff}'),
            _ => before,
        };
        Position {
            line: number(line),
            character: number(before.encode_utf16().count()),
        }
    }

    pub(crate) fn range(&self, span: Span) -> Range {
        Range {
            start: self.position(span.start as usize),
            end: self.position(span.end as usize),
        }
    }

    /// The range of a stretch up to the end of the line that it starts in.
    pub(crate) fn first_line(&self, span: Span) -> Range {
        let text = self.content.get(span.range()).unwrap_or_default();
        let length = text.find(['\n', '\r']).unwrap_or(text.len());
        self.range(Span {
            start: span.start,
            end: span.start.saturating_add(number(length)),
        })
    }
}

/// The stretch of a location in the text that it was counted in.
pub(crate) fn span(lines: &Lines, location: &Location) -> Span {
    let start = lines.offset(location.start_line, location.start_column);
    let end = lines.offset(location.end_line, location.end_column);
    Span {
        start: number(start),
        end: number(end.max(start)),
    }
}

pub(crate) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use palisade_document::Text;
    use proptest::prelude::*;

    use super::*;

    fn position(content: &str, at: &str) -> (u32, u32) {
        let lines = Lines::of(content.to_owned());
        let position = lines.position(content.find(at).unwrap());
        (position.line, position.character)
    }

    #[test]
    fn columns_are_utf16_code_units() {
        assert_eq!(position("a: ø x", "x"), (0, 5));
        assert_eq!(position("a: 😀 x", "x"), (0, 6));
        assert_eq!(position("a: 1\nb: 𝔘𝔫 x", "x"), (1, 8));
    }

    #[test]
    fn a_line_ends_at_any_of_three_signs() {
        assert_eq!(position("a\r\nb\rc\nx", "x"), (3, 0));
        assert_eq!(position("\u{feff}ax", "x"), (0, 1));
    }

    proptest! {
        #[test]
        fn a_place_of_a_report_leads_back_to_its_offset(text in "[a😀ø\r\n]{0,40}", at: usize) {
            let offset = text.floor_char_boundary(at % (text.len() + 1));
            let place = Text::new("a", text.clone()).position(offset);
            let lines = Lines::of(text);
            prop_assert_eq!(lines.offset(place.line, place.column), offset);
        }

        #[test]
        fn positions_agree_with_a_walk_through_the_text(text in "[a😀ø\r\n]{0,40}", at: usize) {
            let offset = text.floor_char_boundary(at % (text.len() + 1));
            let (mut line, mut character) = (0, 0);
            for (place, sign) in text.char_indices().take_while(|(place, _)| *place < offset) {
                let is_half = sign == '\r' && text[place + 1..].starts_with('\n');
                if sign == '\n' || (sign == '\r' && !is_half) {
                    (line, character) = (line + 1, 0);
                } else {
                    character += u32::try_from(sign.len_utf16()).unwrap();
                }
            }
            let position = Lines::of(text).position(offset);
            prop_assert_eq!((position.line, position.character), (line, character));
        }
    }
}
