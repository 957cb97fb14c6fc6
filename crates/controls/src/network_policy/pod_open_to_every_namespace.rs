use palisade_estate::kubernetes::{PodTemplate, PolicyType};
use palisade_estate::{Cluster, Unknown};
use palisade_packet::{Set, Traffic};
use palisade_reach::kubernetes::Isolation;

use super::isolated::{of_conditions, supposed_engines};
use super::pod_flow::{Passage, each, opening, passage, pods};
use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "NP029",
    name: "pod-open-to-every-namespace",
    title: "pods are reached only from namespaces that a rule chooses",
    recommendation: Recommendation::NetworkPolicy,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    equivalents: &[Framework::Kubescape.id("C-0054")],
    parameters: &[&EXEMPT_NAMESPACES],
    page: include_str!("pod_open_to_every_namespace.md"),
    check,
};

static EXEMPT_NAMESPACES: Parameter = Parameter {
    name: "exempt-namespaces",
    meaning: "namespaces whose pods may be reached from all others, beside those of Kubernetes and AKS",
    domain: Domain::Names { default: &[] },
    weaker: Weaker::More,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let exempt = context.names(&EXEMPT_NAMESPACES);
    each(context, &exempt, findings, |cluster, pod, findings| {
        judge(context, cluster, pod, findings)
    });
}

/// Asks about a pod of which nothing is known, in a namespace that no policy names.
fn judge<'e>(
    context: &Context<'e>,
    cluster: &Cluster<'e>,
    pod: &PodTemplate<'e>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let proof = match context.proof(cluster) {
        Ok(proof) => proof,
        Err(_) if is_open_under_any_engine(context, cluster, pod)? => {
            isolated_by_nothing(pod, findings);
            return Ok(());
        }
        Err(engine) => return Err(engine),
    };
    let analysis = &proof.analysis;
    let stranger = analysis.endpoints.elsewhere();
    let stranger = stranger.ok_or_else(|| of_conditions(&[]))?;
    let isolations = proof.isolations(PolicyType::Ingress);
    for own in pods(proof, pod)?.iter() {
        match isolations.get(own) {
            Isolation::Whole => {}
            Isolation::Open(_) => {
                isolated_by_nothing(pod, findings);
                return Ok(());
            }
            Isolation::Unknown(conditions) => return Err(of_conditions(conditions)),
        }
        match passage(
            analysis,
            PolicyType::Ingress,
            own,
            stranger,
            &Traffic::full(),
        ) {
            Passage::Closed => {}
            Passage::Unknown(conditions) => {
                // That a rule may choose the stranger by its labels is as it should be.
                let mut others = conditions;
                others.retain(|condition| !analysis.is_about_labels(condition));
                if !others.is_empty() {
                    return Err(of_conditions(&others));
                }
            }
            Passage::Open(through) => {
                let shown = shown(&through);
                let by = opening(analysis, PolicyType::Ingress, (own, stranger), through);
                let Some((rule, name)) = by else {
                    return Err(of_conditions(&[]));
                };
                let message =
                    format!("{name} lets every pod of every namespace reach the pods{shown}");
                findings
                    .fail(pod.owner, message)
                    .at(context.estate.value(rule.origin), "this rule")
                    .related(pod.owner.anchor(), "these pods")
                    .help("name the namespaces that need it in `namespaceSelector`");
                return Ok(());
            }
        }
    }
    let message =
        "no rule lets pods in from namespaces that it doesn't choose: proved over all packets";
    findings.pass(pod.owner, message);
    Ok(())
}

fn isolated_by_nothing(pod: &PodTemplate<'_>, findings: &mut Findings) {
    let message = "nothing isolates the pods for ingress: see NP016";
    findings.not_applicable(pod.owner, message);
}

/// Whether some of the pods are isolated by no policy of the input, whatever enforces it.
fn is_open_under_any_engine<'e>(
    context: &Context<'e>,
    cluster: &Cluster<'e>,
    pod: &PodTemplate<'e>,
) -> Result<bool, Unknown> {
    for engine in supposed_engines(cluster) {
        let proof = context.proof_under(cluster, engine)?;
        let isolations = proof.isolations(PolicyType::Ingress);
        let own = pods(proof, pod)?;
        let is_open = |id| matches!(isolations.get(id), Isolation::Open(_));
        if !own.iter().any(is_open) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The traffic in words; nothing if it is all there is.
fn shown(traffic: &Traffic) -> String {
    if *traffic == Traffic::full() {
        return String::new();
    }
    format!(" by {traffic}")
}
