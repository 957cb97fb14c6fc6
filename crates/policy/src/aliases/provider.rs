//! Aliases as Azure lists them: `az provider list --expand resourceTypes/aliases`.

use palisade_document::Value;

use super::Alias;

/// Every alias with its name in lower case.
pub(super) fn aliases(root: Value<'_>) -> Vec<(String, Alias)> {
    let providers = root.get_ignore_case("value").unwrap_or(root);
    let single = providers.get_ignore_case("namespace").map(|_| providers);
    let mut found = Vec::new();
    for provider in single.into_iter().chain(providers.items()) {
        let Some(namespace) = text(provider, "namespace") else {
            continue;
        };
        for kind in items(provider, "resourceTypes") {
            let Some(name) = text(kind, "resourceType") else {
                continue;
            };
            let resource_type = format!("{namespace}/{name}").to_ascii_lowercase();
            let listed = items(kind, "aliases");
            found.extend(listed.filter_map(|value| alias(value, &resource_type)));
        }
    }
    found
}

fn alias(value: Value<'_>, resource_type: &str) -> Option<(String, Alias)> {
    let name = text(value, "name")?.to_ascii_lowercase();
    let default = value.get_ignore_case("defaultPath")?;
    let path = default
        .as_str()
        .or_else(|| text(default, "path"))?
        .to_owned();
    let versions = items(value, "paths").flat_map(|path| {
        let of = text(path, "path").unwrap_or_default();
        items(path, "apiVersions")
            .map(move |version| (version.scalar().to_ascii_lowercase(), of.to_owned()))
    });
    let attributes = value
        .get_ignore_case("defaultMetadata")
        .and_then(|metadata| text(metadata, "attributes"));
    Some((
        name,
        Alias {
            resource_type: resource_type.to_owned(),
            path,
            versions: versions.collect(),
            // Azure's list says it of every alias that is.
            is_modifiable: Some(attributes.is_some_and(|all| {
                let mut each = all.split(',');
                each.any(|one| one.trim().eq_ignore_ascii_case("Modifiable"))
            })),
        },
    ))
}

fn text<'d>(value: Value<'d>, key: &str) -> Option<&'d str> {
    value.get_ignore_case(key)?.as_str()
}

fn items<'d>(value: Value<'d>, key: &str) -> impl Iterator<Item = Value<'d>> + use<'d> {
    let list = value.get_ignore_case(key);
    list.into_iter().flat_map(Value::items)
}
