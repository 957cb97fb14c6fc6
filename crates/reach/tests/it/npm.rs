//! Azure NPM on Windows nodes, which refuse some policies.

use insta::assert_snapshot;
use palisade_reach::kubernetes::{EngineKind, NoteKind};

use super::{analysis, connections_of, estate};

const CLUSTER: &str = "
apiVersion: v1
kind: Pod
metadata: {name: linux, namespace: shop, labels: {app: a}}
spec: {nodeSelector: {kubernetes.io/os: linux}, containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: windows, namespace: shop, labels: {app: b}}
spec: {os: {name: windows}, containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: either, namespace: shop, labels: {app: c}}
spec: {containers: [{name: c}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: none}}}]}]}
";

#[test]
fn a_policy_that_windows_refuses_is_not_enforced_there() {
    assert_snapshot!(connections_of(CLUSTER, EngineKind::AzureNpm), @r"
    shop/linux -> 0.0.0.0/0, ::/0: all traffic
    shop/windows -> 0.0.0.0/0, ::/0: all traffic
    shop/either -> 0.0.0.0/0, ::/0: all traffic
    ");
    for refused in [
        "ports: [{protocol: SCTP}]",
        "ports: [{port: http}]",
        "from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.0/28]}}]",
        "from: [{podSelector: {matchExpressions: [{key: app, operator: Exists}, {key: b, operator: DoesNotExist}]}, namespaceSelector: {matchLabels: {none: here}}}]",
    ] {
        let manifest =
            CLUSTER.replace("from: [{podSelector: {matchLabels: {app: none}}}]", refused);
        let estate = estate(&manifest);
        let analysis = analysis(&estate, EngineKind::AzureNpm);
        assert!(
            analysis
                .notes
                .iter()
                .any(|note| note.kind == NoteKind::Ignored),
            "{refused}"
        );
        let policies = &analysis.program.ingress[0].stages[0].policies;
        let subjects: Vec<_> = policies
            .iter()
            .map(|it| (it.subjects.len(), it.condition.is_some()))
            .collect();
        assert_eq!(subjects, [(1, false), (1, true)], "{refused}");
        // Elsewhere Windows is of no account.
        let conformant = super::analysis(&estate, EngineKind::Conformant);
        let policies = &conformant.program.ingress[0].stages[1].policies;
        assert_eq!(policies[0].subjects.len(), 3);
    }
}
