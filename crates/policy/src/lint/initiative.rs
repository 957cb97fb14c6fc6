//! Remarks about initiatives.

use std::collections::BTreeSet;

use palisade_document::Value;
use palisade_estate::{Coverage, ResourceId};

use super::{LintKind, Linter, Notes, definition, properties, rule};
use crate::definition::Definition;
use crate::expression;
use crate::initiative::{Initiative, Member};
use crate::parameter::Parameter;
use crate::value;

impl<'e> Linter<'e, '_> {
    pub(super) fn initiative(&self, notes: &mut Notes<'e>) {
        let value = notes.resource.value();
        let (initiative, remarks) = Initiative::read(value);
        notes.unreadable(remarks);
        definition::defaults(&initiative.parameters, notes);
        if let Some(members) = properties(value).get_ignore_case("policyDefinitions") {
            rule::parameters(members, &initiative.parameters, notes);
        }
        self.groups(&initiative, notes);
        let mut references = BTreeSet::new();
        for member in &initiative.members {
            let is_new = member
                .reference
                .is_none_or(|reference| references.insert(reference.to_ascii_lowercase()));
            if !is_new {
                let name = member.reference.unwrap_or_default();
                let at = member.value.get_ignore_case("policyDefinitionReferenceId");
                let message = format!("two members are called `{name}`");
                notes.note(
                    LintKind::ReferenceDangling,
                    at.unwrap_or(member.value),
                    message,
                );
            }
            self.member(member, notes);
        }
    }

    fn groups(&self, initiative: &Initiative<'e>, notes: &mut Notes<'e>) {
        let groups = properties(initiative.value).get_ignore_case("policyDefinitionGroups");
        let named = groups.into_iter().flat_map(Value::items);
        let known: BTreeSet<_> = named
            .filter_map(|group| group.get_ignore_case("name")?.as_str())
            .map(str::to_ascii_lowercase)
            .collect();
        for member in &initiative.members {
            let list = member.value.get_ignore_case("groupNames");
            for name in list.into_iter().flat_map(Value::items) {
                if !known.contains(&name.scalar().to_ascii_lowercase()) {
                    let message = format!("no group is called `{}`", name.scalar());
                    notes.note(LintKind::ReferenceDangling, name, message);
                }
            }
        }
    }

    fn member(&self, member: &Member<'e>, notes: &mut Notes<'e>) {
        let Some(at) = member.value.get_ignore_case("policyDefinitionId") else {
            return;
        };
        let Some((definition, _)) = self.library.definition(member.definition) else {
            self.dangling("definition", member.definition, at, notes);
            return;
        };
        deprecated(definition, at, notes);
        if let Some(definition) = Definition::read(definition).0 {
            let pinned = member.value.get_ignore_case("definitionVersion");
            if is_of_version(definition.version, pinned) {
                let given = member.value.get_ignore_case("parameters");
                arguments(given, &definition.parameters, at, notes);
            }
        }
    }

    /// Remarks upon the id of something that isn't in the input, as far as its absence can be
    /// trusted.
    pub(super) fn dangling(&self, what: &str, id: &str, at: Value<'e>, notes: &mut Notes<'e>) {
        let Some(id) = ResourceId::parse(id) else {
            return;
        };
        let coverage = self.coverage(&id);
        if coverage == Coverage::Unseen {
            return;
        }
        let message = format!("the {what} `{}` doesn't exist", id.name());
        let lint = notes.note(LintKind::ReferenceDangling, at, message);
        lint.is_assumed = coverage == Coverage::Assumed;
    }
}

/// Remarks upon the use of a deprecated definition or initiative.
pub(super) fn deprecated<'e>(used: Value<'e>, at: Value<'e>, notes: &mut Notes<'e>) {
    let properties = properties(used);
    let text = |value: Option<Value<'e>>| value.and_then(Value::as_str).unwrap_or_default();
    let title = text(properties.get_ignore_case("displayName"));
    let metadata = properties.get_ignore_case("metadata");
    let of_metadata = |key| metadata.and_then(|metadata| metadata.get_ignore_case(key));
    let version = text(of_metadata("version")).to_ascii_lowercase();
    let is_marked = of_metadata("deprecated").and_then(Value::as_bool) == Some(true);
    let is_deprecated = is_marked
        || version.ends_with("-deprecated")
        || title.to_ascii_lowercase().starts_with("[deprecated]");
    if is_deprecated {
        let message = format!("`{title}` is deprecated");
        notes.note(LintKind::DefinitionDeprecated, at, message);
    }
}

/// Whether a definition may be of the version that something asks for, such as `6.*.*`: parameters
/// change only with the first number.
pub(super) fn is_of_version(own: Option<&str>, pinned: Option<Value<'_>>) -> bool {
    let first = |version: &str| version.split('.').next().map(str::to_owned);
    match (own, pinned.and_then(Value::as_str)) {
        (Some(own), Some(pinned)) => first(own) == first(pinned),
        _ => true,
    }
}

/// Remarks upon values for parameters: what isn't declared, what is refused, what is missing.
/// `at` is the place of what takes them.
pub(super) fn arguments<'e>(
    given: Option<Value<'e>>,
    declared: &[Parameter<'_>],
    at: Value<'e>,
    notes: &mut Notes<'e>,
) {
    let mut named = BTreeSet::new();
    for entry in given.into_iter().flat_map(Value::entries) {
        named.insert(entry.name().to_ascii_lowercase());
        let mut own = declared.iter();
        let Some(parameter) = own.find(|own| own.name.eq_ignore_ascii_case(entry.name())) else {
            let message = format!("there is no parameter `{}`", entry.name());
            notes.note(LintKind::ArgumentWrong, entry.key, message);
            continue;
        };
        let value = entry.value.get_ignore_case("value").unwrap_or(entry.value);
        let mut is_expression = false;
        rule::texts(value, &mut |text| {
            is_expression |= expression::of(text.scalar()).is_some();
        });
        let fixed = value::verbatim(value).ok().filter(|_| !is_expression);
        if let Some(message) = fixed.and_then(|given| parameter.refuses(&given)) {
            notes.note(LintKind::ArgumentWrong, value, message);
        }
    }
    let needed = declared
        .iter()
        .filter(|own| own.default.is_none() && !named.contains(&own.name.to_ascii_lowercase()));
    for parameter in needed {
        let message = format!("the parameter `{}` has no value", parameter.name);
        notes.note(LintKind::ArgumentWrong, at, message);
    }
}
