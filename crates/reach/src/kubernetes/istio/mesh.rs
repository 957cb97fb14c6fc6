//! Which pods have a proxy.

use crate::kubernetes::EndpointSet;
use crate::kubernetes::matched::Matched;
use crate::kubernetes::program::Condition;
use crate::kubernetes::translator::{Selected, Translator};

/// The pods of a mesh.
pub(super) struct Mesh {
    /// Those that have a proxy.
    pub(super) members: Selected,
}

impl Mesh {
    /// Reads membership from labels: of namespaces (`istio-injection`, `istio.io/rev`,
    /// `istio.io/dataplane-mode`) and of pods, those included that injection itself leaves
    /// behind. Where nothing at all tells of a mesh, every pod may be in one.
    pub(super) fn of(translator: &Translator<'_>) -> Self {
        let pods = translator.pod_labels();
        let is = |key: &str, meant: &str| pods.with_value(key, |value| value == meant);
        let out =
            is("sidecar.istio.io/inject", "false").union(&is("istio.io/dataplane-mode", "none"));
        let mut own = is("sidecar.istio.io/inject", "true");
        for (key, value) in [
            ("security.istio.io/tlsMode", "istio"),
            ("istio.io/dataplane-mode", "ambient"),
        ] {
            own.extend(&is(key, value));
        }
        own.extend(&pods.having("istio.io/rev"));
        let namespaces = translator.namespace_labels();
        let mut injecting = namespaces.with_value("istio-injection", |value| value == "enabled");
        injecting.extend(&namespaces.having("istio.io/rev"));
        injecting
            .extend(&namespaces.with_value("istio.io/dataplane-mode", |value| value == "ambient"));
        let disabled = namespaces.with_value("istio-injection", |value| value == "disabled");
        let injecting = injecting.difference(&disabled);
        let injected = translator.pods_of_namespaces(&injecting);
        let certain = injected
            .difference(&out)
            .difference(pods.open())
            .union(&own);
        let open = translator
            .pods_of_namespaces(translator.unread_namespaces())
            .union(&injected.intersection(pods.open()));
        let possible = match injecting.is_empty() && own.is_empty() {
            true => translator.endpoints.pods(),
            false => open,
        };
        let possible = possible.difference(&out);
        Self {
            members: Selected::new(certain, possible, || {
                translator.condition(Condition::Unknown {
                    cause: "whether the pod has a proxy of the mesh isn't known".to_owned(),
                    supply: "kubectl get pods,namespaces -A -o json".to_owned(),
                })
            }),
        }
    }

    /// The members, as callers who show a certificate.
    pub(super) fn identified(&self) -> Matched {
        Matched::inside(self.members.clone())
    }

    /// The members among some pods.
    pub(super) fn among(&self, pods: &EndpointSet) -> Matched {
        Matched::inside(self.members.narrow(|set| set.intersection(pods)))
    }
}
