//! What an estate makes of the policies that are in force for it.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use palisade_admission::{Judgement, Verdict};
use palisade_document::{Document, Notation, Text, parse};
use palisade_estate::azure::PolicyExemption;
use palisade_estate::{Coverage, Estate, Resource, ResourceId, Unknown};
use rayon::prelude::*;

use crate::aliases::Catalogue;
use crate::assignment::{self, Reach};
use crate::definition::Mode;
use crate::effect::Effect;
use crate::evaluation::{Answer, Asker, Candidates, Fired, Lookup, NotEvaluated, Question};
use crate::exemption::{self, Exempted};
use crate::facts::{Body, Facts};
use crate::mutation::{Change, Changed, settle};
use crate::objects;
use crate::plan::{Plan, Planned};
use crate::rulebook::{Compiled, Rulebook};
use crate::scope::Hierarchy;
use crate::selector::{Region, Selected};
use crate::value::{Datum, insert};

/// The state of a resource under a definition (Microsoft Learn, "Azure Policy compliance states",
/// 2025).
#[derive(Clone, Debug)]
pub enum State {
    /// It is as it should be.
    Compliant,
    /// The effect follows.
    NonCompliant(Fired),
    /// It isn't, and needn't be.
    Exempt(Fired),
    /// An action on it is refused.
    Protected,
    /// The input doesn't tell, or somebody must attest.
    Unknown(Unknown),
    /// The definition gives no verdict, with the reason.
    NotEvaluated(String),
}

impl State {
    /// The word that Azure uses, or Palisade's where Azure has none.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Compliant => "compliant",
            Self::NonCompliant(_) => "non-compliant",
            Self::Exempt(_) => "exempt",
            Self::Protected => "protected",
            Self::Unknown(_) => "unknown",
            Self::NotEvaluated(_) => "not-evaluated",
        }
    }
}

/// A resource under a definition.
#[derive(Clone)]
pub struct Row<'e> {
    /// The definition and what puts it in force, by its place in the review.
    pub planned: usize,
    /// What it is about.
    pub target: usize,
    /// The state.
    pub state: State,
    /// The exemption that makes it exempt, or that would if it weren't over.
    pub exemption: Option<PolicyExemption<'e>>,
    /// The answer about an object, if the target is the cluster that holds it.
    pub object: Option<Judgement<'e>>,
}

/// What definitions are asked about: a resource, a resource group or a subscription.
#[derive(Clone)]
pub struct Target<'e> {
    /// The id.
    pub id: ResourceId,
    /// The resource, unless it is a scope that the input holds only in ids.
    pub resource: Option<Resource<'e>>,
    /// What definitions read.
    pub body: Body<'e>,
}

/// What came of asking.
pub struct Review<'e> {
    /// The definitions in force, compiled.
    pub rulebook: Rulebook<'e>,
    /// What puts each in force.
    pub planned: Vec<Planned<'e>>,
    /// What the definitions are called, in the same order.
    pub titles: Vec<String>,
    /// What was asked about.
    pub targets: Vec<Target<'e>>,
    /// The states, ordered by definition and target.
    pub rows: Vec<Row<'e>>,
    facts: Vec<Facts>,
    /// What definitions change of what is about to be deployed, by its place.
    changes: HashMap<usize, Changed>,
    hierarchy: Hierarchy,
    by_type: HashMap<String, Vec<usize>>,
    estate: &'e Estate,
    now: Timestamp,
}

/// A body for scopes that the input knows by their ids only.
static NOTHING: std::sync::LazyLock<Document> =
    std::sync::LazyLock::new(|| parse(Text::new("", "{}"), Notation::Json).0);

