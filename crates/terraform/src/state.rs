//! States: `terraform show -json` of one, and the file `terraform.tfstate` itself (version 4).

use palisade_document::{Document, Kind, Value};

use crate::identity::{self, Identity, Scope};
use crate::mapping;
use crate::plan::{after_apply, place, text};
use crate::reading::{self, Instance, Reading};
use crate::value;
use palisade_document::Derived;

/// The most modules that lie within each other.
const DEEPEST: usize = 64;

/// Whether a JSON value is a state, in either of its forms.
pub fn is_state(root: Value<'_>) -> bool {
    is_shown(root) || is_file(root)
}

fn is_shown(root: Value<'_>) -> bool {
    let has_version =
        root.get("format_version").is_some() && root.get("terraform_version").is_some();
    has_version && root.get("planned_values").is_none()
}

fn is_file(root: Value<'_>) -> bool {
    let has_version = root.get("version").and_then(Value::as_i64).is_some();
    has_version && root.get("serial").is_some() && root.get("lineage").is_some()
}

/// Reads a state.
pub fn read_state(document: &Document, scope: &Scope) -> Reading {
    let mut reading = Reading::default();
    let mut instances = Vec::new();
    for root in document.roots() {
        if is_file(root) {
            read_file(root, scope, &mut instances);
        } else if let Some(module) = root.get("values").and_then(|all| all.get("root_module")) {
            read_module(module, scope, 0, &mut instances);
        }
    }
    reading::assemble(&instances, &mut reading);
    reading
}

/// Takes in the resources of a module and of those that it calls.
pub(crate) fn read_module(
    module: Value<'_>,
    scope: &Scope,
    depth: usize,
    found: &mut Vec<Instance>,
) {
    if depth > DEEPEST {
        return;
    }
    let resources = module.get("resources").into_iter().flat_map(Value::items);
    for resource in resources.filter(|resource| text(*resource, "mode") != "data") {
        let attributes = after_apply(
            resource.get("values"),
            None,
            resource.get("sensitive_values"),
        );
        let address = text(resource, "address").to_owned();
        found.push(instance(resource, address, attributes, scope));
    }
    let modules = module
        .get("child_modules")
        .into_iter()
        .flat_map(Value::items);
    modules.for_each(|inner| read_module(inner, scope, depth + 1, found));
}

fn read_file(root: Value<'_>, scope: &Scope, found: &mut Vec<Instance>) {
    let resources = root.get("resources").into_iter().flat_map(Value::items);
    for resource in resources.filter(|resource| text(*resource, "mode") != "data") {
        let module = text(resource, "module");
        let dot = if module.is_empty() { "" } else { "." };
        let (kind, name) = (text(resource, "type"), text(resource, "name"));
        for one in resource.get("instances").into_iter().flat_map(Value::items) {
            let key = match one.get("index_key") {
                Some(key) if key.kind() == Kind::String => format!("[\"{}\"]", key.scalar()),
                Some(key) => format!("[{}]", key.scalar()),
                None => String::new(),
            };
            let attributes = after_apply(one.get("attributes"), None, None);
            let attributes = without_secrets(attributes, one.get("sensitive_attributes"));
            let address = format!("{module}{dot}{kind}.{name}{key}");
            found.push(instance(resource, address, attributes, scope));
        }
    }
}

/// Takes out the attributes that the provider calls sensitive. The list has the steps that lead
/// to each: `[{"type": "get_attr", "value": "admin_password"}]`.
fn without_secrets(attributes: Derived, secrets: Option<Value<'_>>) -> Derived {
    let secrets = secrets.into_iter().flat_map(Value::items);
    let first = secrets.filter_map(|path| path.items().next());
    let names: Vec<_> = first.map(|step| text(step, "value")).collect();
    let members = value::members(&attributes).iter().cloned();
    let kept = members.filter(|(key, _)| !names.contains(&value::as_str(key).unwrap_or_default()));
    value::object(kept.collect(), &attributes.source)
}

fn instance(resource: Value<'_>, address: String, attributes: Derived, scope: &Scope) -> Instance {
    let resource_type = text(resource, "type").to_owned();
    let identity = Identity {
        address: &address,
        resource_type: &resource_type,
        subscription: scope.subscription.as_deref(),
    };
    let mut look = |name: &str| value::get(&attributes, name).cloned();
    let id = identity::id(&identity, &mut look);
    let table = mapping::table(&resource_type);
    let into = table.and_then(|table| table.into.as_ref());
    let host = into.map(|(template, _)| identity::fill(template, &identity, &mut look));
    let source = place(resource);
    Instance {
        id,
        host,
        source,
        doubt: None,
        attributes,
        address,
        resource_type,
    }
}
