//! The text of a file and positions in it.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// A place in a text. Lines and columns start at 1; a column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The character within the line, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The text of one file together with the path it is shown by.
#[derive(Clone, Debug)]
pub struct Text {
    path: String,
    content: String,
    /// Where each line starts; made when the first position is asked for.
    lines: OnceLock<Vec<u32>>,
}

/// Why bytes are not text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes are a binary file: they hold NULs and no byte order mark of UTF-16.
    Binary,
    /// The file is larger than a document can address.
    TooLarge,
    /// The bytes stop being UTF-8 (or UTF-16) at this position.
    NotUnicode(Position),
}

/// The largest file that is parsed, in bytes. Spans are 32-bit offsets.
const LARGEST: usize = 1 << 31;

impl Text {
    /// A text that is known to be one already, such as a test's.
    pub fn new(path: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            content: content.into(),
            lines: OnceLock::new(),
        }
    }

    /// Decodes a file: UTF-8, or UTF-16 with a byte order mark, which is what `>` writes in
    /// Windows PowerShell 5.
    pub fn decode(path: impl Into<String>, bytes: Vec<u8>) -> Result<Self, DecodeError> {
        if bytes.len() > LARGEST {
            return Err(DecodeError::TooLarge);
        }
        let content = match bytes.as_slice() {
            [0xff, 0xfe, rest @ ..] => decode_utf16(rest, u16::from_le_bytes)?,
            [0xfe, 0xff, rest @ ..] => decode_utf16(rest, u16::from_be_bytes)?,
            _ if is_binary(&bytes) => return Err(DecodeError::Binary),
            _ => String::from_utf8(bytes).map_err(|error| {
                let valid = error.utf8_error().valid_up_to();
                let head = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
                DecodeError::NotUnicode(position_at_end(&head))
            })?,
        };
        Ok(Self::new(path, content))
    }

    /// The path by which the file is shown.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// The place of the byte at `offset`. An offset past the end is the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.content.floor_char_boundary(offset);
        let line = self
            .line_starts()
            .partition_point(|&start| start as usize <= offset);
        let start = self.line_start(line);
        Position {
            line: index(line),
            column: index(self.content[start..offset].chars().count() + 1),
        }
    }

    /// The text of a line, counted from 1, without its line break. Empty past the end.
    pub fn line(&self, line: u32) -> &str {
        let starts = self.line_starts();
        let Some(&start) = starts.get((line as usize).wrapping_sub(1)) else {
            return "";
        };
        let end = starts
            .get(line as usize)
            .map_or(self.content.len(), |&next| next as usize);
        self.content[start as usize..end].trim_end_matches(['\n', '\r'])
    }

    /// How many lines the text has; a last line without a line break counts.
    pub fn line_count(&self) -> u32 {
        index(self.line_starts().len())
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.content.as_bytes());
            std::iter::once(0)
                .chain(breaks.map(|at| index(at + 1)))
                .collect()
        })
    }

    fn line_start(&self, line: usize) -> usize {
        self.line_starts()
            .get(line.wrapping_sub(1))
            .map_or(0, |&start| start as usize)
    }

    /// Replaces every character of the ranges by `*`, keeping line breaks and all offsets, so
    /// that a secret is gone from memory while every span stays true. A character of several
    /// bytes becomes as many stars.
    pub fn mask(&mut self, ranges: &[Range<usize>]) {
        if ranges.is_empty() {
            return;
        }
        let mut bytes = std::mem::take(&mut self.content).into_bytes();
        for range in ranges {
            let end = range.end.min(bytes.len());
            for byte in bytes.get_mut(range.start..end).unwrap_or_default() {
                if !matches!(byte, b'\n' | b'\r') {
                    *byte = b'*';
                }
            }
        }
        // A range that cut a character in two would leave stray bytes; they become U+FFFD.
        self.content = match String::from_utf8(bytes) {
            Ok(content) => content,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
    }
}

/// Offsets and line numbers fit 32 bits because [`LARGEST`] does.
fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Whether there are more NULs in the first part of a file than a damaged text has. The parser
/// says where a single one stands.
fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(8192)];
    let nuls = head.iter().filter(|&&byte| byte == 0).count();
    nuls > head.len() / 100
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut content = String::with_capacity(bytes.len() / 2);
    for character in char::decode_utf16(units) {
        match character {
            Ok(character) => content.push(character),
            Err(_) => return Err(DecodeError::NotUnicode(position_at_end(&content))),
        }
    }
    if bytes.len() % 2 == 1 {
        return Err(DecodeError::NotUnicode(position_at_end(&content)));
    }
    Ok(content)
}

fn position_at_end(head: &str) -> Position {
    Text::new("", head).position(head.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_not_bytes() {
        let text = Text::new("a", "ab\nøå x\n");
        let at = text.content().find('x').unwrap();
        assert_eq!(text.position(at), Position { line: 2, column: 4 });
    }

    #[test]
    fn utf16_of_windows_powershell_is_decoded() {
        let bytes = [0xff, 0xfe, b'{', 0, b'}', 0].to_vec();
        assert_eq!(Text::decode("a.json", bytes).unwrap().content(), "{}");
    }

    #[test]
    fn invalid_utf8_names_the_place() {
        let error = Text::decode("a.json", b"{\n  \"a\": \"\xff\"}".to_vec()).unwrap_err();
        assert_eq!(
            error,
            DecodeError::NotUnicode(Position { line: 2, column: 9 })
        );
    }

    #[test]
    fn a_nul_makes_a_file_binary() {
        assert_eq!(
            Text::decode("a", vec![b'a', 0, b'b']).unwrap_err(),
            DecodeError::Binary
        );
    }

    #[test]
    fn a_mask_keeps_lines_and_offsets() {
        let mut text = Text::new("a", "key: sécret\nnext");
        text.mask(std::slice::from_ref(&(5..12)));
        assert_eq!(text.content(), "key: *******\nnext");
    }
}
