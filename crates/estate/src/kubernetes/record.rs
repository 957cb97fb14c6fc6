//! Reading the fields of an object as the API server reads them: what has another type than it
//! must have, and what is no field at all, is remarked upon at its place.

use std::cell::{Cell, RefCell};
use std::ops::RangeInclusive;

use palisade_document::{Diagnostic, Kind, Level, Value};

use super::Selector;

/// What an object says that the API server refuses or drops.
#[derive(Clone, Debug)]
pub struct Remark<'e> {
    /// The place.
    pub at: Value<'e>,
    /// An error for what is refused, a warning for what is dropped or has no effect.
    pub level: Level,
    /// What is wrong: lower case, no final stop.
    pub message: String,
}

impl Remark<'_> {
    /// The same as a diagnostic of the file.
    pub fn diagnostic(&self) -> Diagnostic {
        let path = self.at.document().text().path();
        let position = Some(self.at.position());
        match self.level {
            Level::Error => Diagnostic::error(path, position, &self.message),
            Level::Warning => Diagnostic::warning(path, position, &self.message),
        }
    }
}

/// The remarks made while objects are read.
#[derive(Debug, Default)]
pub struct Remarks<'e> {
    list: RefCell<Vec<Remark<'e>>>,
    errors: Cell<usize>,
}

impl<'e> Remarks<'e> {
    /// No remarks yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Remarks on something that the API server refuses.
    pub fn refuse(&self, at: Value<'e>, message: impl Into<String>) {
        self.add(at, Level::Error, message.into());
    }

    /// Remarks on something that has no effect.
    pub fn warn(&self, at: Value<'e>, message: impl Into<String>) {
        self.add(at, Level::Warning, message.into());
    }

    fn add(&self, at: Value<'e>, level: Level, message: String) {
        if level == Level::Error {
            self.errors.set(self.errors.get() + 1);
        }
        let remark = Remark { at, level, message };
        self.list.borrow_mut().push(remark);
    }

    /// How many errors there are. What is read between two equal counts is sound.
    pub fn errors(&self) -> usize {
        self.errors.get()
    }

    /// The remarks, in the order in which they were made.
    pub fn into_vec(self) -> Vec<Remark<'e>> {
        self.list.into_inner()
    }
}

/// One object being read, field by field. Absent, `null` and of a wrong type are all nothing; the
/// last is remarked upon.
pub(crate) struct Record<'e, 'r> {
    value: Value<'e>,
    known: RefCell<Vec<&'static str>>,
    remarks: &'r Remarks<'e>,
    errors_before: usize,
}

impl<'e, 'r> Record<'e, 'r> {
    /// The record in `value` if that is an object.
    pub(crate) fn open(value: Value<'e>, remarks: &'r Remarks<'e>) -> Option<Self> {
        if value.kind() != Kind::Object {
            remarks.refuse(value, "this must be an object");
            return None;
        }
        Some(Self {
            value,
            known: RefCell::default(),
            remarks,
            errors_before: remarks.errors(),
        })
    }

    /// Whether nothing of what was read since the record was opened is refused.
    pub(crate) fn is_sound(&self) -> bool {
        self.remarks.errors() == self.errors_before
    }

    /// Remarks that one of some fields is needed, unless one is there and refused for itself.
    pub(crate) fn require_one_of(&self, fields: &str) {
        if self.is_sound() {
            self.remarks
                .refuse(self.value, format!("exactly one of {fields} is needed"));
        }
    }

