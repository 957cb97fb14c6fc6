//! Appliances of other makers, as somebody declares them.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::address::prefix;
use crate::intent::parse_traffic;

/// A firewall, proxy or router of another maker, of which Azure knows only its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appliance {
    /// What it is called.
    pub name: String,
    /// What it is: `Barracuda WAF`; for people.
    pub kind: String,
    /// The private address that routes name.
    pub address: IpAddr,
    /// The packets that it lets through, by the addresses that they come with.
    pub allows: PacketSet,
    /// Whether they leave it with its own address as source.
    pub translates: bool,
    /// Where it is declared: `palisade.toml:12`.
    pub place: String,
}

/// `10.1.0.0/16 -> 0.0.0.0/0 tcp/443`: packets by source, destination and traffic, of which `any`
/// stands for all. Without traffic all of it is meant. The error is a sentence for whoever wrote the
/// text.
pub fn parse_packets(text: &str) -> Result<PacketSet, String> {
    let refused = || {
        format!(
            "`{text}` names no packets; write `10.1.0.0/16 -> 203.0.113.0/24 tcp/443` or `any -> any`"
        )
    };
    let (from, rest) = text.split_once("->").ok_or_else(refused)?;
    let mut rest = rest.split_whitespace();
    let side = |text: &str| match text {
        "any" => Some(AddressSet::full()),
        text => prefix(text).map(|prefix: IpNet| AddressSet::from(prefix)),
    };
    let from = side(from.trim()).ok_or_else(refused)?;
    let to = rest.next().and_then(side).ok_or_else(refused)?;
    let traffic = match (rest.next(), rest.next()) {
        (None, _) => Traffic::full(),
        (Some(traffic), None) => parse_traffic(traffic)?,
        (Some(_), Some(_)) => return Err(refused()),
    };
    Ok(Product::of(from, Product::of(to, traffic)))
}
