//! Which namespaces get policies.

use crate::kubernetes::{Analysis, Namespace};

/// Namespaces of Kubernetes itself, of AKS and of its add-ons. What runs in them is Azure's, and
/// what it needs isn't in anybody's manifests.
const MANAGED: [&str; 13] = [
    "aks-command",
    "aks-istio-egress",
    "aks-istio-ingress",
    "aks-istio-system",
    "app-routing-system",
    "azure-arc",
    "azure-extensions-usage-system",
    "calico-system",
    "gatekeeper-system",
    "kube-node-lease",
    "kube-public",
    "kube-system",
    "tigera-operator",
];

/// Why a namespace gets no policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// It is one of Kubernetes, AKS or an add-on.
    Managed,
    /// Others were asked for.
    NotAsked,
    /// No namespace can have this name.
    Name,
}

impl Exclusion {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Managed => "Kubernetes, AKS and its add-ons run there",
            Self::NotAsked => "not asked for",
            Self::Name => "no namespace can have this name",
        }
    }
}

/// Whether a namespace is one of Kubernetes, AKS or an add-on of it.
pub fn is_managed(namespace: &str) -> bool {
    MANAGED.contains(&namespace)
}

/// The numbers of the namespaces that get policies, and the names of the others.
pub(super) fn divide<'e>(
    analysis: &Analysis<'e>,
    wanted: &[String],
) -> (Vec<usize>, Vec<(&'e str, Exclusion)>) {
    let (mut governed, mut excluded) = (Vec::new(), Vec::new());
    for (number, namespace) in analysis.endpoints.namespaces().iter().enumerate() {
        match exclusion(namespace, wanted) {
            None => governed.push(number),
            Some(exclusion) => excluded.push((namespace.name, exclusion)),
        }
    }
    (governed, excluded)
}

fn exclusion(namespace: &Namespace<'_>, wanted: &[String]) -> Option<Exclusion> {
    let name = namespace.name;
    if !is_label(name) {
        Some(Exclusion::Name)
    } else if is_managed(name) {
        Some(Exclusion::Managed)
    } else if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
        Some(Exclusion::NotAsked)
    } else {
        None
    }
}

/// Whether a text is a DNS label (RFC 1123), as names of namespaces and Services are.
pub(super) fn is_label(text: &str) -> bool {
    let is_inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let ends = [text.bytes().next(), text.bytes().next_back()];
    let is_end = |c: &Option<u8>| c.is_some_and(|c| is_inner(c) && c != b'-');
    text.len() <= 63 && text.bytes().all(is_inner) && ends.iter().all(is_end)
}
