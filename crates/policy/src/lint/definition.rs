//! Remarks about definitions.

use std::collections::BTreeSet;

use palisade_document::Value;

use super::{LintKind, Linter, Notes, condition, effect, rule};
use crate::definition::{Definition, Mode};
use crate::objects;
use crate::parameter::Parameter;
use crate::rulebook::types_of;
use crate::value;

/// Types that have no tags or no location of their own, so that the mode Indexed leaves them out
/// (Microsoft Learn, "Azure Policy definition structure basics: resource manager modes", 2025;
/// "Tag support for Azure resources", 2025).
const NOT_INDEXED: [&str; 13] = [
    "microsoft.authorization/policyassignments",
    "microsoft.authorization/policyexemptions",
    "microsoft.authorization/roleassignments",
    "microsoft.containerservice/managedclusters/agentpools",
    "microsoft.insights/diagnosticsettings",
    "microsoft.network/networksecuritygroups/securityrules",
    "microsoft.network/routetables/routes",
    "microsoft.network/virtualnetworks/subnets",
    "microsoft.network/virtualnetworks/virtualnetworkpeerings",
    "microsoft.resources/resourcegroups",
    "microsoft.resources/subscriptions",
    "microsoft.resources/subscriptions/resourcegroups",
    "microsoft.security/pricings",
];

/// The types that definitions about the objects of clusters are about.
const CLUSTERS: [&str; 2] = [
    "microsoft.containerservice/managedclusters",
    "microsoft.kubernetes/connectedclusters",
];

impl<'e> Linter<'e, '_> {
    pub(super) fn definition(&self, notes: &mut Notes<'e>) {
        let value = notes.resource.value();
        let (definition, remarks) = Definition::read(value);
        notes.unreadable(remarks);
        let Some(definition) = definition else { return };
        self.names(&definition, notes);
        rule::parameters(rule::properties_rule(value), &definition.parameters, notes);
        defaults(&definition.parameters, notes);
        effect::effects(&definition, notes);
        let types = types_of(&definition.rule.condition);
        mode(&definition, types.as_ref(), notes);
        condition::conditions(&definition, types.as_ref(), self.catalogue, notes);
    }
}

/// Remarks upon defaults that their own parameters refuse.
pub(super) fn defaults<'e>(parameters: &[Parameter<'e>], notes: &mut Notes<'e>) {
    for parameter in parameters {
        let Some(default) = parameter.default else {
            continue;
        };
        let refused = value::verbatim(default).ok();
        if let Some(message) = refused.and_then(|given| parameter.refuses(&given)) {
            let message = format!("the default is refused: {message}");
            notes.note(LintKind::DefaultRefused, default, message);
        }
    }
}

fn mode<'e>(definition: &Definition<'e>, types: Option<&BTreeSet<String>>, notes: &mut Notes<'e>) {
    let written = super::properties(definition.value).get_ignore_case("mode");
    let at = written.unwrap_or_else(|| definition.rule.condition.place());
    let message = match &definition.mode {
        Mode::Indexed => {
            let Some(types) = types.filter(|types| !types.is_empty()) else {
                return;
            };
            let left_out = types
                .iter()
                .filter(|kind| NOT_INDEXED.contains(&kind.as_str()));
            let left_out: Vec<_> = left_out.map(|kind| format!("`{kind}`")).collect();
            if left_out.is_empty() {
                return;
            }
            let left_out = left_out.join(" and ");
            format!("the mode Indexed leaves {left_out} out: it is about types that have tags and a location")
        }
        Mode::All if types.is_none() && is_about_tags_or_location(definition) => {
            "with the mode All, resources that have neither tags nor a location are judged by them; Indexed leaves them out".to_owned()
        }
        Mode::All => return,
        Mode::Provider(name) if name.eq_ignore_ascii_case(objects::MODE) => {
            let is_about_clusters = |types: &BTreeSet<String>| {
                types.iter().any(|kind| CLUSTERS.contains(&kind.as_str()))
            };
            if types.is_none_or(is_about_clusters) {
                return;
            }
            format!("the mode {name} is about clusters, and the condition about other types")
        }
        Mode::Provider(name) => {
            let name = name.to_ascii_lowercase();
            if name.starts_with("microsoft.") && name.ends_with(".data") {
                return;
            }
            let name = written.map(Value::scalar).unwrap_or_default();
            format!("no mode is called `{name}`; there is All, Indexed and such as Microsoft.Kubernetes.Data")
        }
    };
    notes.note(LintKind::ModeUnfit, at, message);
}

/// Whether tags and the location are all that the condition reads.
fn is_about_tags_or_location(definition: &Definition<'_>) -> bool {
    let fields = &definition.reads.fields;
    let is_one = |field: &String| {
        let field = field.to_ascii_lowercase();
        field == "location" || field.starts_with("tags")
    };
    !fields.is_empty() && !definition.reads.is_dynamic && fields.iter().all(is_one)
}
