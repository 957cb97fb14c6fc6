//! From the resources of a plan, a state or a configuration to what an estate is made of.

use std::collections::HashMap;

use palisade_document::{Diagnostic, Notation};

use crate::identity;
use crate::mapping::{self, Merging, Segment, Table};
use crate::value;
use palisade_document::{Derived, Provenance};

/// What a plan, a state or a configuration gives.
#[derive(Debug, Default)]
pub struct Reading {
    /// The Azure resources that will be there, with what resources of the provider say about
    /// others in the bodies of those.
    pub resources: Vec<Resource>,
    /// The Kubernetes objects that will be there.
    pub objects: Vec<Object>,
    /// What is said about resources that aren't among these, such as the association of a
    /// security group with a subnet that another configuration makes.
    pub additions: Vec<Resource>,
    /// The ids of Azure resources that will be gone.
    pub deleted: Vec<String>,
    /// What is not understood: the address and why.
    pub left_aside: Vec<(String, String)>,
    /// Attributes that no table knows, by resource type: what they say is missing in the bodies.
    pub unmapped: Vec<(String, String)>,
    /// What is wrong with the files.
    pub diagnostics: Vec<Diagnostic>,
}

/// An Azure resource.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The ARM id, which has stand-ins for the parts that aren't known before the apply.
    pub id: String,
    /// The address in the configuration, such as `module.network.azurerm_subnet.nodes[0]`.
    pub address: String,
    /// The body as ARM has it.
    pub body: Derived,
    /// Why it can't be known whether the resource will be there, and what to supply, if so.
    pub doubt: Option<Doubt>,
}

/// Why it can't be known whether a resource will be there: its `count` or `for_each` depends on
/// what isn't known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Why.
    pub cause: String,
    /// What to supply.
    pub supply: String,
}

/// A Kubernetes object.
#[derive(Clone, Debug)]
pub struct Object {
    /// The address in the configuration.
    pub address: String,
    /// The object.
    pub body: Derived,
}

/// A resource of a provider with all that is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    pub(crate) address: String,
    pub(crate) resource_type: String,
    pub(crate) attributes: Derived,
    /// The ARM id, for resources of Azure.
    pub(crate) id: Option<String>,
    /// The id of the resource whose body takes this one in.
    pub(crate) host: Option<String>,
    /// The resource's own place.
    pub(crate) source: Provenance,
    pub(crate) doubt: Option<Doubt>,
}

/// What one instance says about the body of another resource.
struct Addition {
    target: String,
    path: &'static [Segment],
    body: Derived,
    /// The resource whose finished body is what is added.
    own: Option<usize>,
    merging: Merging,
    address: String,
}

/// Makes bodies and objects of instances.
pub(crate) fn assemble(instances: &[Instance], reading: &mut Reading) {
    let mut additions = Vec::new();
    for instance in instances {
        take(instance, reading, &mut additions);
    }
    combine(additions, reading);
    reading.unmapped.sort();
    reading.unmapped.dedup();
}

fn take(instance: &Instance, reading: &mut Reading, additions: &mut Vec<Addition>) {
    match instance.resource_type.as_str() {
        "azapi_resource" => take_azapi(instance, reading),
        "azapi_update_resource" => {
            if let Some(target) = instance.id.clone() {
                additions.push(Addition {
                    target,
                    path: &[],
                    body: azapi_body(instance),
                    own: None,
                    merging: Merging::Replace,
                    address: instance.address.clone(),
                });
            }
        }
        "kubernetes_manifest" => match value::get(&instance.attributes, "manifest") {
            Some(manifest) => push_object(instance, manifest.clone(), reading),
            None => reading.leave(instance, "no manifest"),
        },
        "kubectl_manifest" => take_texts(instance, "yaml_body", reading),
        "helm_release" => match value::get(&instance.attributes, "manifest") {
            Some(text) if value::as_str(text).is_some() => {
                take_texts(instance, "manifest", reading);
            }
            _ => reading.leave(
                instance,
                "a Helm release without its manifest; audit what `helm template` prints for it",
            ),
        },
        kind => match mapping::table(kind) {
            Some(table) => take_mapped(instance, table, reading, additions),
            None if kind.starts_with("azapi_") || kind.starts_with("azurerm_") => {
                reading.leave_type(kind);
            }
            None => {}
        },
    }
}

