//! Rules of Cilium's policies that AKS enforces only with Advanced Container Networking Services.

use palisade_document::Value;
use palisade_estate::azure::ManagedCluster;
use palisade_estate::kubernetes::CiliumRule;
use palisade_estate::{Object, Unknown};

/// A rule that takes more than the cluster has.
pub(super) struct Unserved<'e> {
    /// What the rule is about.
    pub(super) what: &'static str,
    /// The least value of `advancedNetworkPolicies` that it takes.
    pub(super) needs: &'static str,
    /// The value that is in force.
    pub(super) has: &'e str,
    pub(super) at: Value<'e>,
}

/// The first rule of a policy that the cluster's services don't serve.
pub(super) fn unserved<'e>(
    policy: &Object<'e>,
    cluster: &ManagedCluster<'e>,
) -> Result<Option<Unserved<'e>>, Unknown> {
    let rules = CiliumRule::all(policy);
    let by_request = rules.iter().find_map(CiliumRule::requests);
    let by_name = rules.iter().find_map(CiliumRule::names);
    let (what, needs, at) = match (by_request, by_name) {
        (Some(at), _) => ("requests (toPorts.rules)", "L7", at),
        (None, Some(at)) => ("names (toFQDNs)", "FQDN", at),
        (None, None) => return Ok(None),
    };
    let has = served(cluster)?;
    let is_served = match has.to_ascii_lowercase().as_str() {
        "l7" => true,
        "fqdn" => needs == "FQDN",
        "none" => false,
        other => {
            return Err(Unknown::because(
                format!(
                    "advancedNetworkPolicies is {other}, which is newer than this version of Palisade"
                ),
                "a newer version of Palisade",
            ));
        }
    };
    Ok((!is_served).then_some(Unserved {
        what,
        needs,
        has,
        at,
    }))
}

/// The policies that the cluster's services serve: none where the services are off.
fn served<'e>(cluster: &ManagedCluster<'e>) -> Result<&'e str, Unknown> {
    let (services, _) = cluster.advanced_networking_enabled().or_default(false)?;
    let (security, _) = cluster
        .advanced_networking_security_enabled()
        .or_default(services)?;
    if !services || !security {
        return Ok("None");
    }
    let (policies, _) = cluster.advanced_network_policies().or_default("FQDN")?;
    Ok(policies)
}
