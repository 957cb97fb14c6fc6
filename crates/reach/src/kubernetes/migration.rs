//! What NetworkPolicies mean under Azure NPM and no longer mean under Cilium, which AKS migrates
//! clusters to (AKS documentation of the migration from Azure NPM to Cilium, 2026).

use palisade_document::Value;
use palisade_estate::kubernetes::{NetworkPolicy, PolicyType};
use palisade_packet::Transport;

use super::EngineKind;
use super::network_policy;
use super::program::NoteKind;
use super::translator::Translator;

/// Notes what a migration would change in a cluster with Azure NPM; under Cilium, what may have
/// been meant otherwise.
pub(super) fn note<'e>(policies: &[NetworkPolicy<'e>], translator: &Translator<'e>) {
    let kind = match translator.engine.kind {
        EngineKind::AzureNpm => NoteKind::Migration,
        EngineKind::Cilium => NoteKind::Pitfall,
        _ => return,
    };
    for policy in policies {
        for direction in [PolicyType::Ingress, PolicyType::Egress] {
            for rule in policy.rules(direction) {
                for peer in rule.peers() {
                    note_range(policy, peer, kind, translator);
                }
                for port in rule.ports() {
                    note_port(policy, port, kind, translator);
                }
            }
        }
        if kind == NoteKind::Migration && policy.isolates(PolicyType::Egress) {
            let message = "Azure NPM lets pods reach their own node whatever a policy says; under Cilium that takes a CiliumNetworkPolicy with `toEntities: [host]`";
            translator.note(kind, **policy, policy.anchor(), message);
        }
    }
}

/// Address ranges of Cilium never cover pods and nodes.
fn note_range<'e>(
    policy: &NetworkPolicy<'e>,
    peer: Value<'e>,
    kind: NoteKind,
    translator: &Translator<'e>,
) {
    let Some(block) = peer.get("ipBlock").filter(|block| !block.is_null()) else {
        return;
    };
    let endpoints = &translator.endpoints;
    let covered = translator.endpoints_at(&network_policy::addresses(block), &endpoints.inside());
    if covered.is_empty() {
        return;
    }
    let may = if covered.certain.is_empty() {
        "may cover"
    } else {
        "covers"
    };
    let message = match kind {
        NoteKind::Migration => format!(
            "the range {may} pods or nodes, which no range does under Cilium: select pods by their labels, and nodes by a CiliumNetworkPolicy"
        ),
        _ => format!("the range {may} addresses of pods or nodes, and Cilium leaves those out"),
    };
    translator.note(kind, **policy, block, message);
}

/// Cilium takes a port's name to stand for one number everywhere.
fn note_port<'e>(
    policy: &NetworkPolicy<'e>,
    port: Value<'e>,
    kind: NoteKind,
    translator: &Translator<'e>,
) {
    let Some(name) = port.get("port").and_then(Value::as_str) else {
        return;
    };
    let protocol = port.get("protocol").filter(|value| !value.is_null());
    let Some(transport) = Transport::named(protocol.map_or("TCP", Value::scalar)) else {
        return;
    };
    let endpoints = &translator.endpoints;
    let mut numbers: Vec<_> = endpoints
        .pods()
        .iter()
        .flat_map(|id| &endpoints.get(id).ports)
        .filter(|own| own.name == name && own.transport == transport)
        .map(|own| own.number)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() > 1 {
        let message = format!(
            "pods give the port name `{name}` {} different numbers, of which Cilium may take the wrong one: use numbers",
            numbers.len()
        );
        translator.note(kind, **policy, port, message);
    }
}
