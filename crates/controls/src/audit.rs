//! Runs controls over an estate.

use jiff::civil::Date;
use palisade_document::witness;
use rayon::prelude::*;

use crate::{Context, Control, Finding, Findings, Settings};

/// The answers of some controls about an estate, ordered by control and subject.
pub struct Audit {
    /// The controls that were asked.
    pub controls: Vec<&'static Control>,
    /// Their answers.
    pub findings: Vec<Finding>,
    /// What the project says about the controls.
    pub settings: Settings,
    /// The day for which they were judged.
    pub today: Date,
}

/// Asks each control, several at a time. The outcome doesn't depend on how many threads there
/// are.
pub fn audit(context: &Context<'_>, controls: Vec<&'static Control>) -> Audit {
    audit_watched(context, controls, &|| {})
}

/// The same for somebody who wants to hear of it whenever a control has answered.
pub fn audit_watched(
    context: &Context<'_>,
    controls: Vec<&'static Control>,
    answered: &(impl Fn() + Sync),
) -> Audit {
    let findings = controls
        .par_iter()
        .map(|control| {
            let findings = ask(context, control);
            answered();
            findings
        })
        .collect::<Vec<_>>();
    Audit {
        findings: findings.into_iter().flatten().collect(),
        controls,
        settings: context.settings.clone(),
        today: context.today,
    }
}

fn ask(context: &Context<'_>, control: &'static Control) -> Vec<Finding> {
    let mut findings = Findings::of(control, context.settings.severity(control));
    witness::afresh(|| (control.check)(&context.asking(control), &mut findings));
    let mut findings = findings.into_list();
    for finding in &mut findings {
        finding.doubt_unknown_place(context.estate);
    }
    let own = context.settings.controls.get(control.code);
    if let Some(severity) = own.and_then(|own| own.severity) {
        findings
            .iter_mut()
            .for_each(|finding| finding.severity = severity);
    }
    findings.sort_by(|a, b| (&a.subject.id, &a.message).cmp(&(&b.subject.id, &b.message)));
    findings
}
