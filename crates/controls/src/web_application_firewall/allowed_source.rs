//! Who may send to a public load balancer.

use palisade_document::Value;
use palisade_estate::kubernetes::{AllowedSources, allowed_sources};
use palisade_estate::{Object, Unknown};

use super::address_range::{is_range, is_wide, is_within_private_networks};

/// What reaches the Service.
pub(super) enum Sources<'e> {
    /// Everybody on the internet.
    Everyone,
    /// Ranges of the internet.
    Ranges(Value<'e>),
    /// Private networks only.
    Private(Value<'e>),
    /// Whoever has a Front Door of their own.
    FrontDoor(Value<'e>),
}

/// Service tags and ranges that the Service restricts itself to. Both may be given, and either
/// is then enough to come in.
pub(super) fn sources<'e>(service: &Object<'e>) -> Result<Sources<'e>, Unknown> {
    let AllowedSources { ranges, tags } = allowed_sources(service)?;
    if let Some((text, _)) = ranges.iter().find(|(text, _)| !is_range(text)) {
        return Err(Unknown::because(
            format!("`{text}` is not an address range"),
            "correct the value",
        ));
    }
    let is_open = tags.iter().any(|(tag, _)| is_tag(tag, "Internet"))
        || ranges.iter().any(|(range, _)| is_wide(range));
    let is_front_door = |(tag, _): &(&str, _)| is_tag(tag, "AzureFrontDoor.Backend");
    let is_private = |(range, _): &(&str, _)| is_within_private_networks(range);
    Ok(match (tags.first(), ranges.first()) {
        _ if is_open => Sources::Everyone,
        (None, None) => Sources::Everyone,
        (Some((_, at)), None) if tags.iter().all(is_front_door) => Sources::FrontDoor(*at),
        (None, Some((_, at))) if ranges.iter().all(is_private) => Sources::Private(*at),
        (_, Some((_, at))) | (Some((_, at)), None) => Sources::Ranges(*at),
    })
}

fn is_tag(tag: &str, wanted: &str) -> bool {
    tag.eq_ignore_ascii_case(wanted)
}
