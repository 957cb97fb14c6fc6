//! PeerAuthentication: whether proxies insist on mutual TLS.

use palisade_document::Value;

use crate::Object;
use crate::kubernetes::record::{Record, Remarks};

/// Whether callers must show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MutualTls {
    /// As the next wider policy says; permissive at the top.
    Unset,
    /// None is asked for.
    Disable,
    /// With and without one are let in.
    Permissive,
    /// Only with one.
    Strict,
}

const MODES: [(&str, MutualTls); 4] = [
    ("UNSET", MutualTls::Unset),
    ("DISABLE", MutualTls::Disable),
    ("PERMISSIVE", MutualTls::Permissive),
    ("STRICT", MutualTls::Strict),
];

/// A PeerAuthentication.
#[derive(Clone)]
pub struct PeerAuthentication<'e> {
    /// The object.
    pub object: Object<'e>,
    /// The labels of the pods that it is about; all of the namespace if there are none.
    pub labels: Vec<(&'e str, &'e str)>,
    /// The mode.
    pub mode: MutualTls,
    /// Other modes at some ports of the pods.
    pub ports: Vec<(u16, MutualTls)>,
}

impl<'e> PeerAuthentication<'e> {
    /// Reads a policy; nothing if the object is of another kind.
    pub fn read(object: &Object<'e>, remarks: &Remarks<'e>) -> Option<Self> {
        if !object.is("security.istio.io", "PeerAuthentication") {
            return None;
        }
        let mut policy = Self {
            object: *object,
            labels: Vec::new(),
            mode: MutualTls::Unset,
            ports: Vec::new(),
        };
        let Some(spec) = object
            .get("spec")
            .and_then(|spec| Record::open(spec, remarks))
        else {
            return Some(policy);
        };
        policy.labels = read_workload_labels(&spec);
        let mode = |record: Option<Record<'e, '_>>| {
            let record = record?;
            let mode = record.choice("mode", &MODES);
            record.close();
            mode
        };
        policy.mode = mode(spec.object("mtls")).unwrap_or(MutualTls::Unset);
        for entry in spec
            .get("portLevelMtls")
            .into_iter()
            .flat_map(Value::entries)
        {
            match entry.name().parse() {
                Ok(port) => {
                    let of_port = mode(Record::open(entry.value, remarks));
                    policy
                        .ports
                        .push((port, of_port.unwrap_or(MutualTls::Unset)));
                }
                Err(_) => remarks.refuse(entry.key, "this must be the number of a port"),
            }
        }
        spec.close();
        Some(policy)
    }
}

/// `selector.matchLabels`, the only kind of selector that Istio's policies know.
pub(super) fn read_workload_labels<'e>(spec: &Record<'e, '_>) -> Vec<(&'e str, &'e str)> {
    let Some(selector) = spec.object("selector") else {
        return Vec::new();
    };
    let labels = selector.object("matchLabels");
    selector.close();
    let entries = labels.iter().flat_map(|labels| labels.value().entries());
    entries
        .map(|entry| (entry.name(), entry.value.scalar()))
        .collect()
}
