//! The ways in that Services, Ingresses and routes open.

use insta::assert_snapshot;
use palisade_packet::Set;
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
kind: Gateway
metadata: {name: gate, namespace: edge}
spec:
  listeners:
  - {name: plain, port: 80, protocol: HTTP, hostname: '*.example.com'}
  - {name: raw, port: 9000, protocol: TCP}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: door, namespace: edge}
spec:
  parentRefs: [{name: gate}]
  hostnames: [shop.example.com]
  rules: [{backendRefs: [{name: front, namespace: shop, port: 80}]}]
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
            "{object} {kind:?} {seen:?} at {}{}: {} {}",
            entry.front,
            match entry.clients.is_full() {
                true => String::new(),
                false => format!(" from {}", entry.clients),
            },
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
    Service/front ClusterAddress Client at TCP 80: shop/web TCP 8080
    Service/front NodePort Client at TCP 30000-32767: shop/web TCP 8080
    Service/front PublicLoadBalancer Client at TCP 80: shop/web TCP 8080
    Service/db Headless Client at TCP 5432: shop/db TCP 5432
    Ingress/till Ingress Proxy at TCP 80: shop/web TCP 8080 the Service `shop/lost` isn't in the input
    HTTPRoute/door Route Proxy at TCP 80: shop/web TCP 8080
    ");
}

#[test]
fn a_route_into_another_namespace_needs_a_grant() {
    assert_snapshot!(last(CLUSTER), @r"HTTPRoute/door Route Proxy at TCP 80:  no ReferenceGrant in the input lets it name the Service `shop/front`, and there may be one");
}

/// The last way in.
fn last(manifest: &str) -> String {
    let all = entries(manifest);
    all.lines().last().unwrap_or_default().to_owned()
}

/// The route of a cluster with one listener and some text changed.
fn route(from: &str, to: &str) -> String {
    let manifest = format!("{CLUSTER}{GRANT}");
    assert!(manifest.contains(from), "{from}");
    last(&manifest.replace(from, to))
}

#[test]
fn a_listener_takes_routes_of_its_kind_namespace_and_hostname() {
    let closed = "HTTPRoute/door Route Proxy at nothing:";
    assert_eq!(route("shop.example.com", "example.com"), closed);
    assert_eq!(
        route("parentRefs: [{name: gate}]", "parentRefs: []"),
        closed
    );
    assert_eq!(
        route("{name: gate}]", "{name: gate, sectionName: raw}]"),
        closed
    );
    assert_eq!(route("{name: gate}]", "{name: gate, port: 443}]"), closed);
    assert_eq!(route("protocol: HTTP,", "protocol: TLS,"), closed);
    assert_eq!(
        route(
            "{name: gate, namespace: edge}",
            "{name: gate, namespace: other}"
        ),
        "HTTPRoute/door Route Proxy at TCP; UDP; SCTP: shop/web TCP 8080 the Gateway `gate` that it is attached to isn't in the input"
    );
}

#[test]
fn a_listener_takes_routes_of_other_namespaces_if_it_says_so() {
    let elsewhere = |allowed: &str, labels: &str| {
        let manifest = format!("{CLUSTER}{GRANT}");
        let manifest = manifest
            .replace(
                "{name: gate, namespace: edge}",
                "{name: gate, namespace: gates}",
            )
            .replace("{name: gate}]", "{name: gate, namespace: gates}]")
            .replace("'*.example.com'}", &format!("'*.example.com'{allowed}}}"));
        let namespace = format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: edge, labels: {{{labels}}}}}\n"
        );
        last(&match labels.is_empty() {
            true => manifest,
            false => format!("{namespace}---{manifest}"),
        })
    };
    let open = "HTTPRoute/door Route Proxy at TCP 80: shop/web TCP 8080";
    let closed = "HTTPRoute/door Route Proxy at nothing:";
    let selecting =
        ", allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {door: \"yes\"}}}}";
    assert_eq!(elsewhere("", ""), closed);
    assert_eq!(
        elsewhere(", allowedRoutes: {namespaces: {from: All}}", ""),
        open
    );
    assert_eq!(elsewhere(selecting, "door: \"yes\""), open);
    assert_eq!(elsewhere(selecting, "door: \"no\""), closed);
    assert!(elsewhere(selecting, "").contains("the labels of the namespace `edge`"));
    assert_eq!(
        elsewhere(
            ", allowedRoutes: {namespaces: {from: All}, kinds: [{kind: GRPCRoute}]}",
            ""
        ),
        closed
    );
}

#[test]
fn services_with_addresses_and_ranges_of_their_own() {
    assert_snapshot!(entries("
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ranged, namespace: shop, annotations: {service.beta.kubernetes.io/azure-load-balancer-internal: 'true'}}
spec:
  type: LoadBalancer
  selector: {app: web}
  loadBalancerSourceRanges: [10.0.0.0/8, 192.0.2.0/24]
  ports: [{port: 443, targetPort: 8080, nodePort: 31443}]
---
apiVersion: v1
kind: Service
metadata: {name: tagged, namespace: shop, annotations: {service.beta.kubernetes.io/azure-allowed-service-tags: AzureFrontDoor.Backend}}
spec: {type: LoadBalancer, allocateLoadBalancerNodePorts: false, selector: {app: web}, ports: [{port: 443, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: parked, namespace: shop}
spec: {externalIPs: [192.0.2.7], externalTrafficPolicy: Local, selector: {app: web}, ports: [{port: 53, protocol: UDP, targetPort: 8080}]}
"), @r"
Service/ranged ClusterAddress Client at TCP 443: shop/web TCP 8080
Service/ranged NodePort Node at TCP 31443: shop/web TCP 8080
Service/ranged InternalLoadBalancer Node at TCP 443 from 10.0.0.0/8, 192.0.2.0/24: shop/web TCP 8080
Service/tagged ClusterAddress Client at TCP 443: shop/web TCP 8080
Service/tagged PublicLoadBalancer Node at TCP 443 from : shop/web TCP 8080 the addresses of the service tag `AzureFrontDoor.Backend`, which it lets in, aren't known here
Service/parked ClusterAddress Client at UDP 53: shop/web UDP 8080
Service/parked ExternalAddress Client at UDP 53: shop/web UDP 8080
");
}

#[test]
fn containers_take_ports_of_their_nodes() {
    assert_snapshot!(entries("
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: shop}
spec:
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
      - {name: c, ports: [{containerPort: 8125, hostPort: 18125, protocol: UDP}, {containerPort: 9000}, {containerPort: 9001, hostPort: 9001, hostIP: 127.0.0.1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: shop}
spec: {hostNetwork: true, containers: [{name: c, ports: [{containerPort: 10256}]}]}
"), @r"
Pod/proxy HostPort Client at TCP 10256: shop/proxy TCP 10256
DaemonSet/agent HostPort Client at UDP 18125: shop/agent UDP 8125
");
}
