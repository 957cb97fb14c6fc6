//! What is wrong, odd or without effect in definitions, initiatives, assignments and exemptions,
//! each at its place. Azure's own definitions are left alone: nobody can mend them.

mod condition;
mod definition;
mod effect;
mod initiative;
mod reference;
mod rule;

use palisade_document::{Value, witness};
use palisade_estate::azure::{
    PolicyAssignment, PolicyDefinition, PolicyExemption, PolicySetDefinition,
};
use palisade_estate::{Coverage, Estate, Resource, ResourceId, Unknown};

use crate::aliases::Catalogue;
use crate::library::Library;
use crate::reading::Remark;
use crate::scope::Hierarchy;

/// What a lint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LintKind {
    /// A definition or an initiative that can't be read.
    Unreadable,
    /// A field that is no alias.
    AliasUnknown,
    /// A function that doesn't exist, or not in policies.
    FunctionUnknown,
    /// An effect that doesn't exist, doesn't go with the mode or lacks what it needs.
    EffectUnfit,
    /// A parameter that is used and not declared.
    ParameterUndeclared,
    /// A parameter that is declared and not used.
    ParameterUnused,
    /// A default that its own parameter refuses.
    DefaultRefused,
    /// An effect that assignments can't change.
    EffectFixed,
    /// A mode that doesn't go with the types that the condition is about.
    ModeUnfit,
    /// A condition on a list that isn't about its items as it seems.
    ListPitfall,
    /// A condition that always or never holds.
    ConditionConstant,
    /// A reference to something that isn't there.
    ReferenceDangling,
    /// A value for a parameter that there isn't or that refuses it, or none where one is needed.
    ArgumentWrong,
    /// A scope that is left out though it isn't covered.
    ExclusionOutside,
    /// A deprecated definition in use.
    DefinitionDeprecated,
}

/// A remark about a definition, an initiative, an assignment or an exemption.
#[derive(Clone)]
pub struct Lint<'e> {
    /// What it is about.
    pub kind: LintKind,
    /// Whose text it is about.
    pub resource: Resource<'e>,
    /// Where.
    pub at: Value<'e>,
    /// What: lower case, no final stop.
    pub message: String,
    /// What else belongs to it, each with a word on it.
    pub related: Vec<(Value<'e>, String)>,
    /// Whether it rests on the input holding others of the kind.
    pub is_assumed: bool,
    /// Why it isn't certain: something in the text is only known when it is deployed.
    pub doubt: Option<Unknown>,
}

/// The remarks about all that an estate holds, ordered by resource and place.
pub fn lint<'e>(estate: &'e Estate, catalogue: &Catalogue) -> Vec<Lint<'e>> {
    let linter = Linter {
        estate,
        catalogue,
        library: Library::read(estate),
        hierarchy: Hierarchy::read(estate),
    };
    let mut lints = Vec::new();
    for definition in estate.all::<PolicyDefinition<'e>>() {
        linter.of(*definition, &mut lints, Linter::definition);
    }
    for initiative in estate.all::<PolicySetDefinition<'e>>() {
        linter.of(*initiative, &mut lints, Linter::initiative);
    }
    for assignment in estate.all::<PolicyAssignment<'e>>() {
        linter.of(*assignment, &mut lints, |linter, notes| {
            linter.assignment(&assignment, notes);
        });
    }
    for exemption in estate.all::<PolicyExemption<'e>>() {
        linter.of(*exemption, &mut lints, |linter, notes| {
            linter.exemption(&exemption, notes);
        });
    }
    lints
}

/// What lints are computed with.
struct Linter<'e, 'c> {
    estate: &'e Estate,
    catalogue: &'c Catalogue,
    library: Library<'e>,
    hierarchy: Hierarchy,
}

impl<'e> Linter<'e, '_> {
    fn of(
        &self,
        resource: Resource<'e>,
        lints: &mut Vec<Lint<'e>>,
        look: impl Fn(&Self, &mut Notes<'e>),
    ) {
        let mut notes = Notes {
            resource,
            list: Vec::new(),
        };
        let met = witness::afresh(|| {
            if !is_microsofts(resource.value()) {
                look(self, &mut notes);
            }
            witness::met()
        });
        let doubt = met.map(|met| Unknown::because(met.cause, met.supply));
        for lint in &mut notes.list {
            lint.doubt = resource.doubt().cloned().or_else(|| doubt.clone());
        }
        notes
            .list
            .sort_by_key(|lint| (lint.at.span().start, lint.kind));
        lints.extend(notes.list);
    }

    /// How far it can be trusted that something isn't there because the input doesn't hold it.
    fn coverage(&self, id: &ResourceId) -> Coverage {
        let kind = id.resource_type().unwrap_or_default();
        match id.parent() {
            Some(scope) => self.estate.coverage_of(&kind, &scope),
            // Azure's own are at no scope, and no input has all of them.
            None => Coverage::Unseen,
        }
    }
}

/// The remarks about one resource.
struct Notes<'e> {
    resource: Resource<'e>,
    list: Vec<Lint<'e>>,
}

impl<'e> Notes<'e> {
    fn note(&mut self, kind: LintKind, at: Value<'e>, message: impl Into<String>) -> &mut Lint<'e> {
        let place = self.list.len();
        self.list.push(Lint {
            kind,
            resource: self.resource,
            at,
            message: message.into(),
            related: Vec::new(),
            is_assumed: false,
            doubt: None,
        });
        &mut self.list[place]
    }

    fn unreadable(&mut self, remarks: Vec<Remark<'e>>) {
        for remark in remarks {
            let help = remark.help.map(|help| format!("; {help}"));
            let message = format!("{}{}", remark.message, help.unwrap_or_default());
            self.note(LintKind::Unreadable, remark.at, message);
        }
    }
}

/// The properties of a definition or an initiative.
fn properties(value: Value<'_>) -> Value<'_> {
    value.get_ignore_case("properties").unwrap_or(value)
}

fn is_microsofts(value: Value<'_>) -> bool {
    let kind = properties(value).get_ignore_case("policyType");
    let kind = kind.and_then(Value::as_str).unwrap_or_default();
    ["BuiltIn", "Static"]
        .iter()
        .any(|own| own.eq_ignore_ascii_case(kind))
}
