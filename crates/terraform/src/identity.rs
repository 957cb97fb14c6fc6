//! ARM ids of resources that don't exist yet, from the names that their attributes give.

use crate::mapping;
use crate::value;
use palisade_document::Derived;

/// Where resources go whose file doesn't say so.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The subscription's id. Without one, ids hold a stand-in that no subscription has.
    pub subscription: Option<String>,
}

/// The subscription of resources for which none is known.
const UNKNOWN_SUBSCRIPTION: &str = "<unknown: subscription>";

/// What identifies a resource: its address in the configuration, its type and its attributes.
pub(crate) struct Identity<'i> {
    pub(crate) address: &'i str,
    pub(crate) resource_type: &'i str,
    pub(crate) subscription: Option<&'i str>,
}

/// A name that isn't known before the apply. It is the same wherever the same attribute is
/// named, and it is no name that Azure would allow.
pub(crate) fn stand_in(address: &str, attribute: &str) -> String {
    let plain = |character: char| match character {
        '/' => '|',
        character if character.is_control() => '?',
        character => character,
    };
    let text = format!("<unknown: {address}.{attribute}>");
    text.chars().map(plain).collect()
}

/// The type of the resource that an id stands for where its name isn't known, in lower case.
pub(crate) fn type_of_unknown(id: &str) -> Option<String> {
    let (_, name) = id.rsplit_once('/')?;
    name.starts_with("<unknown: ").then(|| type_of(id))?
}

/// The type of the resource of an id, in lower case.
pub(crate) fn type_of(id: &str) -> Option<String> {
    let id = id.to_ascii_lowercase();
    let (_, own) = id.rsplit_once("/providers/")?;
    let (provider, rest) = own.split_once('/')?;
    let types: Vec<_> = rest.split('/').step_by(2).collect();
    Some(format!("{provider}/{}", types.join("/")))
}

/// The ARM id of a resource. `attribute` gives the value of an attribute, references already
/// resolved. Nothing for resources of providers that aren't Azure's.
pub(crate) fn id(
    identity: &Identity<'_>,
    attribute: &mut dyn FnMut(&str) -> Option<Derived>,
) -> Option<String> {
    if let Some(known) = known_id(attribute) {
        return Some(known);
    }
    if identity.resource_type.starts_with("azapi_") {
        return azapi_id(identity, attribute);
    }
    if let Some(table) = mapping::table(identity.resource_type) {
        return Some(fill(table.id?, identity, attribute));
    }
    let kind = identity.resource_type;
    let is_azure = kind.starts_with("azurerm_");
    let template = match attribute("resource_group_name") {
        Some(group) if !value::is_null(&group) => "{group}/providers/Terraform/{type}/{name}",
        _ => "{subscription}/providers/Terraform/{type}/{name}",
    };
    is_azure.then(|| fill(&template.replace("{type}", kind), identity, attribute))
}

/// The id that Azure has given already. Some resources of the provider have ids of its own
/// making, with a bar in them.
fn known_id(attribute: &mut dyn FnMut(&str) -> Option<Derived>) -> Option<String> {
    let given = attribute("id")?;
    let text = value::as_str(&given)?;
    (text.starts_with('/') && !text.contains('|')).then(|| text.to_owned())
}

fn azapi_id(
    identity: &Identity<'_>,
    attribute: &mut dyn FnMut(&str) -> Option<Derived>,
) -> Option<String> {
    if let Some(id) = attribute("resource_id").as_ref().and_then(value::as_str) {
        return Some(id.to_owned());
    }
    let kind = attribute("type")?;
    let (kind, _) = value::as_str(&kind)?.split_once('@')?;
    let parent = attribute("parent_id");
    let parent = parent.as_ref().and_then(value::as_str);
    let name = attribute("name");
    let name = name.as_ref().and_then(value::as_str).map(str::to_owned);
    let name = name.unwrap_or_else(|| stand_in(identity.address, "name"));
    let mut types = kind.split('/');
    let provider = types.next()?;
    let types: Vec<_> = types.collect();
    let (own, ancestors) = types.split_last()?;
    if ancestors.is_empty() || parent.is_none_or(|parent| extends(parent, kind)) {
        let scope = match parent {
            Some(parent) => parent.trim_end_matches('/').to_owned(),
            None => unknown_group(identity, "parent_id"),
        };
        let unknown = stand_in(identity.address, "parent_id");
        let above = ancestors.iter().map(|kind| format!("/{kind}/{unknown}"));
        let above: String = above.collect();
        return Some(format!("{scope}/providers/{provider}{above}/{own}/{name}"));
    }
    parent.map(|parent| format!("{}/{own}/{name}", parent.trim_end_matches('/')))
}

