//! The resources that a template declares: their names, their ids and whether they are there.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use palisade_document::{Content, Derived, Kind, Place, Value};

use crate::deployment::Deployment;
use crate::environment::{Env, Lazy};
use crate::evaluator::Evaluator;
use crate::fault::Fault;
use crate::partial::{is_partial, starts_partial};
use crate::scope::{Level, Target, resource_id};
use crate::value;

/// Whether a resource is deployed.
#[derive(Clone, Debug)]
pub enum Existence {
    /// It is.
    Certain,
    /// It depends on something that isn't known.
    Unknown {
        /// Why: lower case, no final stop.
        cause: Arc<str>,
        /// What to add to the input.
        supply: Arc<str>,
    },
    /// It isn't: its condition is false.
    Absent,
}

impl Existence {
    /// Of something that is there only if both are.
    fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Absent, _) | (_, Self::Absent) => Self::Absent,
            (Self::Unknown { .. }, _) => self.clone(),
            _ => other.clone(),
        }
    }

    fn unknown(value: &Derived) -> Self {
        match &value.content {
            Content::Unknown { cause, supply } => Self::Unknown {
                cause: Arc::clone(cause),
                supply: Arc::clone(supply),
            },
            _ => Self::Certain,
        }
    }
}

/// One resource, one for each turn of its loop.
pub(crate) struct Declared<'d> {
    pub(crate) node: Value<'d>,
    pub(crate) env: Env<'d>,
    /// The id, in which parts can be unknown.
    pub(crate) id: Arc<str>,
    pub(crate) kind: Arc<str>,
    /// The name as the template gives it: of a child with those of its parents.
    pub(crate) name: Derived,
    pub(crate) existence: Existence,
    /// Whether the template only names it.
    pub(crate) is_existing: bool,
    /// Whether it is a resource of Azure's, not one of an extension such as Microsoft Graph.
    pub(crate) is_azure: bool,
    /// Where a deployment deploys to.
    pub(crate) inner_target: Target,
    pub(crate) depth: usize,
    pub(crate) state: RefCell<Lazy>,
    /// What a reference answers, properties alone and in full, once it was asked for.
    pub(crate) answers: [RefCell<Option<Derived>>; 2],
    /// The number of the deployment that this makes, once that is known.
    pub(crate) nested: RefCell<Option<Option<usize>>>,
}

impl Declared<'_> {
    pub(crate) fn is_deployment(&self) -> bool {
        self.kind
            .eq_ignore_ascii_case("Microsoft.Resources/deployments")
    }
}

/// The resource around a child.
struct Parent<'p> {
    kind: &'p str,
    name: &'p str,
    id: &'p str,
}

/// Where one resource is declared.
struct Site<'s, 'd> {
    deployment: &'s Rc<Deployment<'d>>,
    parent: Option<&'s Parent<'s>>,
    symbol: Option<&'s str>,
}

/// Members of a resource that tell how it is deployed, not what it is.
const OF_DEPLOYMENT: [&str; 14] = [
    "comments",
    "condition",
    "copy",
    "dependsOn",
    "existing",
    "extension",
    "id",
    "import",
    "metadata",
    "name",
    "options",
    "resources",
    "scope",
    "type",
];

impl<'d> Evaluator<'d> {
    /// Declares the resources of a deployment.
    pub(crate) fn declare_all(&self, deployment: &Rc<Deployment<'d>>) {
        if let Some(resources) = deployment.template.get_ignore_case("resources") {
            let site = Site {
                deployment,
                parent: None,
                symbol: None,
            };
            self.declare_list(&site, &deployment.env, resources);
        }
    }

    /// A list, or an object of symbolic names.
    fn declare_list(&self, site: &Site<'_, 'd>, env: &Env<'d>, resources: Value<'d>) {
        for node in resources.items() {
            self.declare_loop(site, env, node);
        }
        for entry in resources.entries() {
            let site = Site {
                symbol: Some(entry.name()),
                ..*site
            };
            self.declare_loop(&site, env, entry.value);
        }
    }

    fn declare_loop(&self, site: &Site<'_, 'd>, env: &Env<'d>, node: Value<'d>) {
        if node.kind() != Kind::Object || !self.spend(1) {
            return;
        }
        let Some(copy) = node
            .get_ignore_case("copy")
            .filter(|copy| copy.kind() == Kind::Object)
        else {
            self.declare(site, env, node, &Existence::Certain);
            return;
        };
        let name = copy.get_ignore_case("name").map(Value::scalar);
        let name = name.unwrap_or_default();
        match self.turns(env, copy) {
            Ok(turns) => {
                for index in 0..turns {
                    let env = env.in_loop(name, Ok(index), true);
                    self.declare(site, &env, node, &Existence::Certain);
                }
            }
            // One stands for all that there may be.
            Err(unknown) => {
                let existence = Existence::unknown(&unknown);
                let env = env.in_loop(name, Err(unknown), true);
                self.declare(site, &env, node, &existence);
            }
        }
    }

