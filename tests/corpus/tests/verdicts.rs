//! Verdicts on real inputs, each checked by reading the input itself. Each line of a file in
//! `verdicts/` is `CODE outcome part/case subject | what the input says`; lines that start with
//! `#` are remarks.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use palisade_controls::Outcome;
use palisade_corpus_tests::{audit, corpus, files, read};
use rayon::prelude::*;

struct Verdict {
    code: String,
    outcome: String,
    case: String,
    subject: String,
}

#[test]
fn verdicts_agree_with_what_the_inputs_say() {
    let verdicts = verdicts();
    let controls: BTreeSet<_> = verdicts.iter().map(|verdict| &verdict.code).collect();
    assert!(
        controls.len() >= 15,
        "only {} controls have a checked case",
        controls.len()
    );
    let mut by_case: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for verdict in &verdicts {
        by_case.entry(&verdict.case).or_default().push(verdict);
    }
    let wrong: Vec<_> = by_case
        .par_iter()
        .flat_map_iter(|(case, verdicts)| differences(case, verdicts))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn verdicts() -> Vec<Verdict> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("verdicts");
    let texts = fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|file| fs::read_to_string(file.path()).unwrap());
    let text: String = texts.collect();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines.map(verdict).collect()
}

fn verdict(line: &str) -> Verdict {
    let (verdict, reason) = line
        .split_once(" | ")
        .unwrap_or_else(|| panic!("no reason: {line}"));
    assert!(!reason.is_empty(), "{line}");
    let mut words = verdict.splitn(4, ' ').map(str::to_owned);
    let mut word = || {
        words
            .next()
            .unwrap_or_else(|| panic!("a word is missing: {line}"))
    };
    Verdict {
        code: word(),
        outcome: word(),
        case: word(),
        subject: word(),
    }
}

fn differences(case: &str, verdicts: &[&Verdict]) -> Vec<String> {
    let folder = corpus("estates").join(case);
    let input = read(&folder, &files(&folder, "states"));
    let audit = audit(&input);
    let found = |verdict: &Verdict| -> Vec<Outcome> {
        let own = audit
            .findings
            .iter()
            .filter(|finding| finding.control.code == verdict.code);
        own.filter(|finding| finding.subject.name == verdict.subject)
            .map(|finding| finding.outcome)
            .collect()
    };
    verdicts
        .iter()
        .filter_map(|verdict| {
            let outcomes = found(verdict);
            let is_right = !outcomes.is_empty()
                && outcomes
                    .iter()
                    .all(|outcome| outcome.as_str() == verdict.outcome);
            (!is_right).then(|| {
                format!(
                    "{case}: {} {} should be {}, is {outcomes:?}",
                    verdict.code, verdict.subject, verdict.outcome
                )
            })
        })
        .collect()
}
