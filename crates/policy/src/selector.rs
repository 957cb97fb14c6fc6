//! Selectors: by which an assignment, an override or an exemption is limited to some resources
//! (Microsoft Learn, "Azure Policy assignment structure: resource selectors", 2025).

use palisade_document::Value;
use palisade_estate::{Settings, Unknown};

/// What selectors look at.
#[derive(Clone, Debug)]
pub(crate) struct Selected<'s> {
    /// The resource type in lower case.
    pub(crate) resource_type: &'s str,
    /// The region.
    pub(crate) region: Region<'s>,
    /// The member of the initiative.
    pub(crate) reference: Option<&'s str>,
}

/// The region of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region<'s> {
    /// In Azure's short form.
    In(&'s str),
    /// It belongs to none.
    None,
    /// It belongs to one that the input doesn't tell.
    Untold,
}

/// Whether one of the resource selectors takes something; all do where there are none. Within
/// one every selector must.
pub(crate) fn takes(groups: &[Settings<'_>], what: &Selected<'_>) -> Result<bool, Unknown> {
    for group in groups {
        if takes_all(&group.elements("selectors")?, what)? {
            return Ok(true);
        }
    }
    Ok(groups.is_empty())
}

/// Whether every one of some selectors takes something.
pub(crate) fn takes_all(selectors: &[Settings<'_>], what: &Selected<'_>) -> Result<bool, Unknown> {
    for selector in selectors {
        if !takes_one(selector, what)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn takes_one(selector: &Settings<'_>, what: &Selected<'_>) -> Result<bool, Unknown> {
    let kind = selector.text("kind").or_default("")?.0;
    let seen = match (kind.to_ascii_lowercase().as_str(), what.region) {
        ("resourcelocation", Region::Untold) => {
            return Err(Unknown::because(
                "a selector asks for the region, which isn't in the input",
                "the resource with its location: az resource show --ids ID",
            ));
        }
        ("resourcelocation", Region::In(region)) => Some(region),
        ("resourcelocation", Region::None) => None,
        ("resourcewithoutlocation", region) => return Ok(region == Region::None),
        ("resourcetype", _) => Some(what.resource_type),
        ("policydefinitionreferenceid", _) => what.reference,
        _ => {
            return Err(Unknown::because(
                format!("a selector of kind `{kind}` depends on who sends the request"),
                "the state that Azure reports: az policy state list",
            ));
        }
    };
    let lists = |key: &str| -> Result<Option<bool>, Unknown> {
        let texts = selector.texts(key)?;
        let is_listed = |(text, _): &(&str, Value<'_>)| {
            let plain: String = text.chars().filter(|c| *c != ' ').collect();
            seen.is_some_and(|seen| seen.eq_ignore_ascii_case(&plain))
        };
        Ok((!texts.is_empty()).then(|| texts.iter().any(is_listed)))
    };
    Ok(match (lists("in")?, lists("notIn")?) {
        (Some(is_in), _) => is_in,
        (None, Some(is_in)) => !is_in,
        (None, None) => true,
    })
}
