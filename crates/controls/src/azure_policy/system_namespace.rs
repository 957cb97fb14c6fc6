//! The namespaces of Azure's own components.

use crate::{Domain, Parameter, Weaker};

/// Namespaces that the built-in policies for AKS leave out: what runs in them is Azure's, needs
/// the node, and can't be changed by the cluster's owner.
const SYSTEM_NAMESPACES: [&str; 4] = [
    "kube-system",
    "gatekeeper-system",
    "azure-arc",
    "azure-extensions-usage-system",
];

/// Which namespaces the question isn't asked of, beside those of the system.
pub(super) static EXEMPT_NAMESPACES: Parameter = Parameter {
    name: "exempt-namespaces",
    meaning: "namespaces in which this is allowed, beside those of Azure's own components",
    domain: Domain::Names { default: &[] },
    weaker: Weaker::More,
};

/// Whether a namespace is Azure's own.
pub(super) fn is_system_namespace(namespace: &str) -> bool {
    SYSTEM_NAMESPACES.contains(&namespace)
}
