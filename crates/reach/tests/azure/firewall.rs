//! What a firewall does where the input doesn't tell everything, and how it translates.

use std::net::IpAddr;

use palisade_estate::Estate;
use palisade_estate::azure::AzureFirewall;
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::azure::firewall::{
    ApplicationProtocol, Carries, Filtered, Question, Request, Treatment, firewall,
    source_translation, target_fqdn,
};
use palisade_reach::azure::{Network, Outcome, Translation};
use serde_json::{Value, json};

use crate::estate::{estate, find, id, resource};

fn to(destination: &str, port: u16) -> PacketSet {
    let address = |text: &str| AddressSet::from(text.parse::<IpAddr>().unwrap());
    let traffic = Traffic::to_ports(Transport::Tcp, PortSet::one(port));
    Product::of(
        address("10.0.1.4"),
        Product::of(address(destination), traffic),
    )
}

/// A firewall with classic rules.
fn classic(properties: Value) -> Estate {
    estate(&[resource("azureFirewalls", "fw", properties)])
}

fn ask(estate: &Estate, question: &Question, packets: &PacketSet) -> Vec<(String, Filtered)> {
    let network = Network::new(estate, Vec::new());
    let device: AzureFirewall<'_> = find(estate, "azureFirewalls/fw");
    let parts = firewall(&network, &device, question, packets);
    parts
        .into_iter()
        .map(|part| (part.rule.name, part.outcome))
        .collect()
}

fn https(name: &str) -> Question {
    Question {
        carries: Carries::Request(Request::to(ApplicationProtocol::Https, name)),
        ..Question::default()
    }
}

fn application(rule: Value) -> Estate {
    let mut rule = rule;
    rule["name"] = json!("r");
    rule["sourceAddresses"] = json!(["*"]);
    rule["protocols"] = json!([{"protocolType": "Https", "port": 443}]);
    classic(
        json!({"applicationRuleCollections": [{"name": "c", "properties": {
        "priority": 100, "action": {"type": "Allow"}, "rules": [rule]}}]}),
    )
}

fn outcome(estate: &Estate, question: &Question) -> Outcome {
    let answers = ask(estate, question, &to("203.0.113.9", 443));
    assert_eq!(answers.len(), 1, "{answers:?}");
    answers[0].1.outcome.clone()
}

