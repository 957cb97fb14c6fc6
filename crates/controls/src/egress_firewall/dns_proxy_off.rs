use palisade_estate::azure::FirewallPolicy;
use palisade_estate::{Field, Unknown};

use super::firewall_rules::{absent_groups, outside};
use super::inherited_mode::bases;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "FW009",
    name: "dns-proxy-off",
    title: "a firewall with names in network rules is the network's DNS proxy",
    recommendation: Recommendation::EgressFirewall,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[
        Framework::AzurePolicy.id("3f84c9b0-8b64-4208-98d4-6ada96bb49c3"),
        Framework::Mcsb.id("NS-10"),
    ],
    parameters: &[],
    page: include_str!("dns_proxy_off.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<FirewallPolicy<'_>>(), judge);
}

fn judge(policy: &FirewallPolicy<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (is_on, at) = policy.dns_proxy_enabled().or_default(false)?;
    if is_on {
        findings
            .pass(**policy, "dnsSettings.enableProxy is true")
            .at(at, "");
        return Ok(());
    }
    let mut chain = vec![Ok(*policy)];
    chain.extend(bases(policy));
    let Some((rule, group)) = rule_with_name(&chain)? else {
        let message = "no network rule uses names, so nothing needs the proxy";
        findings.not_applicable(**policy, message);
        return Ok(());
    };
    for base in chain.into_iter().skip(1) {
        let base = base?;
        if base.dns_proxy_enabled().or_default(false)?.0 {
            return Err(Unknown::because(
                format!(
                    "the base policy `{}` has the proxy on, and whether it is inherited isn't documented",
                    base.name()
                ),
                format!(
                    "az network firewall policy update --ids {} --enable-dns-proxy true",
                    policy.id()
                ),
            ));
        }
    }
    let message = format!(
        "dnsSettings.enableProxy isn't true, and the network rule `{rule}` of `{group}` uses names"
    );
    let finding = findings.fail(**policy, message);
    finding.help(format!(
        "az network firewall policy update --ids {} --enable-dns-proxy true",
        policy.id()
    ));
    if let Field::Present(_, at) = policy.dns_proxy_enabled() {
        finding.at(at, "");
    }
    Ok(())
}

/// A network rule with destination names among the rules that a policy has or inherits, with
/// its group. Unknown if there is none in the input and some rules are outside it.
fn rule_with_name<'e>(
    chain: &[Result<FirewallPolicy<'e>, Unknown>],
) -> Result<Option<(&'e str, &'e str)>, Unknown> {
    let mut unread = None;
    for policy in chain {
        match policy.clone().and_then(|policy| rule_in(&policy)) {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) => {}
            Err(unknown) => unread = unread.or(Some(unknown)),
        }
    }
    unread.map_or(Ok(None), Err)
}

fn rule_in<'e>(policy: &FirewallPolicy<'e>) -> Result<Option<(&'e str, &'e str)>, Unknown> {
    for group in policy.rule_collection_groups() {
        for rule in group.rules()? {
            if rule.rule_type() == "networkrule" && !rule.rule.texts("destinationFqdns")?.is_empty()
            {
                return Ok(Some((rule.rule.name(), group.name())));
            }
        }
    }
    absent_groups(policy)?
        .first()
        .map_or(Ok(None), |id| Err(outside(id)))
}
