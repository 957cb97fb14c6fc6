//! What the policies of Calico, Cilium and Istio come to, case by case.

use palisade_reach::kubernetes::{EngineKind, NoteKind};

use crate::{analysis, connections_of, estate};

/// Two namespaces with labels, three pods, and no node.
const CLUSTER: &str = r"
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: sales}}
---
apiVersion: v1
kind: Namespace
metadata: {name: bank, labels: {team: money}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {serviceAccountName: clerk, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
status: {podIP: 10.1.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: till, namespace: shop, labels: {app: till}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 80}]}]}
status: {podIP: 10.1.0.2}
---
apiVersion: v1
kind: Pod
metadata: {name: safe, namespace: bank, labels: {app: safe}}
spec: {containers: [{name: c}]}
status: {podIP: 10.1.0.3}
";

/// The connections between pods, and from and to outside, that end at a pod or start there.
fn connections(kind: EngineKind, policies: &[&str], with: &str) -> Vec<String> {
    let manifest = format!("{CLUSTER}---{}", policies.join("\n---"));
    let lines = connections_of(&manifest, kind);
    let mut lines: Vec<_> = lines
        .lines()
        .filter(|line| line.contains(with))
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

fn notes(kind: EngineKind, policy: &str) -> Vec<(NoteKind, String)> {
    let estate = estate(&format!("{CLUSTER}---{policy}"));
    let analysis = analysis(&estate, kind);
    let notes = analysis.notes.iter();
    notes
        .map(|note| (note.kind, note.message.clone()))
        .collect()
}

fn calico(name: &str, spec: &str) -> String {
    format!(
        "\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {{name: {name}}}\nspec: {spec}\n"
    )
}

fn calico_in(namespace: &str, spec: &str) -> String {
    format!(
        "\napiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: {namespace}}}\nspec: {spec}\n"
    )
}

fn tier(name: &str, order: u32, action: &str) -> String {
    format!(
        "\napiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {{name: {name}}}\nspec: {{order: {order}, defaultAction: {action}}}\n"
    )
}

fn cilium(namespace: &str, spec: &str) -> String {
    format!(
        "\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {{name: p, namespace: {namespace}}}\nspec: {spec}\n"
    )
}

fn istio(namespace: &str, spec: &str) -> String {
    format!(
        "\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: p, namespace: {namespace}}}\nspec: {spec}\n"
    )
}

fn into_till(kind: EngineKind, policies: &[&str]) -> Vec<String> {
    connections(kind, policies, "-> shop/till")
}

#[test]
fn lower_orders_of_calico_come_first() {
    let deny = "{selector: app == 'till', order: 1, ingress: [{action: Deny, source: {selector: app == 'web'}}]}";
    let allow = "{selector: app == 'till', order: 2, ingress: [{action: Allow}]}";
    let policies = [calico("first", deny), calico("second", allow)];
    let policies: Vec<_> = policies.iter().map(String::as_str).collect();
    let expected = [
        "0.0.0.0/0, ::/0 -> shop/till: all traffic",
        "bank/safe -> shop/till: all traffic",
    ];
    assert_eq!(into_till(EngineKind::Calico, &policies), expected);
}

#[test]
fn pass_goes_to_the_next_tier_and_the_end_of_a_tier_is_its_default_action() {
    let first = calico(
        "a.p",
        "{tier: a, selector: app == 'till', ingress: [{action: Pass, source: {selector: app == 'web'}}]}",
    );
    let second = calico(
        "p",
        "{selector: app == 'till', ingress: [{action: Allow, protocol: TCP, destination: {ports: [80]}}]}",
    );
    let denying = tier("a", 10, "Deny");
    let policies = [denying.as_str(), &first, &second];
    assert_eq!(
        into_till(EngineKind::Calico, &policies),
        ["shop/web -> shop/till: TCP 80"]
    );
    let passing = tier("a", 10, "Pass");
    let policies = [passing.as_str(), &first, &second];
    assert_eq!(into_till(EngineKind::Calico, &policies).len(), 3);
}

#[test]
fn a_policy_of_kubernetes_stands_in_the_default_tier_with_order_1000() {
    let kubernetes = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: k, namespace: shop}
spec: {podSelector: {matchLabels: {app: till}}, ingress: [{from: [{podSelector: {}}]}]}
";
    let before = calico(
        "before",
        "{selector: app == 'till', order: 999, ingress: [{action: Deny, source: {selector: app == 'web'}}]}",
    );
    let after = calico(
        "after",
        "{selector: app == 'till', order: 1001, ingress: [{action: Deny, source: {selector: app == 'web'}}, {action: Allow, source: {namespaceSelector: team == 'money'}}]}",
    );
    assert_eq!(
        into_till(EngineKind::Calico, &[kubernetes, &before]),
        Vec::<String>::new()
    );
    assert_eq!(
        into_till(EngineKind::Calico, &[kubernetes, &after]),
        [
            "bank/safe -> shop/till: all traffic",
            "shop/web -> shop/till: all traffic"
        ]
    );
}

