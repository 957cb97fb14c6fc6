//! What built-in initiatives hold of the definitions that the controls ask for. Exports list
//! assignments, but rarely the initiatives that Microsoft keeps. Where an export and this table differ
//! the export is right, so the table alone never shows that a definition is in force.

/// A built-in initiative, as published in 2026.
pub(super) struct BuiltInInitiative {
    /// Its id: the name below `policySetDefinitions`.
    pub(super) id: &'static str,
    /// The definitions it holds, each with the initiative's parameter for the effect, if it has
    /// one. The default of each of these parameters is Audit.
    pub(super) members: &'static [(&'static str, Option<&'static str>)],
}

pub(super) const AUTHORIZED_RANGES: &str = "0e246bcf-5f6f-4f87-bc6f-775d4712c7ea";
pub(super) const HTTPS_INGRESS: &str = "1a5b4dca-0b6f-4cf5-907c-56316bc1bf3d";
pub(super) const ALLOWED_PORTS: &str = "233a2a17-77ca-4fb1-9b6b-69223d272a44";
pub(super) const EXTERNAL_IPS: &str = "d46c275d-1680-448d-b2ec-e495a3b6cc89";
pub(super) const HOST_NETWORK: &str = "82985f06-dc18-4a48-bc1c-b9f4f0098cfe";

pub(super) const BUILT_IN_INITIATIVES: [BuiltInInitiative; 6] = [
    // Microsoft cloud security benchmark.
    BuiltInInitiative {
        id: "1f3afdf9-d0c9-4c3d-847f-89da613e70a8",
        members: &[
            (
                AUTHORIZED_RANGES,
                Some("kubernetesServiceAuthorizedIPRangesEnabledMonitoringEffect"),
            ),
            (
                HTTPS_INGRESS,
                Some("kubernetesClustersShouldBeAccessibleOnlyOverHTTPSMonitoringEffect"),
            ),
            (
                ALLOWED_PORTS,
                Some("allowedServicePortsInKubernetesClusterEffect"),
            ),
            (
                HOST_NETWORK,
                Some("AllowedHostNetworkingAndPortsInKubernetesClusterEffect"),
            ),
        ],
    },
    // Microsoft cloud security benchmark v2 (preview).
    BuiltInInitiative {
        id: "e3ec7e09-768c-4b64-882c-fcada3772047",
        members: &[
            (AUTHORIZED_RANGES, None),
            (HTTPS_INGRESS, None),
            (ALLOWED_PORTS, None),
            (HOST_NETWORK, None),
        ],
    },
    // Pod security baseline standards for Linux-based workloads.
    BuiltInInitiative {
        id: "a8640138-9b0a-4a28-b8cb-1666c838647d",
        members: &[(HOST_NETWORK, Some("effect"))],
    },
    // Pod security restricted standards for Linux-based workloads.
    BuiltInInitiative {
        id: "42b8ef37-b724-4e24-bbc8-7a7708edfe00",
        members: &[(HOST_NETWORK, Some("effect"))],
    },
    // CIS Microsoft Azure Foundations Benchmark 2.0.0.
    BuiltInInitiative {
        id: "06f19060-9e68-4070-92ca-f15cc126059e",
        members: &[],
    },
    // CIS Azure Foundations 2.1.0.
    BuiltInInitiative {
        id: "fe7782e4-6ff3-4e39-8d8a-64b6f7b82c85",
        members: &[],
    },
];
