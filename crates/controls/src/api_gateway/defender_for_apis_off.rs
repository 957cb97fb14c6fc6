use crate::defender_plan::judge_subscriptions;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW022",
    name: "defender-for-apis-off",
    title: "Defender for APIs watches the subscriptions that publish APIs",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("7926a6d1-b268-4586-8197-e8ae90c877d7"),
        Framework::Mcsb.id("LT-1"),
        Framework::CisAzure.id("8.1.2.1"),
        Framework::Psrule.id("Azure.APIM.DefenderCloud"),
    ],
    parameters: &[],
    page: include_str!("defender_for_apis_off.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    judge_subscriptions(
        context,
        "Api",
        &["microsoft.apimanagement/service"],
        findings,
    );
}
