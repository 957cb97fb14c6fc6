use palisade_estate::{Coverage, ResourceId, View, azure::PublicIpAddress};

use crate::{describe, fixtures, read, read_all};

/// The resource group of the fixtures, left out of the snapshot to keep it readable.
const GROUP: &str = "/subscriptions/0a1b2c3d-0000-4000-8000-00000000000f/resourceGroups/rg-kiosk";

/// Every shape that exports and manifests come in. Read the snapshot before accepting it.
#[test]
fn every_shape_is_read_or_named() {
    let describe = |(name, content): (String, Vec<u8>)| {
        format!(
            "## {name}\n{}\n",
            describe(read(&name, content)).replace(GROUP, "GROUP")
        )
    };
    insta::assert_snapshot!(fixtures().into_iter().map(describe).collect::<String>());
}

#[test]
fn what_was_left_aside_is_kept_no_longer() {
    for (name, content) in fixtures() {
        let reading = read(&name, content).reading.unwrap();
        // What is read together with other files waits for them.
        let waits = name.starts_with("arm-") || name.starts_with("terraform-");
        let is_left = reading.resources.is_empty() && reading.objects.is_empty();
        if is_left && !waits {
            assert_eq!(reading.document.text().content(), "", "{name}");
        }
    }
}

#[test]
fn the_content_tells_what_a_file_is_not_its_name() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: till}\n";
    for path in ["stdin", "service.json", "service.txt", "a folder/service"] {
        assert_eq!(
            read(path, service).reading.unwrap().objects.len(),
            1,
            "{path}"
        );
    }
}

const ADDRESS: &str = r#"[{"id": "/subscriptions/s1/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/p", "properties": {}}]"#;
const CLAIM: &str = r#"{"snapshot": 1, "complete": [{"scope": "/subscriptions/s1"}], "files": ["addresses.json", "none.json"]}"#;

fn coverage(files: &[(&str, &str)]) -> (Coverage, usize) {
    let input = read_all(files);
    let scope = ResourceId::parse("/subscriptions/s1").unwrap();
    assert_eq!(PublicIpAddress::TYPE, "microsoft.network/publicipaddresses");
    (
        input.estate.coverage::<PublicIpAddress<'_>>(&scope),
        input.diagnostics.len(),
    )
}

#[test]
fn an_empty_listing_is_part_of_a_whole_snapshot() {
    let files = [
        ("in/palisade-snapshot.json", CLAIM),
        ("in/addresses.json", ADDRESS),
        ("in/none.json", "{\"value\": []}"),
    ];
    assert_eq!(coverage(&files), (Coverage::Complete, 0));
}

#[test]
fn paths_of_windows_belong_to_the_snapshot_too() {
    let files = [
        (".\\in\\palisade-snapshot.json", CLAIM),
        (".\\in\\addresses.json", ADDRESS),
        ("in/none.json", "[]"),
    ];
    assert_eq!(coverage(&files), (Coverage::Complete, 0));
}

#[test]
fn a_broken_file_voids_the_snapshot() {
    for broken in [
        "{\"value\": [",
        "kind: A\n---\nkind: [B\n",
        "\u{0}\u{0}",
        "{\"value\": [], \"nextLink\": \"https://next\"}",
    ] {
        let files = [
            ("in/palisade-snapshot.json", CLAIM),
            ("in/addresses.json", ADDRESS),
            ("in/none.json", broken),
        ];
        assert_eq!(coverage(&files).0, Coverage::Assumed, "{broken}");
    }
}

#[test]
fn a_missing_file_voids_the_snapshot() {
    let files = [
        ("in/palisade-snapshot.json", CLAIM),
        ("in/addresses.json", ADDRESS),
    ];
    assert_eq!(coverage(&files), (Coverage::Assumed, 1));
}

/// The API answers a list of one kind with items that leave the kind to it.
#[test]
fn items_of_a_typed_list_are_of_its_kind() {
    let pods =
        r#"{"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "till"}}]}"#;
    let secrets = pods.replace("PodList", "SecretList");
    let input = read_all(&[("pods.json", pods), ("secrets.json", &secrets)]);
    let found = input.estate.objects();
    let found: Vec<_> = found
        .map(|object| (object.api_version(), object.display_name()))
        .collect();
    assert_eq!(found, [("v1", "Pod/till".to_owned())]);
}

/// A definition or an initiative in a repository has no id: its name is that of its file.
#[test]
fn policy_definitions_need_no_id() {
    let rule = r#"{"properties": {"policyRule": {"if": {}, "then": {"effect": "audit"}}}}"#;
    let members = r#"{"name": "all", "policyDefinitions": [{"policyDefinitionId": "x"}]}"#;
    let ids = |path: &str, text: &str| -> Vec<String> {
        let reading = read(path, text).reading.unwrap();
        let found = reading.resources.iter();
        found.map(|resource| resource.id.to_string()).collect()
    };
    let base = "/providers/Microsoft.Authorization";
    assert_eq!(
        ids("policies/no-kubenet.json", rule),
        [format!("{base}/policyDefinitions/no-kubenet")]
    );
    assert_eq!(
        ids("policies/set.json", members),
        [format!("{base}/policySetDefinitions/all")]
    );
    let suite = "definition: a.json\ntests:\n- name: a\n  given: b.json\n  expect: compliant\n";
    let left = read("a.policy-test.yaml", suite).not_understood;
    assert_eq!(
        left[0].reason,
        "tests of policy definitions; `palisade policy test` runs them"
    );
}
