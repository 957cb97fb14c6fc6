//! Service tags: Azure's names for the address prefixes of its services.
//!
//! Microsoft publishes them weekly as a JSON file per cloud ("Azure IP Ranges and Service Tags",
//! Microsoft Download Center; <https://learn.microsoft.com/azure/virtual-network/service-tags-overview>).
//! A dated copy in a compact format of our own is built in; [`ServiceTags::read`] takes a newer
//! download. Tags that Azure computes for each subnet, such as `VirtualNetwork`, are not here.

mod download;
mod packed;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use ipnet::IpNet;
use palisade_packet::AddressSet;

pub use packed::pack;

/// A cloud with addresses of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cloud {
    /// Azure.
    Public,
    /// Azure Government of the United States.
    UsGovernment,
    /// Azure operated by 21Vianet in China.
    China,
}

impl Cloud {
    /// The cloud of a region in Azure's short form (`westeurope`, `usgovvirginia`, `chinaeast2`).
    pub fn of_region(region: &str) -> Self {
        let region = region.to_ascii_lowercase();
        if region.starts_with("usgov") || region.starts_with("usdod") {
            return Self::UsGovernment;
        }
        match region.starts_with("china") {
            true => Self::China,
            false => Self::Public,
        }
    }

    /// The cloud as the downloads call it.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "public" => Some(Self::Public),
            "azuregovernment" => Some(Self::UsGovernment),
            "china" => Some(Self::China),
            _ => None,
        }
    }

    /// What the downloads call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "Public",
            Self::UsGovernment => "AzureGovernment",
            Self::China => "China",
        }
    }
}

/// The service tags of a cloud at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTags {
    /// The cloud.
    pub cloud: Cloud,
    /// The number that rises with every download, if the file says it.
    pub change_number: Option<u32>,
    /// The day of the download as `YYYY-MM-DD`, if the file's name says it.
    pub date: Option<String>,
    /// By the name in lower case.
    tags: BTreeMap<String, Tag>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Tag {
    name: String,
    /// Whether the tags of its regions are part of it, beside `prefixes`.
    takes_in_regions: bool,
    prefixes: Prefixes,
    addresses: Computed,
}

/// The addresses of a tag, regions included, once they were asked for. Tags that are the same are
/// so whether or not they were.
#[derive(Clone, Debug, Default)]
struct Computed(OnceLock<AddressSet>);

impl PartialEq for Computed {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Computed {}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Prefixes {
    /// In order, each once.
    Known(Vec<IpNet>),
    Packed(&'static [u8]),
}

impl Prefixes {
    fn list(&self) -> Vec<IpNet> {
        match self {
            Self::Known(prefixes) => prefixes.clone(),
            Self::Packed(bytes) => packed::prefixes(bytes),
        }
    }
}

impl ServiceTags {
    /// The copy that is built in.
    pub fn built_in(cloud: Cloud) -> &'static Self {
        static PUBLIC: OnceLock<ServiceTags> = OnceLock::new();
        static US_GOVERNMENT: OnceLock<ServiceTags> = OnceLock::new();
        static CHINA: OnceLock<ServiceTags> = OnceLock::new();
        let (cell, bytes): (_, &'static [u8]) = match cloud {
            Cloud::Public => (&PUBLIC, include_bytes!("public.tags")),
            Cloud::UsGovernment => (&US_GOVERNMENT, include_bytes!("azure_government.tags")),
            Cloud::China => (&CHINA, include_bytes!("china.tags")),
        };
        cell.get_or_init(|| packed::unpack(cloud, bytes))
    }

    /// The prefixes of a tag, in order, as Microsoft lists them: some may lie in others. The name
    /// is taken in any letter case, regional ones among them (`Storage.WestEurope`). Nothing for
    /// a name that isn't a tag of the cloud.
    pub fn prefixes(&self, name: &str) -> Option<Vec<IpNet>> {
        let key = name.to_ascii_lowercase();
        let tag = self.tags.get(&key)?;
        let mut prefixes = tag.prefixes.list();
        if tag.takes_in_regions {
            prefixes.extend(self.regions(&key).flat_map(|tag| tag.prefixes.list()));
            prefixes.sort_unstable();
            prefixes.dedup();
        }
        Some(prefixes)
    }

    /// The addresses of a tag.
    pub fn addresses(&self, name: &str) -> Option<AddressSet> {
        let tag = self.tags.get(&name.to_ascii_lowercase())?;
        let compute = || {
            let prefixes = self.prefixes(name).unwrap_or_default();
            prefixes.into_iter().map(AddressSet::from).collect()
        };
        Some(tag.addresses.0.get_or_init(compute).clone())
    }

    /// The names of all tags, in the order of the alphabet.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tags.values().map(|tag| tag.name.as_str())
    }

    /// Which copy this is, for people: `Public of 2025-10-28`.
    pub fn edition(&self) -> String {
        let cloud = self.cloud.as_str();
        match (&self.date, self.change_number) {
            (Some(date), _) => format!("{cloud} of {date}"),
            (None, Some(number)) => format!("{cloud}, change {number}"),
            (None, None) => cloud.to_owned(),
        }
    }

    fn regions(&self, key: &str) -> impl Iterator<Item = &Tag> {
        let prefix = format!("{key}.");
        let from = self.tags.range(prefix.clone()..);
        from.take_while(move |(name, _)| name.starts_with(&prefix))
            .map(|(_, tag)| tag)
    }

    /// The prefixes of the regional tags of a tag that has all of them.
    fn regional_prefixes(&self, key: &str, all: &BTreeSet<IpNet>) -> Option<BTreeSet<IpNet>> {
        let regions: BTreeSet<IpNet> = self
            .regions(key)
            .flat_map(|tag| tag.prefixes.list())
            .collect();
        (!regions.is_empty() && regions.is_subset(all)).then_some(regions)
    }
}