fn causes(outcome: &Outcome) -> Vec<&str> {
    match outcome {
        Outcome::Uncertain(causes) => causes
            .iter()
            .map(|unknown| unknown.cause.as_str())
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn classic_rules_hold_until_a_policy_is_there() {
    let rules = json!([{"name": "c", "properties": {"priority": 100, "action": {"type": "Allow"},
        "rules": [{"name": "all", "protocols": ["Any"], "sourceAddresses": ["*"],
                   "destinationAddresses": ["*"], "destinationPorts": ["*"]}]}}]);
    let without = classic(json!({"networkRuleCollections": rules}));
    let packets = to("203.0.113.9", 22);
    let answers = ask(&without, &Question::default(), &packets);
    assert_eq!(answers[0].1.treatments, [Treatment::Forwarded]);

    let policy = id("firewallPolicies/p");
    let with = json!({"networkRuleCollections": rules, "firewallPolicy": {"id": policy}});
    let answers = ask(&classic(with), &Question::default(), &packets);
    assert!(
        matches!(answers[0].1.outcome, Outcome::Uncertain(_)),
        "{answers:?}"
    );
}

#[test]
fn a_group_outside_the_input_leaves_everything_open() {
    let group = id("firewallPolicies/p/ruleCollectionGroups/g");
    let estate = estate(&[
        resource(
            "azureFirewalls",
            "fw",
            json!({"firewallPolicy": {"id": id("firewallPolicies/p")}}),
        ),
        resource(
            "firewallPolicies",
            "p",
            json!({"ruleCollectionGroups": [{"id": group}]}),
        ),
    ]);
    let question = Question {
        carries: Carries::Other,
        ..Question::default()
    };
    let answers = ask(&estate, &question, &to("203.0.113.9", 22));
    assert!(
        matches!(answers[0].1.outcome, Outcome::Uncertain(_)),
        "{answers:?}"
    );
}

#[test]
fn policies_that_inherit_from_each_other_end() {
    let inherits = |name: &str| {
        json!({"basePolicy": {"id": id(&format!("firewallPolicies/{name}"))},
                                      "ruleCollectionGroups": []})
    };
    let estate = estate(&[
        resource(
            "azureFirewalls",
            "fw",
            json!({"firewallPolicy": {"id": id("firewallPolicies/a")}}),
        ),
        resource("firewallPolicies", "a", inherits("b")),
        resource("firewallPolicies", "b", inherits("a")),
    ]);
    assert_eq!(
        causes(&outcome(&estate, &https("contoso.com"))),
        ["policy `a` inherits from itself"]
    );
}

#[test]
fn tags_categories_and_urls_are_in_doubt_where_a_name_may_be_meant() {
    let by_tag = application(json!({"fqdnTags": ["WindowsUpdate"]}));
    let by_tag = outcome(&by_tag, &https("contoso.com"));
    assert_eq!(
        causes(&by_tag),
        ["which names FQDN tag `WindowsUpdate` stands for isn't published"]
    );
    let by_tag = application(json!({"fqdnTags": ["AzureKubernetesService"]}));
    assert_eq!(
        outcome(&by_tag, &https("mcr.microsoft.com")),
        Outcome::Allowed
    );
    let of_a_feature = outcome(&by_tag, &https("data.policy.core.windows.net"));
    assert_eq!(causes(&of_a_feature).len(), 2);
    let by_url = application(json!({"targetUrls": ["www.contoso.com/a/*"], "terminateTLS": true}));
    assert_eq!(
        causes(&outcome(&by_url, &https("www.contoso.com"))).len(),
        1
    );
    assert_eq!(outcome(&by_url, &https("contoso.com")), Outcome::Denied);
    let refused = application(json!({"targetFqdns": ["www.contoso.*", "fabrikam.com"]}));
    assert_eq!(outcome(&refused, &https("fabrikam.com")), Outcome::Allowed);
    assert_eq!(causes(&outcome(&refused, &https("contoso.com"))).len(), 1);
}

#[test]
fn a_header_within_tls_counts_only_where_the_rule_ends_tls() {
    let fronted = Question {
        carries: Carries::Request(Request {
            protocol: ApplicationProtocol::Https,
            server_name: Some("www.contoso.com".to_owned()),
            host: Some("evil.example".to_owned()),
        }),
        ..Question::default()
    };
    let rule = json!({"targetFqdns": ["*.contoso.com"]});
    assert_eq!(outcome(&application(rule), &fronted), Outcome::Allowed);
    let rule = json!({"targetFqdns": ["*.contoso.com"], "terminateTLS": true});
    assert_eq!(outcome(&application(rule), &fronted), Outcome::Denied);
}

#[test]
fn without_a_name_application_rules_leave_open_what_they_may_allow() {
    let estate = application(json!({"targetFqdns": ["contoso.com"]}));
    assert_eq!(causes(&outcome(&estate, &Question::default())).len(), 2);
    let others = ask(&estate, &Question::default(), &to("203.0.113.9", 22));
    assert_eq!(others[0].1.outcome, Outcome::Denied);
    let is_storage = https("images.blob.core.windows.net");
    assert_eq!(
        causes(&outcome(&estate, &is_storage)),
        ["which names the firewall's own infrastructure rules allow isn't published"]
    );
}

#[test]
fn nat_rules_translate_and_the_source_becomes_the_firewalls() {
    let rules = json!([{"name": "c", "properties": {"priority": 100, "action": {"type": "Dnat"},
        "rules": [{"name": "in", "protocols": ["TCP"], "sourceAddresses": ["*"],
                   "destinationAddresses": ["20.1.1.1"], "destinationPorts": ["443"],
                   "translatedAddress": "10.1.0.7", "translatedPort": "8443"}]}}]);
    let subnet = id("virtualNetworks/v/subnets/AzureFirewallSubnet");
    let estate = estate(&[
        resource(
            "virtualNetworks",
            "v",
            json!({"addressSpace": {"addressPrefixes": ["10.9.0.0/24"]},
            "subnets": [{"id": subnet, "name": "AzureFirewallSubnet",
                         "properties": {"addressPrefix": "10.9.0.0/26"}}]}),
        ),
        resource(
            "azureFirewalls",
            "fw",
            json!({"natRuleCollections": rules,
            "ipConfigurations": [{"name": "i", "properties": {"subnet": {"id": subnet}}}]}),
        ),
    ]);
    let packets = to("20.1.1.1", 443);
    let answers = ask(&estate, &Question::default(), &packets);
    let Treatment::Translated(translation) = &answers[0].1.treatments[0] else {
        panic!("{answers:?}");
    };
    let after = translation.apply(&packets);
    assert_eq!(after, to("10.1.0.7", 8443));
    let device: AzureFirewall<'_> = find(&estate, "azureFirewalls/fw");
    let parts = source_translation(&device, &answers[0].1.treatments[0], &after);
    let expected: AddressSet = "10.9.0.0/26".parse::<ipnet::IpNet>().unwrap().into();
    assert_eq!(
        parts[0].1,
        Translation {
            source: Some(expected),
            ..Translation::default()
        }
    );
    assert_eq!(parts.len(), 1);
}

#[test]
fn private_ranges_say_who_keeps_the_source() {
    let by_ranges = |ranges: &str, destination: &str| {
        let estate =
            classic(json!({"additionalProperties": {"Network.SNAT.PrivateRanges": ranges}}));
        let device: AzureFirewall<'_> = find(&estate, "azureFirewalls/fw");
        let parts = source_translation(&device, &Treatment::Forwarded, &to(destination, 443));
        assert_eq!(parts.len(), 1);
        !parts[0].1.is_identity()
    };
    assert!(!by_ranges("", "172.20.0.9"));
    assert!(by_ranges("", "203.0.113.9"));
    assert!(!by_ranges(
        "IANAPrivateRanges, 203.0.113.0/24",
        "203.0.113.9"
    ));
    assert!(by_ranges("203.0.113.0/24", "172.20.0.9"));
    assert!(!by_ranges("0.0.0.0/0", "203.0.113.9"));
    assert!(by_ranges("255.255.255.255/32", "10.0.0.9"));
}

#[test]
fn a_star_stands_only_at_the_left() {
    for refused in ["www.contoso.*", "*.contoso.*", "**.contoso.com", ""] {
        assert_eq!(target_fqdn(refused), None, "{refused}");
    }
    assert!(
        target_fqdn("*contoso.com")
            .unwrap()
            .matches("th3re4lcontoso.com")
    );
    assert!(!target_fqdn("*.contoso.com").unwrap().matches("contoso.com"));
}

#[test]
fn all_packets_at_once_are_split_without_rest() {
    let rules = json!([{"name": "c", "properties": {"priority": 100, "action": {"type": "Allow"},
        "rules": [{"name": "web", "protocols": ["TCP"], "sourceAddresses": ["10.0.0.0/8"],
                   "destinationAddresses": ["*"], "destinationPorts": ["80-443"]}]}}]);
    let estate = classic(json!({"networkRuleCollections": rules}));
    let network = Network::new(&estate, Vec::new());
    let device: AzureFirewall<'_> = find(&estate, "azureFirewalls/fw");
    let parts = firewall(&network, &device, &Question::default(), &PacketSet::full());
    let all = parts
        .iter()
        .fold(PacketSet::empty(), |all, part| all.union(&part.packets));
    assert!(all.is_full());
}
