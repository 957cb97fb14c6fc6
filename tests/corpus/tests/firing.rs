//! Every control fails and passes somewhere: on an example, or on something real.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use palisade_controls::Outcome;
use palisade_corpus_tests::{audit, cases, corpus, files, read};
use rayon::prelude::*;

/// Controls that fail on nothing in the examples and the corpus; their pages alone show it.
const NEVER_FAIL: &[&str] = &[
    "FW009", "FW011", "FW012", "FW013", "FW014", "FW015", "FW017", "FW022", "NP015", "NP027",
    "PC003", "PC008", "PC009", "PC014", "WAF006", "WAF014", "WAF021", "WAF025", "WAF026", "WAF028",
    "GW002", "GW014", "GW015", "GW020", "NW003", "NW007", "NW010", "AP003", "AP007", "AP017",
    "MON019",
];

/// Controls that pass on nothing there: no VPN for people, no Ingress of an Application Gateway and
/// no private endpoint of API Management is as it should be.
const NEVER_PASS: &[&str] = &["PC014", "WAF021", "GW002"];

#[test]
fn every_control_fails_and_passes_somewhere() {
    let outcomes = outcomes();
    let without = |outcome: Outcome| -> Vec<_> {
        palisade_controls::all()
            .map(|control| control.code)
            .filter(|code| !outcomes.contains_key(&(*code, outcome)))
            .collect()
    };
    assert_eq!(without(Outcome::Fail), NEVER_FAIL, "never fail");
    assert_eq!(without(Outcome::Pass), NEVER_PASS, "never pass");
}

/// How often each control gives each answer.
fn outcomes() -> BTreeMap<(&'static str, Outcome), usize> {
    let mut folders: Vec<PathBuf> = ["estates/arm-resources", "estates/k8s"]
        .into_iter()
        .flat_map(|part| cases(&corpus(part)))
        .map(|(_, folder)| folder)
        .collect();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    folders.extend(["weak", "hardened"].map(|name| examples.join(name)));
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
