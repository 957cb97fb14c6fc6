//! What the TLS policies of Application Gateway admit.

use palisade_estate::{Settings, Unknown};

use crate::{Domain, Parameter, Severity, Weaker};

/// What is weak about a policy.
pub(super) struct Weakness {
    pub(super) message: String,
    pub(super) severity: Severity,
}

/// The oldest TLS that a policy may admit.
pub(super) static MINIMUM_TLS: Parameter = Parameter {
    name: "minimum-tls-version",
    meaning: "the oldest version of TLS that a policy may admit",
    domain: Domain::Choice {
        default: "1.2",
        choices: &["1.2", "1.3"],
    },
    weaker: Weaker::Less,
};

/// Predefined policies: the oldest TLS they admit, and whether all ciphers have forward secrecy.
const PREDEFINED: [(&str, &str, bool); 5] = [
    ("AppGwSslPolicy20150501", "1.0", false),
    ("AppGwSslPolicy20170401", "1.1", false),
    ("AppGwSslPolicy20170401S", "1.2", false),
    ("AppGwSslPolicy20220101", "1.2", true),
    ("AppGwSslPolicy20220101S", "1.2", true),
];

/// The name of a sound policy, or what is weak about it.
pub(super) fn weakness(
    policy: &Settings<'_>,
    minimum: &str,
) -> Result<Result<String, Weakness>, Unknown> {
    let (name, _) = policy.text("policyName").or_default("")?;
    let (kind, _) = policy.text("policyType").or_default("")?;
    if kind.to_ascii_lowercase().starts_with("custom") {
        return of_custom(policy, kind, minimum);
    }
    if name.is_empty() {
        return Err(Unknown::because(
            "the sslPolicy names no policy, and the default depends on the API version that the gateway was made with",
            "a sslPolicy with a policyName",
        ));
    }
    of_predefined(name, minimum)
}

pub(super) fn of_predefined(
    name: &str,
    minimum: &str,
) -> Result<Result<String, Weakness>, Unknown> {
    let known = PREDEFINED
        .iter()
        .find(|(known, ..)| known.eq_ignore_ascii_case(name));
    let Some(&(name, oldest, is_forward_secret)) = known else {
        return Err(Unknown::because(
            format!("this version of Palisade doesn't know the TLS policy `{name}`"),
            "a newer version of Palisade, or a sslPolicy with a policyName",
        ));
    };
    Ok(match (oldest, is_forward_secret) {
        ("1.2", _) if minimum == "1.3" => Err(older_than(minimum, name)),
        ("1.2", true) => Ok(name.to_owned()),
        ("1.2", false) => Err(no_forward_secrecy(name)),
        _ => Err(Weakness {
            message: format!(
                "the TLS policy {name} is for TLS {oldest}, and Azure has discontinued it since 2025-08-31"
            ),
            severity: Severity::Medium,
        }),
    })
}

fn of_custom(
    policy: &Settings<'_>,
    kind: &str,
    minimum: &str,
) -> Result<Result<String, Weakness>, Unknown> {
    let (oldest, _) = policy.text("minProtocolVersion").or_default("")?;
    let ciphers = policy.texts("cipherSuites")?;
    let has = |pattern: fn(&str) -> bool| ciphers.iter().find(|(cipher, _)| pattern(cipher));
    match oldest.to_ascii_uppercase().as_str() {
        "TLSV1_2" if minimum == "1.3" => {
            return Ok(Err(older_than(
                minimum,
                &format!("{kind} from {oldest} on"),
            )));
        }
        "TLSV1_2" | "TLSV1_3" => {}
        "TLSV1_0" | "TLSV1_1" => {
            return Ok(Err(Weakness {
                message: format!("the {kind} TLS policy admits {oldest}"),
                severity: Severity::Medium,
            }));
        }
        _ => {
            return Err(Unknown::because(
                format!("the {kind} TLS policy has no known minProtocolVersion"),
                "a minProtocolVersion of TLSv1_2 or TLSv1_3",
            ));
        }
    }
    if ciphers.is_empty() && !oldest.eq_ignore_ascii_case("TLSv1_3") {
        return Err(Unknown::because(
            format!("the {kind} TLS policy names no cipherSuites, which Azure requires"),
            "the ciphers of the policy",
        ));
    }
    if let Some((cipher, _)) = has(|cipher| cipher.to_ascii_uppercase().contains("3DES")) {
        return Ok(Err(Weakness {
            message: format!("the {kind} TLS policy admits the broken cipher {cipher}"),
            severity: Severity::Medium,
        }));
    }
    Ok(
        match has(|cipher| cipher.to_ascii_uppercase().starts_with("TLS_RSA_")) {
            Some((cipher, _)) => Err(no_forward_secrecy(&format!("{kind} with {cipher}"))),
            None => Ok(format!("{kind}, from {oldest} on")),
        },
    )
}

fn older_than(minimum: &str, name: &str) -> Weakness {
    Weakness {
        message: format!("the TLS policy {name} admits versions before TLS {minimum}"),
        severity: Severity::Medium,
    }
}

fn no_forward_secrecy(name: &str) -> Weakness {
    Weakness {
        message: format!("the TLS policy {name} admits ciphers without forward secrecy"),
        severity: Severity::Low,
    }
}
