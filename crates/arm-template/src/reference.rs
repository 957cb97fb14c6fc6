//! What `reference` and its kin say about a resource.

use std::rc::Rc;

use palisade_document::Derived;

use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::fault::{Outcome, fault};
use crate::resource::{Declared, Existence};
use crate::scope::type_of;
use crate::value;

impl<'d> Evaluator<'d> {
    /// The resource that a symbolic name, an id or a name means.
    fn find(&self, context: Context<'_, 'd>, name: &str) -> Option<Rc<Declared<'d>>> {
        let deployment = self.deployments.get(context.env.names.deployment);
        let symbols = deployment.symbols.borrow();
        let lower = name.to_ascii_lowercase();
        if let Some(numbers) = symbols.get(&lower) {
            return numbers.first().map(|&it| self.deployments.resource(it));
        }
        if let Some((symbol, index)) = turn(&lower)
            && let Some(numbers) = symbols.get(symbol)
        {
            return numbers.get(index).map(|&it| self.deployments.resource(it));
        }
        if name.starts_with('/') {
            return self.deployments.with_id(name);
        }
        if name.contains('/') {
            let id = format!("{}/providers/{name}", deployment.target.id());
            return self.deployments.with_id(&id);
        }
        let resources = deployment.resources.borrow();
        let mut named = resources
            .iter()
            .map(|&it| self.deployments.resource(it))
            .filter(|it| {
                it.name
                    .as_str()
                    .is_some_and(|it| it.eq_ignore_ascii_case(name))
            });
        named.next()
    }

    /// `reference(name)`: the properties, or with `full` the whole.
    pub(crate) fn state_of(&self, context: Context<'_, 'd>, name: &str, full: bool) -> Derived {
        match self.find(context, name) {
            Some(declared) => self.state(&declared, full),
            None => self.elsewhere(name),
        }
    }

    fn elsewhere(&self, name: &str) -> Derived {
        let value = Derived::string(name);
        if let Some(unknown) = self.partial.known(&value) {
            return unknown;
        }
        Derived::unknown(
            format!("the template refers to `{name}`, which it doesn't create"),
            format!("an export of `{name}`"),
        )
    }

    fn state(&self, declared: &Rc<Declared<'d>>, full: bool) -> Derived {
        if declared.is_deployment() && !declared.is_existing {
            return self.deployment_state(declared, full);
        }
        let name = self.partial.stand_in(&declared.id);
        let created = self.deployments.with_id(&declared.id);
        let created = created.filter(|it| !it.is_existing);
        let Some(created) =
            created.or_else(|| (!declared.is_existing).then(|| Rc::clone(declared)))
        else {
            return Derived::unknown(
                format!("`{name}` exists already, and the template doesn't say what it is like"),
                format!("an export of `{name}`"),
            );
        };
        if let Existence::Absent = created.existence {
            return Derived::unknown(
                format!("`{name}` isn't deployed by this template: its condition is false"),
                format!("an export of `{name}`"),
            );
        }
        if let Some(answer) = created.answers[usize::from(full)].borrow().as_ref() {
            return answer.clone();
        }
        let answer = self.answer(&created, &name, full);
        *created.answers[usize::from(full)].borrow_mut() = Some(answer.clone());
        answer
    }

    /// What the template says, with the rest unknown.
    fn answer(&self, created: &Rc<Declared<'d>>, name: &str, full: bool) -> Derived {
        let rest = Derived::unknown(
            format!("Azure sets this of `{name}` when it is deployed"),
            format!("an export of `{name}`"),
        );
        let body = self.body(created);
        if full {
            return value::with_rest(&body, &rest);
        }
        let properties = self.member(&body, "properties");
        let properties = properties.unwrap_or_else(|_| Derived::object(Vec::new()));
        if value::as_object(&properties).is_none() {
            return rest;
        }
        value::with_rest(&properties, &rest)
    }

    fn deployment_state(&self, declared: &Rc<Declared<'d>>, full: bool) -> Derived {
        let name = self
            .partial
            .stand_in(declared.name.as_str().unwrap_or_default());
        let rest = Derived::unknown(
            format!("Azure says this about deployment `{name}` only when it has run"),
            format!("the outputs of deployment `{name}`"),
        );
        if let Existence::Absent = declared.existence {
            return Derived::unknown(
                format!("deployment `{name}` doesn't run: its condition is false"),
                "nothing",
            );
        }
        let state = match self.nested(declared) {
            Some(nested) => value::object([("outputs", self.outputs(&nested))]),
            None => return rest,
        };
        let mut members = value::as_object(&state)
            .map(|it| it.to_vec())
            .unwrap_or_default();
        let mark = value::with_rest(&Derived::object(Vec::new()), &rest);
        members.extend(
            value::as_object(&mark)
                .map(|it| it.to_vec())
                .unwrap_or_default(),
        );
        let state = Derived::object(members);
        if full {
            let full = value::object([
                ("id", value::text(std::sync::Arc::clone(&declared.id))),
                ("name", declared.name.clone()),
                ("properties", state),
            ]);
            return full;
        }
        state
    }

    /// `references(symbol)`: the states of all turns of a loop.
    pub(crate) fn states_of(&self, context: Context<'_, 'd>, name: &str, full: bool) -> Outcome {
        let deployment = self.deployments.get(context.env.names.deployment);
        let numbers = deployment
            .symbols
            .borrow()
            .get(&name.to_ascii_lowercase())
            .cloned();
        let Some(numbers) = numbers else {
            return fault(format!(
                "there is no resource with the symbolic name `{name}`"
            ));
        };
        let mut states = Vec::with_capacity(numbers.len());
        for number in numbers {
            let declared = self.deployments.resource(number);
            match &declared.existence {
                Existence::Absent => {}
                Existence::Unknown { cause, supply } => {
                    return Ok(Derived::unknown(cause.clone(), supply.clone()));
                }
                Existence::Certain => states.push(self.state(&declared, full)),
            }
        }
        Ok(Derived::array(states))
    }

    /// `resourceInfo(symbol)`: what is known without deploying.
    pub(crate) fn info_of(&self, context: Context<'_, 'd>, name: &str) -> Outcome {
        let Some(declared) = self.find(context, name) else {
            return fault(format!(
                "there is no resource with the symbolic name `{name}`"
            ));
        };
        let rest = Derived::unknown(
            format!("the template doesn't say this about `{name}`"),
            "an export of the resource",
        );
        let info = value::object([
            ("id", value::text(std::sync::Arc::clone(&declared.id))),
            ("name", declared.name.clone()),
            ("type", value::text(type_of(&declared.id))),
        ]);
        Ok(value::with_rest(&info, &rest))
    }
}

/// `symbol[2]`: one turn of a loop.
fn turn(name: &str) -> Option<(&str, usize)> {
    let (symbol, index) = name.strip_suffix(']')?.rsplit_once('[')?;
    Some((symbol, index.parse().ok()?))
}
