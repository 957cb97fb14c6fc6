//! Reads values of a TOML file and says what is wrong with them, at their place.

use std::ops::Range;

use jiff::civil::Date;
use palisade_document::{Diagnostic, Span, Text};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

pub(crate) type Key<'t> = Spanned<DeString<'t>>;
pub(crate) type Value<'t> = Spanned<DeValue<'t>>;

/// What was wrong with a file so far.
pub(crate) struct Reader<'t> {
    text: &'t Text,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t Text) -> Self {
        Self {
            text,
            diagnostics: Vec::new(),
        }
    }

    /// The top of the file, as far as it could be read.
    pub(crate) fn parse(&mut self) -> DeTable<'t> {
        let (table, errors) = DeTable::parse_recoverable(self.text.content());
        for error in errors {
            let at = error.span().unwrap_or_default();
            self.error(at, error.message().trim().replace('\n', ", "));
        }
        table.into_inner()
    }

    pub(crate) fn error(&mut self, at: Range<usize>, message: impl Into<String>) {
        let position = self.text.position(at.start);
        let diagnostic = Diagnostic::error(self.text.path(), Some(position), message);
        self.diagnostics.push(diagnostic);
    }

    /// Adds advice to the last error.
    pub(crate) fn help(&mut self, help: impl Into<String>) {
        if let Some(last) = self.diagnostics.last_mut() {
            last.help = Some(help.into());
        }
    }

    /// A key that nothing is known of, with the known one that is nearest.
    pub(crate) fn unknown_key<'k>(
        &mut self,
        key: &Key<'_>,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        self.error(key.span(), format!("unknown key `{}`", key.get_ref()));
        self.help(suggestion(key.get_ref(), known));
    }

    fn wrong(&mut self, value: &Value<'_>, wanted: &str) {
        let found = value.get_ref().type_str();
        self.error(value.span(), format!("expected {wanted}, found {found}"));
    }

    pub(crate) fn table<'v>(&mut self, value: &'v Value<'t>) -> Option<&'v DeTable<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong(value, "a table");
        }
        table
    }

    pub(crate) fn items<'v>(&mut self, value: &'v Value<'t>, wanted: &str) -> &'v [Value<'t>] {
        match value.get_ref() {
            DeValue::Array(items) => items,
            _ => {
                self.wrong(value, wanted);
                &[]
            }
        }
    }

    pub(crate) fn switch(&mut self, value: &Value<'_>) -> Option<bool> {
        let switch = value.get_ref().as_bool();
        if switch.is_none() {
            self.wrong(value, "true or false");
        }
        switch
    }

    pub(crate) fn text<'v>(&mut self, value: &'v Value<'_>) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong(value, "a text in quotes");
        }
        text
    }

    /// A list of texts, each with its place.
    pub(crate) fn texts<'v>(&mut self, value: &'v Value<'t>) -> Vec<(&'v str, Range<usize>)> {
        let items = self.items(value, "a list of texts");
        items
            .iter()
            .filter_map(|item| Some((self.text(item)?, item.span())))
            .collect()
    }

    pub(crate) fn number(&mut self, value: &Value<'_>) -> Option<i64> {
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        if number.is_none() {
            self.wrong(value, "a whole number");
        }
        number
    }

    /// A day, as a date of TOML or in quotes.
    pub(crate) fn day(&mut self, value: &Value<'_>) -> Option<Date> {
        let text = match value.get_ref() {
            DeValue::Datetime(day) => day.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let day = text.parse().ok().filter(|_| text.len() == 10);
        if day.is_none() {
            self.error(value.span(), "expected a day as YYYY-MM-DD");
        }
        day
    }

    /// One word of several.
    pub(crate) fn word(
        &mut self,
        value: &Value<'_>,
        known: &[&'static str],
    ) -> Option<&'static str> {
        let text = self.text(value)?;
        self.one_of(text, value.span(), known)
    }

    pub(crate) fn one_of(
        &mut self,
        text: &str,
        at: Range<usize>,
        known: &[&'static str],
    ) -> Option<&'static str> {
        let found = known.iter().find(|word| **word == text);
        if found.is_none() {
            self.error(at, format!("`{text}` is none of {}", known.join(", ")));
            self.help(suggestion(text, known.iter().copied()));
        }
        found.copied()
    }
}

/// A span of the file.
pub(crate) fn span(range: &Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span {
        start: offset(range.start),
        end: offset(range.end),
    }
}

/// The known word that was probably meant, or all of them.
fn suggestion<'k>(text: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    let wanted = text.replace('_', "-").to_ascii_lowercase();
    let near = known
        .clone()
        .map(|word| (strsim::damerau_levenshtein(word, &wanted), word))
        .min();
    match near {
        Some((distance, word)) if distance <= text.len() / 3 + 1 => {
            format!("did you mean `{word}`?")
        }
        _ => format!("known are {}", known.collect::<Vec<_>>().join(", ")),
    }
}
