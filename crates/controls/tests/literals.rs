//! A value means the same however it gets into a template: for every example, a template with
//! literal values and one with the same values through parameters and variables have the same
//! findings.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use palisade_controls::{Context, Outcome};
use palisade_document::Kind;
use palisade_estate::{Estate, Resource};
use palisade_sources::{File, Input};
use serde_json::{Map, Value, json};

/// What stands beside a resource's settings.
const ENVELOPE: [&str; 10] = [
    "location",
    "tags",
    "sku",
    "kind",
    "zones",
    "identity",
    "plan",
    "properties",
    "managedBy",
    "extendedLocation",
];

type Findings = BTreeSet<(&'static str, String, Outcome, String)>;

#[test]
fn literals_and_parameters_give_the_same_findings() {
    for example in ["weak", "halfway", "hardened"] {
        let files = files(example);
        let (exports, manifests): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|(path, _)| path.contains("azure/"));
        let live = read(&exports);
        assert!(live.estate.resources().len() > 20);
        let audited = |parameters: bool| {
            let template = template(&live.estate, parameters).to_string();
            let mut files = manifests.clone();
            files.push(("main.json".to_owned(), template.into_bytes()));
            let input = read(&files);
            assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
            let resources = input.estate.resources().len();
            (findings(&input), resources)
        };
        let (literal, resources) = audited(false);
        let (through, others) = audited(true);
        assert_eq!(resources, others);
        assert_eq!(live.estate.resources().len(), resources, "{example}");
        let fails = literal.iter().filter(|finding| finding.2 == Outcome::Fail);
        assert!(fails.count() > 0 || example == "hardened");
        let differences: Vec<_> = literal.symmetric_difference(&through).collect();
        assert!(differences.is_empty(), "{example}: {differences:#?}");
    }
}

fn findings(input: &Input) -> Findings {
    let context = Context::new(&input.estate, date(2026, 11, 23));
    let audit = palisade_controls::audit(&context, palisade_controls::all().collect());
    // A message may name a place, which is another one.
    let message = |text: &str| {
        text.split(" main.json")
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let findings = audit.findings.into_iter();
    findings
        .map(|one| {
            (
                one.control.code,
                one.subject.id,
                one.outcome,
                message(&one.message),
            )
        })
        .collect()
}

/// A template of a tenant that deploys every resource to where it is, one nested template for
/// each subscription and resource group.
fn template(estate: &Estate, parameters: bool) -> Value {
    let mut groups: BTreeMap<(String, String), Vec<Resource<'_>>> = BTreeMap::new();
    for resource in estate.resources() {
        let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
        let (own, id) = (resource.id(), resource.id().as_str());
        let group = own.resource_group().map(|group| {
            let at = own.key().find(&format!("/resourcegroups/{group}")).unwrap();
            id[at + "/resourcegroups/".len()..][..group.len()].to_owned()
        });
        let key = (text(own.subscription()), group.unwrap_or_default());
        groups.entry(key).or_default().push(resource);
    }
    let deployments = groups.iter().enumerate();
    let deployments = deployments.map(|(number, ((subscription, group), resources))| {
        let mut deployment = json!({
            "type": "Microsoft.Resources/deployments",
            "apiVersion": "2022-09-01",
            "name": format!("group-{number}"),
            "subscriptionId": subscription,
            "location": "westeurope",
            "properties": {
                "mode": "Incremental",
                "expressionEvaluationOptions": {"scope": "inner"},
                "template": nested(resources, !group.is_empty(), parameters),
            },
        });
        if !group.is_empty() {
            deployment["resourceGroup"] = json!(group);
        }
        deployment
    });
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-08-01/tenantDeploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": deployments.collect::<Vec<_>>(),
    })
}

/// The values of one nested template that are taken out of its resources.
#[derive(Default)]
struct Names {
    parameters: Map<String, Value>,
    variables: Map<String, Value>,
}

