//! Modules: their variables, locals and outputs, and the instances of their resources.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::evaluate::{at, otherwise_unknown, plan_only, through};
use super::syntax::{Block, Kind, Step};
use super::types;
use crate::value;
use palisade_document::{Content, Derived, Place};

/// The most instances of one resource or module that `count` makes.
const MOST_INSTANCES: usize = 10_000;

/// The most modules of a configuration.
const MOST_MODULES: usize = 2_000;

/// The files of a folder as one module.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// The blocks of all files.
    pub(super) content: Block,
    /// The files of variables that Terraform loads by itself, the strongest last.
    pub(super) variables: Vec<Block>,
}

/// Where an expression stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Scene {
    pub(super) module: usize,
    pub(super) depth: usize,
    /// `[0]`, `["a"]` or nothing.
    pub(super) key: String,
    /// Names that a `for` or `dynamic` gives.
    pub(super) names: Vec<(String, Derived)>,
}

impl Scene {
    pub(super) fn deeper(&self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self.clone()
        }
    }

    /// The key without brackets and quotes.
    pub(super) fn key_text(&self) -> &str {
        let inner = self
            .key
            .strip_prefix('[')
            .and_then(|key| key.strip_suffix(']'));
        let inner = inner.unwrap_or_default();
        let plain = inner
            .strip_prefix('"')
            .and_then(|key| key.strip_suffix('"'));
        plain.unwrap_or(inner)
    }

    /// Whether the key is a number, as `count` gives them.
    pub(super) fn is_counted(&self) -> bool {
        !self.key.starts_with("[\"")
    }
}

/// The instances of a resource or a module.
#[derive(Debug)]
pub(super) enum Instances {
    One(Scene),
    Keyed(Vec<Scene>),
    /// How many there are isn't known: why. The scene is that of one of them.
    Unknown(Derived, Scene),
}

/// A module that is called.
pub(super) struct Module<'c> {
    pub(super) folder: &'c Folder,
    path: String,
    /// `module.network["a"]`, empty for the root.
    pub(super) address: String,
    /// The block that calls it and where that stands.
    pub(super) caller: Option<(&'c Block, Scene)>,
}

/// The modules of a configuration, evaluated when they are asked.
pub(super) struct Modules<'c> {
    folders: &'c BTreeMap<String, Folder>,
    pub(super) modules: Vec<Module<'c>>,
    pub(super) steps: usize,
    pub(super) subscription: Option<&'c str>,
    /// Values that were asked for; nothing while they are being made.
    values: HashMap<(usize, String), Option<Derived>>,
    instances: HashMap<(usize, *const Block), Option<Rc<Instances>>>,
    calls: HashMap<(usize, String), usize>,
    pub(super) ids: HashMap<String, Option<String>>,
}

impl<'c> Modules<'c> {
    /// The configuration whose root is the folder.
    pub(super) fn new(
        folders: &'c BTreeMap<String, Folder>,
        root: (&str, &'c Folder),
        subscription: Option<&'c str>,
    ) -> Self {
        Self {
            folders,
            modules: vec![Module {
                folder: root.1,
                path: root.0.to_owned(),
                address: String::new(),
                caller: None,
            }],
            steps: 0,
            subscription,
            values: HashMap::new(),
            instances: HashMap::new(),
            calls: HashMap::new(),
            ids: HashMap::new(),
        }
    }

    pub(super) fn block(
        &self,
        module: usize,
        kind: &'static str,
        resource_type: &str,
        name: &str,
    ) -> Option<&'c Block> {
        let mut blocks = self.modules[module].folder.content.blocks(kind);
        blocks.find(|block| block.labels == [resource_type, name])
    }

