//! Address ranges (Microsoft Learn, "CIDR functions for ARM templates", 2025).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use palisade_document::Derived;

use super::{Function, integer_of, strict, text_of};
use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::fault::{Fault, Outcome, fault};
use crate::value;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("cidrHost", 2, 2, cidr_host),
    strict("cidrSubnet", 3, 3, cidr_subnet),
    strict("parseCidr", 1, 1, parse_cidr),
];

fn network_of(values: &[Derived]) -> Result<IpNet, Fault> {
    let text = text_of(values, 0)?;
    let network: Option<IpNet> = text.trim().parse().ok();
    network
        .map(|network| network.trunc())
        .ok_or_else(|| Fault::new("argument 1 is no address range such as 10.0.0.0/16"))
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// The address of that number in the same family; nothing past the last.
fn address(like: IpAddr, number: u128) -> Option<IpAddr> {
    match like {
        IpAddr::V4(_) => {
            let number = u32::try_from(number).ok()?;
            Some(Ipv4Addr::from(number).into())
        }
        IpAddr::V6(_) => Some(Ipv6Addr::from(number).into()),
    }
}

fn parse_cidr(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let network = network_of(values)?;
    let text = |address: IpAddr| value::text(address.to_string());
    let (first, last) = (network.network(), network.broadcast());
    let netmask = text(network.netmask());
    let cidr = value::integer(i64::from(network.prefix_len()));
    if let IpNet::V6(_) = network {
        return Ok(value::object([
            ("network", text(first)),
            ("netmask", netmask),
            ("firstUsable", text(first)),
            ("lastUsable", text(last)),
            ("cidr", cidr),
        ]));
    }
    let has_hosts_between = network.prefix_len() < 31;
    let step = u128::from(has_hosts_between);
    let inner = |number: u128| address(first, number).map_or_else(value::null, text);
    Ok(value::object([
        ("network", text(first)),
        ("netmask", netmask),
        ("broadcast", text(last)),
        ("firstUsable", inner(number(first) + step)),
        ("lastUsable", inner(number(last) - step)),
        ("cidr", cidr),
    ]))
}

fn cidr_subnet(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let network = network_of(values)?;
    let length = u8::try_from(integer_of(values, 1)?).ok();
    let index = u128::try_from(integer_of(values, 2)?).ok();
    let longest = network.max_prefix_len();
    let Some(length) = length.filter(|length| (network.prefix_len()..=longest).contains(length))
    else {
        return fault(format!(
            "a subnet of a range of /{} has a prefix length from {} to {longest}",
            network.prefix_len(),
            network.prefix_len()
        ));
    };
    let bits = u32::from(length - network.prefix_len());
    let index = index.filter(|index| bits >= 127 || *index < 1_u128 << bits);
    let Some(index) = index else {
        return fault("the range has fewer subnets of that size");
    };
    let shift = u32::from(longest - length);
    let offset = index.checked_shl(shift).unwrap_or(0);
    match address(network.network(), number(network.network()) + offset) {
        Some(address) => Ok(value::text(format!("{address}/{length}"))),
        None => fault("the subnet lies outside the range"),
    }
}

/// Host 0 is the first usable address.
fn cidr_host(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let network = network_of(values)?;
    let index = u128::try_from(integer_of(values, 1)?).ok();
    let has_hosts_between = network.max_prefix_len() - network.prefix_len() > 1;
    let first = number(network.network()) + u128::from(has_hosts_between);
    let is_v4 = matches!(network, IpNet::V4(_));
    let last = number(network.broadcast()) - u128::from(has_hosts_between && is_v4);
    let host = index.and_then(|index| first.checked_add(index));
    match host
        .filter(|host| *host <= last)
        .and_then(|host| address(network.network(), host))
    {
        Some(address) => Ok(value::text(address.to_string())),
        None => fault("the range has fewer addresses"),
    }
}