impl Reading {
    /// Types that say nothing about the network are many; each is named once.
    fn leave_type(&mut self, kind: &str) {
        let reason = "a resource type of the provider that isn't read".to_owned();
        let entry = (kind.to_owned(), reason);
        if !self.left_aside.contains(&entry) {
            self.left_aside.push(entry);
        }
    }

    fn leave(&mut self, instance: &Instance, reason: &str) {
        let entry = (instance.address.clone(), reason.to_owned());
        self.left_aside.push(entry);
    }
}

fn take_mapped(
    instance: &Instance,
    table: &'static Table,
    reading: &mut Reading,
    additions: &mut Vec<Addition>,
) {
    note_unmapped(instance, table, reading);
    let id = instance.id.as_deref().unwrap_or_default();
    let mut body = value::object(Vec::new(), &instance.source);
    if let Some((version, kind)) = table.object {
        member(&mut body, "apiVersion", version);
        member(&mut body, "kind", kind);
        mapping::apply(&table.lines, &instance.attributes, id, &mut body);
        push_object(instance, body, reading);
        return;
    }
    if table.lines.iter().all(|line| line.path.is_none()) {
        return;
    }
    let is_resource = table.id.is_some() && !id.is_empty();
    if is_resource {
        envelope(&mut body, id);
    }
    mapping::apply(&table.lines, &instance.attributes, id, &mut body);
    if is_resource {
        push_children(instance, id, &mut body, reading);
    }
    let own = is_resource.then_some(reading.resources.len());
    if let (Some((_, path)), Some(target)) = (&table.into, &instance.host) {
        additions.push(Addition {
            target: target.clone(),
            path,
            body: body.clone(),
            own,
            merging: Merging::Append,
            address: instance.address.clone(),
        });
    }
    if is_resource {
        reading.resources.push(Resource {
            id: id.to_owned(),
            address: instance.address.clone(),
            body,
            doubt: instance.doubt.clone(),
        });
    }
}

/// Takes the members out of a body that are resources of their own.
fn push_children(instance: &Instance, id: &str, body: &mut Derived, reading: &mut Reading) {
    let child = |key: &Derived| Some(value::as_str(key)?.strip_prefix(mapping::CHILD)?.to_owned());
    let (children, own): (Vec<_>, Vec<_>) = value::members(body)
        .iter()
        .cloned()
        .partition(|(key, _)| child(key).is_some());
    if children.is_empty() {
        return;
    }
    *body = value::object(own, &body.source);
    for (key, settings) in children {
        let id = format!("{id}/{}", child(&key).unwrap_or_default());
        let mut body = value::object(Vec::new(), &settings.source);
        envelope(&mut body, &id);
        mapping::patch(&mut body, &[], settings, Merging::Keep);
        reading.resources.push(Resource {
            id,
            address: instance.address.clone(),
            body,
            doubt: instance.doubt.clone(),
        });
    }
}

fn note_unmapped(instance: &Instance, table: &Table, reading: &mut Reading) {
    let is_known = |name: &str| {
        let mut lines = table.lines.iter();
        lines.any(|line| line.attribute == name || line.attribute == "*")
            || table.lines.iter().any(|line| {
                line.attribute == "@" && line.lines.iter().any(|line| line.attribute == name)
            })
    };
    if table.lines.is_empty() {
        return;
    }
    for (name, given) in value::members(&instance.attributes) {
        let name = value::as_str(name).unwrap_or_default();
        let is_empty = value::is_null(given) || value::as_str(given) == Some("");
        if !is_empty && !is_known(name) && name != "id" {
            let entry = (instance.resource_type.clone(), name.to_owned());
            reading.unmapped.push(entry);
        }
    }
}

fn push_object(instance: &Instance, body: Derived, reading: &mut Reading) {
    reading.objects.push(Object {
        address: instance.address.clone(),
        body,
    });
}

/// The objects in a text of YAML documents.
fn take_texts(instance: &Instance, attribute: &str, reading: &mut Reading) {
    let given = value::get(&instance.attributes, attribute);
    let Some((given, text)) = given.and_then(|given| Some((given, value::as_str(given)?))) else {
        return reading.leave(instance, "the manifest is not known before the apply");
    };
    match mapping::embedded(text, Notation::Yaml, &given.source) {
        Some(documents) => {
            let objects = documents.into_iter().filter(|root| !value::is_null(root));
            objects.for_each(|object| push_object(instance, object, reading));
        }
        None => reading.leave(instance, "the manifest is not valid YAML"),
    }
}

