//! The source address that packets have behind a firewall.
//!
//! Network rules leave the source of packets to private ranges as it is and give others a public
//! address of the firewall; application rules always translate ("Azure Firewall SNAT private IP
//! address ranges", Microsoft Learn, 2023-08-02). What a NAT rule sends to a private address, and
//! what else is translated on its way to one, gets an address of the firewall's subnet ("Azure
//! Firewall NAT Behaviors", Azure Network Security Blog, 2023-05-19).

use ipnet::IpNet;
use palisade_estate::azure::{AzureFirewall, FirewallPolicy, PublicIpAddress, Subnet};
use palisade_estate::{Field, Unknown};
use palisade_packet::{AddressSet, PacketSet, Product, Set, Traffic};

use super::Treatment;
use super::order::lineage;
use crate::azure::address::{addresses, public_addresses};
use crate::azure::{Bounds, Prefixes, Translation};

/// Splits packets that passed by a treatment by what becomes of their source. The packets are
/// those after a NAT rule has given them their destination.
pub fn source_translation(
    firewall: &AzureFirewall<'_>,
    treatment: &Treatment,
    packets: &PacketSet,
) -> Vec<(PacketSet, Translation)> {
    let translated = match treatment {
        Treatment::Dropped => return Vec::new(),
        Treatment::Proxied | Treatment::Translated(_) => Bounds::exactly(AddressSet::full()),
        Treatment::Forwarded => {
            Bounds::exactly(AddressSet::full()).difference(&private_ranges(firewall))
        }
    };
    let to = |addresses: &AddressSet| {
        let there: PacketSet = Product::of(
            AddressSet::full(),
            Product::of(addresses.clone(), Traffic::full()),
        );
        packets.intersection(&there)
    };
    let public = public_addresses();
    let mut parts = vec![(to(&translated.most.complement()), Translation::default())];
    for (there, pool) in [
        (public.clone(), public_pool(firewall)),
        (public.complement(), subnet_pool(firewall)),
    ] {
        let translation = Translation {
            source: Some(pool.most),
            causes: pool.causes,
            ..Translation::default()
        };
        parts.push((
            to(&translated.least.intersection(&there)),
            translation.clone(),
        ));
        let doubtful = translated.most.difference(&translated.least);
        let open = to(&doubtful.intersection(&there));
        parts.push((
            open.clone(),
            perhaps(translation, &open, &translated.causes),
        ));
    }
    parts.retain(|(packets, _)| !packets.is_empty());
    parts
}

/// The translation of packets of which it isn't known whether they are translated.
fn perhaps(mut translation: Translation, packets: &PacketSet, causes: &[Unknown]) -> Translation {
    translation.source = translation.source.map(|pool| pool.union(&packets.lefts()));
    translation.causes.extend(causes.iter().cloned());
    translation
}

/// The ranges to which network rules don't translate: those of private use and the shared ones
/// unless others are set.
fn private_ranges(firewall: &AzureFirewall<'_>) -> Bounds<AddressSet> {
    let policy = match firewall.policy() {
        Field::Absent(_) => return classic_ranges(firewall),
        Field::Present(id, _) => firewall.estate().require::<FirewallPolicy<'_>>(&id),
        Field::Unknown(unknown) => Err(unknown),
    };
    let (own, others, gap) = match policy {
        Ok(policy) => {
            let (mut levels, gap) = lineage(policy);
            levels.pop();
            (policy, levels, gap)
        }
        Err(unknown) => return Bounds::unknown(unknown),
    };
    let learned = match own.flag("snat.autoLearnPrivateRanges").or_default(false) {
        Ok((false, _)) => Bounds::exactly(AddressSet::empty()),
        Ok((true, _)) => Bounds::unknown(Unknown::because(
            "the private ranges that the firewall has learned aren't in the input",
            "az network firewall learned-ip-prefix",
        )),
        Err(unknown) => Bounds::unknown(unknown),
    };
    let is_set_above = gap.is_some()
        || others
            .iter()
            .any(|level| !matches!(level.property("snat"), Field::Absent(_)));
    let written = match own.texts("snat.privateRanges") {
        Ok(texts) if texts.is_empty() && is_set_above => Bounds::unknown(Unknown::because(
            "whether private ranges of the base policy hold isn't documented",
            "set `snat` in the policy itself",
        )),
        Ok(texts) => ranges(texts.into_iter().map(|(text, _)| text)),
        Err(unknown) => Bounds::unknown(unknown),
    };
    written.union(&learned)
}

