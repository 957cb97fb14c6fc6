use palisade_estate::azure::ApiSubscription;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW020",
    name: "subscription-to-all-apis",
    title: "subscriptions are for a product or an API",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("3aa03346-d8c5-4994-a5bc-7652c2a2aef1"),
        Framework::Mcsb.id("PA-7"),
    ],
    parameters: &[],
    page: include_str!("subscription_to_all_apis.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiSubscription<'_>>(), judge);
}

fn judge(subscription: &ApiSubscription<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if subscription.is_called(&["master"]) {
        let message = "every service has it, for its administrators";
        findings.not_applicable(**subscription, message);
        return Ok(());
    }
    let (scope, at) = match subscription.text("scope") {
        Field::Present(scope, at) => (scope, at),
        Field::Unknown(unknown) => return Err(unknown),
        Field::Absent(_) => {
            return Err(Unknown::because(
                "the scope of the subscription is not in the input",
                format!(
                    "az rest --method get --url \"{}?api-version=2022-08-01\"",
                    subscription.id()
                ),
            ));
        }
    };
    let lower = scope.trim_end_matches('/').to_ascii_lowercase();
    if lower.ends_with("/apis") || !(lower.contains("/apis/") || lower.contains("/products/")) {
        findings
            .fail(**subscription, "its keys open every API of the service")
            .at(at, "")
            .help("make a subscription for the product that the caller needs, and delete this one");
    } else {
        let name = scope.rsplit('/').next().unwrap_or(scope);
        findings
            .pass(**subscription, format!("its keys open `{name}` only"))
            .at(at, "");
    }
    Ok(())
}
