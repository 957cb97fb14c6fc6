//! Every control fails and passes somewhere: on an example, or on something real.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use palisade_controls::Outcome;
use palisade_corpus_tests::{audit, cases, corpus, files, read};
use rayon::prelude::*;

#[test]
fn every_control_fails_and_passes_somewhere() {
    let outcomes = outcomes();
    let without = |outcome: Outcome| -> Vec<_> {
        palisade_controls::all()
            .map(|control| control.code)
            .filter(|code| !outcomes.contains_key(&(*code, outcome)))
            .collect()
    };
    assert!(
        without(Outcome::Fail).is_empty(),
        "never fail: {:?}",
        without(Outcome::Fail)
    );
    assert!(
        without(Outcome::Pass).is_empty(),
        "never pass: {:?}",
        without(Outcome::Pass)
    );
}

/// How often each control gives each answer.
fn outcomes() -> BTreeMap<(&'static str, Outcome), usize> {
    let mut folders: Vec<PathBuf> = ["estates/arm-resources", "estates/k8s"]
        .into_iter()
        .flat_map(|part| cases(&corpus(part)))
        .map(|(_, folder)| folder)
        .collect();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    folders.extend(["weak", "halfway", "hardened"].map(|name| examples.join(name)));
    let found: Vec<_> = folders
        .par_iter()
        .flat_map_iter(|folder| {
            let input = read(folder, &files(folder, "states"));
            let answers = audit(&input).findings;
            answers
                .into_iter()
                .map(|finding| (finding.control.code, finding.outcome))
                .collect::<Vec<_>>()
        })
        .collect();
    let mut outcomes = BTreeMap::new();
    for key in found {
        *outcomes.entry(key).or_default() += 1;
    }
    outcomes
}
