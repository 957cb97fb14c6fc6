//! Whether anything uses a resource.

use palisade_document::Value;
use palisade_estate::{Field, Resource, Unknown, View};

use crate::Findings;

/// What shows that a resource is in use, and what is said of one that isn't.
pub(crate) struct Usage {
    /// The settings in which Azure names what uses the resource: a reference or a list of them.
    pub(crate) named_in: &'static [&'static str],
    /// The types of the resources that may name it.
    pub(crate) users: &'static [&'static str],
    /// What it is called: `it`, `the group`.
    pub(crate) called: &'static str,
    /// What is said when nothing uses it.
    pub(crate) unused: &'static str,
    /// The listing that would tell.
    pub(crate) supply: &'static str,
    /// The mend; the resource's id follows.
    pub(crate) mend: &'static str,
}

impl Usage {
    /// Says whether anything uses a resource. That nothing does can be trusted as far as the
    /// input holds the resources of the type `V`.
    pub(crate) fn judge<'e, V: View<'e>>(
        &self,
        resource: &Resource<'e>,
        findings: &mut Findings,
    ) -> Result<(), Unknown> {
        if let Some(user) = user_of(resource, self.named_in, self.users)? {
            findings
                .pass(*resource, format!("`{}` uses {}", user.name, self.called))
                .at(user.at, "");
            return Ok(());
        }
        let coverage = resource.estate().coverage::<V>(resource.id());
        findings
            .missing(*resource, coverage, self.unused, self.supply)
            .help(format!("{} {}", self.mend, resource.id()));
        Ok(())
    }
}

/// Something that uses a resource: its name, and where that shows.
struct User<'e> {
    name: String,
    at: Value<'e>,
}

/// The first that uses a resource: named by Azure in the resource's own body, in one of the
/// settings `named_in`, or a resource of one of the types `by` in the input that names it.
fn user_of<'e>(
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
