//! Bytes around a resource: the estate must answer whatever was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_estate::{Estate, azure};
use palisade_sources::File;

const BEFORE: &[u8] = br#"[{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v", "#;

fuzz_target!(|bytes: &[u8]| {
    for bytes in [bytes.to_vec(), [BEFORE, bytes, b"}]"].concat()] {
        let reading = palisade_sources::read(File {
            path: "fuzz".to_owned(),
            bytes,
        });
        let (estate, _) = Estate::assemble(reading.reading.into_iter().collect(), false);
        for resource in estate.resources() {
            assert!(estate.find(resource.id()).is_some());
            let _ = (
                resource.referrers(),
                resource.location(),
                estate.clusters_of(&resource),
            );
        }
        for cluster in estate.all::<azure::ManagedCluster<'_>>() {
            let _ = (
                cluster.subnets(),
                cluster.policy_engine(),
                cluster.outbound_type(),
            );
        }
        for group in estate.all::<azure::NetworkSecurityGroup<'_>>() {
            let _ = group.rules(azure::Direction::Inbound);
        }
    }
});
