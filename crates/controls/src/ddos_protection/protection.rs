//! Which tier of Azure DDoS Protection guards a public address.

use palisade_document::Value;
use palisade_estate::azure::{PublicIpAddress, VirtualNetwork};
use palisade_estate::{Field, Resource, ResourceId, Unknown};

use super::attachment::{Attachment, attachment};
use super::placement::{Placement, placement};
use crate::Context;

/// What guards an address.
pub(super) enum Protection<'e> {
    /// The address is attached to nothing.
    Unattached,
    /// The address is a NAT gateway's, which no tier covers.
    NatGateway(ResourceId),
    /// DDoS IP Protection, switched on at the address.
    Address(Value<'e>),
    /// DDoS Network Protection of the network that the address's user stands in.
    Network(VirtualNetwork<'e>),
    /// Only what Azure gives everybody.
    Nothing(Gap<'e>),
}

/// Why an address is unprotected.
pub(super) struct Gap<'e> {
    pub(super) message: String,
    pub(super) at: Value<'e>,
    /// The network that could protect it.
    pub(super) network: Option<VirtualNetwork<'e>>,
}

impl Protection<'_> {
    /// Why there is no telemetry of attacks to ask for, if there is none.
    pub(super) fn without_telemetry(&self) -> Option<String> {
        match self {
            Self::Unattached => Some("the address is attached to nothing".to_owned()),
            Self::NatGateway(_) => Some("no DDoS tier covers a NAT gateway's address".to_owned()),
            Self::Nothing(_) => {
                Some("the address isn't protected, see DD002, so nothing is measured".to_owned())
            }
            Self::Address(_) | Self::Network(_) => None,
        }
    }
}

pub(super) fn protection<'e>(
    context: &Context<'e>,
    address: &PublicIpAddress<'e>,
) -> Result<Protection<'e>, Unknown> {
    let user = match attachment(address)? {
        Attachment::Nothing => return Ok(Protection::Unattached),
        Attachment::NatGateway(id, _) => return Ok(Protection::NatGateway(id)),
        Attachment::Resource(id, _) => id,
    };
    let (mode, at) = address
        .ddos_protection_mode()
        .or_default("VirtualNetworkInherited")?;
    let at = place(address, at);
    match mode.to_ascii_lowercase().as_str() {
        "enabled" => by_address(address, at),
        "disabled" => Ok(nothing(
            "protectionMode is Disabled, whatever the network has",
            at,
        )),
        "virtualnetworkinherited" => by_network(context, address, &user, at),
        _ => Err(Unknown::because(
            format!("the protection mode {mode} is newer than this version of Palisade"),
            "a newer version of Palisade",
        )),
    }
}

fn nothing(message: impl Into<String>, at: Value<'_>) -> Protection<'_> {
    Protection::Nothing(Gap {
        message: message.into(),
        at,
        network: None,
    })
}

/// IP Protection covers the Standard SKUs only.
fn by_address<'e>(address: &PublicIpAddress<'e>, at: Value<'e>) -> Result<Protection<'e>, Unknown> {
    match address.sku() {
        Field::Present(sku, at) if sku.eq_ignore_ascii_case("basic") => Ok(nothing(
            "protectionMode is Enabled, but IP Protection doesn't cover the Basic SKU",
            at,
        )),
        Field::Present(..) => Ok(Protection::Address(at)),
        Field::Unknown(unknown) => Err(unknown),
        Field::Absent(_) => Err(Unknown::because(
            "protectionMode is Enabled, but IP Protection covers Standard SKUs only, and the \
             address's body names no SKU",
            format!("az network public-ip show --ids {}", address.id()),
        )),
    }
}

fn by_network<'e>(
    context: &Context<'e>,
    address: &PublicIpAddress<'e>,
    user: &ResourceId,
    at: Value<'e>,
) -> Result<Protection<'e>, Unknown> {
    let network = match placement(context, user, address)? {
        Placement::Network(network) => context.estate.require::<VirtualNetwork<'e>>(&network)?,
        Placement::Outside(place) => {
            let message = format!("`{}` stands in {place}, where no plan reaches", user.name());
            return Ok(nothing(message, at));
        }
    };
    Ok(match gap_of(&network)? {
        None => Protection::Network(network),
        Some((gap, _)) => Protection::Nothing(Gap {
            message: format!(
                "the address inherits from `{}`, where {gap}",
                network.name()
            ),
            at,
            network: Some(network),
        }),
    })
}

/// Where to point: at the value, or at the resource's name when nothing closer holds it.
fn place<'e>(resource: &Resource<'e>, at: Value<'e>) -> Value<'e> {
    if at.origin() == resource.value().origin() {
        return resource.anchor();
    }
    at
}

/// What keeps a network from being protected, with its place: both the switch and the plan are
/// needed.
pub(super) fn gap_of<'e>(
    network: &VirtualNetwork<'e>,
) -> Result<Option<(&'static str, Value<'e>)>, Unknown> {
    let is_given = matches!(network.ddos_protection_enabled(), Field::Present(..));
    let (is_on, at) = network.ddos_protection_enabled().or_default(false)?;
    let at = place(network, at);
    if !is_on {
        let gap = if is_given {
            "enableDdosProtection is false"
        } else {
            "enableDdosProtection isn't set, which means false"
        };
        return Ok(Some((gap, at)));
    }
    match network.ddos_protection_plan() {
        Field::Present(..) => Ok(None),
        Field::Absent(_) => Ok(Some(("enableDdosProtection is true without a plan", at))),
        Field::Unknown(unknown) => Err(unknown),
    }
}
