//! Remarks about policies as findings: shared by all lints.

use palisade_estate::kubernetes::PolicyDialect;
use palisade_reach::kubernetes::LintKind;

use crate::system_namespace::is_system;
use crate::{Context, Findings};

/// Reports the remarks of a kind about the policies of every cluster, but for those of the
/// namespaces of the system, which aren't people's own.
pub(super) fn remarks(context: &Context<'_>, kind: LintKind, help: &str, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        let has_policies = cluster
            .objects()
            .any(|object| PolicyDialect::of(&object).is_some());
        if !has_policies {
            continue;
        }
        let reach = match context.reachability(&cluster) {
            Ok(reach) => reach,
            Err(unknown) => {
                findings.unknown(cluster, unknown);
                continue;
            }
        };
        let own = reach
            .lints()
            .iter()
            .filter(|lint| lint.kind == kind && !lint.object.namespace().is_some_and(is_system));
        for lint in own {
            let finding = findings.fail(lint.object, lint.message.clone());
            finding.at(context.estate.value(lint.at), "").help(help);
            for (origin, label) in &lint.deciding {
                finding.related(context.estate.value(*origin), label.clone());
            }
        }
    }
}
