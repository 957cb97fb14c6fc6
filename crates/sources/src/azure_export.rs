//! Azure resources as Azure, its command lines and Resource Graph print them: with or without
//! `type`, with `properties` or flattened, with their children inside or on their own.

use palisade_document::{Kind, Value};
use palisade_estate::{FoundResource, ResourceId, Unknown};

use crate::recognition::Found;

/// The children that stand in their parent's body: the parent's type, the property and the
/// collection, which may be spelled differently.
const EMBEDDED: [(&str, &str, &str); 4] = [
    ("microsoft.network/virtualnetworks", "subnets", "subnets"),
    (
        "microsoft.network/virtualnetworks",
        "virtualNetworkPeerings",
        "virtualNetworkPeerings",
    ),
    (
        "microsoft.network/networksecuritygroups",
        "securityRules",
        "securityRules",
    ),
    ("microsoft.network/routetables", "routes", "routes"),
];

pub(crate) fn is_resource(value: Value<'_>) -> bool {
    id_of(value).is_some() || type_of(value).is_some()
}

/// Takes in a resource and the children in its body.
pub(crate) fn take(value: Value<'_>, found: &mut Found) {
    match id_of(value) {
        Some(id) if id.resource_type().is_some() => take_as(id, value, false, found),
        Some(_) => found.leave(
            "a subscription, resource group or management group; its resources are what is audited",
        ),
        None => match invented_id(value) {
            Some(id) => take_as(id, value, false, found),
            None => found.leave("an Azure resource without an id"),
        },
    }
}

/// Whether a value is a policy definition or an initiative as people keep them in repositories:
/// without an id and a type.
pub(crate) fn is_policy(value: Value<'_>) -> bool {
    policy_type(value).is_some()
}

/// Takes in a policy definition or an initiative. Its name is that which it says, else that of its
/// file.
pub(crate) fn take_policy(value: Value<'_>, path: &str, found: &mut Found) {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    let name = value.get_ignore_case("name").and_then(Value::as_str);
    let name = name.filter(|name| !name.is_empty()).unwrap_or(stem);
    let id = policy_type(value)
        .map(|kind| format!("/providers/Microsoft.Authorization/{kind}/{name}"))
        .and_then(|id| ResourceId::parse(&id));
    match id {
        Some(id) => found.resources.push(FoundResource {
            id,
            node: value.node(),
            is_embedded: false,
            is_partial: false,
            doubt: None,
        }),
        None => found.leave("a policy definition without a name"),
    }
}

