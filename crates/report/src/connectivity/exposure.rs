//! What pods and namespaces that aren't there yet could reach, and be reached by.

use std::collections::{BTreeMap, BTreeSet};

use palisade_estate::Unknown;
use palisade_estate::kubernetes::{Operator, PolicyType, Requirement, Selector};
use palisade_reach::kubernetes::{
    Connectivity, EndpointId, EndpointKind, Exposure, Home, LabelClass, LabelValue, Outcome,
    TrafficId,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::model::texts;

/// What pods to come of several clusters could reach, and be reached by.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExposureReport {
    /// The version of this format.
    pub version: u32,
    /// The clusters.
    pub clusters: Vec<ClusterExposure>,
}

/// The exposure of one cluster's workloads.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterExposure {
    /// The cluster's name.
    pub cluster: String,
    /// What enforces policies.
    pub engine: String,
    /// Why it isn't known, if it isn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Workloads with the same exposure together.
    pub workloads: Vec<WorkloadExposure>,
}

/// The exposure of some workloads.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadExposure {
    /// The workloads, as `namespace/Kind/name`.
    pub workloads: Vec<String>,
    /// Who could reach them.
    pub ingress: Vec<Exposed>,
    /// Whom they could reach.
    pub egress: Vec<Exposed>,
}

/// Somebody who isn't there yet, or outside, with what gets through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exposed {
    /// The namespaces of pods to come: names of namespaces, `any namespace`, `a new namespace with
    /// team=a`. None for addresses outside.
    pub namespaces: Vec<String>,
    /// Which pods there, or the addresses outside.
    pub who: String,
    /// What gets through for certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// What may get through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<String>,
    /// What that hangs on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
}

/// The label that the API server gives every namespace, with its name.
const NAME: &str = "kubernetes.io/metadata.name";

impl ClusterExposure {
    /// The exposure of a cluster, by its name and engine.
    pub fn new(cluster: &str, engine: &str, exposure: Result<&Exposure<'_>, &Unknown>) -> Self {
        let mut new = Self {
            cluster: cluster.to_owned(),
            engine: engine.to_owned(),
            unknown: None,
            workloads: Vec::new(),
        };
        match exposure {
            Ok(exposure) => new.workloads = workloads(exposure),
            Err(Unknown { cause, supply, .. }) => new.unknown = Some(format!("{cause}; {supply}")),
        }
        new
    }

    /// Keeps the workloads of some namespaces; all if there are none.
    pub fn retain(&mut self, namespaces: &[String]) {
        let is_wanted = |workload: &String| {
            let namespace = workload.split('/').next().unwrap_or_default();
            namespaces.is_empty() || namespaces.iter().any(|wanted| wanted == namespace)
        };
        for exposure in &mut self.workloads {
            exposure.workloads.retain(is_wanted);
        }
        self.workloads
            .retain(|exposure| !exposure.workloads.is_empty());
    }
}

/// Puts workloads with the same exposure together, in the order of the first of each.
fn workloads(exposure: &Exposure<'_>) -> Vec<WorkloadExposure> {
    let analysis = &exposure.analysis;
    let connectivity = analysis.connectivity();
    let reader = Reader {
        exposure,
        connectivity: &connectivity,
    };
    let mut places = BTreeMap::new();
    let mut found: Vec<WorkloadExposure> = Vec::new();
    for id in analysis.endpoints.pods().iter() {
        if exposure.is_to_come(id) {
            continue;
        }
        let rows = (
            reader.rows(PolicyType::Ingress, id),
            reader.rows(PolicyType::Egress, id),
        );
        let next = found.len();
        let place = *places.entry(rows.clone()).or_insert(next);
        if place == next {
            found.push(WorkloadExposure {
                workloads: Vec::new(),
                ingress: rows.0,
                egress: rows.1,
            });
        }
        let known = &mut found[place].workloads;
        let names = names(exposure, id).into_iter();
        known.extend(
            names
                .filter(|name| !known.contains(name))
                .collect::<Vec<_>>(),
        );
    }
    found
}

