//! What makes two findings of two runs the same.
//!
//! A fingerprint is made of the control, the subject and the values that decided, and of nothing
//! else: not of files, lines, formatting, order or the wording of messages. So a finding keeps
//! its fingerprint when its file is moved, sorted or reformatted, and gets another when the value
//! that decided becomes another. The values that decided are those that the message names, which
//! every message does.

use palisade_document::{Kind, Value};
use palisade_estate::Estate;

use crate::{Finding, Place};

/// A mapping or list with more scalars than this is the surroundings of a missing setting, not
/// a value that decided.
const MOST_SCALARS: usize = 64;

/// The fingerprint of a finding: 16 hexadecimal digits, stable between versions and machines.
pub fn fingerprint(estate: &Estate, finding: &Finding) -> String {
    let mut decisive = quoted(&finding.message);
    decisive.extend(marked(estate, finding));
    decisive.sort_unstable();
    decisive.dedup();
    hash(
        [finding.control.code, &finding.subject.id]
            .into_iter()
            .chain(decisive),
    )
}

/// 16 hexadecimal digits that stand for some texts, in any letter case.
pub fn hash<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Fnv::new();
    texts.into_iter().for_each(|text| hash.line(text));
    format!("{:016x}", hash.0)
}

/// The values that a message names whatever the finding points at: what stands in backticks, and
/// numbers, addresses, versions and dates, which are words with a digit.
fn quoted(message: &str) -> Vec<&str> {
    let is_edge = |c: char| !c.is_alphanumeric() && c != '*' && c != '/';
    let in_ticks = message.split('`').skip(1).step_by(2);
    let with_digit = message
        .split_whitespace()
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
        .map(|word| word.trim_matches(is_edge));
    in_ticks.chain(with_digit).collect()
}

/// The scalars that the finding points at and its message names. Nothing where the finding points
/// at its subject as a whole.
fn marked<'e>(estate: &'e Estate, finding: &Finding) -> Vec<&'e str> {
    let Some(Place::Value(origin)) = finding.primary.as_ref().map(|mark| &mark.place) else {
        return Vec::new();
    };
    if finding.subject.origin == Some(*origin) {
        return Vec::new();
    }
    let named = scalars(estate.value(*origin)).into_iter();
    named
        .filter(|scalar| names(&finding.message, scalar))
        .collect()
}

/// A scalar itself, or the scalars within a mapping or list; none if they are too many to be a
/// value that decided. A switch within a mapping isn't one: where the decisive setting is missing,
/// the finding points at the mapping around it, and its message names the default (`false`), which
/// some other switch there has by chance.
fn scalars(value: Value<'_>) -> Vec<&str> {
    let (mut found, mut open) = (Vec::new(), vec![value]);
    let is_setting = !matches!(value.kind(), Kind::Array | Kind::Object);
    while let Some(value) = open.pop() {
        match value.kind() {
            Kind::Array => open.extend(value.items()),
            Kind::Object => open.extend(value.entries().map(|entry| entry.value)),
            Kind::Bool | Kind::Null if !is_setting => {}
            _ => found.push(value.scalar()),
        }
        if found.len() + open.len() > MOST_SCALARS {
            return Vec::new();
        }
    }
    found
}

/// Whether a message names a value, as a word of its own.
fn names(message: &str, value: &str) -> bool {
    let is_part_of_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !value.is_empty()
        && message.match_indices(value).any(|(at, found)| {
            let (before, after) = (&message[..at], &message[at + found.len()..]);
            let starts = !is_part_of_word(before.chars().next_back())
                || !is_part_of_word(found.chars().next());
            let ends = !is_part_of_word(after.chars().next())
                || !is_part_of_word(found.chars().next_back());
            starts && ends
        })
}

/// FNV-1a with 64 bits.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Takes in a line, in lower case: Azure's tools write names in any.
    fn line(&mut self, text: &str) {
        for byte in text.bytes().map(|byte| byte.to_ascii_lowercase()) {
            self.byte(byte);
        }
        self.byte(b'\n');
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_values_as_words() {
        assert!(names("the port is 22", "22"));
        assert!(names("from 10.0.0.0/8, any port", "10.0.0.0/8"));
        assert!(names("rule `a` allows *", "*"));
        assert!(!names("the port is 2200", "22"));
        assert!(!names("anything", ""));
    }
}