    fn declare(&self, site: &Site<'_, 'd>, env: &Env<'d>, node: Value<'d>, around: &Existence) {
        let Some(_deeper) = self.deeper() else {
            self.failed(node, &Fault::new("resources are nested too deeply"));
            return;
        };
        let condition = self.existence(env, node.get_ignore_case("condition"));
        let existence = site.deployment.existence.and(around).and(&condition);
        let is_existing = node.get_ignore_case("existing").and_then(Value::as_bool) == Some(true);
        if is_existing || matches!(existence, Existence::Absent) {
            self.quietly(|| self.declare_one(site, env, node, existence, is_existing));
        } else {
            self.declare_one(site, env, node, existence, is_existing);
        }
    }

    fn declare_one(
        &self,
        site: &Site<'_, 'd>,
        env: &Env<'d>,
        node: Value<'d>,
        existence: Existence,
        is_existing: bool,
    ) {
        let is_azure = !["import", "extension"]
            .iter()
            .any(|name| node.get_ignore_case(name).is_some());
        let kind = self.text_setting(env, node, "type");
        let name = match node.get_ignore_case("name") {
            Some(name) => self.value(env, name),
            None => value::text(site.symbol.unwrap_or_default()),
        };
        let (kind, full_name) = self.full_names(site, node, kind, &name);
        let target = self.target(env, node, &site.deployment.target);
        let id = if !is_azure {
            format!("/{}/{full_name}", kind.as_deref().unwrap_or_default())
        } else {
            self.id_of(site, env, node, (kind.as_deref(), &full_name), &target)
        };
        let name = Derived {
            content: Content::String(full_name.as_str().into()),
            source: name.source,
        };
        let kind: Arc<str> = kind.unwrap_or_default().into();
        let number = self.deployments.add_resource(Declared {
            node,
            env: env.clone(),
            id: id.as_str().into(),
            kind: Arc::clone(&kind),
            name,
            existence,
            is_existing,
            is_azure,
            inner_target: target,
            depth: site.deployment.depth,
            state: RefCell::default(),
            answers: Default::default(),
            nested: RefCell::default(),
        });
        site.deployment.resources.borrow_mut().push(number);
        if let Some(symbol) = site.symbol {
            let mut symbols = site.deployment.symbols.borrow_mut();
            let symbol = symbol.to_ascii_lowercase();
            symbols.entry(symbol).or_default().push(number);
        }
        let children = node.get_ignore_case("resources");
        if let Some(children) = children.filter(|_| is_azure) {
            let parent = Parent {
                kind: &kind,
                name: &full_name,
                id: &id,
            };
            let site = Site {
                deployment: site.deployment,
                parent: Some(&parent),
                symbol: None,
            };
            self.declare_list(&site, env, children);
        }
    }

    /// What a condition says.
    pub(crate) fn existence(&self, env: &Env<'d>, condition: Option<Value<'d>>) -> Existence {
        let Some(node) = condition else {
            return Existence::Certain;
        };
        let value = self.value(env, node);
        if let Some(unknown) = self.first_unknown(&value) {
            return Existence::unknown(&unknown);
        }
        match value::as_bool(&value) {
            Some(true) => Existence::Certain,
            Some(false) => Existence::Absent,
            None => {
                let fault = Fault::new("the condition is no bool");
                Existence::unknown(&self.failed(node, &fault))
            }
        }
    }

    /// A text; one that is unknown is a text that stands for it.
    fn text_setting(&self, env: &Env<'d>, node: Value<'d>, name: &str) -> Option<String> {
        let value = self.value(env, node.get_ignore_case(name)?);
        match &value.content {
            Content::String(text) => Some(text.to_string()),
            Content::Unknown { cause, supply } => {
                let key = format!("{name} of resource {}", self.deployments.count());
                Some(self.partial.text(&key, cause, (cause, supply)))
            }
            _ => None,
        }
    }

    /// Type and name with those of the parent. What a name hides is a text that stands for it.
    fn full_names(
        &self,
        site: &Site<'_, 'd>,
        node: Value<'d>,
        kind: Option<String>,
        name: &Derived,
    ) -> (Option<String>, String) {
        let name = match &name.content {
            Content::String(text) => text.to_string(),
            Content::Number(number) => number.to_string(),
            Content::Unknown { cause, supply } => {
                let key = format!("name of resource {}", self.deployments.count());
                self.partial.text(&key, cause, (cause, supply))
            }
            _ => {
                let fault = Fault::new("the name of the resource is no string");
                self.failed(node.get_ignore_case("name").unwrap_or(node), &fault);
                "unnamed".to_owned()
            }
        };
        let (Some(parent), Some(own)) = (site.parent, kind.as_deref()) else {
            return (kind, name);
        };
        let (own, name) = (own.trim_matches('/'), name.trim_matches('/').to_owned());
        let has_prefix = own
            .get(..parent.kind.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(parent.kind));
        if has_prefix && own[parent.kind.len()..].starts_with('/') {
            let is_full = own.split('/').count() == name.split('/').count() + 1;
            let name = if is_full {
                name
            } else {
                format!("{}/{name}", parent.name)
            };
            return (Some(own.to_owned()), name);
        }
        if own
            .split('/')
            .next()
            .is_some_and(|start| start.contains('.'))
        {
            // A type of another provider extends its parent.
            return (Some(own.to_owned()), name);
        }
        (
            Some(format!("{}/{own}", parent.kind)),
            format!("{}/{name}", parent.name),
        )
    }

