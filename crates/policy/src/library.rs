//! The definitions and initiatives that assignments name: those of the estate, and those that
//! Palisade brings.

use std::collections::HashMap;

use palisade_document::Value;
use palisade_estate::azure::{PolicyDefinition, PolicySetDefinition};
use palisade_estate::{Estate, ResourceId};

use crate::builtin;
use crate::definition::Definition;
use crate::initiative::Initiative;

/// Where a definition comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The input holds it.
    Input,
    /// Palisade brings it, written from what Azure's own is documented to test.
    BuiltIn,
}

/// Definitions and initiatives by the last part of their ids.
#[derive(Debug, Default)]
pub struct Library<'e> {
    definitions: HashMap<String, Value<'e>>,
    initiatives: HashMap<String, Value<'e>>,
}

impl<'e> Library<'e> {
    /// What an estate holds.
    pub fn read(estate: &'e Estate) -> Self {
        let mut library = Self::default();
        for definition in estate.all::<PolicyDefinition<'e>>() {
            let value = definition.value();
            if Definition::is_one(value) {
                library.definitions.insert(key(definition.id()), value);
            }
        }
        for initiative in estate.all::<PolicySetDefinition<'e>>() {
            let value = initiative.value();
            if Initiative::is_one(value) {
                library.initiatives.insert(key(initiative.id()), value);
            }
        }
        library
    }

    /// Adds a definition of which only the file is known.
    pub fn add(&mut self, value: Value<'e>) {
        let id = value.get_ignore_case("id").and_then(Value::as_str);
        let name = value.get_ignore_case("name").and_then(Value::as_str);
        let last = id.and_then(|id| id.rsplit('/').next());
        let Some(name) = last.or(name) else { return };
        match Initiative::is_one(value) {
            true => self.initiatives.insert(name.to_ascii_lowercase(), value),
            false => self.definitions.insert(name.to_ascii_lowercase(), value),
        };
    }

    /// The definition with an id or a name: the input's before Palisade's own.
    pub fn definition(&self, id: &str) -> Option<(Value<'e>, Origin)> {
        let name = last(id);
        let own = self
            .definitions
            .get(&name)
            .map(|&value| (value, Origin::Input));
        own.or_else(|| Some((builtin::definition(&name)?, Origin::BuiltIn)))
    }

    /// The initiative with an id or a name.
    pub fn initiative(&self, id: &str) -> Option<Value<'e>> {
        self.initiatives.get(&last(id)).copied()
    }
}

/// Whether an id is that of an initiative.
pub(crate) fn is_initiative(id: &str) -> bool {
    id.to_ascii_lowercase().contains("/policysetdefinitions/")
}

/// A definition of a management group may have the name of one elsewhere; they are told apart
/// only where both are in the input, which no export does.
fn key(id: &ResourceId) -> String {
    last(id.key())
}

fn last(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).to_ascii_lowercase()
}
