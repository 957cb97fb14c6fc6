//! What is asked of a firewall beside addresses and ports.

use std::collections::BTreeMap;

use palisade_packet::AddressSet;

/// What packets carry, and what names stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// What application rules can tell of the packets.
    pub carries: Carries,
    /// Whether Microsoft's threat intelligence lists their address or name. The list isn't
    /// public: the answer is for packets that are listed or aren't, as asked.
    pub is_known_threat: bool,
    /// The addresses that names resolve to, by the name in lower case.
    pub resolved: BTreeMap<String, AddressSet>,
    /// Whether all other names are taken to resolve to none of the addresses that are asked about.
    pub others_are_elsewhere: bool,
}

/// What application rules can tell of packets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Carries {
    /// Nothing is known.
    #[default]
    Unknown,
    /// None of the protocols that application rules look at.
    Other,
    /// A request to a server.
    Request(Request),
}

/// A request to a server, as far as it can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its protocol.
    pub protocol: ApplicationProtocol,
    /// The name of the server in the TLS handshake.
    pub server_name: Option<String>,
    /// The `Host` header, perhaps with a port. Within TLS a firewall sees it only if it ends the
    /// connection; taken for the server's name if nothing is given.
    pub host: Option<String>,
}

/// A protocol of application rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplicationProtocol {
    /// HTTP without TLS.
    Http,
    /// HTTP within TLS.
    Https,
    /// SQL Server.
    Mssql,
}

impl ApplicationProtocol {
    /// The protocol of a rule's `protocolType`, in any letter case.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "http" => Some(Self::Http),
            "https" => Some(Self::Https),
            "mssql" => Some(Self::Mssql),
            _ => None,
        }
    }
}

impl Request {
    /// An ordinary request to a name.
    pub fn to(protocol: ApplicationProtocol, name: &str) -> Self {
        let name = Some(name.to_owned());
        match protocol {
            ApplicationProtocol::Http => Self {
                protocol,
                server_name: None,
                host: name,
            },
            _ => Self {
                protocol,
                server_name: name,
                host: None,
            },
        }
    }

    /// The name that a firewall goes by which doesn't end TLS.
    pub fn name(&self) -> Option<&str> {
        match self.protocol {
            ApplicationProtocol::Http => self.host_name(),
            _ => self.server_name.as_deref(),
        }
    }

    /// The name in the `Host` header.
    pub fn host_name(&self) -> Option<&str> {
        let host = self.host.as_deref()?;
        Some(host.rsplit_once(':').map_or(host, |(name, _)| name))
    }

    /// The port that the `Host` header of HTTP names.
    pub fn host_port(&self) -> Option<u16> {
        match self.protocol {
            ApplicationProtocol::Http => self.host.as_deref()?.rsplit_once(':')?.1.parse().ok(),
            _ => None,
        }
    }
}
