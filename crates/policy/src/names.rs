//! The aliases that a set of definitions uses, and the names under which the evaluator knows them.
//!
//! The evaluator knows an alias by what stands after the last `/` of its name, so that the same
//! setting of two types would be one. Here each gets a name of its own, with a group for what
//! stands before the `/`: `g3.subnets[*].addressPrefix`. A resource fills in those of its own
//! type, and a field of another type finds nothing, as in Azure.

use std::collections::{BTreeMap, HashMap};

use regorus::languages::azure_policy::aliases::AliasRegistry;
use regorus::languages::azure_policy::aliases::types::{
    AliasEntry, AliasPathMetadata, ProviderAliases, ResourceTypeAliases,
};

use crate::aliases::{Alias, Catalogue, Path, group_of, short_of};

/// The namespace and type under which the evaluator is given every alias.
const NAMESPACE: &str = "p";
const TYPE: &str = "t";

/// Where a setting stands in a resource and where the evaluator looks for it.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// The evaluator's name in lower case.
    pub(crate) short: String,
    /// Where the evaluator looks.
    pub(crate) to: Path,
    /// Where it stands.
    pub(crate) from: Path,
    /// Where it stands in single API versions, by version in lower case.
    pub(crate) versions: Vec<(String, Path)>,
}

/// The aliases in use.
#[derive(Debug, Default)]
pub(crate) struct Names {
    is_verbatim: bool,
    /// The evaluator's name of each alias, by its own in lower case.
    shorts: HashMap<String, String>,
    modifiable: HashMap<String, bool>,
    groups: HashMap<String, usize>,
    /// What the resources of a type fill in: whole values before their parts.
    slots: BTreeMap<String, Vec<Slot>>,
}

impl Names {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        Self {
            is_verbatim: catalogue.is_verbatim(),
            ..Self::default()
        }
    }

    pub(crate) fn is_verbatim(&self) -> bool {
        self.is_verbatim
    }

    /// Takes an alias in. Why not, if it isn't known or stands for nothing that can be read.
    pub(crate) fn admit(&mut self, name: &str, catalogue: &Catalogue) -> Result<(), String> {
        let key = name.to_ascii_lowercase();
        if self.is_verbatim || is_root_field(&key) || self.shorts.contains_key(&key) {
            return Ok(());
        }
        let aliases = catalogue.find(name);
        if aliases.is_empty() {
            return Err(format!("the alias `{name}` isn't in the catalogue"));
        }
        let next = self.groups.len();
        let group = *self.groups.entry(group_of(&key).to_owned()).or_insert(next);
        let short = format!("g{group}.{}", short_of(&key));
        let to = Path::parse(&short);
        let mut slots = Vec::new();
        for alias in &aliases {
            let slot = slot(alias, &short, &to).ok_or_else(|| {
                format!("the alias `{name}` goes through a list that its name doesn't show")
            })?;
            slots.push((alias.resource_type.clone(), slot));
        }
        // What is named after a type is about it, wherever it is listed.
        let named_type = group_of(&key);
        if let Some((_, slot)) = slots.first().cloned()
            && slots.iter().all(|(kind, _)| kind != named_type)
        {
            slots.push((named_type.to_owned(), slot));
        }
        for (resource_type, slot) in slots {
            let own = self.slots.entry(resource_type).or_default();
            let at = own.partition_point(|other| other.short.len() <= slot.short.len());
            own.insert(at, slot);
        }
        let is_modifiable = aliases
            .iter()
            .all(|alias| alias.is_modifiable != Some(false));
        self.modifiable.insert(key.clone(), is_modifiable);
        self.shorts.insert(key, short);
        Ok(())
    }

    /// What the evaluator calls an alias in a rule; nothing for what is no alias.
    pub(crate) fn renamed(&self, name: &str) -> Option<String> {
        let short = self.shorts.get(&name.to_ascii_lowercase())?;
        Some(format!("{NAMESPACE}/{TYPE}/{short}"))
    }

    /// The key by which what is unknown of a resource is noted.
    pub(crate) fn key(&self, name: &str) -> String {
        let key = name.to_ascii_lowercase();
        match self.shorts.get(&key) {
            Some(short) => short.clone(),
            None => root_of(&key).to_owned(),
        }
    }

    /// What resources of a type fill in.
    pub(crate) fn slots(&self, resource_type: &str) -> &[Slot] {
        self.slots
            .get(resource_type)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The aliases as the evaluator takes them: under the names given here for what is read, under
    /// their own for what is changed.
    pub(crate) fn registry(&self) -> AliasRegistry {
        let mut registry = AliasRegistry::new();
        let mut aliases = Vec::new();
        for (name, short) in &self.shorts {
            aliases.push(entry(&format!("{NAMESPACE}/{TYPE}/{short}"), short, false));
            let is_modifiable = self.modifiable.get(name) == Some(&true);
            aliases.push(entry(name, short_of(name), is_modifiable));
        }
        if aliases.is_empty() {
            // Without any the evaluator would take every name for a path.
            aliases.push(entry("p/t/g.none", "g.none", false));
        }
        registry.load_provider(ProviderAliases {
            namespace: NAMESPACE.to_owned(),
            resource_types: vec![ResourceTypeAliases {
                resource_type: TYPE.to_owned(),
                aliases,
                capabilities: None,
                default_api_version: None,
            }],
        });
        registry
    }
}

fn slot(alias: &Alias, short: &str, to: &Path) -> Option<Slot> {
    let from = Path::parse(&alias.path);
    let versions = alias
        .versions
        .iter()
        .map(|(version, path)| (version.clone(), Path::parse(path)))
        .filter(|(_, path)| path.lists() == to.lists());
    let versions: Vec<_> = versions.collect();
    (from.lists() == to.lists()).then(|| Slot {
        short: short.to_owned(),
        to: to.clone(),
        from,
        versions,
    })
}

fn entry(name: &str, path: &str, is_modifiable: bool) -> AliasEntry {
    AliasEntry {
        name: name.to_owned(),
        default_path: Some(path.to_owned()),
        default_metadata: is_modifiable.then(|| AliasPathMetadata {
            kind: None,
            attributes: Some("Modifiable".to_owned()),
        }),
        ..AliasEntry::default()
    }
}

/// The fields that every resource has, by no alias.
const ROOT_FIELDS: [&str; 9] = [
    "name",
    "fullname",
    "kind",
    "type",
    "location",
    "id",
    "tags",
    "identity",
    "apiversion",
];

/// The field that a name in lower case reads: `tags` for `tags['owner']`.
fn root_of(name: &str) -> &str {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    &name[..end]
}

/// Whether a name in lower case is that of a field which every resource has.
pub(crate) fn is_root_field(name: &str) -> bool {
    let root = root_of(name);
    let has_members = matches!(root, "tags" | "identity");
    ROOT_FIELDS.contains(&root) && (has_members || root == name)
}
