//! The templates of the library on objects judged by hand, one table each: the object, and the
//! complaints with the text that they point at.

#![allow(clippy::expect_used, clippy::panic)]

mod cluster;

use cluster::{read, said};
use palisade_admission::{Action, Compliance, Definition, Verdict, evaluate, library};
use serde_json::{Value as Json, json};

/// Judges the first object of some manifests by a template.
fn judged(template: (&str, &str), parameters: &Json, manifests: &str) -> Vec<String> {
    let input = read(manifests);
    assert_eq!(input.diagnostics, [], "{manifests}");
    let cluster = input.estate.clusters().next().expect("a cluster");
    let definition = Definition {
        template: template.0,
        version: template.1,
        parameters,
        criteria: &json!({}),
        action: Action::Deny,
    };
    let compliance: Compliance<'_> = evaluate(&cluster, &definition).expect("criteria");
    let first = compliance.judgements.first().expect("a judgement");
    match &first.verdict {
        Verdict::Violates(violations) => violations
            .iter()
            .map(|violation| {
                let text = input.estate.value(violation.at);
                format!("{text:?}")
            })
            .collect(),
        Verdict::Complies => Vec::new(),
        undecided => vec![said(undecided)],
    }
}

fn check(template: (&str, &str), parameters: &Json, table: &[(&str, &[&str])]) {
    assert!(table.len() >= 12, "{template:?} has {} rows", table.len());
    for (manifest, expected) in table {
        assert_eq!(
            judged(template, parameters, manifest),
            *expected,
            "{template:?} {manifest}"
        );
    }
}

fn ingress(metadata: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: i{metadata}}}, spec: {spec}}}"
    )
}

/// What every version of `ingress-https-only` has to say.
fn https_rows() -> Vec<(String, Vec<&'static str>)> {
    let only = ", annotations: {kubernetes.io/ingress.allow-http: \"false\"}";
    vec![
        (ingress(only, "{tls: [{hosts: [a]}]}"), vec![]),
        (ingress(only, "{tls: [{}]}"), vec![]),
        (ingress(only, "{tls: []}"), vec!["[]"]),
        (ingress(only, "{tls: null}"), vec!["{\"tls\": null}"]),
        (ingress(only, "{}"), vec!["{}"]),
        (
            ingress(only, "{TLS: [{hosts: [a]}]}"),
            vec!["{\"TLS\": [{\"hosts\": [\"a\"]}]}"],
        ),
        (ingress("", "{tls: [{hosts: [a]}]}"), vec!["\"i\""]),
        (
            ingress(", annotations: {}", "{tls: [{hosts: [a]}]}"),
            vec!["{}"],
        ),
        (
            ingress(
                ", annotations: {kubernetes.io/ingress.allow-http: \"true\"}",
                "{tls: [{}]}",
            ),
            vec!["\"true\""],
        ),
        (
            ingress(
                ", annotations: {kubernetes.io/ingress.allow-http: \"False\"}",
                "{tls: [{}]}",
            ),
            vec!["\"False\""],
        ),
        (
            ingress(
                ", annotations: {Kubernetes.io/ingress.allow-http: \"false\"}",
                "{tls: [{}]}",
            ),
            vec!["{\"Kubernetes.io/ingress.allow-http\": \"false\"}"],
        ),
        (
            // A webhook sees annotations as strings; anything else is refused by the API server.
            ingress(
                ", annotations: {kubernetes.io/ingress.allow-http: false}",
                "{tls: [{}]}",
            ),
            vec!["false"],
        ),
        (
            "{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: i}, spec: {}}".into(),
            vec!["{}"],
        ),
        (
            "{apiVersion: example.org/v1, kind: Ingress, metadata: {name: i}, spec: {}}".into(),
            vec![],
        ),
        (
            "{apiVersion: v1, kind: Service, metadata: {name: i}, spec: {}}".into(),
            vec![],
        ),
    ]
}

