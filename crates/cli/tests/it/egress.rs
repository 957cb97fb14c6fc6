//! `palisade egress` as a user sees it.

use std::fs;

use crate::{folder, palisade, root, run};

#[test]
fn needs_answers_and_the_proved_plan_of_an_example() {
    let run = palisade(&["egress", "examples/hardened"]);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    insta::assert_snapshot!(run.stdout());
    let strict = palisade(&["egress", "examples/hardened", "--strict"]);
    assert_eq!(strict.code(), 3);
}

#[test]
fn a_firewall_that_denies_what_is_needed_fails() {
    let path = root().join("examples/halfway/azure/firewall.json");
    let firewall = fs::read_to_string(path).unwrap();
    let tag = "\"fqdnTags\": [\n                  \"AzureKubernetesService\"\n                ],\n                \"targetFqdns\": []";
    assert!(firewall.contains(tag));
    let firewall = firewall.replace(tag, "\"targetFqdns\": [\"mcr.microsoft.com\"]");
    let read = |name: &str| {
        let path = root().join("examples/halfway/azure").join(name);
        fs::read_to_string(path).unwrap()
    };
    let folder = folder(&[
        ("firewall.json", &firewall),
        ("aks.json", &read("aks-outlet.json")),
        ("network.json", &read("network.json")),
    ]);
    let run = run(folder.path(), &["egress", "."], "");
    assert_eq!(run.code(), 1, "{}", run.stderr());
    let denied = "denied    HTTPS 443 management.azure.com (base)";
    assert!(run.stdout().contains(denied), "{}", run.stdout());
    assert!(
        !run.stdout()
            .contains("denied    HTTPS 443 mcr.microsoft.com")
    );
}

#[test]
fn the_plan_is_written_for_tools_and_says_why_there_is_none() {
    for (format, start) in [
        ("arm", "{\n  \"$schema\""),
        ("bicep", "@description"),
        ("terraform", "variable \"firewall_policy_id\""),
        ("json", "{\n  \"version\": 1"),
    ] {
        let run = palisade(&["egress", "examples/hardened", "--format", format]);
        assert_eq!(run.code(), 0, "{}", run.stderr());
        assert!(
            run.stdout().starts_with(start),
            "{format}: {}",
            run.stdout()
        );
    }
    let managed = folder(&[("aks.json", crate::CLUSTER)]);
    let nothing = run(managed.path(), &["egress", ".", "--format", "arm"], "");
    assert_eq!(nothing.code(), 3);
    let wrong = palisade(&["egress", "examples/hardened", "--with", "nothing"]);
    assert_eq!(wrong.code(), 2);
}
