//! References between resources, resolved through modules, `count` and `for_each` as far as the
//! plan tells: it has the names that an expression refers to, not the expression.

use std::collections::HashMap;

use palisade_document::{Kind, Value};

use super::configuration::{constant, references};
use super::{Plan, after_apply, is_open};
use crate::identity::{self, stand_in};
use crate::value;
use palisade_document::{Content, Derived, Provenance};

/// The longest chain of references that is followed.
const LONGEST: usize = 32;

/// The ids of the plan's resources, each made once.
pub(super) struct Ids<'a, 'p> {
    plan: &'a Plan<'p>,
    known: HashMap<usize, Option<String>>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Scene<'s> {
    /// The address of the module instance.
    module: &'s str,
    /// The key of the resource instance.
    key: &'s str,
    depth: usize,
}

/// What a name refers to.
enum Target<'n> {
    Resource {
        path: &'n str,
        key: &'n str,
        rest: &'n str,
    },
    Variable(&'n str),
    Output {
        call: &'n str,
        key: &'n str,
        output: &'n str,
    },
    Other,
}

impl<'a, 'p> Ids<'a, 'p> {
    pub(super) fn new(plan: &'a Plan<'p>) -> Self {
        Self {
            plan,
            known: HashMap::new(),
        }
    }

    /// The id of a resource. One that leads back to itself has none.
    pub(super) fn id(&mut self, at: usize) -> Option<String> {
        if let Some(known) = self.known.get(&at) {
            return known.clone();
        }
        self.known.insert(at, None);
        let plan = self.plan;
        let identity = plan.identity(at);
        let id = identity::id(&identity, &mut |name| self.attribute(at, name, 0));
        self.known.insert(at, id.clone());
        id
    }

    /// The attributes with every reference resolved that leads to an id or a name.
    pub(super) fn resolved(&mut self, at: usize) -> Derived {
        let attributes = &self.plan.resources[at].attributes;
        let members = value::members(attributes).iter().map(|(key, _)| {
            let name = value::as_str(key).unwrap_or_default();
            let found = self.attribute(at, name, 0);
            (key.clone(), found.unwrap_or_default())
        });
        value::object(members.collect(), &attributes.source)
    }

    fn attribute(&mut self, at: usize, name: &str, depth: usize) -> Option<Derived> {
        let resource = &self.plan.resources[at];
        let found = value::get(&resource.attributes, name)?.clone();
        let path = format!("{}.{}", resource.resource_type, resource.name);
        let module = module_path(resource.module);
        let Some(expressions) = self.plan.configuration.expressions(&module, &path) else {
            return Some(found);
        };
        let scene = Scene {
            module: resource.module,
            key: resource.key,
            depth,
        };
        let expression = expressions.and_then(|expressions| expressions.get(name));
        Some(self.fill(found, name, expression, scene))
    }

    /// Fills in what is unknown. An unknown that the configuration doesn't set is Azure's own
    /// business, and absent in what is sent to it.
    fn fill(
        &mut self,
        found: Derived,
        name: &str,
        expression: Option<Value<'p>>,
        scene: Scene<'_>,
    ) -> Derived {
        let Some(expression) = expression else {
            return match found.content {
                Content::Unknown { .. } => value::null(&found.source),
                _ => found,
            };
        };
        match &found.content {
            Content::Unknown { .. } => {
                let resolved = self.resolve(name, expression, &found, scene);
                resolved.unwrap_or(found)
            }
            Content::Array(items) if expression.kind() == Kind::Array => {
                let blocks: Vec<_> = expression.items().collect();
                let filled = items.iter().map(|item| {
                    // Blocks that `dynamic` made are not in the configuration one by one.
                    let known = blocks.len() == items.len();
                    match block_of(item, &blocks).filter(|_| known) {
                        Some(block) => self.fill_block(item, block, scene),
                        None => item.clone(),
                    }
                });
                value::array(filled.collect(), &found.source)
            }
            Content::Array(items) if items.iter().any(is_open) => {
                self.fill_items(items, name, expression, &found.source, scene)
            }
            Content::Object(_) if expression.get("references").is_none() => {
                self.fill_block(&found, expression, scene)
            }
            _ => found,
        }
    }

    fn fill_block(&mut self, block: &Derived, expressions: Value<'p>, scene: Scene<'_>) -> Derived {
        if !matches!(block.content, Content::Object(_)) {
            return block.clone();
        }
        let members = value::members(block).iter().map(|(key, member)| {
            let name = value::as_str(key).unwrap_or_default();
            let expression = expressions.get(name);
            let filled = self.fill(member.clone(), name, expression, scene);
            (key.clone(), filled)
        });
        value::object(members.collect(), &block.source)
    }

