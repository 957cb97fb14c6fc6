//! What the API server calls in pods, and which pods call it.

use std::collections::HashMap;

use palisade_document::Value;
use palisade_estate::Object;
use palisade_estate::kubernetes::{PodTemplate, pod_template};
use palisade_packet::Set;

use super::Evidence;
use super::flow::{Collector, End};

const RBAC: &str = "rbac.authorization.k8s.io";

/// Where an object keeps references to Services that the API server calls.
struct Called {
    group: &'static str,
    kind: &'static str,
    /// The list, if they stand in one, and the reference in an item or the object.
    list: Option<&'static str>,
    reference: [&'static str; 2],
}

const CALLED: [Called; 4] = [
    Called {
        group: "admissionregistration.k8s.io",
        kind: "ValidatingWebhookConfiguration",
        list: Some("webhooks"),
        reference: ["clientConfig", "service"],
    },
    Called {
        group: "admissionregistration.k8s.io",
        kind: "MutatingWebhookConfiguration",
        list: Some("webhooks"),
        reference: ["clientConfig", "service"],
    },
    Called {
        group: "apiextensions.k8s.io",
        kind: "CustomResourceDefinition",
        list: None,
        reference: ["spec.conversion.webhook.clientConfig", "service"],
    },
    Called {
        group: "apiregistration.k8s.io",
        kind: "APIService",
        list: None,
        reference: ["spec", "service"],
    },
];

/// Keeps open what the API server calls, and what calls it.
pub(super) fn collect(collector: &mut Collector<'_, '_>) {
    let cluster = collector.cluster;
    for called in &CALLED {
        for object in cluster.objects_of(called.group, called.kind) {
            for reference in called.references(object) {
                call(collector, object, reference);
            }
        }
    }
    clients(collector);
}

impl Called {
    fn references<'e>(&self, object: Object<'e>) -> Vec<Value<'e>> {
        let [holder, key] = self.reference;
        match self.list {
            Some(list) => {
                let items = object.get(list).into_iter().flat_map(Value::items);
                items
                    .filter_map(|item| item.get(holder)?.get(key))
                    .collect()
            }
            None => object.get(&format!("{holder}.{key}")).into_iter().collect(),
        }
    }
}

/// The API server comes out of the pods of konnectivity, unless it stands in the network itself.
fn call<'e>(collector: &mut Collector<'_, 'e>, object: Object<'e>, reference: Value<'e>) {
    let text = |key: &str| reference.get(key).map(Value::scalar).unwrap_or_default();
    let (namespace, name) = (text("namespace"), text("name"));
    let evidence = Evidence {
        at: reference.origin(),
        what: format!("{}, which the API server calls", object.display_name()),
    };
    let Some(service) = collector.services.named(namespace, name) else {
        let message = format!("Service/{name}, which the API server calls, isn't in the input");
        collector.leave(namespace, message, &evidence);
        return;
    };
    let managed = collector.cluster.managed().ok();
    let is_integrated =
        managed.is_some_and(|managed| managed.has_vnet_integration().present() == Some(true));
    let agents = collector.pods_of("kube-system", |party| {
        party.name.ends_with("/konnectivity-agent")
    });
    if is_integrated || agents.is_empty() {
        let message = match is_integrated {
            true => {
                "the API server calls it from its subnet (VNet integration): open that by address"
            }
            false => {
                "the pods of konnectivity-agent, from which the API server calls it, aren't in the input; add what `kubectl get pods -n kube-system -o json` prints"
            }
        };
        let message = format!("{}: {message}", service.display_name());
        collector.leave(namespace, message, &evidence);
        return;
    }
    let port = match text("port") {
        "" => "443",
        port => port,
    };
    collector.lead(namespace, &agents, service, Some(port), &evidence);
}

/// Workloads whose service account is given a role call the API server.
fn clients(collector: &mut Collector<'_, '_>) {
    let (addresses, traffic) = collector.services.api_server();
    let analysis = collector.analysis;
    let bindings = bindings(collector);
    for workload in analysis.endpoints.workloads() {
        let Some(template) = pod_template(workload.object) else {
            continue;
        };
        let Some(account) = mounted_account(collector, &template) else {
            continue;
        };
        let own = bindings.get(&(workload.namespace, account));
        for (binding, at) in own.into_iter().flatten() {
            let evidence = Evidence {
                at: at.origin(),
                what: format!("{} for {}", binding.display_name(), workload.name),
            };
            if addresses.is_empty() || traffic.is_empty() {
                let message = "the API server is called, whose address isn't in the input; add what `kubectl get endpointslices -n default -o json` prints";
                collector.leave(workload.namespace, message, &evidence);
                continue;
            }
            for &id in &workload.endpoints {
                if let Ok(end @ End::Party(_)) = collector.end_of(id) {
                    let to = End::Addresses(addresses.clone());
                    collector.keep(end, to, &traffic, &evidence);
                }
            }
        }
    }
}

/// The service account of pods that are given its token.
fn mounted_account<'e>(
    collector: &Collector<'_, 'e>,
    template: &PodTemplate<'e>,
) -> Option<&'e str> {
    let given = |key: &str| template.spec.get(key).map(Value::scalar);
    let name = given("serviceAccountName").or_else(|| given("serviceAccount"))?;
    let mut accounts = collector.cluster.objects_of("", "ServiceAccount");
    let account = accounts.find(|account| {
        account.name() == name && account.namespace() == Some(template.namespace())
    });
    const SETTING: &str = "automountServiceAccountToken";
    let of_account = account.and_then(|account| account.get(SETTING));
    let setting = template.spec.get(SETTING).or(of_account);
    (setting.and_then(Value::as_bool) != Some(false)).then_some(name)
}

/// What gives a service account a role, with the place: by the account's namespace and name.
type Bindings<'e> = HashMap<(&'e str, &'e str), Vec<(Object<'e>, Value<'e>)>>;

fn bindings<'e>(collector: &Collector<'_, 'e>) -> Bindings<'e> {
    let cluster = collector.cluster;
    let local = cluster.objects_of(RBAC, "RoleBinding");
    let all = local.chain(cluster.objects_of(RBAC, "ClusterRoleBinding"));
    let mut bindings = Bindings::new();
    for binding in all {
        for subject in binding.get("subjects").into_iter().flat_map(Value::items) {
            let text = |key: &str| subject.get(key).map(Value::scalar);
            if text("kind") != Some("ServiceAccount") {
                continue;
            }
            let namespace = text("namespace").or_else(|| binding.namespace());
            if let (Some(namespace), Some(name)) = (namespace, text("name")) {
                let own = bindings.entry((namespace, name)).or_default();
                own.push((binding, subject));
            }
        }
    }
    bindings
}
