//! The questions of network-config-analyzer: sets of policies that allow the same, more, or
//! nothing less than everything; what a change adds and removes; policies and rules that concern
//! nobody or could be left out; whole maps of connections.
//!
//! Two of its questions aren't asked here: `sanity` adds up remarks of its own choice, and
//! `allCaptured` counts replicas that it makes up.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod map;
mod superfluous;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use palisade_corpus_tests::relation::{
    Connections, OUTSIDE, Relation, add, analysis, differences, names,
};
use palisade_corpus_tests::{corpus, disagreements, files};
use palisade_document::{Notation, Text, Value as Node};
use palisade_estate::Object;
use palisade_estate::kubernetes::PolicyType;
use palisade_packet::{AddressSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::kubernetes::{
    Analysis, EndpointId, EndpointKind, EndpointSet, EngineKind, LintKind, Policy,
};
use palisade_sources::{File, Input};
use rayon::prelude::*;
use serde_json::Value;

const PART: &str = "k8s-policy/nca";

/// Questions whose answer is a number.
const QUERIES: [&str; 14] = [
    "equivalence",
    "containment",
    "twoWayContainment",
    "vacuity",
    "interferes",
    "pairwiseInterferes",
    "permits",
    "forbids",
    "disjointness",
    "semanticDiff",
    "strongEquivalence",
    "emptiness",
    "redundancy",
    "connectivityMap",
];

/// A scheme: the objects of a cluster, and sets of policies by name.
struct Scheme {
    folder: PathBuf,
    engine: EngineKind,
    cluster: Vec<PathBuf>,
    sets: BTreeMap<String, Vec<PathBuf>>,
    /// Sets that bring a cluster of their own.
    elsewhere: BTreeSet<String>,
}

/// What a set of policies says.
struct Said {
    /// Everything that gets through.
    all: Relation,
    /// The part of it that policies speak of: where one isolates the source or the destination.
    explicit: Relation,
    /// How many pairs of policies have a pod in common.
    overlaps: usize,
    /// How many policies and rules concern nobody.
    empty: usize,
}

#[test]
fn every_comparison_agrees() {
    let root = corpus(PART);
    let text = fs::read_to_string(root.join("cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut asked = Vec::new();
    for case in &cases {
        let path = case["scheme"].as_str().unwrap_or_default();
        let scheme = Scheme::read(&root, path);
        if !scheme.is_in_scope() {
            continue;
        }
        for (number, query) in case["queries"].as_array().into_iter().flatten().enumerate() {
            if scheme.can_answer(query) {
                let stem = Path::new(path).file_stem().unwrap().to_string_lossy();
                let suite = path.split('_').next().unwrap_or_default();
                let name = query["name"].as_str().unwrap_or_default();
                asked.push((format!("{suite}/{stem}/{number}-{name}"), path, query));
            }
        }
    }
    let failures: BTreeMap<_, _> = asked
        .par_iter()
        .filter_map(|(id, path, query)| {
            let difference = Scheme::read(&root, path).check(query)?;
            Some((id.clone(), vec![difference]))
        })
        .collect();
    assert!(asked.len() >= 317, "only {} are asked", asked.len());
    disagreements("network-config-analyzer", asked.len(), &failures);
}

impl Scheme {
    fn read(root: &Path, path: &str) -> Self {
        let engine = match path.split('_').next() {
            Some("calico") => EngineKind::Calico,
            Some("istio") => EngineKind::None,
            _ => EngineKind::Conformant,
        };
        let file = root.join(path);
        let text = Text::new("scheme", fs::read_to_string(&file).unwrap_or_default());
        let (document, _) = palisade_document::parse(text, Notation::Yaml);
        let mut scheme = Self {
            folder: file.parent().unwrap().to_owned(),
            engine,
            cluster: Vec::new(),
            sets: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
        };
        let Some(root) = document.roots().next() else {
            return scheme;
        };
        let topology = ["namespaceList", "podList", "resourceList"];
        scheme.cluster = scheme.paths(root, &topology);
        let configurations = root.get("networkConfigList");
        for set in configurations.into_iter().flat_map(Node::items) {
            let name = set.get("name").map(Node::scalar).unwrap_or_default();
            if topology.iter().any(|key| set.get(key).is_some()) {
                scheme.elsewhere.insert(name.to_owned());
            }
            let paths = scheme.paths(set, &["networkPolicyList"]);
            scheme.sets.insert(name.to_owned(), paths);
        }
        scheme
    }

    /// The files that a node names under some keys: one or a list of files or folders.
    fn paths(&self, node: Node<'_>, keys: &[&str]) -> Vec<PathBuf> {
        let named = keys.iter().filter_map(|key| node.get(key));
        let texts = named.flat_map(|node| match node.as_str() {
            Some(text) => vec![text.to_owned()],
            None => node.items().map(|item| item.scalar().to_owned()).collect(),
        });
        let texts = texts.filter(|text| !text.is_empty());
        let mut all = BTreeSet::new();
        for path in texts.map(|text| self.folder.join(text)) {
            match path.is_dir() {
                true => all.extend(files(&path, "")),
                false => {
                    all.insert(path);
                }
            }
        }
        all.into_iter().collect()
    }

    /// Some clusters are lists of Calico's workload endpoints, which no manifest holds, or don't
    /// say of what they are.
    fn is_in_scope(&self) -> bool {
        let holds = |path: &PathBuf| {
            let text = fs::read_to_string(path).unwrap_or_default();
            ["\"Pod\"", "PodList", "kind: Pod", "kind: Deployment"]
                .iter()
                .any(|word| text.contains(word))
                && !text.contains("WorkloadEndpoint")
        };
        self.cluster.iter().any(holds)
    }

    fn can_answer(&self, query: &Value) -> bool {
        let kind = query["query"].as_str().unwrap_or_default();
        let args = query["args"].as_array().into_iter().flatten();
        let mut sets = args.filter_map(Value::as_str).map(set_of);
        // An Ingress counts as a policy there.
        let is_about_rules = ["emptiness", "redundancy"].contains(&kind);
        let mut sources = sets.clone().flat_map(|set| self.sets.get(set)).flatten();
        let has_ingress = sources.any(|path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            text.contains("kind: Ingress")
        });
        QUERIES.contains(&kind)
            && !(is_about_rules && has_ingress)
            && (query["expected"].is_number() || kind == "connectivityMap")
            && (kind != "connectivityMap" || self.expected_map(query).is_some())
            && query["expectedNotExecuted"].is_null()
            && sets.all(|set| self.sets.contains_key(set) && !self.elsewhere.contains(set))
    }

    /// The lines of the map that is expected of one set of policies, if they are about packets and
    /// not about HTTP or what an Istio `Sidecar` lets out.
    fn expected_map(&self, query: &Value) -> Option<Vec<String>> {
        let is_of_one = query["args"].as_array()?.len() == 1;
        let file = corpus(PART).join(query["expectedOutput"].as_str()?);
        let text = fs::read_to_string(file).ok()?;
        let is_graph = text.starts_with("//") || text.contains("digraph");
        let is_about_http = ["hosts:", "paths:", "{dst_ports:", "For connections of type"]
            .iter()
            .any(|word| text.contains(word));
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("final fw rules"));
        let lines = lines.map(str::to_owned).collect();
        (is_of_one && !is_graph && !is_about_http).then_some(lines)
    }

    /// How the map of a set of policies differs from the expected one.
    fn check_map(&self, set: &str, expected: &[String]) -> Option<String> {
        let input = self.input(set);
        let analysis = analysis(&input, self.engine)?;
        let found = map::of_v4(Said::of(&analysis).all);
        let lines = expected.iter().map(String::as_str);
        let lines = match map::read(lines, &analysis) {
            Ok(expected) => differences(&map::of_v4(expected), &found),
            Err(unread) => vec![unread],
        };
        (!lines.is_empty()).then(|| lines.join("\n  "))
    }

    fn input(&self, set: &str) -> Input {
        let mut files = self.cluster.clone();
        files.extend(self.sets.get(set_of(set)).into_iter().flatten().cloned());
        let only = set.split_once('/').map(|(_, policy)| policy);
        let load = |path: &PathBuf| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let text = match only {
                Some(only) if !self.cluster.contains(path) => kept(&text, only),
                _ => text,
            };
            Ok(File {
                path: path.to_string_lossy().into_owned(),
                bytes: self.as_it_reads(&text).into_bytes(),
            })
        };
        palisade_sources::read_all(&files, load, false)
    }

    /// Connections are compared pod by pod, so that each has to stand for itself. No pod is one
    /// of its node there, and every pod is part of the mesh.
    fn as_it_reads(&self, text: &str) -> String {
        let text = text
            .replace("ownerReferences", "formerOwners")
            .replace("\"hostNetwork\": true", "\"hostNetwork\": false")
            .replace("hostNetwork: true", "hostNetwork: false");
        match self.engine {
            EngineKind::None => text.replace(
                "\"labels\": {",
                "\"labels\": {\"istio-injection\": \"enabled\", ",
            ),
            _ => text,
        }
    }

    /// What a set of policies says: all of it, or one policy (`set/namespace/policy`).
    fn said(&self, set: &str) -> Said {
        let input = self.input(set);
        let analysis = analysis(&input, self.engine).unwrap_or_else(|| panic!("{set}: no cluster"));
        Said::of(&analysis)
    }

    /// Whether both hold policies of the same names, each of which says the same.
    fn is_alike(&self, one: &str, other: &str) -> bool {
        let (ours, theirs) = (self.policy_names(one), self.policy_names(other));
        let alone = |set: &str, policy| self.said(&format!("{}/{policy}", set_of(set))).all;
        ours == theirs
            && ours
                .iter()
                .all(|policy| alone(one, policy) == alone(other, policy))
    }

    fn policy_names(&self, set: &str) -> BTreeSet<String> {
        let input = self.input(set);
        let analysis = analysis(&input, self.engine);
        let names = analysis
            .iter()
            .flat_map(all_policies)
            .map(|policy| name(&policy.object));
        names.collect()
    }

    fn redundant(&self, set: &str) -> usize {
        let input = self.input(set);
        let analysis = analysis(&input, self.engine);
        analysis.map_or(0, superfluous::count)
    }

    fn check(&self, query: &Value) -> Option<String> {
        let args = query["args"].as_array().into_iter().flatten();
        let args: Vec<_> = args.filter_map(Value::as_str).collect();
        if query["query"] == "connectivityMap" {
            return self.check_map(args.first()?, &self.expected_map(query)?);
        }
        let said: Vec<_> = args.iter().map(|set| self.said(set)).collect();
        let first = said.first()?;
        let others = || said.iter().skip(1);
        let pairs = || {
            let numbered = said.iter().enumerate();
            numbered.flat_map(|(place, left)| said[place + 1..].iter().map(move |it| (left, it)))
        };
        let extends = |left: &Said, right: &Said| !contains(&right.explicit, &left.explicit);
        let count = match query["query"].as_str().unwrap_or_default() {
            "equivalence" => pairs()
                .filter(|(left, right)| left.all != right.all)
                .count(),
            "containment" => others().filter(|it| contains(&first.all, &it.all)).count(),
            "twoWayContainment" => pairs()
                .map(|(left, right)| {
                    usize::from(contains(&left.all, &right.all))
                        + 2 * usize::from(contains(&right.all, &left.all))
                })
                .sum(),
            "interferes" => others().filter(|it| extends(it, first)).count(),
            "pairwiseInterferes" => pairs()
                .map(|(left, right)| {
                    usize::from(extends(left, right)) + usize::from(extends(right, left))
                })
                .sum(),
            "permits" => others()
                .filter(|it| !contains(&first.all, &it.explicit))
                .count(),
            "forbids" => others()
                .filter(|it| meets(&first.all, &it.explicit))
                .count(),
            "disjointness" => said.iter().map(|it| it.overlaps).sum(),
            "semanticDiff" => pairs()
                .map(|(left, right)| changes(&left.all, &right.all))
                .sum(),
            "strongEquivalence" => {
                let (first, others) = args.split_first()?;
                let unlike = others.iter().filter(|set| !self.is_alike(first, set));
                unlike.count()
            }
            "emptiness" => said.iter().map(|it| it.empty).sum(),
            "redundancy" => args.iter().map(|set| self.redundant(set)).sum(),
            _ => {
                let open = self.said("");
                said.iter().filter(|it| it.all == open.all).count()
            }
        };
        let expected = query["expected"].as_u64().unwrap_or_default();
        (count as u64 != expected).then(|| {
            format!(
                "{} of {args:?}: {count}, expected {expected}",
                query["query"]
            )
        })
    }
}

