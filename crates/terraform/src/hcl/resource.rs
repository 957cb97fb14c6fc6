//! Resources: their attributes, their blocks and their ids.

use std::collections::HashMap;
use std::sync::Arc;

use palisade_document::{Content, Derived, Place};

use super::evaluate::{at, otherwise_unknown, plan_only, through};
use super::module::{Instances, Modules, Scene};
use super::syntax::Block;
use crate::identity::{self, Identity, stand_in};
use crate::mapping;
use crate::reading::Doubt;
use crate::value;

/// What is no attribute of the resource but an instruction to Terraform.
const META: [&str; 9] = [
    "count",
    "for_each",
    "provider",
    "depends_on",
    "lifecycle",
    "connection",
    "provisioner",
    "timeouts",
    "dynamic",
];

/// A resource that a configuration makes.
pub(super) struct Declared<'c> {
    pub(super) block: &'c Block,
    pub(super) scene: Scene,
    pub(super) address: String,
    /// Why it can't be known whether there will be any.
    pub(super) doubt: Option<Doubt>,
}

impl<'c> Modules<'c> {
    fn address(&self, block: &Block, own: &Scene) -> String {
        let module = &self.modules[own.module].address;
        let dot = if module.is_empty() { "" } else { "." };
        let data = if block.name == "data" { "data." } else { "" };
        format!("{module}{dot}{data}{}{}", block.labels.join("."), own.key)
    }

    /// An attribute of a resource: what its block says, and the id and name that it will have.
    pub(super) fn attribute(
        &mut self,
        block: &'c Block,
        name: &str,
        own: &Scene,
        place: Option<Place>,
    ) -> Derived {
        let address = self.address(block, own);
        let label = format!("`{address}`");
        if name == "id" || (name == "resource_id" && !block.labels[0].starts_with("azurerm_")) {
            let is_azure = ["azurerm_", "azapi_"]
                .iter()
                .any(|start| block.labels[0].starts_with(start));
            if is_azure && let Some(id) = self.id(block, own) {
                return value::text(id, &at(place));
            }
            return plan_only(
                format!("the id of {label} is known after apply only"),
                &at(place),
            );
        }
        let found = self.stated(block, name, own);
        match found {
            Some(found) if !value::is_unknown(&found) => through(found, label.to_string(), place),
            Some(_) if name == "name" => value::text(stand_in(&address, name), &at(place)),
            Some(found) => found,
            None => plan_only(
                format!("{label} tells its `{name}` after apply only"),
                &at(place),
            ),
        }
    }

    /// What the block itself says of an attribute or a kind of block.
    fn stated(&mut self, block: &'c Block, name: &str, own: &Scene) -> Option<Derived> {
        if let Some(expression) = block.attribute(name).filter(|_| !META.contains(&name)) {
            return Some(self.evaluate(expression, own));
        }
        let is_block = |inner: &Block| {
            inner.name == name || (inner.name == "dynamic" && inner.labels == [name])
        };
        block
            .blocks
            .iter()
            .any(is_block)
            .then(|| self.nested(block, name, own))
    }

    /// The blocks of a name as a list of objects, those that `dynamic` makes among them.
    fn nested(&mut self, block: &'c Block, name: &str, own: &Scene) -> Derived {
        let mut found = Vec::new();
        let mut place = None;
        for inner in &block.blocks {
            if inner.name == name {
                place = place.or(inner.place);
                found.push(self.attributes(inner, own));
            } else if inner.name == "dynamic" && inner.labels == [name] {
                place = place.or(inner.place);
                self.generate(inner, own, &mut found);
            }
        }
        value::array(found, &at(place.or(block.place)))
    }

    fn generate(&mut self, block: &'c Block, own: &Scene, found: &mut Vec<Derived>) {
        let source = at(block.place);
        let Some(each) = block.attribute("for_each") else {
            return;
        };
        let Some(content) = block.blocks("content").next() else {
            return;
        };
        let each = self.evaluate(each, own);
        let Some(pairs) = Self::pairs(&each) else {
            found.push(otherwise_unknown(each, &source));
            return;
        };
        let name = block.labels.first().cloned().unwrap_or_default();
        let name = match block.attribute("iterator").map(|iterator| &iterator.kind) {
            Some(super::syntax::Kind::Name(own)) => own.clone(),
            _ => name,
        };
        for (key, item) in pairs {
            let members = vec![
                (value::text("key", &key.source), key),
                (value::text("value", &item.source), item),
            ];
            let mut own = own.clone();
            own.names
                .push((name.clone(), value::object(members, &source)));
            found.push(self.attributes(content, &own));
        }
    }

    /// The attributes of a block with its blocks.
    pub(super) fn attributes(&mut self, block: &'c Block, own: &Scene) -> Derived {
        let source = at(block.place);
        let own = &own.deeper();
        let mut members = Vec::new();
        if own.depth > 64 {
            return plan_only("blocks are nested too deep", &source);
        }
        for (name, expression) in &block.attributes {
            if !META.contains(&name.as_str()) {
                let mut found = self.evaluate(expression, own);
                spread(&mut found, &mut MOST_PARTS.clone());
                members.push((value::text(name.as_str(), &at(expression.place)), found));
            }
        }
        let mut names: Vec<&str> = Vec::new();
        for inner in &block.blocks {
            let name = match inner.name.as_str() {
                "dynamic" => inner.labels.first().map(String::as_str),
                name => Some(name).filter(|name| !META.contains(name)),
            };
            if let Some(name) = name.filter(|name| !names.contains(name)) {
                names.push(name);
                let found = self.nested(block, name, own);
                members.push((value::text(name, &found.source), found));
            }
        }
        value::object(members, &source)
    }

