//! What the cases of a folder come to, as text for a snapshot.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use palisade_controls::{Audit, Outcome};
use palisade_sources::Input;
use rayon::prelude::*;

use crate::{audit, cases, read};

/// The answers about every case of a folder by outcome, with what was left aside and said while
/// it was read. `files` tells the files of a case.
pub fn outcomes(root: &Path, files: impl Fn(&Path) -> Vec<PathBuf> + Sync) -> String {
    let lines: Vec<_> = cases(root)
        .par_iter()
        .map(|(name, folder)| {
            let input = read(folder, &files(folder));
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
