//! Labels and the selectors of Kubernetes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::draw::Draw;
use crate::verdict::{Holds, Maybe, Yes};

pub(crate) type Labels = BTreeMap<String, String>;

pub(crate) const KEYS: [&str; 3] = ["app", "tier", "env"];
pub(crate) const VALUES: [&str; 3] = ["a", "b", "ab"];

pub(crate) fn draw_labels(draw: &mut Draw) -> Labels {
    let pairs = draw.some(0, 3, |draw| {
        (draw.of(&KEYS).to_owned(), draw.of(&VALUES).to_owned())
    });
    pairs.into_iter().collect()
}

/// `In`, `NotIn`, `Exists` or `DoesNotExist`.
#[derive(Clone, Debug)]
pub(crate) struct Requirement {
    pub(crate) key: String,
    pub(crate) operator: &'static str,
    pub(crate) values: Vec<String>,
}

impl Requirement {
    pub(crate) fn draw(draw: &mut Draw, keys: &[&str]) -> Self {
        let operator = draw.of(&["In", "NotIn", "Exists", "DoesNotExist"]);
        let values = match operator {
            "In" | "NotIn" => draw.some(1, 2, |draw| draw.of(&VALUES).to_owned()),
            _ => Vec::new(),
        };
        Self {
            key: draw.of(keys).to_owned(),
            operator,
            values,
        }
    }

    pub(crate) fn holds(&self, value: Option<&str>) -> bool {
        let is_listed = value.is_some_and(|value| self.values.iter().any(|own| own == value));
        match self.operator {
            "In" => is_listed,
            "NotIn" => !is_listed,
            "Exists" => value.is_some(),
            _ => value.is_none(),
        }
    }

    fn written(&self) -> Value {
        match self.values.is_empty() {
            true => json!({"key": self.key, "operator": self.operator}),
            false => json!({"key": self.key, "operator": self.operator, "values": self.values}),
        }
    }
}

/// A label selector: everything that it requires must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    pub(crate) labels: Labels,
    pub(crate) expressions: Vec<Requirement>,
}

impl Selector {
    pub(crate) fn draw(draw: &mut Draw, keys: &[&str]) -> Self {
        let labels = draw.some(0, 1, |draw| {
            (draw.of(keys).to_owned(), draw.of(&VALUES).to_owned())
        });
        let most = usize::from(draw.one_in(2));
        Self {
            labels: labels.into_iter().collect(),
            expressions: draw.some(0, most, |draw| Requirement::draw(draw, keys)),
        }
    }

    pub(crate) fn written(&self) -> Value {
        let expressions: Vec<_> = self.expressions.iter().map(Requirement::written).collect();
        json!({"matchLabels": self.labels, "matchExpressions": expressions})
    }

    /// All requirements, labels written as `In`.
    pub(crate) fn requirements(&self) -> Vec<Requirement> {
        let labels = self.labels.iter().map(|(key, value)| Requirement {
            key: key.clone(),
            operator: "In",
            values: vec![value.clone()],
        });
        labels.chain(self.expressions.iter().cloned()).collect()
    }

    pub(crate) fn selects(&self, labels: &Labels) -> bool {
        let requirements = self.requirements();
        requirements
            .iter()
            .all(|one| one.holds(labels.get(&one.key).map(String::as_str)))
    }

    /// Of a namespace whose labels may not be known but for its name.
    pub(crate) fn selects_namespace(&self, namespace: &crate::cluster::Namespace) -> Holds {
        let requirements = self.requirements();
        let mut holds = Yes;
        for one in &requirements {
            let this = match one.key.as_str() {
                "kubernetes.io/metadata.name" => one.holds(Some(&namespace.name)).into(),
                _ if !namespace.is_read => Maybe,
                key => one
                    .holds(namespace.labels.get(key).map(String::as_str))
                    .into(),
            };
            holds = holds.and(this);
        }
        holds
    }
}
