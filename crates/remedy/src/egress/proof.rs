//! The proof of a plan: its template, read back and asked.

use palisade_document::Diagnostic;
use palisade_estate::azure::AzureFirewall;
use palisade_packet::AddressSet;
use palisade_reach::azure::firewall::RuleBook;
use palisade_reach::azure::outbound::Needs;
use palisade_reach::azure::{Network, ServiceTags};
use palisade_reach::egress::{Answer, Beyond, answers, beyond};
use palisade_sources::{Deployment, File, Options};
use serde_json::json;

use super::{Group, template};

/// What a firewall with nothing but a plan does.
#[derive(Clone, Debug)]
pub struct Proof {
    /// With what the cluster needs, in its order.
    pub answers: Vec<Answer>,
    /// With everything else.
    pub beyond: Beyond,
}

/// Proves a group over all packets of a cluster: the template is read as one of an estate that
/// has a firewall with an empty policy, whose DNS proxy is on, and the firewall is asked. Gives
/// what was wrong with the template if it can't be read.
pub fn prove(
    group: &Group,
    needs: &Needs,
    sources: &AddressSet,
    tags: Vec<ServiceTags>,
) -> Result<Proof, Vec<Diagnostic>> {
    let files = [
        (
            "plan.json",
            template(std::slice::from_ref(group), Some("policy")),
        ),
        ("firewall.json", firewall(&needs.region)),
    ];
    let load = |(path, text): &(&str, String)| {
        Ok(File {
            path: (*path).to_owned(),
            bytes: text.clone().into_bytes(),
        })
    };
    let options = Options {
        assume_complete: true,
        deployment: Deployment {
            subscription: Some(SUBSCRIPTION.to_owned()),
            resource_group: Some("plan".to_owned()),
            location: Some(needs.region.clone()),
        },
        parameters: Vec::new(),
    };
    let input = palisade_sources::read_all(&files, load, options);
    if !input.diagnostics.is_empty() {
        return Err(input.diagnostics);
    }
    let network = Network::new(&input.estate, tags);
    let mut proof = Proof {
        answers: Vec::new(),
        beyond: Beyond::default(),
    };
    if let Some(device) = input.estate.all::<AzureFirewall<'_>>().next() {
        let rules = RuleBook::of(&network, &device);
        proof.answers = answers(&rules, sources, needs);
        proof.beyond = beyond(&rules, sources, needs);
    }
    Ok(proof)
}

const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

fn firewall(region: &str) -> String {
    let id = |kind: &str, name: &str| {
        format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/plan/providers/Microsoft.Network/{kind}/{name}"
        )
    };
    let policy = id("firewallPolicies", "policy");
    json!([
        {"id": policy, "name": "policy", "type": "Microsoft.Network/firewallPolicies",
         "location": region, "properties": {"dnsSettings": {"enableProxy": true}}},
        {"id": id("azureFirewalls", "firewall"), "name": "firewall",
         "type": "Microsoft.Network/azureFirewalls", "location": region,
         "properties": {"firewallPolicy": {"id": policy}}},
    ])
    .to_string()
}
