use palisade_estate::azure::NamedValue;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW008",
    name: "named-value-not-in-key-vault",
    title: "secrets that policies use are kept in a key vault",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("DP-6"),
        Framework::Psrule.id("Azure.APIM.EncryptValues"),
    ],
    parameters: &[],
    page: include_str!("named_value_not_in_key_vault.md"),
    check,
};

/// Parts of names that give a secret away.
const SECRET_HINTS: [&str; 8] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "connectionstring",
    "privatekey",
];

/// Ends of names of what only belongs to a secret, such as `token-endpoint`.
const HARMLESS_ENDS: [&str; 10] = [
    "id", "url", "uri", "endpoint", "audience", "issuer", "name", "header", "lifetime", "seconds",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<NamedValue<'_>>(), judge);
}

fn judge(value: &NamedValue<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    match value.key_vault_secret() {
        Field::Present(_, at) => {
            findings
                .pass(**value, "the value is kept in a key vault")
                .at(at, "");
            return Ok(());
        }
        Field::Absent(_) => {}
        Field::Unknown(unknown) => return Err(unknown),
    }
    let (is_secret, at) = value.is_secret().or_default(false)?;
    if is_secret {
        findings
            .fail(
                **value,
                "the secret is kept in API Management itself, without a key vault",
            )
            .at(at, "a secret")
            .help(command(value));
        return Ok(());
    }
    let (name, at) = value.display_name().or_default(value.name())?;
    if sounds_secret(name) {
        findings
            .fail(
                **value,
                format!("`{name}` is kept as plain text, and its name sounds like a secret's"),
            )
            .at(at, "readable by everybody who can read the service")
            .severity(Severity::Low)
            .confidence(Confidence::Low)
            .help(command(value));
    } else {
        findings
            .pass(**value, "the value isn't declared a secret")
            .at(at, "");
    }
    Ok(())
}

fn sounds_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    let is_hinted = plain.ends_with("key") || SECRET_HINTS.iter().any(|hint| plain.contains(hint));
    is_hinted && !HARMLESS_ENDS.iter().any(|end| plain.ends_with(end))
}

fn command(value: &NamedValue<'_>) -> String {
    format!(
        "az rest --method patch --url '{}?api-version=2022-08-01' --body '{{\"properties\":{{\"secret\":true,\"keyVault\":{{\"secretIdentifier\":\"SECRET_URL\"}}}}}}'",
        value.id()
    )
}
