//! Every case of the corpus is read and audited. What comes out is kept as a snapshot, so that a
//! change of the readers or the controls shows what it changes for real inputs.

use std::collections::BTreeMap;
use std::path::Path;

use palisade_controls::{Audit, Outcome};
use palisade_corpus_tests::{audit, cases, corpus, files, read};
use palisade_sources::Input;
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
    let lines: Vec<_> = cases(root)
        .par_iter()
        .map(|(name, folder)| {
            let input = read(folder, &files(folder, "states"));
            format!("{name}\n{}", case(&input, &audit(&input)))
        })
        .collect();
    lines.concat()
}

fn case(input: &Input, audit: &Audit) -> String {
    let mut text = format!(
        "  {} resources, {} objects\n",
        input.estate.resources().len(),
        input.estate.objects().len()
    );
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for left in &input.not_understood {
        *reasons.entry(&left.reason).or_default() += 1;
    }
    text.extend(
        reasons
            .iter()
            .map(|(reason, count)| format!("  left aside {count}: {reason}\n")),
    );
    // Documentation reuses ids: several versions of a resource in one case are its own doing.
    let (versions, others): (Vec<_>, Vec<_>) = input
        .diagnostics
        .iter()
        .partition(|diagnostic| diagnostic.message.contains(" is also at "));
    if !versions.is_empty() {
        text.push_str(&format!(
            "  {} other versions of resources\n",
            versions.len()
        ));
    }
    for diagnostic in others {
        let place = diagnostic
            .position
            .map(|at| format!(":{at}"))
            .unwrap_or_default();
        text.push_str(&format!(
            "  {}{place}: {}\n",
            diagnostic.path, diagnostic.message
        ));
    }
    let mut outcomes: BTreeMap<(&str, Outcome), usize> = BTreeMap::new();
    for finding in &audit.findings {
        *outcomes
            .entry((finding.control.code, finding.outcome))
            .or_default() += 1;
    }
    for outcome in [Outcome::Fail, Outcome::Unknown, Outcome::Pass] {
        let codes: Vec<_> = outcomes
            .iter()
            .filter(|((_, which), _)| *which == outcome)
            .map(|((code, _), count)| {
                if *count > 1 {
                    format!("{code}×{count}")
                } else {
                    (*code).to_owned()
                }
            })
            .collect();
        if !codes.is_empty() {
            text.push_str(&format!("  {}: {}\n", outcome.as_str(), codes.join(" ")));
        }
    }
    text
}
