//! The truth cases of Azure Firewall, asked of the engine as whole estates.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::net::IpAddr;

use palisade_corpus_tests::azure_path::{Case, cases};
use palisade_estate::Estate;
use palisade_estate::azure::AzureFirewall;
use palisade_packet::{AddressSet, PacketSet, PortSet, Product, Set, Traffic, Transport};
use palisade_reach::azure::firewall::{
    ApplicationProtocol, Carries, Question, Request, Treatment, firewall, source_translation,
    target_fqdn,
};
use palisade_reach::azure::{Network, Outcome};
use palisade_sources::File;
use serde_json::{Value, json};

fn id(path: &str) -> String {
    format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{path}")
}

fn resource(kind: &str, path: &str, properties: &Value) -> Value {
    json!({"id": id(path), "name": path.rsplit('/').next(), "location": "westeurope",
           "type": format!("Microsoft.Network/{kind}"), "properties": properties})
}

/// A policy and its groups.
fn policy(name: &str, given: &Value, base: Option<&str>) -> Vec<Value> {
    let groups: Vec<_> = given["ruleCollectionGroups"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|group| {
            let path = format!(
                "firewallPolicies/{name}/ruleCollectionGroups/{}",
                group["name"].as_str().unwrap()
            );
            resource(
                "firewallPolicies/ruleCollectionGroups",
                &path,
                &group["properties"],
            )
        })
        .collect();
    let mut properties = given.clone();
    properties["ruleCollectionGroups"] = groups
        .iter()
        .map(|group| json!({"id": group["id"]}))
        .collect();
    if let Some(base) = base {
        properties["basePolicy"] = json!({"id": id(&format!("firewallPolicies/{base}"))});
    }
    let own = resource(
        "firewallPolicies",
        &format!("firewallPolicies/{name}"),
        &properties,
    );
    groups.into_iter().chain([own]).collect()
}

fn estate(given: &Value) -> Estate {
    let mut resources = vec![resource(
        "azureFirewalls",
        "azureFirewalls/fw",
        &json!({"firewallPolicy": {"id": id("firewallPolicies/own")}}),
    )];
    let base = given.get("basePolicy").filter(|base| !base.is_null());
    if let Some(base) = base {
        resources.extend(policy("base", base, None));
    }
    let own = match given.get("policy") {
        Some(own) => own.clone(),
        None => given.clone(),
    };
    resources.extend(policy("own", &own, base.map(|_| "base")));
    let content = serde_json::to_vec(&resources).unwrap();
    let load = |_: &&str| {
        Ok(File {
            path: "estate.json".to_owned(),
            bytes: content.clone(),
        })
    };
    let input = palisade_sources::read_all(&["estate.json"], load, true);
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
    input.estate
}

fn address(value: &Value) -> AddressSet {
    AddressSet::from(value.as_str().unwrap().parse::<IpAddr>().unwrap())
}

fn packets(flow: &Value) -> PacketSet {
    let ports = || PortSet::one(u16::try_from(flow["dstPort"].as_u64().unwrap()).unwrap());
    let traffic = match flow["protocol"].as_str().unwrap() {
        "TCP" => Traffic::to_ports(Transport::Tcp, ports()),
        "UDP" => Traffic::to_ports(Transport::Udp, ports()),
        "ICMP" => Traffic::protocol(1),
        other => panic!("{other}"),
    };
    Product::of(
        address(&flow["src"]),
        Product::of(address(&flow["dst"]), traffic),
    )
}

fn question(given: &Value, flow: &Value) -> Question {
    let text = |name: &str| flow[name].as_str().map(str::to_owned);
    let carries = match flow["appProtocol"].as_str() {
        None => Carries::Other,
        Some(protocol) => Carries::Request(Request {
            protocol: ApplicationProtocol::named(protocol).unwrap(),
            server_name: text("sni"),
            host: text("hostHeader"),
        }),
    };
    let names = given["policy"]["_dns"].as_object().into_iter().flatten();
    let listed = given["policy"]["_threatIntelIndicators"].as_array();
    Question {
        carries,
        others_are_elsewhere: false,
        is_known_threat: listed
            .is_some_and(|listed| listed.contains(&flow["sni"]) || listed.contains(&flow["dst"])),
        resolved: names
            .map(|(name, list)| {
                let list = list.as_array().into_iter().flatten();
                (
                    name.clone(),
                    list.fold(AddressSet::empty(), |all, one| all.union(&address(one))),
                )
            })
            .collect(),
    }
}

#[test]
fn flows_are_decided_as_the_documents_say() {
    for Case {
        id,
        given,
        flow,
        expect,
    } in cases("firewall")
    {
        let estate = estate(&given);
        let network = Network::new(&estate, Vec::new());
        let device = estate.all::<AzureFirewall<'_>>().next().unwrap();
        let parts = firewall(&network, &device, &question(&given, &flow), &packets(&flow));
        let [part] = parts.as_slice() else {
            panic!("{id}: {parts:?}");
        };
        let outcome = match expect["verdict"].as_str().unwrap() {
            "Allow" => Outcome::Allowed,
            _ => Outcome::Denied,
        };
        assert_eq!(part.outcome.outcome, outcome, "{id}");
        let rule = match expect["decided_by"].as_str().unwrap() {
            "default" => "default deny",
            "host-port-mismatch" => "port of the Host header",
            rule => rule,
        };
        assert_eq!(part.rule.name, rule, "{id}");
    }
}

#[test]
fn names_with_wildcards_elsewhere_are_refused() {
    for Case {
        id, given, expect, ..
    } in cases("firewall-lint")
    {
        let names = |path: &str| given[path].as_array().cloned().unwrap_or_default();
        let valid = names("targetFqdns")
            .iter()
            .all(|name| target_fqdn(name.as_str().unwrap()).is_some())
            && !names("destinationFqdns")
                .iter()
                .any(|name| name.as_str().unwrap().contains('*'));
        assert_eq!(expect["valid"], valid, "{id}");
    }
}

#[test]
fn sources_are_translated_as_the_documents_say() {
    for Case {
        id,
        given,
        flow,
        expect,
    } in cases("firewall-snat")
    {
        let estate =
            estate(&json!({"policy": {"snat": {"privateRanges": given["snat"]["privateRanges"]}}}));
        let device = estate.all::<AzureFirewall<'_>>().next().unwrap();
        let treatment = match given["matchedRuleType"].as_str().unwrap() {
            "application" => Treatment::Proxied,
            _ => Treatment::Forwarded,
        };
        let there = Product::of(address(&flow["dst"]), Traffic::full());
        let packets = Product::of(address(&json!("10.0.1.4")), there);
        let parts = source_translation(&device, &treatment, &packets);
        let [(_, translation)] = parts.as_slice() else {
            panic!("{id}: {parts:?}");
        };
        assert_eq!(expect["snat"], !translation.is_identity(), "{id}");
    }
}
