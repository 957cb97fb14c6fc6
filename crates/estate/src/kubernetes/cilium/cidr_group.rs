//! CiliumCIDRGroup: ranges under a name, for several policies to refer to.

use ipnet::IpNet;

use super::peers::read_network;
use crate::Object;
use crate::kubernetes::record::{Record, Remarks};

/// A CiliumCIDRGroup.
#[derive(Clone)]
pub struct CiliumCidrGroup<'e> {
    /// The object, which holds its labels.
    pub object: Object<'e>,
    /// Its name.
    pub name: String,
    /// The ranges.
    pub networks: Vec<IpNet>,
}

impl<'e> CiliumCidrGroup<'e> {
    /// Reads a group; nothing if the object is of another kind.
    pub fn read(object: &Object<'e>, remarks: &Remarks<'e>) -> Option<Self> {
        if !object.is("cilium.io", "CiliumCIDRGroup") {
            return None;
        }
        let mut networks = Vec::new();
        let spec = object.get("spec");
        if let Some(spec) = spec.and_then(|spec| Record::open(spec, remarks)) {
            for (text, at) in spec.texts("externalCIDRs").unwrap_or_default() {
                networks.extend(read_network(text, at, remarks));
            }
            spec.close();
        }
        Some(Self {
            object: *object,
            name: object.name(),
            networks,
        })
    }
}