    fn named(&self, module: usize, kind: &'static str, name: &str) -> Option<&'c Block> {
        let mut blocks = self.modules[module].folder.content.blocks(kind);
        blocks.find(|block| block.labels == [name])
    }

    /// A value that is made once. One that leads back to itself is unknown.
    pub(super) fn once(
        &mut self,
        module: usize,
        name: String,
        make: impl FnOnce(&mut Self) -> Derived,
    ) -> Derived {
        let key = (module, name);
        match self.values.get(&key) {
            Some(Some(known)) => return known.clone(),
            Some(None) => {
                let cause = format!("`{}` leads back to itself", key.1);
                return plan_only(cause, &at(None));
            }
            None => {}
        }
        self.values.insert(key.clone(), None);
        let made = make(self);
        self.values.insert(key, Some(made.clone()));
        made
    }

    /// What a variable holds: what the caller gives, what a file of variables says, its default.
    pub(super) fn variable(&mut self, module: usize, name: &str, depth: usize) -> Derived {
        self.once(module, format!("var.{name}"), |modules| {
            let declared = modules.named(module, "variable", name);
            let attribute = |name| declared.and_then(|block| block.attribute(name));
            let scene = Scene {
                module,
                depth,
                ..Scene::default()
            };
            let place = at(declared.and_then(|block| block.place));
            if matches!(
                attribute("sensitive").map(|flag| &flag.kind),
                Some(Kind::Bool(true))
            ) {
                let cause = format!("variable `{name}` is sensitive, so that it is not read");
                return value::unknown(cause, "audit what is deployed", &place);
            }
            let found = match (modules.argument(module, name, depth), attribute("default")) {
                (Some(found), _) => found,
                (None, Some(default)) => modules.evaluate(default, &scene),
                (None, None) => {
                    let cause = format!("variable `{name}` has no value");
                    let supply = format!("a value for `{name}` in terraform.tfvars, or the plan");
                    value::unknown(cause, supply, &place)
                }
            };
            match attribute("type") {
                Some(expected) => types::fill(modules, expected, found, &scene),
                None => found,
            }
        })
    }

    /// What a variable is called where its value shows.
    pub(super) fn label(&self, module: usize, name: &str) -> String {
        let module = &self.modules[module];
        let is_given = match &module.caller {
            Some((call, _)) => call.attribute(name).is_some(),
            None => module
                .folder
                .variables
                .iter()
                .any(|file| file.attribute(name).is_some()),
        };
        match is_given {
            true => format!("variable `{name}`"),
            false => format!("variable `{name}`'s default"),
        }
    }

    fn argument(&mut self, module: usize, name: &str, depth: usize) -> Option<Derived> {
        let folder = self.modules[module].folder;
        match self.modules[module].caller.clone() {
            Some((call, scene)) => {
                let expression = call.attribute(name)?;
                let scene = Scene { depth, ..scene };
                let found = self.evaluate(expression, &scene);
                let address = self.modules[module].address.clone();
                Some(through(found, address, expression.place))
            }
            None => {
                let mut files = folder.variables.iter().rev();
                let expression = files.find_map(|file| file.attribute(name))?;
                let scene = Scene {
                    module,
                    depth,
                    ..Scene::default()
                };
                Some(self.evaluate(expression, &scene))
            }
        }
    }

    pub(super) fn local(&mut self, module: usize, name: &str, depth: usize) -> Derived {
        self.once(module, format!("local.{name}"), |modules| {
            let mut locals = modules.modules[module].folder.content.blocks("locals");
            match locals.find_map(|block| block.attribute(name)) {
                Some(expression) => {
                    let scene = Scene {
                        module,
                        depth,
                        ..Scene::default()
                    };
                    modules.evaluate(expression, &scene)
                }
                None => plan_only(format!("there is no local `{name}`"), &at(None)),
            }
        })
    }

    /// An output of a called module.
    pub(super) fn output(
        &mut self,
        call: &str,
        steps: &'c [Step],
        scene: &Scene,
        place: Option<Place>,
    ) -> Derived {
        let source = at(place);
        let Some(block) = self.named(scene.module, "module", call) else {
            return plan_only(format!("there is no module `{call}`"), &source);
        };
        let instances = self.instances(scene.module, block, scene.depth);
        let (own, rest) = match (&*instances, steps) {
            (Instances::One(own), _) => (own.clone(), steps),
            (Instances::Unknown(open, _), _) => return otherwise_unknown(open.clone(), &source),
            (Instances::Keyed(all), [Step::Index(index), rest @ ..]) => {
                let index = self.evaluate(index, scene);
                let found = all
                    .iter()
                    .find(|own| Some(own.key_text()) == value::scalar(&index));
                match found {
                    Some(own) => (own.clone(), rest),
                    None => return otherwise_unknown(index, &source),
                }
            }
            (Instances::Keyed(all), [Step::Splat, Step::Member(name), rest @ ..]) => {
                let found = all.iter().map(|own| {
                    let found = self.output_of(call, block, own, name, place);
                    self.walk(found, rest, scene)
                });
                return value::array(found.collect(), &source);
            }
            (Instances::Keyed(_), _) => {
                return plan_only("the outputs of all instances of a module", &source);
            }
        };
        let [Step::Member(name), rest @ ..] = rest else {
            return plan_only(format!("all outputs of module `{call}`"), &source);
        };
        let found = self.output_of(call, block, &own, name, place);
        self.walk(found, rest, scene)
    }

    fn output_of(
        &mut self,
        call: &str,
        block: &'c Block,
        own: &Scene,
        name: &str,
        place: Option<Place>,
    ) -> Derived {
        let Some(module) = self.called(block, own) else {
            let cause = format!("module `{call}` isn't among the files");
            return value::unknown(
                cause,
                "audit the plan (`terraform show -json`), or the folder of the module too",
                &at(place),
            );
        };
        let depth = own.depth;
        let found = self.once(module, format!("output.{name}"), |modules| {
            let output = modules.named(module, "output", name);
            match output.and_then(|output| output.attribute("value")) {
                Some(expression) => {
                    let scene = Scene {
                        module,
                        depth,
                        ..Scene::default()
                    };
                    modules.evaluate(expression, &scene)
                }
                None => plan_only(format!("there is no output `{name}`"), &at(place)),
            }
        });
        through(found, format!("module `{call}`"), place)
    }

    /// The module that an instance of a call makes; nothing if its files aren't there.
    pub(super) fn called(&mut self, block: &'c Block, own: &Scene) -> Option<usize> {
        let name = block.labels.first()?;
        let key = (own.module, format!("{name}{}", own.key));
        if let Some(known) = self.calls.get(&key) {
            return Some(*known);
        }
        let caller = &self.modules[own.module];
        let source = block.attribute("source")?;
        let Kind::Text(source) = &source.kind else {
            return None;
        };
        let path = super::files::beside(&caller.path, source)?;
        let folder = self.folders.get(&path)?;
        let is_recursive = self.ancestors(own.module).any(|above| above == path);
        if is_recursive || self.modules.len() >= MOST_MODULES {
            return None;
        }
        let dot = if caller.address.is_empty() { "" } else { "." };
        let address = format!("{}{dot}module.{name}{}", caller.address, own.key);
        self.modules.push(Module {
            folder,
            path,
            address,
            caller: Some((block, own.clone())),
        });
        let module = self.modules.len() - 1;
        self.calls.insert(key, module);
        Some(module)
    }

    fn ancestors(&self, module: usize) -> impl Iterator<Item = &str> {
        let above = std::iter::successors(Some(module), |&module| {
            let caller = self.modules[module].caller.as_ref();
            caller.map(|(_, scene)| scene.module)
        });
        above.map(|module| self.modules[module].path.as_str())
    }

    /// The instances of a resource, data source or module call.
    pub(super) fn instances(
        &mut self,
        module: usize,
        block: &'c Block,
        depth: usize,
    ) -> Rc<Instances> {
        let key = (module, std::ptr::from_ref(block));
        match self.instances.get(&key) {
            Some(Some(known)) => return known.clone(),
            Some(None) => {
                let open = plan_only("how many there are leads back to itself", &at(block.place));
                let scene = Scene {
                    module,
                    depth,
                    ..Scene::default()
                };
                return Rc::new(Instances::Unknown(open, scene));
            }
            None => {}
        }
        self.instances.insert(key, None);
        let made = Rc::new(self.expand(module, block, depth));
        self.instances.insert(key, Some(made.clone()));
        made
    }

    fn expand(&mut self, module: usize, block: &'c Block, depth: usize) -> Instances {
        let scene = Scene {
            module,
            depth,
            ..Scene::default()
        };
        if let Some(count) = block.attribute("count") {
            let found = self.evaluate(count, &scene);
            let number = super::operators::number(&found);
            let Some(number) = number.filter(|number| *number <= MOST_INSTANCES as f64) else {
                return Instances::Unknown(found, scene);
            };
            let all = (0..number.max(0.0) as usize).map(|index| {
                let number = value::number(index.to_string(), &found.source);
                let member = (value::text("index", &found.source), number);
                let mut own = scene.clone();
                own.key = format!("[{index}]");
                let count = value::object(vec![member], &found.source);
                own.names.push(("count".to_owned(), count));
                own
            });
            return Instances::Keyed(all.collect());
        }
        let Some(each) = block.attribute("for_each") else {
            return Instances::One(scene);
        };
        let found = self.evaluate(each, &scene);
        let is_set = matches!(found.content, Content::Array(_));
        let Some(pairs) = Self::pairs(&found) else {
            return Instances::Unknown(found, scene);
        };
        let mut all = Vec::new();
        for (key, item) in pairs {
            let key = if is_set { item.clone() } else { key };
            let Some(text) = value::scalar(&key) else {
                return Instances::Unknown(key, scene);
            };
            let mut own = scene.clone();
            own.key = format!("[\"{text}\"]");
            let members = vec![
                (value::text("key", &key.source), key.clone()),
                (value::text("value", &item.source), item),
            ];
            let each = value::object(members, &found.source);
            own.names.push(("each".to_owned(), each));
            all.push(own);
        }
        Instances::Keyed(all)
    }
}
