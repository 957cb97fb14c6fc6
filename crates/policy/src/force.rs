//! What assignments put in force for a resource. No condition is evaluated for it.

use std::collections::HashMap;

use jiff::Timestamp;
use palisade_estate::azure::{PolicyAssignment, PolicyExemption};
use palisade_estate::{Estate, Resource, ResourceId, Unknown};

use crate::assignment::{self, Reach};
use crate::builtin;
use crate::definition::Definition;
use crate::effect::Effect;
use crate::equivalence::question;
use crate::exemption::{self, Exempted};
use crate::initiative::passed;
use crate::library::Library;
use crate::plan::{Missing, Plan, Planned};
use crate::scope::Hierarchy;
use crate::selector::{Region, Selected};

/// The assignments of an estate.
pub struct Assignments<'e> {
    plan: Plan<'e>,
    /// What is planned, by the id of the definition and by what one of a team's own asks.
    by_definition: HashMap<String, Vec<usize>>,
    exemptions: Vec<PolicyExemption<'e>>,
    hierarchy: Hierarchy,
    now: Timestamp,
}

/// What an assignment does with a definition for a resource.
#[derive(Clone, Copy)]
pub enum Force<'e> {
    /// The definition is in force, with this effect.
    On(Effect),
    /// Its effect is off.
    Disabled,
    /// The scope of the assignment doesn't hold the resource.
    Elsewhere,
    /// `notScopes` leave the resource out.
    LeftOut,
    /// Resource selectors don't take the resource.
    PassedOver,
    /// The resource is exempt.
    Exempt(PolicyExemption<'e>),
}

impl<'e> Assignments<'e> {
    /// Reads the assignments of an estate; exemptions are those that hold at a time.
    pub fn read(estate: &'e Estate, now: Timestamp) -> Self {
        let plan = Plan::of_assignments(estate, &Library::read(estate));
        Self {
            by_definition: by_definition(&plan),
            plan,
            exemptions: estate.all().collect(),
            hierarchy: Hierarchy::read(estate),
            now,
        }
    }

    /// What is assigned of a built-in definition: itself, and others that ask the same.
    pub fn of(&self, built_in: &str) -> impl Iterator<Item = &Planned<'e>> {
        let definition = builtin::definition(built_in);
        let definition = definition.and_then(|value| Definition::read(value).0);
        let question = definition.as_ref().and_then(question);
        let keys = [Some(id_of(built_in)), question].into_iter().flatten();
        let found = keys.filter_map(|key| self.by_definition.get(&key));
        let mut places: Vec<_> = found.flatten().copied().collect();
        places.sort_unstable();
        places.into_iter().map(|place| &self.plan.planned[place])
    }

    /// What is assigned but outside the input.
    pub fn missing(&self) -> &[Missing<'e>] {
        &self.plan.missing
    }

    /// Whether the scope of an assignment holds what has an id, and its `notScopes` don't leave
    /// it out.
    pub fn covers(
        &self,
        assignment: &PolicyAssignment<'e>,
        id: &ResourceId,
    ) -> Result<bool, Unknown> {
        let place = assignment::place(assignment, id, &self.hierarchy)?;
        Ok(matches!(place, Reach::Covers(_)))
    }

    /// What an assignment does with a definition for a resource of a region.
    pub fn force(
        &self,
        planned: &Planned<'e>,
        resource: &Resource<'e>,
    ) -> Result<Force<'e>, Unknown> {
        let Some(assignment) = &planned.assignment else {
            return Ok(Force::Elsewhere);
        };
        let location = resource.location();
        let what = Selected {
            resource_type: resource.resource_type(),
            region: location.as_deref().map_or(Region::Untold, Region::In),
            reference: planned.reference.as_deref(),
        };
        let id = resource.id();
        let effect = match assignment::reach(assignment, id, &what, &self.hierarchy)? {
            Reach::Elsewhere => return Ok(Force::Elsewhere),
            Reach::LeavesOut => return Ok(Force::LeftOut),
            Reach::PassesOver => return Ok(Force::PassedOver),
            Reach::Covers(Some(changed)) => changed,
            Reach::Covers(None) => self.effect(planned)?,
        };
        if effect == Effect::Disabled {
            return Ok(Force::Disabled);
        }
        let exemptions = &self.exemptions;
        let exempted =
            exemption::among(exemptions, assignment, id, &what, &self.hierarchy, self.now);
        match exempted {
            Ok(Exempted::Yes(exemption)) => Ok(Force::Exempt(exemption)),
            Ok(_) => Ok(Force::On(effect)),
            Err((_, unknown)) => Err(unknown),
        }
    }

    /// The effect that a definition has with the values of its parameters.
    fn effect(&self, planned: &Planned<'e>) -> Result<Effect, Unknown> {
        let written = self.plan.definitions[planned.rule].rule.then.effect;
        let own = planned.arguments.as_ref().map_err(Clone::clone)?;
        let effect = passed(written, own).ok();
        let effect = effect.and_then(|effect| Effect::named(effect.as_string().ok()?));
        effect.ok_or_else(|| {
            Unknown::because(
                format!("`{}` isn't known to be an effect", written.scalar()),
                "correct the definition or its parameters",
            )
        })
    }
}

fn by_definition(plan: &Plan<'_>) -> HashMap<String, Vec<usize>> {
    let mut found: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, planned) in plan.planned.iter().enumerate() {
        let id = planned.id.to_ascii_lowercase();
        let is_own = !id.starts_with(&id_of(""));
        let definition = &plan.definitions[planned.rule];
        let asked = is_own.then(|| question(definition)).flatten();
        for key in [Some(id), asked].into_iter().flatten() {
            found.entry(key).or_default().push(place);
        }
    }
    found
}

/// The id of a built-in definition, in lower case.
fn id_of(name: &str) -> String {
    format!("/providers/microsoft.authorization/policydefinitions/{name}")
}
