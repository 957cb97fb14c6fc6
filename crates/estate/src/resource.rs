//! Azure resources.

use std::ops::Deref;

use palisade_document::{Value, witness};

use crate::{Estate, Field, ResourceId, Settings, Unknown};

/// An Azure resource of the estate. Its settings are read through [`Settings`], to which it
/// dereferences.
#[derive(Clone, Copy)]
pub struct Resource<'e> {
    estate: &'e Estate,
    index: u32,
    settings: Settings<'e>,
}

impl PartialEq for Resource<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl Eq for Resource<'_> {}

impl<'e> Deref for Resource<'e> {
    type Target = Settings<'e>;

    fn deref(&self) -> &Settings<'e> {
        &self.settings
    }
}

impl<'e> Resource<'e> {
    pub(crate) fn new(estate: &'e Estate, index: u32) -> Self {
        let record = estate.record(index);
        let body = estate
            .document(record.origin.document)
            .value(record.origin.node);
        Self {
            estate,
            index,
            settings: Settings::of_resource(body, record.is_listing, record.doubt.as_ref()),
        }
    }

    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    /// The estate the resource belongs to.
    pub fn estate(&self) -> &'e Estate {
        self.estate
    }

    /// The id.
    pub fn id(&self) -> &'e ResourceId {
        &self.estate.record(self.index).id
    }

    /// The type with its provider, in lower case.
    pub fn resource_type(&self) -> &'e str {
        &self.estate.record(self.index).resource_type
    }

    /// The name.
    pub fn name(&self) -> &'e str {
        self.id().name()
    }

    /// Whether the name is one of some that mean something to Azure. A name that can't be known
    /// before deployment could be, which is [noted](palisade_document::witness).
    pub fn is_called(&self, names: &[&str]) -> bool {
        if let Some((cause, supply)) = self
            .value()
            .get_ignore_case("name")
            .and_then(Value::unknown)
        {
            witness::meet(cause, supply);
        }
        names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(self.name()))
    }

    /// The region in Azure's short form (`westeurope`); nothing for global resources and parts.
    pub fn location(&self) -> Option<String> {
        let location = self.value().get_ignore_case("location")?.as_str()?;
        let short: String = location.chars().filter(|c| !c.is_whitespace()).collect();
        (!short.is_empty()).then(|| short.to_ascii_lowercase())
    }

    /// A tag, its name in any letter case.
    pub fn tag(&self, name: &str) -> Option<Value<'e>> {
        self.value().get_ignore_case("tags")?.get_ignore_case(name)
    }

    /// Why it can't be known whether the resource will be there, if it can't.
    pub fn doubt(&self) -> Option<&'e Unknown> {
        self.estate.record(self.index).doubt.as_ref()
    }

    /// Whether this is what a template or a plan makes of it.
    pub fn is_planned(&self) -> bool {
        self.estate.record(self.index).is_planned
    }

    /// Whether a template or a plan that could be read as a whole makes it, and the input doesn't
    /// hold it as it is now.
    pub(crate) fn is_created(&self) -> bool {
        self.estate.record(self.index).is_created
    }

    /// The resource this one is a child or an extension of, if the input holds it.
    pub fn parent(&self) -> Option<Self> {
        self.estate.find(&self.id().parent()?)
    }

    /// The resources of the estate whose body names this one, each once.
    pub fn referrers(&self) -> Vec<Self> {
        self.estate.referrers(self.id())
    }

    /// Those of some types, in lower case. Where there are none, a resource of the types whose
    /// references can't be known before deployment may be one, which is
    /// [noted](palisade_document::witness).
    pub fn referrers_among(&self, types: &[&str]) -> Vec<Self> {
        let mut among = self.referrers();
        among.retain(|referrer| types.contains(&referrer.resource_type()));
        if among.is_empty() {
            self.estate.meet_unknown_references(types);
        }
        among
    }
}

/// A typed view over the resources of one type.
pub trait View<'e>: Copy + Deref<Target = Resource<'e>> {
    /// The resource type in lower case.
    const TYPE: &'static str;

    /// The view over a resource of that type.
    fn of(resource: Resource<'e>) -> Self;

    /// The view if the resource is of the type.
    fn try_of(resource: Resource<'e>) -> Option<Self> {
        (resource.resource_type() == Self::TYPE).then(|| Self::of(resource))
    }
}

/// Declares a view: a name, its resource type and its documentation.
macro_rules! view {
    ($(#[$doc:meta])* $name:ident = $resource_type:literal) => {
        $(#[$doc])*
        #[doc = ""]
        #[doc = concat!("ARM type `", $resource_type, "`.")]
        #[derive(Clone, Copy)]
        pub struct $name<'e>($crate::Resource<'e>);

        impl<'e> std::ops::Deref for $name<'e> {
            type Target = $crate::Resource<'e>;

            fn deref(&self) -> &$crate::Resource<'e> {
                &self.0
            }
        }

        impl<'e> $crate::View<'e> for $name<'e> {
            const TYPE: &'static str = $resource_type;

            fn of(resource: $crate::Resource<'e>) -> Self {
                Self(resource)
            }
        }
    };
}

pub(crate) use view;

/// The resources that a list of references names: those in the input and the ids of the others.
pub(crate) fn resolve<'e, V: View<'e>>(
    estate: &'e Estate,
    references: impl IntoIterator<Item = Field<'e, ResourceId>>,
) -> Vec<Result<V, Unknown>> {
    references
        .into_iter()
        .filter_map(|reference| match reference {
            Field::Present(id, _) => Some(estate.require::<V>(&id)),
            Field::Absent(_) => None,
            Field::Unknown(unknown) => Some(Err(unknown)),
        })
        .collect()
}