/// Asks every definition of a plan about every resource of an estate.
pub fn review<'e>(
    estate: &'e Estate,
    plan: Plan<'e>,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Review<'e> {
    let titles = plan.definitions.iter();
    let titles = titles
        .map(|definition| definition.title().to_owned())
        .collect();
    let rulebook = Rulebook::new(plan.definitions, catalogue);
    let targets = targets(estate);
    let facts: Vec<_> = targets
        .par_iter()
        .map(|target| rulebook.facts(&target.body))
        .collect();
    let mut by_type: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, target) in targets.iter().enumerate() {
        let kind = target.body.resource_type.to_ascii_lowercase();
        by_type.entry(kind).or_default().push(at);
    }
    let mut review = Review {
        rulebook,
        planned: plan.planned,
        titles,
        targets,
        rows: Vec::new(),
        facts,
        changes: HashMap::new(),
        hierarchy: Hierarchy::read(estate),
        by_type,
        estate,
        now,
    };
    let exemptions: Vec<_> = estate.all::<PolicyExemption<'e>>().collect();
    review.changes = review.changed(&exemptions);
    let rows: Vec<Vec<Row<'e>>> = (0..review.planned.len())
        .into_par_iter()
        .map(|planned| review.rows_of(planned, &exemptions))
        .collect();
    review.rows = rows.into_iter().flatten().collect();
    review
}

fn targets(estate: &Estate) -> Vec<Target<'_>> {
    let resources = estate.resources().map(|resource| Target {
        id: resource.id().clone(),
        body: Body::of(&resource),
        resource: Some(resource),
    });
    let mut scopes: BTreeMap<String, Target<'_>> = BTreeMap::new();
    for resource in estate.resources() {
        let Some(subscription) = resource.id().subscription_scope() else {
            continue;
        };
        let group = resource.id().resource_group();
        let group = group.map(|group| format!("{subscription}/resourceGroups/{group}"));
        let group = group.and_then(|group| ResourceId::parse(&group));
        for (id, kind) in [
            (Some(subscription), "Microsoft.Resources/subscriptions"),
            (group, "Microsoft.Resources/subscriptions/resourceGroups"),
        ] {
            let Some(id) = id else { continue };
            if !scopes.contains_key(id.key())
                && let Some(target) = scope_target(&id, kind)
            {
                scopes.insert(id.key().to_owned(), target);
            }
        }
    }
    resources.chain(scopes.into_values()).collect()
}

fn scope_target<'e>(id: &ResourceId, kind: &str) -> Option<Target<'e>> {
    Some(Target {
        id: id.clone(),
        resource: None,
        body: Body {
            value: NOTHING.roots().next()?,
            resource_type: kind.to_owned(),
            full_name: Some(id.name().to_owned()),
            name: Some(id.name().to_owned()),
            id: Some(id.as_str().to_owned()),
            location: None,
            api_version: None,
            unseen: None,
        },
    })
}

impl<'e> Review<'e> {
    /// What is read of a target: as modify and append leave it, if it is about to be deployed.
    pub fn facts(&self, target: usize) -> &Facts {
        let changed = self.changes.get(&target);
        let facts = changed.and_then(|changed| changed.facts.as_ref());
        facts.unwrap_or(&self.facts[target])
    }

    /// What the definitions that change settings make of the targets.
    fn changed(&self, exemptions: &[PolicyExemption<'e>]) -> HashMap<usize, Changed> {
        let found = self.planned.par_iter().enumerate().map(|(at, planned)| {
            let rule = self.rulebook.rules()[planned.rule].as_ref().ok();
            let changing = rule.filter(|compiled| compiled.operations.is_some());
            let Some(compiled) = changing.filter(|_| planned.assignment.is_some()) else {
                return Vec::new();
            };
            let mut asker = Asker::new(&self.rulebook);
            let concerned = self.concerned(compiled, planned).into_iter();
            let changes = concerned.filter_map(|target| {
                let (state, _) = self.state(&mut asker, compiled, planned, target, exemptions)?;
                let fired = match state {
                    State::NonCompliant(fired) if fired.effect.changes() => Ok(fired),
                    State::Unknown(unknown) => Err(unknown),
                    _ => return None,
                };
                let change = Change {
                    at,
                    planned,
                    compiled,
                    fired,
                };
                Some((target, change))
            });
            changes.collect()
        });
        let mut by_target: HashMap<usize, Vec<Change<'_, 'e>>> = HashMap::new();
        for (target, change) in found.collect::<Vec<_>>().into_iter().flatten() {
            by_target.entry(target).or_default().push(change);
        }
        let settled = by_target.into_par_iter().map(|(at, changes)| {
            let facts = &self.facts[at];
            let names = &self.rulebook.names;
            (at, settle(&self.targets[at], facts, &changes, names))
        });
        settled.collect()
    }

    /// What was reviewed.
    pub fn estate(&self) -> &'e Estate {
        self.estate
    }

