//! What the evaluator gets to see of a resource.

use std::collections::BTreeMap;

use palisade_document::{Kind, Value, witness};
use palisade_estate::{Resource, Unknown};

use crate::aliases::Path;
use crate::names::{Names, Slot};
use crate::value::{self, Datum, insert};

/// A resource as definitions read it.
#[derive(Clone, Debug)]
pub struct Body<'d> {
    /// The JSON object.
    pub value: Value<'d>,
    /// The type with its provider, as it is written.
    pub resource_type: String,
    /// The name without those of its parents.
    pub name: Option<String>,
    /// The name with those of its parents.
    pub full_name: Option<String>,
    /// The id.
    pub id: Option<String>,
    /// The region in Azure's short form.
    pub location: Option<String>,
    /// The API version that its paths are those of, if one is asked for.
    pub api_version: Option<String>,
    /// Why its settings aren't known, if they aren't.
    pub unseen: Option<Unknown>,
}

impl<'d> Body<'d> {
    /// A body by itself, with its name and type in it.
    pub fn of_value(value: Value<'d>) -> Self {
        let text = |key| {
            let found = value.get_ignore_case(key).and_then(Value::as_str);
            found.map(str::to_owned)
        };
        let full_name = text("fullName").or_else(|| text("name"));
        Self {
            value,
            resource_type: text("type").unwrap_or_default(),
            name: text("name"),
            full_name,
            id: text("id"),
            location: text("location"),
            api_version: None,
            unseen: None,
        }
    }

    /// A resource of an estate.
    pub fn of(resource: &Resource<'d>) -> Self {
        let id = resource.id();
        let value = resource.value();
        let written = value.get_ignore_case("type").and_then(Value::as_str);
        let resource_type = written
            .filter(|written| written.eq_ignore_ascii_case(resource.resource_type()))
            .unwrap_or(resource.resource_type());
        let unseen = resource.doubt().cloned().or_else(|| {
            resource.is_listing().then(|| {
                Unknown::because(
                    "the input holds only a listing of it, without its properties",
                    format!("az resource show --ids {id}"),
                )
            })
        });
        Self {
            value,
            resource_type: resource_type.to_owned(),
            name: Some(id.name().to_owned()),
            full_name: Some(full_name(id.as_str())),
            id: Some(id.as_str().to_owned()),
            location: witness::apart(|| resource.location()),
            api_version: None,
            unseen,
        }
    }
}

/// The names of a resource and its parents, as Azure joins them: `network/subnet`.
fn full_name(id: &str) -> String {
    let at = id.to_ascii_lowercase().rfind("/providers/");
    let below = at.map_or("", |at| &id[at + "/providers/".len()..]);
    let names: Vec<_> = below.split('/').skip(2).step_by(2).collect();
    names.join("/")
}

/// What a field finds in a resource: nothing where it is absent.
pub(crate) fn seen<'d>(field: &str, body: &Body<'d>, names: &Names) -> Vec<Value<'d>> {
    witness::apart(|| {
        let short = names.key(field);
        let slots = names.slots(&body.resource_type.to_ascii_lowercase());
        let Some(slot) = slots.iter().find(|slot| slot.short == short) else {
            let at = body.value.get_ignore_case(&short);
            let tag = at.filter(|_| short == "tags").and_then(|tags| {
                let name = field.get(4..).unwrap_or_default();
                let name = name.trim_matches(['.', '[', ']', '\'']);
                tags.get_ignore_case(name)
            });
            return tag.or(at).into_iter().collect();
        };
        let is_flat = body.value.get_ignore_case("properties").is_none();
        let mut found = vec![body.value];
        for (level, group) in slot.from.0.iter().enumerate() {
            if level > 0 {
                found = found.into_iter().flat_map(Value::items).collect();
            }
            let reader = Reader {
                to: &slot.to,
                from: &slot.from,
                is_flat,
            };
            let each = found.into_iter();
            let next = each.filter_map(|at| reader.follow(group, at).unwrap_or_else(Some));
            found = next.collect();
        }
        found
    })
}

/// What the definitions of a rulebook read of a resource.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The settings under the evaluator's names.
    pub(crate) resource: Datum,
    /// The settings that can't be known: the cause and what to supply, by the evaluator's name.
    pub(crate) unknown: BTreeMap<String, (String, String)>,
}

impl Facts {
    /// Reads a resource.
    pub(crate) fn read(body: &Body<'_>, names: &Names) -> Self {
        witness::apart(|| {
            let mut facts = Self {
                resource: Datum::new_object(),
                unknown: BTreeMap::new(),
            };
            if names.is_verbatim() {
                match value::folded(body.value) {
                    Ok(resource) => facts.resource = resource,
                    Err(at) => facts.note("", at),
                }
            }
            facts.read_root(body);
            let kind = body.resource_type.to_ascii_lowercase();
            for slot in names.slots(&kind) {
                facts.read_slot(slot, body);
            }
            if let Some(unseen) = &body.unseen {
                let why = (unseen.cause.clone(), unseen.supply.clone());
                for slot in names.slots(&kind) {
                    facts.unknown.insert(slot.short.clone(), why.clone());
                }
            }
            facts
        })
    }

