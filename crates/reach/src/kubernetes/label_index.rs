//! Selectors evaluated over everything at once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use palisade_estate::kubernetes::{Operator, Requirement, Selector};

use super::workload::Labels;
use super::{EndpointId, EndpointSet};

/// Which things carry which labels. A selector is a few operations on sets, and each different
/// selector is evaluated once.
pub struct LabelIndex<'e> {
    all: EndpointSet,
    /// The things of whose labels nothing is known.
    open: EndpointSet,
    by_key: HashMap<&'e str, ByValue<'e>>,
    evaluated: RefCell<HashMap<Selector<'e>, Rc<EndpointSet>>>,
}

#[derive(Default)]
struct ByValue<'e> {
    /// The things that have the label.
    present: EndpointSet,
    values: HashMap<&'e str, EndpointSet>,
}

impl<'e> LabelIndex<'e> {
    /// An index of things by number.
    pub fn new<'l>(things: impl Iterator<Item = (EndpointId, &'l Labels<'e>)>) -> Self
    where
        'e: 'l,
    {
        let mut numbers: HashMap<(&str, &str), Vec<EndpointId>> = HashMap::new();
        let (mut all, mut open) = (Vec::new(), Vec::new());
        for (id, labels) in things {
            all.push(id);
            if labels.is_open() {
                open.push(id);
            }
            for label in labels.iter() {
                numbers.entry(label).or_default().push(id);
            }
        }
        let mut by_key: HashMap<&str, ByValue<'e>> = HashMap::new();
        for ((key, value), ids) in numbers {
            let set: EndpointSet = ids.into_iter().collect();
            let of_key = by_key.entry(key).or_default();
            of_key.present.extend(&set);
            of_key.values.insert(value, set);
        }
        Self {
            all: all.into_iter().collect(),
            open: open.into_iter().collect(),
            by_key,
            evaluated: RefCell::default(),
        }
    }

    /// All things.
    pub fn all(&self) -> &EndpointSet {
        &self.all
    }

    /// The things of whose labels nothing is known: a selector that asks for labels may select
    /// them or not, so that they are in no answer but that of a selector without requirements.
    pub fn open(&self) -> &EndpointSet {
        &self.open
    }

    /// The things that have a label.
    pub fn having(&self, key: &str) -> EndpointSet {
        self.by_key
            .get(key)
            .map(|values| values.present.clone())
            .unwrap_or_default()
    }

    /// The things whose label `key` has a value that `is_meant`.
    pub fn with_value(&self, key: &str, is_meant: impl Fn(&str) -> bool) -> EndpointSet {
        let mut found = EndpointSet::empty();
        for (value, set) in self
            .by_key
            .get(key)
            .iter()
            .flat_map(|of_key| &of_key.values)
        {
            if is_meant(value) {
                found.extend(set);
            }
        }
        found
    }

    /// The things that a selector selects for certain.
    pub fn select(&self, selector: &Selector<'e>) -> Rc<EndpointSet> {
        if let Some(known) = self.evaluated.borrow().get(selector) {
            return Rc::clone(known);
        }
        let mut selected = self.all.clone();
        if !selector.is_empty() {
            selected = selected.difference(&self.open);
        }
        for requirement in selector.requirements() {
            selected = self.narrow(&selected, requirement);
        }
        let selected = Rc::new(selected);
        let mut evaluated = self.evaluated.borrow_mut();
        evaluated.insert(selector.clone(), Rc::clone(&selected));
        selected
    }

    fn narrow(&self, selected: &EndpointSet, requirement: &Requirement<'e>) -> EndpointSet {
        let Some(of_key) = self.by_key.get(requirement.key) else {
            return match requirement.operator {
                Operator::In | Operator::Exists => EndpointSet::empty(),
                Operator::NotIn | Operator::DoesNotExist => selected.clone(),
            };
        };
        let listed = || {
            let sets = requirement
                .values
                .iter()
                .filter_map(|value| of_key.values.get(value));
            sets.fold(EndpointSet::empty(), |all, set| all.union(set))
        };
        match requirement.operator {
            Operator::In => selected.intersection(&listed()),
            Operator::NotIn => selected.difference(&listed()),
            Operator::Exists => selected.intersection(&of_key.present),
            Operator::DoesNotExist => selected.difference(&of_key.present),
        }
    }
}
