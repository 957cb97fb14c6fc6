//! What clusters need outbound, by their settings.

use palisade_estate::Estate;
use palisade_estate::azure::ManagedCluster;
use palisade_reach::azure::outbound::{
    Destination, Feature, Need, Needs, Presence, Protocol, built_in, needs,
};
use serde_json::{Value, json};

use crate::estate::{estate, estate_of, id, resource};

const CLUSTER: &str =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks-1";

fn cluster(location: &str, properties: Value) -> Value {
    json!({"id": CLUSTER, "name": "aks-1", "type": "Microsoft.ContainerService/managedClusters",
           "location": location, "properties": properties})
}

fn of(estate: &Estate) -> Needs {
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    needs(&cluster, built_in(), &[], &[]).unwrap()
}

fn find(needs: &Needs, protocol: Protocol, port: u16) -> Vec<&Need> {
    let alike = needs.needs.iter();
    alike
        .filter(|need| need.protocol == protocol && need.port == port)
        .collect()
}

fn named<'n>(needs: &'n Needs, name: &str) -> Option<&'n Need> {
    let name = Destination::Name(name.to_owned());
    needs.needs.iter().find(|need| need.destination == name)
}

#[test]
fn a_public_cluster_needs_the_name_of_its_api_server_in_its_region() {
    let pools = json!([{"name": "a", "orchestratorVersion": "1.33.2"}]);
    let estate = estate(&[cluster(
        "West Europe",
        json!({"fqdn": "aks-1.hcp.westeurope.azmk8s.io", "agentPoolProfiles": pools}),
    )]);
    let needs = of(&estate);
    assert!(named(&needs, "*.hcp.westeurope.azmk8s.io").is_some());
    let api = Destination::ApiServer(Ok("aks-1.hcp.westeurope.azmk8s.io".to_owned()));
    let tunnel = find(&needs, Protocol::Udp, 1194);
    assert_eq!(tunnel[0].destination, api);
    assert!(tunnel[0].doubt.is_some(), "the agent isn't in the input");
    let direct = find(&needs, Protocol::Tcp, 443);
    assert_eq!((&direct[0].destination, &direct[0].doubt), (&api, &None));
    assert!(
        find(&needs, Protocol::Udp, 123).is_empty(),
        "nodes are young"
    );
    assert!(
        find(&needs, Protocol::Udp, 53).is_empty(),
        "in no network of its own"
    );
}

#[test]
fn the_agent_of_konnectivity_takes_the_place_of_the_tunnel() {
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "konnectivity-agent", "namespace": "kube-system"}});
    let estate = estate_of(&[
        ("aks-1/cluster.json", cluster("westeurope", json!({}))),
        ("aks-1/objects.json", deployment),
    ]);
    assert!(find(&of(&estate), Protocol::Udp, 1194).is_empty());
}

#[test]
fn a_private_cluster_needs_no_public_api_server() {
    let private = json!({"apiServerAccessProfile": {"enablePrivateCluster": true}});
    for region in ["westeurope", "usgovvirginia"] {
        let estate = estate(&[cluster(region, private.clone())]);
        let needs = of(&estate);
        let mut all = needs.needs.iter();
        assert!(!all.any(|need| matches!(need.destination, Destination::ApiServer(_))));
    }
    let estate = estate(&[cluster("westeurope", private)]);
    assert!(named(&of(&estate), "*.hcp.westeurope.azmk8s.io").is_none());
}

#[test]
fn features_add_what_they_need_each_endpoint_once() {
    let estate = estate(&[cluster(
        "westeurope",
        json!({
            "addonProfiles": {"azurepolicy": {"enabled": true}, "omsagent": {"enabled": false}},
            "securityProfile": {"defender": {"securityMonitoring": {"enabled": true}}},
            "metricsProfile": {"costAnalysis": {"enabled": true}},
            "agentPoolProfiles": [
                {"name": "gpu", "vmSize": "Standard_NC24ads_A100_v4", "orchestratorVersion": "1.20.1"},
                {"name": "win", "osType": "Windows", "vmSize": "Standard_NP10s"}],
        }),
    )]);
    let needs = of(&estate);
    let has = |feature| {
        let mut all = needs.features.iter();
        let found = all.find(|(own, _)| *own == feature);
        found.map(|(_, presence)| presence.clone()).unwrap()
    };
    assert!(matches!(has(Feature::GpuNodes), Presence::Has(_)));
    assert!(matches!(has(Feature::WindowsNodes), Presence::Has(_)));
    assert_eq!(has(Feature::Monitor), Presence::HasNot);
    assert!(
        matches!(has(Feature::Extensions), Presence::HasNot),
        "all is in the input"
    );
    assert!(named(&needs, "data.policy.core.windows.net").is_some());
    assert!(
        named(&needs, "ntp.ubuntu.com").is_some(),
        "a node may be old"
    );
    let login = named(&needs, "login.microsoftonline.com").unwrap();
    let features: Vec<_> = login.reasons.iter().map(|reason| reason.feature).collect();
    assert_eq!(
        features,
        [Feature::Base, Feature::Defender, Feature::CostAnalysis]
    );
    let mirror = named(&needs, "acs-mirror.azureedge.net").unwrap();
    assert_eq!(
        mirror.superseded_by.as_deref(),
        Some("packages.aks.azure.com")
    );
}

#[test]
fn own_dns_servers_are_needed_but_not_a_firewall_that_answers_itself() {
    let subnet = id("virtualNetworks/v/subnets/n");
    let estate = estate(&[
        cluster(
            "westeurope",
            json!({"agentPoolProfiles": [{"name": "a", "vnetSubnetID": subnet}]}),
        ),
        resource(
            "virtualNetworks",
            "v",
            json!({"dhcpOptions": {"dnsServers": ["10.0.9.4", "10.0.0.4", "168.63.129.16"]},
                   "subnets": [{"id": subnet, "name": "n"}]}),
        ),
        resource(
            "azureFirewalls",
            "fw",
            json!({"ipConfigurations": [{"name": "i", "properties": {"privateIPAddress": "10.0.0.4"}}]}),
        ),
    ]);
    let needs = of(&estate);
    let servers = find(&needs, Protocol::Udp, 53);
    let expected = Destination::Addresses(vec!["10.0.9.4".parse().unwrap()]);
    assert_eq!(servers[0].destination, expected);
}

#[test]
fn a_network_isolated_cluster_needs_nothing() {
    let estate = estate(&[cluster(
        "westeurope",
        json!({"networkProfile": {"outboundType": "none"},
               "bootstrapProfile": {"artifactSource": "Cache"}}),
    )]);
    let needs = of(&estate);
    assert!(needs.isolated.is_some() && needs.needs.is_empty());
}

#[test]
fn what_the_user_says_of_features_counts() {
    let estate = estate(&[cluster("chinaeast2", json!({}))]);
    let cluster = estate.all::<ManagedCluster<'_>>().next().unwrap();
    let chosen = needs(
        &cluster,
        built_in(),
        &[Feature::OsUpdates, Feature::Policy],
        &[Feature::Base],
    );
    let chosen = chosen.unwrap();
    assert!(named(&chosen, "security.ubuntu.com").is_some());
    assert!(named(&chosen, "data.policy.azure.cn").is_some());
    assert!(named(&chosen, "mcr.microsoft.com").is_none());
}