fn member(body: &mut Derived, name: &'static str, text: &str) {
    let source = body.source.clone();
    let path = [Segment::Member(name)];
    mapping::patch(body, &path, value::text(text, &source), Merging::Keep);
}

/// What every resource has. Without `properties` it would pass for a line of a listing.
fn envelope(body: &mut Derived, id: &str) {
    member(body, "id", id);
    let kind = resource_type(id);
    if let Some(kind) = kind {
        member(body, "type", &kind);
    }
    let empty = value::object(Vec::new(), &body.source);
    mapping::patch(body, &[Segment::Member("properties")], empty, Merging::Keep);
}

/// The type of an id, as it is written there.
fn resource_type(id: &str) -> Option<String> {
    let at = id.to_ascii_lowercase().rfind("/providers/")?;
    let mut segments = id[at + "/providers/".len()..].split('/');
    let provider = segments.next()?;
    let types: Vec<_> = segments.step_by(2).collect();
    (!types.is_empty()).then(|| format!("{provider}/{}", types.join("/")))
}

fn take_azapi(instance: &Instance, reading: &mut Reading) {
    let Some(id) = instance.id.clone() else {
        return reading.leave(instance, "the type is not known before the apply");
    };
    let mut body = value::object(Vec::new(), &instance.source);
    envelope(&mut body, &id);
    for name in ["name", "location", "tags", "identity"] {
        let given = value::get(&instance.attributes, name);
        let given = given.filter(|given| !value::is_null(given));
        if let Some(given) = given.filter(|given| value::items(given).is_empty()) {
            mapping::patch(
                &mut body,
                &[Segment::Member(name)],
                given.clone(),
                Merging::Keep,
            );
        }
    }
    mapping::patch(&mut body, &[], azapi_body(instance), Merging::Keep);
    reading.resources.push(Resource {
        id,
        address: instance.address.clone(),
        body,
        doubt: instance.doubt.clone(),
    });
}

/// The body of a resource of azapi: an object, or a text of JSON in its first versions. One that
/// isn't known leaves all properties unknown.
fn azapi_body(instance: &Instance) -> Derived {
    let Some(given) = value::get(&instance.attributes, "body") else {
        return value::null(&instance.source);
    };
    let body = match value::as_str(given) {
        Some(text) => mapping::json(text, &given.source),
        None => given.clone(),
    };
    if value::is_unknown(&body) {
        let key = value::text("properties", &given.source);
        return value::object(vec![(key, body)], &given.source);
    }
    body
}

/// Puts what is said about other resources into their bodies, the innermost first.
fn combine(mut additions: Vec<Addition>, reading: &mut Reading) {
    let places: HashMap<String, usize> = reading
        .resources
        .iter()
        .enumerate()
        .map(|(at, resource)| (resource.id.to_ascii_lowercase(), at))
        .collect();
    additions.sort_by_key(|addition| std::cmp::Reverse(addition.target.matches('/').count()));
    let mut astray = Vec::new();
    for addition in additions {
        let body = match addition.own.and_then(|own| reading.resources.get(own)) {
            Some(own) => own.body.clone(),
            None => addition.body,
        };
        let place = places.get(&addition.target.to_ascii_lowercase());
        match place.and_then(|&at| reading.resources.get_mut(at)) {
            Some(target) => mapping::patch(&mut target.body, addition.path, body, addition.merging),
            None if addition.own.is_some() => {}
            None => {
                let mut holder = value::object(Vec::new(), &body.source);
                mapping::patch(&mut holder, addition.path, body, Merging::Keep);
                if let Some(kind) = identity::type_of_unknown(&addition.target) {
                    astray.push((kind, addition.address.clone(), holder.clone()));
                }
                envelope(&mut holder, &addition.target);
                reading.additions.push(Resource {
                    id: addition.target,
                    address: addition.address,
                    body: holder,
                    doubt: None,
                });
            }
        }
    }
    for (kind, address, said) in &astray {
        let is_alike = |resource: &&mut Resource| {
            identity::type_of(&resource.id).is_some_and(|own| own == *kind)
        };
        for resource in reading.resources.iter_mut().filter(is_alike) {
            mapping::leave_open(&mut resource.body, said, address);
        }
    }
}