    fn read_root(&mut self, body: &Body<'_>) {
        let texts = [
            ("type", Some(&body.resource_type)),
            ("name", body.name.as_ref()),
            ("fullname", body.full_name.as_ref()),
            ("id", body.id.as_ref()),
            ("location", body.location.as_ref()),
            ("apiversion", body.api_version.as_ref()),
        ];
        for (key, text) in texts {
            let written = body.value.get_ignore_case(key);
            match (text, written) {
                (_, Some(value)) if value.is_unknown() => self.note(key, value),
                (Some(text), _) if !text.is_empty() => {
                    insert(&mut self.resource, key.into(), text.as_str().into());
                }
                _ => {}
            }
        }
        for key in ["kind", "tags", "identity"] {
            let Some(written) = body.value.get_ignore_case(key) else {
                continue;
            };
            match value::folded(written) {
                Ok(read) => insert(&mut self.resource, key.into(), read),
                Err(at) => self.note(key, at),
            }
        }
    }

    fn read_slot(&mut self, slot: &Slot, body: &Body<'_>) {
        let version = body
            .api_version
            .as_ref()
            .map(|version| version.to_ascii_lowercase());
        let mut versions = slot.versions.iter();
        let own = versions.find(|(known, _)| Some(known) == version.as_ref());
        let from = own.map_or(&slot.from, |(_, path)| path);
        let is_flat = body.value.get_ignore_case("properties").is_none();
        let reader = Reader {
            to: &slot.to,
            from,
            is_flat,
        };
        if let Err(at) = reader.copy(0, &mut self.resource, body.value) {
            self.note(&slot.short, at);
        }
    }

    fn note(&mut self, key: &str, at: Value<'_>) {
        let why = value::unknown_of(at);
        self.unknown.entry(key.to_owned()).or_insert(why);
    }

    /// The first thing unknown among the fields that are read.
    pub(crate) fn unknown_among(&self, keys: &[String]) -> Option<Unknown> {
        if self.unknown.is_empty() {
            return None;
        }
        let whole = self.unknown.get("");
        let found = whole.or_else(|| keys.iter().find_map(|key| self.unknown.get(key)));
        found.map(|(cause, supply)| Unknown::because(cause, supply))
    }
}

/// Copies one setting from where it stands to where the evaluator looks.
struct Reader<'p> {
    to: &'p Path,
    from: &'p Path,
    /// Whether the command line of Azure took `properties` away.
    is_flat: bool,
}

impl Reader<'_> {
    /// Copies what is below the `level`th list; what can't be known is the error.
    fn copy<'d>(
        &self,
        level: usize,
        target: &mut Datum,
        source: Value<'d>,
    ) -> Result<(), Value<'d>> {
        let Some(found) = self.follow(&self.from.0[level], source)? else {
            return Ok(());
        };
        let is_last = level + 1 == self.from.0.len();
        let Some(place) = slot_at(target, &self.to.0[level]) else {
            return Ok(());
        };
        if is_last || found.kind() != Kind::Array {
            // What is there already was copied as a part of the whole.
            if matches!(place, Datum::Undefined) {
                *place = value::folded(found)?;
            }
            return Ok(());
        }
        if !matches!(place, Datum::Array(_)) {
            let items = found.items().map(|item| match item.kind() {
                Kind::Object => Ok(Datum::new_object()),
                _ => value::folded(item),
            });
            *place = Datum::from(items.collect::<Result<Vec<_>, _>>()?);
        }
        let ends_here = self.from.0[level + 1].is_empty() && level + 2 == self.from.0.len();
        if let Ok(items) = place.as_array_mut() {
            for (target, source) in items.iter_mut().zip(found.items()) {
                if source.is_unknown() {
                    return Err(source);
                }
                match ends_here {
                    true => *target = value::folded(source)?,
                    false => self.copy(level + 1, target, source)?,
                }
            }
        }
        Ok(())
    }

    /// Follows members in any letter case. `properties` may be missing where it was taken away.
    fn follow<'d>(
        &self,
        members: &[String],
        from: Value<'d>,
    ) -> Result<Option<Value<'d>>, Value<'d>> {
        let mut at = from;
        for member in members {
            if at.is_unknown() {
                return Err(at);
            }
            match at.get_ignore_case(member) {
                Some(next) => at = next,
                None if self.is_flat && member.eq_ignore_ascii_case("properties") => {}
                None => return Ok(None),
            }
        }
        match at.is_unknown() {
            true => Err(at),
            false => Ok(Some(at)),
        }
    }
}

/// The place of a member below an object, made on the way; nothing where something else stands.
fn slot_at<'t>(target: &'t mut Datum, members: &[String]) -> Option<&'t mut Datum> {
    let mut at = target;
    for member in members {
        if matches!(at, Datum::Undefined) {
            *at = Datum::new_object();
        }
        let object = at.as_object_mut().ok()?;
        at = object.get_or_insert_with(Datum::from(member.as_str()), || Datum::Undefined);
    }
    Some(at)
}
