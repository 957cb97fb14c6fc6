use palisade_estate::Unknown;
use palisade_estate::azure::WafPolicy;

use super::protection;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF009",
    name: "request-body-not-inspected",
    title: "the whole body of a request is inspected or the request is refused",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("ca85ef9a-741d-461d-8b7a-18c2da82c666"),
        Framework::Mcsb.id("NS-6"),
        Framework::CisAzure.id("7.14"),
        Framework::Cnspec.id("appgw-waf-request-body-check"),
    ],
    parameters: &[],
    page: include_str!("request_body_not_inspected.md"),
    check,
};

/// What both limits are where a policy names none, in KB.
const DEFAULT_LIMIT: i64 = 128;

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<WafPolicy<'_>>(), judge);
}

fn judge(policy: &WafPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    if protection::is_off(policy) {
        findings.not_applicable(**policy, "the policy is disabled: see WAF002");
        return Ok(());
    }
    let (is_checked, at) = policy.request_body_check().or_default(true)?;
    if !is_checked {
        findings
            .fail(
                **policy,
                "requestBodyCheck is false, so bodies are not inspected",
            )
            .at(at, "only headers, cookies and the address are inspected")
            .severity(Severity::High)
            .help(protection::command(policy, "--request-body-check true"));
        return Ok(());
    }
    depth(policy, findings)
}

/// A body that is longer than what is inspected must be refused.
fn depth(policy: &WafPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (inspected, at) = policy
        .request_body_inspect_limit()
        .or_default(DEFAULT_LIMIT)?;
    if inspected < 1 {
        return Err(Unknown::because(
            format!(
                "requestBodyInspectLimitInKB is {inspected}, and what that means isn't documented"
            ),
            "a limit of 128 or more",
        ));
    }
    let (is_enforced, enforcement) = policy.request_body_enforcement().or_default(true)?;
    if !is_enforced {
        findings
            .fail(**policy, format!("requestBodyEnforcement is false and inspection stops after {inspected} KB, so what stands behind {inspected} KB of filler gets through"))
            .at(enforcement, "longer bodies are not refused")
            .related(at, "how far a body is inspected")
            .help(protection::set_command(policy, "requestBodyEnforcement=true"));
        return Ok(());
    }
    let (accepted, limit) = policy.max_request_body_size().or_default(DEFAULT_LIMIT)?;
    if accepted > inspected {
        findings
            .fail(**policy, format!("bodies up to {accepted} KB are accepted but inspected only up to {inspected} KB"))
            .at(at, "inspection stops here")
            .related(limit, "longer bodies are refused")
            .help(protection::set_command(policy, &format!("requestBodyInspectLimitInKB={accepted}")));
        return Ok(());
    }
    findings.pass(
        **policy,
        format!("bodies are inspected up to {inspected} KB and refused above {accepted} KB"),
    );
    Ok(())
}
