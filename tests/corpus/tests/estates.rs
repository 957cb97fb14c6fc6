//! Every case of the corpus is read and audited. What comes out is kept as a snapshot, so that a
//! change of the readers or the controls shows what it changes for real inputs.

use std::path::Path;

use palisade_corpus_tests::outcomes::outcomes;
use palisade_corpus_tests::{audit, cases, corpus, files, read};
use rayon::prelude::*;

#[test]
fn azure_resources() {
    insta::assert_snapshot!(
        "azure_resources",
        overview(&corpus("estates/arm-resources"))
    );
}

#[test]
fn kubernetes_manifests() {
    insta::assert_snapshot!("kubernetes_manifests", overview(&corpus("estates/k8s")));
}

/// Earlier bodies of a resource are cases of their own.
#[test]
fn earlier_states_of_resources() {
    let root = corpus("estates/arm-resources");
    let states: Vec<_> = cases(&root)
        .into_iter()
        .flat_map(|(_, folder)| files(&folder.join("states"), ""))
        .collect();
    assert!(states.len() > 900, "{} states", states.len());
    states.par_iter().for_each(|state| {
        let input = read(&root, std::slice::from_ref(state));
        assert_eq!(input.diagnostics, [], "{}", state.display());
        assert_eq!(input.not_understood, [], "{}", state.display());
        audit(&input);
    });
}

/// The whole corpus as one estate: thousands of resources of hundreds of subscriptions.
#[test]
fn everything_at_once() {
    let root = corpus("estates");
    let all: Vec<_> = ["arm-resources", "k8s"]
        .iter()
        .flat_map(|part| files(&root.join(part), "states"))
        .collect();
    let input = read(&root, &all);
    assert!(input.estate.resources().len() > 1_500);
    assert!(!audit(&input).findings.is_empty());
}

fn overview(root: &Path) -> String {
    outcomes(root, |folder| files(folder, "states"))
}