    /// What the surroundings of a target tell a definition that something puts in force.
    pub fn context(&self, planned: &Planned<'e>, target: &Target<'e>) -> Datum {
        let mut context = Datum::new_object();
        let mut put = |key: &str, members: &[(&str, Option<String>)]| {
            let mut object = Datum::new_object();
            for (name, text) in members {
                if let Some(text) = text {
                    insert(&mut object, (*name).into(), text.as_str().into());
                }
            }
            insert(&mut context, key.into(), object);
        };
        let id = &target.id;
        let subscription = id.subscription_scope();
        let group = id.resource_group().map(str::to_owned);
        let group_id = subscription.as_ref().zip(group.as_ref());
        put(
            "resourceGroup",
            &[
                ("name", group.clone()),
                (
                    "id",
                    group_id.map(|(own, name)| format!("{own}/resourceGroups/{name}")),
                ),
            ],
        );
        put(
            "subscription",
            &[
                ("subscriptionId", id.subscription().map(str::to_owned)),
                ("id", subscription.as_ref().map(ToString::to_string)),
            ],
        );
        let assignment = planned.assignment.map(|own| own.id().to_string());
        put(
            "policy",
            &[
                ("assignmentId", assignment),
                ("definitionReferenceId", planned.reference.clone()),
            ],
        );
        insert(&mut context, "utcNow".into(), self.now.to_string().into());
        context
    }

