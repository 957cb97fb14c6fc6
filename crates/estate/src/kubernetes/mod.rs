//! What Kubernetes objects mean: pods of workloads, label selectors, services, ingresses.

mod selector;
mod service;
mod workload;

pub use selector::{InvalidSelector, Selector};
pub use service::{is_internal_load_balancer, is_load_balancer};
pub use workload::{PodTemplate, pod_templates};