fn nested(resources: &[Resource<'_>], is_group: bool, parameters: bool) -> Value {
    let mut names = Names::default();
    let bodies: Vec<_> = resources
        .iter()
        .map(|resource| {
            let mut body = body(resource);
            if parameters {
                let members = body.as_object_mut().unwrap();
                for (_, value) in members.iter_mut().filter(|(key, _)| {
                    !["type", "apiVersion", "name", "scope"].contains(&key.as_str())
                }) {
                    names.take(value);
                }
            }
            body
        })
        .collect();
    let level = match is_group {
        true => "2019-04-01/deploymentTemplate.json#",
        false => "2018-05-01/subscriptionDeploymentTemplate.json#",
    };
    json!({
        "$schema": format!("https://schema.management.azure.com/schemas/{level}"),
        "contentVersion": "1.0.0.0",
        "parameters": names.parameters,
        "variables": names.variables,
        "resources": bodies,
    })
}

impl Names {
    /// Puts parameters and variables in the place of the scalars below a value, in turn.
    fn take(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.take(item)),
            Value::Object(members) => members.values_mut().for_each(|value| self.take(value)),
            Value::Null => {}
            scalar => {
                let number = self.parameters.len() + self.variables.len();
                let named = scalar.take();
                *scalar = self.name(number, named);
            }
        }
    }

    fn name(&mut self, number: usize, value: Value) -> Value {
        let (parameter, variable) = (format!("p{number}"), format!("v{number}"));
        let kind = match &value {
            Value::String(_) => "string",
            Value::Bool(_) => "bool",
            _ => "int",
        };
        let definition = json!({"type": kind, "defaultValue": value});
        match number % 3 {
            0 => {
                self.parameters.insert(parameter.clone(), definition);
                json!(format!("[parameters('{parameter}')]"))
            }
            1 => {
                self.variables.insert(variable.clone(), value);
                json!(format!("[variables('{variable}')]"))
            }
            _ => {
                self.parameters.insert(parameter.clone(), definition);
                let from = json!(format!("[parameters('{parameter}')]"));
                self.variables.insert(variable.clone(), from);
                json!(format!("[variables('{variable}')]"))
            }
        }
    }
}

/// A resource as a template has it.
fn body(resource: &Resource<'_>) -> Value {
    let id = resource.id();
    let at = id.key().rfind("/providers/").unwrap() + "/providers/".len();
    let segments: Vec<_> = id.as_str()[at..].split('/').collect();
    let (kinds, names): (Vec<_>, Vec<_>) = segments[1..]
        .chunks(2)
        .map(|pair| (pair[0], pair[1]))
        .unzip();
    let mut body = json!({
        "type": format!("{}/{}", segments[0], kinds.join("/")),
        "apiVersion": "2024-01-01",
        "name": escaped(&names.join("/")),
    });
    let extended = &id.as_str()[..at - "/providers/".len()];
    if extended.to_ascii_lowercase().contains("/providers/") {
        body["scope"] = json!(extended);
    }
    let mut properties = Map::new();
    for entry in resource.value().entries() {
        let value = plain(entry.value);
        match entry.name() {
            "id" | "name" | "type" | "etag" | "systemData" | "resourceGroup" => {}
            key if ENVELOPE.contains(&key) => body[key] = value,
            key => {
                properties.insert(key.to_owned(), value);
            }
        }
    }
    if !properties.is_empty() {
        let own = body
            .as_object_mut()
            .unwrap()
            .entry("properties")
            .or_insert(json!({}));
        if let Some(own) = own.as_object_mut() {
            own.extend(properties);
        }
    }
    body
}

fn plain(value: palisade_document::Value<'_>) -> Value {
    match value.kind() {
        Kind::Null | Kind::Unknown => Value::Null,
        Kind::Bool => json!(value.as_bool()),
        Kind::Number => serde_json::from_str(value.scalar()).unwrap(),
        Kind::String => escaped(value.scalar()),
        Kind::Array => value.items().map(plain).collect(),
        Kind::Object => {
            let members = value.entries();
            let members = members.map(|entry| (entry.name().to_owned(), plain(entry.value)));
            Value::Object(members.collect())
        }
    }
}

/// A string in brackets is an expression unless the first one is doubled.
fn escaped(text: &str) -> Value {
    match text.starts_with('[') {
        true => json!(format!("[{text}")),
        false => json!(text),
    }
}

fn read(files: &[(String, Vec<u8>)]) -> Input {
    let load = |(path, bytes): &(String, Vec<u8>)| {
        Ok(File {
            path: path.clone(),
            bytes: bytes.clone(),
        })
    };
    palisade_sources::read_all(files, load, false)
}

fn files(example: &str) -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(example);
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    let shown = |path: &PathBuf| {
        let shown = path.strip_prefix(&root).unwrap().to_string_lossy();
        (shown.replace('\\', "/"), fs::read(path).unwrap())
    };
    let files = paths.iter().map(shown);
    files
        .filter(|(path, _)| !path.ends_with("palisade-snapshot.json"))
        .collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
    paths.sort();
}
