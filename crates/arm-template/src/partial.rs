//! Texts of which a part is unknown, such as an id that ends in the name of a parameter without
//! a value. Inside the evaluator such a part is a token of private characters, so that the same
//! id, made in two places, is the same text. Outside it is either a stand-in, in an id, or the
//! whole text is unknown.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use palisade_document::{Content, Derived, stand_in};

const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// The unknown parts of texts.
#[derive(Default)]
pub(crate) struct Partial {
    parts: RefCell<Vec<Part>>,
    by_key: RefCell<HashMap<String, usize>>,
    /// How many different parts have the same label.
    labels: RefCell<HashMap<String, usize>>,
}

struct Part {
    /// What stands for it: different parts have different labels.
    label: String,
    cause: Arc<str>,
    supply: Arc<str>,
}

/// Whether a part of the text is unknown.
pub(crate) fn is_partial(text: &str) -> bool {
    text.contains(OPEN)
}

/// Whether the start of the text is unknown.
pub(crate) fn starts_partial(text: &str) -> bool {
    text.starts_with(OPEN)
}

/// A text of a file as the evaluator may hold it: without the private characters.
pub(crate) fn cleaned(text: &str) -> Option<String> {
    text.contains([OPEN, CLOSE])
        .then(|| text.replace([OPEN, CLOSE], "\u{fffd}"))
}

impl Partial {
    /// The text that is unknown as a whole. The same `key` gives the same text; `label` tells
    /// people which one it is.
    pub(crate) fn text(
        &self,
        key: &str,
        label: &str,
        (cause, supply): (&Arc<str>, &Arc<str>),
    ) -> String {
        let mut by_key = self.by_key.borrow_mut();
        let next = by_key.len();
        let number = *by_key.entry(key.to_owned()).or_insert(next);
        if number == next {
            let mut labels = self.labels.borrow_mut();
            let same = labels.entry(label.to_owned()).or_default();
            *same += 1;
            let label = match *same {
                1 => label.to_owned(),
                same => format!("{label} ({same})"),
            };
            self.parts.borrow_mut().push(Part {
                label,
                cause: Arc::clone(cause),
                supply: Arc::clone(supply),
            });
        }
        format!("{OPEN}{number}{CLOSE}")
    }

    /// Why a part of the text is unknown.
    pub(crate) fn unknown(&self, text: &str) -> Option<Content> {
        let at = text.find(OPEN)? + OPEN.len_utf8();
        let end = at + text[at..].find(CLOSE)?;
        let number: usize = text[at..end].parse().ok()?;
        let parts = self.parts.borrow();
        let part = parts.get(number)?;
        Some(Content::Unknown {
            cause: Arc::clone(&part.cause),
            supply: Arc::clone(&part.supply),
        })
    }

    /// The text with stand-ins for what is unknown.
    pub(crate) fn stand_in(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(OPEN) {
            out.push_str(&rest[..at]);
            let inner = &rest[at + OPEN.len_utf8()..];
            let (number, after) = inner.split_once(CLOSE).unwrap_or((inner, ""));
            let parts = self.parts.borrow();
            let part = number.parse().ok().and_then(|at: usize| parts.get(at));
            out.push_str(&stand_in(part.map_or("a part", |part| &part.label)));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// The value, or if a part of its text is unknown, that.
    pub(crate) fn known(&self, value: &Derived) -> Option<Derived> {
        let unknown = self.unknown(value.as_str()?)?;
        Some(Derived {
            content: unknown,
            source: value.source.clone(),
        })
    }
}
