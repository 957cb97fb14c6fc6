//! What the estate must answer: settings in three states, references, coverage, clusters,
//! relations, and the pods that workloads make.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod calico_selector;
mod cluster_scoped_policy;
mod clusters;
mod coverage;
mod kubernetes;
mod policy_dialects;
mod relations;
mod resources;
mod settings;

use palisade_estate::kubernetes::Remarks;
use palisade_estate::{Cluster, Estate, Object, Resource, ResourceId};
use palisade_sources::{File, Input};

const GROUP: &str = "/subscriptions/s1/resourceGroups/rg";

/// Files by path and content, read.
fn input(files: &[(&str, String)], assume_complete: bool) -> Input {
    palisade_sources::read_all(
        files,
        |(path, content)| {
            Ok(File {
                path: (*path).to_owned(),
                bytes: content.clone().into_bytes(),
            })
        },
        assume_complete,
    )
}

/// The estate of one file.
fn estate(content: &str) -> Estate {
    let input = input(&[("estate.json", content.to_owned())], false);
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
    input.estate
}

/// The estate of resources, each as `(type/name, properties)` in one resource group.
fn estate_of(resources: &[(&str, &str)]) -> Estate {
    let bodies: Vec<_> = resources
        .iter()
        .map(|(path, properties)| body(path, properties))
        .collect();
    estate(&format!("[{}]", bodies.join(",\n")))
}

/// A resource as Azure prints it. In the properties `~` stands for the ids of the group.
fn body(path: &str, properties: &str) -> String {
    let (_, name) = path.rsplit_once('/').unwrap();
    let properties = properties.replace('~', &format!("{GROUP}/providers"));
    let id = id(path);
    let kind = id.resource_type().unwrap();
    format!(r#"{{"id": "{id}", "name": "{name}", "type": "{kind}", "properties": {properties}}}"#)
}

fn id(path: &str) -> ResourceId {
    ResourceId::parse(&format!("{GROUP}/providers/{path}")).unwrap()
}

fn find<'e>(estate: &'e Estate, path: &str) -> Resource<'e> {
    estate.find(&id(path)).unwrap()
}

/// The names of the clusters that a resource belongs to.
fn clusters_of(estate: &Estate, path: &str) -> Vec<String> {
    let clusters = estate.clusters_of(&find(estate, path));
    clusters
        .iter()
        .map(|cluster| cluster.name().to_owned())
        .collect()
}

/// What reading the only object of a file remarks on, each with its line.
fn remarked(content: &str, read: impl for<'e> FnOnce(&Object<'e>, &Remarks<'e>)) -> Vec<String> {
    let estate = estate(content);
    let remarks = Remarks::new();
    read(&estate.objects().next().unwrap(), &remarks);
    let lines = remarks.into_vec().into_iter();
    lines
        .map(|remark| format!("{}: {}", remark.at.position().line, remark.message))
        .collect()
}

fn only_cluster(estate: &Estate) -> Cluster<'_> {
    let mut clusters = estate.clusters();
    assert_eq!(clusters.len(), 1);
    clusters.next().unwrap()
}
