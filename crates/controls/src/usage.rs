//! Whether anything uses a resource.

use palisade_document::Value;
use palisade_estate::{Field, Resource, Unknown};

/// Something that uses a resource: its name, and where that shows.
pub(crate) struct User<'e> {
    pub(crate) name: String,
    pub(crate) at: Value<'e>,
}

/// The first that uses a resource: named by Azure in the resource's own body, in one of the
/// settings `named_in` (a reference or a list of them), or a resource of one of the types `by`
/// in the input that names it.
pub(crate) fn user_of<'e>(
    resource: &Resource<'e>,
    named_in: &[&str],
    by: &[&str],
) -> Result<Option<User<'e>>, Unknown> {
    for setting in named_in {
        let value = match resource.property(setting) {
            Field::Present(value, _) => value,
            Field::Absent(_) => continue,
            Field::Unknown(unknown) => return Err(unknown),
        };
        let first = value.items().find_map(|entry| entry.get("id"));
        if let Some(at) = first.or_else(|| value.get("id")) {
            let name = at.scalar().rsplit('/').next().unwrap_or_default();
            let name = name.to_owned();
            return Ok(Some(User { name, at }));
        }
    }
    let user = resource.referrers_among(by).into_iter().next();
    Ok(user.map(|user| User {
        name: user.name().to_owned(),
        at: user.anchor(),
    }))
}
