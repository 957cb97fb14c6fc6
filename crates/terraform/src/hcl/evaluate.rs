//! Expressions to values, as far as they are static.

use std::sync::Arc;

use super::module::{Instances, Modules, Scene};
use super::syntax::{Expression, For, Kind, Operator, Step};
use super::{functions, operators};
use crate::value;
use palisade_document::{Content, Derived, Link, Place, Provenance};

/// The most expressions within and behind each other.
const DEEPEST: usize = 100;

/// The most expressions that one configuration may take.
const MOST_STEPS: usize = 2_000_000;

/// The most items that an expression goes through.
const MOST_ITEMS: usize = 10_000;

/// The longest text that a template makes.
const LONGEST: usize = 1 << 20;

pub(super) fn at(place: Option<Place>) -> Provenance {
    Provenance {
        place,
        through: None,
    }
}

/// What can't be known without a plan.
pub(super) fn plan_only(cause: impl Into<Arc<str>>, source: &Provenance) -> Derived {
    value::unknown(cause, "audit the plan (`terraform show -json`)", source)
}

/// The same value, taken over at a place from what the label names.
pub(super) fn through(mut found: Derived, label: String, place: Option<Place>) -> Derived {
    found.source.through = Some(Arc::new(Link {
        label: label.into(),
        place,
        next: found.source.through.take(),
    }));
    found
}

