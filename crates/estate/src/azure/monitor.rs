//! Azure Monitor.

use crate::resource::view;
use crate::{Field, Settings, Unknown};

view! {
    /// A diagnostic setting: which logs and metrics of a resource, or of a subscription's
    /// activity, go where.
    DiagnosticSetting = "microsoft.insights/diagnosticsettings"
}

view! {
    /// An alert on the activity log.
    ActivityLogAlert = "microsoft.insights/activitylogalerts"
}

view! {
    /// An alert on a metric.
    MetricAlert = "microsoft.insights/metricalerts"
}

view! {
    /// Whom an alert tells.
    ActionGroup = "microsoft.insights/actiongroups"
}

view! {
    /// A Log Analytics workspace.
    Workspace = "microsoft.operationalinsights/workspaces"
}

impl<'e> DiagnosticSetting<'e> {
    /// The entries of `logs` that are switched on. Each names a `category` or a
    /// `categoryGroup`.
    pub fn enabled_logs(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        let logs = self.elements("logs")?;
        Ok(logs
            .into_iter()
            .filter(|log| log.flag("enabled").present() == Some(true))
            .collect())
    }

    /// Whether a log category is collected, by its own name or by a group that holds it.
    pub fn collects(&self, category: &str, groups: &[&str]) -> Result<bool, Unknown> {
        let is_named = |field: Field<'e, &'e str>, wanted: &str| {
            field
                .present()
                .is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        };
        Ok(self.enabled_logs()?.iter().any(|log| {
            is_named(log.text("category"), category)
                || groups
                    .iter()
                    .any(|group| is_named(log.text("categoryGroup"), group))
        }))
    }
}

impl<'e> ActivityLogAlert<'e> {
    /// `enabled`, which Azure takes as true when nothing is given.
    pub fn is_enabled(&self) -> Field<'e, bool> {
        self.flag("enabled")
    }

    /// The values that the alert's conditions require of a field such as `operationName`.
    pub fn condition_values(&self, field: &str) -> Result<Vec<&'e str>, Unknown> {
        let mut values = Vec::new();
        for leaf in self.elements("condition.allOf")? {
            let alternatives = leaf.elements("anyOf")?;
            let leaves = if alternatives.is_empty() {
                vec![leaf]
            } else {
                alternatives
            };
            let matching = leaves.iter().filter(|leaf| {
                leaf.text("field")
                    .present()
                    .is_some_and(|name| name.eq_ignore_ascii_case(field))
            });
            for leaf in matching {
                values.extend(leaf.text("equals").present());
                values.extend(leaf.texts("containsAny")?.into_iter().map(|(text, _)| text));
            }
        }
        Ok(values)
    }
}
