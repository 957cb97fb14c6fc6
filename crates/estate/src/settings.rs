//! A JSON object read the way Azure Resource Manager reads it.

use palisade_document::{Entry, Kind, Value, witness};

use crate::{Field, ResourceId, Unknown};

/// The settings of a resource or of a part of it. Names match in any letter case, and a member
/// is looked for under `properties` first and beside it second, because `az … show` prints
/// resources flattened. An explicit `null` is absent.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'e> {
    value: Value<'e>,
    is_listing: bool,
    /// Why it can't be known whether the resource will be there.
    doubt: Option<&'e Unknown>,
}

/// What a bare listing (`az resource list`) tells about every resource. A body with nothing
/// else says nothing about the resource's settings.
const ENVELOPE: [&str; 32] = [
    "id",
    "name",
    "type",
    "location",
    "tags",
    "kind",
    "sku",
    "plan",
    "identity",
    "managedBy",
    "zones",
    "etag",
    "resourceGroup",
    "extendedLocation",
    "createdTime",
    "changedTime",
    "provisioningState",
    "systemData",
    "apiVersion",
    "subscriptionId",
    "tenantId",
    "x-corpus",
    // What `Get-AzResource` of Azure PowerShell adds.
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ResourceGroupName",
    "ExtensionResourceName",
    "ExtensionResourceType",
    "ParentResource",
    "TagsTable",
    "resources",
    "Etag",
];

impl<'e> Settings<'e> {
    /// The settings in `value`, which is known in full.
    pub fn of(value: Value<'e>) -> Self {
        Self {
            value,
            is_listing: false,
            doubt: None,
        }
    }

    /// The settings of a whole resource, which may be no more than a line of a listing, or may
    /// not be there after deployment.
    pub(crate) fn of_resource(
        value: Value<'e>,
        is_listing: bool,
        doubt: Option<&'e Unknown>,
    ) -> Self {
        Self {
            value,
            is_listing,
            doubt,
        }
    }

    /// Whether the body of a resource is no more than a line of a listing.
    pub(crate) fn is_listing_of(body: Value<'_>) -> bool {
        body.entries().all(|entry| is_envelope(&entry))
    }

    /// Whether the input holds only the resource's name and place, not its settings.
    pub fn is_listing(&self) -> bool {
        self.is_listing
    }

