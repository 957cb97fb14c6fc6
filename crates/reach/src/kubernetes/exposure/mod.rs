//! What pods that don't exist yet could reach, and be reached by.
//!
//! Nobody knows the labels of a pod to come, nor those of its namespace. But policies can tell it
//! from others by nothing but their selectors: all labels fall into *classes* that every selector
//! of the cluster's policies selects whole or not at all ([`class`](self::class)). For each
//! namespace that is there, and each class of namespaces that aren't, one pod of each class is
//! put beside the pods of the cluster; what the evaluator says of it holds of every pod of the
//! class, exactly.
//!
//! Pods to come have the service account `default`, a network of their own and an address that
//! isn't known; they join no mesh but that of their namespace. Which ports they name isn't known either: a rule by the name of a port of theirs
//! lets nothing through here.

mod class;

use std::collections::BTreeSet;

use palisade_document::{Kind, Value};
use palisade_estate::kubernetes::{Operator, PolicyDialect, Requirement, Selector};
use palisade_estate::{Cluster, Object, Unknown};

use super::analysis::analyse_with;
use super::workload::Labels;
use super::{Analysis, EndpointId, EndpointKind, EngineKind, Options, Workload};

pub use class::{LabelClass, LabelValue};

use class::{Domains, partition};

/// The kind of the workloads that stand for pods to come.
const TO_COME: &str = "(to come)";
/// The label that the API server gives every namespace, with its name.
const NAME: &str = "kubernetes.io/metadata.name";
/// The most classes of pods, and of namespaces.
const MOST_CLASSES: usize = 1_000;
/// The most pods to come.
const MOST_PODS: usize = 20_000;
/// Labels by which pods join a service mesh: one that does can tell of a mesh for all.
const OF_MESH: [&str; 5] = [
    "istio-injection",
    "istio.io/dataplane-mode",
    "istio.io/rev",
    "security.istio.io/tlsMode",
    "sidecar.istio.io/inject",
];
/// Where Istio names namespaces, itself or in identities.
const NAMING: [&str; 4] = ["namespaces", "notNamespaces", "principals", "notPrincipals"];
/// How deep selectors are looked for.
const DEEPEST: usize = 32;

/// A pod that isn't there yet.
pub(super) struct PodToCome<'e> {
    pub(super) namespace: &'e str,
    /// The labels of the namespace, if it isn't there yet either.
    pub(super) namespace_labels: Option<Labels<'e>>,
    pub(super) labels: Labels<'e>,
    /// What its workload is called, by number.
    pub(super) number: usize,
    /// An object of the cluster, in place of its own.
    pub(super) object: Object<'e>,
}

impl PodToCome<'_> {
    pub(super) const KIND: &'static str = TO_COME;
}

/// Where a pod to come may be.
#[derive(Clone, Debug)]
pub enum Home<'e> {
    /// In a namespace of the cluster.
    Namespace(&'e str),
    /// In a namespace that isn't there yet, with labels of this class.
    New(LabelClass<'e>),
}

/// A cluster with a pod to come of every kind that its policies tell apart.
pub struct Exposure<'e> {
    /// The analysis, of which the pods to come are endpoints.
    pub analysis: Analysis<'e>,
    /// Where they may be.
    pub homes: Vec<Home<'e>>,
    /// The classes of their labels.
    pub classes: Vec<LabelClass<'e>>,
    /// The selectors of pods that tell the classes apart.
    pub selectors: Vec<Selector<'e>>,
    /// The endpoint of each home and class.
    pods: Vec<Vec<EndpointId>>,
}

