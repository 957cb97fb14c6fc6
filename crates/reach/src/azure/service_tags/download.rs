//! Reads Microsoft's download of service tags.

use std::collections::BTreeMap;

use ipnet::IpNet;
use palisade_document::{Diagnostic, Document, Value};

use super::{Cloud, Prefixes, ServiceTags, Tag};

impl ServiceTags {
    /// Reads a download (`ServiceTags_Public_20251028.json`) or the answer of
    /// `az network list-service-tags`, which has the same shape. The day is taken from the
    /// file's name. Nothing if it is something else; prefixes that can't be read are left out
    /// with a diagnostic.
    pub fn read(document: &Document) -> (Option<Self>, Vec<Diagnostic>) {
        let path = document.text().path();
        let mut diagnostics = Vec::new();
        let root = document.roots().next();
        let cloud = root.and_then(|root| root.get_ignore_case("cloud"));
        let cloud = cloud.and_then(|cloud| Cloud::named(cloud.as_str()?));
        let values = root.and_then(|root| root.get_ignore_case("values"));
        let (Some(root), Some(cloud), Some(values)) = (root, cloud, values) else {
            let message = "this is not a list of service tags";
            let help = "download `ServiceTags_Public_….json` or take what `az network list-service-tags` prints";
            diagnostics.push(Diagnostic::error(path, None, message).with_help(help));
            return (None, diagnostics);
        };
        let tags = values.items();
        let tags: BTreeMap<_, _> = tags
            .filter_map(|value| tag(value, &mut diagnostics))
            .map(|tag| (tag.name.to_ascii_lowercase(), tag))
            .collect();
        let change_number = root.get_ignore_case("changeNumber").map(Value::scalar);
        let read = Self {
            cloud,
            change_number: change_number.and_then(|number| number.parse().ok()),
            date: date_of(path),
            tags,
        };
        (Some(read), diagnostics)
    }
}

fn tag(value: Value<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Tag> {
    let name = value.get_ignore_case("name")?.as_str()?;
    let properties = value.get_ignore_case("properties").unwrap_or(value);
    let listed = properties.get_ignore_case("addressPrefixes");
    let mut prefixes = Vec::new();
    for prefix in listed.into_iter().flat_map(Value::items) {
        match prefix.scalar().parse::<IpNet>() {
            Ok(prefix) => prefixes.push(prefix.trunc()),
            Err(_) => diagnostics.push(Diagnostic::warning(
                value.document().text().path(),
                Some(prefix.position()),
                format!("`{}` is not an address prefix", prefix.scalar()),
            )),
        }
    }
    prefixes.sort_unstable();
    prefixes.dedup();
    Some(Tag {
        name: name.to_owned(),
        takes_in_regions: false,
        prefixes: Prefixes::Known(prefixes),
        addresses: Default::default(),
    })
}

/// The eight digits at the end of the file's name as a day.
fn date_of(path: &str) -> Option<String> {
    let stem = path.strip_suffix(".json")?;
    let digits = stem.get(stem.len().checked_sub(8)?..)?;
    let is_date = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_date.then(|| format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]))
}
