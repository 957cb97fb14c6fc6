use palisade_document::Value;
use palisade_estate::azure::{ManagedCluster, PolicyEngine};
use palisade_estate::kubernetes::PolicyDialect;
use palisade_estate::{Object, Unknown};

use super::advanced_policy::{Unserved, unserved};
use super::engine::{enforces, engine, engine_name};
use crate::azure_cli;
use crate::system_namespace::is_system;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "NP006",
    name: "network-policy-not-enforced",
    title: "the cluster's engine enforces every network policy that is in the cluster",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::High,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-1"), Framework::CisAks.id("5.4.4")],
    parameters: &[],
    page: include_str!("network_policy_not_enforced.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for cluster in context.estate.clusters() {
        let engine = engine(&cluster);
        for policy in cluster.objects() {
            let Some(dialect) = PolicyDialect::of(&policy) else {
                continue;
            };
            if policy.namespace().is_some_and(is_system) {
                continue;
            }
            if dialect == PolicyDialect::CalicoStaged {
                staged(policy, findings);
            } else if let Err(unknown) = judge(policy, dialect, engine.clone(), findings) {
                findings.unknown(policy, unknown);
            }
        }
    }
}

/// A staged policy is there to be looked at, so it is no more than worth knowing.
fn staged(policy: Object<'_>, findings: &mut Findings) {
    let message = format!("a {} is previewed and never enforced", policy.kind());
    findings.fail(policy, message).severity(Severity::Low);
}

fn judge(
    policy: Object<'_>,
    dialect: PolicyDialect,
    engine: Result<(PolicyEngine<'_>, Value<'_>), Unknown>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (engine, at) = engine?;
    let name = engine_name(engine);
    match enforces(engine, dialect) {
        None => return Err(depends_on_version(policy, name)),
        Some(true) if dialect == PolicyDialect::Calico => {
            findings
                .pass(
                    policy,
                    "Calico enforces it; AKS neither tests nor supports that",
                )
                .confidence(Confidence::Medium)
                .related(at, "the engine");
        }
        Some(true) if dialect == PolicyDialect::Cilium => {
            let cluster = policy.cluster().managed()?;
            match unserved(&policy, &cluster)? {
                Some(unserved) => not_served(policy, &unserved, &cluster, findings),
                None => enforced(policy, name, at, findings),
            }
        }
        Some(true) => enforced(policy, name, at, findings),
        Some(false) if engine == PolicyEngine::None => {
            findings
                .fail(
                    policy,
                    "the cluster has no network policy engine, so nothing enforces it",
                )
                .related(at, "no engine");
        }
        Some(false) => {
            findings
                .fail(policy, format!("{name} doesn't enforce a {}", policy.kind()))
                .related(at, "the engine")
                .help("write it as a NetworkPolicy of networking.k8s.io/v1, which every engine enforces");
        }
    }
    Ok(())
}

fn enforced(policy: Object<'_>, engine: &str, at: Value<'_>, findings: &mut Findings) {
    findings
        .pass(policy, format!("{engine} enforces it"))
        .related(at, "the engine");
}

fn not_served(
    policy: Object<'_>,
    rule: &Unserved<'_>,
    cluster: &ManagedCluster<'_>,
    findings: &mut Findings,
) {
    let message = format!(
        "it has rules about {}, for which advancedNetworkPolicies has to be at least {}, and it is {}",
        rule.what, rule.needs, rule.has
    );
    let options = format!(
        "--enable-acns --acns-advanced-networkpolicies {}",
        rule.needs
    );
    findings
        .fail(policy, message)
        .confidence(Confidence::Medium)
        .at(rule.at, "")
        .help(azure_cli::update(cluster.id(), &options));
}

fn depends_on_version(policy: Object<'_>, engine: &str) -> Unknown {
    Unknown::because(
        format!(
            "whether {engine} enforces a {} depends on the version that AKS ships",
            policy.kind()
        ),
        "a waiver that names the engine's version, or the same rules as NetworkPolicies",
    )
}
