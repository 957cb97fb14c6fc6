//! Label selectors (`metav1.LabelSelector`).

use palisade_document::{Kind, Value};

/// A label selector. Everything it requires must hold; requiring nothing selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selector<'e> {
    requirements: Vec<Requirement<'e>>,
}

/// What a selector requires of one label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement<'e> {
    /// The label's key.
    pub key: &'e str,
    /// How its value is compared.
    pub operator: Operator,
    /// The values of `In` and `NotIn`.
    pub values: Vec<&'e str>,
}

/// How a label is compared. What is negated also holds of objects that lack the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// The label has one of the values.
    In,
    /// It has none of them.
    NotIn,
    /// The label is there.
    Exists,
    /// It isn't.
    DoesNotExist,
}

/// A selector that the API server would refuse, with the place of what is wrong.
#[derive(Clone, Debug)]
pub struct InvalidSelector<'e> {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub at: Value<'e>,
}

impl<'e> Selector<'e> {
    /// Reads `matchLabels` and `matchExpressions`.
    pub fn read(selector: Value<'e>) -> Result<Self, InvalidSelector<'e>> {
        if !matches!(selector.kind(), Kind::Object | Kind::Null) {
            return Err(InvalidSelector {
                message: "the selector is not an object".to_owned(),
                at: selector,
            });
        }
        let mut requirements = Vec::new();
        if let Some(labels) = member(selector, "matchLabels", Kind::Object)? {
            requirements.extend(labels.entries().map(|entry| Requirement {
                key: entry.name(),
                operator: Operator::In,
                values: vec![entry.value.scalar()],
            }));
        }
        if let Some(expressions) = member(selector, "matchExpressions", Kind::Array)? {
            for expression in expressions.items() {
                requirements.push(requirement(expression)?);
            }
        }
        Ok(Self { requirements })
    }

    /// The selector of a Service or an old workload: labels that must all be there.
    pub fn of_labels(labels: Value<'e>) -> Self {
        let requirements = labels.entries().map(|entry| Requirement {
            key: entry.name(),
            operator: Operator::In,
            values: vec![entry.value.scalar()],
        });
        Self {
            requirements: requirements.collect(),
        }
    }

    /// The selector with one requirement more.
    #[must_use]
    pub fn requiring(&self, requirement: &Requirement<'e>) -> Self {
        let mut requirements = self.requirements.clone();
        requirements.push(requirement.clone());
        Self { requirements }
    }

    /// What is required, all of it.
    pub fn requirements(&self) -> &[Requirement<'e>] {
        &self.requirements
    }

    /// Whether nothing is required, so that everything is selected.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// The keys of the labels that are asked for.
    pub fn keys(&self) -> impl Iterator<Item = &'e str> {
        self.requirements.iter().map(|requirement| requirement.key)
    }

    /// Whether labels, asked by key, fulfil the selector.
    pub fn matches<'l>(&self, label: impl Fn(&str) -> Option<&'l str>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = label(requirement.key);
            let is_listed = value.is_some_and(|value| requirement.values.contains(&value));
            match requirement.operator {
                Operator::In => is_listed,
                Operator::NotIn => !is_listed,
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }
}

/// A member that is there; of another kind than it has to be it makes the selector invalid.
fn member<'e>(
    selector: Value<'e>,
    name: &str,
    kind: Kind,
) -> Result<Option<Value<'e>>, InvalidSelector<'e>> {
    let found = selector.get(name).filter(|found| !found.is_null());
    match found {
        Some(at) if at.kind() != kind => Err(InvalidSelector {
            message: format!(
                "`{name}` is not {}",
                if kind == Kind::Array {
                    "a list"
                } else {
                    "an object"
                }
            ),
            at,
        }),
        found => Ok(found),
    }
}

fn requirement(expression: Value<'_>) -> Result<Requirement<'_>, InvalidSelector<'_>> {
    let refuse = |message: &str, at| {
        Err(InvalidSelector {
            message: message.to_owned(),
            at,
        })
    };
    let Some(key) = expression.get("key").and_then(Value::as_str) else {
        return refuse("the expression has no key", expression);
    };
    let Some(operator) = expression.get("operator") else {
        return refuse("the expression has no operator", expression);
    };
    let values: Vec<_> = expression
        .get("values")
        .into_iter()
        .flat_map(Value::items)
        .map(Value::scalar)
        .collect();
    let (operator, takes_values) = match operator.scalar() {
        "In" => (Operator::In, true),
        "NotIn" => (Operator::NotIn, true),
        "Exists" => (Operator::Exists, false),
        "DoesNotExist" => (Operator::DoesNotExist, false),
        _ => {
            return refuse(
                "the operator is none of In, NotIn, Exists and DoesNotExist",
                operator,
            );
        }
    };
    if takes_values == values.is_empty() {
        return refuse(
            "In and NotIn need values, Exists and DoesNotExist take none",
            expression,
        );
    }
    Ok(Requirement {
        key,
        operator,
        values,
    })
}
