//! Which parameter files belong to which template.

use std::collections::BTreeSet;

use palisade_document::{Document, Kind, NodeId, Value};

use super::{Deployment, Part, section};
use crate::Options;
use crate::composition::{file_name, folder, plain_path};
use crate::format::Format;

/// The deployments of all templates, and the parameter files that belong to none.
///
/// A parameter file belongs to the template beside it whose name it starts with
/// (`main.parameters.json` and `main.parameters.prod.json` to `main.json`), else to the nearest
/// template that declares all of its parameters and gets all that it needs from it.
pub(super) fn deployments<'p>(
    files: &[Part<'p>],
    options: &Options,
) -> (Vec<Deployment<'p>>, Vec<&'p Document>) {
    let of = |wanted: Format| {
        let alike = files.iter().filter(move |(_, format)| *format == wanted);
        alike.map(|(file, _)| *file).collect::<Vec<_>>()
    };
    let (templates, all) = (of(Format::Template), of(Format::Parameters));
    let chosen: BTreeSet<_> = options
        .parameters
        .iter()
        .map(|path| plain_path(path))
        .collect();
    let is_chosen = |file: &&Document| chosen.contains(&plain_path(file.text().path()));
    let (used, mut unused): (Vec<_>, Vec<_>) = match chosen.is_empty() {
        true => (all, Vec::new()),
        false => all.into_iter().partition(is_chosen),
    };
    let mut given: Vec<Vec<&Document>> = vec![Vec::new(); templates.len()];
    for file in used {
        match owner(file, &templates) {
            Some(owner) => given[owner].push(file),
            None => unused.push(file),
        }
    }
    let deployments = templates.iter().zip(given);
    let deployments = deployments.flat_map(|(template, given)| match given.len() {
        0 => vec![deployment(template, Vec::new(), String::new())],
        1 => vec![deployment(template, given, String::new())],
        // As `az deployment group create` does with several `--parameters`.
        _ if !chosen.is_empty() => vec![deployment(template, given, String::new())],
        _ => given
            .into_iter()
            .map(|file| deployment(template, vec![file], file_name(file).to_owned()))
            .collect(),
    });
    (deployments.collect(), unused)
}

fn deployment<'p>(
    template: &'p Document,
    parameters: Vec<&'p Document>,
    name: String,
) -> Deployment<'p> {
    Deployment {
        template,
        parameters,
        name,
    }
}

/// The place of the template that a parameter file belongs to.
fn owner(file: &Document, templates: &[&Document]) -> Option<usize> {
    let named = templates
        .iter()
        .position(|template| is_named_after(file, template));
    named.or_else(|| nearest(file, templates))
}

/// `main.parameters.json`, `main.prod.parameters.json` and `main-parameters.json` for `main.json`.
fn is_named_after(file: &Document, template: &Document) -> bool {
    let (name, stem) = (file_name(file).to_ascii_lowercase(), file_name(template));
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let rest = name.strip_prefix(&stem.to_ascii_lowercase());
    folder(file) == folder(template)
        && rest.is_some_and(|rest| rest.starts_with(['.', '-', '_']) && rest.contains("param"))
}

/// The nearest of the templates that fit, if there is one nearest.
fn nearest(file: &Document, templates: &[&Document]) -> Option<usize> {
    let given: BTreeSet<_> = values(file)
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    let fitting = templates
        .iter()
        .enumerate()
        .filter(|(_, template)| fits(&given, template));
    let ranked: Vec<_> = fitting
        .map(|(place, template)| (nearness(file, template), place))
        .collect();
    let best = ranked.iter().map(|(near, _)| *near).max()?;
    let mut nearest = ranked.iter().filter(|(near, _)| *near == best);
    match (nearest.next(), nearest.next()) {
        (Some((_, place)), None) => Some(*place),
        _ => None,
    }
}

/// Whether a template declares all of some parameters and needs no others.
fn fits(given: &BTreeSet<String>, template: &Document) -> bool {
    let declared: Vec<_> = section(template, "parameters")
        .into_iter()
        .flat_map(Value::entries)
        .map(|entry| (entry.name().to_ascii_lowercase(), entry.value))
        .collect();
    let is_declared = |name: &String| declared.iter().any(|(declared, _)| declared == name);
    let is_needless = |definition: Value<'_>| {
        definition.get_ignore_case("defaultValue").is_some()
            || definition.get_ignore_case("nullable").is_some()
    };
    !given.is_empty()
        && given.iter().all(is_declared)
        && declared
            .iter()
            .all(|(name, definition)| given.contains(name) || is_needless(*definition))
}

/// How many folders two files share, and whether they share all.
fn nearness(file: &Document, template: &Document) -> (bool, usize) {
    let (one, other) = (folder(file), folder(template));
    let shared = one.split('/').zip(other.split('/'));
    (
        one == other,
        shared.take_while(|(one, other)| one == other).count(),
    )
}

/// The parameters that a file gives, with or without the envelope of the schema.
fn values(file: &Document) -> impl Iterator<Item = (&str, Value<'_>)> {
    let root = file.roots().next();
    let inner = section(file, "parameters").or(root);
    let members = inner.into_iter().flat_map(Value::entries);
    members
        .filter(|entry| entry.value.kind() == Kind::Object)
        .map(|entry| (entry.name(), entry.value))
}

/// What a file gives to parameters that a template declares to be secret.
pub(super) fn secrets(template: &Document, file: &Document) -> Vec<NodeId> {
    let is_secret = |name: &str| {
        let definition = section(template, "parameters")?.get_ignore_case(name)?;
        let kind = definition
            .get_ignore_case("type")?
            .as_str()?
            .to_ascii_lowercase();
        matches!(kind.as_str(), "securestring" | "secureobject").then_some(())
    };
    let mut nodes = Vec::new();
    for (_, given) in values(file).filter(|(name, _)| is_secret(name).is_some()) {
        let mut open: Vec<_> = given.get_ignore_case("value").into_iter().collect();
        while let Some(value) = open.pop() {
            match value.kind() {
                Kind::Array => open.extend(value.items()),
                Kind::Object => open.extend(value.entries().map(|entry| entry.value)),
                Kind::String | Kind::Number => nodes.push(value.node()),
                _ => {}
            }
        }
    }
    nodes
}

/// Whether a file without the schema gives parameters: it is called so, and each member has a
/// value or a reference.
pub(crate) fn is_bare(root: Value<'_>, path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let inner = root.get("parameters").unwrap_or(root);
    let mut members = inner.entries();
    inner.kind() == Kind::Object
        && name.to_ascii_lowercase().contains("parameters")
        && members.len() > 0
        && members.all(|entry| {
            entry.value.kind() == Kind::Object
                && ["value", "reference"]
                    .iter()
                    .any(|key| entry.value.get(key).is_some())
        })
}