/// Analyses a cluster together with pods to come; why that can't be done otherwise.
pub fn expose<'e>(cluster: &Cluster<'e>, options: &Options) -> Result<Exposure<'e>, Unknown> {
    let policies: Vec<_> = cluster.objects().filter(is_policy).collect();
    let is_calico = |object: &Object<'_>| PolicyDialect::of(object) == Some(PolicyDialect::Calico);
    if options.engine.kind == EngineKind::Calico && policies.iter().any(is_calico) {
        return Err(Unknown::because(
            "the selectors of Calico's own policies can tell more labels apart than are gone through here",
            "ask about clusters with NetworkPolicy, cluster-scoped or Cilium's policies",
        ));
    }
    let mut found = Found::default();
    for policy in &policies {
        found.selectors(policy.body(), Asks::Pods, 0);
    }
    if found.has_patterns {
        return Err(Unknown::because(
            "an AuthorizationPolicy names namespaces or principals by a pattern",
            "ask about clusters whose policies name them in full",
        ));
    }
    let selectors = found.pods.iter().chain(&found.namespaces);
    if let Some(key) = selectors
        .flat_map(Selector::keys)
        .find(|key| OF_MESH.contains(key))
    {
        return Err(Unknown::because(
            format!("a policy asks for `{key}`, by which pods join a mesh"),
            "ask about clusters whose policies don't",
        ));
    }
    if found.names_services {
        let services = cluster.objects_of("", "Service");
        let selectors = services.filter_map(|service| service.get("spec.selector"));
        let selectors: Vec<_> = selectors.map(Selector::of_labels).collect();
        selectors
            .into_iter()
            .for_each(|selector| found.add(selector, Asks::Pods));
    }
    let too_many = || {
        Unknown::because(
            "the selectors of the policies tell too many kinds of pods apart",
            "fewer namespaces or policies at a time",
        )
    };
    let domains = Domains::of(&found.pods);
    let classes = partition(&found.pods, &domains, MOST_CLASSES).ok_or_else(too_many)?;
    let homes = homes(cluster, &found.namespaces, options).ok_or_else(too_many)?;
    if homes.len() * classes.len() > MOST_PODS {
        return Err(too_many());
    }
    let to_come = to_come(cluster, &homes, &classes);
    let analysis = analyse_with(cluster, options, &to_come);
    let pods = placed(&analysis, homes.len(), classes.len());
    Ok(Exposure {
        analysis,
        homes: homes.into_iter().map(|(home, _)| home).collect(),
        classes,
        selectors: found.pods,
        pods,
    })
}

impl Exposure<'_> {
    /// The pod of a class in a home, by their numbers; nothing where the input holds no object.
    pub fn pod(&self, home: usize, class: usize) -> Option<EndpointId> {
        self.pods.get(home)?.get(class).copied()
    }

    /// Whether an endpoint is pods to come and nobody else.
    pub fn is_to_come(&self, id: EndpointId) -> bool {
        let endpoints = &self.analysis.endpoints;
        match &endpoints.get(id).kind {
            EndpointKind::Pods { workloads, .. } => {
                let mut own = workloads
                    .iter()
                    .map(|&number| &endpoints.workloads()[number]);
                own.all(|workload| self.stands_for_pods_to_come(workload))
            }
            _ => false,
        }
    }

    /// Whether a workload is none of the input's.
    pub fn stands_for_pods_to_come(&self, workload: &Workload<'_>) -> bool {
        workload.kind == TO_COME
    }
}

fn is_policy(object: &Object<'_>) -> bool {
    PolicyDialect::of(object).is_some() || object.group() == "security.istio.io"
}

/// What a selector selects by labels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Pods,
    Namespaces,
}

/// The selectors of policies.
#[derive(Default)]
struct Found<'e> {
    pods: Vec<Selector<'e>>,
    namespaces: Vec<Selector<'e>>,
    /// Whether a policy selects pods by a Service.
    names_services: bool,
    /// Whether a policy names namespaces by a pattern.
    has_patterns: bool,
}