    fn rows_of(&self, at: usize, exemptions: &[PolicyExemption<'e>]) -> Vec<Row<'e>> {
        let planned = &self.planned[at];
        let Ok(compiled) = &self.rulebook.rules()[planned.rule] else {
            return Vec::new();
        };
        if !compiled.is_evaluated() {
            return Vec::new();
        }
        let mut asker = Asker::new(&self.rulebook);
        let concerned = self.concerned(compiled, planned);
        let rows = concerned.into_iter().flat_map(|target| {
            let state = self.state(&mut asker, compiled, planned, target, exemptions);
            let row = state.map(|(state, exemption)| Row {
                planned: at,
                target,
                state: match self.changes.get(&target) {
                    Some(changed) => changed.state(at, state),
                    None => state,
                },
                exemption,
                object: None,
            });
            match (row, compiled.is_about_resources()) {
                (Some(row), false) => self.object_rows(compiled, planned, row),
                (row, _) => row.into_iter().collect(),
            }
        });
        rows.collect()
    }

    /// The targets that a definition can be about as something puts it in force.
    fn concerned(&self, compiled: &Compiled<'e>, planned: &Planned<'e>) -> Vec<usize> {
        let mut concerned: Vec<usize> = match compiled.types() {
            Some(types) => {
                let lists = types.iter().filter_map(|kind| self.by_type.get(kind));
                lists.flatten().copied().collect()
            }
            None => (0..self.targets.len()).collect(),
        };
        // Ids alone tell what lies in a subscription; only management groups take a look.
        let scope = planned.assignment.and_then(|own| assignment::scope(&own));
        if let Some(scope) = scope.filter(|scope| scope.subscription().is_some()) {
            concerned.retain(|&at| self.targets[at].id.is_within(&scope));
        }
        concerned.sort_unstable();
        concerned
    }

    /// What a definition about objects says of those of a cluster that it is in force for.
    fn object_rows(
        &self,
        compiled: &Compiled<'e>,
        planned: &Planned<'e>,
        row: Row<'e>,
    ) -> Vec<Row<'e>> {
        let (fired, is_exempt) = match &row.state {
            State::NonCompliant(fired) => (fired.clone(), false),
            State::Exempt(fired) => (fired.clone(), true),
            _ => return vec![row],
        };
        let id = &self.targets[row.target].id;
        let whole = |state| {
            vec![Row {
                state,
                ..row.clone()
            }]
        };
        let mut clusters = self.estate.clusters();
        let cluster = clusters.find(|cluster| cluster.id() == Some(id));
        let cluster = cluster.filter(|cluster| cluster.objects().next().is_some());
        let (Some(cluster), Ok(arguments)) = (cluster, &planned.arguments) else {
            return whole(State::Unknown(objects::unseen(id)));
        };
        let judged = objects::judge(&cluster, &compiled.definition, arguments, fired.effect);
        let judgements = match judged {
            Ok(judgements) => judgements,
            Err(NotEvaluated(why)) => return whole(State::NotEvaluated(why)),
        };
        let rows = judgements.into_iter().map(|judgement| Row {
            state: match &judgement.verdict {
                Verdict::Complies => State::Compliant,
                Verdict::Violates(_) if is_exempt => State::Exempt(fired.clone()),
                Verdict::Violates(_) => State::NonCompliant(fired.clone()),
                Verdict::Undecided(unknown) => State::Unknown(unknown.clone()),
            },
            object: Some(judgement),
            ..row.clone()
        });
        rows.collect()
    }

    /// The state of a target under a definition; nothing if it has nothing to do with it.
    fn state(
        &self,
        asker: &mut Asker<'_, 'e>,
        compiled: &Compiled<'e>,
        planned: &Planned<'e>,
        at: usize,
        exemptions: &[PolicyExemption<'e>],
    ) -> Option<(State, Option<PolicyExemption<'e>>)> {
        let target = &self.targets[at];
        if compiled.definition.mode == Mode::Indexed && target.body.location.is_none() {
            return None;
        }
        let kind = target.body.resource_type.to_ascii_lowercase();
        let what = Selected {
            resource_type: &kind,
            region: (target.body.location.as_deref()).map_or(Region::None, Region::In),
            reference: planned.reference.as_deref(),
        };
        let mut doubt = None;
        let mut effect = None;
        if let Some(assignment) = &planned.assignment {
            match assignment::reach(assignment, &target.id, &what, &self.hierarchy) {
                Ok(Reach::Covers(changed)) => effect = changed,
                Ok(_) => return None,
                Err(unknown) => doubt = Some(unknown),
            }
        }
        let arguments = match &planned.arguments {
            Ok(arguments) => arguments,
            Err(unknown) => return Some((State::Unknown(unknown.clone()), None)),
        };
        if let Some(unknown) = compiled.unknown_surroundings() {
            return Some((State::Unknown(unknown), None));
        }
        let context = self.context(planned, target);
        let question = Question {
            facts: self.facts(at),
            arguments,
            context: &context,
            effect,
        };
        let mut find = |lookup: &Lookup| self.candidates(target, &kind, lookup);
        let state = match asker.ask(compiled, &question, &mut find) {
            Err(NotEvaluated(why)) => State::NotEvaluated(why),
            Ok(Answer::Disabled) => return None,
            Ok(Answer::NotMet) => match asker.is_applicable(compiled, &question) {
                Ok(true) => State::Compliant,
                Ok(false) => return None,
                Err(NotEvaluated(why)) => State::NotEvaluated(why),
            },
            Ok(Answer::Satisfied) => State::Compliant,
            Ok(Answer::Unknown(unknown)) => State::Unknown(unknown),
            Ok(Answer::Fires(fired)) => state_of(fired),
        };
        if let Some(unknown) = doubt {
            return Some((State::Unknown(unknown), None));
        }
        match state {
            State::NonCompliant(fired) => {
                Some(self.exempted(fired, planned, &target.id, &what, exemptions))
            }
            state => Some((state, None)),
        }
    }

    fn exempted(
        &self,
        fired: Fired,
        planned: &Planned<'e>,
        id: &ResourceId,
        what: &Selected<'_>,
        exemptions: &[PolicyExemption<'e>],
    ) -> (State, Option<PolicyExemption<'e>>) {
        let Some(assignment) = &planned.assignment else {
            return (State::NonCompliant(fired), None);
        };
        match exemption::among(exemptions, assignment, id, what, &self.hierarchy, self.now) {
            Ok(Exempted::Yes(exemption)) => (State::Exempt(fired), Some(exemption)),
            Ok(Exempted::NoMore(exemption)) => (State::NonCompliant(fired), Some(exemption)),
            Ok(Exempted::No) => (State::NonCompliant(fired), None),
            Err((exemption, unknown)) => (State::Unknown(unknown), Some(exemption)),
        }
    }

    /// The related resources that a definition looks for.
    fn candidates(&self, target: &Target<'e>, kind: &str, lookup: &Lookup) -> Candidates {
        let wanted = lookup.resource_type.to_ascii_lowercase();
        let (scope, is_below) = search_scope(target, kind, &wanted, lookup);
        let others = self
            .by_type
            .get(&wanted)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let found = others.iter().filter(|&&at| {
            let candidate = &self.targets[at];
            let is_there = match is_below {
                true => candidate.id.parent().as_ref() == Some(&scope),
                false => candidate.id.is_within(&scope),
            };
            is_there && is_called(&candidate.body, lookup.name.as_deref())
        });
        let facts = found.map(|&at| self.facts(at).clone()).collect();
        let coverage = match wanted == ASSESSMENTS && others.is_empty() {
            // Defender for Cloud keeps them; no listing of resources has them.
            true => Coverage::Unseen,
            false => self.estate.coverage_of(&wanted, &scope),
        };
        Candidates {
            facts,
            is_assumed: coverage == Coverage::Assumed,
            others: (coverage == Coverage::Unseen).then(|| {
                Unknown::because(
                    format!(
                        "the input doesn't hold the `{}` of {scope}",
                        lookup.resource_type
                    ),
                    match wanted == ASSESSMENTS {
                        true => "az security assessment list".to_owned(),
                        false => {
                            format!("az resource list --resource-type {}", lookup.resource_type)
                        }
                    },
                )
            }),
        }
    }
}

fn state_of(fired: Fired) -> State {
    match fired.effect {
        Effect::DenyAction => State::Protected,
        Effect::Manual => State::Unknown(Unknown::because(
            "somebody has to attest it",
            "az policy attestation list",
        )),
        _ => State::NonCompliant(fired),
    }
}

/// The extensions that Azure looks for at the resource itself.
const EXTENSIONS: [&str; 7] = [
    "microsoft.authorization/locks",
    "microsoft.authorization/policyassignments",
    "microsoft.authorization/roleassignments",
    "microsoft.guestconfiguration/guestconfigurationassignments",
    "microsoft.insights/diagnosticsettings",
    "microsoft.maintenance/configurationassignments",
    ASSESSMENTS,
];

/// What Defender for Cloud makes of a resource.
const ASSESSMENTS: &str = "microsoft.security/assessments";

/// Where a related resource is looked for, and whether it must stand right below: children and
/// extensions at the resource, others in its resource group unless the definition says otherwise
/// (Microsoft Learn, "Azure Policy definitions auditIfNotExists effect", 2025).
fn search_scope(
    target: &Target<'_>,
    kind: &str,
    wanted: &str,
    lookup: &Lookup,
) -> (ResourceId, bool) {
    let is_child = wanted
        .strip_prefix(kind)
        .is_some_and(|rest| rest.starts_with('/'));
    if is_child || EXTENSIONS.contains(&wanted) {
        return (target.id.clone(), true);
    }
    let Some(subscription) = target.id.subscription_scope() else {
        return (target.id.clone(), false);
    };
    let group = lookup
        .resource_group
        .as_deref()
        .or(target.id.resource_group());
    let is_whole = lookup.is_in_subscription && lookup.resource_group.is_none();
    let group = group.filter(|_| !is_whole);
    let scope = group
        .and_then(|group| ResourceId::parse(&format!("{subscription}/resourceGroups/{group}")));
    (scope.unwrap_or(subscription), false)
}

fn is_called(body: &Body<'_>, name: Option<&str>) -> bool {
    let Some(name) = name else { return true };
    let own = match name.contains('/') {
        true => &body.full_name,
        false => &body.name,
    };
    own.as_ref()
        .is_some_and(|own| own.eq_ignore_ascii_case(name))
}
