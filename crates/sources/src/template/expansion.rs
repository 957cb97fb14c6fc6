//! What one deployment of a template makes.

use std::sync::Arc;

use palisade_arm_template::{Existence, ExpandedResource, Scope, expand};
use palisade_document::{Diagnostic, Document, stand_in};
use palisade_estate::{Reading, ResourceId, Unknown};

use super::Deployment;
use crate::recognition::Found;
use crate::redaction::{self, Strings};
use crate::{Options, azure_export};

/// What a deployment makes, and what was wrong on the way.
pub(crate) struct Deployed {
    pub(crate) reading: Reading,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

pub(super) fn deploy<'p>(
    deployment: &Deployment<'p>,
    options: &Options,
    lookup: &dyn Fn(&str) -> Option<&'p Document>,
) -> Deployed {
    let expansion_options = palisade_arm_template::Options {
        parameters: deployment.parameters.clone(),
        scope: scope(deployment, options),
    };
    let template = deployment.template;
    let (expansion, diagnostics) = expand(template, &expansion_options, &|path| lookup(path));
    let mut reading = reading(template.text().path(), &expansion.resources);
    reading.is_whole = expansion.is_whole;
    Deployed {
        reading,
        diagnostics,
    }
}

/// Where it goes. The stand-ins tell deployments apart that may go to different groups.
fn scope(deployment: &Deployment<'_>, options: &Options) -> Scope {
    let given = &options.deployment;
    let text = |given: &Option<String>, unknown: &str| -> Arc<str> {
        match given {
            Some(given) => given.as_str().into(),
            None => stand_in(unknown).into(),
        }
    };
    let mut group = format!("resource group of {}", deployment.template.text().path());
    if !deployment.name.is_empty() {
        group.push_str(&format!(" with {}", deployment.name));
    }
    Scope {
        tenant: stand_in("tenant").into(),
        management_group: stand_in("management group").into(),
        subscription: text(&given.subscription, "subscription"),
        resource_group: text(&given.resource_group, &group),
        location: given.location.as_deref().map(Into::into),
    }
}

fn reading(path: &str, resources: &[ExpandedResource]) -> Reading {
    let bodies: Vec<_> = resources
        .iter()
        .map(|resource| resource.body.clone())
        .collect();
    let mut document = Document::derive(path, &bodies);
    redaction::redact(&mut document, false, Strings::Plain);
    let mut found = Found::default();
    for (resource, body) in resources.iter().zip(document.roots()) {
        let Some(id) = ResourceId::parse(&resource.id) else {
            continue;
        };
        let doubt = match &resource.existence {
            Existence::Unknown { cause, supply } => {
                Some(Unknown::because(cause.to_string(), supply.to_string()))
            }
            Existence::Certain | Existence::Absent => None,
        };
        azure_export::take_planned(id, body, doubt.as_ref(), &mut found);
    }
    Reading {
        resources: found.resources,
        is_planned: true,
        ..Reading::of(document)
    }
}
