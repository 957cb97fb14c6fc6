//! Terraform: plans, states and configurations, together with the files that they were made of.

use std::collections::{BTreeMap, HashMap};

use palisade_document::{Content, Derived, Document, NodeId, Value};
use palisade_estate::{Reading, ResourceId, Unknown};
use palisade_terraform::{Scope, Source, read_configuration, read_plan, read_state};

use crate::composition::Composition;
use crate::format::Format;
use crate::recognition::Found;
use crate::redaction::{self, Strings};
use crate::template::Part;
use crate::{NotUnderstood, Options, azure_export, has_error};

/// Reads every plan, every state, and the configurations that no plan lies beside. `live` are the
/// readings of the files, for what a plan says about resources that it doesn't make.
pub(crate) fn compose(files: &[Part<'_>], live: &[Reading], options: &Options) -> Composition {
    let of = |wanted: Format| {
        let alike = files.iter().filter(move |(_, format)| *format == wanted);
        alike.map(|(file, _)| *file)
    };
    let sources: Vec<_> = of(Format::Configuration)
        .map(|file| Source {
            text: file.text(),
            document: file.id(),
        })
        .collect();
    let scope = Scope {
        subscription: options.deployment.subscription.clone(),
    };
    let plans: Vec<_> = of(Format::Plan).map(|file| file.text().path()).collect();
    let mut composition = Composition::default();
    for state in of(Format::State) {
        let reading = read_state(state, &scope);
        take(state.text().path(), reading, None, &mut composition);
    }
    for plan in of(Format::Plan) {
        let reading = read_plan(plan, &sources, &scope);
        take(plan.text().path(), reading, Some(live), &mut composition);
    }
    if let Some(first) = sources.first() {
        let reading = read_configuration(&sources, &plans, &scope);
        take(first.text.path(), reading, Some(live), &mut composition);
    }
    composition
}

/// Takes in what was read; `live` only if it is what will be.
fn take(
    path: &str,
    reading: palisade_terraform::Reading,
    live: Option<&[Reading]>,
    composition: &mut Composition,
) {
    let is_whole = !has_error(&reading.diagnostics);
    composition.diagnostics.extend(reading.diagnostics);
    composition
        .not_understood
        .extend(left_aside(path, &reading.left_aside));
    let mut bodies: Vec<_> = reading
        .objects
        .iter()
        .map(|object| object.body.clone())
        .collect();
    let mut ids = Vec::new();
    for resource in reading.resources {
        if let Some(id) = ResourceId::parse(&resource.id) {
            let doubt = resource
                .doubt
                .map(|doubt| Unknown::because(doubt.cause, doubt.supply));
            ids.push((id, doubt));
            bodies.push(resource.body);
        }
    }
    let bodies_of_live = live.map(known).unwrap_or_default();
    for addition in reading.additions {
        let target = ResourceId::parse(&addition.id);
        let existing = target.and_then(|id| Some((bodies_of_live.get(id.key())?, id)));
        if let Some((existing, id)) = existing {
            ids.push((id, None));
            bodies.push(merged(Derived::literal(*existing), addition.body));
        }
    }
    let mut document = Document::derive(path, &bodies);
    redaction::redact(&mut document, false, Strings::Plain);
    let mut found = Found::default();
    let mut roots = document.roots();
    let objects: Vec<NodeId> = roots
        .by_ref()
        .take(reading.objects.len())
        .map(Value::node)
        .collect();
    for ((id, doubt), body) in ids.into_iter().zip(roots) {
        azure_export::take_planned(id, body, doubt.as_ref(), &mut found);
    }
    let deleted = reading
        .deleted
        .iter()
        .filter_map(|id| ResourceId::parse(id));
    composition.readings.push(Reading {
        resources: found.resources,
        objects,
        deleted: deleted.collect(),
        is_planned: live.is_some(),
        is_whole,
        ..Reading::of(document)
    });
}

/// The bodies of live resources by the key of their id.
fn known(live: &[Reading]) -> HashMap<&str, Value<'_>> {
    let readings = live.iter().filter(|reading| !reading.is_planned);
    let resources = readings.flat_map(|reading| {
        let resources = reading.resources.iter();
        resources.map(|found| (found.id.key(), reading.document.value(found.node)))
    });
    resources.collect()
}

/// A value with what another says beside it: members of mappings are joined, lists follow each
/// other, and of two scalars the other's counts.
fn merged(value: Derived, other: Derived) -> Derived {
    let content = match (&value.content, &other.content) {
        (Content::Object(members), Content::Object(others)) => {
            let mut members = members.to_vec();
            for (key, theirs) in others.iter() {
                let same = |name: &Derived| match (name.as_str(), key.as_str()) {
                    (Some(name), Some(key)) => name.eq_ignore_ascii_case(key),
                    _ => false,
                };
                match members.iter_mut().find(|(name, _)| same(name)) {
                    Some((_, own)) => *own = merged(std::mem::take(own), theirs.clone()),
                    None => members.push((key.clone(), theirs.clone())),
                }
            }
            Content::Object(members.into())
        }
        (Content::Array(items), Content::Array(others)) => Content::Array(
            items
                .iter()
                .chain(others.iter())
                .cloned()
                .collect::<Vec<_>>()
                .into(),
        ),
        _ => return other,
    };
    Derived { content, ..value }
}

/// One entry for each reason.
fn left_aside(path: &str, left: &[(String, String)]) -> Vec<NotUnderstood> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (address, reason) in left {
        by_reason.entry(reason).or_default().push(address);
    }
    let entries = by_reason.into_iter().map(|(reason, addresses)| {
        let others = match addresses.len() {
            1 => String::new(),
            more => format!(" and {} more", more - 1),
        };
        NotUnderstood {
            path: path.to_owned(),
            reason: format!("{}{others}: {reason}", addresses[0]),
        }
    });
    entries.collect()
}
