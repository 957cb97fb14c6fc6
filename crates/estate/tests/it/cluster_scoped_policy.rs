use palisade_estate::kubernetes::{
    ClusterPeer, ClusterPolicy, ClusterPort, ClusterTier, Remarks, RuleAction,
};

use crate::{estate, remarked};

const ADMIN: &str = r"
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: a}
spec:
  priority: 7
  subject: {namespaces: {}}
  ingress:
  - name: from-team
    action: Pass
    from:
    - pods: {namespaceSelector: {}, podSelector: {matchLabels: {team: a}}}
    ports:
    - portNumber: {protocol: UDP, port: 53}
    - portRange: {start: 8000, end: 8080}
    - namedPort: web
  egress:
  - action: Deny
    to: [{networks: [10.0.0.0/8]}, {nodes: {}}]
";

const CLUSTER: &str = r"
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: c}
spec:
  tier: Baseline
  priority: 0
  subject: {pods: {namespaceSelector: {}, podSelector: {}}}
  egress:
  - action: Accept
    to: [{domainNames: ['*.example.com']}]
    protocols:
    - tcp: {destinationPort: {number: 443}}
    - udp: {destinationPort: {range: {start: 1, end: 9}}}
    - sctp: {}
";

#[test]
fn an_admin_policy_is_read_field_by_field() {
    let (estate, remarks) = (estate(ADMIN), Remarks::new());
    let object = estate.objects().next().unwrap();
    let policy = ClusterPolicy::read(&object, &remarks).unwrap();
    assert_eq!((policy.tier, policy.priority), (ClusterTier::Admin, 7));
    assert!(policy.subject.is_some() && !policy.is_refused);
    let rule = &policy.ingress[0];
    assert_eq!(rule.action, Some(RuleAction::Pass));
    let ports = [
        ClusterPort::Numbers {
            protocol: "UDP",
            first: 53,
            last: 53,
        },
        ClusterPort::Numbers {
            protocol: "TCP",
            first: 8000,
            last: 8080,
        },
        ClusterPort::Named("web"),
    ];
    assert_eq!(rule.ports.as_deref(), Some(&ports[..]));
    let peers = &policy.egress[0].peers;
    assert!(matches!(
        peers[..],
        [ClusterPeer::Networks(_), ClusterPeer::Nodes(_)]
    ));
    assert!(remarks.into_vec().is_empty());
}

#[test]
fn a_cluster_policy_is_read_field_by_field() {
    let (estate, remarks) = (estate(CLUSTER), Remarks::new());
    let object = estate.objects().next().unwrap();
    let policy = ClusterPolicy::read(&object, &remarks).unwrap();
    assert_eq!(policy.tier, ClusterTier::Baseline);
    let rule = &policy.egress[0];
    assert_eq!(rule.action, Some(RuleAction::Allow));
    assert!(matches!(rule.peers[..], [ClusterPeer::DomainNames(_)]));
    let sctp = ClusterPort::Numbers {
        protocol: "SCTP",
        first: 0,
        last: 65535,
    };
    assert_eq!(rule.ports.as_ref().unwrap()[2], sctp);
    assert!(remarks.into_vec().is_empty());
}

/// The remarks on a policy after replacing a part of it.
fn after(policy: &str, part: &str, replacement: &str) -> Vec<String> {
    assert!(policy.contains(part), "{part}");
    remarked(&policy.replacen(part, replacement, 1), |object, remarks| {
        ClusterPolicy::read(object, remarks);
    })
}

#[test]
fn what_the_api_server_refuses_is_named_at_its_line() {
    let cases = [
        (
            after(ADMIN, "priority: 7", "priority: 1001"),
            "6: `priority` must be a whole number from 0 to 1000",
        ),
        (
            after(ADMIN, "  priority: 7\n", ""),
            "6: `priority` is required",
        ),
        (
            after(ADMIN, "start: 8000", "start: 9000"),
            "15: `end` must not be below `start`",
        ),
        (
            after(ADMIN, "port: 53", "port: dns"),
            "14: `port` must be a whole number from 1 to 65535",
        ),
        (
            after(ADMIN, "10.0.0.0/8", "10.0.0.0/40"),
            "19: this is not an address range such as `10.0.0.0/8`",
        ),
        (
            after(
                ADMIN,
                "to: [{networks: [10.0.0.0/8]}, {nodes: {}}]",
                "to: []",
            ),
            "19: `to` must hold at least one entry",
        ),
        (
            after(ADMIN, "{nodes: {}}", "{}"),
            "19: exactly one of the kinds of peers is needed",
        ),
        (
            after(ADMIN, "{nodes: {}}", "{nodes: {}, namespaces: {}}"),
            "19: a peer must be of exactly one kind",
        ),
        (
            after(CLUSTER, "action: Accept", "action: Allow"),
            "10: `action` must be one of `Accept`, `Deny`, `Pass`",
        ),
        (
            after(CLUSTER, "action: Accept", "action: Deny"),
            "11: names can be allowed, not denied or passed",
        ),
        (
            after(CLUSTER, "sctp: {}", "destinationNamedPort: web"),
            "10: a port by name needs pods: nodes, networks and names have none",
        ),
    ];
    for (remarks, expected) in cases {
        assert_eq!(remarks, [expected]);
    }
}

#[test]
fn what_is_no_field_is_named_and_a_peer_of_a_newer_version_is_kept_as_unknown() {
    let changed = ADMIN.replacen("{nodes: {}}", "{future: {}}", 1);
    let (estate, remarks) = (estate(&changed), Remarks::new());
    let object = estate.objects().next().unwrap();
    let policy = ClusterPolicy::read(&object, &remarks).unwrap();
    assert!(matches!(policy.egress[0].peers[1], ClusterPeer::Unknown(_)));
    assert_eq!(
        after(ADMIN, "{nodes: {}}", "{future: {}}"),
        ["19: `future` is not a field here and is ignored"]
    );
}
