//! What a template declares: parameters, variables and functions, evaluated when asked for.

use std::collections::HashMap;

use palisade_document::{Content, Derived, Kind, Level, Place, Provenance, Value};

use crate::body::is_property_loop;
use crate::environment::{Context, Env, Given, Lazy, Parameter, Variable};
use crate::evaluator::Evaluator;
use crate::fault::{Fault, Outcome, fault};
use crate::types;

/// The parameters of a template by name in lower case, with what they are given.
pub(crate) fn parameters<'d>(
    template: Value<'d>,
    mut given: HashMap<String, Given<'d>>,
) -> HashMap<String, Parameter<'d>> {
    let declared = template.get_ignore_case("parameters");
    let entries = declared.into_iter().flat_map(Value::entries);
    entries
        .map(|entry| {
            let name = entry.name().to_ascii_lowercase();
            let parameter = Parameter {
                key: entry.key,
                definition: entry.value,
                given: given.remove(&name),
                state: Lazy::Pending.into(),
            };
            (name, parameter)
        })
        .collect()
}

/// The variables of a template by name in lower case.
pub(crate) fn variables(template: Value<'_>) -> HashMap<String, Variable<'_>> {
    let mut variables = HashMap::new();
    let declared = template.get_ignore_case("variables");
    let mut declare = |name: &str, key, value, is_loop| {
        let variable = Variable {
            key,
            value,
            is_loop,
            state: Lazy::Pending.into(),
        };
        variables.insert(name.to_ascii_lowercase(), variable);
    };
    for entry in declared.into_iter().flat_map(Value::entries) {
        if entry.name().eq_ignore_ascii_case("copy") && is_property_loop(entry.value) {
            for item in entry.value.items() {
                if let Some(name) = item.get_ignore_case("name") {
                    declare(name.scalar(), name, item, true);
                }
            }
        } else {
            declare(entry.name(), entry.key, entry.value, false);
        }
    }
    variables
}

/// The functions of the author by `namespace.name` in lower case.
pub(crate) fn functions(template: Value<'_>) -> HashMap<String, Value<'_>> {
    let mut functions = HashMap::new();
    let namespaces = template.get_ignore_case("functions");
    for namespace in namespaces.into_iter().flat_map(Value::items) {
        let name = namespace.get_ignore_case("namespace");
        let name = name.map(Value::scalar).unwrap_or_default();
        let members = namespace.get_ignore_case("members");
        for member in members.into_iter().flat_map(Value::entries) {
            let full = format!("{name}.{}", member.name()).to_ascii_lowercase();
            functions.insert(full, member.value);
        }
    }
    functions
}

/// The value of a parameter where it is named.
pub(crate) fn parameter<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    name: &str,
) -> Outcome {
    let key = name.to_ascii_lowercase();
    if let Some(arguments) = &context.env.arguments {
        let found = arguments.iter().find(|(other, _)| *other == key);
        return match found {
            Some((_, value)) => Ok(value.clone()),
            None => fault(format!("the function has no parameter `{name}`")),
        };
    }
    let Some(parameter) = context.env.names.parameters.get(&key) else {
        return Err(not_declared(
            "parameter",
            name,
            context.env.names.parameters.values().map(|it| it.key),
        ));
    };
    let own = Env::new(std::rc::Rc::clone(&context.env.names));
    let value = lazily(&parameter.state, || {
        evaluator.parameter_value(&own, parameter)
    })
    .ok_or_else(|| Fault::new(format!("parameter `{name}` depends on itself")))?;
    let written = parameter.key.scalar();
    let label = match parameter.given {
        Some(_) => format!("parameter `{written}`"),
        None => format!("parameter `{written}`'s default"),
    };
    Ok(value.through(label, Some(Place::of(context.leaf))))
}

/// The value of a variable where it is named.
pub(crate) fn variable<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    name: &str,
) -> Outcome {
    let Some(variable) = context.env.names.variables.get(&name.to_ascii_lowercase()) else {
        return Err(not_declared(
            "variable",
            name,
            context.env.names.variables.values().map(|it| it.key),
        ));
    };
    let own = Env::new(std::rc::Rc::clone(&context.env.names));
    let value = lazily(&variable.state, || {
        if variable.is_loop {
            evaluator.property_loop(&own, variable.value)
        } else {
            evaluator.value(&own, variable.value)
        }
    })
    .ok_or_else(|| Fault::new(format!("variable `{name}` depends on itself")))?;
    let label = format!("variable `{}`", variable.key.scalar());
    Ok(value.through(label, Some(Place::of(context.leaf))))
}

/// The value, made at the first time; nothing when making it asks for it again.
pub(crate) fn lazily(
    state: &std::cell::RefCell<Lazy>,
    make: impl FnOnce() -> Derived,
) -> Option<Derived> {
    match &*state.borrow() {
        Lazy::Done(value) => return Some(value.clone()),
        Lazy::Busy => return None,
        Lazy::Pending => {}
    }
    *state.borrow_mut() = Lazy::Busy;
    let value = make();
    *state.borrow_mut() = Lazy::Done(value.clone());
    Some(value)
}

fn not_declared<'d>(kind: &str, name: &str, known: impl Iterator<Item = Value<'d>>) -> Fault {
    let mut names: Vec<_> = known.map(|key| format!("`{}`", key.scalar())).collect();
    names.sort();
    let fault = Fault::new(format!("the template declares no {kind} `{name}`"));
    if names.is_empty() || names.len() > 20 {
        fault
    } else {
        fault.with_help(format!("it declares {}", names.join(", ")))
    }
}

