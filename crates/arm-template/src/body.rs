//! Values of a template's JSON, with the expressions in it evaluated and its loops unrolled.

use std::rc::Rc;

use palisade_document::{Content, Derived, Kind, Place, Value};

use crate::environment::{Context, Env};
use crate::evaluator::Evaluator;
use crate::expression::{is_expression, unescaped};
use crate::fault::Fault;
use crate::{partial, value};

/// The most turns that Azure lets a loop have (Microsoft Learn, "Resource iteration in ARM
/// templates", 2025).
const MOST_TURNS: i64 = 800;

impl<'d> Evaluator<'d> {
    /// What a value of the template means where names stand for `env`.
    pub(crate) fn value(&self, env: &Env<'d>, node: Value<'d>) -> Derived {
        let Some(_deeper) = self.deeper() else {
            let fault = Fault::new("values and expressions lead into each other too deeply");
            return self.failed(node, &fault);
        };
        if !self.spend(1) {
            return self.exhausted(node);
        }
        match node.kind() {
            Kind::String => self.string(env, node),
            Kind::Array => {
                let items = node.items().map(|item| self.value(env, item));
                Derived::array(items.collect()).at(Place::of(node))
            }
            Kind::Object => self.object(env, node),
            _ => Derived::literal(node),
        }
    }

    pub(crate) fn exhausted(&self, node: Value<'d>) -> Derived {
        let fault = Fault::new("the template takes too many steps to expand");
        self.failed(node.document().roots().next().unwrap_or(node), &fault)
    }

    fn string(&self, env: &Env<'d>, node: Value<'d>) -> Derived {
        let text = node.scalar();
        if is_expression(text) {
            return self.expression(Context { env, leaf: node }, 0);
        }
        // Where names mean what they do around a template, `[[` puts off the evaluation to it.
        if let Some(inner) = &env.inner
            && text.starts_with("[[")
            && is_expression(&text[1..])
        {
            let env = Env::new(Rc::clone(inner));
            let context = Context {
                env: &env,
                leaf: node,
            };
            return self.expression(context, 1);
        }
        let text = unescaped(text);
        match partial::cleaned(text) {
            Some(cleaned) => Derived::string(cleaned),
            None => Derived::string(text),
        }
        .at(Place::of(node))
    }

    fn object(&self, env: &Env<'d>, node: Value<'d>) -> Derived {
        let mut members = Vec::with_capacity(node.entries().len());
        for entry in node.entries() {
            if entry.name().eq_ignore_ascii_case("copy") && is_property_loop(entry.value) {
                for item in entry.value.items() {
                    let key = item.get_ignore_case("name").unwrap_or(item);
                    let unrolled = self.property_loop(env, item);
                    value::set(&mut members, self.value(env, key), unrolled);
                }
                continue;
            }
            let key = self.string(env, entry.key);
            if let Some(unknown) = self.unknown_key(&key) {
                return unknown;
            }
            members.push((key, self.value(env, entry.value)));
        }
        Derived::object(members).at(Place::of(node))
    }

    /// An object is unknown as a whole if one of its names is.
    fn unknown_key(&self, key: &Derived) -> Option<Derived> {
        match &key.content {
            Content::String(_) => self.partial.known(key),
            Content::Unknown { .. } => Some(key.clone()),
            _ => Some(Derived::unknown(
                "the name of a property is no string",
                "a template without the defect",
            )),
        }
    }

    /// `{name, count, input}` to an array.
    pub(crate) fn property_loop(&self, env: &Env<'d>, item: Value<'d>) -> Derived {
        let name = item.get_ignore_case("name").and_then(Value::as_str);
        let Some(input) = item.get_ignore_case("input") else {
            return self.failed(item, &Fault::new("the copy loop has no `input`"));
        };
        let turns = match self.turns(env, item) {
            Ok(turns) => turns,
            Err(unknown) => return unknown,
        };
        let items = (0..turns).map(|index| {
            let env = env.in_loop(name.unwrap_or_default(), Ok(index), false);
            self.value(&env, input)
        });
        Derived::array(items.collect()).at(Place::of(item))
    }

    /// How many turns a loop has, or the unknown that it is.
    pub(crate) fn turns(&self, env: &Env<'d>, of: Value<'d>) -> Result<i64, Derived> {
        let Some(node) = of.get_ignore_case("count") else {
            return Err(self.failed(of, &Fault::new("the copy loop has no `count`")));
        };
        let count = self.value(env, node);
        if let Some(unknown) = self.first_unknown(&count) {
            return Err(unknown);
        }
        let number = match &count.content {
            Content::String(text) => text.trim().parse().ok(),
            _ => value::as_integer(&count),
        };
        match number {
            Some(number) if (0..=MOST_TURNS).contains(&number) => Ok(number),
            Some(_) => {
                let fault = Fault::new(format!("a copy loop has 0 to {MOST_TURNS} turns"));
                Err(self.failed(node, &fault))
            }
            None => Err(self.failed(node, &Fault::new("the `count` of a copy loop is no int"))),
        }
    }
}

/// Whether a `copy` is a list of loops that make properties, not a property of that name.
pub(crate) fn is_property_loop(copy: Value<'_>) -> bool {
    let is_loop = |item: Value<'_>| {
        item.get_ignore_case("name").is_some() && item.get_ignore_case("count").is_some()
    };
    copy.kind() == Kind::Array && copy.items().len() > 0 && copy.items().all(is_loop)
}
