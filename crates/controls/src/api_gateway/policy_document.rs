//! Policy documents of API Management, and the fragments that they include.

use palisade_document::Value;
use palisade_estate::azure::{
    ApiOperationPolicy, ApiPolicy, ApiProductPolicy, PolicyFragment, ServicePolicy,
};
use palisade_estate::{Estate, Field, Resource, ResourceId, Unknown, View};

use super::policy_markup::{Element, parse};

/// Every policy document and fragment of the estate.
pub(super) fn all_documents(estate: &Estate) -> impl Iterator<Item = Resource<'_>> {
    const TYPES: [&str; 5] = [
        ServicePolicy::TYPE,
        ApiProductPolicy::TYPE,
        ApiPolicy::TYPE,
        ApiOperationPolicy::TYPE,
        PolicyFragment::TYPE,
    ];
    estate
        .resources()
        .filter(|resource| TYPES.contains(&resource.resource_type()))
}

/// A policy document, or a fragment of one.
pub(super) struct PolicyDocument<'e> {
    pub(super) resource: Resource<'e>,
    /// The document's text, to point at.
    pub(super) at: Value<'e>,
    roots: Vec<Element<'e>>,
}

impl<'e> PolicyDocument<'e> {
    pub(super) fn read(resource: Resource<'e>) -> Result<Self, Unknown> {
        let (text, at) = match resource.text("value") {
            Field::Present(text, at) => (text, at),
            Field::Absent(_) => return Err(unread(&resource, "its text is not in the input")),
            Field::Unknown(unknown) => return Err(unknown),
        };
        let is_link = |format: &str| format.to_ascii_lowercase().ends_with("-link");
        if resource.text("format").present().is_some_and(is_link) {
            return Err(unread(&resource, "the input holds only a link to its text"));
        }
        match parse(text) {
            Some(roots) => Ok(Self {
                resource,
                at,
                roots,
            }),
            None => Err(unread(&resource, "its text is not well formed")),
        }
    }

    /// Puts the fragments of the input in the place of the elements that include them. Others
    /// stay as `include-fragment`.
    pub(super) fn with_fragments(mut self, estate: &'e Estate, service: &ResourceId) -> Self {
        for root in &mut self.roots {
            include(root, estate, service);
        }
        self
    }

    /// Every element of the document.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Element<'e>> {
        self.roots.iter().flat_map(Element::all)
    }

    /// The first element with one of the names, wherever it stands.
    pub(super) fn first_of(&self, names: &[&str]) -> Option<&Element<'e>> {
        self.elements()
            .find(|element| names.contains(&element.name))
    }

    /// What runs for every request: the children of the section `inbound`.
    pub(super) fn inbound(&self) -> impl Iterator<Item = &Element<'e>> {
        let documents = self.roots.iter().filter(|root| root.name == "policies");
        let sections = documents.flat_map(|document| &document.children);
        sections
            .filter(|section| section.name == "inbound")
            .flat_map(|section| &section.children)
    }

    /// Whether the inbound section runs what broader scopes say.
    pub(super) fn inherits_inbound(&self) -> bool {
        self.inbound().any(|element| element.name == "base")
    }

    /// The id of a fragment that is outside the input.
    pub(super) fn missing_fragment(&self) -> Option<&'e str> {
        let included = self.first_of(&["include-fragment"])?;
        Some(included.attribute("fragment-id").unwrap_or_default())
    }
}

fn unread(resource: &Resource<'_>, why: &str) -> Unknown {
    Unknown::because(
        format!(
            "the policy document of `{}` can't be read: {why}",
            owner(resource)
        ),
        format!(
            "az rest --method get --url '{}?api-version=2022-08-01&format=rawxml'",
            resource.id()
        ),
    )
}

/// Whose document it is: documents themselves are all called `policy`.
pub(super) fn owner(resource: &Resource<'_>) -> String {
    match resource.id().parent() {
        Some(parent) if resource.name().eq_ignore_ascii_case("policy") => parent.name().to_owned(),
        _ => resource.name().to_owned(),
    }
}

/// A fragment can't include another one, so one step is enough.
fn include<'e>(element: &mut Element<'e>, estate: &'e Estate, service: &ResourceId) {
    let children = std::mem::take(&mut element.children);
    for mut child in children {
        match fragment(&child, estate, service) {
            Some(content) => element.children.extend(content),
            None => {
                include(&mut child, estate, service);
                element.children.push(child);
            }
        }
    }
}

fn fragment<'e>(
    element: &Element<'e>,
    estate: &'e Estate,
    service: &ResourceId,
) -> Option<Vec<Element<'e>>> {
    if element.name != "include-fragment" {
        return None;
    }
    let id = service.child("policyFragments", element.attribute("fragment-id")?);
    let fragment = estate.require::<PolicyFragment<'e>>(&id).ok()?;
    let document = PolicyDocument::read(*fragment).ok()?;
    Some(
        document
            .roots
            .into_iter()
            .flat_map(|root| root.children)
            .collect(),
    )
}
