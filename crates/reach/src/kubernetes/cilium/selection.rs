//! What Cilium's selectors select: endpoints by labels that say where each comes from.

use palisade_estate::kubernetes::{CiliumEntity, Operator, Requirement, Selector};
use palisade_packet::{AddressSet, Set};

use crate::kubernetes::matched::Matched;
use crate::kubernetes::program::{Condition, Peers};
use crate::kubernetes::translator::{Selected, Translator};
use crate::kubernetes::{EndpointId, EndpointSet};

const NAMESPACE: &str = "io.kubernetes.pod.namespace";
const NAMESPACE_LABELS: &str = "io.cilium.k8s.namespace.labels.";
const SERVICE_ACCOUNT: &str = "io.cilium.k8s.policy.serviceaccount";
const CLUSTER: &str = "io.cilium.k8s.policy.cluster";
const RESERVED: &str = "reserved:";

/// A key without the source of the label; nothing for labels that pods don't get.
fn bare(key: &str) -> Option<&str> {
    let stripped = key
        .strip_prefix("k8s:")
        .or_else(|| key.strip_prefix("any:"))
        // Written with a dot, the source is the same: Cilium keeps labels that way.
        .or_else(|| key.strip_prefix("k8s."))
        .or_else(|| key.strip_prefix("any."));
    match stripped {
        Some(rest) => Some(rest),
        None if key.contains(':') => None,
        None => Some(key),
    }
}

/// The pods that a policy is about: those of its namespace, whatever its selector says of
/// namespaces, or those of the cluster.
pub(super) fn subjects<'e>(
    selector: &Selector<'e>,
    namespace: Option<&str>,
    translator: &Translator<'e>,
) -> Selected {
    let all = match namespace {
        Some(namespace) => own_pods(namespace, translator),
        None => translator.endpoints.pods(),
    };
    let mut selected = Selected::certain(all);
    for requirement in selector.requirements() {
        let is_about_namespace = bare(requirement.key) == Some(NAMESPACE);
        if namespace.is_some() && is_about_namespace {
            continue;
        }
        selected = selected.intersection(&pods(requirement, translator));
    }
    selected
}

/// The peers that a selector of a rule selects: pods of the policy's own namespace unless the
/// labels speak of namespaces, or one of the identities that Cilium keeps for itself.
pub(super) fn peers<'e>(
    selector: &Selector<'e>,
    namespace: Option<&str>,
    translator: &Translator<'e>,
) -> Matched {
    let reserved = selector.keys().find_map(|key| key.strip_prefix(RESERVED));
    if let Some(name) = reserved {
        return entity(entity_of_label(name), translator);
    }
    let names = |wanted: &dyn Fn(&str) -> bool| selector.keys().filter_map(bare).any(wanted);
    let is_explicit = names(&|key| key == NAMESPACE || key.starts_with(NAMESPACE_LABELS));
    let all = match namespace.filter(|_| !is_explicit) {
        Some(namespace) => own_pods(namespace, translator),
        None => translator.endpoints.pods(),
    };
    let mut selected = Selected::certain(all);
    for requirement in selector.requirements() {
        selected = selected.intersection(&pods(requirement, translator));
    }
    Matched::inside(selected)
}

fn own_pods(namespace: &str, translator: &Translator<'_>) -> EndpointSet {
    let number = translator.endpoints.namespace(namespace);
    number
        .map(|number| translator.endpoints.pods_of(number))
        .unwrap_or_default()
}

/// The pods that fulfil one requirement.
fn pods<'e>(requirement: &Requirement<'e>, translator: &Translator<'e>) -> Selected {
    let all = translator.endpoints.pods();
    let is_negative = matches!(
        requirement.operator,
        Operator::NotIn | Operator::DoesNotExist
    );
    let has = having(requirement, translator);
    if !is_negative {
        return has;
    }
    Selected {
        certain: all.difference(&has.certain).difference(&has.possible),
        ..has
    }
}

