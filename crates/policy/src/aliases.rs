//! Aliases: the names by which a definition reads the settings of a resource.
//!
//! An alias is a name (`Microsoft.Network/virtualNetworks/enableDdosProtection`) and the path in
//! the body of a resource that it stands for. A name whose alias isn't known reads nothing: what
//! uses it is not evaluated, since a guessed path would give a verdict about something else
//! (Microsoft Learn, "Azure Policy definition structure basics: aliases", 2025).

mod catalogue;
mod path;
mod provider;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

pub(crate) use path::{Path, group_of, short_of};

/// What an alias stands for in the resources of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The resource type in lower case.
    pub resource_type: String,
    /// The path, such as `properties.subnets[*].properties.addressPrefix`.
    pub path: String,
    /// The paths of single API versions that differ, by version in lower case.
    pub versions: Vec<(String, String)>,
    /// Whether a modify effect may change it, where that is known.
    pub is_modifiable: Option<bool>,
}

/// The aliases that are known: those that Palisade brings, and those of the user's files, which
/// count before them.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// By name in lower case.
    given: HashMap<String, Vec<Alias>>,
    /// Whether the aliases that Palisade brings are left out.
    is_given_only: bool,
    /// Whether a name that is no alias is a path, as in tests of the language.
    is_verbatim: bool,
    /// The types of the embedded catalogue that have been decoded.
    decoded: Mutex<BTreeMap<String, HashMap<String, Vec<Alias>>>>,
}

impl Catalogue {
    /// The aliases that Palisade brings.
    pub fn built_in() -> Self {
        Self::default()
    }

    /// Only the aliases in what `az provider list --expand resourceTypes/aliases` printed.
    pub fn of_providers(root: palisade_document::Value<'_>) -> Self {
        let mut catalogue = Self {
            is_given_only: true,
            ..Self::default()
        };
        catalogue.add(root);
        catalogue
    }

    /// No aliases: every name is a path in the body of the resource. Azure has no such thing; it
    /// is what tests of the language need.
    pub fn verbatim() -> Self {
        Self {
            is_given_only: true,
            is_verbatim: true,
            ..Self::default()
        }
    }

    /// Adds the aliases in what `az provider list --expand resourceTypes/aliases` printed.
    pub fn add(&mut self, root: palisade_document::Value<'_>) {
        for (name, alias) in provider::aliases(root) {
            self.given.entry(name).or_default().push(alias);
        }
    }

    pub(crate) fn is_verbatim(&self) -> bool {
        self.is_verbatim
    }

    /// What an alias stands for, in any letter case; nothing where it isn't known. The list
    /// behind `x[*]` may be called `x`.
    pub fn find(&self, name: &str) -> Vec<Alias> {
        let key = name.to_ascii_lowercase();
        let found = self.exactly(&key);
        if !found.is_empty() || path::has_wildcard(&key) {
            return found;
        }
        let mut lists = self.exactly(&format!("{key}[*]"));
        lists.retain_mut(|alias| {
            let bare = |path: &str| path.strip_suffix("[*]").map(str::to_owned);
            let whole = bare(&alias.path);
            let versions = alias.versions.iter();
            alias.versions = versions
                .filter_map(|(version, path)| Some((version.clone(), bare(path)?)))
                .collect();
            alias.path = whole.clone().unwrap_or_default();
            alias.is_modifiable = None;
            whole.is_some()
        });
        lists
    }

    fn exactly(&self, key: &str) -> Vec<Alias> {
        if let Some(given) = self.given.get(key) {
            return given.clone();
        }
        if self.is_given_only {
            return Vec::new();
        }
        let mut decoded = self.decoded.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for resource_type in catalogue::types_for(key) {
            let aliases = decoded
                .entry(resource_type.to_owned())
                .or_insert_with(|| catalogue::decode(resource_type));
            found.extend(aliases.get(key).cloned().unwrap_or_default());
        }
        found
    }
}

/// The resource types that have aliases, in lower case.
pub fn resource_types() -> impl Iterator<Item = &'static str> {
    catalogue::types()
}
