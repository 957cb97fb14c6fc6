//! Runs controls over an estate.

use rayon::prelude::*;

use crate::{Context, Control, Finding, Findings};

/// The answers of some controls about an estate, ordered by control and subject.
pub struct Audit {
    /// The controls that were asked.
    pub controls: Vec<&'static Control>,
    /// Their answers.
    pub findings: Vec<Finding>,
}

/// Asks each control, several at a time. The outcome doesn't depend on how many threads there
/// are.
pub fn audit(context: &Context<'_>, controls: Vec<&'static Control>) -> Audit {
    let findings = controls
        .par_iter()
        .map(|control| ask(context, control))
        .collect::<Vec<_>>();
    Audit {
        findings: findings.into_iter().flatten().collect(),
        controls,
    }
}

fn ask(context: &Context<'_>, control: &'static Control) -> Vec<Finding> {
    let mut findings = Findings::of(control);
    (control.check)(context, &mut findings);
    let mut findings = findings.into_list();
    findings.sort_by(|a, b| (&a.subject.id, &a.message).cmp(&(&b.subject.id, &b.message)));
    findings
}
