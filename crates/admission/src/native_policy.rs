//! What `ValidatingAdmissionPolicy` and Gatekeeper's engine `K8sNativeValidation` have in common:
//! match conditions, variables and validations in the Common Expression Language.

use std::collections::BTreeMap;

use cel::Value as Found;
use palisade_document::{Diagnostic, Value};
use palisade_estate::Unknown;

use crate::candidate::Candidate;
use crate::expression::{Expression, Scope, Trouble, is_large, map};
use crate::gatekeeper::anchor;
use crate::json::innermost;
use crate::judgement::{Verdict, Violation};
use crate::template::defect;

/// Who asks and how isn't in an object.
const UNSEEN_OF_REQUEST: [&str; 7] = [
    "userInfo",
    "options",
    "uid",
    "dryRun",
    "requestKind",
    "requestResource",
    "subResource",
];

/// A policy's expressions.
pub(crate) struct Policy {
    variables: Vec<(String, Expression)>,
    conditions: Vec<Expression>,
    validations: Vec<Validation>,
    /// Whether an expression that fails counts as a violation (`failurePolicy: Fail`).
    fails_closed: bool,
}

struct Validation {
    expression: Expression,
    message: Option<String>,
    message_expression: Option<Expression>,
}

impl Policy {
    /// Reads `spec` of a policy, or `source` of an engine. `Err` says why it can't be evaluated;
    /// every defect is told at its place.
    pub(crate) fn read(
        spec: Value<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Self, Unknown> {
        let mut reader = Reader {
            diagnostics,
            first: None,
        };
        let named = |key: &'static str| spec.get(key).into_iter().flat_map(Value::items);
        let variables: Vec<_> = named("variables")
            .filter_map(|variable| {
                let name = variable.get("name")?.scalar().to_owned();
                Some((name, reader.expression(variable.get("expression")?)?))
            })
            .collect();
        let conditions: Vec<_> = named("matchConditions")
            .filter_map(|condition| reader.expression(condition.get("expression")?))
            .collect();
        let validations: Vec<_> = named("validations")
            .filter_map(|validation| {
                let message = validation
                    .get("message")
                    .map(|message| message.scalar().trim());
                Some(Validation {
                    expression: reader.expression(validation.get("expression")?)?,
                    message: message.filter(|text| !text.is_empty()).map(str::to_owned),
                    message_expression: match validation.get("messageExpression") {
                        Some(expression) => reader.expression(expression),
                        None => None,
                    },
                })
            })
            .collect();
        match reader.first {
            Some(unknown) => Err(unknown),
            None => Ok(Self {
                variables,
                conditions,
                validations,
                fails_closed: spec.get("failurePolicy").map(Value::scalar) != Some("Ignore"),
            }),
        }
    }

    /// What the policy says about a candidate; nothing if its conditions leave it out. The scope
    /// holds `object`, `request` and whatever else expressions may read; `bound` are variables
    /// that are there before the policy's own.
    pub(crate) fn verdict(
        &self,
        candidate: &Candidate<'_>,
        mut scope: Scope,
        bound: &[(&str, Found)],
    ) -> Option<Verdict> {
        let mut known: Vec<_> = bound
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let mut unsupported = BTreeMap::new();
        let set = |scope: &mut Scope, known: &[(String, Found)]| {
            scope.set_value("variables", Found::Map(map(known.iter().cloned())));
        };
        set(&mut scope, &known);
        for (name, expression) in &self.variables {
            match value(expression, &scope, &unsupported) {
                Ok(value) if is_large(&value) => {
                    let cause = format!("the variable `{name}` is too large");
                    unsupported.insert(name.clone(), cause);
                }
                Ok(value) => {
                    known.push((name.clone(), value));
                    set(&mut scope, &known);
                }
                Err(Trouble::Unsupported(cause)) => {
                    unsupported.insert(name.clone(), cause);
                }
                // It fails again where it is used.
                Err(Trouble::Failed(_)) => {}
            }
        }
        match self.conditions(&scope, &unsupported) {
            Ok(true) => Some(self.validations(candidate, &scope, &unsupported)),
            Ok(false) => None,
            Err(Trouble::Unsupported(cause)) => Some(Verdict::Undecided(unknown(cause))),
            Err(Trouble::Failed(message)) => self.fails_closed.then(|| {
                let at = anchor(candidate).origin();
                Verdict::Violates(vec![Violation {
                    message,
                    details: None,
                    at,
                }])
            }),
        }
    }

    /// Whether every condition holds. One that is false leaves the object out, whatever the
    /// others are.
    fn conditions(
        &self,
        scope: &Scope,
        unsupported: &BTreeMap<String, String>,
    ) -> Result<bool, Trouble> {
        let mut first = Ok(true);
        for condition in &self.conditions {
            let held = match value(condition, scope, unsupported) {
                Ok(Found::Bool(true)) => Ok(true),
                Ok(Found::Bool(false)) => return Ok(false),
                Ok(_) => Err(no_truth(condition)),
                Err(trouble) => Err(trouble),
            };
            first = first.and(held);
        }
        first
    }

    fn validations(
        &self,
        candidate: &Candidate<'_>,
        scope: &Scope,
        unsupported: &BTreeMap<String, String>,
    ) -> Verdict {
        let (mut violations, mut undecided) = (Vec::new(), None);
        for validation in &self.validations {
            let expression = &validation.expression;
            let message = match value(expression, scope, unsupported) {
                Ok(Found::Bool(true)) => continue,
                Ok(Found::Bool(false)) => validation.message(scope, unsupported),
                Ok(_) => {
                    undecided = Some(no_truth(expression));
                    continue;
                }
                Err(Trouble::Failed(message)) if self.fails_closed => message,
                Err(Trouble::Failed(_)) => continue,
                Err(trouble) => {
                    undecided = Some(trouble);
                    continue;
                }
            };
            violations.push(Violation {
                message,
                details: None,
                at: place(candidate, expression).origin(),
            });
        }
        match (violations.is_empty(), undecided) {
            (false, _) => Verdict::Violates(violations),
            (true, Some(Trouble::Unsupported(cause) | Trouble::Failed(cause))) => {
                Verdict::Undecided(unknown(cause))
            }
            (true, None) => Verdict::Complies,
        }
    }
}

impl Validation {
    /// The message of a violation: what `messageExpression` makes, else `message`, else the
    /// expression.
    fn message(&self, scope: &Scope, unsupported: &BTreeMap<String, String>) -> String {
        let made = self.message_expression.as_ref();
        match made.map(|expression| value(expression, scope, unsupported)) {
            Some(Ok(Found::String(text))) if is_message(&text) => text.trim().to_owned(),
            _ => self
                .message
                .clone()
                .unwrap_or_else(|| format!("failed expression: {}", self.expression.text())),
        }
    }
}

/// A message is one line that says something.
fn is_message(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.contains('\n')
}

struct Reader<'d> {
    diagnostics: &'d mut Vec<Diagnostic>,
    first: Option<Unknown>,
}