#[test]
fn ingress_https_only() {
    for version in ["v1", "v2", "limited-preview"] {
        let rows = https_rows();
        let table: Vec<_> = rows
            .iter()
            .map(|(text, found)| (text.as_str(), found.as_slice()))
            .collect();
        check(("ingress-https-only", version), &json!({}), &table);
    }
    let system = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, namespace: kube-system}, spec: {}}";
    assert_eq!(
        judged(
            ("ingress-https-only", "limited-preview"),
            &json!({}),
            system
        ),
        [""; 0]
    );
    assert_eq!(
        judged(("ingress-https-only", "v2"), &json!({}), system),
        ["{}"]
    );
}

fn service(metadata: &str, spec: &str) -> String {
    format!("{{apiVersion: v1, kind: Service, metadata: {{{metadata}}}, spec: {spec}}}")
}

#[test]
fn service_allowed_ports() {
    let rows = [
        (service("name: s", "{ports: [{port: 443}]}"), vec![]),
        (
            service("name: s", "{ports: [{port: 443}, {port: 80}]}"),
            vec!["80"],
        ),
        (
            service("name: s", "{ports: [{port: 22}, {port: 80}]}"),
            vec!["22", "80"],
        ),
        (service("name: s", "{ports: []}"), vec![]),
        (service("name: s", "{ports: null}"), vec![]),
        (service("name: s", "{}"), vec![]),
        (service("name: s", "{Ports: [{port: 80}]}"), vec![]),
        (service("name: s", "{ports: [{Port: 80}]}"), vec![]),
        (
            service(
                "name: s",
                "{ports: [{port: 443, nodePort: 30080, targetPort: 80}]}",
            ),
            vec![],
        ),
        (
            service("name: s", "{type: ExternalName, externalName: x}"),
            vec![],
        ),
        (
            service("name: kubernetes", "{ports: [{port: 6443}]}"),
            vec![],
        ),
        (
            service(
                "name: kubernetes, namespace: default",
                "{ports: [{port: 6443}]}",
            ),
            vec![],
        ),
        (
            service(
                "name: kubernetes, namespace: other",
                "{ports: [{port: 6443}]}",
            ),
            vec!["6443"],
        ),
        (
            service("name: s", "{ports: [{port: 8443}, {port: 4430}]}"),
            vec!["4430"],
        ),
    ];
    let table: Vec<_> = rows
        .iter()
        .map(|(text, found)| (text.as_str(), found.as_slice()))
        .collect();
    let template = ("service-allowed-ports", "v1");
    check(
        template,
        &json!({"allowedPorts": ["443", "8443", 80]}),
        &table,
    );
    let one = service("name: s", "{ports: [{port: 443}]}");
    assert_eq!(
        judged(template, &json!({"allowedPorts": []}), &one),
        ["443"]
    );
    assert_eq!(judged(template, &json!({}), &one), ["443"]);
    assert_eq!(
        judged(template, &json!({"AllowedPorts": ["443"]}), &one),
        ["443"]
    );
}

