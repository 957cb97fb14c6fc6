use palisade_estate::azure::{ApplicationGateway, WafPolicy};
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF015",
    name: "orphan-waf-policy",
    title: "every policy of a web application firewall is in use",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[],
    page: include_str!("orphan_waf_policy.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<WafPolicy<'_>>(), |policy, findings| {
        judge(context, policy, findings)
    });
}

fn judge(
    context: &Context<'_>,
    policy: &WafPolicy<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if let Some(user) = policy.associations()?.first() {
        let name = match user.reference("id") {
            Field::Present(id, _) => id.name().to_owned(),
            _ => user.name().to_owned(),
        };
        findings
            .pass(**policy, format!("`{name}` uses the policy"))
            .at(user.value(), "");
        return Ok(());
    }
    if let Some(user) = users(policy).first() {
        findings
            .pass(**policy, format!("`{user}` uses the policy"))
            .at(policy.anchor(), "");
        return Ok(());
    }
    let coverage = context
        .estate
        .coverage::<ApplicationGateway<'_>>(policy.id());
    findings
        .missing(
            **policy,
            coverage,
            "no gateway, listener or path uses the policy",
            "az network application-gateway list",
        )
        .help(format!(
            "attach it, or az network application-gateway waf-policy delete --resource-group {} --name {}",
            policy.id().resource_group().unwrap_or_default(),
            policy.name()
        ));
    Ok(())
}

/// What else in the estate puts the policy to use: gateways and security policies of Application
/// Gateway for Containers in Azure, annotated Ingresses in clusters.
fn users(policy: &WafPolicy<'_>) -> Vec<String> {
    let in_azure = policy.referrers_among(&[
        "microsoft.network/applicationgateways",
        "microsoft.servicenetworking/trafficcontrollers/securitypolicies",
    ]);
    let mut users: Vec<_> = in_azure.iter().map(|user| user.name().to_owned()).collect();
    for object in policy.estate().objects() {
        let annotation = object.annotation("appgw.ingress.kubernetes.io/waf-policy-for-path");
        let reference = object.get("spec.webApplicationFirewall.id");
        let names_policy = [annotation, reference]
            .into_iter()
            .flatten()
            .any(|value| value.scalar().eq_ignore_ascii_case(policy.id().as_str()));
        if names_policy {
            users.push(object.display_name());
        }
    }
    users
}
