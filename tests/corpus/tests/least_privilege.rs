//! Least policies for the manifests of the corpus: they parse, and the proof holds wherever no
//! policy of the whole cluster interferes.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use palisade_corpus_tests::{cases, corpus, files};
use palisade_estate::Cluster;
use palisade_reach::kubernetes::{Engine, EngineKind, Options, analyse};
use palisade_reach::least_privilege::{Dialect, LeastPrivilege, Refuted, Wanted, replaced};
use palisade_sources::{File, Input};
use rayon::prelude::*;

const GENERATED: &str = "palisade-generated.yaml";

const WAYS: [(EngineKind, Dialect); 6] = [
    (EngineKind::Conformant, Dialect::Kubernetes),
    (EngineKind::AzureNpm, Dialect::Kubernetes),
    (EngineKind::Calico, Dialect::Kubernetes),
    (EngineKind::Cilium, Dialect::Kubernetes),
    (EngineKind::Calico, Dialect::Calico),
    (EngineKind::Cilium, Dialect::Cilium),
];

fn read(places: &[PathBuf], generated: Option<&str>) -> Input {
    let places: Vec<_> = places
        .iter()
        .map(Some)
        .chain(generated.map(|_| None))
        .collect();
    let load = |place: &Option<&PathBuf>| {
        Ok(match place {
            Some(path) => File {
                path: path.to_string_lossy().into_owned(),
                bytes: fs::read(path).unwrap_or_default(),
            },
            None => File {
                path: GENERATED.to_owned(),
                bytes: generated.unwrap_or_default().as_bytes().to_vec(),
            },
        })
    };
    palisade_sources::read_all(&places, load, false)
}

/// What came of one set of manifests.
#[derive(Default)]
struct Tally {
    clusters: usize,
    flows: usize,
    pairs: usize,
    /// Refuted because of policies that stay in force.
    interfered: BTreeSet<String>,
    /// What must not be.
    wrong: Vec<String>,
}

impl Tally {
    fn add(mut self, other: Self) -> Self {
        self.clusters += other.clusters;
        self.flows += other.flows;
        self.pairs += other.pairs;
        self.interfered.extend(other.interfered);
        self.wrong.extend(other.wrong);
        self
    }
}

/// Generates in every dialect for every cluster of some files.
fn tally(name: &str, places: &[PathBuf]) -> Tally {
    let mut tally = Tally::default();
    let input = read(places, None);
    if input.estate.clusters().len() != 1 {
        return tally;
    }
    let cluster = input.estate.clusters().next().unwrap();
    for (kind, dialect) in WAYS {
        let options = Options::new(Engine::new(kind));
        let wanted = Wanted {
            dialect,
            namespaces: Vec::new(),
        };
        let analysis = analyse(&cluster, &options);
        let least = LeastPrivilege::of(&cluster, &analysis, &wanted);
        if least.namespaces().is_empty() {
            continue;
        }
        tally.clusters += 1;
        tally.flows += least.flows().len();
        let policies = least.policies(|origin| {
            let (text, span) = input.estate.used_at(origin);
            format!(
                "{}:{}",
                text.path(),
                text.position(span.start as usize).line
            )
        });
        let text: String = policies.into_iter().map(|one| one.text).collect();
        let again = read(places, Some(&text));
        let cluster = again.estate.clusters().next().unwrap();
        prove(
            &format!("{name} {kind:?} {dialect:?}"),
            &again,
            &cluster,
            (options, wanted),
            &mut tally,
        );
    }
    tally
}

fn prove(
    name: &str,
    input: &Input,
    cluster: &Cluster<'_>,
    (mut options, wanted): (Options, Wanted),
    tally: &mut Tally,
) {
    let is_generated = |path: &str| path == GENERATED;
    let all = analyse(cluster, &options);
    let namespaces = LeastPrivilege::of(cluster, &all, &wanted).namespaces();
    let old = replaced(cluster, &namespaces).into_iter();
    let old = old.filter(|policy| !is_generated(policy.anchor().document().text().path()));
    options.without = old.map(|policy| policy.anchor().origin()).collect();
    let analysis = analyse(cluster, &options);
    let diagnostics = input.diagnostics.iter().chain(&analysis.diagnostics);
    for diagnostic in diagnostics.filter(|it| is_generated(&it.path)) {
        tally.wrong.push(format!("{name}: {diagnostic:?}"));
    }
    let proof = LeastPrivilege::of(cluster, &analysis, &wanted).prove();
    tally.pairs += proof.pairs;
    for example in &proof.counterexamples {
        let mut policies = example.policies.iter();
        let is_kept = policies.any(|it| !is_generated(it.anchor().document().text().path()));
        match is_kept {
            true => _ = tally.interfered.insert(name.to_owned()),
            false => {
                let what = match example.refuted {
                    Refuted::Denied => "denied",
                    Refuted::More => "more",
                };
                tally
                    .wrong
                    .push(format!("{name}: {what} {}", example.traffic));
            }
        }
    }
}

fn of_folders(folder: &Path) -> Tally {
    let folders = cases(folder);
    let tallies = folders
        .par_iter()
        .map(|(name, path)| tally(name, &files(path, "")));
    tallies.reduce(Tally::default, Tally::add)
}

#[test]
fn generated_policies_are_proved_least() {
    let policies = of_folders(&corpus("k8s-policy/netpol-analyzer/inputs"));
    let manifests = of_folders(&corpus("estates/k8s"));
    let all = policies.add(manifests);
    assert!(
        all.wrong.is_empty(),
        "{} wrong: {:#?}",
        all.wrong.len(),
        &all.wrong[..all.wrong.len().min(20)]
    );
    insta::assert_snapshot!(format!(
        "{} clusters and dialects, {} flows, {} pairs\npolicies of the cluster interfere:\n{}",
        all.clusters,
        all.flows,
        all.pairs,
        all.interfered.into_iter().collect::<Vec<_>>().join("\n")
    ));
}
