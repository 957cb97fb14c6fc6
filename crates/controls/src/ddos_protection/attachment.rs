//! What a public address is attached to.

use palisade_document::Value;
use palisade_estate::azure::PublicIpAddress;
use palisade_estate::{Field, ResourceId, Unknown};

/// What uses a public address.
pub(super) enum Attachment<'e> {
    /// Nothing, as far as the address's body and the rest of the input show.
    Nothing,
    /// A NAT gateway, which only sends.
    NatGateway(ResourceId, Value<'e>),
    /// A resource that packets come in by.
    Resource(ResourceId, Value<'e>),
}

const NAT_GATEWAY: &str = "microsoft.network/natgateways";
/// What uses public addresses. Others name an address to watch or to protect it.
const USERS: [&str; 8] = [
    NAT_GATEWAY,
    "microsoft.apimanagement/service",
    "microsoft.network/applicationgateways",
    "microsoft.network/azurefirewalls",
    "microsoft.network/bastionhosts",
    "microsoft.network/loadbalancers",
    "microsoft.network/networkinterfaces",
    "microsoft.network/virtualnetworkgateways",
];

/// The address's own body names its user, except that API Management names the address. Bodies
/// from before the address was attached are told apart by the user's.
pub(super) fn attachment<'e>(address: &PublicIpAddress<'e>) -> Result<Attachment<'e>, Unknown> {
    match (address.nat_gateway(), address.ip_configuration()) {
        (Field::Present(gateway, at), _) => Ok(Attachment::NatGateway(gateway, at)),
        (_, Field::Present(part, at)) => Ok(Attachment::Resource(whole(part), at)),
        (Field::Unknown(unknown), _) | (_, Field::Unknown(unknown)) => Err(unknown),
        (Field::Absent(_), Field::Absent(_)) => Ok(named_elsewhere(address)),
    }
}

fn named_elsewhere<'e>(address: &PublicIpAddress<'e>) -> Attachment<'e> {
    match address.referrers_among(&USERS).into_iter().next() {
        Some(user) if user.resource_type() == NAT_GATEWAY => {
            Attachment::NatGateway(user.id().clone(), user.anchor())
        }
        Some(user) => Attachment::Resource(user.id().clone(), user.anchor()),
        None => Attachment::Nothing,
    }
}

/// The resource that a part such as a frontend belongs to.
pub(super) fn whole(part: ResourceId) -> ResourceId {
    let is_part = |id: &ResourceId| {
        id.resource_type()
            .is_some_and(|kind| kind.matches('/').count() > 1)
    };
    let mut id = part;
    while is_part(&id)
        && let Some(parent) = id.parent()
    {
        id = parent;
    }
    id
}