    /// A list of which some items are unknown: as many as names are referred to, in order.
    fn fill_items(
        &mut self,
        items: &[Derived],
        name: &str,
        expression: Value<'p>,
        source: &Provenance,
        scene: Scene<'_>,
    ) -> Derived {
        let names = resource_names(&references(expression));
        let open = items.iter().filter(|item| is_open(item)).count();
        let mut names = names.into_iter().filter(|_| open > 0);
        let all: Vec<_> = names.by_ref().collect();
        if all.len() != open {
            return value::array(items.to_vec(), source);
        }
        let mut next = all.into_iter();
        let filled = items.iter().map(|item| {
            if !is_open(item) {
                return item.clone();
            }
            let resolved = next
                .next()
                .and_then(|reference| self.follow(name, reference, item, scene));
            resolved.unwrap_or_else(|| item.clone())
        });
        value::array(filled.collect(), source)
    }

    /// The value of an expression of which the names are known: of one name its own value, for a
    /// list the values of all of them.
    fn resolve(
        &mut self,
        name: &str,
        expression: Value<'p>,
        open: &Derived,
        scene: Scene<'_>,
    ) -> Option<Derived> {
        if scene.depth > LONGEST {
            return None;
        }
        if let Some(constant) = constant(expression) {
            return Some(after_apply(Some(constant), None, None));
        }
        let names = resource_names(&references(expression));
        if is_plural(name) {
            let mut items = Vec::new();
            for reference in names {
                match self.follow_all(name, reference, open, scene)? {
                    Derived {
                        content: Content::Array(more),
                        ..
                    } => items.extend(more.iter().cloned()),
                    one => items.push(one),
                }
            }
            return (!items.is_empty()).then(|| value::array(items, &open.source));
        }
        let [reference] = names[..] else {
            return None;
        };
        self.follow(name, reference, open, scene)
    }

    /// As [`Self::follow`], but a resource without a key stands for all of its instances.
    fn follow_all(
        &mut self,
        name: &str,
        reference: &str,
        open: &Derived,
        scene: Scene<'_>,
    ) -> Option<Derived> {
        let Target::Resource {
            path,
            key: "",
            rest,
        } = target(reference)
        else {
            return self.follow(name, reference, open, scene);
        };
        let all = self.plan.resources.iter().enumerate().filter(|(_, other)| {
            other.module == scene.module && is_named(path, other.resource_type, other.name)
        });
        let all: Vec<_> = all.map(|(at, _)| at).collect();
        let mut items = Vec::new();
        for at in all {
            items.push(self.member(at, wanted(rest, name)?, open, scene)?);
        }
        Some(value::array(items, &open.source))
    }

    fn follow(
        &mut self,
        name: &str,
        reference: &str,
        open: &Derived,
        scene: Scene<'_>,
    ) -> Option<Derived> {
        let scene = Scene {
            depth: scene.depth + 1,
            ..scene
        };
        if scene.depth > LONGEST {
            return None;
        }
        match target(reference) {
            Target::Resource { path, key, rest } => {
                let at = self.instance(path, key, scene)?;
                self.member(at, wanted(rest, name)?, open, scene)
            }
            Target::Variable(variable) => {
                let (parent, key) = parent_module(scene.module)?;
                let path = module_path(scene.module);
                let expression = self.plan.configuration.argument(&path, variable)?;
                let scene = Scene {
                    module: parent,
                    key,
                    depth: scene.depth,
                };
                self.resolve(name, expression, open, scene)
            }
            Target::Output { call, key, output } => {
                let module = self.module_instance(call, key, scene)?;
                let path = module_path(&module);
                let expression = self.plan.configuration.output(&path, output)?;
                let scene = Scene {
                    module: &module,
                    key: "",
                    depth: scene.depth,
                };
                self.resolve(name, expression, open, scene)
            }
            Target::Other => None,
        }
    }

    /// The instance of a resource that is meant: that of the key, else that with the same key,
    /// else the only one.
    fn instance(&self, path: &str, key: &str, scene: Scene<'_>) -> Option<usize> {
        let address = |key: &str| match scene.module {
            "" => format!("{path}{key}"),
            module => format!("{module}.{path}{key}"),
        };
        let find = |key: &str| self.plan.by_address.get(address(key).as_str()).copied();
        if !key.is_empty() {
            return find(key);
        }
        if let Some(at) = find("").or_else(|| find(scene.key)) {
            return Some(at);
        }
        let mut all = self.plan.resources.iter().enumerate().filter(|(_, other)| {
            other.module == scene.module && is_named(path, other.resource_type, other.name)
        });
        let (at, _) = all.next()?;
        all.next().is_none().then_some(at)
    }

