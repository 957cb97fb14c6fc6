//! The list as a file: a line with its date, and a line an endpoint.
//!
//! ```text
//! aks-endpoints 1 2026-06-18
//! base public https 443 *.hcp.{region}.azmk8s.io unless=private
//! ```

use super::{Endpoint, Exemption, Feature, Protocol, Target};
use crate::azure::service_tags::Cloud;

/// The endpoints that clusters need, as of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The day of the document as `YYYY-MM-DD`.
    pub date: String,
    /// The endpoints, in the order of the document.
    pub endpoints: Vec<Endpoint>,
}

const HEADER: &str = "aks-endpoints 1 ";

impl Table {
    /// Reads a file, and gives the lines that couldn't be read.
    pub fn read(text: &str) -> (Self, Vec<&str>) {
        let mut table = Self::default();
        let mut unread = Vec::new();
        for line in text.lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match (line.strip_prefix(HEADER), read_line(line)) {
                (Some(date), _) => table.date = date.to_owned(),
                (None, Some(endpoint)) => table.endpoints.push(endpoint),
                (None, None) => unread.push(line),
            }
        }
        (table, unread)
    }

    /// Writes a file.
    pub fn write(&self) -> String {
        let mut text = format!(
            "# What clusters need outbound, by feature and cloud. Written by `cargo xtask aks-outbound`.\n{HEADER}{}\n",
            self.date
        );
        for endpoint in &self.endpoints {
            text.push_str(&line(endpoint));
            text.push('\n');
        }
        text
    }
}

fn read_line(line: &str) -> Option<Endpoint> {
    let mut words = line.split(' ');
    let mut endpoint = Endpoint {
        feature: Feature::named(words.next()?)?,
        cloud: match words.next()? {
            "all" => None,
            name => Some(Cloud::named(name)?),
        },
        protocol: protocol(words.next()?)?,
        port: words.next()?.parse().ok()?,
        target: target(words.next()?),
        is_optional: false,
        unless: Vec::new(),
        superseded_by: None,
    };
    for word in words {
        match word.split_once('=') {
            None if word == "optional" => endpoint.is_optional = true,
            Some(("unless", name)) => endpoint.unless.push(exemption(name)?),
            Some(("superseded-by", name)) => endpoint.superseded_by = Some(name.to_owned()),
            _ => return None,
        }
    }
    Some(endpoint)
}

fn protocol(name: &str) -> Option<Protocol> {
    let mut all = Protocol::ALL.into_iter();
    all.find(|protocol| protocol.as_str() == name)
}

fn exemption(name: &str) -> Option<Exemption> {
    let mut all = Exemption::ALL.into_iter();
    all.find(|exemption| exemption.as_str() == name)
}

fn target(text: &str) -> Target {
    match (text, text.strip_prefix("tag:")) {
        ("api-server", _) => Target::ApiServer,
        ("dns-servers", _) => Target::DnsServers,
        (_, Some(tag)) => Target::ServiceTag(tag.to_owned()),
        (name, None) => Target::Name(name.to_owned()),
    }
}

fn line(endpoint: &Endpoint) -> String {
    let cloud = endpoint.cloud.map_or("all".to_owned(), |cloud| {
        cloud.as_str().to_ascii_lowercase()
    });
    let target = match &endpoint.target {
        Target::Name(name) => name.clone(),
        Target::ServiceTag(tag) => format!("tag:{tag}"),
        Target::ApiServer => "api-server".to_owned(),
        Target::DnsServers => "dns-servers".to_owned(),
    };
    let mut line = format!(
        "{} {cloud} {} {} {target}",
        endpoint.feature.as_str(),
        endpoint.protocol.as_str(),
        endpoint.port,
    );
    if endpoint.is_optional {
        line.push_str(" optional");
    }
    for exemption in &endpoint.unless {
        line.push_str(&format!(" unless={}", exemption.as_str()));
    }
    if let Some(name) = &endpoint.superseded_by {
        line.push_str(&format!(" superseded-by={name}"));
    }
    line
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::azure::outbound::is_in_fqdn_tag;

    const FILE: &str = include_str!("aks.endpoints");

    #[test]
    fn the_built_in_file_is_read_whole() {
        let (table, unread) = Table::read(FILE);
        assert!(unread.is_empty(), "{unread:?}");
        assert_eq!(table.write(), FILE);
        assert!(table.endpoints.len() > 100);
    }

    #[test]
    fn the_tag_holds_what_every_cluster_needs_in_its_cloud() {
        let is_in = |name| is_in_fqdn_tag(Cloud::Public, name);
        assert!(is_in("mcr.microsoft.com"));
        assert!(is_in("eastus.data.mcr.microsoft.com"));
        assert!(is_in("aks-1.hcp.northeurope.azmk8s.io"));
        assert!(!is_in("hcp.northeurope.azmk8s.io"));
        assert!(!is_in("northeurope.azmk8s.io"));
        assert!(!is_in("data.policy.core.windows.net"));
        assert!(!is_in("management.usgovcloudapi.net"));
        assert!(is_in_fqdn_tag(
            Cloud::UsGovernment,
            "management.usgovcloudapi.net"
        ));
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_far_as_it_makes_sense(text in "[a-z*{}=:. 0-9\n-]{0,80}") {
            let (table, _) = Table::read(&text);
            let written = table.write();
            let (again, unread) = Table::read(&written);
            prop_assert_eq!(table, again);
            prop_assert!(unread.is_empty());
        }
    }
}