/// How many kinds of connections differ: between pods or with the outside, added or removed.
fn changes(before: &Relation, after: &Relation) -> usize {
    let none = Connections::empty();
    let mut kinds = BTreeSet::new();
    for key in before.keys().chain(after.keys()) {
        let of = |relation: &Relation| relation.get(key).unwrap_or(&none).clone();
        let is_outside = key.0 == OUTSIDE || key.1 == OUTSIDE;
        if !of(after).is_subset(&of(before)) {
            kinds.insert((is_outside, "added"));
        }
        if !of(before).is_subset(&of(after)) {
            kinds.insert((is_outside, "removed"));
        }
    }
    kinds.len()
}

fn set_of(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

fn contains(all: &Relation, part: &Relation) -> bool {
    part.iter().all(|(pair, connections)| {
        all.get(pair)
            .is_some_and(|more| connections.is_subset(more))
    })
}

fn meets(left: &Relation, right: &Relation) -> bool {
    right.iter().any(|(pair, connections)| {
        left.get(pair)
            .is_some_and(|own| !connections.is_disjoint(own))
    })
}

/// Of several documents those that aren't policies, and the policy of a name.
fn kept(text: &str, only: &str) -> String {
    let (rest, name) = only.rsplit_once('/').unwrap_or(("", only));
    let namespace = rest.rsplit('/').next().unwrap_or_default();
    let documents = text.split("\n---");
    let is_kept = |document: &&str| {
        let has = |start: &str, end: &str| {
            let lines = document
                .lines()
                .map(|line| line.split(" #").next().unwrap_or(line));
            let mut lines = lines.map(str::trim);
            lines.any(|line| line.strip_prefix(start).map(str::trim) == Some(end))
        };
        let is_policy = [
            "NetworkPolicy",
            "GlobalNetworkPolicy",
            "AuthorizationPolicy",
        ]
        .iter()
        .any(|kind| has("kind:", kind));
        let is_there = namespace.is_empty()
            || namespace == "default"
            || !document.contains("namespace:")
            || has("namespace:", namespace);
        let is_of_kind = match rest.split('/').next() {
            Some("K8sNetworkPolicy") => !document.contains("projectcalico"),
            Some("CalicoNetworkPolicy") => document.contains("projectcalico"),
            _ => true,
        };
        !is_policy || (has("name:", name) && is_there && is_of_kind)
    };
    documents.filter(is_kept).collect::<Vec<_>>().join("\n---")
}

/// All traffic but that from or to port 0, which doesn't count there.
fn from_port_one() -> Traffic {
    let ports = || PortSet::range(1, u16::MAX);
    let all = Transport::ALL.map(|transport| Traffic::ports(transport, ports(), ports()));
    let others = Traffic::full().difference(&Traffic::all_ports());
    all.iter().fold(others, |all, next| all.union(next))
}

impl Said {
    fn of(analysis: &Analysis<'_>) -> Self {
        let isolated = |direction, id| {
            policies(analysis, direction).any(|policy| policy.isolates && policy.selects(id))
        };
        let (mut all, mut explicit) = (Relation::new(), Relation::new());
        for rectangle in analysis.connectivity().rectangles() {
            let mut table = analysis.table();
            let allowed = rectangle.outcome.certainly_allowed(&mut table);
            let traffic = table.get(allowed).intersection(&from_port_one());
            drop(table);
            if traffic.is_empty() {
                continue;
            }
            for source in rectangle.sources.iter() {
                let is_isolated = isolated(PolicyType::Egress, source);
                for destination in rectangle.destinations.iter() {
                    let connections =
                        Product::of(addresses(analysis, source, destination), traffic.clone());
                    for pair in pairs(analysis, source, destination) {
                        if is_isolated || isolated(PolicyType::Ingress, destination) {
                            add(&mut explicit, pair.clone(), &connections);
                        }
                        add(&mut all, pair, &connections);
                    }
                }
            }
        }
        Self {
            all,
            explicit,
            overlaps: overlaps(analysis),
            empty: empty(analysis),
        }
    }
}

fn policies<'a, 'e>(
    analysis: &'a Analysis<'e>,
    direction: PolicyType,
) -> impl Iterator<Item = &'a Policy<'e>> {
    let stages = analysis.program.layers(direction).iter();
    stages
        .flat_map(|layer| &layer.stages)
        .flat_map(|stage| &stage.policies)
}

fn all_policies<'a, 'e>(analysis: &'a Analysis<'e>) -> impl Iterator<Item = &'a Policy<'e>> {
    let directions = [PolicyType::Ingress, PolicyType::Egress].into_iter();
    directions.flat_map(|direction| policies(analysis, direction))
}

fn name(object: &Object<'_>) -> String {
    let name = object.name();
    match object.namespace() {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    }
}

fn overlaps(analysis: &Analysis<'_>) -> usize {
    let mut subjects: BTreeMap<_, EndpointSet> = BTreeMap::new();
    for policy in all_policies(analysis) {
        let all = subjects.entry(name(&policy.object)).or_default();
        all.extend(&policy.subjects);
    }
    let all: Vec<_> = subjects.into_values().collect();
    let pairs = all.iter().enumerate();
    pairs
        .flat_map(|(place, left)| all[place + 1..].iter().map(move |right| (left, right)))
        .filter(|(left, right)| !left.is_disjoint(right))
        .count()
}

/// As the lints find them.
fn empty(analysis: &Analysis<'_>) -> usize {
    let kinds = [LintKind::SelectsNothing, LintKind::RuleMatchesNothing];
    let lints = analysis.lint().into_iter();
    lints.filter(|lint| kinds.contains(&lint.kind)).count()
}

/// The addresses of the end that is outside; all where both are in the cluster.
fn addresses(analysis: &Analysis<'_>, source: EndpointId, destination: EndpointId) -> AddressSet {
    let outside = [source, destination].into_iter().find_map(|id| {
        let endpoint = analysis.endpoints.get(id);
        matches!(endpoint.kind, EndpointKind::Outside).then(|| endpoint.addresses.clone())
    });
    outside.unwrap_or_else(AddressSet::full)
}

/// The pairs of pods that two endpoints stand for; a pod with itself is none.
fn pairs(
    analysis: &Analysis<'_>,
    source: EndpointId,
    destination: EndpointId,
) -> Vec<(String, String)> {
    let (sources, destinations) = (names(analysis, source), names(analysis, destination));
    let all = sources.iter().flat_map(|from| {
        let others = destinations.iter().filter(move |to| *to != from);
        others.map(move |to| (from.clone(), to.clone()))
    });
    all.collect()
}
