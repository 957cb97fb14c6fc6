//! Gatekeeper: every constraint of a cluster asked about every object that it is about.

use std::collections::HashMap;

use palisade_document::{Diagnostic, Origin, Value, witness};
use palisade_estate::{Cluster, Object, Unknown};
use serde_json::Value as Json;

use crate::candidate::Candidate;
use crate::constraint::{Constraint, Terms};
use crate::expression::{Scope, value_of};
use crate::inventory::Inventory;
use crate::judgement::{Action, Judgement, RuleName, Verdict, Violation};
use crate::matching::{Fit, Glob, Match};
use crate::native_policy::Policy;
use crate::rego::Failure;
use crate::template::{Code, Template, defect};

/// A rule about which nothing could be said, whatever the object.
#[derive(Clone, Debug, PartialEq)]
pub struct UndecidedRule {
    /// The rule.
    pub rule: RuleName,
    /// Where it stands.
    pub at: Origin,
    /// Why.
    pub because: Unknown,
}

/// What the constraints of a cluster say.
#[derive(Default)]
pub(crate) struct Outcome<'e> {
    pub(crate) judgements: Vec<Judgement<'e>>,
    pub(crate) undecided: Vec<UndecidedRule>,
}

/// The templates of a cluster by the kind of their constraints. A kind that is defined twice is
/// that of the first.
pub(crate) fn templates<'e>(
    cluster: &Cluster<'e>,
    diagnostics: &mut Vec<Diagnostic>,
) -> HashMap<String, Template<'e>> {
    let mut found = HashMap::new();
    for object in cluster.objects_of("templates.gatekeeper.sh", "ConstraintTemplate") {
        if let Some(template) = Template::read(object, diagnostics) {
            found.entry(template.kind.clone()).or_insert(template);
        }
    }
    found
}

/// Asks every constraint of the cluster.
pub(crate) fn judge<'e>(
    cluster: &Cluster<'e>,
    candidates: &[Candidate<'e>],
    templates: &HashMap<String, Template<'e>>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Outcome<'e> {
    let inventory = Inventory::of(cluster, candidates);
    let exclusions = exclusions(cluster);
    let mut outcome = Outcome::default();
    let constraints = cluster
        .objects()
        .filter(|object| object.group() == "constraints.gatekeeper.sh");
    for object in constraints {
        let rule = RuleName {
            kind: object.kind().to_owned(),
            name: object.name(),
        };
        let Some(template) = templates.get(object.kind()) else {
            outcome.undecided.push(missing(rule, &object, diagnostics));
            continue;
        };
        let constraint = Constraint::read(object, diagnostics);
        let terms = match constraint.terms {
            Ok(terms) => terms,
            Err(because) => {
                let at = object.anchor().origin();
                outcome.undecided.push(UndecidedRule { rule, at, because });
                continue;
            }
        };
        let mut bench = Bench::new(template.code.clone(), &inventory, terms.whole.clone());
        let parameters = template.with_defaults(terms.parameters.clone());
        let asked = candidates
            .iter()
            .filter(|candidate| !is_excluded(candidate, &exclusions));
        let judged = asked.filter_map(|candidate| {
            let verdict = verdict(candidate, &terms, &parameters, &mut bench)?;
            Some(judgement(
                &rule,
                &constraint.actions,
                Some(&object),
                candidate,
                verdict,
            ))
        });
        outcome.judgements.extend(once(judged.collect()));
        if let Some(failure) = bench.failure {
            diagnostics.push(cannot_run(template, &failure));
        }
    }
    outcome
}

fn missing(
    rule: RuleName,
    object: &Object<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> UndecidedRule {
    let message = format!(
        "no constraint template of the input defines `{}`",
        rule.kind
    );
    let help = "kubectl get constrainttemplates -o yaml";
    let at = object.get("kind").unwrap_or(object.anchor());
    diagnostics.push(defect(at, &message, help));
    UndecidedRule {
        rule,
        at: at.origin(),
        because: Unknown::because(message, help),
    }
}

fn cannot_run(template: &Template<'_>, failure: &Failure) -> Diagnostic {
    defect(
        template.object.anchor(),
        format!("the template's code stops: {}", failure.message),
        "the objects in question are undecided; bound what the rules do",
    )
}

/// A judgement of a candidate.
pub(crate) fn judgement<'e>(
    rule: &RuleName,
    actions: &[Action],
    rule_at: Option<&Object<'e>>,
    candidate: &Candidate<'e>,
    verdict: Verdict,
) -> Judgement<'e> {
    let actions = match candidate.enforcement.as_deref() {
        Some(word) if !word.is_empty() => vec![Action::of_constraint(word)],
        _ => actions.to_vec(),
    };
    Judgement {
        rule: rule.clone(),
        rule_at: rule_at.map(|object| object.anchor().origin()),
        actions,
        object: candidate.object,
        made: candidate.is_made.then(|| candidate.kind.clone()),
        source: candidate.source,
        verdict,
    }
}

/// A workload is judged as the pod that it makes, and again as what Gatekeeper expands: the same
/// answer counts once.
pub(crate) fn once<'e>(judged: Vec<Judgement<'e>>) -> Vec<Judgement<'e>> {
    let mut made: HashMap<Origin, Vec<usize>> = HashMap::new();
    let mut kept: Vec<Judgement<'e>> = Vec::with_capacity(judged.len());
    for judgement in judged {
        if judgement.made.is_some() {
            let maker = judgement.object.body().origin();
            let known = made.entry(maker).or_default();
            let is_known = known.iter().any(|&place| {
                kept[place].made == judgement.made && kept[place].verdict == judgement.verdict
            });
            if is_known {
                continue;
            }
            known.push(kept.len());
        }
        kept.push(judgement);
    }
    kept
}

