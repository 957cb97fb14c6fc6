//! A setting that is true or false, with the words for it.

use palisade_document::Value;
use palisade_estate::{Field, Settings, Unknown};

/// Such a setting, given or by default.
pub(super) struct Switch<'e> {
    pub(super) is_on: bool,
    /// "disableRunCommand isn't set, which means false".
    pub(super) words: String,
    /// The value, or what would hold it.
    pub(super) at: Value<'e>,
}

/// Reads the setting `name` of `owner`; `default` is what Azure takes when nothing is given.
pub(super) fn switch<'e>(
    owner: &Settings<'e>,
    name: &str,
    field: Field<'e, bool>,
    default: bool,
) -> Result<Switch<'e>, Unknown> {
    let is_given = matches!(field, Field::Present(..));
    let (is_on, at) = field.or_default(default)?;
    let is_whole = at.origin() == owner.value().origin();
    Ok(Switch {
        is_on,
        words: match is_given {
            true => format!("{name} is {is_on}"),
            false => format!("{name} isn't set, which means {is_on}"),
        },
        at: if is_whole { owner.anchor() } else { at },
    })
}
