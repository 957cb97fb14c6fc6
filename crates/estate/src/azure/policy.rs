//! Azure Policy.

use crate::resource::view;
use crate::{Field, ResourceId};

view! {
    /// The assignment of a definition or an initiative to a scope.
    PolicyAssignment = "microsoft.authorization/policyassignments"
}

view! {
    /// A policy definition.
    PolicyDefinition = "microsoft.authorization/policydefinitions"
}

view! {
    /// An initiative: definitions that are assigned together.
    PolicySetDefinition = "microsoft.authorization/policysetdefinitions"
}

view! {
    /// An exemption from an assignment.
    PolicyExemption = "microsoft.authorization/policyexemptions"
}

impl<'e> PolicyAssignment<'e> {
    /// `policyDefinitionId`: the definition or initiative.
    pub fn definition(&self) -> Field<'e, ResourceId> {
        self.reference("policyDefinitionId")
    }

    /// `enforcementMode`: `Default` or `DoNotEnforce`.
    pub fn enforcement_mode(&self) -> Field<'e, &'e str> {
        self.text("enforcementMode")
    }

    /// The scope the assignment belongs to.
    pub fn scope(&self) -> Option<ResourceId> {
        self.id().parent()
    }
}
