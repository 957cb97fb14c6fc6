//! The policy documents that a request to an API passes: those of the service, of its products,
//! of the API and of its operations. Where the API's own document has no `<base />` in its
//! inbound section, the broader ones are cut off.

use palisade_estate::azure::{
    Api, ApiOperation, ApiOperationPolicy, ApiPolicy, ApiProduct, ApiProductPolicy, ServicePolicy,
    api_management_service_of,
};
use palisade_estate::{Coverage, Estate, ResourceId, Unknown, View};

use super::policy_document::{PolicyDocument, owner};

/// What the input holds of the chain of one API.
pub(super) struct PolicyChain<'e> {
    pub(super) service: Vec<PolicyDocument<'e>>,
    pub(super) api: Vec<PolicyDocument<'e>>,
    /// Documents of products that hold the API, or may, and of operations.
    pub(super) others: Vec<PolicyDocument<'e>>,
    /// Why a document can't be read.
    unread: Option<Unknown>,
    /// Whether the documents would be in the input if there were any: the least known kind.
    pub(super) coverage: Coverage,
}

impl<'e> PolicyChain<'e> {
    pub(super) fn of(api: &Api<'e>) -> Self {
        let mut chain = Self::unseen();
        let Some(service) = api_management_service_of(api.id()) else {
            return chain;
        };
        let estate = api.estate();
        chain.api = chain.read(estate, &service, estate.children::<ApiPolicy<'e>>(api.id()));
        let own = chain.known(&chain.api, || estate.coverage::<ApiPolicy<'e>>(api.id()));
        let operations = estate
            .all::<ApiOperationPolicy<'e>>()
            .filter(|policy| policy.id().is_within(api.id()));
        chain.others = chain.read(estate, &service, operations);
        chain.coverage = own.and(coverage_below::<ApiOperation<'e>, ApiOperationPolicy<'e>>(
            estate,
            api.id(),
        ));
        // A document without <base /> cuts off what stands above it.
        if chain
            .api
            .first()
            .is_none_or(PolicyDocument::inherits_inbound)
        {
            chain.add_broader_scopes(api, &service);
        }
        chain
    }

    fn add_broader_scopes(&mut self, api: &Api<'e>, service: &ResourceId) {
        let estate = api.estate();
        self.service = self.read(
            estate,
            service,
            estate.children::<ServicePolicy<'e>>(service),
        );
        let products = estate
            .all::<ApiProductPolicy<'e>>()
            .filter(|policy| policy.id().is_within(service) && may_hold(estate, policy, api));
        let products = self.read(estate, service, products);
        self.others.extend(products);
        let above = self.known(&self.service, || {
            estate.coverage::<ServicePolicy<'e>>(service)
        });
        let products = coverage_below::<ApiProduct<'e>, ApiProductPolicy<'e>>(estate, service);
        self.coverage = self.coverage.and(above).and(products);
    }

    /// A document that is in the input is known, whatever else is. One that can't be read isn't.
    fn known(
        &self,
        documents: &[PolicyDocument<'e>],
        otherwise: impl Fn() -> Coverage,
    ) -> Coverage {
        match (&self.unread, documents) {
            (Some(_), _) => Coverage::Unseen,
            (None, []) => otherwise(),
            (None, [..]) => Coverage::Complete,
        }
    }

    fn unseen() -> Self {
        Self {
            service: Vec::new(),
            api: Vec::new(),
            others: Vec::new(),
            unread: None,
            coverage: Coverage::Unseen,
        }
    }

    fn read<V: View<'e>>(
        &mut self,
        estate: &'e Estate,
        service: &ResourceId,
        policies: impl IntoIterator<Item = V>,
    ) -> Vec<PolicyDocument<'e>> {
        let mut documents = Vec::new();
        for policy in policies {
            match PolicyDocument::read(*policy) {
                Ok(document) => documents.push(document.with_fragments(estate, service)),
                Err(unknown) => self.unread = self.unread.take().or(Some(unknown)),
            }
        }
        documents
    }

    /// All documents that can be read.
    pub(super) fn documents(&self) -> impl Iterator<Item = &PolicyDocument<'e>> {
        self.service.iter().chain(&self.api).chain(&self.others)
    }

    /// Why the documents in the input don't show all that they say.
    pub(super) fn is_read(&self) -> Result<(), Unknown> {
        if let Some(unread) = &self.unread {
            return Err(unread.clone());
        }
        match self.documents().find_map(hidden_fragment) {
            Some(unknown) => Err(unknown),
            None => Ok(()),
        }
    }
}

/// Whether the input holds every document of the type `D` that the members `M` of a parent have.
/// Azure lists them member by member.
fn coverage_below<'e, M: View<'e>, D: View<'e>>(
    estate: &'e Estate,
    parent: &ResourceId,
) -> Coverage {
    let members = estate.children::<M>(parent);
    members
        .iter()
        .map(|member| estate.coverage::<D>(member.id()))
        .fold(estate.coverage::<M>(parent), Coverage::and)
}

/// What a document includes from outside the input.
pub(super) fn hidden_fragment(document: &PolicyDocument<'_>) -> Option<Unknown> {
    let fragment = document.missing_fragment()?;
    let service = api_management_service_of(document.resource.id())?;
    Some(Unknown::because(
        format!(
            "the policy document of `{}` includes the fragment `{fragment}`, which is outside the input",
            owner(&document.resource)
        ),
        format!(
            "az rest --method get --url '{}?api-version=2022-08-01&format=rawxml'",
            service.child("policyFragments", fragment)
        ),
    ))
}

/// Whether a product's policy document may count for the API.
fn may_hold<'e>(estate: &'e Estate, policy: &ApiProductPolicy<'e>, api: &Api<'e>) -> bool {
    let product = policy
        .id()
        .parent()
        .and_then(|id| estate.require::<ApiProduct<'e>>(&id).ok());
    product.and_then(|product| product.links(api.id())) != Some(false)
}