fn names(exposure: &Exposure<'_>, id: EndpointId) -> Vec<String> {
    let endpoints = &exposure.analysis.endpoints;
    let EndpointKind::Pods { workloads, .. } = &endpoints.get(id).kind else {
        return Vec::new();
    };
    let workloads = workloads
        .iter()
        .map(|&number| &endpoints.workloads()[number]);
    workloads
        .filter(|workload| !exposure.stands_for_pods_to_come(workload))
        .map(|workload| format!("{}/{}/{}", workload.namespace, workload.kind, workload.name))
        .collect()
}

struct Reader<'r, 'a, 'e> {
    exposure: &'r Exposure<'e>,
    connectivity: &'r Connectivity<'a, 'e>,
}

impl<'e> Reader<'_, '_, 'e> {
    /// Whom an endpoint is exposed to in a direction.
    fn rows(&self, direction: PolicyType, id: EndpointId) -> Vec<Exposed> {
        let mut rows = Vec::new();
        for (homes, outcomes) in self.by_home(direction, id) {
            let mut classes: BTreeMap<&Outcome, BTreeSet<usize>> = BTreeMap::new();
            for (class, outcome) in outcomes.iter().enumerate() {
                classes.entry(outcome).or_default().insert(class);
            }
            classes.retain(|outcome, _| outcome.allowed != TrafficId::NONE);
            let namespaces = namespaces(self.exposure, &homes);
            for (outcome, classes) in classes {
                let who = pods(self.exposure, &classes);
                rows.push(self.row(namespaces.clone(), who, outcome));
            }
        }
        rows.extend(self.outside(direction, id));
        rows
    }

    /// Homes whose pods to come are treated alike, with the outcome for each class.
    fn by_home(&self, direction: PolicyType, id: EndpointId) -> Vec<(Vec<usize>, Vec<Outcome>)> {
        let mut alike: BTreeMap<Vec<Outcome>, Vec<usize>> = BTreeMap::new();
        for home in 0..self.exposure.homes.len() {
            let classes = 0..self.exposure.classes.len();
            let pods = classes.filter_map(|class| self.exposure.pod(home, class));
            let outcomes = pods.map(|other| self.between(direction, id, other));
            alike.entry(outcomes.collect()).or_default().push(home);
        }
        let mut alike: Vec<_> = alike.into_iter().collect();
        alike.sort_by(|left, right| left.1.cmp(&right.1));
        alike
            .into_iter()
            .map(|(outcomes, homes)| (homes, outcomes))
            .collect()
    }

    fn between(&self, direction: PolicyType, id: EndpointId, other: EndpointId) -> Outcome {
        match direction {
            PolicyType::Ingress => self.connectivity.between(other, id),
            PolicyType::Egress => self.connectivity.between(id, other),
        }
    }

    /// Addresses outside, those that are treated alike together.
    fn outside(&self, direction: PolicyType, id: EndpointId) -> Vec<Exposed> {
        let endpoints = &self.exposure.analysis.endpoints;
        let mut alike: BTreeMap<Outcome, Vec<_>> = BTreeMap::new();
        for other in endpoints.outside().iter() {
            let outcome = self.between(direction, id, other);
            if outcome.allowed != TrafficId::NONE {
                let addresses = endpoints.get(other).addresses.clone();
                alike.entry(outcome).or_default().push(addresses);
            }
        }
        let rows = alike.into_iter().map(|(outcome, addresses)| {
            let addresses: palisade_packet::AddressSet = addresses.into_iter().collect();
            self.row(Vec::new(), addresses.to_string(), &outcome)
        });
        rows.collect()
    }

    fn row(&self, namespaces: Vec<String>, who: String, outcome: &Outcome) -> Exposed {
        let mut table = self.exposure.analysis.table();
        let (allowed, uncertain, conditions) = texts(outcome, &mut table);
        Exposed {
            namespaces,
            who,
            allowed,
            uncertain,
            conditions,
        }
    }
}

