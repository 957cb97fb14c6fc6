use palisade_estate::azure::ApiManagementService;
use palisade_estate::{Field, Unknown};

use super::api_management_outside_virtual_network::is_one_of;
use super::tls_switch::{how_to_switch_off, switch};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "GW004",
    name: "api-management-weak-cipher",
    title: "the API gateway offers no weak ciphers",
    recommendation: Recommendation::ApiGateway,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("NS-8"),
        Framework::Psrule.id("Azure.APIM.Ciphers"),
        Framework::Azqr.id("apim-010"),
    ],
    parameters: &[],
    page: include_str!("api_management_weak_cipher.md"),
    check,
};

/// The tiers that let ciphers be chosen.
const CHOOSING: [&str; 4] = ["Developer", "Basic", "Standard", "Premium"];

/// Ciphers without forward secrecy or in CBC mode. On unless switched off.
const WEAK: [&str; 7] = [
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
];

/// Triple DES, whose default Azure's own pages give differently.
const TRIPLE_DES: &str = "TripleDes168";

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<ApiManagementService<'_>>(), judge);
}

fn judge(service: &ApiManagementService<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let tier = service.tier().or_default("")?.0;
    if is_one_of(tier, &["Consumption", "BasicV2", "StandardV2", "PremiumV2"]) {
        let why = format!("the tier {tier} doesn't let ciphers be chosen");
        findings.not_applicable(**service, why);
        return Ok(());
    }
    if !is_one_of(tier, &CHOOSING) {
        return Err(Unknown::because(
            format!("whether the tier `{tier}` lets ciphers be chosen isn't known"),
            format!("az resource show --ids {}", service.id()),
        ));
    }
    let mut on = Vec::new();
    for cipher in WEAK {
        if cipher_switch(service, cipher).or_default(true)?.0 {
            on.push(cipher);
        }
    }
    match cipher_switch(service, TRIPLE_DES) {
        Field::Present(true, _) => on.push(TRIPLE_DES),
        Field::Absent(_) if on.is_empty() => {
            return Err(Unknown::because(
                "TripleDes168 is not set, and what it is then depends on the service",
                format!("az resource show --ids {}", service.id()),
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
        _ => {}
    }
    answer(service, &on, findings);
    Ok(())
}

fn cipher_switch<'e>(service: &ApiManagementService<'e>, cipher: &str) -> Field<'e, bool> {
    switch(service, &format!("Ciphers.{cipher}"))
}

fn answer(service: &ApiManagementService<'_>, on: &[&str], findings: &mut Findings) {
    if on.is_empty() {
        findings.pass(**service, "the weak ciphers are switched off");
        return;
    }
    let finding = findings.fail(**service, format!("weak ciphers are on: {}", on.join(", ")));
    if let Field::Present(properties, _) = service.property("customProperties") {
        finding.at(properties, "a cipher that isn't set to false here is on");
    }
    finding.help(how_to_switch_off(&format!("Ciphers.{}", on[0])));
}
