//! Where a deployment goes, and the ids of what it creates there.

use std::sync::Arc;

/// What the caller knows, or stands in for, about the place that a template is deployed to.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The tenant's id.
    pub tenant: Arc<str>,
    /// The management group's name.
    pub management_group: Arc<str>,
    /// The subscription's id.
    pub subscription: Arc<str>,
    /// The resource group's name.
    pub resource_group: Arc<str>,
    /// The region of the resource group or of the deployment; without it whatever depends on it
    /// is unknown.
    pub location: Option<Arc<str>>,
}

/// The four scopes that a template can be deployed to (Microsoft Learn, "Template deployment
/// scopes", 2025).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The tenant.
    Tenant,
    /// A management group.
    ManagementGroup,
    /// A subscription.
    Subscription,
    /// A resource group.
    ResourceGroup,
}

impl Level {
    /// The level that a template's `$schema` names.
    pub fn of_schema(schema: &str) -> Option<Self> {
        let file = schema.trim_end_matches('#').rsplit('/').next()?;
        let file = file.to_ascii_lowercase();
        match file.as_str() {
            "deploymenttemplate.json" => Some(Self::ResourceGroup),
            "subscriptiondeploymenttemplate.json" => Some(Self::Subscription),
            "managementgroupdeploymenttemplate.json" => Some(Self::ManagementGroup),
            "tenantdeploymenttemplate.json" => Some(Self::Tenant),
            _ => None,
        }
    }
}

/// One concrete place that resources are created in.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) level: Level,
    pub(crate) management_group: Arc<str>,
    pub(crate) subscription: Arc<str>,
    pub(crate) resource_group: Arc<str>,
}

impl Target {
    pub(crate) fn new(scope: &Scope, level: Level) -> Self {
        Self {
            level,
            management_group: Arc::clone(&scope.management_group),
            subscription: Arc::clone(&scope.subscription),
            resource_group: Arc::clone(&scope.resource_group),
        }
    }

    /// The id of the scope itself; empty for the tenant.
    pub(crate) fn id(&self) -> String {
        match self.level {
            Level::Tenant => String::new(),
            Level::ManagementGroup => self.management_group_id(),
            Level::Subscription => self.subscription_id(),
            Level::ResourceGroup => self.resource_group_id(),
        }
    }

    pub(crate) fn subscription_id(&self) -> String {
        format!("/subscriptions/{}", self.subscription)
    }

    pub(crate) fn resource_group_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}",
            self.subscription, self.resource_group
        )
    }

    pub(crate) fn management_group_id(&self) -> String {
        format!(
            "/providers/Microsoft.Management/managementGroups/{}",
            self.management_group
        )
    }

    /// The place that an id such as `/subscriptions/…/resourceGroups/…` names.
    pub(crate) fn of_id(&self, id: &str) -> Option<Self> {
        let mut target = self.clone();
        let id = id.trim_end_matches('/');
        if id.is_empty() {
            target.level = Level::Tenant;
            return Some(target);
        }
        let segments: Vec<_> = id.trim_start_matches('/').split('/').collect();
        let is = |at: usize, name: &str| {
            segments
                .get(at)
                .is_some_and(|it| it.eq_ignore_ascii_case(name))
        };
        match segments.len() {
            2 if is(0, "subscriptions") => {
                target.level = Level::Subscription;
                target.subscription = segments[1].into();
            }
            4 if is(0, "subscriptions") && is(2, "resourceGroups") => {
                target.level = Level::ResourceGroup;
                target.subscription = segments[1].into();
                target.resource_group = segments[3].into();
            }
            _ => {
                let at = usize::from(is(0, "providers"));
                let is_group = segments.len() == at + 3
                    && is(at, "Microsoft.Management")
                    && is(at + 1, "managementGroups");
                if !is_group {
                    return None;
                }
                target.level = Level::ManagementGroup;
                target.management_group = segments[at + 2].into();
            }
        }
        Some(target)
    }
}

/// The id of a resource of a type and name below a scope, or how many names the type asks for
/// when they don't fit.
pub(crate) fn resource_id(scope: &str, kind: &str, name: &str) -> Result<String, usize> {
    let mut types = kind.trim_matches('/').split('/');
    let provider = types.next().unwrap_or_default();
    let types: Vec<_> = types.collect();
    let names: Vec<_> = name.trim_matches('/').split('/').collect();
    let is_group = provider.eq_ignore_ascii_case("Microsoft.Resources") && types.len() == 1 && {
        types[0].eq_ignore_ascii_case("resourceGroups")
    };
    if types.len() != names.len() || types.is_empty() || names.iter().any(|name| name.is_empty()) {
        return Err(types.len());
    }
    if is_group {
        return Ok(format!("{scope}/resourceGroups/{name}"));
    }
    if provider.eq_ignore_ascii_case("Microsoft.Resources")
        && types.len() == 1
        && types[0].eq_ignore_ascii_case("subscriptions")
    {
        return Ok(format!("/subscriptions/{name}"));
    }
    let mut id = format!("{scope}/providers/{provider}");
    for (kind, name) in types.iter().zip(&names) {
        id.push('/');
        id.push_str(kind);
        id.push('/');
        id.push_str(name);
    }
    Ok(id)
}

/// Ids are compared without regard to letter case, and a resource group has two spellings.
pub(crate) fn key_of(id: &str) -> String {
    let key = id.trim_end_matches('/').to_ascii_lowercase();
    key.replace(
        "/providers/microsoft.resources/resourcegroups/",
        "/resourcegroups/",
    )
}

/// The type in an id's last provider: `Microsoft.Network/virtualNetworks/subnets`.
pub(crate) fn type_of(id: &str) -> String {
    let lower = id.to_ascii_lowercase();
    let Some(at) = lower.rfind("/providers/") else {
        let is_group = lower.contains("/resourcegroups/");
        let kind = if is_group {
            "Microsoft.Resources/resourceGroups"
        } else {
            "Microsoft.Resources/subscriptions"
        };
        return kind.to_owned();
    };
    let mut segments = id[at + "/providers/".len()..].split('/');
    let mut kind = segments.next().unwrap_or_default().to_owned();
    for segment in segments.step_by(2) {
        kind.push('/');
        kind.push_str(segment);
    }
    kind
}