#[test]
fn a_negated_selector_reaches_outside_only_in_a_global_policy() {
    let rule = "{selector: app == 'till', ingress: [{action: Allow, source: {notSelector: app == 'web'}}]}";
    assert_eq!(
        into_till(EngineKind::Calico, &[&calico("p", rule)]),
        [
            "0.0.0.0/0, ::/0 -> shop/till: all traffic",
            "bank/safe -> shop/till: all traffic"
        ]
    );
    assert_eq!(
        into_till(EngineKind::Calico, &[&calico_in("shop", rule)]),
        Vec::<String>::new()
    );
}

#[test]
fn calico_selects_by_namespace_account_network_set_and_service() {
    let with = |source: &str| {
        let set = "
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: s, labels: {app: partner}}
spec: {nets: [198.51.100.0/24]}
";
        let service = "
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
";
        let rule = format!(
            "{{selector: app == 'till', ingress: [{{action: Allow, source: {{{source}}}}}]}}"
        );
        let policy = calico("p", &rule);
        into_till(EngineKind::Calico, &[set, service, &policy])
    };
    let (web, safe) = (
        "shop/web -> shop/till: all traffic",
        "bank/safe -> shop/till: all traffic",
    );
    let partner = "198.51.100.0/24 -> shop/till: all traffic";
    assert_eq!(with("namespaceSelector: team == 'money'"), [safe]);
    assert_eq!(with("serviceAccounts: {names: [clerk]}"), [web]);
    assert_eq!(with("selector: app == 'partner'"), [partner]);
    assert_eq!(
        with("selector: \"app in {'partner', 'safe'}\""),
        [partner, safe]
    );
    assert_eq!(
        with("selector: \"app in {'partner', 'safe'}\", namespaceSelector: global()"),
        [partner]
    );
    assert_eq!(
        with("selector: \"app in {'partner', 'safe'}\", namespaceSelector: all()"),
        [safe]
    );
    assert_eq!(with("services: {name: web, namespace: shop}"), [web]);
    assert_eq!(
        with("nets: [10.1.0.3/32]"),
        ["10.1.0.3/32 -> shop/till: all traffic", safe]
    );
}

#[test]
fn ports_of_calico_have_names_sources_and_negations() {
    let with = |rule: &str| {
        let rule = format!("{{selector: app == 'till', ingress: [{{action: Allow, {rule}}}]}}");
        into_till(EngineKind::Calico, &[&calico("p", &rule)])[1].clone()
    };
    let safe = |traffic: &str| format!("bank/safe -> shop/till: {traffic}");
    assert_eq!(
        with("protocol: TCP, destination: {ports: [http, '8000:8001']}"),
        safe("TCP 80, 8000-8001")
    );
    assert_eq!(
        with("protocol: UDP, source: {ports: [53]}"),
        safe("UDP from 53")
    );
    assert_eq!(
        with("protocol: TCP, destination: {notPorts: [http]}"),
        safe("TCP 0-79, 81-65535")
    );
    assert_eq!(with("protocol: ICMP, icmp: {type: 8}"), safe("ICMP type 8"));
}

#[test]
fn staged_and_foreign_policies_are_named_and_not_enforced() {
    let staged = "
apiVersion: projectcalico.org/v3
kind: StagedGlobalNetworkPolicy
metadata: {name: s}
spec: {selector: all(), ingress: [{action: Deny}]}
";
    assert_eq!(into_till(EngineKind::Calico, &[staged]).len(), 3);
    assert_eq!(
        notes(EngineKind::Calico, staged)[0].0,
        NoteKind::NotEnforced
    );
    let deny = cilium("shop", "{endpointSelector: {}, ingress: [{}]}");
    assert_eq!(into_till(EngineKind::Calico, &[&deny]).len(), 3);
    assert_eq!(notes(EngineKind::Calico, &deny)[0].0, NoteKind::NotEnforced);
    let refused = calico("p", "{selector: 'app = x', ingress: [{action: Deny}]}");
    assert_eq!(into_till(EngineKind::Calico, &[&refused]).len(), 3);
    assert_eq!(notes(EngineKind::Calico, &refused)[0].0, NoteKind::Refused);
}