fn policy_type(value: Value<'_>) -> Option<&'static str> {
    let properties = value.get_ignore_case("properties").unwrap_or(value);
    let members = properties.get_ignore_case("policyDefinitions");
    if properties.get_ignore_case("policyRule").is_some() {
        Some("policyDefinitions")
    } else {
        members.map(|_| "policySetDefinitions")
    }
}

/// Takes in a resource that a template or a plan makes, and the children in its body. `doubt` says
/// why it can't be known whether they will be there.
pub(crate) fn take_planned(
    id: ResourceId,
    value: Value<'_>,
    doubt: Option<&Unknown>,
    found: &mut Found,
) {
    let first = found.resources.len();
    take_as(id, value, false, found);
    for resource in &mut found.resources[first..] {
        resource.doubt = doubt.cloned();
    }
}

fn take_as(id: ResourceId, value: Value<'_>, is_embedded: bool, found: &mut Found) {
    if value.kind() == Kind::Object && value.entries().len() == 1 {
        // `{"id": …}` is a reference to a resource, not the resource.
        return;
    }
    let resource_type = id.resource_type().unwrap_or_default();
    let properties = value
        .get_ignore_case("properties")
        .filter(|inner| inner.kind() == Kind::Object);
    for (_, property, collection) in EMBEDDED
        .iter()
        .filter(|(parent, ..)| *parent == resource_type)
    {
        let list = properties.and_then(|inner| inner.get_ignore_case(property));
        let list = list.or_else(|| value.get_ignore_case(property));
        for (place, child) in list.into_iter().flat_map(Value::items).enumerate() {
            take_child(&id, collection, child, place, found);
        }
    }
    // Azure PowerShell exports and nested templates keep any child in `resources`.
    let nested = value
        .get_ignore_case("resources")
        .filter(|list| list.kind() == Kind::Array);
    for child in nested
        .into_iter()
        .flat_map(Value::items)
        .filter(|child| is_resource(*child) || child.get_ignore_case("type").is_some())
    {
        match id_of(child).or_else(|| id_below(&id, child)) {
            Some(child_id) => take_as(child_id, child, true, found),
            None => found.leave("a child resource without an id"),
        }
    }
    found.resources.push(FoundResource {
        id,
        node: value.node(),
        is_embedded,
        is_partial: found.is_query_result && properties.is_none() && !is_embedded,
        doubt: None,
    });
}

fn take_child(
    parent: &ResourceId,
    collection: &str,
    child: Value<'_>,
    place: usize,
    found: &mut Found,
) {
    let name = child.get_ignore_case("name");
    let name = match name.filter(|name| name.is_unknown()) {
        // A child of an unknown name is one all the same, and another one at each place.
        Some(name) => Some(format!("{}#{place}", name.scalar())),
        None => name
            .and_then(Value::as_str)
            .and_then(|name| name.rsplit('/').next())
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
    };
    match id_of(child).or_else(|| Some(parent.child(collection, &name?))) {
        Some(id) => take_as(id, child, true, found),
        None => found.leave("a child resource without an id or a name"),
    }
}

/// `id`, or `ResourceId` as Azure PowerShell prints it. A leading slash may be missing.
fn id_of(value: Value<'_>) -> Option<ResourceId> {
    let text = |key| {
        value
            .get_ignore_case(key)
            .and_then(Value::as_str)
            .filter(|id| !id.is_empty())
    };
    let id = text("id").or_else(|| text("ResourceId"))?;
    ResourceId::parse(id).or_else(|| ResourceId::parse(&format!("/{id}")))
}

fn type_of(value: Value<'_>) -> Option<&str> {
    let text = |key| {
        value
            .get_ignore_case(key)
            .and_then(Value::as_str)
            .filter(|text| text.contains('/'))
    };
    text("type").or_else(|| text("ResourceType"))
}

/// A resource with a type and a name but no id stands for itself: it can be judged, though
/// nothing can refer to it. Names of child resources hold their parents' (`service/api`).
fn invented_id(value: Value<'_>) -> Option<ResourceId> {
    let name = value
        .get_ignore_case("name")
        .or_else(|| value.get_ignore_case("ResourceName"))?;
    let (provider, types) = type_of(value)?.split_once('/')?;
    let pairs: String = types
        .split('/')
        .zip(name.scalar().split('/'))
        .map(|(kind, name)| format!("/{kind}/{name}"))
        .collect();
    let is_whole = types.split('/').count() == name.scalar().split('/').count();
    is_whole.then(|| ResourceId::parse(&format!("/providers/{provider}{pairs}")))?
}

/// The id of a child that has none itself. Its name may hold its parents' names, its type
/// theirs; an extension such as a diagnostic setting has another provider.
fn id_below(parent: &ResourceId, child: Value<'_>) -> Option<ResourceId> {
    let name = child.get_ignore_case("name")?.scalar();
    if let Some(id) = ResourceId::parse(name) {
        // Some exports have the whole id for a name.
        return id.is_within(parent).then_some(id);
    }
    let kind = child
        .get_ignore_case("type")
        .or_else(|| child.get_ignore_case("ResourceType"))?
        .scalar();
    let parent_type = parent.resource_type()?;
    let below = match kind.get(..parent_type.len()) {
        Some(start) if start.eq_ignore_ascii_case(&parent_type) => {
            kind[parent_type.len()..].strip_prefix('/')?
        }
        // A type of one word is that of a collection of the parent.
        _ if !kind.contains('/') => kind,
        _ => {
            let (provider, collection) = kind.split_once('/')?;
            let name = name.rsplit('/').next()?;
            let types = collection.split('/').next_back()?;
            return ResourceId::parse(&format!("{parent}/providers/{provider}/{types}/{name}"));
        }
    };
    let types: Vec<_> = below.split('/').collect();
    let names: Vec<_> = name.split('/').collect();
    let own = names.len().checked_sub(types.len())?;
    let is_whole = types.iter().chain(&names).all(|part| !part.is_empty());
    let pairs = types.iter().zip(&names[own..]);
    is_whole.then(|| pairs.fold(parent.clone(), |id, (kind, name)| id.child(kind, name)))
}
