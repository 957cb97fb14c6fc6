//! Writes the built-in list of what clusters need outbound from the facts of Microsoft's document.

use std::fs;
use std::path::Path;

use palisade_document::{Notation, Text, Value, parse};
use palisade_reach::azure::outbound::{Endpoint, Exemption, Feature, Protocol, Table, Target};
use palisade_reach::azure::service_tags::Cloud;

/// Names of the document that are to be taken otherwise: vaults stand below the name that it has,
/// and no server at it.
const CORRECTED: [(&str, &str); 1] = [("vault.azure.net", "*.vault.azure.net")];

/// Names that the document lists beside those that take their place.
const SUPERSEDED: [(&str, &str); 1] = [("acs-mirror.azureedge.net", "packages.aks.azure.com")];

/// Reads the tables of the document as YAML: `rules`, each with `feature`, `required`, `cloud`,
/// `layer`, `protocol`, `port`, `fqdn` or `destinations_any_of`, `use` and `not_required_when`.
pub(crate) fn write(root: &Path, facts: &str) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{facts}: {error}\n");
    let content = fs::read_to_string(facts).map_err(failed)?;
    let (document, diagnostics) = parse(Text::new(facts, content), Notation::Yaml);
    if let Some(diagnostic) = diagnostics.first() {
        return Err(format!("{facts}: {}\n", diagnostic.message));
    }
    let root_value = document.roots().next();
    let member = |name| root_value.and_then(|value| value.get(name));
    let mut table = Table {
        date: text(member("source"), "ms_date")?.to_owned(),
        endpoints: Vec::new(),
    };
    for rule in member("rules").into_iter().flat_map(Value::items) {
        table.endpoints.push(endpoint(rule)?);
    }
    let target = root.join("crates/reach/src/azure/outbound/aks.endpoints");
    fs::write(&target, table.write()).map_err(failed)?;
    Ok(format!(
        "{}: {}, {} endpoints\n",
        target.display(),
        table.date,
        table.endpoints.len()
    ))
}

fn text<'d>(value: Option<Value<'d>>, name: &str) -> Result<&'d str, String> {
    let found = value.and_then(|value| value.get(name));
    found
        .map(Value::scalar)
        .ok_or_else(|| format!("`{name}` is missing\n"))
}

fn endpoint(rule: Value<'_>) -> Result<Endpoint, String> {
    let field = |name| text(Some(rule), name);
    let name = rule.get("fqdn").map(Value::scalar);
    let superseded = SUPERSEDED.iter().find(|(old, _)| name == Some(old));
    Ok(Endpoint {
        feature: feature(field("feature")?)?,
        cloud: cloud(field("cloud")?)?,
        protocol: protocol(field("protocol")?)?,
        port: field("port")?
            .parse()
            .map_err(|_| "a port is no number\n")?,
        target: match name {
            Some(name) => Target::Name(with_region(name)),
            None => target(rule)?,
        },
        is_optional: field("required")? == "false",
        unless: exemptions(rule)?,
        superseded_by: superseded.map(|(_, new)| (*new).to_owned()),
    })
}

fn feature(name: &str) -> Result<Feature, String> {
    let name = match name {
        "gpu-nodepool" => "gpu-nodes",
        "windows-nodepool" => "windows-nodes",
        "keyvault-csi" => "key-vault-provider",
        "azure-monitor" => "monitor",
        "azure-policy" => "policy",
        "cluster-extensions" => "extensions",
        other => other,
    };
    Feature::named(name).ok_or_else(|| format!("`{name}` is no feature\n"))
}

fn cloud(name: &str) -> Result<Option<Cloud>, String> {
    match name {
        "all" => Ok(None),
        "AzurePublic" => Ok(Some(Cloud::Public)),
        "AzureUSGovernment" => Ok(Some(Cloud::UsGovernment)),
        "AzureChina" => Ok(Some(Cloud::China)),
        _ => Err(format!("`{name}` is no cloud\n")),
    }
}

fn protocol(name: &str) -> Result<Protocol, String> {
    let mut all = Protocol::ALL.into_iter();
    let found = all.find(|protocol| protocol.as_str().eq_ignore_ascii_case(name));
    found.ok_or_else(|| format!("`{name}` is no protocol\n"))
}

fn with_region(name: &str) -> String {
    let corrected = CORRECTED.iter().find(|(old, _)| *old == name);
    let name = corrected.map_or(name, |(_, new)| new);
    ["<location>", "<region>", "<cluster-region-name>"]
        .iter()
        .fold(name.to_owned(), |name, placeholder| {
            name.replace(placeholder, "{region}")
        })
}

/// The narrowest of the destinations that do.
fn target(rule: Value<'_>) -> Result<Target, String> {
    let destinations = rule.get("destinations_any_of");
    let all: Vec<_> = destinations.into_iter().flat_map(Value::items).collect();
    let of_kind = |kind: &str, value: Option<&str>| {
        let mut all = all.iter().filter(|one| {
            let is = |name, expected| one.get(name).map(Value::scalar) == Some(expected);
            is("kind", kind) && value.is_none_or(|value| is("value", value))
        });
        all.find_map(|one| one.get("value")).map(Value::scalar)
    };
    if of_kind("placeholder", Some("APIServerPublicIP")).is_some() {
        return Ok(Target::ApiServer);
    }
    if of_kind("placeholder", Some("CustomDNSIP")).is_some() {
        return Ok(Target::DnsServers);
    }
    let name = of_kind("fqdn", None).map(|name| Target::Name(name.to_owned()));
    let tag = of_kind("serviceTag", None).map(|tag| Target::ServiceTag(tag.to_owned()));
    name.or(tag)
        .ok_or_else(|| "a rule has no known destination\n".to_owned())
}

/// The tables say of whom an endpoint isn't required, those of names in the words of its use.
fn exemptions(rule: Value<'_>) -> Result<Vec<Exemption>, String> {
    let mut unless = Vec::new();
    let said = rule.get("not_required_when");
    for words in said.into_iter().flat_map(Value::items).map(Value::scalar) {
        let known = [
            ("private clusters", Exemption::Private),
            ("konnectivity-agent", Exemption::KonnectivityAgent),
            ("after March 2021", Exemption::NodesAfterMarch2021),
        ];
        let before = unless.len();
        unless.extend(
            known
                .iter()
                .filter(|(part, _)| words.contains(part))
                .map(|(_, exemption)| *exemption),
        );
        if unless.len() == before {
            return Err(format!("`{words}` is no known exemption\n"));
        }
    }
    let of_use = rule.get("use").map(Value::scalar).unwrap_or_default();
    if of_use.contains("Private clusters") && of_use.contains("this rule is not required") {
        unless.push(Exemption::Private);
    }
    Ok(unless)
}