impl Reader<'_> {
    fn expression(&mut self, at: Value<'_>) -> Option<Expression> {
        if let Some(unknown) = Unknown::of(at) {
            self.first.get_or_insert(unknown);
            return None;
        }
        match Expression::read(at.scalar().trim()) {
            Ok(expression) => Some(expression),
            Err(message) => {
                let help = "correct the expression; the API server refuses it";
                self.diagnostics.push(defect(at, message.clone(), help));
                self.first
                    .get_or_insert_with(|| Unknown::because(message, help));
                None
            }
        }
    }
}

/// The value of an expression, unless it rests on something that isn't known here.
fn value(
    expression: &Expression,
    scope: &Scope,
    unsupported: &BTreeMap<String, String>,
) -> Result<Found, Trouble> {
    let asker = expression.reads("request").find_map(|path| {
        let field = path.first()?;
        UNSEEN_OF_REQUEST.contains(&field.as_str()).then_some(field)
    });
    if let Some(field) = asker.filter(|_| !scope.is_recorded) {
        let cause = format!("`request.{field}` is part of no object, only of a request");
        return Err(Trouble::Unsupported(cause));
    }
    let result = expression.evaluate(scope);
    if let Err(Trouble::Failed(_)) = &result {
        let missing = expression
            .reads("variables")
            .find_map(|path| unsupported.get(path.first()?));
        if let Some(cause) = missing {
            return Err(Trouble::Unsupported(cause.clone()));
        }
    }
    result
}

fn no_truth(expression: &Expression) -> Trouble {
    Trouble::Unsupported(format!("`{}` is neither true nor false", expression.text()))
}

pub(crate) fn unknown(cause: String) -> Unknown {
    Unknown::because(cause, "ask the cluster: kubectl apply --dry-run=server")
}

/// The field that an expression is about, if it is about one; else the object.
fn place<'e>(candidate: &Candidate<'e>, expression: &Expression) -> Value<'e> {
    let mut paths = expression.reads("object").filter(|path| !path.is_empty());
    match (paths.next(), paths.next()) {
        (Some(path), None) if candidate.root.get(&path[0]).is_some() => {
            innermost(candidate.root, path)
        }
        _ => anchor(candidate),
    }
}