impl<'c> Modules<'c> {
    /// Whether the configuration has taken more steps than any real one.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps > MOST_STEPS
    }

    pub(super) fn evaluate(&mut self, expression: &'c Expression, scene: &Scene) -> Derived {
        let source = at(expression.place);
        self.steps += 1;
        if scene.depth > DEEPEST || self.is_exhausted() {
            return plan_only("the expression is too complex to evaluate", &source);
        }
        let scene = &scene.deeper();
        match &expression.kind {
            Kind::Null => value::null(&source),
            Kind::Bool(flag) => value::flag(*flag, &source),
            Kind::Number(number) => value::number(number.clone(), &source),
            Kind::Text(text) => value::text(text.clone(), &source),
            Kind::List(items) => {
                let items = items.iter().map(|item| self.evaluate(item, scene));
                value::array(items.collect(), &source)
            }
            Kind::Object(members) => self.object(members, scene, &source),
            Kind::Template(parts) => self.template(parts, scene, &source),
            Kind::Name(name) => self.reference(name, &[], scene, expression.place),
            Kind::Traversal(root, steps) => match &root.kind {
                Kind::Name(name) => self.reference(name, steps, scene, expression.place),
                _ => {
                    let found = self.evaluate(root, scene);
                    self.walk(found, steps, scene)
                }
            },
            Kind::Call {
                name,
                arguments,
                is_spread,
            } => self.call(name, arguments, *is_spread, scene, &source),
            Kind::Conditional(parts) => self.conditional(parts, scene),
            Kind::Not(inner) => {
                let found = self.evaluate(inner, scene);
                match truth(&found) {
                    Some(flag) => value::flag(!flag, &source),
                    None => otherwise_unknown(found, &source),
                }
            }
            Kind::Negative(inner) => {
                let found = self.evaluate(inner, scene);
                match operators::number(&found) {
                    Some(number) => operators::from_number(-number, &source),
                    None => otherwise_unknown(found, &source),
                }
            }
            Kind::Binary(operator, sides) => self.binary(*operator, sides, scene, &source),
            Kind::For(inner) => self.for_each(inner, scene, &source),
            Kind::Other(what) => plan_only(format!("{what} isn't evaluated"), &source),
        }
    }

    fn object(
        &mut self,
        members: &'c [(Expression, Expression)],
        scene: &Scene,
        source: &Provenance,
    ) -> Derived {
        let mut found: Vec<(Derived, Derived)> = Vec::with_capacity(members.len());
        for (key, member) in members {
            let key = self.evaluate(key, scene);
            let Some(text) = value::scalar(&key).map(str::to_owned) else {
                return otherwise_unknown(key, source);
            };
            let member = self.evaluate(member, scene);
            found.push((value::text(text, &key.source), member));
        }
        value::object(found, source)
    }

    fn template(&mut self, parts: &'c [Expression], scene: &Scene, source: &Provenance) -> Derived {
        if let [only] = parts {
            return self.evaluate(only, scene);
        }
        let mut text = String::new();
        let mut origin = None;
        for part in parts {
            let found = self.evaluate(part, scene);
            match value::scalar(&found) {
                Some(part) => text.push_str(part),
                None => return otherwise_unknown(found, source),
            }
            if text.len() > LONGEST {
                return plan_only("the text is too long", source);
            }
            origin = origin.or_else(|| found.source.through.clone());
        }
        let mut found = value::text(text, source);
        found.source.through = origin;
        found
    }

    fn conditional(&mut self, parts: &'c [Expression; 3], scene: &Scene) -> Derived {
        let [condition, yes, no] = parts;
        let found = self.evaluate(condition, scene);
        match truth(&found) {
            Some(true) => self.evaluate(yes, scene),
            Some(false) => self.evaluate(no, scene),
            None => {
                let source = at(condition.place);
                let (yes, no) = (self.evaluate(yes, scene), self.evaluate(no, scene));
                match operators::same(&yes, &no) {
                    Some(true) => yes,
                    _ => otherwise_unknown(found, &source),
                }
            }
        }
    }

    fn binary(
        &mut self,
        operator: Operator,
        sides: &'c [Expression; 2],
        scene: &Scene,
        source: &Provenance,
    ) -> Derived {
        let left = self.evaluate(&sides[0], scene);
        let decided = match (operator, truth(&left)) {
            (Operator::And, Some(false)) => Some(false),
            (Operator::Or, Some(true)) => Some(true),
            _ => None,
        };
        if let Some(flag) = decided {
            return value::flag(flag, source);
        }
        let right = self.evaluate(&sides[1], scene);
        operators::operate(operator, &left, &right, source)
            .unwrap_or_else(|| first_unknown([left, right], source))
    }

    /// The items of a collection with their keys, as `for`, `for_each` and `dynamic` go through
    /// them; the value itself where they aren't known.
    pub(super) fn pairs(collection: &Derived) -> Option<Vec<(Derived, Derived)>> {
        match &collection.content {
            Content::Array(items) if items.len() > MOST_ITEMS => None,
            Content::Object(members) if members.len() > MOST_ITEMS => None,
            Content::Array(items) => Some(
                items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| {
                        let key = value::number(at.to_string(), &item.source);
                        (key, inherit(item, collection))
                    })
                    .collect(),
            ),
            Content::Object(members) => Some(
                members
                    .iter()
                    .map(|(key, member)| (key.clone(), inherit(member, collection)))
                    .collect(),
            ),
            Content::Null => Some(Vec::new()),
            _ => None,
        }
    }

    fn for_each(&mut self, inner: &'c For, scene: &Scene, source: &Provenance) -> Derived {
        let collection = self.evaluate(&inner.collection, scene);
        let Some(pairs) = Self::pairs(&collection) else {
            return otherwise_unknown(collection, source);
        };
        let (mut items, mut members) = (Vec::new(), Vec::<(Derived, Derived)>::new());
        for (key, item) in pairs {
            let mut scene = scene.clone();
            if let Some(name) = &inner.key_name {
                scene.names.push((name.clone(), key));
            }
            scene.names.push((inner.value_name.clone(), item));
            if let Some(test) = &inner.condition {
                let tested = self.evaluate(test, &scene);
                match truth(&tested) {
                    Some(true) => {}
                    Some(false) => continue,
                    None => return otherwise_unknown(tested, source),
                }
            }
            let result = self.evaluate(&inner.value, &scene);
            let Some(key) = &inner.key else {
                items.push(result);
                continue;
            };
            let key = self.evaluate(key, &scene);
            let Some(text) = value::scalar(&key).map(str::to_owned) else {
                return otherwise_unknown(key, source);
            };
            let key = value::text(text.as_str(), &key.source);
            if !inner.is_grouping {
                members.push((key, result));
                continue;
            }
            let known = members
                .iter_mut()
                .find(|(known, _)| value::as_str(known) == Some(&text));
            match known {
                Some((_, group)) => {
                    let mut all = value::items(group).to_vec();
                    all.push(result);
                    *group = value::array(all, source);
                }
                None => members.push((key, value::array(vec![result], source))),
            }
        }
        match inner.key {
            Some(_) => value::object(members, source),
            None => value::array(items, source),
        }
    }

    fn call(
        &mut self,
        name: &str,
        arguments: &'c [Expression],
        is_spread: bool,
        scene: &Scene,
        source: &Provenance,
    ) -> Derived {
        if matches!(name, "try" | "can") {
            return self.attempt(name, arguments, scene, source);
        }
        let mut values: Vec<_> = arguments
            .iter()
            .map(|argument| self.evaluate(argument, scene))
            .collect();
        if is_spread && let Some(last) = values.pop() {
            match &last.content {
                Content::Array(items) => values.extend(items.iter().cloned()),
                _ => return otherwise_unknown(last, source),
            }
        }
        let made = functions::call(name, &values, source);
        // Memory is as long as lists are.
        self.steps += made.as_ref().map_or(0, |made| value::items(made).len());
        made.unwrap_or_else(|| {
            let open = values
                .iter()
                .find(|found| value::is_unknown(found))
                .cloned();
            open.map(|open| otherwise_unknown(open, source))
                .unwrap_or_else(|| plan_only(format!("`{name}` isn't evaluated here"), source))
        })
    }

    /// The first argument that can be evaluated. One that is unknown may be an error or not.
    fn attempt(
        &mut self,
        name: &str,
        arguments: &'c [Expression],
        scene: &Scene,
        source: &Provenance,
    ) -> Derived {
        for argument in arguments {
            let found = self.evaluate(argument, scene);
            if self.is_missing(&found) {
                continue;
            }
            if name == "can" {
                return match value::is_unknown(&found) {
                    true => found,
                    false => value::flag(true, source),
                };
            }
            return found;
        }
        match name {
            "can" => value::flag(false, source),
            _ => value::null(source),
        }
    }

    /// Whether a value is the error of reaching for what isn't there.
    fn is_missing(&self, found: &Derived) -> bool {
        matches!(&found.content, Content::Unknown { cause, .. } if cause.starts_with(MISSING))
    }

    /// Goes from a value along the steps of a reference.
    pub(super) fn walk(&mut self, mut found: Derived, steps: &'c [Step], scene: &Scene) -> Derived {
        for (place, step) in steps.iter().enumerate() {
            if value::is_unknown(&found) {
                return found;
            }
            match step {
                Step::Member(name) => found = member(&found, name),
                Step::Index(index) => {
                    let index = self.evaluate(index, scene);
                    match value::scalar(&index) {
                        Some(key) => found = member(&found, key),
                        None => return otherwise_unknown(index, &found.source),
                    }
                }
                Step::Splat => {
                    let rest = &steps[place + 1..];
                    let source = found.source.clone();
                    let items = match &found.content {
                        Content::Array(items) => items.to_vec(),
                        Content::Null => Vec::new(),
                        _ => vec![found],
                    };
                    let items = items.into_iter().map(|item| self.walk(item, rest, scene));
                    return value::array(items.collect(), &source);
                }
            }
        }
        found
    }

    /// The value of a name with its steps.
    fn reference(
        &mut self,
        name: &str,
        steps: &'c [Step],
        scene: &Scene,
        place: Option<Place>,
    ) -> Derived {
        if let Some((_, found)) = scene.names.iter().rev().find(|(own, _)| own == name) {
            let found = found.clone();
            return self.walk(found, steps, scene);
        }
        let source = at(place);
        let (first, rest) = match steps {
            [Step::Member(first), rest @ ..] => (first.as_str(), rest),
            _ => return plan_only(format!("`{name}` isn't known here"), &source),
        };
        match name {
            "var" => {
                let found = self.variable(scene.module, first, scene.depth);
                let label = self.label(scene.module, first);
                let found = through(found, label, place);
                self.walk(found, rest, scene)
            }
            "local" => {
                let found = self.local(scene.module, first, scene.depth);
                let found = through(found, format!("local `{first}`"), place);
                self.walk(found, rest, scene)
            }
            "each" | "count" => plan_only(format!("`{name}.{first}` isn't known here"), &source),
            "path" => value::text(".", &source),
            "module" => self.output(first, rest, scene, place),
            "data" => match rest {
                [Step::Member(own), rest @ ..] => {
                    self.resource("data", first, own, rest, scene, place)
                }
                _ => plan_only("a data source is read by the plan", &source),
            },
            "terraform" | "self" => {
                plan_only(format!("`{name}.{first}` isn't known here"), &source)
            }
            _ => self.resource("resource", name, first, rest, scene, place),
        }
    }

    /// A reference to a resource or a data source.
    fn resource(
        &mut self,
        kind: &'static str,
        resource_type: &str,
        name: &str,
        steps: &'c [Step],
        scene: &Scene,
        place: Option<Place>,
    ) -> Derived {
        let source = at(place);
        let Some(block) = self.block(scene.module, kind, resource_type, name) else {
            let cause = format!("there is no {kind} `{resource_type}.{name}` in the module");
            return plan_only(cause, &source);
        };
        let instances = self.instances(scene.module, block, scene.depth);
        let one = |scene: &Scene| (scene.clone(), steps);
        let ((own, rest), is_all) = match (&*instances, steps) {
            (Instances::One(own), _) => (one(own), false),
            (Instances::Unknown(open, _), _) => return otherwise_unknown(open.clone(), &source),
            (Instances::Keyed(all), [Step::Index(index), rest @ ..]) => {
                let index = self.evaluate(index, scene);
                let Some(key) = value::scalar(&index) else {
                    return otherwise_unknown(index, &source);
                };
                match all.iter().find(|own| own.key_text() == key) {
                    Some(own) => ((own.clone(), rest), false),
                    None => {
                        let cause =
                            format!("{MISSING}: no instance `{key}` of `{resource_type}.{name}`");
                        return plan_only(cause, &source);
                    }
                }
            }
            (Instances::Keyed(_), rest) => ((scene.clone(), rest), true),
        };
        if !is_all {
            return match rest {
                [Step::Member(attribute), rest @ ..] => {
                    let found = self.attribute(block, attribute, &own, place);
                    self.walk(found, rest, scene)
                }
                [Step::Splat, Step::Member(attribute), rest @ ..] => {
                    let found = self.attribute(block, attribute, &own, place);
                    let found = self.walk(found, rest, scene);
                    value::array(vec![found], &source)
                }
                _ => {
                    let found = self.whole(block, &own, place);
                    self.walk(found, rest, scene)
                }
            };
        }
        let Instances::Keyed(all) = &*instances else {
            return value::null(&source);
        };
        if let [Step::Splat, Step::Member(attribute), rest @ ..] = rest {
            let found = all.iter().map(|own| {
                let found = self.attribute(block, attribute, own, place);
                self.walk(found, rest, scene)
            });
            return value::array(found.collect(), &source);
        }
        let all: Vec<_> = all
            .iter()
            .map(|own| {
                (
                    own.key_text().to_owned(),
                    self.whole(block, own, place),
                    own.is_counted(),
                )
            })
            .collect();
        let is_counted = all.iter().all(|(_, _, is_counted)| *is_counted);
        let found = match is_counted {
            true => value::array(all.into_iter().map(|(_, one, _)| one).collect(), &source),
            false => {
                let members = all.into_iter();
                let members = members.map(|(key, one, _)| (value::text(key, &source), one));
                value::object(members.collect(), &source)
            }
        };
        self.walk(found, rest, scene)
    }
}

