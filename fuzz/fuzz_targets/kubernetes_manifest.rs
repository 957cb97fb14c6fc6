//! Bytes after the start of a manifest: pods, selectors and names must be answered.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_estate::{Estate, kubernetes};
use palisade_sources::File;

const BEFORE: &[u8] = b"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  ";

fuzz_target!(|bytes: &[u8]| {
    for bytes in [bytes.to_vec(), [BEFORE, bytes].concat()] {
        let reading = palisade_sources::read(File {
            path: "fuzz".to_owned(),
            bytes,
        });
        let (estate, _) = Estate::assemble(reading.reading.into_iter().collect(), false);
        for cluster in estate.clusters() {
            for pods in kubernetes::pod_templates(&cluster) {
                let _ = (
                    pods.namespace(),
                    pods.is_on_host_network(),
                    pods.containers().count(),
                );
            }
        }
        for object in estate.objects() {
            let selector = object.get("spec.selector").map(kubernetes::Selector::read);
            if let Some(Ok(selector)) = selector {
                let _ = selector.matches(|key| object.label(key));
            }
        }
    }
});