    /// The whole of a resource, as a reference without an attribute gives it.
    pub(super) fn whole(&mut self, block: &'c Block, own: &Scene, place: Option<Place>) -> Derived {
        let name = format!("resource {}", self.address(block, own));
        self.once(own.module, name, |modules| {
            let found = modules.attributes(block, own);
            let mut members = value::members(&found).to_vec();
            for name in ["id", "name"] {
                let member = modules.attribute(block, name, own, place);
                members.retain(|(key, _)| value::as_str(key) != Some(name));
                members.push((value::text(name, &found.source), member));
            }
            value::object(members, &found.source)
        })
    }

    /// The ARM id of a resource or data source.
    pub(super) fn id(&mut self, block: &'c Block, own: &Scene) -> Option<String> {
        let address = self.address(block, own);
        if let Some(known) = self.ids.get(&address) {
            return known.clone();
        }
        self.ids.insert(address.clone(), None);
        let subscription = self.subscription(block, own);
        let identity = Identity {
            address: &address,
            resource_type: &block.labels[0],
            subscription: subscription.as_deref(),
        };
        let made = identity::id(&identity, &mut |name| match name {
            "id" => None,
            name => self.stated(block, name, own),
        });
        self.ids.insert(address, made.clone());
        made
    }

    /// The id of the resource whose body takes this one in.
    pub(super) fn host(
        &mut self,
        block: &'c Block,
        own: &Declared<'c>,
        attributes: &Derived,
    ) -> Option<String> {
        let resource_type = &block.labels[0];
        let (template, _) = mapping::table(resource_type)?.into.as_ref()?;
        let subscription = self.subscription(block, &own.scene);
        let identity = Identity {
            address: &own.address,
            resource_type,
            subscription: subscription.as_deref(),
        };
        let mut look = |name: &str| value::get(attributes, name).cloned();
        Some(identity::fill(template, &identity, &mut look))
    }

    /// Every resource of every module, and what can't be followed.
    pub(super) fn resources(
        &mut self,
        left_aside: &mut Vec<(String, String)>,
    ) -> Vec<Declared<'c>> {
        let mut found = Vec::new();
        let mut doubts: HashMap<usize, Doubt> = HashMap::new();
        let mut module = 0;
        while module < self.modules.len() {
            let content = &self.modules[module].folder.content;
            let doubt = doubts.get(&module).cloned();
            for block in content
                .blocks("resource")
                .filter(|block| block.labels.len() == 2)
            {
                for (scene, own_doubt) in self.scenes(module, block) {
                    found.push(Declared {
                        block,
                        address: self.address(block, &scene),
                        scene,
                        doubt: own_doubt.or_else(|| doubt.clone()),
                    });
                }
            }
            for block in content
                .blocks("module")
                .filter(|block| block.labels.len() == 1)
            {
                for (scene, own_doubt) in self.scenes(module, block) {
                    match self.called(block, &scene) {
                        Some(inner) => {
                            let doubt = own_doubt.or_else(|| doubt.clone());
                            doubts.extend(doubt.map(|doubt| (inner, doubt)));
                        }
                        None => {
                            let address = format!("module.{}", self.address(block, &scene));
                            let reason = "a module whose files aren't there; audit the plan";
                            left_aside.push((address, reason.to_owned()));
                        }
                    }
                }
            }
            module += 1;
        }
        found
    }

    /// The instances of a block; one in doubt where it isn't known how many there are.
    fn scenes(&mut self, module: usize, block: &'c Block) -> Vec<(Scene, Option<Doubt>)> {
        match &*self.instances(module, block, 0) {
            Instances::One(own) => vec![(own.clone(), None)],
            Instances::Keyed(all) => all.iter().map(|own| (own.clone(), None)).collect(),
            Instances::Unknown(open, own) => {
                let doubt = match &open.content {
                    Content::Unknown { cause, supply } => Doubt {
                        cause: format!("how many there will be isn't known: {cause}"),
                        supply: supply.to_string(),
                    },
                    _ => Doubt {
                        cause: "how many there will be is no number".to_owned(),
                        supply: "correct the configuration".to_owned(),
                    },
                };
                vec![(own.clone(), Some(doubt))]
            }
        }
    }
}

/// The most parts of a value that are told which way it came.
const MOST_PARTS: usize = 10_000;

/// What a list or mapping came through its parts came through too.
fn spread(found: &mut Derived, rest: &mut usize) {
    let Some(through) = found.source.through.clone() else {
        return;
    };
    let mut inherit = |part: &mut Derived| {
        let Some(less) = rest.checked_sub(1) else {
            return;
        };
        *rest = less;
        if part.source.through.is_none() {
            part.source.through = Some(through.clone());
        }
        spread(part, rest);
    };
    match &mut found.content {
        Content::Array(items) => Arc::make_mut(items).iter_mut().for_each(inherit),
        Content::Object(members) => {
            let members = Arc::make_mut(members).iter_mut();
            members.for_each(|(_, part)| inherit(part));
        }
        _ => {}
    }
}
