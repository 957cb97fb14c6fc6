use jiff::civil::Date;
use palisade_estate::azure::PolicyExemption;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "AP009",
    name: "policy-exemption-without-end",
    title: "exemptions from policies end on a day that is still to come",
    recommendation: Recommendation::AzurePolicy,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("PV-2"),
        Framework::Psrule.id("Azure.Policy.WaiverExpiry"),
    ],
    parameters: &[],
    page: include_str!("policy_exemption_without_end.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<PolicyExemption<'_>>(),
        |exemption, findings| judge(context.today, exemption, findings),
    );
}

fn judge(
    today: Date,
    exemption: &PolicyExemption<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (text, at) = match exemption.expires_on() {
        Field::Present(text, at) => (text, at),
        Field::Absent(_) => {
            let (category, _) = exemption.category().or_default("Waiver")?;
            let finding = findings.fail(
                **exemption,
                format!("the exemption ({category}) has no expiresOn"),
            );
            finding.help(command(exemption));
            // What is met in another way needs no end as such, only a look now and then.
            if category.eq_ignore_ascii_case("mitigated") {
                finding.severity(Severity::Info);
            }
            return Ok(());
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    let day = text.get(..10).and_then(|day| day.parse::<Date>().ok());
    match day {
        Some(day) if day < today => {
            findings
                .fail(
                    **exemption,
                    format!("the exemption ended on {day} and no longer holds"),
                )
                .at(at, "past")
                .severity(Severity::Info)
                .help(format!(
                    "az policy exemption delete --name {} --scope {}",
                    exemption.name(),
                    scope(exemption)
                ));
        }
        Some(day) => {
            findings
                .pass(**exemption, format!("the exemption ends on {day}"))
                .at(at, "");
        }
        None => {
            return Err(Unknown::because(
                format!("expiresOn is {text}, which is not a date"),
                "correct the value",
            ));
        }
    }
    Ok(())
}

fn command(exemption: &PolicyExemption<'_>) -> String {
    format!(
        "az policy exemption update --name {} --scope {} --expires-on DATE",
        exemption.name(),
        scope(exemption)
    )
}

fn scope(exemption: &PolicyExemption<'_>) -> String {
    let scope = exemption.id().parent();
    scope.map(|scope| scope.to_string()).unwrap_or_default()
}
