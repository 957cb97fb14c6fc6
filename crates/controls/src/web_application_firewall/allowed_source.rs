//! Who may send to a public load balancer.

use palisade_document::Value;
use palisade_estate::Object;

use super::address_range::{is_wide, is_within_private_networks};

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
pub(super) fn sources<'e>(service: &Object<'e>) -> Sources<'e> {
    let annotation = |name: &str| {
        let value = service.annotation(&format!("service.beta.kubernetes.io/{name}"));
        value.filter(|value| !value.scalar().is_empty())
    };
    let tags = annotation("azure-allowed-service-tags");
    let listed =
        annotation("azure-allowed-ip-ranges").or_else(|| annotation("load-balancer-source-ranges"));
    let field = service
        .get("spec.loadBalancerSourceRanges")
        .filter(|ranges| ranges.items().len() > 0);
    let mut ranges: Vec<&str> = Vec::new();
    ranges.extend(field.into_iter().flat_map(Value::items).map(Value::scalar));
    ranges.extend(listed.into_iter().flat_map(|list| list.scalar().split(',')));
    let from_ranges = field.or(listed);
    match (tags, from_ranges) {
        (Some(tags), None) if is_front_door(tags.scalar()) => Sources::FrontDoor(tags),
        (Some(tags), None) if !has_internet(tags.scalar()) => Sources::Ranges(tags),
        (None, Some(at)) if ranges.iter().all(|range| is_within_private_networks(range)) => {
            Sources::Private(at)
        }
        (tags, Some(at))
            if !ranges.iter().any(|range| is_wide(range))
                && !tags.is_some_and(|tags| has_internet(tags.scalar())) =>
        {
            Sources::Ranges(at)
        }
        _ => Sources::Everyone,
    }
}

fn is_front_door(tags: &str) -> bool {
    tags.split(',')
        .all(|tag| tag.trim().eq_ignore_ascii_case("AzureFrontDoor.Backend"))
}

fn has_internet(tags: &str) -> bool {
    tags.split(',')
        .any(|tag| tag.trim().eq_ignore_ascii_case("Internet"))
}
