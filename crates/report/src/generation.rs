//! What was generated for a cluster: the flows that are kept open with their evidence, what isn't
//! evident, and the proof.

use std::io::{self, Write};

use palisade_document::Origin;
use palisade_estate::{Estate, Object};
use palisade_reach::kubernetes::{Analysis, EndpointId, EndpointKind};
use palisade_reach::least_privilege::{
    Counterexample, Evidence, Exclusion, LeastPrivilege, Proof, Refuted,
};

use crate::plain_text::one_line;

/// What was generated for a cluster.
#[derive(Clone, Debug)]
pub struct Generation {
    cluster: String,
    engine: &'static str,
    namespaces: Vec<String>,
    excluded: Vec<(String, Exclusion)>,
    flows: Vec<KeptFlow>,
    undecided: Vec<(String, String, Vec<String>)>,
    replaced: Vec<String>,
}

#[derive(Clone, Debug)]
struct KeptFlow {
    from: String,
    to: String,
    traffic: String,
    evidence: Vec<String>,
}

/// How many lines of evidence are shown for one thing.
const SHOWN: usize = 3;

/// The place of a value, as `file:line`.
pub fn place(estate: &Estate, origin: Origin) -> String {
    let (text, span) = estate.used_at(origin);
    let line = text.position(span.start as usize).line;
    format!("{}:{line}", text.path())
}

impl Generation {
    /// What was generated for a cluster, by its name. `replaced` are the policies of the input
    /// whose place the generated ones take.
    pub fn new(
        estate: &Estate,
        cluster: &str,
        analysis: &Analysis<'_>,
        least: &LeastPrivilege<'_, '_>,
        replaced: &[Object<'_>],
    ) -> Self {
        let written = |evidence: &[Evidence]| -> Vec<String> {
            let places = evidence.iter();
            places
                .map(|it| format!("{} ({})", it.what, place(estate, it.at)))
                .collect()
        };
        let flows = least.flows().into_iter().map(|flow| KeptFlow {
            evidence: written(&flow.evidence),
            traffic: flow.traffic.to_string(),
            from: flow.from,
            to: flow.to,
        });
        let undecided = least.undecided.iter();
        let undecided = undecided.map(|it| {
            let evidence = written(&it.evidence);
            (it.namespace.clone(), it.message.clone(), evidence)
        });
        let excluded = least.excluded.iter();
        let own = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Self {
            cluster: cluster.to_owned(),
            engine: analysis.engine.kind.as_str(),
            namespaces: own(least.namespaces()),
            excluded: excluded
                .map(|(name, why)| ((*name).to_owned(), *why))
                .collect(),
            flows: flows.collect(),
            undecided: undecided.collect(),
            replaced: replaced.iter().map(|it| named(estate, *it)).collect(),
        }
    }

    /// Writes it for people.
    pub fn write(&self, mut out: impl Write) -> io::Result<()> {
        let out = &mut out;
        let heading = |out: &mut dyn Write, text: String| writeln!(out, "{}", one_line(&text));
        heading(
            out,
            format!(
                "{}: default deny for {}",
                self.cluster,
                counted(self.namespaces.len(), "namespace")
            ),
        )?;
        for (name, why) in &self.excluded {
            item(out, 2, &format!("left out: {name}, {}", why.as_str()))?;
        }
        heading(
            out,
            format!("kept open: DNS, and {}", counted(self.flows.len(), "flow")),
        )?;
        for flow in &self.flows {
            item(
                out,
                2,
                &format!("{} → {}: {}", flow.from, flow.to, flow.traffic),
            )?;
            evidence(out, 6, &flow.evidence)?;
        }
        if !self.undecided.is_empty() {
            heading(
                out,
                format!(
                    "not evident, and nothing opened for: {}",
                    self.undecided.len()
                ),
            )?;
        }
        for (namespace, message, places) in &self.undecided {
            item(out, 2, &format!("{namespace}: {message}"))?;
            evidence(out, 6, places)?;
        }
        if !self.replaced.is_empty() {
            heading(
                out,
                "they take the place of these policies, which have to go:".to_owned(),
            )?;
        }
        for policy in &self.replaced {
            item(out, 2, policy)?;
        }
        Ok(())
    }

    /// Writes what became of the proof.
    pub fn write_proof(
        &self,
        estate: &Estate,
        analysis: &Analysis<'_>,
        proof: &Proof<'_>,
        mut out: impl Write,
    ) -> io::Result<()> {
        let out = &mut out;
        let (pairs, cluster) = (counted(proof.pairs, "pair"), one_line(&self.cluster));
        let engine = self.engine;
        if proof.counterexamples.is_empty() {
            return writeln!(
                out,
                "{cluster}: proved for {engine} over all packets of {pairs}: every flow is let through, and nothing else"
            );
        }
        writeln!(out, "{cluster}: refuted for {engine}, of {pairs}:")?;
        for example in &proof.counterexamples {
            let Counterexample {
                refuted,
                traffic,
                policies,
                pairs,
                example: (from, to),
            } = example;
            let what = match refuted {
                Refuted::Denied => "a flow isn't let through, or perhaps not",
                Refuted::More => "more than the flows is let through, or perhaps",
            };
            let ends = format!("{} → {}", name(analysis, *from), name(analysis, *to));
            item(
                out,
                2,
                &format!("{ends}: {traffic}: {what}{}", others(*pairs)),
            )?;
            for policy in policies.iter().take(SHOWN) {
                item(out, 6, &format!("by {}", named(estate, *policy)))?;
            }
        }
        Ok(())
    }
}

fn others(pairs: usize) -> String {
    match pairs {
        1 => String::new(),
        pairs => format!("; and {} like it", counted(pairs - 1, "pair")),
    }
}

fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

fn item(out: &mut dyn Write, indent: usize, text: &str) -> io::Result<()> {
    writeln!(out, "{:indent$}{}", "", one_line(text))
}

fn evidence(out: &mut dyn Write, indent: usize, places: &[String]) -> io::Result<()> {
    for place in places.iter().take(SHOWN) {
        item(out, indent, place)?;
    }
    match places.len().checked_sub(SHOWN) {
        None | Some(0) => Ok(()),
        Some(more) => item(out, indent, &format!("and {more} more")),
    }
}

fn named(estate: &Estate, object: Object<'_>) -> String {
    let namespace = object
        .namespace()
        .map_or(String::new(), |name| format!("{name}: "));
    let at = place(estate, object.anchor().origin());
    format!("{namespace}{} ({at})", object.display_name())
}

fn name(analysis: &Analysis<'_>, id: EndpointId) -> String {
    let endpoint = analysis.endpoints.get(id);
    match &endpoint.kind {
        EndpointKind::Pods { workloads, .. } | EndpointKind::HostPods { workloads, .. } => {
            let workloads = workloads.iter().map(|&number| {
                let workload = &analysis.endpoints.workloads()[number];
                format!("{}/{}", workload.namespace, workload.name)
            });
            workloads.collect::<Vec<_>>().join(", ")
        }
        EndpointKind::Node(node) => node.display_name(),
        EndpointKind::Outside => endpoint.addresses.to_string(),
    }
}