    /// Where a resource goes: a deployment names it by three members.
    fn target(&self, env: &Env<'d>, node: Value<'d>, around: &Target) -> Target {
        let mut target = around.clone();
        if let Some(scope) = self.text_setting(env, node, "scope")
            && let Some(named) = around.of_id(&scope)
        {
            target = named;
        }
        // Modules pass an empty text on where their user names no other place.
        let named = |name: &str| {
            let text = self.text_setting(env, node, name);
            text.filter(|text| !text.is_empty())
        };
        if let Some(subscription) = named("subscriptionId") {
            target.subscription = subscription.into();
            target.level = Level::Subscription;
        }
        if let Some(group) = named("resourceGroup") {
            target.resource_group = group.into();
            target.level = Level::ResourceGroup;
        }
        target
    }

    fn id_of(
        &self,
        site: &Site<'_, 'd>,
        env: &Env<'d>,
        node: Value<'d>,
        (kind, name): (Option<&str>, &str),
        target: &Target,
    ) -> String {
        let Some(kind) = kind else {
            self.failed(node, &Fault::new("the resource has no type"));
            return format!("/unknown/{name}");
        };
        let is_deployment = kind.eq_ignore_ascii_case("Microsoft.Resources/deployments");
        let is_extension_of_parent = site.parent.is_some_and(|parent| {
            !kind
                .to_ascii_lowercase()
                .starts_with(&parent.kind.to_ascii_lowercase())
        });
        let scope = match (site.parent, self.text_setting(env, node, "scope")) {
            // Where it goes isn't known; at least it is told apart from what goes elsewhere.
            (_, Some(scope)) if !is_deployment && starts_partial(&scope) => {
                format!("/providers/Microsoft.Resources/scopes/{scope}")
            }
            (_, Some(scope)) if !is_deployment => self.scope_id(&scope, &site.deployment.target),
            (Some(parent), None) if is_extension_of_parent => parent.id.to_owned(),
            _ => target.id(),
        };
        resource_id(&scope, kind, name).unwrap_or_else(|wanted| {
            if is_partial(name) {
                // The part that isn't known can hold several names, and stands for each.
                let own = name.rsplit('/').next().unwrap_or_default();
                let missing = wanted.saturating_sub(name.split('/').count());
                let padded = format!("{name}{}", format!("/{own}").repeat(missing));
                if let Ok(id) = resource_id(&scope, kind, &padded) {
                    return id;
                }
            }
            let given = name.split('/').count();
            let fault = Fault::new(format!(
                "the type asks for a name of {wanted} segments, this has {given}"
            ));
            let place = node.get_ignore_case("name").unwrap_or(node);
            self.report(palisade_document::Level::Warning, place, &fault);
            format!("{scope}/providers/{kind}/{name}")
        })
    }

    /// The id of what `scope` names: an id, or type and name of a resource beside.
    fn scope_id(&self, scope: &str, around: &Target) -> String {
        let scope = scope.trim_end_matches('/');
        if scope.is_empty() || scope.starts_with('/') {
            return scope.to_owned();
        }
        if let Some(target) = around.of_id(scope) {
            return target.id();
        }
        // `Microsoft.Network/virtualNetworks/name/subnets/name`.
        format!("{}/providers/{scope}", around.id())
    }

    /// What the template says about a resource.
    pub(crate) fn body(&self, declared: &Rc<Declared<'d>>) -> Derived {
        let made = crate::declarations::lazily(&declared.state, || self.make_body(declared));
        made.unwrap_or_else(|| {
            let fault = Fault::new("the resource depends on itself");
            self.failed(declared.node, &fault)
        })
    }

    fn make_body(&self, declared: &Rc<Declared<'d>>) -> Derived {
        let mut members = Vec::new();
        let mut add = |name: &str, text: &str| {
            let key = value::text(name);
            let value = Derived {
                content: Content::String(text.into()),
                source: declared.name.source.clone(),
            };
            members.push((key, value));
        };
        let name = declared.name.as_str().unwrap_or_default();
        add("id", &declared.id);
        add("name", name.rsplit('/').next().unwrap_or_default());
        add("type", &crate::scope::type_of(&declared.id));
        for entry in declared.node.entries() {
            let is_own = |name: &&str| entry.name().eq_ignore_ascii_case(name);
            let is_of_deployment = OF_DEPLOYMENT.iter().any(is_own);
            // What a deployment holds is a template of its own.
            let is_template = declared.is_deployment() && is_own(&"properties");
            if !is_of_deployment && !is_template {
                let value = self.value(&declared.env, entry.value);
                members.push((Derived::literal(entry.key), value));
            }
        }
        Derived::object(members).at(Place::of(declared.node))
    }
}
