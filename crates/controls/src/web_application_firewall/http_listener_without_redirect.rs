use palisade_estate::azure::ApplicationGateway;
use palisade_estate::{Field, Settings, Unknown};

use super::gateway_part;
use super::redirect::{self, Answer};
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "WAF011",
    name: "http-listener-without-redirect",
    title: "a listener for plain HTTP only redirects to HTTPS",
    recommendation: Recommendation::WebApplicationFirewall,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Framework::Mcsb.id("DP-3"),
        Framework::CisAks.id("5.4.5"),
        Framework::Psrule.id("Azure.AppGw.UseHTTPS"),
        Framework::Checkov.id("CKV_AZURE_217"),
        Framework::Azqr.id("233a7008-71e9-e745-923e-1a1c7a0b92f3"),
    ],
    parameters: &[],
    page: include_str!("http_listener_without_redirect.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ApplicationGateway<'_>>(),
        |gateway, findings| {
            for listener in gateway.http_listeners()? {
                if let Err(unknown) = judge(gateway, &listener, findings) {
                    findings
                        .unknown(gateway_part::subject(**gateway, &listener), unknown)
                        .at(listener.anchor(), "");
                }
            }
            Ok(())
        },
    );
}

fn judge(
    gateway: &ApplicationGateway<'_>,
    listener: &Settings<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let subject = gateway_part::subject(**gateway, listener);
    let (protocol, at) = match listener.text("protocol") {
        Field::Present(protocol, at) => (protocol, at),
        Field::Absent(_) => {
            return Err(Unknown::because(
                "the listener names no protocol",
                "correct the listener",
            ));
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    if protocol.eq_ignore_ascii_case("Https") {
        findings
            .pass(subject, "the listener takes HTTPS only")
            .at(at, "");
        return Ok(());
    }
    let mut is_used = false;
    for rule in gateway.request_routing_rules()? {
        if !gateway_part::names(&rule, "httpListener", listener.name())? {
            continue;
        }
        is_used = true;
        if let Answer::Serves { what, at: place } = redirect::of_rule(gateway, &rule)? {
            findings
                .fail(subject, format!("requests over plain HTTP go to {what}"))
                .at(at, "the listener takes plain HTTP")
                .related(place, "and sends it here")
                .help(command(gateway, &rule));
            return Ok(());
        }
    }
    let finding = match is_used {
        true => findings.pass(subject, "the listener redirects to HTTPS"),
        false => findings.not_applicable(subject, "no routing rule uses the listener"),
    };
    finding.at(at, "");
    Ok(())
}

fn command(gateway: &ApplicationGateway<'_>, rule: &Settings<'_>) -> String {
    let group = gateway.id().resource_group().unwrap_or_default();
    format!(
        "az network application-gateway redirect-config create --resource-group {group} --gateway-name {gateway} --name to-https --type Permanent --target-listener HTTPS_LISTENER --include-path true --include-query-string true && az network application-gateway rule update --resource-group {group} --gateway-name {gateway} --name {} --redirect-config to-https",
        rule.name(),
        gateway = gateway.name(),
    )
}
