//! Calico's selectors, as trees, and the labels that they are asked of.

use crate::cluster::{Cluster, Pod};
use crate::draw::Draw;
use crate::labels::VALUES;
use crate::verdict::{Holds, Maybe};

/// A selector, as a tree.
#[derive(Clone, Debug)]
pub(crate) enum Expression {
    All,
    Global,
    Has(String),
    Compare(String, &'static str, String),
    In(String, bool, Vec<String>),
    Not(Box<Self>),
    Both(Box<Self>, Box<Self>),
    Either(Box<Self>, Box<Self>),
}

const OPERATORS: [&str; 5] = ["==", "!=", "contains", "starts with", "ends with"];

impl Expression {
    pub(crate) fn draw(draw: &mut Draw, keys: &[&str], has_global: bool, depth: usize) -> Self {
        let inner = |draw: &mut Draw| Box::new(Self::draw(draw, keys, has_global, depth + 1));
        let kinds = if depth < 2 { 9 } else { 5 };
        match draw.below(kinds) {
            0 => Self::Has(draw.of(keys).to_owned()),
            1 | 2 => Self::Compare(
                draw.of(keys).to_owned(),
                draw.of(&OPERATORS),
                draw.of(&VALUES).to_owned(),
            ),
            3 => Self::In(
                draw.of(keys).to_owned(),
                draw.one_in(2),
                draw.some(0, 2, |draw| draw.of(&VALUES).to_owned()),
            ),
            4 if has_global && draw.one_in(2) => Self::Global,
            4 => Self::All,
            5 | 6 => Self::Not(inner(draw)),
            7 => Self::Both(inner(draw), inner(draw)),
            _ => Self::Either(inner(draw), inner(draw)),
        }
    }

    pub(crate) fn written(&self) -> String {
        match self {
            Self::All => "all()".to_owned(),
            Self::Global => "global()".to_owned(),
            Self::Has(key) => format!("has({key})"),
            Self::Compare(key, operator, value) => format!("{key} {operator} '{value}'"),
            Self::In(key, is_in, values) => {
                let values: Vec<_> = values.iter().map(|value| format!("'{value}'")).collect();
                let operator = if *is_in { "in" } else { "not in" };
                format!("{key} {operator} {{{}}}", values.join(", "))
            }
            Self::Not(inner) => format!("!({})", inner.written()),
            Self::Both(left, right) => format!("({} && {})", left.written(), right.written()),
            Self::Either(left, right) => format!("({} || {})", left.written(), right.written()),
        }
    }

    /// `label` gives a value or its absence, or that nothing is known.
    pub(crate) fn holds(&self, of: &Subject<'_>) -> Holds {
        let about = |key: &str, test: &dyn Fn(Option<&str>) -> bool| match (of.label)(key) {
            Ok(value) => test(value.as_deref()).into(),
            Err(Unknown) => Maybe,
        };
        match self {
            Self::All => of.all.into(),
            Self::Global => of.global.into(),
            Self::Has(key) => about(key, &|value| value.is_some()),
            Self::Compare(key, operator, text) => about(key, &|value| match (value, *operator) {
                (value, "!=") => value != Some(text),
                (None, _) => false,
                (Some(value), "==") => value == text,
                (Some(value), "contains") => value.contains(text.as_str()),
                (Some(value), "starts with") => value.starts_with(text.as_str()),
                (Some(value), _) => value.ends_with(text.as_str()),
            }),
            Self::In(key, is_in, values) => about(key, &|value| {
                value.is_some_and(|value| values.iter().any(|own| own == value)) == *is_in
            }),
            Self::Not(inner) => inner.holds(of).not(),
            Self::Both(left, right) => left.holds(of).and(right.holds(of)),
            Self::Either(left, right) => left.holds(of).or(right.holds(of)),
        }
    }
}

pub(crate) struct Unknown;

/// Whom a selector is asked about.
pub(crate) struct Subject<'s> {
    pub(crate) label: &'s dyn Fn(&str) -> Result<Option<String>, Unknown>,
    /// What `all()` is.
    pub(crate) all: bool,
    /// What `global()` is.
    pub(crate) global: bool,
}

pub(crate) const OWN_KEYS: [&str; 6] = [
    "app",
    "tier",
    "env",
    "projectcalico.org/namespace",
    "pcns.app",
    "projectcalico.org/serviceaccount",
];
pub(crate) const NAMESPACE_KEYS: [&str; 5] = [
    "app",
    "tier",
    "env",
    "kubernetes.io/metadata.name",
    "projectcalico.org/name",
];

/// The labels that a pod has for Calico.
pub(crate) fn own(selector: &Expression, cluster: &Cluster, pod: &Pod) -> Holds {
    let label = |key: &str| match key {
        "projectcalico.org/namespace" => Ok(Some(cluster.namespace_of(pod).name.clone())),
        "projectcalico.org/serviceaccount" => Ok(Some(pod.account.clone())),
        "pcns.app" if !cluster.namespace_of(pod).is_read => Err(Unknown),
        "pcns.app" => Ok(cluster.namespace_of(pod).labels.get("app").cloned()),
        key => Ok(pod.labels.get(key).cloned()),
    };
    selector.holds(&Subject {
        label: &label,
        all: true,
        global: true,
    })
}

pub(crate) fn namespace_label(
    cluster: &Cluster,
    number: usize,
    key: &str,
) -> Result<Option<String>, Unknown> {
    let namespace = &cluster.namespaces[number];
    match key {
        "projectcalico.org/name" | "kubernetes.io/metadata.name" => {
            Ok(Some(namespace.name.clone()))
        }
        _ if !namespace.is_read => Err(Unknown),
        key => Ok(namespace.labels.get(key).cloned()),
    }
}

pub(crate) fn by_namespace(selector: &Expression, cluster: &Cluster, pod: &Pod) -> Holds {
    selector.holds(&Subject {
        label: &|key| namespace_label(cluster, pod.namespace, key),
        all: true,
        global: false,
    })
}

pub(crate) fn by_account(selector: &Expression, cluster: &Cluster, pod: &Pod) -> Holds {
    let label = |key: &str| match cluster.account_of(pod) {
        Some(account) => Ok(account.labels.get(key).cloned()),
        None => Err(Unknown),
    };
    selector.holds(&Subject {
        label: &label,
        all: true,
        global: true,
    })
}
