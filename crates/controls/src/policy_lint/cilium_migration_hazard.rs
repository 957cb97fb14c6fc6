use palisade_reach::kubernetes::LintKind;

use super::remark::remarks;
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PL012",
    name: "cilium-migration-hazard",
    title: "policies mean the same under Cilium as under Azure NPM",
    recommendation: Recommendation::PolicyLint,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("cilium_migration_hazard.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let help = "select pods by their labels and nodes by entities before the migration";
    remarks(context, LintKind::MigrationHazard, help, findings);
}
