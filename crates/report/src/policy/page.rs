//! Definitions and constraints as controls with a page, as every format of a report shows them.

use palisade_controls::Severity;

use super::model::{ConstraintEntry, PolicyEntry, Unasked};
use crate::build::said;
use crate::{ControlSummary, Counts, EquivalentId};

/// What a definition is known by in a report: the name that Azure knows it by, or its title.
pub(super) fn code(policy: &PolicyEntry) -> String {
    match policy.definition.as_str() {
        "" => policy.display_name.clone(),
        name => name.to_owned(),
    }
}

/// A definition as a control.
pub(super) fn of_policy(policy: &PolicyEntry) -> ControlSummary {
    let code = code(policy);
    let version = policy.definition_version.as_ref();
    let version = version.map(|version| format!(", version {version}"));
    let source = match policy.source {
        "palisade" => "The rule is Palisade's own, written from what Azure documents.",
        _ => "The rule is that of the input.",
    };
    let about = format!(
        "The Azure Policy definition `{code}`{}. {source}",
        version.unwrap_or_default()
    );
    let description = policy.description.as_deref().unwrap_or_default();
    let why = match policy.is_in_force {
        true => format!("It is in force by {}.", policy.by()),
        false => "Nobody assigns it.".to_owned(),
    };
    let is_azures = palisade_policy::builtin::definition(&code.to_lowercase()).is_some();
    let link = match is_azures {
        true => format!(
            "- [The definition in the portal](https://portal.azure.com/#blade/Microsoft_Azure_Policy/PolicyDetailBlade/definitionId/%2Fproviders%2FMicrosoft.Authorization%2FpolicyDefinitions%2F{code})"
        ),
        false => "- The definition itself".to_owned(),
    };
    let fix = "Change the setting that each answer names, or exempt the resource with a reason.";
    let checks = format!("{about}\n\n{description}");
    control(
        code,
        &policy.display_name,
        "azure-policy",
        page(&policy.display_name, [checks.trim(), &why, fix, &link]),
    )
}

/// What is in force and gives no verdict as a control.
pub(super) fn of_unasked(unasked: &Unasked) -> ControlSummary {
    let code = unasked.definition.rsplit('/').next();
    let code = code.unwrap_or(&unasked.definition).to_owned();
    let checks =
        format!("The Azure Policy definition or initiative `{code}`, which gave no verdict.");
    let why = "What isn't evaluated may be broken.";
    let fix = "Supply what each answer names.";
    let page = page(&code, [&checks, why, fix, "- The definition itself"]);
    control(code.clone(), &code, "azure-policy", page)
}

/// A constraint or an admission policy of a cluster as a control.
pub(super) fn of_constraint(constraint: &ConstraintEntry) -> ControlSummary {
    let actions = constraint.actions.join(", ");
    let checks = format!(
        "The rule `{}` of the cluster `{}`, whose admission asks it of every object ({actions}).",
        constraint.name, constraint.cluster
    );
    let why = "What breaks the rule is refused, or reported, when it is next submitted.";
    let fix = "Change the field that each answer names.";
    let page = page(
        &constraint.name,
        [&checks, why, fix, "- The constraint itself"],
    );
    control(constraint.name.clone(), &constraint.name, "admission", page)
}

fn control(code: String, title: &str, framework: &str, page: String) -> ControlSummary {
    ControlSummary {
        name: said(title),
        title: said(title),
        recommendation: 0,
        severity: Severity::Medium.to_string(),
        confidence: "high".to_owned(),
        page,
        equivalents: match framework {
            "azure-policy" => vec![EquivalentId {
                framework: framework.to_owned(),
                id: code.clone(),
            }],
            _ => Vec::new(),
        },
        parameters: Vec::new(),
        counts: Counts::default(),
        code,
    }
}

fn page(title: &str, [checks, why, fix, references]: [&str; 4]) -> String {
    format!(
        "# {}\n\n## What it checks\n\n{checks}\n\n## Why it matters\n\n{why}\n\n## How to fix\n\n{fix}\n\n## Exceptions\n\nExemptions of the assignment.\n\n## References\n\n{references}\n",
        said(title)
    )
}
