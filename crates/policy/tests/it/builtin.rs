//! The built-in definitions, on resources that were reasoned about by hand.

use palisade_policy::{Definition, builtin};

use crate::ask;

fn text(name: &str) -> String {
    let value = builtin::definition(name).unwrap();
    value.document().text().content()[value.span().range()].to_owned()
}

#[test]
fn every_definition_can_be_evaluated() {
    let mut count = 0;
    for (name, value) in builtin::definitions() {
        let (definition, remarks) = Definition::read(value);
        assert!(
            definition.is_some(),
            "{name}: {:?}",
            remarks.first().map(|r| &r.message)
        );
        let resource = r#"{"type": "Microsoft.Compute/disks"}"#;
        if text(name).contains("Microsoft.Kubernetes.Data") {
            continue;
        }
        let answer = ask(&text(name), resource, &[]);
        assert_eq!(answer, "-", "{name}");
        count += 1;
    }
    assert!(count >= 30, "{count}");
}

/// Authorized IP ranges should be defined on Kubernetes Services. Only that the list is there
/// counts, as in Azure: an empty one passes, and so does the whole internet.
#[test]
fn authorized_ranges() {
    let rule = text("0e246bcf-5f6f-4f87-bc6f-775d4712c7ea");
    let cases = [
        ("", "Audit"),
        (r#""apiServerAccessProfile": null"#, "Audit"),
        (r#""apiServerAccessProfile": {}"#, "Audit"),
        (
            r#""apiServerAccessProfile": {"authorizedIPRanges": null}"#,
            "Audit",
        ),
        (
            r#""apiServerAccessProfile": {"authorizedIPRanges": []}"#,
            "-",
        ),
        (
            r#""apiServerAccessProfile": {"authorizedIPRanges": ["192.0.2.0/24"]}"#,
            "-",
        ),
        (
            r#""apiServerAccessProfile": {"authorizedIPRanges": ["0.0.0.0/0"]}"#,
            "-",
        ),
        (
            r#""apiServerAccessProfile": {"enablePrivateCluster": true}"#,
            "-",
        ),
        (
            r#""apiServerAccessProfile": {"enablePrivateCluster": "True"}"#,
            "-",
        ),
        (
            r#""apiServerAccessProfile": {"enablePrivateCluster": false}"#,
            "Audit",
        ),
        (
            r#""apiServerAccessProfile": {"enablePrivateCluster": "False"}"#,
            "Audit",
        ),
        (
            r#""apiServerAccessProfile": {"enablePrivateCluster": null}"#,
            "Audit",
        ),
        (
            r#""apiServerAccessProfile": {"enablePrivateCluster": false, "authorizedIPRanges": ["192.0.2.1"]}"#,
            "-",
        ),
        (
            r#""APISERVERACCESSPROFILE": {"AuthorizedIpRanges": ["192.0.2.1"]}"#,
            "-",
        ),
        (
            r#""apiServerAccessProfile": {"enableVnetIntegration": true}"#,
            "Audit",
        ),
    ];
    for (profile, expected) in cases {
        for kind in [
            "Microsoft.ContainerService/managedClusters",
            "microsoft.containerservice/MANAGEDCLUSTERS",
        ] {
            let nested = format!(r#"{{"type": "{kind}", "properties": {{{profile}}}}}"#);
            assert_eq!(ask(&rule, &nested, &[]), expected, "{nested}");
        }
        let comma = if profile.is_empty() { "" } else { ", " };
        let flat =
            format!(r#"{{"type": "Microsoft.ContainerService/managedClusters"{comma}{profile}}}"#);
        assert_eq!(ask(&rule, &flat, &[]), expected, "{flat}");
    }
}
