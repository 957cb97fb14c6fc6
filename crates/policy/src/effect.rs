//! Effects: what Azure does when a condition holds.

use std::fmt;

/// The effect of a definition (Microsoft Learn, "Azure Policy definitions effect basics", 2025).
/// Their order is the order in which Azure evaluates them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Nothing: the definition is off.
    Disabled,
    /// Adds settings to a request.
    Append,
    /// Changes settings of a request, or of what exists by a remediation.
    Modify,
    /// Adds a network to a group of Azure Virtual Network Manager.
    AddToNetworkGroup,
    /// Changes a Kubernetes object on admission.
    Mutate,
    /// Refuses the request.
    Deny,
    /// Marks the resource.
    Audit,
    /// Marks the resource until somebody attests otherwise.
    Manual,
    /// Marks the resource where a related one is missing.
    AuditIfNotExists,
    /// Refuses an action on the resource, such as its deletion.
    DenyAction,
    /// Deploys the related resource that is missing.
    DeployIfNotExists,
    /// Has the limited preview of the AKS add-on enforce a rule in Rego.
    EnforceRegoPolicy,
}

impl Effect {
    const ALL: [Self; 12] = [
        Self::Disabled,
        Self::Append,
        Self::Modify,
        Self::AddToNetworkGroup,
        Self::Mutate,
        Self::Deny,
        Self::Audit,
        Self::Manual,
        Self::AuditIfNotExists,
        Self::DenyAction,
        Self::DeployIfNotExists,
        Self::EnforceRegoPolicy,
    ];

    /// The effect with a name, in any letter case.
    pub fn named(name: &str) -> Option<Self> {
        let is_called = |effect: &Self| effect.as_str().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(is_called)
    }

    /// The name as Azure's portal writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "Disabled",
            Self::Append => "Append",
            Self::Modify => "Modify",
            Self::AddToNetworkGroup => "AddToNetworkGroup",
            Self::Mutate => "Mutate",
            Self::Deny => "Deny",
            Self::Audit => "Audit",
            Self::Manual => "Manual",
            Self::AuditIfNotExists => "AuditIfNotExists",
            Self::DenyAction => "DenyAction",
            Self::DeployIfNotExists => "DeployIfNotExists",
            Self::EnforceRegoPolicy => "EnforceRegoPolicy",
        }
    }

    /// Whether it looks for a related resource.
    pub fn looks_for_another(self) -> bool {
        matches!(self, Self::AuditIfNotExists | Self::DeployIfNotExists)
    }

    /// Whether it changes the resource.
    pub fn changes(self) -> bool {
        matches!(self, Self::Append | Self::Modify)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
