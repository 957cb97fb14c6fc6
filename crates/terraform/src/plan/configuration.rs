//! The `configuration` part of a plan: which expressions set which attributes, of which it keeps
//! constants and the names that are referred to.

use std::collections::HashMap;

use palisade_document::{Kind, Value};

use super::text;

/// The most modules that lie within each other.
const DEEPEST: usize = 64;

/// The modules of the configuration by their path, such as `network.subnets`; the root's is
/// empty.
pub(super) struct Configuration<'p> {
    modules: HashMap<String, Module<'p>>,
    providers: Option<Value<'p>>,
}

#[derive(Default)]
pub(super) struct Module<'p> {
    /// The expressions of resources by `type.name`.
    resources: HashMap<&'p str, Option<Value<'p>>>,
    /// The providers of resources by `type.name`.
    providers: HashMap<&'p str, &'p str>,
    outputs: Option<Value<'p>>,
    /// The expressions that the caller gives for the variables.
    arguments: Option<Value<'p>>,
}

impl<'p> Configuration<'p> {
    pub(super) fn of(plan: Value<'p>) -> Self {
        let configuration = plan.get("configuration");
        let mut modules = HashMap::new();
        if let Some(root) = configuration.and_then(|found| found.get("root_module")) {
            collect(root, None, "", 0, &mut modules);
        }
        Self {
            modules,
            providers: configuration.and_then(|found| found.get("provider_config")),
        }
    }

    /// The expressions of a resource, if the configuration has the resource.
    pub(super) fn expressions(&self, module: &str, resource: &str) -> Option<Option<Value<'p>>> {
        self.modules.get(module)?.resources.get(resource).copied()
    }

    /// The expression of a module's output.
    pub(super) fn output(&self, module: &str, name: &str) -> Option<Value<'p>> {
        let outputs = self.modules.get(module)?.outputs?;
        outputs.get(name)?.get("expression")
    }

    /// The expression that a module's caller gives for a variable.
    pub(super) fn argument(&self, module: &str, variable: &str) -> Option<Value<'p>> {
        self.modules.get(module)?.arguments?.get(variable)
    }

    /// The subscription that a resource's provider names: known, or by its alias only.
    pub(super) fn subscription(&self, module: &str, resource: &str) -> Option<Subscription> {
        let key = self.modules.get(module)?.providers.get(resource)?;
        // Below the root the module that configures the provider may come first.
        let key = key.rsplit(':').next().unwrap_or(key);
        let provider = self.providers?.get(key)?;
        let given = provider.get("expressions")?.get("subscription_id")?;
        let constant = given.get("constant_value").and_then(Value::as_str);
        Some(match constant {
            Some(id) => Subscription::Known(id.to_owned()),
            None => Subscription::Named(key.to_owned()),
        })
    }
}

/// What a provider's configuration says of its subscription.
pub(super) enum Subscription {
    /// Its id.
    Known(String),
    /// It is given, but not as a constant: the provider's name and alias.
    Named(String),
}

fn collect<'p>(
    module: Value<'p>,
    arguments: Option<Value<'p>>,
    path: &str,
    depth: usize,
    modules: &mut HashMap<String, Module<'p>>,
) {
    if depth > DEEPEST {
        return;
    }
    let all = || module.get("resources").into_iter().flat_map(Value::items);
    let resources = all().map(|resource| (text(resource, "address"), resource.get("expressions")));
    let providers = all().map(|resource| {
        (
            text(resource, "address"),
            text(resource, "provider_config_key"),
        )
    });
    let own = Module {
        resources: resources.collect(),
        providers: providers.collect(),
        outputs: module.get("outputs"),
        arguments,
    };
    modules.insert(path.to_owned(), own);
    let calls = module
        .get("module_calls")
        .into_iter()
        .flat_map(Value::entries);
    for call in calls {
        let Some(inner) = call.value.get("module") else {
            continue;
        };
        let path = match path {
            "" => call.name().to_owned(),
            _ => format!("{path}.{}", call.name()),
        };
        collect(
            inner,
            call.value.get("expressions"),
            &path,
            depth + 1,
            modules,
        );
    }
}

/// The names that an expression refers to, without those that only lead to another:
/// `a.b` beside `a.b.id`.
pub(super) fn references(expression: Value<'_>) -> Vec<&str> {
    let Some(list) = expression.get("references") else {
        return Vec::new();
    };
    let all: Vec<_> = list.items().map(Value::scalar).collect();
    let leads = |name: &str| {
        all.iter().any(|other| {
            other
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(['.', '[']))
        })
    };
    let mut names: Vec<&str> = Vec::new();
    for &name in all.iter().filter(|name| !leads(name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The value that an expression is, if it is a literal.
pub(super) fn constant(expression: Value<'_>) -> Option<Value<'_>> {
    (expression.kind() == Kind::Object)
        .then(|| expression.get("constant_value"))
        .flatten()
}