#[test]
fn a_policy_of_a_tier_outside_the_input_leaves_everything_open() {
    let lost = calico(
        "lost.p",
        "{tier: lost, selector: app == 'till', ingress: [{action: Deny, source: {selector: app == 'web'}}]}",
    );
    let lines = into_till(EngineKind::Calico, &[&lost]);
    assert!(
        lines
            .iter()
            .all(|line| line.ends_with("perhaps all traffic")),
        "{lines:?}"
    );
}

#[test]
fn cilium_denies_before_it_allows() {
    let policies = [
        cilium(
            "shop",
            "{endpointSelector: {matchLabels: {app: till}}, ingress: [{fromEntities: [all]}]}",
        ),
        cilium(
            "shop",
            "{endpointSelector: {}, ingressDeny: [{fromEndpoints: [{matchLabels: {app: web}}], toPorts: [{ports: [{port: '80', protocol: TCP}]}]}]}",
        ),
    ];
    let second = policies[1].replace("name: p,", "name: q,");
    let lines = into_till(EngineKind::Cilium, &[&policies[0], &second]);
    assert_eq!(
        lines[2],
        "shop/web -> shop/till: TCP 0-79, 81-65535; UDP; SCTP; ICMP; ICMPv6; other protocols"
    );
}

#[test]
fn cilium_isolates_by_rules_unless_told_not_to() {
    let with = |spec: &str| into_till(EngineKind::Cilium, &[&cilium("shop", spec)]).len();
    assert_eq!(with("{endpointSelector: {}, ingress: [{}]}"), 0);
    assert_eq!(with("{endpointSelector: {}, ingress: []}"), 3);
    assert_eq!(
        with("{endpointSelector: {}, enableDefaultDeny: {ingress: true}}"),
        3
    );
    assert_eq!(
        with("{endpointSelector: {}, enableDefaultDeny: {ingress: false}, ingress: [{}]}"),
        3
    );
    assert_eq!(
        with("{endpointSelector: {}, ingress: [{fromEndpoints: []}]}"),
        0
    );
    assert_eq!(
        with("{endpointSelector: {}, ingress: [{fromEndpoints: [{}]}]}"),
        1
    );
}

#[test]
fn ranges_of_cilium_are_never_pods() {
    let spec =
        "{endpointSelector: {matchLabels: {app: till}}, ingress: [{fromCIDR: [10.0.0.0/8]}]}";
    assert_eq!(
        into_till(EngineKind::Cilium, &[&cilium("shop", spec)]),
        ["10.0.0.0/8 -> shop/till: all traffic"]
    );
}

#[test]
fn names_and_requests_are_conditions() {
    let spec = "{endpointSelector: {matchLabels: {app: till}}, egress: [{toFQDNs: [{matchName: a.example}], toPorts: [{ports: [{port: '443', protocol: TCP}]}]}]}";
    assert_eq!(
        connections(EngineKind::Cilium, &[&cilium("shop", spec)], "shop/till ->"),
        ["shop/till -> 0.0.0.0/0, ::/0: perhaps TCP 443"]
    );
    let spec = "{endpointSelector: {matchLabels: {app: till}}, ingress: [{fromEndpoints: [{}], toPorts: [{ports: [{port: http, protocol: TCP}], rules: {http: [{method: GET}]}}]}]}";
    assert_eq!(
        into_till(EngineKind::Cilium, &[&cilium("shop", spec)]),
        ["shop/web -> shop/till: perhaps TCP 80"]
    );
}

#[test]
fn labels_of_cilium_speak_of_namespaces() {
    let with = |selector: &str| {
        let spec = format!(
            "{{endpointSelector: {{matchLabels: {{app: till}}}}, ingress: [{{fromEndpoints: [{selector}]}}]}}"
        );
        into_till(EngineKind::Cilium, &[&cilium("shop", &spec)])
    };
    let (web, safe) = (
        "shop/web -> shop/till: all traffic",
        "bank/safe -> shop/till: all traffic",
    );
    assert_eq!(with("{matchLabels: {'k8s:app': web}}"), [web]);
    assert_eq!(with("{matchLabels: {app: safe}}"), Vec::<String>::new());
    assert_eq!(
        with("{matchLabels: {'k8s:io.kubernetes.pod.namespace': bank}}"),
        [safe]
    );
    assert_eq!(
        with("{matchExpressions: [{key: 'k8s:io.kubernetes.pod.namespace', operator: Exists}]}"),
        [safe, web]
    );
    assert_eq!(
        with("{matchLabels: {io.cilium.k8s.namespace.labels.team: money}}"),
        [safe]
    );
    assert_eq!(
        with("{matchLabels: {'reserved:world': ''}}"),
        ["0.0.0.0/0, ::/0 -> shop/till: all traffic"]
    );
}