/// How the cause starts of an unknown that is an error which `try` catches.
const MISSING: &str = "nothing is there";

/// The member or item of a value. It came the way that the whole came.
fn member(whole: &Derived, key: &str) -> Derived {
    let found = match &whole.content {
        Content::Object(_) => value::get(whole, key),
        Content::Array(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)),
        _ => None,
    };
    match found {
        Some(found) => inherit(found, whole),
        None => plan_only(format!("{MISSING} under `{key}`"), &whole.source),
    }
}

fn inherit(found: &Derived, whole: &Derived) -> Derived {
    let mut found = found.clone();
    if found.source.through.is_none() {
        found.source.through = whole.source.through.clone();
    }
    found
}

/// Whether a value is true or false; a text may say so.
pub(super) fn truth(found: &Derived) -> Option<bool> {
    match &found.content {
        Content::Bool(flag) => Some(*flag),
        Content::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// An unknown passes on; anything else that doesn't fit makes one.
pub(super) fn otherwise_unknown(found: Derived, source: &Provenance) -> Derived {
    match &found.content {
        Content::Unknown { cause, supply } => value::unknown(cause.clone(), supply.clone(), source),
        _ => plan_only(
            format!("{MISSING}: the value doesn't fit the expression"),
            source,
        ),
    }
}

fn first_unknown<const N: usize>(found: [Derived; N], source: &Provenance) -> Derived {
    let open = found.iter().find(|found| value::is_unknown(found));
    match open {
        Some(open) => otherwise_unknown(open.clone(), source),
        None => plan_only("the operands don't fit the operator", source),
    }
}