/// What to call some homes with the fewest words.
fn namespaces(exposure: &Exposure<'_>, homes: &[usize]) -> Vec<String> {
    if homes.len() == exposure.homes.len() {
        return vec!["any namespace".to_owned()];
    }
    let of = |home: &usize| &exposure.homes[*home];
    let is_new = |home: &Home<'_>| matches!(home, Home::New(_));
    let count = |new: bool, all: &mut dyn Iterator<Item = &Home<'_>>| {
        all.filter(|home| is_new(home) == new).count()
    };
    let all_of = |new: bool| {
        let own = count(new, &mut homes.iter().map(of));
        own > 1 && own == count(new, &mut exposure.homes.iter())
    };
    let (every, any) = (all_of(false), all_of(true));
    let mut texts = Vec::new();
    if every {
        texts.push("every namespace there is".to_owned());
    }
    if any {
        texts.push("any new namespace".to_owned());
    }
    for home in homes.iter().map(of) {
        match home {
            Home::Namespace(name) if !every => texts.push((*name).to_owned()),
            Home::New(class) if !any => texts.push(new_namespace(class)),
            _ => {}
        }
    }
    texts
}

fn new_namespace(class: &LabelClass<'_>) -> String {
    let names = class.values(NAME);
    let named = names.filter(|names| !names.contains(&LabelValue::Other));
    let names = named.into_iter().flatten().filter_map(|name| match name {
        LabelValue::Is(name) => Some(*name),
        _ => None,
    });
    let names: Vec<_> = names.collect();
    let name = match names.is_empty() {
        true => String::new(),
        false => format!(" called {}", names.join(" or ")),
    };
    let rest = class.without(NAME).to_string();
    match rest.is_empty() {
        true => format!("a new namespace{name}"),
        false => format!("a new namespace{name} with {rest}"),
    }
}

/// What to call pods to come of some classes with the fewest words: all, those that selectors
/// select, all but those, or class by class.
fn pods(exposure: &Exposure<'_>, classes: &BTreeSet<usize>) -> String {
    let all: BTreeSet<usize> = (0..exposure.classes.len()).collect();
    if *classes == all {
        return "any pod".to_owned();
    }
    let selected: Vec<(BTreeSet<usize>, String)> = exposure
        .selectors
        .iter()
        .map(|selector| {
            let own = all.iter().copied();
            let own = own.filter(|class| exposure.classes[*class].is_selected(selector));
            (own.collect(), selector_text(selector))
        })
        .collect();
    if let Some(texts) = cover(&selected, classes) {
        return format!("pods with {}", texts.join(" or with "));
    }
    let others: BTreeSet<usize> = all.difference(classes).copied().collect();
    if let Some(texts) = cover(&selected, &others) {
        return format!("any pod but those with {}", texts.join(" or with "));
    }
    let texts = classes
        .iter()
        .map(|class| exposure.classes[*class].to_string());
    format!("pods with {}", texts.collect::<Vec<_>>().join(" or with "))
}

/// Selectors that together select exactly some classes, the widest first; nothing if none do.
fn cover(selected: &[(BTreeSet<usize>, String)], wanted: &BTreeSet<usize>) -> Option<Vec<String>> {
    let mut fitting: Vec<_> = selected
        .iter()
        .filter(|(own, _)| !own.is_empty() && own.is_subset(wanted))
        .collect();
    fitting.sort_by_key(|(own, _)| std::cmp::Reverse(own.len()));
    let (mut covered, mut texts) = (BTreeSet::new(), Vec::new());
    for (own, text) in fitting {
        if !own.is_subset(&covered) {
            covered.extend(own);
            texts.push(text.clone());
        }
    }
    (covered == *wanted).then_some(texts)
}

fn selector_text(selector: &Selector<'_>) -> String {
    let terms = selector.requirements().iter().map(requirement_text);
    terms.collect::<Vec<_>>().join(", ")
}

fn requirement_text(requirement: &Requirement<'_>) -> String {
    let Requirement { key, values, .. } = requirement;
    let list = values.join(", ");
    match (requirement.operator, values.len()) {
        (Operator::In, 1) => format!("{key}={list}"),
        (Operator::In, _) => format!("{key} in ({list})"),
        (Operator::NotIn, _) => format!("{key} not in ({list})"),
        (Operator::Exists, _) => format!("any {key}"),
        (Operator::DoesNotExist, _) => format!("no {key}"),
    }
}
