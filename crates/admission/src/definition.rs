//! The seam to policies of the cloud: a template by its name and version, parameters and match
//! criteria in place of a constraint.

use palisade_document::{Diagnostic, Value};
use palisade_estate::{Cluster, Object, Unknown};
use serde_json::{Value as Json, json};

use crate::expansion::{self, Namespaces};
use crate::gatekeeper::{self, Bench, is_about, judgement};
use crate::inventory::Inventory;
use crate::judgement::{Action, Judgement, RuleName, Verdict};
use crate::library::{self, Basis};
use crate::matching::{Fault, Match};
use crate::review::with_room;
use crate::template::Template;

/// What a policy definition says about the objects of a cluster.
#[derive(Clone, Debug)]
pub struct Definition<'a> {
    /// The template's name in the store: `ingress-https-only`.
    pub template: &'a str,
    /// Its version there: `v2`.
    pub version: &'a str,
    /// The parameters of the constraint that would be made (`details.values`), all resolved.
    pub parameters: &'a Json,
    /// The match criteria of that constraint: `kinds` (a list of `apiGroups` and `kinds`),
    /// `namespaces`, `excludedNamespaces`, `labelSelector`, `source`.
    pub criteria: &'a Json,
    /// What happens to requests that break it.
    pub action: Action,
}

/// What a definition says about a cluster.
#[derive(Default)]
pub struct Compliance<'e> {
    /// One for every object that the definition is about.
    pub judgements: Vec<Judgement<'e>>,
    /// The template of the cluster that was asked, if it holds one.
    pub template: Option<Object<'e>>,
    /// What our own predicate was written from, if that was asked.
    pub basis: Option<Basis>,
    /// Objects about which the cluster's template and our own predicate disagree.
    pub differences: Vec<Difference<'e>>,
    /// What is wrong with the cluster's template.
    pub diagnostics: Vec<Diagnostic>,
}

/// Two answers about one object.
pub struct Difference<'e> {
    /// The object.
    pub object: Object<'e>,
    /// What the cluster's template says, which counts.
    pub cluster: Verdict,
    /// What our own predicate says.
    pub own: Verdict,
}

/// Evaluates a definition over the objects of a cluster: by the cluster's own template where the
/// input holds it, else by the predicate of the [library]. `Err` says what is wrong with the
/// match criteria.
///
/// Where neither is there every object is undecided.
pub fn evaluate<'e>(
    cluster: &Cluster<'e>,
    definition: &Definition<'_>,
) -> Result<Compliance<'e>, Fault> {
    let criteria = Match::read(definition.criteria)?;
    Ok(with_room(|| {
        let mut compliance = Compliance::default();
        let namespaces = Namespaces::of(cluster);
        let candidates = expansion::candidates(cluster, &namespaces, &mut compliance.diagnostics);
        let inventory = Inventory::of(cluster, &candidates);
        let template = live_template(cluster, definition, &mut compliance.diagnostics);
        let own = library::find(definition.template, definition.version);
        compliance.template = template.as_ref().map(|template| template.object);
        compliance.basis = own.filter(|_| template.is_none()).map(|own| own.basis);
        let whole = json!({"spec": {"parameters": definition.parameters}});
        let of_cluster = template
            .as_ref()
            .map(|template| template.with_defaults(definition.parameters.clone()));
        let mut bench = template.map(|template| Bench::new(template.code, &inventory, whole));
        let exclusions = gatekeeper::exclusions(cluster);
        let rule = RuleName {
            kind: definition.template.to_owned(),
            name: definition.version.to_owned(),
        };
        for candidate in &candidates {
            if gatekeeper::is_excluded(candidate, &exclusions) {
                continue;
            }
            let Some(early) = is_about(&criteria, candidate) else {
                continue;
            };
            let of_own =
                || own.map(|own| own.verdict(candidate, &candidates, definition.parameters));
            let verdict = match (early, &mut bench) {
                (Some(undecided), _) => undecided,
                (None, Some(bench)) => {
                    let parameters = of_cluster.as_ref().unwrap_or(definition.parameters);
                    let verdict = bench.verdict(candidate, parameters);
                    compliance
                        .differences
                        .extend(difference(candidate.object, &verdict, of_own()));
                    verdict
                }
                (None, None) => of_own().unwrap_or_else(|| Verdict::Undecided(unseen(definition))),
            };
            let actions = std::slice::from_ref(&definition.action);
            compliance
                .judgements
                .push(judgement(&rule, actions, None, candidate, verdict));
        }
        compliance.judgements = gatekeeper::once(compliance.judgements);
        compliance
    }))
}

/// The template of the cluster that was made from the store's: an annotation gives its address,
/// which ends in `/kubernetes/NAME/VERSION/template.yaml`.
fn live_template<'e>(
    cluster: &Cluster<'e>,
    definition: &Definition<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Template<'e>> {
    let ending = format!(
        "/{}/{}/template.yaml",
        definition.template, definition.version
    );
    let object = cluster
        .objects_of("templates.gatekeeper.sh", "ConstraintTemplate")
        .find(|object| {
            let annotations = object.get("metadata.annotations").into_iter();
            annotations
                .flat_map(Value::entries)
                .any(|entry| entry.value.scalar().ends_with(&ending))
        })?;
    Template::read(object, diagnostics)
}

fn unseen(definition: &Definition<'_>) -> Unknown {
    Unknown::because(
        format!(
            "the constraint template `{}` {} is neither in the input nor known here",
            definition.template, definition.version
        ),
        "kubectl get constrainttemplates -o yaml",
    )
}

/// Whether two answers mean different things. What one of them leaves undecided is no difference.
fn difference<'e>(
    object: Object<'e>,
    cluster: &Verdict,
    own: Option<Verdict>,
) -> Option<Difference<'e>> {
    let own = own?;
    let differs = matches!(
        (cluster, &own),
        (Verdict::Complies, Verdict::Violates(_)) | (Verdict::Violates(_), Verdict::Complies)
    );
    differs.then(|| Difference {
        object,
        cluster: cluster.clone(),
        own,
    })
}
