use std::collections::BTreeMap;

use palisade_controls::fingerprint;

use crate::{example, files, judge};

/// In the examples no two findings of a kind share a fingerprint.
#[test]
fn fingerprints_tell_findings_apart() {
    for name in ["weak", "halfway", "hardened"] {
        let judged = judge(&example(name), "");
        let mut seen = BTreeMap::new();
        for finding in &judged.audit.findings {
            let print = fingerprint(&judged.input.estate, finding);
            let other = seen.insert((finding.outcome, print), &finding.subject.id);
            assert_eq!(other, None, "{finding:?}");
        }
    }
}

/// The value that decides is part of it, its letter case and what stands around it are not.
#[test]
fn the_value_that_decides_is_part_of_it() {
    let print = |outbound: &str, rest: &str| {
        let cluster = format!(
            r#"{{"id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/a", "name": "a", "properties": {{"networkProfile": {{"outboundType": "{outbound}"{rest}}}}}}}"#
        );
        let judged = judge(&files(&[("a.json", &cluster)]), "select = [\"FW001\"]");
        fingerprint(&judged.input.estate, &judged.audit.findings[0])
    };
    let own = print("loadBalancer", "");
    assert_eq!(own, print("LoadBalancer", ""));
    assert_eq!(
        own,
        print("loadBalancer", ", \"networkPolicy\": \"calico\"")
    );
    assert_ne!(own, print("managedNATGateway", ""));
}

/// Where a setting is missing, the settings beside it aren't part of it, whatever they say.
#[test]
fn a_missing_setting_has_no_part_in_its_neighbours() {
    let print = |neighbour: bool| {
        let cluster = format!(
            r#"{{"id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/a", "name": "a", "properties": {{"apiServerAccessProfile": {{"enablePrivateCluster": true, "enablePrivateClusterPublicFQDN": {neighbour}}}}}}}"#
        );
        let judged = judge(&files(&[("a.json", &cluster)]), "select = [\"PC005\"]");
        let finding = &judged.audit.findings[0];
        assert!(finding.message.contains("isn't set"), "{finding:?}");
        fingerprint(&judged.input.estate, finding)
    };
    assert_eq!(print(true), print(false));
}
