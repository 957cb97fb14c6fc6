//! The cases of network-config-analyzer for Calico: sets of policies that allow the same, more,
//! or nothing less than everything.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use palisade_corpus_tests::relation::{Relation, add, analysis, names};
use palisade_corpus_tests::{corpus, disagreements};
use palisade_document::{Notation, Text, Value as Node};
use palisade_packet::{AddressSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::kubernetes::{EndpointKind, EngineKind};
use palisade_sources::{File, Input};
use rayon::prelude::*;
use serde_json::Value;

const PART: &str = "k8s-policy/nca";

/// Questions whose answer is a number of sets that compare so to the first, or to no policy.
const QUERIES: [&str; 3] = ["equivalence", "containment", "vacuity"];

/// A scheme: the objects of a cluster, and sets of policies by name.
struct Scheme {
    folder: PathBuf,
    cluster: Vec<PathBuf>,
    sets: BTreeMap<String, Vec<PathBuf>>,
}

#[test]
fn every_comparison_agrees() {
    let root = corpus(PART);
    let text = fs::read_to_string(root.join("cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut asked = Vec::new();
    for case in &cases {
        let path = case["scheme"].as_str().unwrap_or_default();
        let scheme = Scheme::read(&root.join(path));
        if !path.starts_with("calico") || !scheme.is_in_scope() {
            continue;
        }
        for (number, query) in case["queries"].as_array().into_iter().flatten().enumerate() {
            let kind = query["query"].as_str().unwrap_or_default();
            if QUERIES.contains(&kind) && query["expected"].is_number() {
                let stem = Path::new(path).file_stem().unwrap().to_string_lossy();
                let name = query["name"].as_str().unwrap_or_default();
                asked.push((format!("{stem}/{number}-{name}"), path, query));
            }
        }
    }
    let failures: BTreeMap<_, _> = asked
        .par_iter()
        .filter_map(|(id, path, query)| {
            let difference = Scheme::read(&root.join(path)).check(query)?;
            Some((id.clone(), vec![difference]))
        })
        .collect();
    disagreements("network-config-analyzer", asked.len(), &failures);
}

impl Scheme {
    fn read(path: &Path) -> Self {
        let folder = path.parent().unwrap().to_owned();
        let text = Text::new("scheme", fs::read_to_string(path).unwrap_or_default());
        let (document, _) = palisade_document::parse(text, Notation::Yaml);
        let mut scheme = Self {
            cluster: Vec::new(),
            sets: BTreeMap::new(),
            folder,
        };
        let Some(root) = document.roots().next() else {
            return scheme;
        };
        let paths = |node: Option<Node<'_>>| -> Vec<PathBuf> {
            let node = node.into_iter();
            let texts = node.flat_map(|node| match node.as_str() {
                Some(text) => vec![text.to_owned()],
                None => node.items().map(|item| item.scalar().to_owned()).collect(),
            });
            texts.map(|text| scheme.folder.join(text)).collect()
        };
        let cluster = ["namespaceList", "podList"].map(|key| paths(root.get(key)));
        let configurations = root
            .get("networkConfigList")
            .into_iter()
            .flat_map(Node::items);
        let sets: BTreeMap<_, _> = configurations
            .map(|set| {
                let name = set.get("name").map(Node::scalar).unwrap_or_default();
                (name.to_owned(), paths(set.get("networkPolicyList")))
            })
            .collect();
        (scheme.cluster, scheme.sets) = (cluster.concat(), sets);
        scheme
    }

    /// Some clusters are lists of Calico's workload endpoints, which no manifest holds.
    fn is_in_scope(&self) -> bool {
        let is_pods = |path: &PathBuf| path.ends_with("pods_list.json");
        self.cluster.len() == 2 && self.cluster.iter().any(is_pods)
    }

    /// What a set of policies allows: all of it, or one policy (`set/namespace/policy`).
    fn relation(&self, set: &str) -> Relation {
        let (set, only) = set.split_once('/').map_or((set, None), |(set, policy)| {
            (set, policy.rsplit('/').next())
        });
        let mut files = self.cluster.clone();
        files.extend(self.sets.get(set).into_iter().flatten().cloned());
        let load = |path: &PathBuf| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let text = match only {
                Some(only) if !self.cluster.contains(path) => kept(&text, only),
                _ => text,
            };
            Ok(File {
                path: path.to_string_lossy().into_owned(),
                bytes: text.into_bytes(),
            })
        };
        full_relation(&palisade_sources::read_all(&files, load, false))
    }

    fn check(&self, query: &Value) -> Option<String> {
        let args = query["args"].as_array().into_iter().flatten();
        let args: Vec<_> = args.filter_map(Value::as_str).collect();
        let relations: Vec<_> = args.iter().map(|set| self.relation(set)).collect();
        let first = relations.first()?;
        let count = match query["query"].as_str().unwrap_or_default() {
            "equivalence" => relations.iter().skip(1).filter(|it| *it != first).count(),
            "containment" => relations
                .iter()
                .skip(1)
                .filter(|it| contains(first, it))
                .count(),
            _ => {
                let open = self.relation("");
                relations.iter().filter(|it| **it == open).count()
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

fn contains(all: &Relation, part: &Relation) -> bool {
    part.iter().all(|(pair, connections)| {
        all.get(pair)
            .is_some_and(|more| connections.is_subset(more))
    })
}

/// Of several documents those that aren't policies, and the policy of a name.
fn kept(text: &str, only: &str) -> String {
    let documents = text.split("\n---");
    let is_kept = |document: &&str| {
        let has = |start: &str, end: &str| {
            let lines = document
                .lines()
                .map(|line| line.split(" #").next().unwrap_or(line));
            let mut lines = lines.map(str::trim);
            lines.any(|line| line.strip_prefix(start).map(str::trim) == Some(end))
        };
        let is_policy = has("kind:", "NetworkPolicy") || has("kind:", "GlobalNetworkPolicy");
        !is_policy || has("name:", only)
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

/// Everything that gets through, whatever its protocol.
fn full_relation(input: &Input) -> Relation {
    let mut relation = Relation::new();
    let Some(analysis) = analysis(input, EngineKind::Calico) else {
        return relation;
    };
    for rectangle in analysis.connectivity().rectangles() {
        let mut table = analysis.table();
        let allowed = rectangle.outcome.certainly_allowed(&mut table);
        let traffic = table.get(allowed).intersection(&from_port_one());
        drop(table);
        if traffic.is_empty() {
            continue;
        }
        for source in rectangle.sources.iter() {
            for destination in rectangle.destinations.iter() {
                let outside = [source, destination].into_iter().find_map(|id| {
                    let endpoint = analysis.endpoints.get(id);
                    let is_outside = matches!(endpoint.kind, EndpointKind::Outside);
                    is_outside.then(|| endpoint.addresses.clone())
                });
                let addresses = outside.unwrap_or_else(AddressSet::full);
                for from in names(&analysis, source) {
                    for to in names(&analysis, destination) {
                        if from != to {
                            let more = Product::of(addresses.clone(), traffic.clone());
                            add(&mut relation, (from.clone(), to), &more);
                        }
                    }
                }
            }
        }
    }
    relation
}
