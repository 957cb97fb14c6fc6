//! Expressions to values.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use palisade_document::{
    Content, Derived, Diagnostic, Document, Level, NodeId, Place, Provenance, Value,
};

use crate::deployment::Deployments;
use crate::environment::Context;
use crate::expression::{self, Expression, ExpressionKind};
use crate::fault::{Fault, Outcome};
use crate::partial::{Partial, is_partial};
use crate::{Options, functions, place, value};

/// How many steps an expansion may take. The largest real templates take a quarter of a million.
const MOST_STEPS: u64 = 2_000_000;

/// How many comparisons of names or scalars are worth a step.
pub(crate) const COMPARISONS: usize = 16;

/// How deep expressions, variables and deployments may lead into each other.
const DEEPEST: u32 = 160;

/// How many diagnostics an expansion gives.
const MOST_DIAGNOSTICS: usize = 100;

/// An expression that was parsed once, or nothing when it is none.
type Parsed = Option<Rc<Expression>>;

/// The state of one expansion.
pub(crate) struct Evaluator<'d> {
    pub(crate) options: &'d Options<'d>,
    pub(crate) lookup: &'d dyn Fn(&str) -> Option<&'d Document>,
    pub(crate) partial: Partial,
    pub(crate) deployments: Deployments<'d>,
    diagnostics: RefCell<Vec<Diagnostic>>,
    reported: RefCell<HashSet<(usize, u32, String)>>,
    expressions: RefCell<HashMap<(usize, NodeId), Parsed>>,
    /// Whether everything that is deployed was read.
    pub(crate) is_whole: Cell<bool>,
    steps: Cell<u64>,
    depth: Cell<u32>,
    /// Above zero while something is evaluated that may not be deployed at all.
    quiet: Cell<u32>,
}