/// Whether a resource of the type is an extension of the parent, not a child of it.
fn extends(parent: &str, kind: &str) -> bool {
    let provider = kind.split('/').next().unwrap_or_default();
    let wanted = format!("/providers/{provider}/").to_ascii_lowercase();
    !parent.to_ascii_lowercase().contains(&wanted)
}

fn subscription(identity: &Identity<'_>) -> String {
    let name = identity.subscription.unwrap_or(UNKNOWN_SUBSCRIPTION);
    format!("/subscriptions/{name}")
}

fn unknown_group(identity: &Identity<'_>, attribute: &str) -> String {
    let name = stand_in(identity.address, attribute);
    format!("{}/resourceGroups/{name}", subscription(identity))
}

/// Fills a template: `{group}`, `{subscription}`, and `{attribute}` for a name or for an id,
/// which may say of which type it is.
pub(crate) fn fill(
    template: &str,
    identity: &Identity<'_>,
    attribute: &mut dyn FnMut(&str) -> Option<Derived>,
) -> String {
    let mut id = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        id.push_str(before);
        let Some((hole, after)) = after.split_once('}') else {
            break;
        };
        id.push_str(&fill_hole(hole, identity, attribute));
        rest = after;
    }
    id + rest
}

fn fill_hole(
    hole: &str,
    identity: &Identity<'_>,
    attribute: &mut dyn FnMut(&str) -> Option<Derived>,
) -> String {
    let (hole, kind) = match hole.split_once(':') {
        Some((hole, kind)) => (hole, Some(kind)),
        None => (hole, None),
    };
    let (name, otherwise) = match hole.split_once('|') {
        Some((name, otherwise)) => (name, Some(otherwise)),
        None => (hole, None),
    };
    if name == "subscription" {
        return subscription(identity);
    }
    if name == "group" {
        let group = text(attribute("resource_group_name"));
        let group = group.unwrap_or_else(|| stand_in(identity.address, "resource_group_name"));
        return format!("{}/resourceGroups/{group}", subscription(identity));
    }
    let given = attribute(name);
    if let Some(otherwise) = otherwise
        && given.as_ref().is_none_or(value::is_null)
    {
        return fill_hole(otherwise, identity, attribute);
    }
    match (text(given), kind) {
        (Some(text), _) => text.trim_end_matches('/').to_owned(),
        (None, Some(kind)) => unknown_parent(identity, name, kind),
        (None, None) if name.ends_with("_id") || name == "scope" => unknown_group(identity, name),
        (None, None) => stand_in(identity.address, name),
    }
}

fn unknown_parent(identity: &Identity<'_>, attribute: &str, kind: &str) -> String {
    let mut types = kind.split('/');
    let provider = types.next().unwrap_or_default();
    let name = stand_in(identity.address, attribute);
    let types: String = types.map(|kind| format!("/{kind}/{name}")).collect();
    format!(
        "{}/providers/{provider}{types}",
        unknown_group(identity, attribute)
    )
}

/// The text of a known name or id. The parts of an id that are names hold no slash.
fn text(given: Option<Derived>) -> Option<String> {
    let given = given?;
    let text = value::scalar(&given)?.trim();
    (!text.is_empty() && !text.contains(char::is_control)).then(|| text.to_owned())
}

/// The ARM type of the ids that a template makes, in lower case.
pub(crate) fn type_of_template(template: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        plain.push_str(before);
        let (hole, after) = after.split_once('}')?;
        plain.push_str(&match hole.split_once(':') {
            Some((_, kind)) => {
                let mut types = kind.split('/');
                let provider = types.next().unwrap_or_default();
                let types: String = types.map(|kind| format!("/{kind}/x")).collect();
                format!("/providers/{provider}{types}")
            }
            None => "x".to_owned(),
        });
        rest = after;
    }
    plain.push_str(rest);
    let at = plain.rfind("/providers/")?;
    let mut segments = plain[at + "/providers/".len()..].split('/');
    let provider = segments.next()?;
    let types: Vec<_> = segments.step_by(2).collect();
    (!types.is_empty()).then(|| format!("{provider}/{}", types.join("/")).to_ascii_lowercase())
}
