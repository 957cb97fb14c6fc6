//! What the tiers of Application Gateway are.

use palisade_document::Value;
use palisade_estate::azure::ApplicationGateway;
use palisade_estate::{Field, Unknown};

/// The tier of a gateway, as Azure spells it, and its place.
pub(super) struct Tier<'e> {
    pub(super) word: &'e str,
    pub(super) at: Value<'e>,
    pub(super) has_waf: bool,
    /// Whether it is of the first generation, which ended on 2026-04-28.
    pub(super) is_first_generation: bool,
}

/// Tiers, and the sizes of the first generation by which `sku.name` gives the tier away: with
/// a firewall, and of the first generation.
const TIERS: [(&str, bool, bool); 12] = [
    ("standard", false, true),
    ("standard_small", false, true),
    ("standard_medium", false, true),
    ("standard_large", false, true),
    ("waf", true, true),
    ("waf_medium", true, true),
    ("waf_large", true, true),
    ("standard_v2", false, false),
    ("basic", false, false),
    ("basic_v2", false, false),
    ("waf_v2", true, false),
    ("basic_waf_v2", true, false),
];

/// `sku.tier`, or what `sku.name` says where the tier is left out.
pub(super) fn of<'e>(gateway: &ApplicationGateway<'e>) -> Result<Tier<'e>, Unknown> {
    let (word, at) = match gateway.tier() {
        Field::Present(word, at) => (word, at),
        Field::Unknown(unknown) => return Err(unknown),
        Field::Absent(_) => gateway.text("sku.name").or_default("")?,
    };
    let known = TIERS
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(word));
    match known {
        Some(&(_, has_waf, is_first_generation)) => Ok(Tier {
            word,
            at,
            has_waf,
            is_first_generation,
        }),
        None if word.is_empty() => Err(Unknown::because(
            "the gateway names no tier",
            format!("az network application-gateway show --ids {}", gateway.id()),
        )),
        None => Err(Unknown::because(
            format!("the tier {word} is newer than this version of Palisade"),
            "a newer version of Palisade",
        )),
    }
}
