//! Remarks about definitions and what puts them in force as findings: shared by all lints.

use palisade_policy::LintKind;

use crate::{Confidence, Context, Findings};

/// Reports the remarks of a kind.
pub(super) fn remarks(context: &Context<'_>, kind: LintKind, help: &str, findings: &mut Findings) {
    let own = context.definition_lints().iter();
    for lint in own.filter(|lint| lint.kind == kind) {
        let finding = match &lint.doubt {
            Some(unknown) => findings.unknown(lint.resource, unknown.clone()),
            None => findings.fail(lint.resource, lint.message.clone()),
        };
        finding.at(lint.at, "").help(help);
        if lint.is_assumed {
            finding.message.push_str(", as far as the input shows");
            finding.confidence(Confidence::Medium);
        }
        for (value, label) in &lint.related {
            finding.related(*value, label.clone());
        }
    }
}
