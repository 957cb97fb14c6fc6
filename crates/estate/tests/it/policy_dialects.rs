//! Every field of the policies of Calico, Cilium and Istio is read, and what their engines refuse
//! is named at its line.

use palisade_estate::Object;
use palisade_estate::kubernetes::{
    CalicoAction, CalicoHostEndpoint, CalicoNetworkPolicy, CalicoNetworkSet, CalicoPort,
    CalicoProfile, CalicoTier, CiliumCidrGroup, CiliumNetworkPolicy, CiliumPeers, CiliumPortNumber,
    IstioAction, IstioPolicy, PeerAuthentication, PolicyType, Remarks,
};

use crate::{estate, remarked};

const CALICO: &str = include_str!("policies/calico.yaml");
const CILIUM: &str = include_str!("policies/cilium.yaml");
const ISTIO: &str = include_str!("policies/istio.yaml");

fn read_all<'e>(object: &Object<'e>, remarks: &Remarks<'e>) {
    CalicoNetworkPolicy::read(object, remarks);
    CalicoNetworkSet::read(object, remarks);
    CalicoHostEndpoint::read(object, remarks);
    CalicoProfile::read(object, remarks);
    CalicoTier::read(object, remarks);
    CiliumNetworkPolicy::read(object, remarks);
    CiliumCidrGroup::read(object, remarks);
    IstioPolicy::read(object, remarks);
    PeerAuthentication::read(object, remarks);
}

#[test]
fn policies_that_use_every_field_are_read_without_a_remark() {
    for file in [CALICO, CILIUM, ISTIO] {
        let (estate, remarks) = (estate(file), Remarks::new());
        for object in estate.objects() {
            read_all(&object, &remarks);
        }
        let remarks = remarks.into_vec();
        assert!(remarks.is_empty(), "{remarks:#?}");
    }
}

#[test]
fn a_calico_rule_keeps_what_it_says() {
    let (estate, remarks) = (estate(CALICO), Remarks::new());
    let object = estate.objects().next().unwrap();
    let policy = CalicoNetworkPolicy::read(&object, &remarks).unwrap();
    assert_eq!((policy.tier, policy.order), ("security", Some(10.5)));
    assert!(policy.acts_on(PolicyType::Ingress) && policy.acts_on(PolicyType::Egress));
    let rule = &policy.ingress[0];
    assert_eq!(rule.action, Some(CalicoAction::Allow));
    assert_eq!((rule.protocol, rule.ip_version), (Some(6), Some(4)));
    assert_eq!(
        rule.destination.ports,
        [
            CalicoPort::Range(80, 80),
            CalicoPort::Range(8000, 8080),
            CalicoPort::Named("web")
        ]
    );
    assert_eq!(rule.source.nets.len(), 2);
}

#[test]
fn a_cilium_rule_keeps_what_it_says() {
    let (estate, remarks) = (estate(CILIUM), Remarks::new());
    let object = estate.objects().next().unwrap();
    let policy = CiliumNetworkPolicy::read(&object, &remarks).unwrap();
    let spec = &policy.specs[0];
    assert!(!spec.isolates(PolicyType::Ingress) && spec.isolates(PolicyType::Egress));
    let ports = &spec.ingress[0].ports[0].ports;
    assert_eq!(ports[0].port, CiliumPortNumber::Range(8000, 8080));
    assert_eq!(ports[1].port, CiliumPortNumber::Named("Web"));
    assert!(matches!(
        spec.egress[0].peers,
        Some(CiliumPeers::Entities(_))
    ));
    assert_eq!(spec.ingress_deny.len(), 1);
}

#[test]
fn an_istio_rule_keeps_what_it_says() {
    let (estate, remarks) = (estate(ISTIO), Remarks::new());
    let object = estate.objects().next().unwrap();
    let policy = IstioPolicy::read(&object, &remarks).unwrap();
    assert_eq!(policy.action, IstioAction::Deny);
    let rule = &policy.rules[0];
    assert_eq!(rule.from[0].namespaces.values, ["shop"]);
    assert_eq!(rule.to[0].ports.not_values, [8080]);
    assert_eq!(rule.when[0].key, "source.ip");
}

fn after(file: &str, part: &str, replacement: &str) -> Vec<String> {
    assert!(file.contains(part), "{part}");
    let first = file.split("\n---").next().unwrap();
    assert!(first.contains(part), "{part} isn't in the first document");
    remarked(&first.replacen(part, replacement, 1), read_all)
}

fn check(file: &str, cases: &[(&str, &str, &str)]) {
    for (part, replacement, expected) in cases {
        assert_eq!(after(file, part, replacement), [*expected], "{replacement}");
    }
}

#[test]
fn what_calico_refuses_is_named_at_its_line() {
    check(
        CALICO,
        &[
            (
                "selector: app == 'till'",
                "selector: app = 'till'",
                "7: the selector is not valid at its character 5: expected `==`",
            ),
            (
                "selector: app == 'till'",
                "selector: global()",
                "7: `global()` has a meaning only in the `namespaceSelector` of a rule",
            ),
            ("order: 10.5", "order: first", "6: `order` must be a number"),
            (
                "- action: Log\n",
                "- action: Warn\n",
                "29: `action` must be one of `Allow`, `Deny`, `Log`, `Pass`",
            ),
            (
                "'8000:8080'",
                "'8080:8000'",
                "22: a port is a number, a range such as `8000:8080`, or a name",
            ),
            (
                "10.0.0.0/8",
                "10.0.0.0/33",
                "16: this is not an address or a range such as `10.0.0.0/8`",
            ),
            (
                "protocol: TCP",
                "protocol: TPC",
                "14: `protocol` must be one of `TCP`, `UDP`, `ICMP`, `ICMPv6`, `SCTP`, `UDPLite`, or a number from 1 to 255",
            ),
        ],
    );
}

#[test]
fn what_cilium_refuses_is_named_at_its_line() {
    check(
        CILIUM,
        &[
            (
                "endPort: 8080",
                "endPort: 80",
                "14: `endPort` must not be below `port`",
            ),
            ("port: '8000'", "port: 8000", "14: `port` must be a text"),
            (
                "- toEntities: [world]",
                "- toEntities: [internet]",
                "21: an entity is one of `all`, `world`, `world-ipv4`, `world-ipv6`, `cluster`, `host`, `remote-node`, `kube-apiserver`, `ingress`, `init`, `health`, `unmanaged`, `none`",
            ),
            (
                "- toEntities: [world]",
                "- toEntities: [world]\n    toCIDR: [10.0.0.0/8]",
                "21: a rule names its peers in one way only: give each way a rule of its own",
            ),
            (
                "except: [10.1.0.0/16]",
                "except: [11.1.0.0/16]",
                "18: `except` must lie inside its `cidr`",
            ),
            (
                "- toEntities: [world]",
                "- toEntities: [world]\n    toPort: []",
                "22: `toPort` is not a field here and is ignored",
            ),
        ],
    );
}

#[test]
fn what_istio_refuses_is_named_at_its_line() {
    check(
        ISTIO,
        &[
            (
                "action: DENY",
                "action: REFUSE",
                "8: `action` must be one of `ALLOW`, `DENY`, `AUDIT`, `CUSTOM`",
            ),
            (
                "action: DENY",
                "action: CUSTOM",
                "7: `provider` goes with `action: CUSTOM`, and neither goes without the other",
            ),
            (
                "notPorts: ['8080']",
                "notPorts: ['web']",
                "17: a port is a number from 1 to 65535, in quotes",
            ),
        ],
    );
}
