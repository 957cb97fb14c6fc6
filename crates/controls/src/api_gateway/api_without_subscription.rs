use palisade_document::Value;
use palisade_estate::azure::Api;
use palisade_estate::{Field, Unknown};

use super::policy_chain::PolicyChain;
use super::policy_document::owner;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW005",
    name: "api-without-subscription",
    title: "every API asks its callers for a subscription key or another proof",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("8ac833bd-f505-48d5-887e-c993a1d3eea0"),
        Framework::Mcsb.id("IM-4"),
    ],
    parameters: &[],
    page: include_str!("api_without_subscription.md"),
    check,
};

/// Policies that check the caller, or may: an answer given early can be a refusal.
const CHECKS: [&str; 6] = [
    "validate-jwt",
    "validate-azure-ad-token",
    "validate-client-certificate",
    "check-header",
    "ip-filter",
    "return-response",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<Api<'_>>(), judge);
}

fn judge(api: &Api<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match api.subscription_required() {
        Field::Present(true, at) => {
            findings
                .pass(**api, "the API itself requires a subscription key")
                .at(at, "");
            Ok(())
        }
        Field::Present(false, at) => anonymous(api, at, findings),
        Field::Absent(_) => Err(Unknown::because(
            "subscriptionRequired is not in the input, and Azure documents no default for it",
            format!("az resource show --ids {}", api.id()),
        )),
        Field::Unknown(unknown) => Err(unknown),
    }
}

/// No key is required: is there another check in the policies?
fn anonymous(api: &Api<'_>, at: Value<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let chain = PolicyChain::of(api);
    let checking = chain
        .documents()
        .find_map(|document| Some((document, document.first_of(&CHECKS)?)));
    if let Some((document, policy)) = checking {
        let cause = format!(
            "no subscription key is required; the policy of `{}` holds {}, but whether it covers every request isn't judged",
            owner(&document.resource),
            policy.name
        );
        findings
            .unknown(
                **api,
                Unknown::because(cause, "a waiver that says how callers prove who they are"),
            )
            .at(at, "no key is required")
            .related(document.at, format!("holds {}", policy.name));
        return Ok(());
    }
    chain.is_read()?;
    let supply = format!(
        "az rest --method get --url '{}/policies?api-version=2022-08-01&format=rawxml', and the same for the service, its products and the API's operations",
        api.id()
    );
    let message = "no subscription key is required, and no policy checks the caller";
    findings
        .missing(**api, chain.coverage, message, supply)
        .at(at, "anybody can call the API")
        .help(format!(
            "az apim api update --resource-group {} --service-name {} --api-id {} --subscription-required true",
            api.id().resource_group().unwrap_or_default(),
            api.id().parent().map(|service| service.name().to_owned()).unwrap_or_default(),
            api.name()
        ));
    Ok(())
}