    /// The object itself.
    pub(crate) fn value(&self) -> Value<'e> {
        self.value
    }

    /// Where remarks go.
    pub(crate) fn remarks(&self) -> &'r Remarks<'e> {
        self.remarks
    }

    /// A field of any type.
    pub(crate) fn get(&self, name: &'static str) -> Option<Value<'e>> {
        self.known.borrow_mut().push(name);
        self.value.get(name).filter(|value| !value.is_null())
    }

    /// A field's place, or the record's where the field isn't there.
    pub(crate) fn place(&self, name: &str) -> Value<'e> {
        self.value.get(name).unwrap_or(self.value)
    }

    fn typed<T>(
        &self,
        name: &'static str,
        wanted: &str,
        read: impl FnOnce(Value<'e>) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        let found = read(value);
        if found.is_none() {
            self.remarks
                .refuse(value, format!("`{name}` must be {wanted}"));
        }
        found
    }

    /// A text.
    pub(crate) fn text(&self, name: &'static str) -> Option<&'e str> {
        self.typed(name, "a text", Value::as_str)
    }

    /// A text, where an empty one is as good as none.
    pub(crate) fn filled(&self, name: &'static str) -> Option<&'e str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// True or false.
    pub(crate) fn flag(&self, name: &'static str) -> Option<bool> {
        self.typed(name, "true or false", Value::as_bool)
    }

    /// Any number.
    pub(crate) fn number(&self, name: &'static str) -> Option<f64> {
        self.typed(name, "a number", |value| match value.kind() {
            Kind::Number => value
                .scalar()
                .parse()
                .ok()
                .filter(|it: &f64| it.is_finite()),
            _ => None,
        })
    }

    /// A whole number within bounds.
    pub(crate) fn whole(&self, name: &'static str, bounds: RangeInclusive<i64>) -> Option<i64> {
        let wanted = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        self.typed(name, &wanted, |value| {
            value.as_i64().filter(|number| bounds.contains(number))
        })
    }

    /// A port number.
    pub(crate) fn port(&self, name: &'static str) -> Option<u16> {
        let number = self.whole(name, 1..=65535)?;
        u16::try_from(number).ok()
    }

    /// One of several words.
    pub(crate) fn choice<T: Copy>(&self, name: &'static str, words: &[(&str, T)]) -> Option<T> {
        let listed = words.iter().map(|(word, _)| format!("`{word}`"));
        let wanted = format!("one of {}", listed.collect::<Vec<_>>().join(", "));
        self.typed(name, &wanted, |value| {
            let word = value.as_str()?;
            words
                .iter()
                .find_map(|&(known, choice)| (known == word).then_some(choice))
        })
    }

    /// The items of a list; nothing if there is no list.
    pub(crate) fn list(&self, name: &'static str) -> Option<Vec<Value<'e>>> {
        self.typed(name, "a list", |value| {
            (value.kind() == Kind::Array).then(|| value.items().collect())
        })
    }

    /// The items of a list, read one by one; what can't be read is left out.
    pub(crate) fn each<T>(
        &self,
        name: &'static str,
        read: impl FnMut(Value<'e>) -> Option<T>,
    ) -> Option<Vec<T>> {
        Some(self.list(name)?.into_iter().filter_map(read).collect())
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, name: &'static str) -> Option<Vec<(&'e str, Value<'e>)>> {
        self.each(name, |item| match item.as_str() {
            Some(text) => Some((text, item)),
            None => {
                self.remarks
                    .refuse(item, format!("`{name}` must be a list of texts"));
                None
            }
        })
    }

    /// A record within the record.
    pub(crate) fn object(&self, name: &'static str) -> Option<Self> {
        Self::open(self.get(name)?, self.remarks)
    }

    /// A label selector.
    pub(crate) fn selector(&self, name: &'static str) -> Option<Selector<'e>> {
        read_selector(self.get(name)?, self.remarks)
    }

    /// Remarks that a required field isn't there, if it isn't.
    pub(crate) fn require(&self, name: &'static str) {
        if self.get(name).is_none() {
            self.remarks
                .refuse(self.value, format!("`{name}` is required"));
        }
    }

    /// The record is read: what wasn't asked for is no field.
    pub(crate) fn close(self) {
        let known = self.known.into_inner();
        for entry in self.value.entries() {
            if !known.contains(&entry.name()) {
                self.remarks.warn(
                    entry.key,
                    format!("`{}` is not a field here and is ignored", entry.name()),
                );
            }
        }
    }
}

/// A label selector, or nothing and a remark.
pub(crate) fn read_selector<'e>(value: Value<'e>, remarks: &Remarks<'e>) -> Option<Selector<'e>> {
    let selector = Selector::read(value);
    selector
        .map_err(|invalid| remarks.refuse(invalid.at, invalid.message))
        .ok()
}
