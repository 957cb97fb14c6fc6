//! Kubernetes' own admission policies: `ValidatingAdmissionPolicy` and its bindings
//! (`admissionregistration.k8s.io`; Kubernetes documentation, "Validating Admission Policy", v1.34).

use std::collections::HashMap;

use palisade_document::{Diagnostic, Value};
use palisade_estate::{Cluster, Coverage, Object, Unknown};
use serde_json::Value as Json;

use crate::candidate::{Asked, Candidate};
use crate::expression::Scope;
use crate::gatekeeper::{Outcome, UndecidedRule, anchor, judgement, once};
use crate::json::{text, to_json};
use crate::judgement::{Action, RuleName, Verdict, Violation};
use crate::native_policy::Policy;
use crate::resources::{Fit, Resources};
use crate::template::defect;

const GROUP: &str = "admissionregistration.k8s.io";

/// The objects of a cluster that policies read beside the one in question.
struct Surroundings<'c, 'e> {
    cluster: &'c Cluster<'e>,
    candidates: &'c [Candidate<'e>],
    namespaces: HashMap<&'c str, &'c Json>,
}

/// Asks every policy of the cluster by each of its bindings.
pub(crate) fn judge<'e>(
    cluster: &Cluster<'e>,
    candidates: &[Candidate<'e>],
    diagnostics: &mut Vec<Diagnostic>,
    outcome: &mut Outcome<'e>,
) {
    let namespaces = candidates
        .iter()
        .filter(|candidate| candidate.is_namespace());
    let surroundings = Surroundings {
        cluster,
        candidates,
        namespaces: namespaces
            .filter_map(|namespace| {
                let body = namespace.body.as_ref().ok()?;
                Some((namespace.name.as_str(), body.as_ref()))
            })
            .collect(),
    };
    for policy in cluster.objects_of(GROUP, "ValidatingAdmissionPolicy") {
        let bindings = cluster.objects_of(GROUP, "ValidatingAdmissionPolicyBinding");
        let name = policy.name();
        let own: Vec<_> = bindings
            .filter(|binding| {
                binding
                    .get("spec.policyName")
                    .is_some_and(|named| named.scalar() == name)
            })
            .collect();
        if own.is_empty() {
            diagnostics.push(unbound(&policy));
        }
        let Some(spec) = policy.get("spec") else {
            continue;
        };
        let read = Policy::read(spec, diagnostics);
        for binding in own {
            let rule = RuleName {
                kind: "ValidatingAdmissionPolicy".to_owned(),
                name: format!("{name}/{}", binding.name()),
            };
            let bound = match &read {
                Ok(expressions) => Bound::read(&policy, &binding, expressions, diagnostics),
                Err(because) => Err(because.clone()),
            };
            match bound {
                Ok(bound) => {
                    let judged = candidates.iter().filter_map(|candidate| {
                        let verdict = bound.verdict(candidate, &surroundings)?;
                        Some(judgement(
                            &rule,
                            &bound.actions,
                            Some(&policy),
                            candidate,
                            verdict,
                        ))
                    });
                    outcome.judgements.extend(once(judged.collect()));
                }
                Err(because) => {
                    let at = policy.anchor().origin();
                    outcome.undecided.push(UndecidedRule { rule, at, because });
                }
            }
        }
    }
}

fn unbound(policy: &Object<'_>) -> Diagnostic {
    let at = policy.anchor();
    Diagnostic::warning(
        at.document().text().path(),
        Some(at.position()),
        "no binding in the input names this policy, so it isn't asked",
    )
    .with_help("kubectl get validatingadmissionpolicybindings -o yaml")
}

/// A policy by one of its bindings.
struct Bound<'p> {
    policy: &'p Policy,
    rules: Resources,
    /// The binding's own, which only narrow.
    narrower: Option<Resources>,
    actions: Vec<Action>,
    /// The kind of the parameters and the binding's reference to them.
    parameters: Option<(Json, Json)>,
}

/// Values that a policy may be given for its parameters.
enum Parameters {
    Given(Vec<Json>),
    /// There are none, and the policy is passed.
    Passed,
    /// There are none, which is a failure.
    Missing(String),
    Undecided(Unknown),
}

