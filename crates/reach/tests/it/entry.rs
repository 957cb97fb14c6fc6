//! The ways in that Services, Ingresses and routes open.

use insta::assert_snapshot;
use palisade_reach::kubernetes::EngineKind;

use super::{analysis, estate, name};

const CLUSTER: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: shop}
spec: {type: LoadBalancer, externalTrafficPolicy: Local, selector: {app: web}, ports: [{name: web, port: 80, targetPort: http}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Service
metadata: {name: elsewhere, namespace: shop}
spec: {type: ExternalName, externalName: example.com}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: till, namespace: shop}
spec:
  defaultBackend: {service: {name: lost, port: {number: 80}}}
  rules:
  - http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: front, port: {name: web}}}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: door, namespace: edge}
spec: {rules: [{backendRefs: [{name: front, namespace: shop, port: 80}]}]}
";

const GRANT: &str = "---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: edge, namespace: shop}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}]
  to: [{group: '', kind: Service}]
";

fn entries(manifest: &str) -> String {
    let estate = estate(manifest);
    let analysis = analysis(&estate, EngineKind::Conformant);
    let cluster = estate.clusters().next().unwrap();
    let lines = analysis.entries(&cluster).into_iter().map(|entry| {
        let backends = entry.backends.iter();
        let backends: Vec<_> = backends
            .map(|(id, traffic)| format!("{} {traffic}", name(&analysis, *id)))
            .collect();
        let causes: Vec<_> = entry
            .unknown
            .iter()
            .map(|unknown| unknown.cause.clone())
            .collect();
        let (object, kind, seen) = (entry.object.display_name(), entry.kind, entry.seen);
        let line = format!(
            "{object} {kind:?} {seen:?}: {} {}",
            backends.join(", "),
            causes.join(", ")
        );
        line.trim().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn services_ingresses_and_routes_lead_to_pods() {
    assert_snapshot!(entries(&format!("{CLUSTER}{GRANT}")), @r"
    Service/front ClusterAddress Client: shop/web TCP 8080
    Service/front NodePort Client: shop/web TCP 8080
    Service/front PublicLoadBalancer Client: shop/web TCP 8080
    Service/db Headless Client: shop/db TCP 5432
    Ingress/till Ingress Proxy: shop/web TCP 8080 the Service `shop/lost` isn't in the input
    HTTPRoute/door Route Proxy: shop/web TCP 8080
    ");
}

#[test]
fn a_route_into_another_namespace_needs_a_grant() {
    assert!(entries(CLUSTER).ends_with("HTTPRoute/door Route Proxy:"));
}
