//! What Kubernetes objects mean: pods of workloads, label selectors, network policies of every
//! dialect, services, ingresses and routes.

mod calico;
mod cilium;
mod cluster_scoped_policy;
mod ingress;
mod istio;
mod network_policy;
mod network_policy_shape;
mod network_policy_syntax;
mod placeholder;
mod record;
mod route;
mod selector;
mod service;
mod workload;

pub use calico::{
    CalicoAction, CalicoEntity, CalicoHostEndpoint, CalicoHttp, CalicoIcmp, CalicoNetworkPolicy,
    CalicoNetworkSet, CalicoPolicy, CalicoPort, CalicoProfile, CalicoRule, CalicoSelector,
    CalicoService, CalicoServiceAccounts, CalicoTier, EndpointPort, InvalidCalicoSelector,
    SelectorMeaning, StagedKind, TierEnd,
};
pub use cilium::{
    CiliumCidr, CiliumCidrGroup, CiliumEntity, CiliumEntry, CiliumIcmp, CiliumName,
    CiliumNetworkPolicy, CiliumPeers, CiliumPort, CiliumPortNumber, CiliumPortRule, CiliumRequests,
    CiliumRule, CiliumService, CiliumSpec, CiliumSubject,
};
pub use cluster_scoped_policy::{
    ClusterPeer, ClusterPolicy, ClusterPort, ClusterRule, ClusterTier, PodsOf, RuleAction,
};
pub use ingress::{Ingress, IngressController, ingresses};
pub use istio::{
    IstioAction, IstioCondition, IstioMatch, IstioOperation, IstioPolicy, IstioRule, IstioSource,
    MutualTls, PeerAuthentication,
};
pub use network_policy::{NetworkPolicy, PolicyDialect, PolicyRule, PolicyType};
pub use network_policy_shape::unknown_members;
pub use network_policy_syntax::{PolicyDefect, PolicySyntax, policy_syntax, refusals};
pub use placeholder::is_placeholder;
pub use record::{Remark, Remarks};
pub use route::{GatewayListener, Route, http_routes, routes};
pub use selector::{InvalidSelector, Operator, Requirement, Selector};
pub use service::{
    AllowedSources, allowed_sources, external_addresses, is_internal_load_balancer,
    is_load_balancer,
};
pub use workload::{
    PodTemplate, all_pod_templates, pod_template, pod_templates, workloads_without_pods,
};
