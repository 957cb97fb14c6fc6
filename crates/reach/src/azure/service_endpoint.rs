//! Service endpoints: routes of a subnet straight to the public addresses of a service.

use palisade_estate::azure::Subnet;
use palisade_estate::{Settings, Unknown};

use super::{Prefixes, ServiceTags};

/// A service that a subnet reaches past its other routes.
pub(super) struct ServiceEndpoint<'e> {
    /// The entry of the subnet.
    pub(super) entry: Settings<'e>,
    /// The service: `Microsoft.Storage`.
    pub(super) service: &'e str,
    /// Its prefixes.
    pub(super) prefixes: Prefixes,
}

/// The services and the tags of their addresses ("Virtual network service endpoints", Microsoft
/// Learn, 2025).
const TAGS: [(&str, &str); 12] = [
    ("microsoft.azureactivedirectory", "AzureActiveDirectory"),
    ("microsoft.azurecosmosdb", "AzureCosmosDB"),
    ("microsoft.cognitiveservices", "CognitiveServicesManagement"),
    ("microsoft.containerregistry", "AzureContainerRegistry"),
    ("microsoft.eventhub", "EventHub"),
    ("microsoft.keyvault", "AzureKeyVault"),
    ("microsoft.servicebus", "ServiceBus"),
    ("microsoft.sql", "Sql"),
    ("microsoft.storage", "Storage"),
    ("microsoft.storage.global", "Storage"),
    ("microsoft.web", "AppService"),
    ("microsoft.azuredatabricks", "AzureDatabricks"),
];

/// The service endpoints of a subnet.
pub(super) fn service_endpoints<'e>(
    subnet: &Subnet<'e>,
    tags: &ServiceTags,
) -> Result<Vec<ServiceEndpoint<'e>>, Unknown> {
    let entries = subnet.service_endpoints()?;
    let mut endpoints = Vec::new();
    for entry in entries {
        let (service, _) = entry.text("service").or_default("")?;
        endpoints.push(ServiceEndpoint {
            prefixes: prefixes(&entry, service, tags),
            entry,
            service,
        });
    }
    Ok(endpoints)
}

/// The addresses of the service in the regions that the entry lists; in all regions for `*`.
/// Without a list these are the subnet's region and, of some services, its pair.
fn prefixes(entry: &Settings<'_>, service: &str, tags: &ServiceTags) -> Prefixes {
    let key = service.to_ascii_lowercase();
    let tag = TAGS.iter().find(|(known, _)| *known == key);
    let Some((tag, all)) = tag.and_then(|(_, tag)| Some((*tag, tags.prefixes(tag)?))) else {
        return Prefixes::unknown(Unknown::because(
            format!("the addresses of service endpoint `{service}` aren't known"),
            "az network nic show-effective-route-table for a machine of the subnet",
        ));
    };
    let locations = match entry.texts("locations") {
        Ok(locations) => locations,
        Err(unknown) => return Prefixes::exactly(all).doubtful(unknown),
    };
    if locations.iter().any(|(text, _)| *text == "*") {
        return Prefixes::exactly(all);
    }
    let regional = locations.iter().filter_map(|(region, _)| {
        let region: String = region.chars().filter(|c| !c.is_whitespace()).collect();
        tags.prefixes(&format!("{tag}.{region}"))
    });
    let certain: Vec<_> = regional.flatten().collect();
    if !certain.is_empty() {
        return Prefixes::exactly(certain);
    }
    Prefixes::exactly(all).doubtful(Unknown::because(
        format!("the input doesn't say for which regions service endpoint `{service}` holds"),
        "az network vnet subnet show",
    ))
}
