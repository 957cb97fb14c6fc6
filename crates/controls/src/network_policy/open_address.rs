//! Rules that are open to every address: shared by the controls for the two directions.

use ipnet::IpNet;
use palisade_document::Value;
use palisade_estate::Unknown;
use palisade_estate::kubernetes::{
    NetworkPolicy, PolicyRule, PolicySyntax, PolicyType, is_placeholder, policy_syntax,
};

use super::address_range::hold_every_address;
use super::open_dialect_rule;
use crate::system_namespace::is_system;
use crate::{Context, Findings};

/// Judges the policies that act on a direction. Rules for which `is_harmless` holds don't count.
pub(super) fn judge(
    context: &Context<'_>,
    direction: PolicyType,
    is_harmless: fn(&PolicyRule<'_>) -> bool,
    findings: &mut Findings,
) {
    for cluster in context.estate.clusters() {
        if let Err(unknown) = open_dialect_rule::judge(context, &cluster, direction, findings) {
            findings.unknown(cluster, unknown);
        }
        let in_question = |policy: &NetworkPolicy<'_>| {
            policy.isolates(direction) && !policy.namespace().is_some_and(is_system)
        };
        for policy in NetworkPolicy::all(&cluster).filter(in_question) {
            if let Err(unknown) = judge_policy(&policy, direction, is_harmless, findings) {
                findings.unknown(*policy, unknown);
            }
        }
    }
}

fn judge_policy(
    policy: &NetworkPolicy<'_>,
    direction: PolicyType,
    is_harmless: fn(&PolicyRule<'_>) -> bool,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    if policy_syntax(policy) != PolicySyntax::Sound {
        findings.not_applicable(**policy, "the policy is malformed: see NP015");
        return Ok(());
    }
    let (mut open, mut undecided) = (Vec::new(), None);
    for (index, rule) in policy.rules(direction).into_iter().enumerate() {
        match opening(&rule, direction) {
            _ if is_harmless(&rule) => {}
            Ok(Some((at, reason))) => {
                open.push((at, format!("{}[{index}] {reason}", direction.section())));
            }
            Ok(None) => {}
            Err(unknown) => undecided = undecided.or(Some(unknown)),
        }
    }
    let Some((at, _)) = open.first() else {
        if let Some(unknown) = undecided {
            return Err(unknown);
        }
        let message = format!("no {} rule is open to every address", direction.section());
        findings.pass(**policy, message);
        return Ok(());
    };
    let reasons: Vec<_> = open.iter().map(|(_, reason)| reason.as_str()).collect();
    let finding = findings.fail(**policy, reasons.join("; "));
    finding.at(*at, "").help(format!(
        "name the peers in `{}`: kubectl edit networkpolicy {} --namespace {}",
        direction.peers(),
        policy.name(),
        policy.namespace().unwrap_or_default()
    ));
    for (at, reason) in &open[1..] {
        finding.related(*at, reason.as_str());
    }
    Ok(())
}

/// What opens a rule to every address, with its place.
fn opening<'e>(
    rule: &PolicyRule<'e>,
    direction: PolicyType,
) -> Result<Option<(Value<'e>, String)>, Unknown> {
    let peers = rule.peers();
    if peers.is_empty() {
        let reason = format!("has no `{}`, which allows every address", direction.peers());
        return Ok(Some((rule.value(), reason)));
    }
    let mut blocks = Vec::new();
    for block in peers.iter().filter_map(|peer| peer.get("ipBlock")) {
        let Some(cidr) = block.get("cidr") else {
            continue;
        };
        let excepts = block.get("except").into_iter().flat_map(Value::items);
        let excepts = excepts.map(parse).collect::<Result<Vec<_>, _>>()?;
        blocks.push((cidr, parse(cidr)?, excepts));
    }
    let widest = blocks
        .iter()
        .find(|(_, range, excepts)| range.prefix_len() == 0 && !hold_every_address(excepts));
    if let Some((cidr, range, excepts)) = widest {
        return Ok(Some((*cidr, format!("allows {range}{}", but_for(excepts)))));
    }
    // Ranges that make up everything between them.
    let whole: Vec<_> = blocks
        .iter()
        .filter(|(_, _, excepts)| excepts.is_empty())
        .collect();
    let ranges: Vec<_> = whole.iter().map(|(_, range, _)| *range).collect();
    let reason = format!("allows every address: {}", list(&ranges));
    let first = whole.first().filter(|_| hold_every_address(&ranges));
    Ok(first.map(|(cidr, ..)| (*cidr, reason)))
}

fn but_for(excepts: &[IpNet]) -> String {
    if excepts.is_empty() {
        return String::new();
    }
    format!(" but for {}", list(excepts))
}

fn list(ranges: &[IpNet]) -> String {
    let texts: Vec<_> = ranges.iter().map(IpNet::to_string).collect();
    texts.join(", ")
}

fn parse(cidr: Value<'_>) -> Result<IpNet, Unknown> {
    let text = cidr.scalar();
    text.parse().map_err(|_| {
        let supply = if is_placeholder(text) {
            "the manifest as it is applied, such as the output of helm template"
        } else {
            "correct the value"
        };
        Unknown::because(format!("`{text}` is not an address range"), supply)
    })
}