#[test]
fn service_allowed_ports_of_the_preview() {
    let rows = [
        (service("name: s", "{ports: [{port: 443}]}"), vec![]),
        (service("name: s", "{ports: [{port: 446}]}"), vec![]),
        (service("name: s", "{ports: [{port: 444}]}"), vec!["444"]),
        (service("name: s", "{ports: [{port: 4430}]}"), vec!["4430"]),
        (
            service("name: s", "{ports: [{port: 80}, {port: 443}, {port: 22}]}"),
            vec!["80", "22"],
        ),
        (service("name: s", "{ports: []}"), vec![]),
        (service("name: s", "{ports: null}"), vec![]),
        (service("name: s", "{}"), vec![]),
        (service("name: s", "{PORTS: [{port: 80}]}"), vec![]),
        (
            service("name: s, namespace: kube-system", "{ports: [{port: 53}]}"),
            vec![],
        ),
        (
            service("name: s, namespace: Kube-System", "{ports: [{port: 53}]}"),
            vec!["53"],
        ),
        (
            service("name: kubernetes", "{ports: [{port: 6443}]}"),
            vec!["6443"],
        ),
        (service("name: s", "{ports: [{port: \"80\"}]}"), vec![]),
    ];
    let table: Vec<_> = rows
        .iter()
        .map(|(text, found)| (text.as_str(), found.as_slice()))
        .collect();
    let template = ("service-allowed-ports", "limited-preview");
    check(
        template,
        &json!({"allowedServicePortsRegex": "^(443|446)$"}),
        &table,
    );
    let one = service("name: s", "{ports: [{port: 8443}]}");
    assert_eq!(
        judged(template, &json!({"allowedServicePortsRegex": "443"}), &one),
        [""; 0]
    );
    assert_eq!(
        judged(template, &json!({"allowedServicePortsRegex": ""}), &one),
        [""; 0]
    );
    let broken = judged(template, &json!({"allowedServicePortsRegex": "("}), &one);
    assert!(broken[0].starts_with("undecided"), "{broken:?}");
}

#[test]
fn allowed_external_ips() {
    let rows = [
        (service("name: s", "{externalIPs: [203.0.113.7]}"), vec![]),
        (
            service("name: s", "{externalIPs: [203.0.113.8]}"),
            vec!["\"203.0.113.8\""],
        ),
        (
            service(
                "name: s",
                "{externalIPs: [203.0.113.7, 203.0.113.8, 198.51.100.1]}",
            ),
            vec!["\"203.0.113.8\"", "\"198.51.100.1\""],
        ),
        (service("name: s", "{externalIPs: []}"), vec![]),
        (service("name: s", "{externalIPs: null}"), vec![]),
        (service("name: s", "{}"), vec![]),
        (service("name: s", "{externalIps: [203.0.113.8]}"), vec![]),
        (service("name: s", "{loadBalancerIP: 203.0.113.8}"), vec![]),
        // The list is one of texts: a prefix allows nothing but itself.
        (
            service("name: s", "{externalIPs: [198.51.100.0]}"),
            vec!["\"198.51.100.0\""],
        ),
        (
            service("name: s", "{externalIPs: [198.51.100.0/24]}"),
            vec![],
        ),
        (
            service("name: s", "{externalIPs: [\"2001:DB8::1\"]}"),
            vec!["\"2001:DB8::1\""],
        ),
        (
            service("name: s", "{externalIPs: [\"2001:db8::1\"]}"),
            vec![],
        ),
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {externalIPs: [a]}}".into(),
            vec![],
        ),
    ];
    let table: Vec<_> = rows
        .iter()
        .map(|(text, found)| (text.as_str(), found.as_slice()))
        .collect();
    let template = ("allowed-external-ips", "v1");
    let allowed = json!({"allowedExternalIPs": ["203.0.113.7", "198.51.100.0/24", "2001:db8::1"]});
    check(template, &allowed, &table);
    let one = service("name: s", "{externalIPs: [203.0.113.7]}");
    assert_eq!(
        judged(template, &json!({"allowedExternalIPs": []}), &one),
        ["\"203.0.113.7\""]
    );
    assert_eq!(judged(template, &json!({}), &one), ["\"203.0.113.7\""]);
}

fn pod(spec: &str) -> String {
    format!("{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {spec}}}")
}

