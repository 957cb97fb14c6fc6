use palisade_estate::azure::ApiProduct;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW009",
    name: "product-without-approval-or-subscription",
    title: "published products ask for a subscription, which somebody approves",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Psrule.id("Azure.APIM.ProductSubscription"),
        Framework::Psrule.id("Azure.APIM.ProductApproval"),
    ],
    parameters: &[],
    page: include_str!("product_without_approval_or_subscription.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiProduct<'_>>(), judge);
}

fn judge(product: &ApiProduct<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (state, _) = product.state().or_default("notPublished")?;
    if state.eq_ignore_ascii_case("notPublished") {
        findings.not_applicable(**product, "the product is not published");
        return Ok(());
    }
    let (is_required, at) = product.subscription_required().or_default(true)?;
    if !is_required {
        findings
            .fail(
                **product,
                "subscriptionRequired is false: the product's APIs answer without a key",
            )
            .at(at, "an open product")
            .help(command(product, "--subscription-required true"));
        return Ok(());
    }
    match product.approval_required() {
        Field::Present(true, at) => {
            findings
                .pass(
                    **product,
                    "a subscription is required and has to be approved",
                )
                .at(at, "");
        }
        Field::Present(false, at) => {
            findings
                .fail(
                    **product,
                    "approvalRequired is false: whoever signs up gets a key at once",
                )
                .at(at, "nobody approves")
                .severity(Severity::Low)
                .help(command(product, "--approval-required true"));
        }
        Field::Absent(_) => {
            return Err(Unknown::because(
                "approvalRequired is not in the input, and Azure documents no default for it",
                format!("az resource show --ids {}", product.id()),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}

fn command(product: &ApiProduct<'_>, change: &str) -> String {
    format!(
        "az apim product update --resource-group {} --service-name {} --product-id {} {change}",
        product.id().resource_group().unwrap_or_default(),
        product
            .id()
            .parent()
            .map(|service| service.name().to_owned())
            .unwrap_or_default(),
        product.name()
    )
}