    /// The address of the module instance that a call makes.
    fn module_instance(&self, call: &str, key: &str, scene: Scene<'_>) -> Option<String> {
        let own = match scene.module {
            "" => format!("module.{call}"),
            module => format!("{module}.module.{call}"),
        };
        if !key.is_empty() {
            return Some(own + key);
        }
        let starts = |module: &str, prefix: &str| {
            module
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let is_there = |prefix: &str| {
            let mut resources = self.plan.resources.iter();
            resources.any(|resource| starts(resource.module, prefix))
        };
        let with_key = format!("{own}{}", scene.key);
        if !is_there(&own) && !scene.key.is_empty() && is_there(&with_key) {
            return Some(with_key);
        }
        is_there(&own).then_some(own)
    }

    /// The value of a resource's attribute. A name or an id that isn't known yet has a stand-in.
    fn member(
        &mut self,
        at: usize,
        attribute: &str,
        open: &Derived,
        scene: Scene<'_>,
    ) -> Option<Derived> {
        if attribute == "id" {
            let id = self.id(at)?;
            return Some(value::text(id, &open.source));
        }
        let found = self.attribute(at, attribute, scene.depth + 1);
        match found.filter(|found| !value::is_null(found) && !is_open(found)) {
            Some(found) => Some(found),
            None if attribute == "name" => {
                let address = self.plan.resources[at].address;
                Some(value::text(stand_in(address, attribute), &open.source))
            }
            None => None,
        }
    }
}

/// The expressions of a block. Terraform keeps the blocks of a set in an order of its own, so
/// that of several it is the one with the same name.
fn block_of<'p>(item: &Derived, blocks: &[Value<'p>]) -> Option<Value<'p>> {
    if let [only] = blocks {
        return Some(*only);
    }
    let wanted = value::get(item, "name").and_then(value::scalar)?;
    let mut named = blocks.iter().copied().filter(|block| {
        let name = block.get("name").and_then(constant);
        name.is_some_and(|name| name.scalar() == wanted)
    });
    named.next().filter(|_| named.next().is_none())
}

/// The attribute that is meant: named after the resource, or, in plans of Terraform 0.12 that
/// name the resource only, the one that the referring attribute speaks of.
fn wanted<'n>(rest: &'n str, name: &str) -> Option<&'n str> {
    let attribute = rest.strip_prefix('.').unwrap_or_default();
    if !attribute.is_empty() {
        return attribute
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
            .then_some(attribute);
    }
    let names = |ending: &str| name.ends_with(ending);
    if names("_id") || names("_ids") || name == "id" || name == "scope" || name == "scopes" {
        return Some("id");
    }
    names("_name").then_some("name")
}

fn is_plural(name: &str) -> bool {
    name.ends_with("_ids") || name == "scopes" || name == "address_prefixes"
}

fn is_named(path: &str, resource_type: &str, name: &str) -> bool {
    path.strip_prefix(resource_type)
        .and_then(|rest| rest.strip_prefix('.'))
        == Some(name)
}

/// The names that a value can come from. `each` and `count` only choose among them.
fn resource_names<'n>(names: &[&'n str]) -> Vec<&'n str> {
    let chooses = |name: &&str| {
        ["each.", "count.", "path.", "terraform.", "self."]
            .iter()
            .any(|start| name.starts_with(start))
    };
    names
        .iter()
        .copied()
        .filter(|name| !chooses(name))
        .collect()
}

fn target(reference: &str) -> Target<'_> {
    if let Some(variable) = reference.strip_prefix("var.") {
        let end = variable.find(['.', '[']).unwrap_or(variable.len());
        return match variable.len() == end {
            true => Target::Variable(variable),
            false => Target::Other,
        };
    }
    if reference.starts_with("local.") || reference.starts_with("data.") {
        return Target::Other;
    }
    if let Some(call) = reference.strip_prefix("module.") {
        let (name, rest) = call.split_at(call.find(['.', '[']).unwrap_or(call.len()));
        let (key, rest) = split_key(rest);
        let output = rest.strip_prefix('.').unwrap_or_default();
        return match output.is_empty() || output.contains(['.', '[']) {
            true => Target::Other,
            false => Target::Output {
                call: name,
                key,
                output,
            },
        };
    }
    let Some(dot) = reference.find('.') else {
        return Target::Other;
    };
    let end = reference[dot + 1..]
        .find(['.', '['])
        .map_or(reference.len(), |end| dot + 1 + end);
    let (path, rest) = reference.split_at(end);
    let (key, rest) = split_key(rest);
    Target::Resource { path, key, rest }
}

/// `[0].id` and `["a.b"].id` are a key and what follows it.
fn split_key(rest: &str) -> (&str, &str) {
    if !rest.starts_with('[') {
        return ("", rest);
    }
    let end = match rest.starts_with("[\"") {
        true => rest.find("\"]").map(|end| end + 2),
        false => rest.find(']').map(|end| end + 1),
    };
    rest.split_at(end.unwrap_or(rest.len()))
}

/// `module.a["x"].module.b` without its keys: `a.b`.
pub(super) fn module_path(address: &str) -> String {
    let mut path = String::new();
    let mut rest = address;
    while let Some(after) = rest.strip_prefix("module.") {
        let (name, tail) = after.split_at(after.find(['.', '[']).unwrap_or(after.len()));
        let (_, tail) = split_key(tail);
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        rest = tail.strip_prefix('.').unwrap_or(tail);
    }
    path
}

/// The caller of a module instance, and the key of the call.
fn parent_module(address: &str) -> Option<(&str, &str)> {
    let at = address.rfind("module.")?;
    let (parent, own) = address.split_at(at);
    let key = own.find('[').map_or("", |at| &own[at..]);
    Some((parent.trim_end_matches('.'), key))
}
