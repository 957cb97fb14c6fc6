//! Plans as `terraform show -json` and `tofu show -json` print them.
//!
//! What will be there is `change.after` of each resource change. What the apply will only tell
//! is marked in `after_unknown`; where the configuration refers to another resource there, the
//! reference is resolved (see [`configuration`]).

mod configuration;
mod places;
mod references;

use std::collections::HashMap;

use palisade_document::{Document, Kind, Value};

use crate::Source;
use crate::hcl::{self, Described};
use crate::identity::{self, Identity, Scope};
use crate::mapping;
use crate::reading::{self, Instance, Reading};
use crate::state;
use crate::value;
use palisade_document::{Content, Derived, Place, Provenance};

use configuration::{Configuration, Subscription};

/// What is known of a resource before references are resolved.
struct Planned<'p> {
    address: &'p str,
    /// The address of the module instance, empty for the root.
    module: &'p str,
    resource_type: &'p str,
    name: &'p str,
    /// The index as it stands in the address: `[0]`, `["a"]` or nothing.
    key: &'p str,
    attributes: Derived,
    source: Provenance,
}

struct Plan<'p> {
    configuration: Configuration<'p>,
    resources: Vec<Planned<'p>>,
    by_address: HashMap<&'p str, usize>,
    /// The subscription of each resource, if it is known.
    subscriptions: Vec<Option<String>>,
}

/// Whether a JSON value is a plan.
pub fn is_plan(root: Value<'_>) -> bool {
    root.get("format_version").is_some()
        && (root.get("resource_changes").is_some() || root.get("planned_values").is_some())
}

/// Reads a plan. Values point into the files of its configuration where these lie beside it.
pub fn read_plan(document: &Document, files: &[Source<'_>], scope: &Scope) -> Reading {
    let mut reading = Reading::default();
    let path = document.text().path();
    let described = hcl::beside_plan(path, files, scope, &mut reading);
    for root in document.roots() {
        read(root, &described, scope, &mut reading);
    }
    reading
}

fn read(
    root: Value<'_>,
    described: &HashMap<String, Described>,
    scope: &Scope,
    reading: &mut Reading,
) {
    let Some(changes) = root.get("resource_changes") else {
        return read_values(root, scope, reading);
    };
    let mut resources = Vec::new();
    for change in changes.items() {
        if text(change, "mode") == "data" {
            continue;
        }
        match outcome(change) {
            Outcome::There(attributes) => resources.push(planned(change, attributes)),
            Outcome::Gone(before) => {
                let id = before
                    .and_then(|before| before.get("id"))
                    .map(Value::scalar);
                reading.deleted.extend(id.map(str::to_owned));
            }
        }
    }
    let by_address = resources
        .iter()
        .enumerate()
        .map(|(at, resource)| (resource.address, at))
        .collect();
    let configuration = Configuration::of(root);
    let default = known_subscription(&resources).or_else(|| scope.subscription.clone());
    let subscriptions = resources.iter().map(|resource| {
        let path = format!("{}.{}", resource.resource_type, resource.name);
        let module = references::module_path(resource.module);
        match configuration.subscription(&module, &path) {
            Some(Subscription::Known(id)) => Some(id),
            Some(Subscription::Named(provider)) if provider.contains('.') => {
                Some(identity::stand_in(&provider, "subscription_id"))
            }
            _ => default.clone(),
        }
    });
    let subscriptions = subscriptions.collect();
    let plan = Plan {
        configuration,
        resources,
        by_address,
        subscriptions,
    };
    let mut instances = plan.instances();
    for instance in &mut instances {
        if let Some(described) = described.get(&instance.address) {
            places::point_into(instance, described);
        }
    }
    reading::assemble(&instances, reading);
}

/// A plan of which somebody kept the values only: what isn't known is just not there.
fn read_values(root: Value<'_>, scope: &Scope, reading: &mut Reading) {
    let values = root.get("planned_values");
    let mut instances = Vec::new();
    if let Some(module) = values.and_then(|values| values.get("root_module")) {
        state::read_module(module, scope, 0, &mut instances);
    }
    reading::assemble(&instances, reading);
}

enum Outcome<'p> {
    There(Derived),
    Gone(Option<Value<'p>>),
}

fn outcome(change: Value<'_>) -> Outcome<'_> {
    let inner = change.get("change").unwrap_or(change);
    let after = inner.get("after").filter(|after| !after.is_null());
    let actions = inner.get("actions").into_iter().flat_map(Value::items);
    let is_gone = actions.map(Value::scalar).all(|action| action == "delete");
    match after {
        Some(after) => Outcome::There(after_apply(
            Some(after),
            inner.get("after_unknown"),
            inner.get("after_sensitive"),
        )),
        // A resource that Terraform only forgets stays in Azure as it is.
        None if !is_gone => match inner.get("before").filter(|before| !before.is_null()) {
            Some(before) => Outcome::There(after_apply(
                Some(before),
                None,
                inner.get("before_sensitive"),
            )),
            None => Outcome::There(after_apply(None, inner.get("after_unknown"), None)),
        },
        None => Outcome::Gone(inner.get("before")),
    }
}

fn planned<'p>(change: Value<'p>, attributes: Derived) -> Planned<'p> {
    let address = text(change, "address");
    let (resource_type, name) = (text(change, "type"), text(change, "name"));
    let key = address
        .rfind(&format!("{resource_type}.{name}"))
        .map(|at| &address[at + resource_type.len() + 1 + name.len()..])
        .unwrap_or_default();
    Planned {
        address,
        module: text(change, "module_address"),
        resource_type,
        name,
        key,
        attributes,
        source: place(change),
    }
}

