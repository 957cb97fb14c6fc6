//! Azure Policy.

use palisade_document::Value;

use crate::resource::view;
use crate::{Field, ResourceId, Settings, Unknown};

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

    /// `notScopes`: what the assignment leaves out.
    pub fn excluded_scopes(&self) -> Result<Vec<(&'e str, Value<'e>)>, Unknown> {
        self.texts("notScopes")
    }

    /// The value given to a parameter.
    pub fn parameter(&self, name: &str) -> Field<'e, Value<'e>> {
        self.property(&format!("parameters.{name}.value"))
    }

    /// `overrides`: changes of the effect for some of the definitions or resources.
    pub fn overrides(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("overrides")
    }

    /// `resourceSelectors`: by which type or region the assignment is limited.
    pub fn resource_selectors(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("resourceSelectors")
    }
}

impl<'e> PolicySetDefinition<'e> {
    /// `policyDefinitions`: the members, each with its `policyDefinitionId` and `parameters`.
    pub fn members(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("policyDefinitions")
    }

    /// The default value of one of the initiative's parameters.
    pub fn parameter_default(&self, name: &str) -> Field<'e, Value<'e>> {
        self.property(&format!("parameters.{name}.defaultValue"))
    }
}

impl<'e> PolicyExemption<'e> {
    /// `policyAssignmentId`: the assignment that needn't be fulfilled.
    pub fn assignment(&self) -> Field<'e, ResourceId> {
        self.reference("policyAssignmentId")
    }

    /// `policyDefinitionReferenceIds`: the members of the initiative that it is about; none for
    /// all of them.
    pub fn references(&self) -> Result<Vec<(&'e str, Value<'e>)>, Unknown> {
        self.texts("policyDefinitionReferenceIds")
    }

    /// `resourceSelectors`: by which type or region the exemption is limited.
    pub fn resource_selectors(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("resourceSelectors")
    }

    /// `description`: why.
    pub fn description(&self) -> Field<'e, &'e str> {
        self.text("description")
    }

    /// `displayName`.
    pub fn display_name(&self) -> Field<'e, &'e str> {
        self.text("displayName")
    }

    /// `expiresOn`: the end of the exemption.
    pub fn expires_on(&self) -> Field<'e, &'e str> {
        self.text("expiresOn")
    }

    /// `exemptionCategory`: `Waiver` or `Mitigated`.
    pub fn category(&self) -> Field<'e, &'e str> {
        self.text("exemptionCategory")
    }
}