#[test]
fn host_network_and_port_list() {
    let rows = [
        (pod("{containers: [{name: a}]}"), vec![]),
        (pod("{containers: []}"), vec![]),
        (
            pod("{hostNetwork: true, containers: [{name: a}]}"),
            vec!["true"],
        ),
        (pod("{hostNetwork: false, containers: [{name: a}]}"), vec![]),
        (pod("{HostNetwork: true, containers: [{name: a}]}"), vec![]),
        (
            pod("{containers: [{name: a, ports: [{containerPort: 80, hostPort: 80}]}]}"),
            vec![],
        ),
        (
            pod("{containers: [{name: a, ports: [{containerPort: 81, hostPort: 81}]}]}"),
            vec!["81"],
        ),
        (
            pod(
                "{containers: [{name: a, ports: [{containerPort: 1, hostPort: 3000}, {containerPort: 2, hostPort: 5000}]}]}",
            ),
            vec![],
        ),
        (
            pod("{containers: [{name: a, ports: [{containerPort: 1, hostPort: 5001}]}]}"),
            vec!["5001"],
        ),
        (
            pod("{containers: [{name: a, ports: [{containerPort: 8080}]}]}"),
            vec![],
        ),
        (
            pod("{containers: [{name: a, ports: [{containerPort: 8080, hostPort: 0}]}]}"),
            vec![],
        ),
        (pod("{containers: [{name: a, ports: []}]}"), vec![]),
        (pod("{containers: [{name: a, ports: null}]}"), vec![]),
        (
            pod("{initContainers: [{name: a, ports: [{containerPort: 1, hostPort: 22}]}]}"),
            vec!["22"],
        ),
        // The API server gives a pod on the node's network its container ports as host ports.
        (
            pod("{hostNetwork: true, containers: [{name: a, ports: [{containerPort: 8080}]}]}"),
            vec!["true", "8080"],
        ),
        (
            pod(
                "{hostNetwork: true, containers: [{name: a, image: \"example.org/agent:1\", ports: [{containerPort: 1, hostPort: 22}]}]}",
            ),
            vec![],
        ),
        (
            pod(
                "{hostNetwork: true, containers: [{name: a, image: \"example.org/agent:1\"}, {name: b, image: c}]}",
            ),
            vec!["true"],
        ),
        (
            pod(
                "{containers: [{name: a, image: \"Example.org/agent:1\", ports: [{containerPort: 1, hostPort: 22}]}]}",
            ),
            vec!["22"],
        ),
    ];
    let table: Vec<_> = rows
        .iter()
        .map(|(text, found)| (text.as_str(), found.as_slice()))
        .collect();
    let template = ("host-network-ports", "v4");
    let parameters = json!({
        "allowHostNetwork": false,
        "allowedHostPorts": ["80", "3000-5000"],
        "excludedImages": ["example.org/agent:*"],
    });
    check(template, &parameters, &table);
    let one = pod(
        "{hostNetwork: true, containers: [{name: a, ports: [{containerPort: 80, hostPort: 80}]}]}",
    );
    assert_eq!(
        judged(template, &json!({"allowHostNetwork": true}), &one),
        ["80"]
    );
    let open = json!({"allowHostNetwork": true, "allowedHostPorts": ["1-65535"]});
    assert_eq!(judged(template, &open, &one), [""; 0]);
    let nonsense =
        json!({"allowHostNetwork": true, "allowedHostPorts": ["", "-", "90-70", "http"]});
    assert_eq!(judged(template, &nonsense, &one), ["80"]);
}