/// The code of a template, set up to be asked by one constraint.
pub(crate) struct Bench<'i> {
    code: Result<Code, Unknown>,
    inventory: &'i Inventory,
    constraint: Json,
    is_ready: bool,
    /// Why the code isn't asked any more.
    pub(crate) failure: Option<Failure>,
}

impl<'i> Bench<'i> {
    pub(crate) fn new(
        code: Result<Code, Unknown>,
        inventory: &'i Inventory,
        constraint: Json,
    ) -> Self {
        Self {
            code,
            inventory,
            constraint,
            is_ready: false,
            failure: None,
        }
    }

    /// What the code says about a candidate.
    pub(crate) fn verdict(&mut self, candidate: &Candidate<'_>, parameters: &Json) -> Verdict {
        if let Ok(Code::Native(policy)) = &self.code {
            return native(policy, candidate, &self.constraint, parameters);
        }
        match self.ask(candidate, parameters) {
            Ok(violations) if violations.is_empty() => Verdict::Complies,
            Ok(violations) => Verdict::Violates(violations),
            Err(unknown) => Verdict::Undecided(unknown),
        }
    }

    fn ask(
        &mut self,
        candidate: &Candidate<'_>,
        parameters: &Json,
    ) -> Result<Vec<Violation>, Unknown> {
        let code = self.code.as_mut().map_err(|unknown| unknown.clone())?;
        if let Some(failure) = &self.failure {
            return Err(stopped(failure));
        }
        let at = anchor(candidate).origin();
        let found = match code {
            // Answered by itself.
            Code::Native(_) => Ok(Vec::new()),
            Code::Rego(program) => {
                if program.reads_inventory && !self.is_ready {
                    let data = self.inventory.data()?;
                    program
                        .set_inventory(data)
                        .map_err(|failure| stopped(&failure))?;
                    self.is_ready = true;
                }
                let parameters = regorus::Value::from(parameters.clone());
                program.violations(&candidate.review_for_rego()?, &parameters)
            }
        };
        let complaints = found.map_err(|failure| {
            let unknown = stopped(&failure);
            self.failure = Some(failure);
            unknown
        })?;
        Ok(complaints
            .into_iter()
            .map(|complaint| Violation {
                message: complaint.message,
                details: complaint.details,
                at,
            })
            .collect())
    }
}

/// What a template in the Common Expression Language says. One whose conditions leave the object
/// out has nothing against it.
fn native(
    policy: &Policy,
    candidate: &Candidate<'_>,
    constraint: &Json,
    parameters: &Json,
) -> Verdict {
    let asked = match candidate.asked() {
        Ok(asked) => asked,
        Err(unknown) => return Verdict::Undecided(unknown),
    };
    let mut scope = Scope::of(&asked);
    scope.set("params", constraint);
    let any = if asked.object.is_null() {
        &asked.old_object
    } else {
        &asked.object
    };
    let bound = [
        ("params", value_of(parameters)),
        ("anyObject", value_of(any)),
    ];
    policy
        .verdict(candidate, scope, &bound)
        .unwrap_or(Verdict::Complies)
}

fn stopped(failure: &Failure) -> Unknown {
    Unknown::because(
        format!("the template's code stops: {}", failure.message),
        "ask the cluster: the status of the constraint lists its violations",
    )
}

/// The place to point at for a candidate: its name, or that of what makes it.
pub(crate) fn anchor<'e>(candidate: &Candidate<'e>) -> Value<'e> {
    candidate.object.anchor()
}

/// What code says about a candidate; nothing if the constraint isn't about it.
fn verdict(
    candidate: &Candidate<'_>,
    terms: &Terms,
    parameters: &Json,
    bench: &mut Bench<'_>,
) -> Option<Verdict> {
    if let Some(verdict) = is_about(&terms.criteria, candidate)? {
        return Some(verdict);
    }
    Some(bench.verdict(candidate, parameters))
}

/// Whether criteria hold of a candidate: nothing if they don't, and the verdict if that can't be
/// known.
pub(crate) fn is_about(criteria: &Match, candidate: &Candidate<'_>) -> Option<Option<Verdict>> {
    let (fit, met) = witness::afresh(|| (criteria.fits(candidate), witness::met()));
    if let Some(met) = met {
        return Some(Some(Verdict::Undecided(Unknown::because(
            met.cause, met.supply,
        ))));
    }
    match fit {
        Fit::Yes => Some(None),
        Fit::No => None,
        Fit::NamespaceUnseen(name) => Some(Some(Verdict::Undecided(Unknown::because(
            format!("the labels of namespace `{name}` are not in the input"),
            format!("kubectl get namespace {name} -o yaml"),
        )))),
    }
}

/// Whether a candidate is in a namespace that is left out.
pub(crate) fn is_excluded(candidate: &Candidate<'_>, exclusions: &[Glob]) -> bool {
    let namespace = candidate.governing_namespace();
    namespace.is_some_and(|name| exclusions.iter().any(|glob| glob.matches(name)))
}

/// The namespaces that Gatekeeper's Config leaves out of its audit.
pub(crate) fn exclusions(cluster: &Cluster<'_>) -> Vec<Glob> {
    let configs = cluster.objects_of("config.gatekeeper.sh", "Config");
    let entries = configs
        .filter_map(|config| config.get("spec.match"))
        .flat_map(Value::items);
    entries
        .filter(|entry| {
            let processes = entry.get("processes").into_iter().flat_map(Value::items);
            processes
                .into_iter()
                .any(|process| matches!(process.scalar(), "*" | "audit"))
        })
        .filter_map(|entry| entry.get("excludedNamespaces"))
        .flat_map(Value::items)
        .map(|name| Glob::new(name.scalar()))
        .collect()
}
