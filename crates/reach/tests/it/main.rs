//! What clusters allow, from manifests to verdicts.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod bad_input;
mod cluster_policy;
mod connectivity;
mod dialects;
mod entry;
mod explanation;
mod intent;
mod least_privilege;
mod network_policy;
mod npm;

use palisade_estate::Estate;
use palisade_reach::kubernetes::{
    Analysis, EndpointId, EndpointKind, Engine, EngineKind, Options, analyse,
};
use palisade_sources::File;

/// The estate of one manifest.
fn estate(manifest: &str) -> Estate {
    let load = |content: &&str| {
        Ok(File {
            path: "cluster.yaml".to_owned(),
            bytes: content.as_bytes().to_vec(),
        })
    };
    let input = palisade_sources::read_all(&[manifest], load, false);
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
    input.estate
}

/// The answer for the only cluster of an estate, with an engine.
fn analysis(estate: &Estate, kind: EngineKind) -> Analysis<'_> {
    let cluster = estate.clusters().next().unwrap();
    analyse(&cluster, &Options::new(Engine::new(kind)))
}

/// What an endpoint is called: its first workload, its node, or its addresses.
fn name(analysis: &Analysis<'_>, id: EndpointId) -> String {
    let endpoint = analysis.endpoints.get(id);
    match &endpoint.kind {
        EndpointKind::Pods { workloads, .. } | EndpointKind::HostPods { workloads, .. } => {
            let names = workloads.iter().map(|&number| {
                let workload = &analysis.endpoints.workloads()[number];
                format!("{}/{}", workload.namespace, workload.name)
            });
            names.collect::<Vec<_>>().join("+")
        }
        EndpointKind::Node(object) => object.display_name(),
        EndpointKind::Outside => endpoint.addresses.to_string(),
    }
}

/// Every pair of different endpoints of which one is in the cluster, unless nothing gets
/// through: what is allowed, and what may be.
fn connections(analysis: &Analysis<'_>) -> String {
    let mut lines = Vec::new();
    let outside = analysis.endpoints.outside();
    for (source, _) in analysis.endpoints.iter() {
        for (destination, _) in analysis.endpoints.iter() {
            let is_outside = outside.contains(source) && outside.contains(destination);
            if source == destination || is_outside {
                continue;
            }
            let both = analysis.pair(source, destination).both;
            let mut table = analysis.table();
            let (certain, open) = (
                both.certainly_allowed(&mut table),
                both.uncertain(&mut table),
            );
            let (certain, open) = (table.get(certain).to_string(), table.get(open).to_string());
            let (from, to) = (name(analysis, source), name(analysis, destination));
            match (certain.as_str(), open.as_str()) {
                ("nothing", "nothing") => {}
                (_, "nothing") => lines.push(format!("{from} -> {to}: {certain}")),
                ("nothing", _) => lines.push(format!("{from} -> {to}: perhaps {open}")),
                _ => lines.push(format!("{from} -> {to}: {certain}, perhaps {open}")),
            }
        }
    }
    lines.join("\n")
}

/// The connections that a manifest comes to with an engine.
fn connections_of(manifest: &str, kind: EngineKind) -> String {
    let estate = estate(manifest);
    connections(&analysis(&estate, kind))
}
