//! ARM templates: which parameter files and linked templates belong to each, and what it deploys.

mod expansion;
mod parameters;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use palisade_document::{Document, Kind, Value};
use rayon::prelude::*;

use crate::composition::{Composition, plain_path};
use crate::format::Format;
use crate::{NotUnderstood, Options};

pub(crate) use expansion::Deployed;
use expansion::deploy;
use parameters::deployments;
pub(crate) use parameters::is_bare;

const UNUSED: &str = "parameters of an ARM template that isn't in the input, or that is deployed with others as chosen";

/// A file of the input with what it is.
pub(crate) type Part<'p> = (&'p Document, Format);

/// One deployment of a template: with some parameter files, or without any.
pub(crate) struct Deployment<'p> {
    template: &'p Document,
    parameters: Vec<&'p Document>,
    /// What tells it from other deployments of the template; empty for the only one.
    name: String,
}

/// The texts of parameter files that a template declares to be secret, as the place of the file
/// among `files` and their nodes.
pub(crate) fn secrets(
    files: &[Part<'_>],
    options: &Options,
) -> Vec<(usize, Vec<palisade_document::NodeId>)> {
    let (deployments, _) = deployments(files, options);
    let mut secrets: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for deployment in &deployments {
        for file in &deployment.parameters {
            let nodes = parameters::secrets(deployment.template, file);
            let place = files
                .iter()
                .position(|(other, _)| std::ptr::eq(*other, *file));
            if let Some(place) = place.filter(|_| !nodes.is_empty()) {
                secrets.entry(place).or_default().extend(nodes);
            }
        }
    }
    secrets.into_iter().collect()
}

/// Expands every template that no other template of the input links to.
pub(crate) fn compose(files: &[Part<'_>], options: &Options) -> Composition {
    let by_path: BTreeMap<String, &Document> = files
        .iter()
        .filter(|(_, format)| *format == Format::Template)
        .map(|(file, _)| (plain_path(file.text().path()), *file))
        .collect();
    let (deployments, unused) = deployments(files, options);
    let outcomes: Vec<_> = deployments
        .par_iter()
        .map(|deployment| {
            let linked = RefCell::new(BTreeSet::new());
            let lookup = |path: &str| {
                let path = plain_path(path);
                let found = by_path.get(&path).copied();
                if found.is_some() {
                    linked.borrow_mut().insert(path);
                }
                found
            };
            let deployed = deploy(deployment, options, &lookup);
            (deployed, linked.into_inner())
        })
        .collect();
    let linked = linked_by_others(&deployments, &outcomes);
    let mut composition = Composition::default();
    for (deployment, (deployed, _)) in deployments.iter().zip(outcomes) {
        if !linked.contains(&plain_path(deployment.template.text().path())) {
            composition.add(deployed);
        }
    }
    for file in unused {
        composition.unused.push(file.id());
        composition.not_understood.push(NotUnderstood {
            path: file.text().path().to_owned(),
            reason: UNUSED.to_owned(),
        });
    }
    composition
}

/// The templates that a template links to which they don't link back to: they are deployed with
/// what it gives them, not on their own.
fn linked_by_others(
    deployments: &[Deployment<'_>],
    outcomes: &[(Deployed, BTreeSet<String>)],
) -> BTreeSet<String> {
    let mut links: BTreeMap<String, &BTreeSet<String>> = BTreeMap::new();
    for (deployment, (_, linked)) in deployments.iter().zip(outcomes) {
        links.insert(plain_path(deployment.template.text().path()), linked);
    }
    let links_back =
        |from: &str, to: &str| links.get(from).is_some_and(|linked| linked.contains(to));
    let pairs = links
        .iter()
        .flat_map(|(from, linked)| linked.iter().map(move |to| (from, to)));
    pairs
        .filter(|(from, to)| from != to && !links_back(to, from))
        .map(|(_, to)| to.clone())
        .collect()
}

/// The members of an object below a root, by name.
fn section<'d>(document: &'d Document, name: &str) -> Option<Value<'d>> {
    let root = document.roots().next()?;
    root.get_ignore_case(name)
        .filter(|section| section.kind() == Kind::Object)
}
