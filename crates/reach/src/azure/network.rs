//! The network of an estate, and whom to ask for service tags.

use std::net::IpAddr;

use palisade_estate::Estate;
use palisade_estate::azure::ManagedCluster;

use super::service_tags::Cloud;
use super::{Appliance, ServiceTags};

/// An estate with the service tags that hold in it.
pub struct Network<'e> {
    estate: &'e Estate,
    /// Newer than the built-in ones, at most one for a cloud.
    downloads: Vec<ServiceTags>,
    appliances: Vec<Appliance>,
}

impl<'e> Network<'e> {
    /// The network of an estate. `downloads` take the place of the built-in tags of their cloud.
    pub fn new(estate: &'e Estate, downloads: Vec<ServiceTags>) -> Self {
        Self {
            estate,
            downloads,
            appliances: Vec::new(),
        }
    }

    /// The network with appliances that somebody declares.
    #[must_use]
    pub fn with_appliances(mut self, appliances: Vec<Appliance>) -> Self {
        self.appliances = appliances;
        self
    }

    /// The declared appliance that has an address.
    pub fn appliance_at(&self, address: IpAddr) -> Option<&Appliance> {
        let mut appliances = self.appliances.iter();
        appliances.find(|appliance| appliance.address == address)
    }

    /// The estate.
    pub fn estate(&self) -> &'e Estate {
        self.estate
    }

    /// The service tags of the cloud that a region lies in; without a region, that of the
    /// estate's clusters.
    pub fn service_tags(&self, region: Option<&str>) -> &ServiceTags {
        let of_a_cluster = || {
            let mut clusters = self.estate.all::<ManagedCluster<'_>>();
            clusters.find_map(|cluster| cluster.location())
        };
        let region = region.map(str::to_owned).or_else(of_a_cluster);
        let cloud = region.map_or(Cloud::Public, |region| Cloud::of_region(&region));
        let mut downloads = self.downloads.iter();
        downloads
            .find(|tags| tags.cloud == cloud)
            .unwrap_or_else(|| ServiceTags::built_in(cloud))
    }
}