/// Marks that evaluation is one level deeper, until it is dropped.
pub(crate) struct Deeper<'e>(&'e Cell<u32>);

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl<'d> Evaluator<'d> {
    pub(crate) fn new(
        options: &'d Options<'d>,
        lookup: &'d dyn Fn(&str) -> Option<&'d Document>,
    ) -> Self {
        Self {
            options,
            lookup,
            partial: Partial::default(),
            deployments: Deployments::default(),
            diagnostics: RefCell::default(),
            reported: RefCell::default(),
            expressions: RefCell::default(),
            is_whole: Cell::new(true),
            steps: Cell::new(0),
            depth: Cell::new(0),
            quiet: Cell::new(0),
        }
    }

    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics.into_inner()
    }

    /// Takes steps; false when there are none left.
    pub(crate) fn spend(&self, steps: usize) -> bool {
        let taken = self.steps.get().saturating_add(steps as u64);
        self.steps.set(taken);
        taken <= MOST_STEPS
    }

    /// Evaluates without saying what is wrong: Azure doesn't look at it either.
    pub(crate) fn quietly<T>(&self, evaluate: impl FnOnce() -> T) -> T {
        self.quiet.set(self.quiet.get() + 1);
        let result = evaluate();
        self.quiet.set(self.quiet.get() - 1);
        result
    }

    /// One level deeper, or nothing when that would be too deep.
    pub(crate) fn deeper(&self) -> Option<Deeper<'_>> {
        if self.depth.get() >= DEEPEST {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        Some(Deeper(&self.depth))
    }

    /// Says once what is wrong with the value of a template.
    pub(crate) fn report(&self, level: Level, leaf: Value<'_>, fault: &Fault) {
        if self.quiet.get() > 0 {
            return;
        }
        if level == Level::Error {
            self.is_whole.set(false);
        }
        let place = match &fault.span {
            Some(span) => place::part(leaf, span),
            None => Place::of(leaf),
        };
        let document = leaf.document();
        let key = (
            std::ptr::from_ref(document).addr(),
            place.span.start,
            fault.message.clone(),
        );
        let mut diagnostics = self.diagnostics.borrow_mut();
        if diagnostics.len() >= MOST_DIAGNOSTICS || !self.reported.borrow_mut().insert(key) {
            return;
        }
        let text = document.text();
        let position = text.position(place.span.start as usize);
        diagnostics.push(Diagnostic {
            level,
            help: fault.help.clone(),
            ..Diagnostic::error(text.path(), Some(position), fault.message.clone())
        });
    }

    /// What stands for a value that couldn't be made.
    pub(crate) fn failed(&self, leaf: Value<'_>, fault: &Fault) -> Derived {
        self.report(Level::Error, leaf, fault);
        let cause = format!("this can't be evaluated: {}", fault.message);
        Derived::unknown(cause, "a template without the defect").at(Place::of(leaf))
    }

    /// The value of a string that is an expression from the byte `start` on.
    pub(crate) fn expression(&self, context: Context<'_, 'd>, start: u32) -> Derived {
        let Some(expression) = self.parsed(context.leaf, start) else {
            return Derived::unknown(
                "the expression has a syntax error",
                "a template without the error",
            )
            .at(Place::of(context.leaf));
        };
        match self.evaluate(context, &expression) {
            Ok(value) => value,
            Err(fault) => self.failed(context.leaf, &fault),
        }
    }

    fn parsed(&self, leaf: Value<'d>, start: u32) -> Parsed {
        let key = (std::ptr::from_ref(leaf.document()).addr(), leaf.node());
        if let Some(known) = self.expressions.borrow().get(&key) {
            return known.clone();
        }
        let parsed = match expression::parse_from(leaf.scalar(), start) {
            Ok(expression) => Some(Rc::new(expression)),
            Err(error) => {
                let mut fault = Fault::new(error.message);
                fault.span = Some(error.at..error.at);
                self.report(Level::Error, leaf, &fault);
                None
            }
        };
        self.expressions.borrow_mut().insert(key, parsed.clone());
        parsed
    }

    /// The value of an expression.
    pub(crate) fn evaluate(&self, context: Context<'_, 'd>, it: &Expression) -> Outcome {
        let Some(_deeper) = self.deeper() else {
            return Err(Fault::new("expressions lead into each other too deeply")
                .with_help("a function or variable may call itself without an end"));
        };
        if !self.spend(1) {
            return Err(Fault::new("the template takes too many steps to expand"));
        }
        match &it.kind {
            ExpressionKind::Text(text) => Ok(self.literal_text(context, text, &it.span)),
            ExpressionKind::Number(number) => {
                let content = Content::Number(Arc::clone(number));
                Ok(Derived::of(content).at(place::part(context.leaf, &it.span)))
            }
            ExpressionKind::Call { name, arguments } => {
                functions::call(self, context, name, arguments)
                    .map_err(|fault| fault.within(&it.span))
            }
            ExpressionKind::Member { base, name } => {
                let base = self.evaluate(context, base)?;
                self.member(&base, name.as_str())
                    .map_err(|fault| fault.within(&it.span))
            }
            ExpressionKind::Index { base, index } => {
                let base = self.evaluate(context, base)?;
                let index = self.evaluate(context, index)?;
                self.index(&base, &index)
                    .map_err(|fault| fault.within(&it.span))
            }
        }
    }

    fn literal_text(
        &self,
        context: Context<'_, 'd>,
        text: &Arc<str>,
        span: &Range<u32>,
    ) -> Derived {
        let text = match crate::partial::cleaned(text) {
            Some(cleaned) => cleaned.into(),
            None => Arc::clone(text),
        };
        Derived::string(text).at(place::part(context.leaf, span))
    }

    /// `base.name`.
    pub(crate) fn member(&self, base: &Derived, name: &str) -> Outcome {
        match &base.content {
            Content::Unknown { .. } => Ok(base.clone()),
            Content::Object(members) => {
                self.spend(members.len() / COMPARISONS);
                match value::member(members, name).or_else(|| value::rest(base)) {
                    Some(found) => Ok(value::part_of(base, found)),
                    None => Err(no_member(members, name)),
                }
            }
            Content::String(text) if is_partial(text) => {
                Ok(self.partial.known(base).unwrap_or_else(value::null))
            }
            _ => Err(Fault::new(format!(
                "{} has no property `{name}`",
                with_article(base)
            ))),
        }
    }

    /// `base[index]`.
    fn index(&self, base: &Derived, index: &Derived) -> Outcome {
        if base.is_unknown() {
            return Ok(base.clone());
        }
        match (&base.content, &index.content) {
            (_, Content::Unknown { .. }) => Ok(index.clone()),
            (_, Content::String(name)) if is_partial(name) => {
                Ok(self.partial.known(index).unwrap_or_else(value::null))
            }
            (Content::Object(_), Content::String(name)) => self.member(base, name),
            (Content::Array(items), Content::Number(number)) => {
                let at = value::whole(number).and_then(|at| usize::try_from(at).ok());
                match at.and_then(|at| items.get(at)) {
                    Some(item) => Ok(value::part_of(base, item)),
                    None => Err(Fault::new(format!(
                        "index {number} is outside the array, which has {} elements",
                        items.len()
                    ))),
                }
            }
            _ => Err(Fault::new(format!(
                "{} can't be indexed with {}",
                with_article(base),
                with_article(index)
            ))),
        }
    }

    /// The value with the place and the way of the expression that computed it from `inputs`,
    /// unless it has its own.
    pub(crate) fn computed(
        &self,
        context: Context<'_, 'd>,
        value: Derived,
        inputs: &[Derived],
    ) -> Derived {
        if value.source.place.is_some() {
            return value;
        }
        let ways = inputs.iter().map(|input| input.source.through.as_ref());
        let through = ways.fold(value.source.through.clone(), |way, next| {
            value::joined(way.as_ref(), next)
        });
        Derived {
            content: value.content,
            source: Provenance {
                place: Some(Place::of(context.leaf)),
                through,
            },
        }
    }

    /// The first unknown in the value, however deep.
    pub(crate) fn first_unknown(&self, value: &Derived) -> Option<Derived> {
        if !self.spend(1) {
            return Some(exhausted());
        }
        match &value.content {
            Content::Unknown { .. } => Some(value.clone()),
            Content::String(_) => self.partial.known(value),
            Content::Array(items) => items.iter().find_map(|item| self.first_unknown(item)),
            Content::Object(members) => {
                let values = members.iter().flat_map(|(key, value)| [key, value]);
                values
                    .into_iter()
                    .find_map(|value| self.first_unknown(value))
            }
            _ => None,
        }
    }

    /// Whether two values are equal; an unknown when that depends on one.
    pub(crate) fn same(&self, left: &Derived, right: &Derived) -> Result<bool, Derived> {
        use Content::{Array, Bool, Null, Number, Object, String};
        let is_compound = matches!(left.content, Array(_) | Object(_));
        if is_compound && !self.spend(1) {
            return Err(exhausted());
        }
        match (&left.content, &right.content) {
            (Content::Unknown { .. }, _) => Err(left.clone()),
            (_, Content::Unknown { .. }) => Err(right.clone()),
            (Null, Null) => Ok(true),
            (Bool(left), Bool(right)) => Ok(left == right),
            (Number(left), Number(right)) => Ok(left == right || same_number(left, right)),
            (String(a), String(b)) => {
                if a == b {
                    return Ok(true);
                }
                match self
                    .partial
                    .known(left)
                    .or_else(|| self.partial.known(right))
                {
                    Some(unknown) => Err(unknown),
                    None => Ok(false),
                }
            }
            (Array(left), Array(right)) => {
                if Arc::ptr_eq(left, right) && left.is_empty() {
                    return Ok(true);
                }
                if left.len() != right.len() {
                    return Ok(false);
                }
                self.all_same(left.iter().zip(right.iter()))
            }
            (Object(members), Object(others)) => {
                if let Some(rest) = value::rest(left).or_else(|| value::rest(right)) {
                    return Err(rest.clone());
                }
                if members.len() != others.len() {
                    return Ok(false);
                }
                let mut pairs = Vec::with_capacity(members.len());
                for (key, value) in members.iter() {
                    match value::member(others, key.as_str().unwrap_or_default()) {
                        Some(twin) => pairs.push((value, twin)),
                        None => return Ok(false),
                    }
                }
                self.all_same(pairs.into_iter())
            }
            _ => Ok(false),
        }
    }

    /// One difference that is known outweighs all that is unknown.
    fn all_same<'v>(
        &self,
        pairs: impl Iterator<Item = (&'v Derived, &'v Derived)>,
    ) -> Result<bool, Derived> {
        let mut unknown = None;
        for (left, right) in pairs {
            match self.same(left, right) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(cause) => {
                    unknown.get_or_insert(cause);
                }
            }
        }
        unknown.map_or(Ok(true), Err)
    }
}