impl<'d> Evaluator<'d> {
    /// Azure checks every parameter before it deploys, whether it is used or not.
    pub(crate) fn check_parameters(&self, env: &Env<'d>) {
        for entry in (env.names.template.get_ignore_case("parameters"))
            .into_iter()
            .flat_map(Value::entries)
        {
            let context = Context {
                env,
                leaf: entry.key,
            };
            if let Err(fault) = parameter(self, context, entry.name()) {
                self.report(Level::Error, entry.key, &fault);
            }
        }
    }

    fn parameter_value(&self, own: &Env<'d>, parameter: &Parameter<'d>) -> Derived {
        let kind = types::Type::of(own.names.template, parameter.definition);
        let default = || {
            let node = parameter.definition.get_ignore_case("defaultValue")?;
            Some((self.value(own, node), node))
        };
        // Null is what a template passes on for a value that it wasn't given itself.
        let given = parameter.given.as_ref().map(|given| self.given(given));
        let has_default = parameter
            .definition
            .get_ignore_case("defaultValue")
            .is_some();
        let given = given.filter(|(value, _)| {
            !(matches!(value.content, Content::Null) && (has_default || kind.is_nullable()))
        });
        let (value, written) = match given.or_else(default) {
            Some(known) => known,
            None if kind.is_nullable() => {
                let null = Derived::of(Content::Null).at(Place::of(parameter.key));
                return null;
            }
            None => return self.missing(parameter, &kind),
        };
        if kind.is_secure() {
            return secret(parameter, value);
        }
        if let Some(defect) = kind.defect(self, &value) {
            let name = parameter.key.scalar();
            let fault = Fault::new(format!("parameter `{name}`{defect}"));
            self.report(Level::Warning, written, &fault);
        }
        value
    }

    /// The value that a parameter is given, and where it is written.
    fn given(&self, given: &Given<'d>) -> (Derived, Value<'d>) {
        let (node, env) = match given {
            Given::File(node) => (*node, None),
            Given::Passed(node, env) => (*node, Some(env)),
        };
        let value = node.get_ignore_case("value");
        if let Some(value) = value {
            let made = match env {
                Some(env) => self.value(env, value),
                // A parameter file holds values, no expressions.
                None => Derived::literal(value),
            };
            return (made, value);
        }
        if node.get_ignore_case("reference").is_some() {
            return (in_key_vault().at(Place::of(node)), node);
        }
        // The value can be made by a loop, or the whole by an expression.
        let whole = env.map(|env| self.value(env, node));
        let made = match whole {
            Some(whole) if whole.is_unknown() => whole,
            Some(whole) if self.member(&whole, "reference").is_ok() => {
                in_key_vault().at(Place::of(node))
            }
            Some(whole) => self.member(&whole, "value").unwrap_or_else(|_| {
                self.failed(node, &Fault::new("the parameter is given no `value`"))
            }),
            None => self.failed(node, &Fault::new("the parameter is given no `value`")),
        };
        (made, node)
    }

    /// A text that isn't given can still be a part of names and ids.
    fn missing(&self, parameter: &Parameter<'d>, kind: &types::Type<'d>) -> Derived {
        let name = parameter.key.scalar();
        let cause = format!("parameter `{name}` has no value");
        let supply = format!("a parameter file with `{name}`");
        let place = Place::of(parameter.key);
        if kind.is_text() && !kind.is_secure() {
            let key = format!(
                "parameter {:x} {}",
                std::ptr::from_ref(parameter).addr(),
                name
            );
            let because = (&cause.as_str().into(), &supply.into());
            let text = self.partial.text(&key, &cause, because);
            return Derived::string(text).at(place);
        }
        Derived::unknown(cause, supply).at(place)
    }
}

fn in_key_vault() -> Derived {
    Derived::unknown(
        "the value is a secret in a key vault",
        "nothing: secrets aren't read",
    )
}

/// A secret is never kept; whether there is none may be known.
fn secret(parameter: &Parameter<'_>, value: Derived) -> Derived {
    let is_nothing = match &value.content {
        Content::String(text) => text.is_empty(),
        Content::Object(members) => members.is_empty(),
        Content::Null | Content::Unknown { .. } => true,
        _ => false,
    };
    if is_nothing {
        return value;
    }
    let cause = format!("parameter `{}` is a secret", parameter.key.scalar());
    Derived {
        content: Content::Unknown {
            cause: cause.into(),
            supply: "nothing: secrets aren't read".into(),
        },
        // Not where the secret is written: nobody should be led there, or shown the line.
        source: Provenance {
            place: Some(Place::of(parameter.key)),
            through: value.source.through,
        },
    }
}

/// What a parameter file gives, by name in lower case. Both shapes are taken: with `$schema` and
/// `parameters`, and the parameters alone.
pub(crate) fn parameter_file(file: Value<'_>) -> impl Iterator<Item = (Value<'_>, Value<'_>)> {
    let inner = file.get_ignore_case("parameters");
    let parameters = inner.filter(|it| it.kind() == Kind::Object).unwrap_or(file);
    let entries = parameters.entries();
    entries
        .filter(|entry| entry.value.kind() == Kind::Object)
        .map(|entry| (entry.key, entry.value))
}
