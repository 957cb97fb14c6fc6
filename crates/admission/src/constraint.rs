//! Constraints (`constraints.gatekeeper.sh`): which template is asked, about which objects, with
//! which parameters, and what follows.

use palisade_document::{Diagnostic, Value};
use palisade_estate::{Object, Unknown};
use serde_json::{Value as Json, json};

use crate::json::{innermost, to_json};
use crate::judgement::Action;
use crate::matching::Match;
use crate::template::defect;

/// The point of enforcement that requests pass.
const ADMISSION: &str = "validation.gatekeeper.sh";

/// A constraint.
pub(crate) struct Constraint {
    /// What happens to requests that break it; nothing if it is enforced elsewhere only.
    pub(crate) actions: Vec<Action>,
    /// Which objects it is about, and with what, or why that can't be known.
    pub(crate) terms: Result<Terms, Unknown>,
}

/// What a constraint says: about which objects, and with which parameters.
pub(crate) struct Terms {
    pub(crate) criteria: Match,
    pub(crate) parameters: Json,
    /// The whole constraint, which CEL reads.
    pub(crate) whole: Json,
}

impl Constraint {
    pub(crate) fn read(object: Object<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let actions = actions(&object);
        for action in &actions {
            if let Action::Unrecognised(_) = action {
                let at = object
                    .get("spec.enforcementAction")
                    .unwrap_or(object.anchor());
                diagnostics.push(defect(
                    at,
                    "the enforcement action is none that Gatekeeper knows, so nothing is enforced",
                    "give `deny`, `warn`, `dryrun` or `scoped`",
                ));
            }
        }
        Self {
            actions,
            terms: terms(&object, diagnostics),
        }
    }
}

fn terms(object: &Object<'_>, diagnostics: &mut Vec<Diagnostic>) -> Result<Terms, Unknown> {
    let whole = to_json(object.body())?;
    let spec = whole.get("spec").cloned().unwrap_or_default();
    let criteria = spec.get("match").unwrap_or(&Json::Null);
    let criteria = Match::read(criteria).map_err(|fault| {
        let root = object.get("spec.match").unwrap_or(object.anchor());
        let at = innermost(root, &fault.path);
        let help = "correct the match criteria; Gatekeeper refuses the constraint";
        diagnostics.push(defect(at, fault.message, help));
        let name = object.display_name();
        Unknown::because(format!("the match criteria of {name} are not valid"), help)
    })?;
    let parameters = spec.get("parameters").filter(|given| !given.is_null());
    Ok(Terms {
        criteria,
        parameters: parameters.cloned().unwrap_or_else(|| json!({})),
        whole,
    })
}

/// `spec.enforcementAction`, and for `scoped` what is to happen at admission.
fn actions(object: &Object<'_>) -> Vec<Action> {
    let given = object
        .get("spec.enforcementAction")
        .map_or("", Value::scalar);
    if given != "scoped" {
        return vec![Action::of_constraint(given)];
    }
    let scoped = object.get("spec.scopedEnforcementActions");
    let at_admission = |scoped: &Value<'_>| {
        let points = scoped
            .get("enforcementPoints")
            .into_iter()
            .flat_map(Value::items);
        let mut names = points.filter_map(|point| Some(point.get("name")?.scalar()));
        names.any(|name| name == ADMISSION || name == "*")
    };
    let mut actions: Vec<_> = scoped
        .into_iter()
        .flat_map(Value::items)
        .filter(at_admission)
        .map(|scoped| Action::of_constraint(scoped.get("action").map_or("", Value::scalar)))
        .collect();
    actions.sort();
    actions.dedup();
    actions
}
