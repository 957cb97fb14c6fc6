//! Namespaces that belong to Kubernetes or AKS and not to the people who run the cluster.

/// What runs here is installed and reset by Kubernetes, AKS or its extensions: policies of one's
/// own can break it and don't last. Full names only, so that nobody's namespace is left out by
/// the way it is called.
const SYSTEM: [&str; 14] = [
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "gatekeeper-system",
    "calico-system",
    "calico-apiserver",
    "tigera-operator",
    "app-routing-system",
    "aks-command",
    "aks-istio-system",
    "aks-istio-ingress",
    "aks-istio-egress",
    "azure-arc",
    "azure-extensions-usage-system",
];

/// Whether the namespace is one of those. AKS keeps policies of its own in them too, such as one
/// for its tunnel to the API server that allows every address.
pub(crate) fn is_system(namespace: &str) -> bool {
    SYSTEM.contains(&namespace)
}
