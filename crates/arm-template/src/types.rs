//! The types of parameters, those of the template's author included (Microsoft Learn, "Data
//! types in ARM templates" and "Type definitions in ARM templates", 2025).

use palisade_document::{Content, Derived, Kind, Value};

use crate::evaluator::{Evaluator, with_article};
use crate::functions::utf16_length;
use crate::value;

/// How far types refer to each other.
const DEEPEST: usize = 24;

/// A type: its definition, and the definitions that it refers to, nearest first.
pub(crate) struct Type<'d> {
    template: Value<'d>,
    chain: Vec<Value<'d>>,
}

impl<'d> Type<'d> {
    /// The type of a parameter or of a part of one.
    pub(crate) fn of(template: Value<'d>, definition: Value<'d>) -> Self {
        let mut chain = vec![definition];
        let mut at = definition;
        while chain.len() < DEEPEST
            && let Some(next) = at.get("$ref").and_then(Value::as_str)
            && let Some(path) = next.strip_prefix("#/")
            && let Some(found) = found(template, path)
        {
            chain.push(found);
            at = found;
        }
        Self { template, chain }
    }

    fn setting(&self, name: &str) -> Option<Value<'d>> {
        self.chain.iter().find_map(|it| it.get_ignore_case(name))
    }

    fn name(&self) -> String {
        let name = self.setting("type").and_then(Value::as_str);
        name.unwrap_or_default().to_ascii_lowercase()
    }

    pub(crate) fn is_nullable(&self) -> bool {
        self.setting("nullable").and_then(Value::as_bool) == Some(true)
    }

    pub(crate) fn is_secure(&self) -> bool {
        matches!(self.name().as_str(), "securestring" | "secureobject")
    }

    pub(crate) fn is_text(&self) -> bool {
        self.name() == "string"
    }

    /// What is wrong with a value of this type, as the end of a sentence.
    pub(crate) fn defect(&self, evaluator: &Evaluator<'_>, value: &Derived) -> Option<String> {
        self.defect_at(evaluator, value, 0)
    }

    fn defect_at(
        &self,
        evaluator: &Evaluator<'_>,
        value: &Derived,
        depth: usize,
    ) -> Option<String> {
        let is_known = !value.is_unknown() && evaluator.partial.known(value).is_none();
        if !is_known || depth > DEEPEST || !evaluator.spend(1) {
            return None;
        }
        if matches!(value.content, Content::Null) && self.is_nullable() {
            return None;
        }
        let name = self.name();
        let fits = match (name.as_str(), &value.content) {
            ("string", Content::String(_))
            | ("bool", Content::Bool(_))
            | ("array", Content::Array(_))
            | ("object", Content::Object(_)) => true,
            ("int", Content::Number(number)) => value::whole(number).is_some(),
            ("string" | "int" | "bool" | "array" | "object", _) => false,
            _ => return None,
        };
        if !fits {
            return Some(format!(
                " should be of type {name} and is {}",
                with_article(value)
            ));
        }
        self.not_allowed(evaluator, value)
            .or_else(|| self.outside_bounds(value))
            .or_else(|| self.defect_inside(evaluator, value, depth))
    }

    fn not_allowed(&self, evaluator: &Evaluator<'_>, value: &Derived) -> Option<String> {
        let allowed = self.setting("allowedValues")?;
        let is = |one: Value<'_>, value: &Derived| {
            // Azure takes allowed texts in any letter case.
            match (one.as_str(), value.as_str()) {
                (Some(one), Some(text)) => one.eq_ignore_ascii_case(text),
                _ => !matches!(evaluator.same(&Derived::literal(one), value), Ok(false)),
            }
        };
        let is_one = |value: &Derived| {
            value.is_unknown()
                || evaluator.partial.known(value).is_some()
                || allowed.items().any(|one| is(one, value))
        };
        // For an array the values may be those of its elements.
        let is_allowed =
            is_one(value) || value::as_array(value).is_some_and(|items| items.iter().all(is_one));
        (!is_allowed).then(|| " has a value that isn't among its allowedValues".to_owned())
    }

    fn outside_bounds(&self, value: &Derived) -> Option<String> {
        let bound = |name: &str| self.setting(name).and_then(Value::as_i64);
        let (size, least, most) = match &value.content {
            Content::Number(number) => (value::whole(number)?, "minValue", "maxValue"),
            Content::String(text) => (length(utf16_length(text)), "minLength", "maxLength"),
            Content::Array(items) => (length(items.len()), "minLength", "maxLength"),
            _ => return None,
        };
        if bound(least).is_some_and(|bound| size < bound) {
            return Some(format!(" is below its {least}"));
        }
        if bound(most).is_some_and(|bound| size > bound) {
            return Some(format!(" is above its {most}"));
        }
        None
    }

    fn defect_inside(
        &self,
        evaluator: &Evaluator<'_>,
        value: &Derived,
        depth: usize,
    ) -> Option<String> {
        match &value.content {
            Content::Array(items) => self.defect_of_items(evaluator, items, depth),
            Content::Object(members) => self.defect_of_members(evaluator, members, depth),
            _ => None,
        }
    }

    fn defect_of_items(
        &self,
        evaluator: &Evaluator<'_>,
        items: &[Derived],
        depth: usize,
    ) -> Option<String> {
        let first: Vec<_> = self
            .setting("prefixItems")
            .into_iter()
            .flat_map(Value::items)
            .collect();
        let other = self.setting("items");
        if items.len() > first.len() && other.and_then(Value::as_bool) == Some(false) {
            return Some(format!(" has more than {} elements", first.len()));
        }
        items.iter().enumerate().find_map(|(at, item)| {
            let definition = first.get(at).copied().or(other)?;
            let kind = Type::of(self.template, definition);
            let defect = kind.defect_at(evaluator, item, depth + 1)?;
            Some(format!(": element {at}{defect}"))
        })
    }

    fn defect_of_members(
        &self,
        evaluator: &Evaluator<'_>,
        members: &value::Members,
        depth: usize,
    ) -> Option<String> {
        let properties = self.setting("properties");
        let other = self.setting("additionalProperties");
        let has_discriminator = self.setting("discriminator").is_some();
        for (key, member) in members {
            let name = key.as_str().unwrap_or_default();
            let known = properties.and_then(|it| it.get_ignore_case(name));
            match known.or(other) {
                Some(definition) if definition.kind() == Kind::Object => {
                    let kind = Type::of(self.template, definition);
                    if let Some(defect) = kind.defect_at(evaluator, member, depth + 1) {
                        return Some(format!(": property `{name}`{defect}"));
                    }
                }
                Some(definition) if definition.as_bool() == Some(false) && !has_discriminator => {
                    return Some(format!(": property `{name}` isn't part of its type"));
                }
                _ => {}
            }
        }
        let required = properties.into_iter().flat_map(Value::entries);
        required
            .filter(|entry| value::member(members, entry.name()).is_none())
            .find(|entry| !Type::of(self.template, entry.value).is_nullable())
            .map(|entry| format!(": property `{}` is missing", entry.name()))
    }
}

/// The value at a path such as `definitions/name`.
fn found<'d>(template: Value<'d>, path: &str) -> Option<Value<'d>> {
    let mut at = template;
    for step in path.split('/') {
        let step = step.replace("~1", "/").replace("~0", "~");
        at = match at.kind() {
            Kind::Array => at.items().nth(step.parse().ok()?)?,
            _ => at.get_ignore_case(&step)?,
        };
    }
    Some(at)
}

fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
