use palisade_estate::azure::{Api, ApiOperationPolicy, api_management_service_of};
use palisade_estate::{Estate, Field, ResourceId, Unknown};

use super::policy_chain::{PolicyChain, hidden_fragment};
use super::policy_document::{PolicyDocument, owner};
use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW012",
    name: "api-without-throttling",
    title: "every API limits how often it can be called",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("api_without_throttling.md"),
    check,
};

/// Limits that count every call by a key of their own, or the calls under way.
const FOR_ALL: [&str; 5] = [
    "rate-limit-by-key",
    "quota-by-key",
    "azure-openai-token-limit",
    "llm-token-limit",
    "limit-concurrency",
];

/// Limits that count only calls that carry a subscription key.
const BY_SUBSCRIPTION: [&str; 2] = ["rate-limit", "quota"];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<Api<'_>>(), judge_api);
    findings.each(
        context.estate.all::<ApiOperationPolicy<'_>>(),
        |policy, findings| judge_operation(context.estate, policy, findings),
    );
}

fn judge_api(api: &Api<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let chain = PolicyChain::of(api);
    let has_keys = requires_key(api);
    if let Some((document, limit)) = limiting(&chain, has_keys) {
        findings
            .pass(
                **api,
                format!(
                    "{limit} in the policy of `{}` limits the calls",
                    owner(&document.resource)
                ),
            )
            .at(document.at, "");
        return Ok(());
    }
    if let Some((document, limit)) = mentioning(&chain) {
        let place = owner(&document.resource);
        let cause = if chain.api.is_empty() {
            format!(
                "the policy of `{place}` holds {limit}, but whether the API has a policy that cuts it off isn't in the input"
            )
        } else {
            format!(
                "the policy of `{place}` holds {limit}, but not where it limits every call of the API"
            )
        };
        findings
            .unknown(**api, Unknown::because(cause, where_to_read(api)))
            .related(document.at, format!("holds {limit}"));
        return Ok(());
    }
    chain.is_read()?;
    findings
        .missing(**api, chain.coverage, "no policy limits the calls of the API", where_to_read(api))
        .help("add to the API's inbound section: <rate-limit-by-key calls=\"100\" renewal-period=\"60\" counter-key=\"@(context.Request.IpAddress)\" />");
    Ok(())
}

fn where_to_read(api: &Api<'_>) -> String {
    format!(
        "az rest --method get --url '{}/policies?api-version=2022-08-01&format=rawxml', and the same for the service, its products and the API's operations",
        api.id()
    )
}

/// The limit that every call of the API passes: in the API's own policy, or in the service's if
/// the API's runs it too. An API that seems to have no policy may have one outside the input.
fn limiting<'c, 'e>(
    chain: &'c PolicyChain<'e>,
    has_keys: bool,
) -> Option<(&'c PolicyDocument<'e>, &'e str)> {
    let find = |documents: &'c [PolicyDocument<'e>]| {
        documents
            .iter()
            .find_map(|document| Some((document, limit_in(document, has_keys)?)))
    };
    let inherits = chain
        .api
        .first()
        .is_some_and(PolicyDocument::inherits_inbound);
    find(&chain.api).or_else(|| find(&chain.service).filter(|_| inherits))
}

/// A limit right in the inbound section, where no condition stands before it or in it.
fn limit_in<'e>(document: &PolicyDocument<'e>, has_keys: bool) -> Option<&'e str> {
    document
        .inbound()
        .filter(|element| element.attribute("increment-condition").is_none())
        .map(|element| element.name)
        .find(|name| FOR_ALL.contains(name) || (has_keys && BY_SUBSCRIPTION.contains(name)))
}

/// A limit somewhere in the chain.
fn mentioning<'c, 'e>(chain: &'c PolicyChain<'e>) -> Option<(&'c PolicyDocument<'e>, &'e str)> {
    chain
        .documents()
        .find_map(|document| Some((document, mention(document)?)))
}

fn mention<'e>(document: &PolicyDocument<'e>) -> Option<&'e str> {
    document
        .elements()
        .map(|element| element.name)
        .find(|name| FOR_ALL.contains(name) || BY_SUBSCRIPTION.contains(name))
}

fn requires_key(api: &Api<'_>) -> bool {
    matches!(api.subscription_required(), Field::Present(true, _))
}

/// An operation's policy that doesn't run what stands above it must limit calls itself.
fn judge_operation(
    estate: &Estate,
    policy: &ApiOperationPolicy<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let service = api_management_service_of(policy.id());
    let mut document = PolicyDocument::read(**policy)?;
    if let Some(service) = service {
        document = document.with_fragments(estate, &service);
    }
    if document.inherits_inbound() {
        return Ok(());
    }
    let api = api_of(policy.id()).and_then(|id| estate.require::<Api<'_>>(&id).ok());
    if let Some(limit) = limit_in(&document, api.is_some_and(|api| requires_key(&api))) {
        findings
            .pass(
                **policy,
                format!("{limit} limits the calls of the operation"),
            )
            .at(document.at, "");
        return Ok(());
    }
    if let Some(limit) = mention(&document) {
        return Err(Unknown::because(
            format!("the policy holds {limit}, but not where it limits every call"),
            "a limit in the inbound section of the operation's policy",
        ));
    }
    if let Some(unknown) = hidden_fragment(&document) {
        return Err(unknown);
    }
    findings
        .fail(**policy, "the inbound section has no <base />, so that no limit of the API or the service reaches the operation")
        .at(document.at, "neither <base /> nor a limit");
    Ok(())
}

/// The API of an operation's policy: `apis/x` of `apis/x/operations/y/policies/policy`.
fn api_of(policy: &ResourceId) -> Option<ResourceId> {
    policy.parent()?.parent()
}
