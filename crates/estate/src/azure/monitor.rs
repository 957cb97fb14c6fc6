//! Azure Monitor.

use palisade_document::Value;

use crate::resource::view;
use crate::{Field, ResourceId, Settings, Unknown};

view! {
    /// A diagnostic setting: which logs and metrics of a resource, or of a subscription's
    /// activity, go where.
    DiagnosticSetting = "microsoft.insights/diagnosticsettings"
}

view! {
    /// A log or metric that a resource offers, with the category groups that hold it.
    DiagnosticSettingsCategory = "microsoft.insights/diagnosticsettingscategories"
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
    /// A rule that adds action groups to alerts as they fire, or takes them away.
    AlertProcessingRule = "microsoft.alertsmanagement/actionrules"
}

view! {
    /// A Log Analytics workspace.
    Workspace = "microsoft.operationalinsights/workspaces"
}

view! {
    /// A table of a Log Analytics workspace.
    WorkspaceTable = "microsoft.operationalinsights/workspaces/tables"
}

impl<'e> DiagnosticSetting<'e> {
    /// `workspaceId`: the Log Analytics workspace that keeps what is collected.
    pub fn workspace(&self) -> Field<'e, ResourceId> {
        self.reference("workspaceId")
    }

    /// Whether what is collected goes anywhere: to a workspace, a storage account, an event hub
    /// or a partner's product.
    pub fn has_destination(&self) -> Result<bool, Unknown> {
        const DESTINATIONS: [&str; 5] = [
            "workspaceId",
            "storageAccountId",
            "eventHubAuthorizationRuleId",
            "marketplacePartnerId",
            "serviceBusRuleId",
        ];
        for path in DESTINATIONS {
            match self.text(path) {
                Field::Present(..) => return Ok(true),
                Field::Absent(_) => {}
                Field::Unknown(unknown) => return Err(unknown),
            }
        }
        Ok(false)
    }

    /// The entries of `logs` that are switched on. Each names a `category` or a
    /// `categoryGroup`.
    pub fn enabled_logs(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        let mut enabled = Vec::new();
        for log in self.elements("logs")? {
            if log.flag("enabled").or_default(false)?.0 {
                enabled.push(log);
            }
        }
        Ok(enabled)
    }

    /// Whether a log category goes somewhere, by its own name or by a group that holds it.
    pub fn collects(&self, category: &str, groups: &[&str]) -> Result<bool, Unknown> {
        if !self.has_destination()? {
            return Ok(false);
        }
        for log in self.enabled_logs()? {
            let (name, _) = log.text("category").or_default("")?;
            let (group, _) = log.text("categoryGroup").or_default("")?;
            if name.eq_ignore_ascii_case(category) && !name.is_empty()
                || groups.iter().any(|known| known.eq_ignore_ascii_case(group))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl<'e> DiagnosticSettingsCategory<'e> {
    /// Whether the category belongs to a category group such as `audit`.
    pub fn is_in_group(&self, group: &str) -> Result<bool, Unknown> {
        let groups = self.texts("categoryGroups")?;
        Ok(groups
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(group)))
    }
}

impl<'e> MetricAlert<'e> {
    /// `enabled`.
    pub fn is_enabled(&self) -> Field<'e, bool> {
        self.flag("enabled")
    }

    /// `scopes`: the resources, resource groups or subscriptions whose metric is watched.
    pub fn scopes(&self) -> Result<Vec<ResourceId>, Unknown> {
        let scopes = self.texts("scopes")?;
        Ok(scopes
            .into_iter()
            .filter_map(|(text, _)| ResourceId::parse(text))
            .collect())
    }

    /// `criteria.allOf`: the conditions, which must hold together.
    pub fn criteria(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("criteria.allOf")
    }

    /// `targetResourceType`: of which type the resources below a scope are watched.
    pub fn target_resource_type(&self) -> Field<'e, &'e str> {
        self.text("targetResourceType")
    }

    /// `targetResourceRegion`: in which region the resources below a scope are watched.
    pub fn target_resource_region(&self) -> Field<'e, &'e str> {
        self.text("targetResourceRegion")
    }

    /// The ids of the action groups that the alert calls on.
    pub fn action_groups(&self) -> Result<Vec<ResourceId>, Unknown> {
        action_group_ids(&self.elements("actions")?)
    }
}

impl<'e> ActivityLogAlert<'e> {
    /// `scopes`: only events at or below one of these ids fire the alert. Azure also keeps
    /// scopes without the leading slash.
    pub fn scopes(&self) -> Result<Vec<ResourceId>, Unknown> {
        let scopes = self.texts("scopes")?.into_iter();
        Ok(scopes
            .filter_map(|(text, _)| {
                ResourceId::parse(text).or_else(|| ResourceId::parse(&format!("/{text}")))
            })
            .collect())
    }

    /// The ids of the action groups that the alert calls on.
    pub fn action_groups(&self) -> Result<Vec<ResourceId>, Unknown> {
        action_group_ids(&self.elements("actions.actionGroups")?)
    }

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

impl<'e> ActionGroup<'e> {
    /// `enabled`: a group that isn't tells nobody.
    pub fn is_enabled(&self) -> Field<'e, bool> {
        self.flag("enabled")
    }

    /// The receivers of all kinds (`emailReceivers`, `webhookReceivers` and so on), without
    /// people who have unsubscribed: their `status` is `Disabled`.
    pub fn active_receivers(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.is_enabled().or_default(true)?;
        let nested = self.value().get_ignore_case("properties");
        let lists = [nested, Some(self.value())]
            .into_iter()
            .flatten()
            .flat_map(Value::entries)
            .filter(|entry| entry.name().to_ascii_lowercase().ends_with("receivers"));
        let receivers = lists
            .flat_map(|entry| entry.value.items())
            .map(Settings::of);
        Ok(receivers
            .filter(|receiver| {
                receiver
                    .text("status")
                    .present()
                    .is_none_or(|status| !status.eq_ignore_ascii_case("disabled"))
            })
            .collect())
    }
}

impl<'e> AlertProcessingRule<'e> {
    /// Whether the rule is on and adds action groups to the alerts that it applies to.
    pub fn adds_action_groups(&self) -> Result<bool, Unknown> {
        let (is_enabled, _) = self.flag("enabled").or_default(true)?;
        let actions = self.elements("actions")?;
        Ok(is_enabled
            && actions.iter().any(|action| {
                action
                    .text("actionType")
                    .present()
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("AddActionGroups"))
            }))
    }
}

impl<'e> Workspace<'e> {
    /// `retentionInDays`: how long tables without a retention of their own keep what they hold.
    pub fn retention_days(&self) -> Field<'e, i64> {
        self.number("retentionInDays")
    }
}

impl<'e> WorkspaceTable<'e> {
    /// How long the table keeps what it holds: `totalRetentionInDays`, which counts the time in
    /// the archive too, else `retentionInDays`.
    pub fn retention_days(&self) -> Field<'e, i64> {
        match self.number("totalRetentionInDays") {
            Field::Absent(_) => self.number("retentionInDays"),
            field => field,
        }
    }
}

fn action_group_ids(actions: &[Settings<'_>]) -> Result<Vec<ResourceId>, Unknown> {
    let mut ids = Vec::new();
    for action in actions {
        match action.reference("actionGroupId") {
            Field::Present(id, _) => ids.push(id),
            Field::Absent(_) => {}
            Field::Unknown(unknown) => return Err(unknown),
        }
    }
    Ok(ids)
}
