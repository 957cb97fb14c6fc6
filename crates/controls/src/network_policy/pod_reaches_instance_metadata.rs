use std::net::{IpAddr, Ipv4Addr};

use palisade_estate::kubernetes::{PodTemplate, PolicyType};
use palisade_estate::{Cluster, Unknown};
use palisade_packet::{PortSet, Traffic, Transport};

use super::isolated::of_conditions;
use super::pod_flow::{Passage, each, opening, passage, pods};
use crate::{
    Confidence, Context, Control, Domain, Findings, Parameter, Recommendation, Severity, Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "NP028",
    name: "pod-reaches-instance-metadata",
    title: "pods can't ask the instance metadata service of their node",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[],
    parameters: &[&EXEMPT_NAMESPACES],
    page: include_str!("pod_reaches_instance_metadata.md"),
    check,
};

static EXEMPT_NAMESPACES: Parameter = Parameter {
    name: "exempt-namespaces",
    meaning: "namespaces whose pods may ask the instance metadata service, beside those of Kubernetes and AKS",
    domain: Domain::Names { default: &[] },
    weaker: Weaker::More,
};

/// Where the service answers, over HTTP (Azure documentation of the Instance Metadata Service).
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));
const PORT: u16 = 80;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let exempt = context.names(&EXEMPT_NAMESPACES);
    each(context, &exempt, findings, |cluster, pod, findings| {
        judge(context, cluster, pod, findings)
    });
}

fn judge<'e>(
    context: &Context<'e>,
    cluster: &Cluster<'e>,
    pod: &PodTemplate<'e>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let restricted = is_restricted(cluster);
    if restricted == Ok(true) {
        let message =
            "podLinkLocalAccess is None, which keeps pods from the instance metadata service";
        findings.pass(pod.owner, message);
        return Ok(());
    }
    let proof = context.proof(cluster)?;
    let analysis = &proof.analysis;
    let Some(service) = analysis.endpoints.outside_at(ADDRESS) else {
        return Err(Unknown::because(
            "169.254.169.254 is the address of a pod or a node of the input",
            "the objects as kubectl get prints them",
        ));
    };
    let traffic = Traffic::to_ports(Transport::Tcp, PortSet::one(PORT));
    let mut doubts = None;
    for own in pods(proof, pod)?.iter() {
        match passage(analysis, PolicyType::Egress, own, service, &traffic) {
            Passage::Closed => {}
            Passage::Unknown(conditions) => doubts = doubts.or(Some(conditions)),
            Passage::Open(through) => {
                // Whether the cluster has closed the way for all pods decides.
                restricted?;
                let by = opening(analysis, PolicyType::Egress, (own, service), through);
                match by {
                    Some((rule, name)) => {
                        let message = format!(
                            "{name} lets the pods reach 169.254.169.254:80, the instance metadata service"
                        );
                        let finding = findings.fail(pod.owner, message);
                        finding
                            .at(context.estate.value(rule.origin), "this rule")
                            .related(pod.owner.anchor(), "these pods")
                            .help("except 169.254.169.254/32 from the range, or name the destinations");
                    }
                    None => open(cluster, pod, findings),
                }
                return Ok(());
            }
        }
    }
    if let Some(conditions) = doubts {
        return Err(of_conditions(&conditions));
    }
    let message =
        "policies keep the pods from the instance metadata service: proved over all packets";
    findings.pass(pod.owner, message);
    Ok(())
}

/// No policy speaks of the pods' traffic to the service.
fn open(cluster: &Cluster<'_>, pod: &PodTemplate<'_>, findings: &mut Findings) {
    let namespace = pod.namespace();
    findings
        .missing(
            pod.owner,
            cluster.coverage(&[("networking.k8s.io", "NetworkPolicy")]),
            "no policy keeps the pods from 169.254.169.254:80, the instance metadata service",
            format!("kubectl get networkpolicy --namespace {namespace} --output yaml"),
        )
        .help(format!(
            "isolate the pods of `{namespace}` for egress and allow what they need: see NP005"
        ));
}

/// Whether the cluster keeps all pods with a network of their own from the service
/// (`podLinkLocalAccess` `None`).
fn is_restricted(cluster: &Cluster<'_>) -> Result<bool, Unknown> {
    let managed = cluster.managed()?;
    let (access, _) = managed.pod_link_local_access().or_default("IMDS")?;
    Ok(access.eq_ignore_ascii_case("None"))
}