/// The pods that have the label, with one of the values if values are asked for.
fn having<'e>(requirement: &Requirement<'e>, translator: &Translator<'e>) -> Selected {
    let is_meant = |value: &str| {
        let asks_for_values = matches!(requirement.operator, Operator::In | Operator::NotIn);
        !asks_for_values || requirement.values.contains(&value)
    };
    let Some(key) = bare(requirement.key) else {
        return Selected::default();
    };
    let endpoints = &translator.endpoints;
    if let Some(label) = key.strip_prefix(NAMESPACE_LABELS) {
        return of_namespaces(label, &is_meant, translator);
    }
    let certain = match key {
        NAMESPACE => {
            let namespaces = endpoints.namespaces().iter().enumerate();
            let meant = namespaces.filter(|(_, namespace)| is_meant(namespace.known_as));
            meant.fold(EndpointSet::empty(), |all, (number, _)| {
                all.union(&endpoints.pods_of(number))
            })
        }
        SERVICE_ACCOUNT => {
            let accounts = endpoints.pods();
            let is_of = |id: &EndpointId| is_meant(endpoints.get(*id).service_account);
            return translator.or_open(accounts.iter().filter(is_of).collect());
        }
        // The name of a cluster that is in no mesh of clusters.
        CLUSTER if is_meant("default") => endpoints.pods(),
        CLUSTER => EndpointSet::empty(),
        _ => return translator.pods_with_label(key, is_meant),
    };
    Selected::certain(certain)
}

fn of_namespaces(
    label: &str,
    is_meant: &dyn Fn(&str) -> bool,
    translator: &Translator<'_>,
) -> Selected {
    let labels = translator.namespace_labels();
    let certain = translator.pods_of_namespaces(&labels.with_value(label, is_meant));
    if label == "kubernetes.io/metadata.name" {
        return Selected::certain(certain);
    }
    let open = translator.pods_of_namespaces(translator.unread_namespaces());
    Selected::new(certain.difference(&open), open, || {
        translator.unread_labels()
    })
}

fn entity_of_label(name: &str) -> CiliumEntity {
    match name {
        "all" => CiliumEntity::All,
        "world" => CiliumEntity::World,
        "world-ipv4" => CiliumEntity::WorldIpv4,
        "world-ipv6" => CiliumEntity::WorldIpv6,
        "host" => CiliumEntity::Host,
        "remote-node" => CiliumEntity::RemoteNode,
        "kube-apiserver" => CiliumEntity::KubeApiServer,
        _ => CiliumEntity::None,
    }
}

/// What a class of peers is, alone.
pub(super) fn entity(entity: CiliumEntity, translator: &Translator<'_>) -> Matched {
    let endpoints = &translator.endpoints;
    let outside = |addresses| Matched::certain(Peers::outside(addresses));
    match entity {
        CiliumEntity::All => Matched::everything(endpoints),
        CiliumEntity::World => outside(AddressSet::full()),
        CiliumEntity::WorldIpv4 => outside(AddressSet::all_v4()),
        CiliumEntity::WorldIpv6 => outside(AddressSet::all_v6()),
        CiliumEntity::Cluster => Matched::certain(Peers::inside(endpoints.inside())),
        CiliumEntity::Host | CiliumEntity::RemoteNode => {
            let condition = translator.condition(Condition::Unknown {
                cause: "whether the pod runs on that node isn't known".to_owned(),
                supply: "kubectl get pods -A -o wide".to_owned(),
            });
            Matched::doubtful(Peers::inside(endpoints.hosts()), condition)
        }
        CiliumEntity::KubeApiServer => {
            let name = Condition::Name("the Kubernetes API server".to_owned());
            let condition = translator.condition(name);
            let peers = Peers {
                endpoints: endpoints.hosts(),
                addresses: AddressSet::full(),
            };
            Matched::doubtful(peers, condition)
        }
        CiliumEntity::Ingress
        | CiliumEntity::Init
        | CiliumEntity::Health
        | CiliumEntity::Unmanaged
        | CiliumEntity::None => Matched::nothing(),
    }
}

/// What classes of peers are together: every node is the pod's own or another one.
pub(super) fn entities(all: &[CiliumEntity], translator: &Translator<'_>) -> Matched {
    let mut matched = Matched::nothing();
    for &one in all {
        matched = matched.or(&entity(one, translator));
    }
    let has_both = [CiliumEntity::Host, CiliumEntity::RemoteNode]
        .iter()
        .all(|one| all.contains(one));
    if has_both {
        let hosts = Peers::inside(translator.endpoints.hosts());
        matched = matched.or(&Matched::certain(hosts));
    }
    matched
}
