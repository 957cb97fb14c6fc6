//! How far a set of answers fulfils what was asked.

use std::collections::BTreeMap;

use crate::{Finding, Outcome, Severity};

/// How many answers of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Passes.
    pub pass: usize,
    /// Failures.
    pub fail: usize,
    /// Unknowns.
    pub unknown: usize,
    /// Questions that didn't arise.
    pub not_applicable: usize,
    /// Failures and unknowns that somebody has accepted; counted nowhere else.
    pub waived: usize,
}

impl Tally {
    /// Counts answers.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut tally = Self::default();
        for finding in findings {
            *match finding.outcome {
                _ if finding.suppression.is_some() => &mut tally.waived,
                Outcome::Pass => &mut tally.pass,
                Outcome::Fail => &mut tally.fail,
                Outcome::Unknown => &mut tally.unknown,
                Outcome::NotApplicable => &mut tally.not_applicable,
            } += 1;
        }
        tally
    }
}

/// From 0 to 100: the share of what was asked that is known to be fulfilled. Each control counts
/// by its severity and, within it, by the share of its subjects that pass, so that a thousand
/// pods weigh no more than one cluster. An unknown counts as not fulfilled: what isn't known
/// can't raise the score. What somebody has accepted is left out, and so is what isn't about the
/// nine recommendations. Nothing asked, no score.
pub fn score<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Option<u8> {
    let mut controls: BTreeMap<&str, (Severity, Vec<&Finding>)> = BTreeMap::new();
    let counted = findings
        .into_iter()
        .filter(|finding| finding.control.recommendation.number() != 0);
    for finding in counted {
        let entry = controls.entry(finding.control.code);
        entry
            .or_insert((finding.weight, Vec::new()))
            .1
            .push(finding);
    }
    let (mut fulfilled, mut asked) = (0.0, 0.0);
    for (severity, findings) in controls.into_values() {
        let tally = Tally::of(findings);
        let answers = tally.pass + tally.fail + tally.unknown;
        if answers > 0 {
            asked += weight(severity);
            fulfilled += weight(severity) * tally.pass as f64 / answers as f64;
        }
    }
    // Rounded down, so that 100 means everything.
    (asked > 0.0).then(|| (100.0 * fulfilled / asked + 1e-9).floor() as u8)
}

fn weight(severity: Severity) -> f64 {
    match severity {
        Severity::Info => 0.0,
        Severity::Low => 1.0,
        Severity::Medium => 3.0,
        Severity::High => 6.0,
        Severity::Critical => 10.0,
    }
}
