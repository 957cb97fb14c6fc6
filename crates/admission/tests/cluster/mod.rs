//! Clusters from the text of manifests.

use palisade_admission::{Admission, Verdict, judge};
use palisade_sources::{File, Input};

/// Reads manifests as one file.
pub(crate) fn read(manifests: &str) -> Input {
    palisade_sources::read_all(
        &[manifests],
        |text| {
            Ok(File {
                path: "cluster.yaml".to_owned(),
                bytes: text.as_bytes().to_vec(),
            })
        },
        false,
    )
}

/// What every rule says about every object, a line each: `rule object: verdict`.
#[allow(dead_code)]
pub(crate) fn answers(manifests: &str) -> Vec<String> {
    let input = read(manifests);
    assert_eq!(input.diagnostics, []);
    let clusters = input.estate.clusters();
    clusters
        .flat_map(|cluster| lines(&judge(&cluster)))
        .collect()
}

#[allow(dead_code)]
pub(crate) fn lines(admission: &Admission<'_>) -> Vec<String> {
    let mut lines: Vec<_> = admission
        .judgements
        .iter()
        .map(|judgement| {
            let made = judgement.made.as_deref();
            let made = made.map(|kind| format!(" as {kind}")).unwrap_or_default();
            let verdict = said(&judgement.verdict);
            let object = judgement.object.display_name();
            format!("{} {object}{made}: {verdict}", judgement.rule)
        })
        .collect();
    lines.sort();
    let undecided = admission.undecided.iter();
    lines.extend(undecided.map(|rule| format!("{}: {}", rule.rule, rule.because.cause)));
    lines
}

pub(crate) fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Complies => "complies".to_owned(),
        Verdict::Violates(violations) => {
            let messages = violations
                .iter()
                .map(|violation| violation.message.as_str());
            messages.collect::<Vec<_>>().join("; ")
        }
        Verdict::Undecided(unknown) => format!("undecided, {}", unknown.cause),
    }
}
