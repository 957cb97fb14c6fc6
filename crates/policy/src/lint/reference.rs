//! Remarks about assignments and exemptions: what they name, and what they give to parameters.

use palisade_document::Value;
use palisade_estate::azure::{PolicyAssignment, PolicyExemption};
use palisade_estate::{Field, ResourceId};

use super::initiative::{arguments, deprecated, is_of_version};
use super::{LintKind, Linter, Notes, properties};
use crate::assignment;
use crate::definition::Definition;
use crate::initiative::Initiative;
use crate::library::is_initiative;

impl<'e> Linter<'e, '_> {
    pub(super) fn assignment(&self, assignment: &PolicyAssignment<'e>, notes: &mut Notes<'e>) {
        self.exclusions(assignment, notes);
        let Field::Present(id, at) = assignment.definition() else {
            return;
        };
        let given = assignment.property("parameters").present();
        let pinned = assignment.property("definitionVersion").present();
        if is_initiative(id.as_str()) {
            let Some(value) = self.library.initiative(id.as_str()) else {
                self.dangling("initiative", id.as_str(), at, notes);
                return;
            };
            deprecated(value, at, notes);
            let initiative = Initiative::read(value).0;
            if is_of_version(version(value), pinned) {
                arguments(given, &initiative.parameters, at, notes);
            }
            self.members_named(assignment, &initiative, notes);
            return;
        }
        let Some((value, _)) = self.library.definition(id.as_str()) else {
            self.dangling("definition", id.as_str(), at, notes);
            return;
        };
        deprecated(value, at, notes);
        if let Some(definition) = Definition::read(value).0
            && is_of_version(definition.version, pinned)
        {
            arguments(given, &definition.parameters, at, notes);
        }
    }

    fn exclusions(&self, assignment: &PolicyAssignment<'e>, notes: &mut Notes<'e>) {
        let scope = assignment::scope(assignment);
        let excluded = assignment.excluded_scopes().unwrap_or_default();
        for (text, at) in excluded {
            let Some((scope, id)) = scope.as_ref().zip(ResourceId::parse(text)) else {
                continue;
            };
            if self.hierarchy.holds(scope, &id) == Ok(false) {
                let message = format!("`{id}` is left out, and the assignment doesn't cover it");
                notes.note(LintKind::ExclusionOutside, at, message);
            }
        }
    }

    /// Remarks upon names of members that the initiative doesn't have, in overrides, selectors and
    /// messages.
    fn members_named(
        &self,
        assignment: &PolicyAssignment<'e>,
        initiative: &Initiative<'e>,
        notes: &mut Notes<'e>,
    ) {
        let mut selectors = Vec::new();
        for change in assignment.overrides().unwrap_or_default() {
            selectors.extend(change.elements("selectors").unwrap_or_default());
        }
        for group in assignment.resource_selectors().unwrap_or_default() {
            selectors.extend(group.elements("selectors").unwrap_or_default());
        }
        for selector in selectors {
            let kind = selector.text("kind").present().unwrap_or_default();
            if !kind.eq_ignore_ascii_case("policyDefinitionReferenceId") {
                continue;
            }
            for key in ["in", "notIn"] {
                let named = selector.texts(key).unwrap_or_default();
                named
                    .into_iter()
                    .for_each(|(name, at)| member(name, at, initiative, notes));
            }
        }
        for message in assignment
            .elements("nonComplianceMessages")
            .unwrap_or_default()
        {
            if let Field::Present(name, at) = message.text("policyDefinitionReferenceId") {
                member(name, at, initiative, notes);
            }
        }
    }

    pub(super) fn exemption(&self, exemption: &PolicyExemption<'e>, notes: &mut Notes<'e>) {
        let Field::Present(id, at) = exemption.assignment() else {
            return;
        };
        let assignments = self.estate.all::<PolicyAssignment<'e>>();
        let mut own = assignments.filter(|own| own.id().key() == id.key());
        let Some(assignment) = own.next() else {
            self.dangling("assignment", id.as_str(), at, notes);
            return;
        };
        let references = exemption.references().unwrap_or_default();
        let Field::Present(definition, _) = assignment.definition() else {
            return;
        };
        if let Some(value) = self.library.initiative(definition.as_str()) {
            let initiative = Initiative::read(value).0;
            references
                .into_iter()
                .for_each(|(name, at)| member(name, at, &initiative, notes));
        } else if !is_initiative(definition.as_str())
            && let Some((name, at)) = references.first()
        {
            let message = format!("`{name}` names a member, and the assignment is of a definition");
            notes.note(LintKind::ReferenceDangling, *at, message);
        }
    }
}

/// The version of an initiative.
fn version(initiative: Value<'_>) -> Option<&str> {
    let properties = properties(initiative);
    let metadata = properties.get_ignore_case("metadata");
    let written = properties
        .get_ignore_case("version")
        .or_else(|| metadata?.get_ignore_case("version"));
    written.and_then(Value::as_str)
}

fn member<'e>(name: &str, at: Value<'e>, initiative: &Initiative<'_>, notes: &mut Notes<'e>) {
    let is_there = initiative.members.iter().any(|member| {
        let reference = member.reference;
        // A member without a reference gets one from Azure.
        reference.is_none_or(|reference| reference.eq_ignore_ascii_case(name))
    });
    if !is_there {
        let message = format!("no member of the initiative is called `{name}`");
        notes.note(LintKind::ReferenceDangling, at, message);
    }
}
