//! Templates to resources, as somebody outside of the crate sees it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

mod functions;
mod hostile;
mod language;
mod places;
mod resources;
mod secrets;

use palisade_arm_template::{Expansion, Options, Scope, expand};
use palisade_document::{
    Content, Derived, Diagnostic, Document, DocumentId, Notation, Text, parse,
};

fn document(number: u32, path: &str, json: &str) -> Document {
    let (mut document, diagnostics) = parse(Text::new(path, json), Notation::Json);
    assert_eq!(diagnostics, [], "{json}");
    document.set_id(DocumentId(number));
    document
}

fn scope() -> Scope {
    Scope {
        tenant: "t1".into(),
        management_group: "mg1".into(),
        subscription: "s1".into(),
        resource_group: "rg1".into(),
        location: Some("westeurope".into()),
    }
}

/// Files by path; the first is the template, those with `parameters` in the path are given.
fn run(files: &[(&str, &str)]) -> (Expansion, Vec<Diagnostic>) {
    let documents: Vec<_> = (0..)
        .zip(files)
        .map(|(number, (path, json))| document(number, path, json))
        .collect();
    let parameters = documents[1..]
        .iter()
        .filter(|it| it.text().path().contains("parameters"));
    let options = Options {
        parameters: parameters.collect(),
        scope: scope(),
    };
    expand(&documents[0], &options, &|path| {
        documents.iter().find(|it| it.text().path() == path)
    })
}

fn messages(diagnostics: &[Diagnostic]) -> Vec<String> {
    let lines = diagnostics.iter().map(|it| {
        let at = it.position.map(|at| at.to_string()).unwrap_or_default();
        format!("{}:{at}: {}", it.path, it.message)
    });
    lines.collect()
}

/// A template of resources, with declarations in front of them.
fn template(declarations: &str, resources: &str) -> String {
    format!(r#"{{"contentVersion": "1.0.0.0", {declarations} "resources": {resources}}}"#)
}

/// The resources of a template that is in order.
fn resources(declarations: &str, resources: &str) -> Vec<palisade_arm_template::ExpandedResource> {
    let (expansion, diagnostics) = run(&[("main.json", &template(declarations, resources))]);
    assert_eq!(messages(&diagnostics), Vec::<String>::new());
    expansion.resources
}

/// What an expression means in a template with these declarations.
fn output(declarations: &str, expression: &str) -> Derived {
    let value = serde_json::to_string(&format!("[{expression}]")).unwrap();
    let outputs = format!(r#"{declarations} "outputs": {{"x": {{"value": {value}}}}},"#);
    let (expansion, diagnostics) = run(&[("main.json", &template(&outputs, "[]"))]);
    assert_eq!(messages(&diagnostics), Vec::<String>::new(), "{expression}");
    expansion.outputs[0].1.clone()
}

/// The value as JSON; an unknown one as a text of its cause.
fn json(value: &Derived) -> serde_json::Value {
    match &value.content {
        Content::Null => serde_json::Value::Null,
        Content::Bool(value) => (*value).into(),
        Content::Number(number) => serde_json::from_str(number).unwrap(),
        Content::String(text) => (**text).into(),
        Content::Array(items) => items.iter().map(json).collect(),
        Content::Object(members) => {
            let members = members.iter();
            let members =
                members.map(|(key, value)| (key.as_str().unwrap().to_owned(), json(value)));
            serde_json::Value::Object(members.collect())
        }
        Content::Unknown { cause, .. } => format!("<unknown: {cause}>").into(),
    }
}

/// The value at a path of member names and indexes.
fn at<'v>(value: &'v Derived, path: &str) -> &'v Derived {
    path.split('.')
        .fold(value, |value, step| match &value.content {
            Content::Object(members) => {
                let found = members.iter().find(|(key, _)| key.as_str() == Some(step));
                &found
                    .unwrap_or_else(|| panic!("no {step} in {:?}", json(value)))
                    .1
            }
            Content::Array(items) => &items[step.parse::<usize>().unwrap()],
            _ => panic!("no {step} in {:?}", json(value)),
        })
}
