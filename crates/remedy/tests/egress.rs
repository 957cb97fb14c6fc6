//! Plans of what clusters need, written for the tools that deploy them, and read back.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use palisade_document::{Notation, Text, parse};
use palisade_estate::Estate;
use palisade_estate::azure::{AzureFirewall, ManagedCluster};
use palisade_packet::AddressSet;
use palisade_reach::azure::firewall::RuleBook;
use palisade_reach::azure::outbound::{Feature, Needs, built_in, needs};
use palisade_reach::azure::{Network, Outcome, ServiceTags};
use palisade_reach::egress::{Answer, Beyond, Plan, answers, beyond, plan};
use palisade_remedy::egress::{Group, bicep, configuration, prove, template};
use palisade_sources::{File, Options};
use proptest::prelude::*;
use serde_json::{Value, json};

const GROUP: &str =
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers";

fn estate(files: &[(&str, String)]) -> Estate {
    let load = |(path, content): &(&str, String)| {
        Ok(File {
            path: (*path).to_owned(),
            bytes: content.clone().into_bytes(),
        })
    };
    let input = palisade_sources::read_all(files, load, Options::from(true));
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
    input.estate
}

fn cluster(region: &str, properties: Value) -> String {
    json!({
        "id": format!("{GROUP}/Microsoft.ContainerService/managedClusters/aks-1"),
        "name": "aks-1", "type": "Microsoft.ContainerService/managedClusters",
        "location": region, "properties": properties,
    })
    .to_string()
}

/// What a public cluster needs that has some features for certain and others not.
fn needs_of(region: &str, features: &[Feature]) -> Needs {
    let properties = json!({
        "fqdn": "aks-1.example.azmk8s.io",
        "agentPoolProfiles": [{"name": "a", "orchestratorVersion": "1.33.1"}],
    });
    let estate = estate(&[("aks.json", cluster(region, properties))]);
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let others: Vec<_> = Feature::ALL
        .into_iter()
        .filter(|feature| !features.contains(feature))
        .collect();
    needs(&cluster, built_in(), features, &others).unwrap()
}

fn sources() -> AddressSet {
    "10.1.0.0/22".parse::<ipnet::IpNet>().unwrap().into()
}

/// Short lists of service tags, by which rules are told apart as well as by long ones.
fn tags() -> Vec<ServiceTags> {
    let clouds = [
        ("Public", "westeurope"),
        ("AzureGovernment", "usgovvirginia"),
        ("China", "chinaeast2"),
    ];
    let read = clouds.map(|(cloud, region)| {
        let content = json!({"cloud": cloud, "values": [
            {"name": "AzureMonitor", "properties": {"addressPrefixes": ["20.40.0.0/16"]}},
            {"name": format!("AzureCloud.{region}"), "properties": {"addressPrefixes": ["20.50.0.0/16"]}}]});
        let (document, _) = parse(Text::new("tags.json", content.to_string()), Notation::Json);
        ServiceTags::read(&document).0.unwrap()
    });
    read.into()
}

fn group(plan: Plan) -> Group {
    Group::of_cluster("aks-1", 200, plan)
}

/// The rules that let more pass.
fn told(beyond: &Beyond) -> Vec<&str> {
    let rules = beyond
        .passing
        .iter()
        .map(|passing| passing.rule.name.as_str());
    rules.collect()
}

fn assert_passes(needs: &Needs, answers: &[Answer]) {
    assert_eq!(needs.needs.len(), answers.len());
    for (need, answer) in needs.needs.iter().zip(answers) {
        if need.doubt.is_none() {
            assert_eq!(answer.outcome, Outcome::Allowed, "{need:?}");
        }
    }
}

/// The firewall with the policy that files add rules to.
fn firewall() -> String {
    json!([
        {"id": format!("{GROUP}/Microsoft.Network/firewallPolicies/p"), "name": "p",
         "type": "Microsoft.Network/firewallPolicies", "location": "westeurope", "properties": {}},
        {"id": format!("{GROUP}/Microsoft.Network/azureFirewalls/fw"), "name": "fw",
         "type": "Microsoft.Network/azureFirewalls", "location": "westeurope",
         "properties": {"firewallPolicy": {"id": format!("{GROUP}/Microsoft.Network/firewallPolicies/p")}}},
    ])
    .to_string()
}

fn ask(estate: &Estate, needs: &Needs) -> (Vec<Answer>, Beyond) {
    let network = Network::new(estate, tags());
    let device = estate.all::<AzureFirewall<'_>>().next().unwrap();
    let rules = RuleBook::of(&network, &device);
    (
        answers(&rules, &sources(), needs),
        beyond(&rules, &sources(), needs),
    )
}

