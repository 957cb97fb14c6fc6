use palisade_estate::{Resource, Unknown};

use super::policy_document::{PolicyDocument, all_documents};
use super::policy_markup::Element;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW013",
    name: "cors-open-to-everybody",
    title: "only named origins may call APIs from a browser",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Psrule.id("Azure.APIM.CORSPolicy")],
    parameters: &[],
    page: include_str!("cors_open_to_everybody.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for policy in all_documents(context.estate) {
        if let Err(unknown) = judge(policy, findings) {
            findings.unknown(policy, unknown);
        }
    }
}

fn judge(policy: Resource<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let document = PolicyDocument::read(policy)?;
    let policies: Vec<_> = document
        .elements()
        .filter(|element| element.name == "cors")
        .collect();
    if policies.is_empty() {
        return Ok(());
    }
    let open: Vec<_> = policies
        .iter()
        .filter(|cors| origins(cors).any(|origin| origin == "*"))
        .collect();
    if let Some(worst) = open
        .iter()
        .find(|cors| allows_credentials(cors))
        .or(open.first())
    {
        let finding = findings.fail(policy, message(worst));
        finding.at(document.at, "allows the origin *");
        if allows_credentials(worst) {
            finding.severity(Severity::High);
        }
        return Ok(());
    }
    if policies.iter().any(|cors| origins(cors).any(is_computed)) {
        return Err(Unknown::because(
            "an allowed origin is a named value or an expression",
            "the origin itself in the policy document",
        ));
    }
    findings
        .pass(policy, "only named origins are allowed")
        .at(document.at, "");
    Ok(())
}

fn message(cors: &Element<'_>) -> &'static str {
    if allows_credentials(cors) {
        "the cors policy allows every origin (*), and credentials with it"
    } else {
        "the cors policy allows every origin (*)"
    }
}

fn allows_credentials(cors: &Element<'_>) -> bool {
    cors.attribute("allow-credentials")
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}

/// The texts of `allowed-origins/origin`; empty where an origin is an expression.
fn origins<'c, 'e>(cors: &'c Element<'e>) -> impl Iterator<Item = &'e str> + use<'c, 'e> {
    let lists = cors
        .children
        .iter()
        .filter(|child| child.name == "allowed-origins");
    lists
        .flat_map(|list| &list.children)
        .map(|origin| origin.text)
}

fn is_computed(origin: &str) -> bool {
    origin.is_empty() || origin.contains("{{")
}
