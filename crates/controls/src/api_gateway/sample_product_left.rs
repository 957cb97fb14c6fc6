use palisade_estate::azure::{Api, ApiProduct};
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW019",
    name: "sample-product-left",
    title: "the sample products and APIs are removed",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::Psrule.id("Azure.APIM.SampleProducts")],
    parameters: &[],
    page: include_str!("sample_product_left.md"),
    check,
};

/// What Azure puts into each new service.
const PRODUCTS: [&str; 2] = ["starter", "unlimited"];
const API: &str = "echo-api";

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiProduct<'_>>(), product);
    findings.each(context.estate.all::<Api<'_>>(), api);
}

fn product(product: &ApiProduct<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if !product.is_called(&PRODUCTS) {
        findings.pass(**product, "it is none of the samples");
        return Ok(());
    }
    match product.state() {
        Field::Present(state, at) if state.eq_ignore_ascii_case("published") => {
            findings
                .fail(**product, "the sample product is published")
                .at(at, "")
                .help(format!("az resource delete --ids {}", product.id()));
        }
        Field::Present(_, at) => {
            let message = "the sample product is not published";
            findings.pass(**product, message).at(at, "");
        }
        Field::Absent(_) => {
            return Err(Unknown::because(
                "whether the sample product is published is not in the input",
                format!("az resource show --ids {}", product.id()),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}

fn api(api: &Api<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if api.is_called(&[API]) {
        findings
            .fail(**api, "the sample API is left")
            .help(format!("az resource delete --ids {}", api.id()));
    }
    Ok(())
}