impl<'e> Found<'e> {
    /// Looks for selectors, wherever in an object they stand.
    fn selectors(&mut self, value: Value<'e>, asks: Asks, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match value.kind() {
            Kind::Object => {
                if value.get("matchLabels").is_some() || value.get("matchExpressions").is_some() {
                    let selector = Selector::read(value);
                    selector
                        .into_iter()
                        .for_each(|selector| self.add(selector, asks));
                }
                for entry in value.entries() {
                    let asks = match entry.name() {
                        "namespaceSelector" | "namespaces" => Asks::Namespaces,
                        "podSelector" => Asks::Pods,
                        _ => asks,
                    };
                    self.names_services |= entry.name() == "toServices";
                    if NAMING.contains(&entry.name()) {
                        entry.value.items().for_each(|item| self.name(item));
                    }
                    self.selectors(entry.value, asks, depth + 1);
                }
            }
            Kind::Array => {
                for item in value.items() {
                    self.selectors(item, asks, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// Takes in that Istio names a namespace, itself or in an identity:
    /// `cluster.local/ns/shop/sa/web`.
    fn name(&mut self, item: Value<'e>) {
        if item.kind() != Kind::String {
            return;
        }
        let text = item.scalar();
        let name = text
            .split_once("/ns/")
            .map_or(text, |(_, rest)| rest.split('/').next().unwrap_or_default());
        if text != "*" && name.contains('*') {
            self.has_patterns = true;
        }
        let requirement = Requirement {
            key: NAME,
            operator: Operator::In,
            values: vec![name],
        };
        self.add(
            Selector::default().requiring(&requirement),
            Asks::Namespaces,
        );
    }

    /// Takes a selector in. Of one of Cilium's, what it asks of the namespace goes apart, and the
    /// source of a label isn't part of its key.
    fn add(&mut self, selector: Selector<'e>, asks: Asks) {
        let (mut pods, mut namespaces) = (Selector::default(), Selector::default());
        for requirement in selector.requirements() {
            let mut requirement = requirement.clone();
            if asks == Asks::Namespaces {
                namespaces = namespaces.requiring(&requirement);
                continue;
            }
            requirement.key = bare(requirement.key);
            if let Some(key) = requirement
                .key
                .strip_prefix("io.cilium.k8s.namespace.labels.")
            {
                requirement.key = key;
                namespaces = namespaces.requiring(&requirement);
            } else if requirement.key == "io.kubernetes.pod.namespace" {
                requirement.key = NAME;
                namespaces = namespaces.requiring(&requirement);
            } else if !requirement.key.contains(':') && !requirement.key.starts_with("io.cilium.") {
                pods = pods.requiring(&requirement);
            }
        }
        for (list, selector) in [(&mut self.pods, pods), (&mut self.namespaces, namespaces)] {
            if !selector.is_empty() && !list.contains(&selector) {
                list.push(selector);
            }
        }
    }
}

fn bare(key: &str) -> &str {
    let mut sources = ["k8s:", "any:", "k8s.", "any."].into_iter();
    sources
        .find_map(|source| key.strip_prefix(source))
        .unwrap_or(key)
}

/// Where pods to come may be, each with the name and, if it is new, the labels of its namespace.
type Homes<'e> = Vec<(Home<'e>, (&'e str, Option<Labels<'e>>))>;

fn homes<'e>(
    cluster: &Cluster<'e>,
    selectors: &[Selector<'e>],
    options: &Options,
) -> Option<Homes<'e>> {
    let known: BTreeSet<&str> = super::Endpoints::read(cluster, options, &[])
        .namespaces()
        .iter()
        .map(|namespace| namespace.name)
        .collect();
    let domains = Domains::of(selectors);
    let classes = partition(selectors, &domains, MOST_CLASSES)?.into_iter();
    let new = classes.filter_map(|class| {
        class.limited(NAME, &domains, |value| match value {
            LabelValue::Is(name) => !known.contains(name),
            LabelValue::Absent => false,
            LabelValue::Other => true,
        })
    });
    let mut homes: Homes<'e> = known
        .iter()
        .map(|name| (Home::Namespace(name), (*name, None)))
        .collect();
    for (number, class) in new.enumerate() {
        let labels = class.sample();
        homes.push((Home::New(class), (unheard_of(number), Some(labels))));
    }
    Some(homes)
}

/// A name that no namespace can have, different for each number.
fn unheard_of(number: usize) -> &'static str {
    const NAMES: &str = match str::from_utf8(&[b'+'; MOST_CLASSES]) {
        Ok(names) => names,
        Err(_) => "",
    };
    NAMES.get(..=number).unwrap_or(NAMES)
}

fn to_come<'e>(
    cluster: &Cluster<'e>,
    homes: &Homes<'e>,
    classes: &[LabelClass<'e>],
) -> Vec<PodToCome<'e>> {
    let Some(object) = cluster.objects().next() else {
        return Vec::new();
    };
    let all = homes
        .iter()
        .flat_map(|home| classes.iter().map(move |class| (home, class)));
    all.enumerate()
        .map(|(number, ((_, (namespace, labels)), class))| PodToCome {
            namespace,
            namespace_labels: labels.clone(),
            labels: class.sample(),
            number,
            object,
        })
        .collect()
}

/// The endpoints of the pods to come, by home and class.
fn placed(analysis: &Analysis<'_>, homes: usize, classes: usize) -> Vec<Vec<EndpointId>> {
    let mut ids = vec![None; homes * classes];
    for workload in analysis.endpoints.workloads() {
        let number = workload.name.parse::<usize>().ok();
        let number = number.filter(|_| workload.kind == TO_COME);
        if let Some(place) = number.and_then(|number| ids.get_mut(number)) {
            *place = workload.endpoints.first().copied();
        }
    }
    ids.chunks(classes.max(1))
        .map(|of_home| of_home.iter().copied().collect::<Option<Vec<_>>>())
        .collect::<Option<Vec<_>>>()
        .unwrap_or_default()
}