#[test]
fn the_files_say_what_the_plan_does() {
    let needs = needs_of("westeurope", &[Feature::Base, Feature::Monitor]);
    let groups = [group(plan(&needs, &sources(), false))];
    insta::assert_snapshot!("arm", template(&groups, Some("afwp-hub")));
    insta::assert_snapshot!("bicep", bicep(&groups, Some("afwp-hub")));
    insta::assert_snapshot!("terraform", configuration(&groups, None));
}

#[test]
fn terraform_reads_back_as_the_same_plan() {
    let needs = needs_of("westeurope", &Feature::ALL);
    let groups = [group(plan(&needs, &sources(), false))];
    let policy = format!("{GROUP}/Microsoft.Network/firewallPolicies/p");
    let written = configuration(&groups, Some(&policy));
    let estate = estate(&[("main.tf", written), ("firewall.json", firewall())]);
    let (answers, beyond) = ask(&estate, &needs);
    assert_passes(&needs, &answers);
    assert_eq!(told(&beyond), [""; 0]);
}

#[test]
fn the_tag_takes_the_place_of_names_and_leaves_open_what_else_it_holds() {
    let needs = needs_of("westeurope", &[Feature::Base]);
    let by_tag = plan(&needs, &sources(), true);
    assert_eq!(by_tag.application.len(), 1);
    assert!(by_tag.application[0].names.is_empty());
    let proof = prove(&group(by_tag), &needs, &sources(), tags()).unwrap();
    assert_passes(&needs, &proof.answers);
    assert_eq!(told(&proof.beyond), [""; 0]);
    let mut open = proof.beyond.open.iter();
    assert!(open.any(|unknown| unknown.cause.contains("FQDN tag")));
}

#[test]
fn a_rule_too_many_and_a_rule_too_few_refute_a_plan() {
    let needs = needs_of("westeurope", &[Feature::Base]);
    let whole = plan(&needs, &sources(), false);
    let mut more = whole.clone();
    more.application[0].names.push("*.example".to_owned());
    let proof = prove(&group(more), &needs, &sources(), tags()).unwrap();
    assert_eq!(proof.beyond.passing.len(), 1);
    assert!(
        proof.beyond.passing[0]
            .name
            .as_ref()
            .unwrap()
            .ends_with(".example")
    );

    let mut fewer = whole.clone();
    fewer.application[0]
        .names
        .retain(|name| name != "mcr.microsoft.com");
    let proof = prove(&group(fewer), &needs, &sources(), tags()).unwrap();
    let answers = needs.needs.iter().zip(&proof.answers);
    let denied =
        answers.filter(|(need, answer)| need.doubt.is_none() && answer.outcome == Outcome::Denied);
    assert_eq!(denied.count(), 1);

    let mut others = whole;
    others.sources = vec!["10.1.0.0/21".to_owned()];
    let proof = prove(&group(others), &needs, &sources(), tags()).unwrap();
    assert!(!proof.beyond.passing.is_empty(), "packets of others pass");
}

#[test]
fn names_of_clusters_are_only_names() {
    let needs = needs_of("westeurope", &[Feature::Base]);
    let plan = plan(&needs, &sources(), false);
    let hostile = Group::of_cluster("x'[${evil}\"", 200, plan);
    assert_eq!(hostile.name, "aks-x----evil--");
    let policy = "p'${evil}\"\\";
    assert!(bicep(std::slice::from_ref(&hostile), Some(policy)).contains("'p\\'\\${evil}\"\\\\'"));
    let text = configuration(&[hostile], Some(policy));
    assert!(text.contains("\"p'$${evil}\\\"\\\\\""), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_plan_is_proved(
        features in proptest::sample::subsequence(Feature::ALL.to_vec(), 0..=Feature::ALL.len()),
        region in proptest::sample::select(vec!["westeurope", "usgovvirginia", "chinaeast2"]),
    ) {
        let needs = needs_of(region, &features);
        let planned = group(plan(&needs, &sources(), false));
        let proof = prove(&planned, &needs, &sources(), tags()).unwrap();
        assert_passes(&needs, &proof.answers);
        prop_assert_eq!(told(&proof.beyond), [""; 0]);
        // No rule can go.
        for number in 0..planned.plan.application.len() {
            let mut without = planned.clone();
            without.plan.application.remove(number);
            let proof = prove(&without, &needs, &sources(), tags()).unwrap();
            let mut answers = needs.needs.iter().zip(&proof.answers);
            let is_missed = answers.any(|(need, answer)| {
                need.doubt.is_none() && answer.outcome != Outcome::Allowed
            });
            prop_assert!(is_missed);
        }
    }
}