#[test]
fn the_other_templates() {
    let no = json!({});
    let says = |template, manifests: &str| judged(template, &no, manifests).join(" ");
    let balancer = ("load-balancer-no-public-ips", "v1");
    let internal = "service.beta.kubernetes.io/azure-load-balancer-internal";
    let annotated = |value: &str| {
        service(
            &format!("name: s, annotations: {{{internal}: \"{value}\"}}"),
            "{type: LoadBalancer}",
        )
    };
    assert_eq!(
        says(balancer, &service("name: s", "{type: LoadBalancer}")),
        "\"LoadBalancer\""
    );
    assert_eq!(says(balancer, &annotated("true")), "");
    assert_eq!(says(balancer, &annotated("True")), "\"True\"");
    assert_eq!(says(balancer, &service("name: s", "{}")), "");
    assert_eq!(says(balancer, &service("name: s", "{type: NodePort}")), "");

    let namespace = ("block-host-namespace", "v3");
    let with = |setting: &str| pod(&format!("{{{setting}containers: [{{name: a}}]}}"));
    assert_eq!(says(namespace, &with("")), "");
    assert_eq!(says(namespace, &with("hostPID: true, ")), "true");
    assert_eq!(says(namespace, &with("hostIPC: false, ")), "");
    assert_eq!(says(namespace, &with("hostNetwork: true, ")), "true");
    assert_eq!(
        says(("block-host-namespace", "v1"), &with("hostNetwork: true, ")),
        ""
    );

    let host = ("require-ingress-host", "v2");
    assert_eq!(says(host, &ingress("", "{rules: [{host: a}]}")), "");
    assert_eq!(
        says(host, &ingress("", "{rules: [{host: a}, {http: {}}]}")),
        "{\"http\": {}}"
    );
    assert_eq!(says(host, &ingress("", "{rules: [{host: \"\"}]}")), "\"\"");
    assert_eq!(says(host, &ingress("", "{rules: []}")), "");

    let selector = ("unique-service-selectors", "v1");
    let two = |first: &str, second: &str, namespace: &str| {
        [
            service("name: s, namespace: n", first),
            service(&format!("name: t, namespace: {namespace}"), second),
        ]
        .join("\n---\n")
    };
    let (ab, ba) = ("{selector: {a: x, b: y}}", "{selector: {b: y, a: x}}");
    assert_eq!(
        says(selector, &two(ab, ba, "n")),
        "{\"a\": \"x\", \"b\": \"y\"}"
    );
    assert_eq!(says(selector, &two(ab, ba, "m")), "");
    assert_eq!(says(selector, &two(ab, "{selector: {a: x}}", "n")), "");
    assert_eq!(
        says(selector, &two("{type: ExternalName}", "{}", "n")),
        "\"s\""
    );
}

#[test]
fn a_template_that_nobody_knows_decides_nothing() {
    let said = judged(("made-up", "v9"), &json!({}), &pod("{}"));
    assert!(
        said[0].starts_with("undecided, the constraint template `made-up` v9"),
        "{said:?}"
    );
    for template in library::all() {
        let twins = library::all()
            .filter(|other| (other.name, other.version) == (template.name, template.version));
        assert_eq!(twins.count(), 1, "{} {}", template.name, template.version);
    }
}

#[test]
fn the_template_of_the_cluster_counts_and_a_difference_is_told() {
    let template = r#"---
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: strict
  annotations: {constraint-template: "https://store.example.org/kubernetes/allowed-external-ips/v1/template.yaml"}
spec:
  crd: {spec: {names: {kind: Strict}}}
  targets:
    - target: admission.k8s.gatekeeper.sh
      rego: |
        package strict
        violation[{"msg": "none at all"}] { input.review.object.spec.externalIPs[_] }
"#;
    let manifests = [
        service("name: s", "{externalIPs: [a]}"),
        "\n".into(),
        template.into(),
    ]
    .concat();
    let input = read(&manifests);
    let cluster = input.estate.clusters().next().expect("a cluster");
    let definition = Definition {
        template: "allowed-external-ips",
        version: "v1",
        parameters: &json!({"allowedExternalIPs": ["a"]}),
        criteria: &json!({"kinds": [{"apiGroups": [""], "kinds": ["Service"]}]}),
        action: Action::Deny,
    };
    let compliance = evaluate(&cluster, &definition).expect("criteria");
    assert_eq!(said(&compliance.judgements[0].verdict), "none at all");
    assert_eq!(compliance.differences.len(), 1);
    assert_eq!(said(&compliance.differences[0].own), "complies");
    assert_eq!(compliance.basis, None);
}
