//! Objects that others make: the pods of workloads, and what ExpansionTemplates
//! (`expansion.gatekeeper.sh`) say.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use palisade_document::{Diagnostic, Value};
use palisade_estate::kubernetes::pod_templates;
use palisade_estate::{Cluster, Object};

use crate::candidate::{Candidate, Labels, NAME_LABEL, Source};
use crate::template::defect;

/// The labels of the cluster's namespaces by name.
pub(crate) struct Namespaces(HashMap<String, Arc<Labels>>);

impl Namespaces {
    pub(crate) fn of(cluster: &Cluster<'_>) -> Self {
        let namespaces = cluster.objects_of("", "Namespace").map(|namespace| {
            let name = namespace.name();
            let labels = namespace.get("metadata.labels").into_iter();
            let mut labels: Labels = labels
                .flat_map(Value::entries)
                .map(|entry| (entry.name().to_owned(), entry.value.scalar().to_owned()))
                .collect();
            labels.insert(NAME_LABEL.to_owned(), name.clone());
            (name, Arc::new(labels))
        });
        Self(namespaces.collect())
    }

    pub(crate) fn labels(&self, namespace: Option<&str>) -> Option<Arc<Labels>> {
        self.0.get(namespace?).cloned()
    }
}

/// Everything of a cluster that is judged: its objects, the pods that its workloads make (where
/// the input doesn't hold them), and what Gatekeeper expands.
pub(crate) fn candidates<'e>(
    cluster: &Cluster<'e>,
    namespaces: &Namespaces,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Candidate<'e>> {
    let labels = |object: &Object<'e>| namespaces.labels(object.namespace());
    let mut found: Vec<_> = cluster
        .objects()
        .filter_map(
            |object| match object.is("admission.k8s.io", "AdmissionReview") {
                true => Candidate::requested(object, |namespace| namespaces.labels(namespace)),
                false => Some(Candidate::of(object, labels(&object))),
            },
        )
        .collect();
    let owners = owners(cluster);
    for template in pod_templates(cluster) {
        let owner = template.owner;
        let Some(root) = template_root(&owner) else {
            continue;
        };
        // The pods themselves are in the input and are judged as they are.
        if !owners.contains(&key(&owner)) {
            let labels = labels(&owner);
            let pod = ("", "v1", "Pod");
            found.push(Candidate::made_by(
                owner,
                root,
                pod,
                Source::Original,
                labels,
            ));
        }
    }
    for expansion in cluster.objects_of("expansion.gatekeeper.sh", "ExpansionTemplate") {
        match Expansion::read(expansion) {
            Some(expansion) => {
                let made = cluster
                    .objects()
                    .filter(|object| expansion.applies_to(object));
                let made = made.filter_map(|object| expansion.made_of(object, labels(&object)));
                found.extend(made);
            }
            None => diagnostics.push(defect(
                expansion.anchor(),
                "the expansion template has no `templateSource` or no `generatedGVK`",
                "give both; Gatekeeper refuses it",
            )),
        }
    }
    found
}

fn key<'e>(object: &Object<'e>) -> (&'e str, Option<&'e str>, String) {
    (object.kind(), object.namespace(), object.name())
}

/// The workloads whose pods are in the input: those that own a pod, and those that own such a one.
fn owners<'e>(cluster: &Cluster<'e>) -> HashSet<(&'e str, Option<&'e str>, String)> {
    let owners_of = |object: Object<'e>| {
        let references = object.get("metadata.ownerReferences");
        references
            .into_iter()
            .flat_map(Value::items)
            .filter_map(move |owner| {
                let kind = owner.get("kind")?.scalar();
                let name = owner.get("name")?.scalar().to_owned();
                Some((kind, object.namespace(), name))
            })
    };
    let mut found: HashSet<_> = cluster.objects_of("", "Pod").flat_map(owners_of).collect();
    for (group, kind) in [("apps", "ReplicaSet"), ("batch", "Job")] {
        let middle = cluster.objects_of(group, kind);
        let above: Vec<_> = middle
            .filter(|object| found.contains(&key(object)))
            .flat_map(owners_of)
            .collect();
        found.extend(above);
    }
    found
}

/// Where a workload keeps its pods' template; nothing for a pod, which makes none.
fn template_root<'e>(owner: &Object<'e>) -> Option<Value<'e>> {
    match owner.kind() {
        "Pod" => None,
        "CronJob" => owner.get("spec.jobTemplate.spec.template"),
        _ => owner.get("spec.template"),
    }
}

/// An ExpansionTemplate.
struct Expansion<'e> {
    object: Object<'e>,
    source: &'e str,
    made: (&'e str, &'e str, &'e str),
}

impl<'e> Expansion<'e> {
    fn read(object: Object<'e>) -> Option<Self> {
        let text = |path| object.get(path).map_or("", Value::scalar);
        let made = (
            text("spec.generatedGVK.group"),
            text("spec.generatedGVK.version"),
            text("spec.generatedGVK.kind"),
        );
        let source = text("spec.templateSource");
        (!source.is_empty() && !made.2.is_empty()).then_some(Self {
            object,
            source,
            made,
        })
    }

    /// `spec.applyTo`: groups, versions and kinds; `*` fits all.
    fn applies_to(&self, object: &Object<'e>) -> bool {
        let (group, version) = (object.group(), version(object));
        let rules = self
            .object
            .get("spec.applyTo")
            .into_iter()
            .flat_map(Value::items);
        rules.into_iter().any(|rule| {
            let fits = |key, wanted: &str| {
                let names = rule.get(key).into_iter().flat_map(Value::items);
                names
                    .map(Value::scalar)
                    .any(|name| name == wanted || name == "*")
            };
            fits("groups", group) && fits("versions", version) && fits("kinds", object.kind())
        })
    }

    fn made_of(&self, object: Object<'e>, labels: Option<Arc<Labels>>) -> Option<Candidate<'e>> {
        let root = object.get(self.source)?;
        let mut made = Candidate::made_by(object, root, self.made, Source::Generated, labels);
        let enforcement = self.object.get("spec.enforcementAction");
        made.enforcement = enforcement.map(|action| action.scalar().to_owned());
        Some(made)
    }
}

fn version<'e>(object: &Object<'e>) -> &'e str {
    let api_version = object.api_version();
    api_version
        .rsplit_once('/')
        .map_or(api_version, |(_, version)| version)
}