pub(crate) fn text<'p>(value: Value<'p>, key: &str) -> &'p str {
    value.get(key).map(Value::scalar).unwrap_or_default()
}

/// The subscription that the ids of resources which are there already have in common.
fn known_subscription(resources: &[Planned<'_>]) -> Option<String> {
    let mut found = None;
    for resource in resources {
        let id = value::get(&resource.attributes, "id").and_then(value::as_str);
        let id = id.and_then(|id| id.strip_prefix("/subscriptions/"));
        let subscription = id.and_then(|id| id.split('/').next());
        if subscription.is_some() && found.is_some() && subscription != found {
            return None;
        }
        found = found.or(subscription);
    }
    found.map(str::to_owned)
}

pub(crate) fn place(value: Value<'_>) -> Provenance {
    Provenance {
        place: Some(Place {
            document: value.document().id(),
            span: value.span(),
        }),
        through: None,
    }
}

/// A value of the plan with its marks: what is unknown until the apply, and what is sensitive
/// and so is not taken in.
pub(crate) fn after_apply(
    after: Option<Value<'_>>,
    unknown: Option<Value<'_>>,
    sensitive: Option<Value<'_>>,
) -> Derived {
    let is_marked = |mark: Option<Value<'_>>| mark.and_then(Value::as_bool) == Some(true);
    let at = after.or(unknown).map(place).unwrap_or_default();
    if is_marked(sensitive) {
        return value::unknown(
            "the value is sensitive, so that it is not read",
            "audit what is deployed",
            &at,
        );
    }
    if is_marked(unknown) {
        return value::unknown(
            "it is known after apply only",
            "audit what is deployed after the apply",
            &at,
        );
    }
    let Some(after) = after else {
        return match unknown.map(Value::kind) {
            Some(Kind::Object) => object(None, unknown, sensitive, &at),
            _ => value::null(&at),
        };
    };
    match after.kind() {
        Kind::Object => object(Some(after), unknown, sensitive, &at),
        Kind::Array => {
            let marks: Vec<_> = unknown.into_iter().flat_map(Value::items).collect();
            let secrets: Vec<_> = sensitive.into_iter().flat_map(Value::items).collect();
            let items = after.items().enumerate().map(|(place, item)| {
                let (mark, secret) = (marks.get(place).copied(), secrets.get(place).copied());
                after_apply(Some(item), mark, secret)
            });
            value::array(items.collect(), &at)
        }
        Kind::Bool => value::flag(after.as_bool() == Some(true), &at),
        Kind::Number => value::number(after.scalar(), &at),
        Kind::String => value::text(after.scalar(), &at),
        _ => value::null(&at),
    }
}

fn object(
    after: Option<Value<'_>>,
    unknown: Option<Value<'_>>,
    sensitive: Option<Value<'_>>,
    at: &Provenance,
) -> Derived {
    let member = |name: &str, after: Option<Value<'_>>| {
        after_apply(
            after,
            unknown.and_then(|marks| marks.get(name)),
            sensitive.and_then(|marks| marks.get(name)),
        )
    };
    let known = after.into_iter().flat_map(Value::entries);
    let mut members: Vec<_> = known
        .map(|entry| {
            let key = value::text(entry.name(), &place(entry.key));
            (key, member(entry.name(), Some(entry.value)))
        })
        .collect();
    // Terraform leaves out of `after` what is unknown.
    let marks = unknown.into_iter().flat_map(Value::entries);
    for entry in marks.filter(|entry| after.is_none_or(|after| after.get(entry.name()).is_none())) {
        let found = member(entry.name(), None);
        if !value::is_null(&found) {
            members.push((value::text(entry.name(), &place(entry.key)), found));
        }
    }
    value::object(members, at)
}

impl<'p> Plan<'p> {
    /// The resources with their references resolved and their ids.
    fn instances(&self) -> Vec<Instance> {
        let mut ids = references::Ids::new(self);
        let resources = 0..self.resources.len();
        resources
            .map(|at| {
                let resource = &self.resources[at];
                let id = ids.id(at);
                let attributes = ids.resolved(at);
                let host = self.host(at, &attributes);
                Instance {
                    address: resource.address.to_owned(),
                    resource_type: resource.resource_type.to_owned(),
                    attributes,
                    id,
                    host,
                    source: resource.source.clone(),
                    doubt: None,
                }
            })
            .collect()
    }

    fn identity(&self, at: usize) -> Identity<'_> {
        let resource = &self.resources[at];
        Identity {
            address: resource.address,
            resource_type: resource.resource_type,
            subscription: self.subscriptions[at].as_deref(),
        }
    }

    fn host(&self, at: usize, attributes: &Derived) -> Option<String> {
        let table = mapping::table(self.resources[at].resource_type)?;
        let (template, _) = table.into.as_ref()?;
        let mut look = |name: &str| value::get(attributes, name).cloned();
        Some(identity::fill(template, &self.identity(at), &mut look))
    }
}

/// Whether nothing of a value is known.
fn is_open(value: &Derived) -> bool {
    matches!(value.content, Content::Unknown { .. })
}
