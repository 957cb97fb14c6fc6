//! The listeners that the Application Gateway Ingress Controller makes of Ingresses, replayed.

use std::collections::{BTreeMap, BTreeSet};

use palisade_document::Value;
use palisade_estate::kubernetes::Ingress;

const PREFIX: &str = "appgw.ingress.kubernetes.io/";

/// What the controller tells listeners apart by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listener<'e> {
    port: u16,
    is_private: bool,
    hosts: BTreeSet<&'e str>,
}

impl Listener<'_> {
    /// How a person names it: `shop.example:443`.
    pub(super) fn name(&self) -> String {
        let hosts: Vec<_> = self.hosts.iter().copied().collect();
        let hosts = match hosts.len() {
            0 => "any host".to_owned(),
            _ => hosts.join(", "),
        };
        format!("{hosts}:{}", self.port)
    }
}

/// The annotation that names a WAF policy.
pub(super) fn waf_policy<'e>(ingress: &Ingress<'e>) -> Option<Value<'e>> {
    annotation(ingress, "waf-policy-for-path")
}

/// Whether any annotation of the controller's is there.
pub(super) fn has_annotations(ingress: &Ingress<'_>) -> bool {
    ingress
        .get("metadata.annotations")
        .is_some_and(|all| all.entries().any(|entry| entry.name().starts_with(PREFIX)))
}

/// The listeners of an Ingress with the policy it gives to each. A policy goes to the listener
/// only from a rule with a path for everything; from other rules it goes to the paths.
pub(super) fn listeners<'e>(ingress: &Ingress<'e>) -> BTreeMap<Listener<'e>, Option<&'e str>> {
    let policy = waf_policy(ingress).map(Value::scalar);
    let mut listeners = BTreeMap::new();
    for rule in ingress.rules() {
        let Some(http) = rule.get("http") else {
            continue;
        };
        let own = policy.filter(|_| has_path_for_everything(http));
        for listener in listeners_of(ingress, rule) {
            // A later rule for the same host takes the place of an earlier one.
            listeners.insert(listener, own);
        }
    }
    listeners
}

fn has_path_for_everything(http: Value<'_>) -> bool {
    let paths = http.get("paths").into_iter().flat_map(Value::items);
    let mut paths = paths.map(|path| path.get("path").map(Value::scalar).unwrap_or_default());
    paths.any(|path| matches!(path, "" | "/" | "/*"))
}

/// With TLS a listener for HTTPS, and one for HTTP only to redirect; without it one for HTTP.
fn listeners_of<'e>(ingress: &Ingress<'e>, rule: Value<'e>) -> Vec<Listener<'e>> {
    let host = rule.get("host").map(Value::scalar).unwrap_or_default();
    let has_tls =
        ingress.tls_covers(host) || annotation(ingress, "appgw-ssl-certificate").is_some();
    let ports = match (has_tls, is_true(ingress, "ssl-redirect")) {
        (true, false) => vec![443],
        (true, true) => vec![443, 80],
        (false, _) => vec![80],
    };
    let extension = annotation(ingress, "hostname-extension").map(Value::scalar);
    let extension = extension.into_iter().flat_map(|list| list.split(','));
    let hosts: BTreeSet<_> = std::iter::once(host)
        .chain(extension.map(str::trim))
        .filter(|host| !host.is_empty())
        .collect();
    ports
        .into_iter()
        .map(|port| Listener {
            port: overridden_port(ingress).unwrap_or(port),
            is_private: is_true(ingress, "use-private-ip"),
            hosts: hosts.clone(),
        })
        .collect()
}

fn overridden_port(ingress: &Ingress<'_>) -> Option<u16> {
    let port = annotation(ingress, "override-frontend-port")?;
    let port = port.scalar().parse().ok()?;
    (1..65_000).contains(&port).then_some(port)
}

fn annotation<'e>(ingress: &Ingress<'e>, name: &str) -> Option<Value<'e>> {
    let value = ingress.annotation(&format!("{PREFIX}{name}"))?;
    (!value.scalar().is_empty()).then_some(value)
}

/// The controller reads what Go does: `1`, `t` and `true`.
fn is_true(ingress: &Ingress<'_>, name: &str) -> bool {
    annotation(ingress, name)
        .is_some_and(|value| matches!(value.scalar(), "1" | "t" | "T" | "true" | "TRUE" | "True"))
}
