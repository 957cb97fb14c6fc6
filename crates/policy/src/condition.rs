//! The condition of a rule as a tree.

use palisade_document::{Kind, Value};

use crate::Remark;

/// A condition (Microsoft Learn, "Azure Policy definition structure policy rule", 2025).
#[derive(Clone, Debug)]
pub enum Condition<'d> {
    /// Holds if every one of the conditions does; the place is that of `allOf`.
    AllOf(Value<'d>, Vec<Self>),
    /// Holds if one of the conditions does; the place is that of `anyOf`.
    AnyOf(Value<'d>, Vec<Self>),
    /// Holds if the condition doesn't; the place is that of `not`.
    Not(Value<'d>, Box<Self>),
    /// A comparison.
    Leaf(Box<Leaf<'d>>),
}

/// A comparison of something with what is expected of it.
#[derive(Clone, Debug)]
pub struct Leaf<'d> {
    /// The whole comparison.
    pub value: Value<'d>,
    /// What is compared.
    pub subject: Subject<'d>,
    /// The operator's name, such as `equals`.
    pub operator: Value<'d>,
    /// What it is compared with.
    pub expected: Value<'d>,
}

/// What a comparison is about.
#[derive(Clone, Debug)]
pub enum Subject<'d> {
    /// A field of the resource, by its name or alias.
    Field(Value<'d>),
    /// A value or an expression.
    Value(Value<'d>),
    /// How many items there are.
    Count(Count<'d>),
}

/// The items that a comparison counts.
#[derive(Clone, Debug)]
pub struct Count<'d> {
    /// The field or value whose items are counted.
    pub of: Value<'d>,
    /// Whether it is a field.
    pub is_field: bool,
    /// The condition on an item, if not all of them count.
    pub condition: Option<Box<Condition<'d>>>,
}

/// The operators.
pub(crate) const OPERATORS: [&str; 19] = [
    "equals",
    "notEquals",
    "like",
    "notLike",
    "match",
    "notMatch",
    "matchInsensitively",
    "notMatchInsensitively",
    "contains",
    "notContains",
    "in",
    "notIn",
    "containsKey",
    "notContainsKey",
    "less",
    "lessOrEquals",
    "greater",
    "greaterOrEquals",
    "exists",
];

impl<'d> Condition<'d> {
    /// Reads a condition; what is wrong with it is remarked upon, each at its place.
    pub(crate) fn read(value: Value<'d>, remarks: &mut Vec<Remark<'d>>) -> Option<Self> {
        if value.kind() != Kind::Object {
            remarks.push(Remark::error(value, "a condition must be an object"));
            return None;
        }
        let named = |name: &str| {
            let mut entries = value.entries();
            entries.find(|entry| entry.name().eq_ignore_ascii_case(name))
        };
        for (name, make) in [
            ("allOf", Self::AllOf as fn(Value<'d>, Vec<Self>) -> Self),
            ("anyOf", Self::AnyOf),
        ] {
            if let Some(entry) = named(name) {
                if entry.value.kind() != Kind::Array {
                    let message = format!("`{name}` must be a list of conditions");
                    remarks.push(Remark::error(entry.value, message));
                    return None;
                }
                let inner = entry.value.items();
                let read: Vec<_> = inner.map(|item| Self::read(item, remarks)).collect();
                return Some(make(entry.key, read.into_iter().collect::<Option<_>>()?));
            }
        }
        if let Some(entry) = named("not") {
            let inner = Self::read(entry.value, remarks)?;
            return Some(Self::Not(entry.key, Box::new(inner)));
        }
        Some(Self::Leaf(Box::new(Leaf::read(value, remarks)?)))
    }

    /// The place to point at for the whole condition.
    pub fn place(&self) -> Value<'d> {
        match self {
            Self::AllOf(at, _) | Self::AnyOf(at, _) | Self::Not(at, _) => *at,
            Self::Leaf(leaf) => leaf.operator,
        }
    }

    /// Does something with every comparison, those in counts included.
    pub(crate) fn each(&self, act: &mut dyn FnMut(&Leaf<'d>)) {
        match self {
            Self::AllOf(_, inner) | Self::AnyOf(_, inner) => {
                inner.iter().for_each(|condition| condition.each(act));
            }
            Self::Not(_, inner) => inner.each(act),
            Self::Leaf(leaf) => {
                act(leaf);
                if let Subject::Count(Count {
                    condition: Some(condition),
                    ..
                }) = &leaf.subject
                {
                    condition.each(act);
                }
            }
        }
    }
}

impl<'d> Leaf<'d> {
    fn read(value: Value<'d>, remarks: &mut Vec<Remark<'d>>) -> Option<Self> {
        let (mut subject, mut comparison) = (None, None);
        for entry in value.entries() {
            let name = entry.name();
            let is_subject = ["field", "value", "count"]
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
            let is_operator = OPERATORS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
            if is_subject && subject.is_some() || is_operator && comparison.is_some() {
                let message = format!("`{name}` is one too many: a comparison has one of a kind");
                remarks.push(Remark::error(entry.key, message));
                return None;
            }
            if is_subject {
                subject = Some(Subject::read(entry, remarks)?);
            } else if is_operator {
                comparison = Some((entry.key, entry.value));
            } else {
                let message = format!("`{name}` is no operator and no part of a condition");
                let help = format!("one of {}", OPERATORS.join(", "));
                remarks.push(Remark::error(entry.key, message).with_help(help));
                return None;
            }
        }
        let Some(subject) = subject else {
            let message = "a comparison needs `field`, `value` or `count`";
            remarks.push(Remark::error(value, message));
            return None;
        };
        let Some((operator, expected)) = comparison else {
            let help = format!("add one of {}", OPERATORS.join(", "));
            let message = "a comparison needs an operator";
            remarks.push(Remark::error(value, message).with_help(help));
            return None;
        };
        Some(Self {
            value,
            subject,
            operator,
            expected,
        })
    }
}

impl<'d> Subject<'d> {
    fn read(entry: palisade_document::Entry<'d>, remarks: &mut Vec<Remark<'d>>) -> Option<Self> {
        let value = entry.value;
        match entry.name().to_ascii_lowercase().as_str() {
            "field" if value.as_str().is_none() => {
                remarks.push(Remark::error(value, "`field` must be a string"));
                None
            }
            "field" => Some(Self::Field(value)),
            "value" => Some(Self::Value(value)),
            _ => Count::read(value, remarks).map(Self::Count),
        }
    }
}

impl<'d> Count<'d> {
    fn read(value: Value<'d>, remarks: &mut Vec<Remark<'d>>) -> Option<Self> {
        let (field, plain) = (
            value.get_ignore_case("field"),
            value.get_ignore_case("value"),
        );
        let of = match (field, plain) {
            (Some(of), None) | (None, Some(of)) => of,
            _ => {
                let message = "`count` needs either `field` or `value`";
                remarks.push(Remark::error(value, message));
                return None;
            }
        };
        let condition = match value.get_ignore_case("where") {
            Some(condition) => Some(Box::new(Condition::read(condition, remarks)?)),
            None => None,
        };
        Some(Self {
            of,
            is_field: field.is_some(),
            condition,
        })
    }
}