impl<'p> Bound<'p> {
    fn read(
        policy: &Object<'_>,
        binding: &Object<'_>,
        expressions: &'p Policy,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Self, Unknown> {
        let part = |object: &Object<'_>, path: &str| object.get(path).map(to_json).transpose();
        let mut resources = |object: &Object<'_>, path: &str| match part(object, path)? {
            Some(json) => Resources::read(&json).map(Some).map_err(|fault| {
                let help = "correct the criteria; the API server refuses them";
                let at = object.get(path).unwrap_or(object.anchor());
                diagnostics.push(defect(at, fault.message.clone(), help));
                Unknown::because(fault.message, help)
            }),
            None => Ok(None),
        };
        let rules = resources(policy, "spec.matchConstraints")?.unwrap_or_default();
        let narrower = resources(binding, "spec.matchResources")?;
        let kind = part(policy, "spec.paramKind")?;
        let reference = part(binding, "spec.paramRef")?.unwrap_or_default();
        let given = binding
            .get("spec.validationActions")
            .into_iter()
            .flat_map(Value::items);
        let actions = given.map(|action| match action.scalar() {
            "Deny" => Action::Deny,
            "Warn" => Action::Warn,
            "Audit" => Action::Audit,
            other => Action::Unrecognised(other.to_owned()),
        });
        Ok(Self {
            policy: expressions,
            rules,
            narrower,
            actions: actions.collect(),
            parameters: kind.map(|kind| (kind, reference)),
        })
    }

    fn verdict(&self, candidate: &Candidate<'_>, around: &Surroundings<'_, '_>) -> Option<Verdict> {
        if candidate.group == GROUP && candidate.kind.starts_with("ValidatingAdmissionPolicy") {
            return None;
        }
        for rules in [Some(&self.rules), self.narrower.as_ref()]
            .into_iter()
            .flatten()
        {
            match rules.fits(candidate) {
                Fit::Yes => {}
                Fit::No => return None,
                Fit::Unknown(unknown) => return Some(Verdict::Undecided(unknown)),
            }
        }
        let asked = match candidate.asked() {
            Ok(asked) => asked,
            Err(unknown) => return Some(Verdict::Undecided(unknown)),
        };
        match self.parameters(candidate, around) {
            Parameters::Given(all) => {
                let verdicts = all.iter().filter_map(|parameters| {
                    let scope = scope(candidate, &asked, parameters, around);
                    self.policy.verdict(candidate, scope, &[])
                });
                worst(verdicts)
            }
            Parameters::Passed => None,
            Parameters::Missing(message) => {
                let at = anchor(candidate).origin();
                Some(Verdict::Violates(vec![Violation {
                    message,
                    details: None,
                    at,
                }]))
            }
            Parameters::Undecided(unknown) => Some(Verdict::Undecided(unknown)),
        }
    }

    fn parameters(&self, candidate: &Candidate<'_>, around: &Surroundings<'_, '_>) -> Parameters {
        let Some((kind, reference)) = &self.parameters else {
            return Parameters::Given(vec![Json::Null]);
        };
        let (api_version, kind) = (text(kind, "apiVersion"), text(kind, "kind"));
        let namespace = match text(reference, "namespace") {
            "" => candidate.namespace.as_deref(),
            given => Some(given),
        };
        let selector = reference
            .get("selector")
            .map(crate::matching::LabelSelector::read);
        let found = around.candidates.iter().filter(|other| {
            let is_named = match (text(reference, "name"), &selector) {
                ("", Some(Ok(selector))) => selector.matches(|key| other.label(key)),
                ("", _) => false,
                (name, _) => other.name == name,
            };
            is_named
                && !other.is_made
                && other.kind == kind
                && other.api_version() == api_version
                && (other.namespace.is_none() || other.namespace.as_deref() == namespace)
        });
        let found: Result<Vec<_>, _> = found
            .map(|other| other.body.as_ref().map(|body| Json::clone(body)))
            .collect();
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        match found {
            Err(unknown) => Parameters::Undecided(unknown.clone()),
            Ok(found) if !found.is_empty() => Parameters::Given(found),
            Ok(_) if around.cluster.coverage(&[(group, kind)]) == Coverage::Unseen => {
                Parameters::Undecided(Unknown::because(
                    format!("the parameters of the policy, a `{kind}`, are not in the input"),
                    format!(
                        "kubectl get {} --all-namespaces -o yaml",
                        kind.to_lowercase()
                    ),
                ))
            }
            Ok(_) if text(reference, "parameterNotFoundAction") == "Allow" => Parameters::Passed,
            Ok(_) => {
                Parameters::Missing(format!("the policy's parameters, a `{kind}`, don't exist"))
            }
        }
    }
}

/// The worst of several answers about one object.
fn worst(verdicts: impl Iterator<Item = Verdict>) -> Option<Verdict> {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Violates(_) => 2,
        Verdict::Undecided(_) => 1,
        Verdict::Complies => 0,
    };
    verdicts.max_by_key(rank)
}

/// What expressions may read.
fn scope(
    candidate: &Candidate<'_>,
    asked: &Asked,
    parameters: &Json,
    around: &Surroundings<'_, '_>,
) -> Scope {
    let mut scope = Scope::of(asked);
    scope.set("params", parameters);
    match candidate
        .namespace
        .as_deref()
        .filter(|_| !candidate.is_namespace())
    {
        None => scope.set("namespaceObject", &Json::Null),
        Some(name) => {
            // One that isn't in the input stays unknown to the expressions.
            if let Some(namespace) = around.namespaces.get(name) {
                scope.set("namespaceObject", namespace);
            }
        }
    }
    scope
}
