use palisade_estate::azure::{PolicyFragment, ServicePolicy};
use palisade_estate::{Resource, Unknown, View};

use super::policy_document::{PolicyDocument, all_documents};
use super::policy_markup::Element;

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW017",
    name: "policy-without-base",
    title: "policies keep what the broader scopes say",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Psrule.id("Azure.APIM.PolicyBase")],
    parameters: &[],
    page: include_str!("policy_without_base.md"),
    check,
};

/// The sections of a document, in the order in which they run.
const SECTIONS: [&str; 4] = ["inbound", "backend", "outbound", "on-error"];

fn check(context: &Context<'_>, findings: &mut Findings) {
    // The document of the service has nothing above it, and a fragment is a part of others.
    let narrower = all_documents(context.estate).filter(|document| {
        ![ServicePolicy::TYPE, PolicyFragment::TYPE].contains(&document.resource_type())
    });
    for policy in narrower {
        if let Err(unknown) = judge(policy, findings) {
            findings.unknown(policy, unknown);
        }
    }
}

fn judge(policy: Resource<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let document = PolicyDocument::read(policy)?;
    let sections = document
        .elements()
        .filter(|element| element.name == "policies")
        .flat_map(|document| &document.children);
    let without: Vec<_> = sections
        .filter(|section| SECTIONS.contains(&section.name) && !inherits(section))
        .map(|section| section.name)
        .collect();
    if without.is_empty() {
        let message = "every section runs what broader scopes say";
        findings.pass(policy, message).at(document.at, "");
        return Ok(());
    }
    let message = format!("no <base /> in {}", without.join(", "));
    let finding = findings.fail(policy, message).at(document.at, "");
    finding.help("put <base /> first in the section");
    if !without.contains(&"inbound") {
        finding.severity(Severity::Low);
    }
    Ok(())
}

fn inherits(section: &Element<'_>) -> bool {
    section.all().iter().any(|element| element.name == "base")
}
