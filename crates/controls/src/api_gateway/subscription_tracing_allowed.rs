use palisade_estate::azure::ApiSubscription;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW014",
    name: "subscription-tracing-allowed",
    title: "subscription keys can't switch on traces of requests",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("subscription_tracing_allowed.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiSubscription<'_>>(), judge);
}

fn judge(subscription: &ApiSubscription<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if let Field::Present(state, at) = subscription.state()
        && !state.eq_ignore_ascii_case("active")
    {
        findings
            .not_applicable(
                **subscription,
                format!("the state is {state}, so that its keys don't work"),
            )
            .at(at, "");
        return Ok(());
    }
    match subscription.allows_tracing() {
        Field::Present(true, at) => {
            findings
                .fail(**subscription, "allowTracing is true: whoever has the key can read traces of requests")
                .at(at, "traces show headers, bodies and policies")
                .help(format!(
                    "az rest --method patch --url '{}?api-version=2022-08-01' --body '{{\"properties\":{{\"allowTracing\":false}}}}'",
                    subscription.id()
                ));
        }
        Field::Present(false, at) => {
            findings
                .pass(**subscription, "allowTracing is false")
                .at(at, "");
        }
        Field::Absent(_) => {
            return Err(Unknown::because(
                "allowTracing is not in the input, and Azure documents no default for it",
                format!("az resource show --ids {}", subscription.id()),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    }
    Ok(())
}
