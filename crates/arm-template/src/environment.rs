//! What the names in an expression stand for: parameters, variables, the functions of the
//! template's author, loops and the variables of lambdas.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use palisade_document::{Derived, Value};

use crate::scope::Target;

/// Where an expression is evaluated: what its names mean, and the string that holds it.
#[derive(Clone, Copy)]
pub(crate) struct Context<'e, 'd> {
    pub(crate) env: &'e Env<'d>,
    /// The value of the document that holds the expression.
    pub(crate) leaf: Value<'d>,
}

/// What the names mean at one place. Copies are cheap: everything is shared.
#[derive(Clone)]
pub(crate) struct Env<'d> {
    pub(crate) names: Rc<Names<'d>>,
    pub(crate) loops: Option<Rc<Loop>>,
    pub(crate) locals: Option<Rc<Local>>,
    /// In the body of an author's function, its arguments; parameters of the template aren't
    /// visible there.
    pub(crate) arguments: Option<Rc<Vec<(String, Derived)>>>,
    /// In a nested template with outer scope, what its own names mean.
    pub(crate) inner: Option<Rc<Names<'d>>>,
}

/// One turn of a copy loop.
pub(crate) struct Loop {
    pub(crate) name: Arc<str>,
    /// Unknown when it isn't known how many turns there are.
    pub(crate) index: Result<i64, Derived>,
    /// Whether the loop makes resources; `copyIndex()` without a name means such a one.
    pub(crate) makes_resources: bool,
    pub(crate) next: Option<Rc<Self>>,
}

/// A variable of a lambda.
pub(crate) struct Local {
    pub(crate) name: Arc<str>,
    pub(crate) value: Derived,
    pub(crate) next: Option<Rc<Self>>,
}

/// What a template declares, and where it is deployed.
pub(crate) struct Names<'d> {
    /// The deployment whose resources symbolic names mean.
    pub(crate) deployment: usize,
    /// The name of the deployment.
    pub(crate) deployment_name: Derived,
    /// The template.
    pub(crate) template: Value<'d>,
    /// Where the functions of scope look: `resourceGroup()` and others.
    pub(crate) target: Target,
    pub(crate) parameters: HashMap<String, Parameter<'d>>,
    pub(crate) variables: HashMap<String, Variable<'d>>,
    /// By `namespace.name`.
    pub(crate) functions: HashMap<String, Value<'d>>,
}

/// A parameter of a template.
pub(crate) struct Parameter<'d> {
    /// The name as the template writes it.
    pub(crate) key: Value<'d>,
    pub(crate) definition: Value<'d>,
    pub(crate) given: Option<Given<'d>>,
    pub(crate) state: RefCell<Lazy>,
}

/// What a parameter is given from outside.
pub(crate) enum Given<'d> {
    /// From a parameter file: the object with `value` or `reference`.
    File(Value<'d>),
    /// From the template around it, with what names mean there.
    Passed(Value<'d>, Env<'d>),
}

/// A variable of a template.
pub(crate) struct Variable<'d> {
    pub(crate) key: Value<'d>,
    pub(crate) value: Value<'d>,
    /// Whether the value is an element of `copy`, with name, count and input.
    pub(crate) is_loop: bool,
    pub(crate) state: RefCell<Lazy>,
}

/// A value that is evaluated when it is first asked for.
#[derive(Default)]
pub(crate) enum Lazy {
    #[default]
    Pending,
    /// Being evaluated: who asks now asks in a circle.
    Busy,
    Done(Derived),
}

impl<'d> Env<'d> {
    pub(crate) fn new(names: Rc<Names<'d>>) -> Self {
        Self {
            names,
            loops: None,
            locals: None,
            arguments: None,
            inner: None,
        }
    }

    /// The same with one more loop around.
    pub(crate) fn in_loop(
        &self,
        name: &str,
        index: Result<i64, Derived>,
        makes_resources: bool,
    ) -> Self {
        Self {
            loops: Some(Rc::new(Loop {
                name: name.to_ascii_lowercase().into(),
                index,
                makes_resources,
                next: self.loops.clone(),
            })),
            ..self.clone()
        }
    }

    /// The same with a variable of a lambda.
    pub(crate) fn with_local(&self, name: Arc<str>, value: Derived) -> Self {
        Self {
            locals: Some(Rc::new(Local {
                name,
                value,
                next: self.locals.clone(),
            })),
            ..self.clone()
        }
    }

    /// The variable of a lambda around.
    pub(crate) fn local(&self, name: &str) -> Option<&Derived> {
        let mut at = self.locals.as_deref();
        while let Some(local) = at {
            if local.name.eq_ignore_ascii_case(name) {
                return Some(&local.value);
            }
            at = local.next.as_deref();
        }
        None
    }

    /// The loop of that name; without a name the innermost that makes resources, else the
    /// innermost.
    pub(crate) fn find_loop(&self, name: Option<&str>) -> Option<&Loop> {
        let around = || std::iter::successors(self.loops.as_deref(), |it| it.next.as_deref());
        match name {
            Some(name) => around().find(|it| it.name.eq_ignore_ascii_case(name)),
            None => around()
                .find(|it| it.makes_resources)
                .or(self.loops.as_deref()),
        }
    }
}
