//! Bytes after the start of a network policy of each dialect: reading ends, with remarks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_estate::Estate;
use palisade_estate::kubernetes::{
    CalicoHostEndpoint, CalicoNetworkPolicy, CalicoNetworkSet, CalicoProfile, CalicoTier,
    CiliumCidrGroup, CiliumNetworkPolicy, ClusterPolicy, IstioPolicy, PeerAuthentication, Remarks,
};
use palisade_sources::File;

const KINDS: [(&str, &str); 13] = [
    ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"),
    ("projectcalico.org/v3", "NetworkPolicy"),
    ("projectcalico.org/v3", "GlobalNetworkPolicy"),
    ("projectcalico.org/v3", "Tier"),
    ("projectcalico.org/v3", "GlobalNetworkSet"),
    ("projectcalico.org/v3", "HostEndpoint"),
    ("projectcalico.org/v3", "Profile"),
    ("cilium.io/v2", "CiliumNetworkPolicy"),
    ("cilium.io/v2", "CiliumClusterwideNetworkPolicy"),
    ("cilium.io/v2", "CiliumCIDRGroup"),
    ("security.istio.io/v1", "AuthorizationPolicy"),
    ("security.istio.io/v1", "PeerAuthentication"),
];

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, rest)) = bytes.split_first() else {
        return;
    };
    let (version, kind) = KINDS[usize::from(first) % KINDS.len()];
    let start = format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: n}}\nspec:\n  ");
    let reading = palisade_sources::read(File {
        path: "fuzz".to_owned(),
        bytes: [start.as_bytes(), rest].concat(),
    });
    let (estate, _) = Estate::assemble(reading.reading.into_iter().collect(), false);
    for object in estate.objects() {
        let remarks = Remarks::new();
        ClusterPolicy::read(&object, &remarks);
        CalicoNetworkPolicy::read(&object, &remarks);
        CalicoTier::read(&object, &remarks);
        CalicoNetworkSet::read(&object, &remarks);
        CalicoHostEndpoint::read(&object, &remarks);
        CalicoProfile::read(&object, &remarks);
        CiliumNetworkPolicy::read(&object, &remarks);
        CiliumCidrGroup::read(&object, &remarks);
        IstioPolicy::read(&object, &remarks);
        PeerAuthentication::read(&object, &remarks);
        for remark in remarks.into_vec() {
            let _ = remark.diagnostic();
        }
    }
});
