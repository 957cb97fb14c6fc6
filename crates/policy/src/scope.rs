//! Which scopes lie in which: management groups above subscriptions.

use std::collections::{HashMap, HashSet};

use palisade_document::Value;
use palisade_estate::{Estate, ResourceId, Unknown};

const GROUP: &str = "microsoft.management/managementgroups";
const MEMBERSHIP: &str = "microsoft.management/managementgroups/subscriptions";

/// The deepest that Azure lets management groups be nested, with the root and some to spare.
const DEEPEST: usize = 10;

/// The management groups of an estate.
#[derive(Debug, Default)]
pub(crate) struct Hierarchy {
    /// The parent of a management group or subscription, by keys of ids.
    parents: HashMap<String, String>,
    /// The groups that have no parent.
    roots: HashSet<String>,
}

impl Hierarchy {
    /// Reads what `az account management-group show --expand --recurse` and templates say.
    pub(crate) fn read(estate: &Estate) -> Self {
        let mut hierarchy = Self::default();
        for group in estate.of_type(GROUP) {
            let key = group.id().key().to_owned();
            hierarchy.read_children(&key, group.value(), 0);
            let details = group.property("details").present();
            let Some(details) = details else { continue };
            let parent = details.get_ignore_case("parent").filter(|p| !p.is_null());
            match parent.and_then(|parent| parent.get_ignore_case("id")) {
                Some(id) => hierarchy.put(key, id.scalar()),
                None => drop(hierarchy.roots.insert(key)),
            }
        }
        for member in estate.of_type(MEMBERSHIP) {
            if let Some(group) = member.id().parent() {
                let subscription = format!("/subscriptions/{}", member.name());
                hierarchy.put(subscription.to_ascii_lowercase(), group.as_str());
            }
        }
        hierarchy
    }

    fn put(&mut self, key: String, parent: &str) {
        self.parents.insert(key, parent.to_ascii_lowercase());
    }

    fn read_children(&mut self, parent: &str, value: Value<'_>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let properties = value.get_ignore_case("properties");
        let children = properties
            .and_then(|properties| properties.get_ignore_case("children"))
            .or_else(|| value.get_ignore_case("children"));
        for child in children.into_iter().flat_map(Value::items) {
            let Some(id) = child.get_ignore_case("id").and_then(Value::as_str) else {
                continue;
            };
            let key = id.to_ascii_lowercase();
            self.put(key.clone(), parent);
            self.read_children(&key, child, depth + 1);
        }
    }

    /// Whether a scope holds what has an id, or why that isn't known.
    pub(crate) fn holds(&self, scope: &ResourceId, id: &ResourceId) -> Result<bool, Unknown> {
        if id.is_within(scope) {
            return Ok(true);
        }
        let is_group = scope.resource_type().as_deref() == Some(GROUP);
        let start = id.subscription_scope();
        let start = start
            .as_ref()
            .or_else(|| (id.resource_type().as_deref() == Some(GROUP)).then_some(id));
        let (true, Some(start)) = (is_group, start) else {
            return Ok(false);
        };
        let mut at = start.key();
        for _ in 0..DEEPEST {
            match self.parents.get(at) {
                Some(parent) if parent == scope.key() => return Ok(true),
                Some(parent) => at = parent,
                None if self.roots.contains(at) => return Ok(false),
                None => break,
            }
        }
        Err(Unknown::because(
            format!(
                "whether `{}` is below the management group `{}` isn't in the input",
                start.name(),
                scope.name()
            ),
            format!(
                "az account management-group show --name {} --expand --recurse",
                scope.name()
            ),
        ))
    }
}
