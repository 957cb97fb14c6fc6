//! Sets of labels that no selector tells apart.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use palisade_estate::kubernetes::{Operator, Requirement, Selector};

use super::super::Labels;

/// What the label of a key can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelValue<'e> {
    /// There is no such label.
    Absent,
    /// It has this value, which a selector names.
    Is(&'e str),
    /// It has a value that no selector names.
    Other,
}

/// Labels that every selector of some treats alike: for each key the values that it may have. A
/// key that isn't here may have any or be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelClass<'e> {
    values: BTreeMap<&'e str, BTreeSet<LabelValue<'e>>>,
}

/// The value that stands for all that no selector names. The API server refuses it, so that no
/// selector that it takes names it.
const OTHER: &str = "(another value)";

/// For each key that a selector asks for all that its label can be.
#[derive(Clone, Debug, Default)]
pub(super) struct Domains<'e>(BTreeMap<&'e str, BTreeSet<LabelValue<'e>>>);

impl<'e> Domains<'e> {
    pub(super) fn of(selectors: &[Selector<'e>]) -> Self {
        let mut domains = Self::default();
        for requirement in selectors.iter().flat_map(Selector::requirements) {
            let values = domains.0.entry(requirement.key).or_default();
            values.extend([LabelValue::Absent, LabelValue::Other]);
            values.extend(requirement.values.iter().map(|value| LabelValue::Is(value)));
        }
        domains
    }

    fn all(&self, key: &str) -> BTreeSet<LabelValue<'e>> {
        self.0.get(key).cloned().unwrap_or_default()
    }

    /// What fulfils a requirement.
    fn fulfilling(&self, requirement: &Requirement<'e>) -> BTreeSet<LabelValue<'e>> {
        let mut all = self.all(requirement.key);
        let is_listed = |value: &LabelValue<'e>| match value {
            LabelValue::Is(value) => requirement.values.contains(value),
            LabelValue::Absent | LabelValue::Other => false,
        };
        all.retain(|value| match requirement.operator {
            Operator::In => is_listed(value),
            Operator::NotIn => !is_listed(value),
            Operator::Exists => *value != LabelValue::Absent,
            Operator::DoesNotExist => *value == LabelValue::Absent,
        });
        all
    }
}

/// The most values of labels that are compared to find classes.
const MOST_STEPS: usize = 50_000_000;

/// Classes of all labels, so that each selector selects a class whole or not at all; nothing if
/// there are more than `most`, or too many values to compare.
pub(super) fn partition<'e>(
    selectors: &[Selector<'e>],
    domains: &Domains<'e>,
    most: usize,
) -> Option<Vec<LabelClass<'e>>> {
    let mut classes = vec![LabelClass::default()];
    let mut steps = 0;
    for selector in selectors {
        let mut parts = Vec::new();
        for class in classes {
            steps += class.split(selector, domains, most, &mut parts);
            if parts.len() > most || steps > MOST_STEPS {
                return None;
            }
        }
        classes = parts;
    }
    Some(classes)
}

impl<'e> LabelClass<'e> {
    /// The part that a selector selects, and those that it doesn't; ends early with more than
    /// `most` parts. How many values were compared.
    fn split(
        self,
        selector: &Selector<'e>,
        domains: &Domains<'e>,
        most: usize,
        parts: &mut Vec<Self>,
    ) -> usize {
        let mut left = self;
        let mut steps = 0;
        for requirement in selector.requirements() {
            let own = left.possible(requirement.key, domains);
            let wanted = domains.fulfilling(requirement);
            steps += 1 + own.len() + wanted.len() * requirement.values.len().max(1);
            if parts.len() > most || steps > MOST_STEPS {
                return steps;
            }
            let unwanted: BTreeSet<_> = own.difference(&wanted).copied().collect();
            let wanted: BTreeSet<_> = own.intersection(&wanted).copied().collect();
            if unwanted.is_empty() {
                continue;
            }
            let with = |values| {
                let mut class = left.clone();
                class.values.insert(requirement.key, values);
                class
            };
            parts.push(with(unwanted));
            if wanted.is_empty() {
                return steps;
            }
            left = with(wanted);
        }
        parts.push(left);
        steps
    }

    fn possible(&self, key: &str, domains: &Domains<'e>) -> BTreeSet<LabelValue<'e>> {
        let own = self.values.get(key).cloned();
        own.unwrap_or_else(|| domains.all(key))
    }

    /// The same class without some values of a key; nothing if none is left.
    pub(super) fn limited(
        mut self,
        key: &'e str,
        domains: &Domains<'e>,
        may_be: impl Fn(&LabelValue<'e>) -> bool,
    ) -> Option<Self> {
        let mut values = self.possible(key, domains);
        if values.is_empty() {
            return Some(self);
        }
        values.retain(may_be);
        let is_possible = !values.is_empty();
        self.values.insert(key, values);
        is_possible.then_some(self)
    }

    /// The class whatever the label of a key is.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        let mut class = self.clone();
        class.values.remove(key);
        class
    }

    /// What the label of a key may be; nothing if anything.
    pub fn values(&self, key: &str) -> Option<&BTreeSet<LabelValue<'e>>> {
        self.values.get(key)
    }

    /// For each key what its label may be.
    pub fn iter(&self) -> impl Iterator<Item = (&'e str, &BTreeSet<LabelValue<'e>>)> {
        self.values.iter().map(|(key, values)| (*key, values))
    }

    /// Labels of the class, the fewest.
    pub fn sample(&self) -> Labels<'e> {
        let mut labels = Labels::default();
        for (key, values) in &self.values {
            let value = [LabelValue::Absent, LabelValue::Other]
                .into_iter()
                .find(|value| values.contains(value))
                .or_else(|| values.first().copied());
            match value {
                Some(LabelValue::Is(value)) => labels.set(key, value),
                Some(LabelValue::Other) => labels.set(key, OTHER),
                Some(LabelValue::Absent) | None => {}
            }
        }
        labels
    }

    /// Whether a selector selects the class.
    pub fn is_selected(&self, selector: &Selector<'_>) -> bool {
        let sample = self.sample();
        selector.matches(|key| sample.get(key))
    }
}

impl fmt::Display for LabelClass<'_> {
    /// `app=web, no tier, role not in (a, b)`; nothing if all labels are in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms = self.values.iter().map(|(key, values)| term(key, values));
        f.write_str(&terms.collect::<Vec<_>>().join(", "))
    }
}

fn term(key: &str, values: &BTreeSet<LabelValue<'_>>) -> String {
    let named = values.iter().filter_map(|value| match value {
        LabelValue::Is(value) => Some(*value),
        LabelValue::Absent | LabelValue::Other => None,
    });
    let named: Vec<&str> = named.collect();
    let list = match named.as_slice() {
        [] => String::new(),
        [value] => format!("{key}={value}"),
        several => format!("{key} in ({})", several.join(", ")),
    };
    let has = |value| values.contains(&value);
    match (has(LabelValue::Absent), has(LabelValue::Other)) {
        (false, false) => list,
        (true, false) if list.is_empty() => format!("no {key}"),
        (true, false) => format!("{list} or none"),
        (is_absent, true) => {
            let list = match named.is_empty() {
                true => String::new(),
                false => format!("{list} or "),
            };
            let none = if is_absent { " or none" } else { "" };
            format!("{list}another {key}{none}")
        }
    }
}
