use palisade_estate::azure::{AzureFirewall, PublicIpAddress};
use palisade_estate::{Coverage, ResourceId};
use palisade_sources::Input;

use crate::{body, input};

const ADDRESS: &str = "Microsoft.Network/publicIPAddresses/p";

fn scope(text: &str) -> ResourceId {
    ResourceId::parse(text).unwrap()
}

fn claim(scopes: &str, files: &str) -> (&'static str, String) {
    (
        "snap/palisade-snapshot.json",
        format!(r#"{{"snapshot": 1, "complete": [{scopes}], "files": [{files}]}}"#),
    )
}

fn addresses(input: &Input, at: &str) -> Coverage {
    input.estate.coverage::<PublicIpAddress<'_>>(&scope(at))
}

#[test]
fn without_a_word_about_it_the_input_is_a_sample() {
    let input = input(&[("a.json", body(ADDRESS, "{}"))], false);
    assert_eq!(addresses(&input, "/subscriptions/s1"), Coverage::Assumed);
    assert_eq!(
        addresses(&input, "/subscriptions/s1/resourceGroups/other"),
        Coverage::Assumed
    );
    assert_eq!(addresses(&input, "/subscriptions/s2"), Coverage::Unseen);
    assert_eq!(
        input
            .estate
            .coverage::<AzureFirewall<'_>>(&scope("/subscriptions/s1")),
        Coverage::Unseen
    );
}

#[test]
fn the_word_of_the_user_makes_everything_complete() {
    let input = input(&[("a.json", body(ADDRESS, "{}"))], true);
    assert_eq!(addresses(&input, "/subscriptions/s2"), Coverage::Complete);
}

#[test]
fn a_snapshot_is_complete_within_its_scopes() {
    let claim = claim(
        r#"{"scope": "/SUBSCRIPTIONS/S1"}, {"scope": "nonsense"}, {}"#,
        r#""azure/a.json""#,
    );
    let input = input(&[claim, ("snap/azure/a.json", body(ADDRESS, "{}"))], false);
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
    assert_eq!(addresses(&input, "/subscriptions/s1"), Coverage::Complete);
    assert_eq!(
        addresses(&input, "/subscriptions/s1/resourceGroups/rg"),
        Coverage::Complete
    );
    assert_eq!(addresses(&input, "/subscriptions/s12"), Coverage::Unseen);
    assert_eq!(
        input
            .estate
            .coverage::<AzureFirewall<'_>>(&scope("/subscriptions/s1")),
        Coverage::Complete
    );
}

#[test]
fn a_snapshot_of_a_group_says_nothing_about_the_subscription() {
    let claim = claim(
        r#"{"scope": "/subscriptions/s1/resourceGroups/rg"}"#,
        r#""a.json""#,
    );
    let input = input(&[claim, ("snap/a.json", body(ADDRESS, "{}"))], false);
    assert_eq!(addresses(&input, "/subscriptions/s1"), Coverage::Assumed);
    // What concerns a resource of the group may lie in any other group of the subscription.
    assert_eq!(
        addresses(&input, "/subscriptions/s1/resourceGroups/RG"),
        Coverage::Assumed
    );
}

#[test]
fn a_missing_file_voids_the_claim_with_a_warning() {
    let claim = claim(
        r#"{"scope": "/subscriptions/s1"}"#,
        r#""a.json", "b.json", "c.json""#,
    );
    let input = input(&[claim, ("snap/a.json", body(ADDRESS, "{}"))], false);
    assert_eq!(addresses(&input, "/subscriptions/s1"), Coverage::Assumed);
    let [warning] = input.diagnostics.as_slice() else {
        panic!("{:?}", input.diagnostics)
    };
    assert!(
        warning.message.contains("snap/b.json and 1 more"),
        "{}",
        warning.message
    );
}

#[test]
fn objects_are_complete_assumed_or_unseen() {
    const KINDS: &[(&str, &str)] = &[("networking.k8s.io", "NetworkPolicy")];
    let cluster = "Microsoft.ContainerService/managedClusters/c";
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {}}\n";
    let coverage = |manifest: &str, complete: bool| {
        let input = input(
            &[
                ("c.json", body(cluster, "{}")),
                ("m.yaml", manifest.to_owned()),
            ],
            complete,
        );
        let cluster = input.estate.clusters().next().unwrap();
        cluster.coverage(KINDS)
    };
    assert_eq!(coverage(policy, false), Coverage::Assumed);
    assert_eq!(
        coverage(
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n",
            false
        ),
        Coverage::Unseen
    );
    assert_eq!(coverage("", true), Coverage::Complete);
}
