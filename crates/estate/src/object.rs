//! Kubernetes objects.

use palisade_document::{Value, witness};

use crate::{Cluster, Estate};

/// A Kubernetes object of the estate.
#[derive(Clone, Copy)]
pub struct Object<'e> {
    estate: &'e Estate,
    index: u32,
    body: Value<'e>,
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl Eq for Object<'_> {}

/// The kinds without a namespace that Palisade reads.
const CLUSTER_SCOPED: [&str; 38] = [
    "Namespace",
    "Node",
    "PersistentVolume",
    "ClusterRole",
    "ClusterRoleBinding",
    "StorageClass",
    "IngressClass",
    "GatewayClass",
    "CustomResourceDefinition",
    "PriorityClass",
    "RuntimeClass",
    "AdminNetworkPolicy",
    "BaselineAdminNetworkPolicy",
    "ClusterNetworkPolicy",
    "GlobalNetworkPolicy",
    "StagedGlobalNetworkPolicy",
    "NginxIngressController",
    "GlobalNetworkSet",
    "HostEndpoint",
    "Tier",
    "Profile",
    "CiliumClusterwideNetworkPolicy",
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "ConstraintTemplate",
    "ExpansionTemplate",
    "SyncSet",
    "APIService",
    "CSIDriver",
    "CSINode",
    "VolumeAttachment",
    "CertificateSigningRequest",
    "PodSecurityPolicy",
    "ClusterIssuer",
];

/// API groups of which every kind belongs to the cluster: Gatekeeper's constraints and mutators.
const CLUSTER_SCOPED_GROUPS: [&str; 2] = ["constraints.gatekeeper.sh", "mutations.gatekeeper.sh"];

impl<'e> Object<'e> {
    pub(crate) fn new(estate: &'e Estate, index: u32) -> Self {
        let origin = estate.object_record(index).origin;
        let body = estate.document(origin.document).value(origin.node);
        Self {
            estate,
            index,
            body,
        }
    }

    /// The whole object.
    pub fn body(&self) -> Value<'e> {
        self.body
    }

    /// The value at a dotted path. Kubernetes keeps letter case; `null` is absent.
    pub fn get(&self, path: &str) -> Option<Value<'e>> {
        walk(self.body, path)
    }

    /// `apiVersion`, as in `networking.k8s.io/v1`.
    pub fn api_version(&self) -> &'e str {
        self.get("apiVersion")
            .or_else(|| self.list()?.get("apiVersion"))
            .map(Value::scalar)
            .unwrap_or_default()
    }

    /// The API group: empty for the core group.
    pub fn group(&self) -> &'e str {
        self.api_version()
            .rsplit_once('/')
            .map_or("", |(group, _)| group)
    }

    /// `kind`.
    pub fn kind(&self) -> &'e str {
        match self.get("kind") {
            Some(kind) => kind.scalar(),
            None => {
                let kind = self.list().and_then(|list| list.get("kind"));
                let kind = kind.map(Value::scalar).unwrap_or_default();
                kind.strip_suffix("List").unwrap_or(kind)
            }
        }
    }

    /// The list that says the kind, for an object that doesn't.
    fn list(&self) -> Option<Value<'e>> {
        let list = self.estate.lists.get(&self.body.origin())?;
        Some(self.estate.value(*list))
    }

    /// `metadata.name`, or `metadata.generateName` with a star for what is to be added.
    pub fn name(&self) -> String {
        // An unknown name is one all the same: no two are alike.
        let text = |path| self.get(path).map(|name| witness::apart(|| name.scalar()));
        text("metadata.name")
            .map(str::to_owned)
            .or_else(|| Some(format!("{}*", text("metadata.generateName")?)))
            .unwrap_or_default()
    }

    /// The namespace: `default` when a namespaced object names none, nothing for kinds that
    /// belong to the cluster.
    pub fn namespace(&self) -> Option<&'e str> {
        if CLUSTER_SCOPED.contains(&self.kind()) || CLUSTER_SCOPED_GROUPS.contains(&self.group()) {
            return None;
        }
        let given = self.get("metadata.namespace").map(Value::scalar);
        Some(given.filter(|name| !name.is_empty()).unwrap_or("default"))
    }

    /// Whether this is of `kind` in API group `group`, in any version.
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.kind() == kind && self.group() == group
    }

    /// A label.
    pub fn label(&self, key: &str) -> Option<&'e str> {
        self.get("metadata.labels")?.get(key).map(Value::scalar)
    }

    /// An annotation.
    pub fn annotation(&self, key: &str) -> Option<Value<'e>> {
        self.get("metadata.annotations")?.get(key)
    }

    /// The cluster it belongs to.
    pub fn cluster(&self) -> Cluster<'e> {
        Cluster::new(self.estate, self.estate.object_record(self.index).cluster)
    }

    /// How a person names it: `Kind/name`.
    pub fn display_name(&self) -> String {
        format!("{}/{}", self.kind(), self.name())
    }

    /// The best place to point at for the whole object: its name.
    pub fn anchor(&self) -> Value<'e> {
        self.get("metadata.name")
            .or_else(|| self.get("kind"))
            .unwrap_or(self.body)
    }
}

/// The value at a dotted path below `value`, keeping letter case; `null` is absent.
pub(crate) fn walk<'e>(value: Value<'e>, path: &str) -> Option<Value<'e>> {
    path.split('.')
        .try_fold(value, |at, segment| at.get(segment))
        .filter(|found| !found.is_null())
}
