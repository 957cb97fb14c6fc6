//! Changes that modify and append effects make to requests, before any other effect is judged
//! (Microsoft Learn, "Azure Policy definitions effect basics: order of evaluation", 2026).
//!
//! Only what is about to be deployed is a request; what exists is marked and left as it is. Two
//! definitions that change the same setting otherwise are in conflict: one whose
//! `conflictEffect` is deny wins over those of audit, two of deny refuse the request, and without
//! any nothing is changed.

use std::collections::{BTreeMap, BTreeSet};

use palisade_estate::Unknown;

use crate::assignment::is_enforced;
use crate::compliance::{State, Target};
use crate::effect::Effect;
use crate::evaluation::Fired;
use crate::facts::Facts;
use crate::initiative::passed;
use crate::names::Names;
use crate::operation::{Operation, changed, doubted};
use crate::plan::Planned;
use crate::rulebook::{Compiled, changed_fields};

/// A definition whose effect would change a target.
pub(crate) struct Change<'p, 'e> {
    /// What puts it in force, by its place in the review.
    pub(crate) at: usize,
    pub(crate) planned: &'p Planned<'e>,
    pub(crate) compiled: &'p Compiled<'e>,
    /// The effect, or why it isn't known whether it follows.
    pub(crate) fired: Result<Fired, Unknown>,
}

/// What becomes of a target.
#[derive(Default)]
pub(crate) struct Changed {
    /// What is read of it afterwards; nothing if it stays as it is.
    pub(crate) facts: Option<Facts>,
    /// What puts definitions in force that are in conflict, by their places.
    pub(crate) in_conflict: BTreeSet<usize>,
    /// Those that refuse the request since they don't override what is there.
    pub(crate) refusing: BTreeSet<usize>,
}

/// What some changes make of a target.
pub(crate) fn settle(
    target: &Target<'_>,
    facts: &Facts,
    changes: &[Change<'_, '_>],
    names: &Names,
) -> Changed {
    let kind = target.body.resource_type.to_ascii_lowercase();
    let made: Vec<_> = changes.iter().map(Made::of).collect();
    let (in_conflict, left_out) = conflicts(&made, &kind, names);
    let mut settled = Changed {
        in_conflict,
        ..Changed::default()
    };
    let is_request = target
        .resource
        .is_some_and(|resource| resource.is_planned());
    if !is_request {
        return settled;
    }
    let mut after = facts.clone();
    for own in made {
        // Azure changes nothing for an assignment that only reports.
        let is_enforced = own
            .change
            .planned
            .assignment
            .is_some_and(|own| is_enforced(&own));
        let at = own.change.at;
        if !is_enforced || left_out.contains(&at) || settled.in_conflict.contains(&at) {
            continue;
        }
        match &own.change.fired {
            Ok(_) => match changed(&after, &target.body, &own.operations, names) {
                Ok(facts) => after = facts,
                Err(_) => drop(settled.refusing.insert(at)),
            },
            Err(unknown) => {
                let fields = changed_fields(&own.change.compiled.definition);
                after = doubted(&after, fields, unknown, names, &kind);
            }
        }
    }
    settled.facts = Some(after);
    settled
}

/// A change with its operations.
struct Made<'c, 'p, 'e> {
    change: &'c Change<'p, 'e>,
    operations: Vec<Operation>,
    denies: bool,
}

impl<'c, 'p, 'e> Made<'c, 'p, 'e> {
    fn of(change: &'c Change<'p, 'e>) -> Self {
        let fired = change.fired.as_ref().ok();
        Self {
            operations: fired.map(Operation::read).unwrap_or_default(),
            denies: denies(change),
            change,
        }
    }
}

/// Whether a conflict refuses the request; so it does if the definition says nothing.
fn denies(change: &Change<'_, '_>) -> bool {
    let details = change.compiled.definition.rule.then.details;
    let written = details.and_then(|details| details.get_ignore_case("conflictEffect"));
    let (Some(written), Ok(own)) = (written, &change.planned.arguments) else {
        return true;
    };
    let effect = passed(written, own).ok();
    let word = effect.as_ref().and_then(|effect| effect.as_string().ok());
    word.is_none_or(|word| word.eq_ignore_ascii_case("deny"))
}

/// The changes that are in conflict with others and refuse the request, and those that give way.
fn conflicts(
    made: &[Made<'_, '_, '_>],
    kind: &str,
    names: &Names,
) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let mut by_setting: BTreeMap<String, Vec<(&Made<'_, '_, '_>, &Operation)>> = BTreeMap::new();
    for own in made {
        for operation in &own.operations {
            let setting = operation.setting(kind, names);
            by_setting
                .entry(setting)
                .or_default()
                .push((own, operation));
        }
    }
    let (mut refused, mut left_out) = (BTreeSet::new(), BTreeSet::new());
    for each in by_setting.values() {
        // The same change twice is one.
        let first = each[0].1;
        if each
            .iter()
            .all(|(_, one)| (one.kind, &one.value) == (first.kind, &first.value))
        {
            continue;
        }
        let places = |denies: bool| {
            let own = each.iter().filter(move |(own, _)| own.denies == denies);
            own.map(|(own, _)| own.change.at).collect::<BTreeSet<_>>()
        };
        left_out.extend(places(false));
        match places(true) {
            denying if denying.len() > 1 => refused.extend(denying),
            _ => {}
        }
    }
    (refused, left_out)
}

impl Changed {
    /// The state of the target under what would change it, where that isn't carried out.
    pub(crate) fn state(&self, at: usize, state: State) -> State {
        let State::NonCompliant(mut fired) = state else {
            return state;
        };
        fired.is_in_conflict = self.in_conflict.contains(&at);
        // Such a request is refused.
        if self.facts.is_some() && (fired.is_in_conflict || self.refusing.contains(&at)) {
            fired.effect = Effect::Deny;
        }
        State::NonCompliant(fired)
    }
}