/// `additionalProperties."Network.SNAT.PrivateRanges"` of a firewall with classic rules.
fn classic_ranges(firewall: &AzureFirewall<'_>) -> Bounds<AddressSet> {
    let text = match firewall.property("additionalProperties") {
        Field::Present(value, _) => value
            .get_ignore_case("Network.SNAT.PrivateRanges")
            .and_then(|value| value.as_str())
            .unwrap_or_default(),
        Field::Absent(_) => "",
        Field::Unknown(unknown) => return Bounds::unknown(unknown),
    };
    ranges(
        text.split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty()),
    )
}

fn ranges<'t>(texts: impl Iterator<Item = &'t str>) -> Bounds<AddressSet> {
    let mut all: Option<Bounds<AddressSet>> = None;
    for text in texts {
        let one = match text.eq_ignore_ascii_case("IANAPrivateRanges") {
            true => Bounds::exactly(iana_ranges()),
            // What says that everything is translated is a range that holds nothing else.
            false if text == "255.255.255.255/32" => Bounds::exactly(AddressSet::empty()),
            false => match addresses(text) {
                Some(addresses) => Bounds::exactly(addresses),
                None => Bounds::unknown(Unknown::because(
                    format!("`{text}` is no range"),
                    "correct the setting",
                )),
            },
        };
        all = Some(all.map_or_else(|| one.clone(), |all| all.union(&one)));
    }
    all.unwrap_or_else(|| Bounds::exactly(iana_ranges()))
}

fn iana_ranges() -> AddressSet {
    const RANGES: [([u8; 4], u8); 4] = [
        ([10, 0, 0, 0], 8),
        ([172, 16, 0, 0], 12),
        ([192, 168, 0, 0], 16),
        ([100, 64, 0, 0], 10),
    ];
    let ranges = RANGES.iter().filter_map(|&(octets, length)| {
        IpNet::new(std::net::Ipv4Addr::from(octets).into(), length).ok()
    });
    ranges.map(AddressSet::from).collect()
}

/// The public addresses of the firewall, unless a NAT gateway of its subnet takes their place.
fn public_pool(firewall: &AzureFirewall<'_>) -> Bounds<AddressSet> {
    let unknown = |cause: &str| {
        let cause = format!("{cause} `{}` isn't in the input", firewall.name());
        Bounds::between(
            AddressSet::empty(),
            public_addresses(),
            vec![Unknown::because(cause, "az network public-ip list")],
        )
    };
    for configuration in firewall.elements("ipConfigurations").unwrap_or_default() {
        if let Some(id) = configuration.reference("subnet").present()
            && let Ok(subnet) = firewall.estate().require::<Subnet<'_>>(&id)
            && !matches!(subnet.nat_gateway(), Field::Absent(_))
        {
            return unknown("the address of the NAT gateway of firewall");
        }
    }
    let mut pool = AddressSet::empty();
    let ids = firewall.public_ip_address_ids().unwrap_or_default();
    for id in &ids {
        let address = firewall.estate().require::<PublicIpAddress<'_>>(id).ok();
        match address.and_then(|address| addresses(address.text("ipAddress").present()?)) {
            Some(address) => pool = pool.union(&address),
            None => return unknown("a public address of firewall"),
        }
    }
    for text in firewall.hub_public_addresses().unwrap_or_default() {
        pool = pool.union(&addresses(text).unwrap_or_else(public_addresses));
    }
    match pool.is_empty() {
        true => unknown("the public address of firewall"),
        false => Bounds::exactly(pool),
    }
}

/// The addresses of the firewall's subnet, of which each of its instances has one.
fn subnet_pool(firewall: &AzureFirewall<'_>) -> Bounds<AddressSet> {
    let mut pool: Option<Bounds<AddressSet>> = None;
    for configuration in firewall.elements("ipConfigurations").unwrap_or_default() {
        let Field::Present(id, _) = configuration.reference("subnet") else {
            continue;
        };
        let subnet = firewall.estate().require::<Subnet<'_>>(&id);
        let prefixes = subnet.and_then(|subnet| subnet.address_prefixes());
        let own = Prefixes::read(prefixes).addresses();
        pool = Some(pool.map_or_else(|| own.clone(), |pool| pool.union(&own)));
    }
    pool.unwrap_or_else(|| {
        Bounds::unknown(Unknown::because(
            format!(
                "the subnet of firewall `{}` isn't in the input",
                firewall.name()
            ),
            "az network vnet list",
        ))
    })
}