fn no_member(members: &value::Members, name: &str) -> Fault {
    let names = members.iter().filter_map(|(key, _)| key.as_str());
    let names: Vec<_> = names.take(12).map(|name| format!("`{name}`")).collect();
    let fault = Fault::new(format!("the object has no property `{name}`"));
    if names.is_empty() {
        fault
    } else {
        fault.with_help(format!("it has {}", names.join(", ")))
    }
}

/// What stands for a value for which there are no steps left.
pub(crate) fn exhausted() -> Derived {
    Derived::unknown(
        "the template takes too many steps to expand",
        "a smaller template",
    )
}

fn same_number(left: &str, right: &str) -> bool {
    match (value::whole(left), value::whole(right)) {
        (Some(left), Some(right)) => left == right,
        _ => match (left.parse::<f64>(), right.parse::<f64>()) {
            (Ok(left), Ok(right)) => left.total_cmp(&right).is_eq(),
            _ => false,
        },
    }
}

/// The type of a value as a sentence names it.
pub(crate) fn with_article(value: &Derived) -> &'static str {
    match value::type_name(value) {
        "null" => "null",
        "bool" => "a bool",
        "int" => "an int",
        "string" => "a string",
        "array" => "an array",
        "object" => "an object",
        _ => "an unknown value",
    }
}
