//! The switches of TLS versions and ciphers, which API Management keeps in `customProperties`.

use jiff::civil::{Date, date};
use palisade_estate::azure::ApiManagementService;
use palisade_estate::{Field, Unknown};

/// What the names of all switches start with.
const PREFIX: &str = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.";

/// The last day on which services were created with the old versions switched on.
const LAST_OPEN_DAY: Date = date(2018, 4, 1);

/// A switch of the service: present, or absent and so at its default.
pub(super) fn switch<'e>(service: &ApiManagementService<'e>, name: &str) -> Field<'e, bool> {
    service.custom_property(&format!("{PREFIX}{name}"))
}

/// Whether a switch of a TLS version that isn't given is on: it depends on the day on which the
/// service was created.
pub(super) fn is_on_by_default(service: &ApiManagementService<'_>) -> Result<bool, Unknown> {
    let created = match service.created_at() {
        Field::Present(text, _) => text.get(..10).and_then(|day| day.parse::<Date>().ok()),
        Field::Absent(_) => None,
        Field::Unknown(unknown) => return Err(unknown),
    };
    let created = created.ok_or_else(|| {
        Unknown::because(
            "a TLS version is not set, and its default depends on createdAtUtc, which is missing",
            format!("az resource show --ids {}", service.id()),
        )
    })?;
    Ok(created <= LAST_OPEN_DAY)
}

/// How to switch off, with the name of one switch. A PATCH resets the switches that it leaves
/// out to their defaults, so all have to be given.
pub(super) fn how_to_switch_off(name: &str) -> String {
    format!(
        "set each of them to \"False\" in properties.customProperties, as in \"{PREFIX}{name}\": \"False\", and give all the others again, since Azure resets those left out"
    )
}