    /// The JSON object itself.
    pub fn value(&self) -> Value<'e> {
        self.value
    }

    /// The value at a dotted path, of any kind. It is unknown where something on the way to it
    /// can't be known before deployment. To read a resource that may not be there is
    /// [noted](witness).
    pub fn property(&self, path: &str) -> Field<'e, Value<'e>> {
        if let Some(doubt) = self.doubt {
            witness::meet(&doubt.cause, &doubt.supply);
        }
        let mut at = self.value;
        for segment in path.split('.') {
            match member(at, segment) {
                Some(next) => at = next,
                None if self.is_listing => return Field::Unknown(self.listing_only()),
                None => return Field::Absent(at),
            }
        }
        match Unknown::of(at) {
            Some(unknown) => Field::Unknown(unknown),
            None => Field::Present(at, at),
        }
    }

    /// A setting that is text. Numbers count as text; the empty string is absent, since exports
    /// carry the unused twin of a setting as `""`.
    pub fn text(&self, path: &str) -> Field<'e, &'e str> {
        match self.property(path) {
            Field::Present(value, _) if value.as_str() == Some("") => Field::Absent(value),
            field => convert(field, "text", |value| {
                matches!(value.kind(), Kind::String | Kind::Number | Kind::Bool)
                    .then(|| value.scalar())
            }),
        }
    }

    /// A setting that is true or false. Azure also writes `"true"` and `"Enabled"`.
    pub fn flag(&self, path: &str) -> Field<'e, bool> {
        convert(self.property(path), "true or false", |value| {
            value
                .as_bool()
                .or_else(|| match value.as_str()?.to_ascii_lowercase().as_str() {
                    "true" | "enabled" => Some(true),
                    "false" | "disabled" => Some(false),
                    _ => None,
                })
        })
    }

    /// A setting that is a whole number.
    pub fn number(&self, path: &str) -> Field<'e, i64> {
        convert(self.property(path), "a whole number", |value| {
            value.as_i64().or_else(|| value.as_str()?.parse().ok())
        })
    }

    /// A setting that is a list. An empty list is absent, since that is what it means to Azure.
    /// Elements may be unknown each: then so is every setting of theirs.
    pub fn list(&self, path: &str) -> Field<'e, Vec<Self>> {
        match self.property(path) {
            Field::Present(value, _) if value.kind() == Kind::Array && value.items().len() == 0 => {
                Field::Absent(value)
            }
            field => convert(field, "a list", |value| {
                (value.kind() == Kind::Array).then(|| value.items().map(Settings::of).collect())
            }),
        }
    }

    /// A list of texts, empty when the setting is absent, unknown when one of them is.
    pub fn texts(&self, path: &str) -> Result<Vec<(&'e str, Value<'e>)>, Unknown> {
        let items = self.elements(path)?;
        let texts = items.iter().map(|item| match Unknown::of(item.value) {
            Some(unknown) => Err(unknown),
            None => Ok((item.value.scalar(), item.value)),
        });
        texts.collect()
    }

    /// The elements of a list, none when the setting is absent.
    pub fn elements(&self, path: &str) -> Result<Vec<Self>, Unknown> {
        match self.list(path) {
            Field::Present(items, _) => Ok(items),
            Field::Absent(_) => Ok(Vec::new()),
            Field::Unknown(unknown) => Err(unknown),
        }
    }

    /// A reference to another resource: an id, or an object with an `id`. An object without one
    /// is unknown: Azure answers with the id, so that somebody took it out.
    pub fn reference(&self, path: &str) -> Field<'e, ResourceId> {
        match self.property(path) {
            Field::Present(value, _) if value.as_str() == Some("") => Field::Absent(value),
            Field::Present(value, _) => match member(value, "id").and_then(Unknown::of) {
                Some(unknown) => Field::Unknown(unknown),
                None => convert(Field::Present(value, value), "a resource id", |value| {
                    let id = member(value, "id").unwrap_or(value);
                    ResourceId::parse(id.as_str()?)
                }),
            },
            Field::Absent(at) => Field::Absent(at),
            Field::Unknown(unknown) => Field::Unknown(unknown),
        }
    }

    /// The `name` of a part of a resource, or nothing.
    pub fn name(&self) -> &'e str {
        let name = self.value.get_ignore_case("name");
        name.map(|name| witness::apart(|| name.scalar()))
            .unwrap_or_default()
    }

    /// Whether this is the part of a resource with a name. One whose name can't be known before
    /// deployment may be, which is [noted](witness).
    pub fn is_named(&self, name: &str) -> bool {
        let own = self.value.get_ignore_case("name").map(Value::scalar);
        own.unwrap_or_default().eq_ignore_ascii_case(name)
    }

    /// The best place to point at for the whole: its name, else its id, else its start.
    pub fn anchor(&self) -> Value<'e> {
        let named = |key| {
            self.value
                .get_ignore_case(key)
                .filter(|value| value.is_unknown() || value.as_str().is_some())
        };
        named("name").or_else(|| named("id")).unwrap_or(self.value)
    }

    fn listing_only(&self) -> Unknown {
        let id = self
            .value
            .get_ignore_case("id")
            .map(Value::scalar)
            .unwrap_or_default();
        Unknown::because(
            "the input holds only a listing of it, without its properties",
            format!("az resource show --ids {id}"),
        )
    }
}

/// Whether a listing has the member too. It has `properties` as well, but empty of all: `null`.
fn is_envelope(entry: &Entry<'_>) -> bool {
    let is_named = |known: &str| known.eq_ignore_ascii_case(entry.name());
    let is_withheld = is_named("properties") && entry.value.is_null();
    is_withheld || ENVELOPE.iter().any(|known| is_named(known))
}

/// The member of an object, under `properties` first. Unknown properties could have any member
/// but for those that stand beside them.
fn member<'e>(value: Value<'e>, name: &str) -> Option<Value<'e>> {
    let properties = value.get_ignore_case("properties");
    let nested = properties.and_then(|inner| inner.get_ignore_case(name));
    let beside = || value.get_ignore_case(name);
    let found = match properties {
        Some(inner) if inner.is_unknown() => beside().or(nested),
        _ => nested.or_else(beside),
    };
    found.filter(|found| !found.is_null())
}

fn convert<'e, T>(
    field: Field<'e, Value<'e>>,
    wanted: &str,
    read: impl FnOnce(Value<'e>) -> Option<T>,
) -> Field<'e, T> {
    match field {
        Field::Present(value, at) => match read(value) {
            Some(setting) => Field::Present(setting, at),
            None => Field::Unknown(Unknown::because(
                format!("the value {} is not {wanted}", whereabouts(at)),
                "correct the value",
            )),
        },
        Field::Absent(at) => Field::Absent(at),
        Field::Unknown(unknown) => Field::Unknown(unknown),
    }
}

/// The place of a value of a file, for a message. Where a derived value was written only the
/// estate can tell, and a report does.
fn whereabouts(value: Value<'_>) -> String {
    let path = value.document().text().path();
    match value.document().is_derived() {
        true => format!("that {path} makes here"),
        false => format!("at {path}:{}", value.position()),
    }
}
