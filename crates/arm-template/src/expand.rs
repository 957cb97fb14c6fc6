//! The way in: a template to the resources that it deploys.

use std::rc::Rc;
use std::sync::Arc;

use palisade_document::{Content, Derived, Diagnostic, Document, Kind, Value};

use crate::deployment::Deployment;
use crate::evaluator::Evaluator;
use crate::resource::{Declared, Existence};
use crate::scope::{Level, Scope, Target, type_of};
use crate::settle::settled;
use crate::value;

/// What a template is expanded with.
#[derive(Clone, Debug)]
pub struct Options<'d> {
    /// Parameter files; of two values for a parameter the later counts.
    pub parameters: Vec<&'d Document>,
    /// Where the template is deployed to.
    pub scope: Scope,
}

/// What a template deploys.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// The scope that the template is made for.
    pub level: Level,
    /// The resources in the order of the template; those of nested deployments in place of the
    /// deployment.
    pub resources: Vec<ExpandedResource>,
    /// The outputs by name.
    pub outputs: Vec<(Derived, Derived)>,
    /// Whether everything that is deployed was read: no linked template is missing, and nothing
    /// ended with an error. Otherwise there can be more resources than these.
    pub is_whole: bool,
}

/// One resource that is, or may be, deployed.
#[derive(Clone, Debug)]
pub struct ExpandedResource {
    /// The full id. A part of it that isn't known, such as the name in a parameter without a
    /// value, is a stand-in, the same one wherever the template means the same part.
    pub id: Arc<str>,
    /// Whether a part of the id is a stand-in.
    pub id_has_stand_in: bool,
    /// The type, in the letters of the template.
    pub kind: Arc<str>,
    /// The last segment of the name.
    pub name: Derived,
    /// The id of the scope that it is deployed to, or that it extends; empty for the tenant.
    pub scope: Arc<str>,
    /// The body as Azure would answer it: with `id`, `name` and `type`, without what tells how
    /// it is deployed.
    pub body: Derived,
    /// Whether it is there. A resource whose existence is unknown gives no certain verdict.
    pub existence: Existence,
}

/// Whether a value is a template: by its `$schema`, or without one by what it holds.
pub fn is_template(value: Value<'_>) -> bool {
    if value.kind() != Kind::Object {
        return false;
    }
    match value.get_ignore_case("$schema").and_then(Value::as_str) {
        Some(schema) => Level::of_schema(schema).is_some(),
        None => {
            value.get_ignore_case("contentVersion").is_some()
                && value.get_ignore_case("resources").is_some()
        }
    }
}

/// Whether a value is a parameter file with its `$schema`.
pub fn is_parameter_file(value: Value<'_>) -> bool {
    let schema = value.get_ignore_case("$schema").and_then(Value::as_str);
    schema.is_some_and(|schema| {
        let file = schema.trim_end_matches('#').rsplit('/').next();
        file.is_some_and(|file| {
            file.to_ascii_lowercase()
                .ends_with("deploymentparameters.json")
        })
    })
}

/// Expands a template. The documents must have their numbers, since places name them.
///
/// `lookup` answers the document at a path: that of the template's own text with the relative
/// path of the link applied to it. A template that it doesn't know is named in a diagnostic.
pub fn expand<'a>(
    template: &'a Document,
    options: &'a Options<'a>,
    lookup: &dyn Fn(&str) -> Option<&'a Document>,
) -> (Expansion, Vec<Diagnostic>) {
    let lookup = |path: &str| -> Option<&Document> { lookup(path) };
    let evaluator = Evaluator::new(options, &lookup);
    let expansion = match template.roots().next() {
        Some(root) => expanded(&evaluator, root),
        None => Expansion {
            level: Level::ResourceGroup,
            resources: Vec::new(),
            outputs: Vec::new(),
            is_whole: false,
        },
    };
    (expansion, evaluator.into_diagnostics())
}

fn expanded<'d>(evaluator: &Evaluator<'d>, template: Value<'d>) -> Expansion {
    let schema = template.get_ignore_case("$schema").and_then(Value::as_str);
    let level = schema.and_then(Level::of_schema);
    let level = level.unwrap_or(Level::ResourceGroup);
    let target = Target::new(&evaluator.options.scope, level);
    let root = evaluator.root(template, target);
    evaluator.check_parameters(&root.env);
    open_all(evaluator, &root);
    let mut resources = Vec::new();
    collect(evaluator, &root, &mut resources);
    let outputs = settled(evaluator, &evaluator.outputs(&root));
    let outputs = value::as_object(&outputs).map(|it| it.to_vec());
    let outputs = outputs.unwrap_or_default().into_iter();
    let outputs = outputs.filter_map(|(name, output)| {
        let value = value::member(value::as_object(&output)?, "value")?;
        Some((name, value.clone()))
    });
    Expansion {
        level,
        resources,
        outputs: outputs.collect(),
        is_whole: evaluator.is_whole.get(),
    }
}

/// Opens the nested deployments, so that every resource is declared before the first body asks
/// for one.
fn open_all<'d>(evaluator: &Evaluator<'d>, deployment: &Rc<Deployment<'d>>) {
    for declared in resources_of(evaluator, deployment) {
        if is_deployed(&declared)
            && declared.is_deployment()
            && let Some(nested) = evaluator.nested(&declared)
        {
            open_all(evaluator, &nested);
        }
    }
}

fn collect<'d>(
    evaluator: &Evaluator<'d>,
    deployment: &Rc<Deployment<'d>>,
    resources: &mut Vec<ExpandedResource>,
) {
    for declared in resources_of(evaluator, deployment) {
        if !is_deployed(&declared) {
            continue;
        }
        if declared.is_deployment() {
            if let Some(nested) = evaluator.nested(&declared) {
                collect(evaluator, &nested, resources);
            }
        } else {
            resources.push(resource(evaluator, &declared));
        }
    }
}

fn resources_of<'d>(
    evaluator: &Evaluator<'d>,
    deployment: &Rc<Deployment<'d>>,
) -> Vec<Rc<Declared<'d>>> {
    let numbers = deployment.resources.borrow();
    let resources = numbers.iter();
    resources
        .map(|&number| evaluator.deployments.resource(number))
        .collect()
}

fn is_deployed(declared: &Declared<'_>) -> bool {
    declared.is_azure && !declared.is_existing && !matches!(declared.existence, Existence::Absent)
}

fn resource<'d>(evaluator: &Evaluator<'d>, declared: &Rc<Declared<'d>>) -> ExpandedResource {
    let id = evaluator.partial.stand_in(&declared.id);
    let body = settled(evaluator, &evaluator.body(declared));
    let name = value::as_object(&body).and_then(|body| value::member(body, "name"));
    let scope_end = id.to_ascii_lowercase().rfind("/providers/");
    ExpandedResource {
        id_has_stand_in: crate::partial::is_partial(&declared.id),
        kind: type_of(&id).into(),
        name: name.cloned().unwrap_or_else(|| Derived::of(Content::Null)),
        scope: id[..scope_end.unwrap_or(id.len())].into(),
        body,
        existence: declared.existence.clone(),
        id: id.into(),
    }
}