#[test]
fn istio_closes_what_it_allows_something_to_and_denies_first() {
    let mesh = "
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: sales, istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: bank, labels: {team: money, istio-injection: enabled}}
";
    let with = |policies: &[String]| {
        let cluster = CLUSTER
            .split("\n---")
            .skip(2)
            .collect::<Vec<_>>()
            .join("\n---");
        let manifest = format!("{mesh}---{cluster}---{}", policies.join("\n---"));
        let lines = connections_of(&manifest, EngineKind::None);
        let lines = lines.lines().filter(|line| line.contains("-> shop/till"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let past = "UDP; SCTP; ICMP; ICMPv6; other protocols";
    let nothing = with(&[istio("shop", "{}")]);
    assert!(
        nothing.iter().all(|line| line.ends_with(past)),
        "{nothing:?}"
    );
    let from = istio(
        "shop",
        "{rules: [{from: [{source: {namespaces: [bank]}}], to: [{operation: {ports: ['80']}}]}]}",
    );
    let lines = with(&[from]);
    assert_eq!(
        lines.iter().find(|line| line.contains("bank/safe")),
        Some(&format!("bank/safe -> shop/till: TCP 80; {past}"))
    );
    let deny = istio(
        "shop",
        "{action: DENY, rules: [{from: [{source: {principals: ['*/sa/clerk']}}]}]}",
    );
    let lines = with(&[deny]);
    assert_eq!(
        lines.iter().find(|line| line.contains("shop/web")),
        Some(&format!("shop/web -> shop/till: {past}"))
    );
    let http = istio("shop", "{rules: [{to: [{operation: {methods: [GET]}}]}]}");
    let lines = with(&[http]);
    assert!(
        lines.iter().all(|line| line.contains("perhaps TCP")),
        "{lines:?}"
    );
}

/// What a policy requires of peers narrows what any other lets through: by how much isn't said.
#[test]
fn cilium_requirements_leave_other_rules_in_doubt() {
    let open = cilium(
        "shop",
        "{endpointSelector: {}, ingress: [{fromEndpoints: [{}]}]}",
    );
    let requires = cilium(
        "shop",
        "{endpointSelector: {matchLabels: {app: till}}, ingress: [{fromRequires: [{matchLabels: {app: web}}]}]}",
    )
    .replace("name: p,", "name: q,");
    let web = |policies: &[&str]| {
        let lines = into_till(EngineKind::Cilium, policies);
        lines.into_iter().find(|line| line.starts_with("shop/web"))
    };
    assert_eq!(
        web(&[&open]).as_deref(),
        Some("shop/web -> shop/till: all traffic")
    );
    assert_eq!(
        web(&[&open, &requires]).as_deref(),
        Some("shop/web -> shop/till: perhaps all traffic")
    );
}

#[test]
fn the_api_server_is_where_its_service_says() {
    let out = cilium(
        "shop",
        "{endpointSelector: {matchLabels: {app: web}}, egress: [{toEntities: [kube-apiserver]}]}",
    );
    let slice = "
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
addressType: IPv4
metadata: {name: kubernetes, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}
endpoints: [{addresses: [203.0.113.10]}]
";
    let to_outside = |policies: &[&str]| connections(EngineKind::Cilium, policies, "shop/web -> ");
    assert_eq!(
        to_outside(&[&out, slice]),
        ["shop/web -> 203.0.113.10/32: all traffic"]
    );
    assert_eq!(
        to_outside(&[&out]),
        ["shop/web -> 0.0.0.0/0, ::/0: perhaps all traffic"]
    );
}

#[test]
fn what_a_migration_to_cilium_changes_is_noted() {
    let policy = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: k, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to: [{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: 198.51.100.0/24}}]
    ports: [{port: http}]
";
    let migration: Vec<_> = notes(EngineKind::AzureNpm, policy)
        .into_iter()
        .filter(|(kind, _)| *kind == NoteKind::Migration)
        .map(|(_, message)| message)
        .collect();
    assert_eq!(migration.len(), 3, "{migration:#?}");
    assert!(migration[0].starts_with("the range covers pods or nodes"));
    assert!(migration[1].contains("2 different numbers"));
    assert!(migration[2].contains("their own node"));
    assert!(notes(EngineKind::Calico, policy).is_empty());
}
