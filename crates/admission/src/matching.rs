//! Which objects a constraint is about: the match criteria of Gatekeeper (Gatekeeper manual,
//! "Constraints: the match field", version 3.20).

use serde_json::Value as Json;

use crate::candidate::{Candidate, Source};

/// Match criteria. Everything given must hold; nothing given matches everything.
#[derive(Clone, Debug, Default)]
pub struct Match {
    kinds: Vec<Kinds>,
    scope: Scope,
    namespaces: Vec<Glob>,
    excluded_namespaces: Vec<Glob>,
    labels: Option<LabelSelector>,
    namespace_labels: Option<LabelSelector>,
    name: Option<Glob>,
    source: Option<Source>,
}

/// Groups and kinds: one of each has to fit, an empty list or `*` fits all.
#[derive(Clone, Debug)]
struct Kinds {
    groups: Vec<String>,
    kinds: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Scope {
    #[default]
    Any,
    Cluster,
    Namespaced,
}

/// A name, or a part of one with a star before or after it.
#[derive(Clone, Debug)]
pub(crate) struct Glob(String);

/// `metav1.LabelSelector`, read from JSON: the parameters of a policy have no document.
#[derive(Clone, Debug, Default)]
pub(crate) struct LabelSelector(Vec<Requirement>);

#[derive(Clone, Debug)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// What is wrong with criteria, and the way to it from where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Keys and indices from the criteria down.
    pub path: Vec<String>,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    pub(crate) fn at(path: &[&str], message: impl Into<String>) -> Self {
        Self {
            path: path.iter().map(|&step| step.to_owned()).collect(),
            message: message.into(),
        }
    }

    fn below(mut self, key: &str) -> Self {
        self.path.insert(0, key.to_owned());
        self
    }
}

/// Whether criteria hold of a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    Yes,
    No,
    /// They ask for the labels of a namespace that isn't in the input.
    NamespaceUnseen(String),
}

impl Match {
    /// Reads `spec.match` of a constraint or a mutator.
    pub fn read(json: &Json) -> Result<Self, Fault> {
        if !matches!(json, Json::Object(_) | Json::Null) {
            return Err(Fault::at(&[], "the match criteria are not an object"));
        }
        let kinds = list(json, "kinds")?;
        let selector = |key: &str| match json.get(key).filter(|given| !given.is_null()) {
            Some(given) => LabelSelector::read(given)
                .map(Some)
                .map_err(|fault| fault.below(key)),
            None => Ok(None),
        };
        Ok(Self {
            kinds: kinds
                .iter()
                .map(|kinds| {
                    Ok(Kinds {
                        groups: texts(kinds, "apiGroups")?,
                        kinds: texts(kinds, "kinds")?,
                    })
                })
                .collect::<Result<_, Fault>>()
                .map_err(|fault| fault.below("kinds"))?,
            // An unknown scope is none, as in Gatekeeper.
            scope: match json.get("scope").and_then(Json::as_str) {
                Some("Cluster") => Scope::Cluster,
                Some("Namespaced") => Scope::Namespaced,
                _ => Scope::Any,
            },
            namespaces: globs(json, "namespaces")?,
            excluded_namespaces: globs(json, "excludedNamespaces")?,
            labels: selector("labelSelector")?,
            namespace_labels: selector("namespaceSelector")?,
            name: json
                .get("name")
                .and_then(Json::as_str)
                .filter(|name| !name.is_empty())
                .map(|name| Glob(name.to_owned())),
            source: match json.get("source").and_then(Json::as_str) {
                None | Some("" | "All") => None,
                Some("Original") => Some(Source::Original),
                Some("Generated") => Some(Source::Generated),
                Some(_) => {
                    return Err(Fault::at(
                        &["source"],
                        "the source is none of All, Original and Generated",
                    ));
                }
            },
        })
    }

    /// Whether the criteria hold of a candidate.
    pub(crate) fn fits(&self, candidate: &Candidate<'_>) -> Fit {
        let namespace = candidate.governing_namespace();
        let is_elsewhere = |globs: &[Glob]| {
            namespace.is_some_and(|name| !globs.iter().any(|glob| glob.matches(name)))
        };
        let is_excluded = namespace.is_some_and(|name| {
            self.excluded_namespaces
                .iter()
                .any(|glob| glob.matches(name))
        });
        let is_out = !self.fits_kind(candidate)
            || !self.fits_scope(candidate)
            || (!self.namespaces.is_empty() && is_elsewhere(&self.namespaces))
            || is_excluded
            || !self
                .labels
                .as_ref()
                .is_none_or(|labels| labels.matches(|key| candidate.label(key)))
            || !self
                .name
                .as_ref()
                .is_none_or(|name| name.matches(&candidate.name))
            || self.source.is_some_and(|source| source != candidate.source);
        if is_out {
            return Fit::No;
        }
        self.namespace_labels
            .as_ref()
            .map_or(Fit::Yes, |selector| fits_namespace(selector, candidate))
    }

    fn fits_kind(&self, candidate: &Candidate<'_>) -> bool {
        let fits = |names: &[String], name: &str| {
            names.is_empty() || names.iter().any(|given| given == "*" || given == name)
        };
        self.kinds.is_empty()
            || self.kinds.iter().any(|kinds| {
                fits(&kinds.kinds, &candidate.kind) && fits(&kinds.groups, &candidate.group)
            })
    }

    fn fits_scope(&self, candidate: &Candidate<'_>) -> bool {
        match self.scope {
            Scope::Any => true,
            Scope::Cluster => candidate.namespace.is_none(),
            Scope::Namespaced => candidate.namespace.is_some(),
        }
    }
}

/// A namespace selector asks the object itself if that is a namespace, and matches every other
/// object of the cluster.
pub(crate) fn fits_namespace(selector: &LabelSelector, candidate: &Candidate<'_>) -> Fit {
    let fits = |is_fit| if is_fit { Fit::Yes } else { Fit::No };
    if candidate.is_namespace() {
        return fits(selector.matches(|key| candidate.label(key)));
    }
    let Some(name) = &candidate.namespace else {
        return Fit::Yes;
    };
    match &candidate.namespace_object {
        Some(labels) => fits(selector.matches(|key| labels.get(key).map(String::as_str))),
        None => Fit::NamespaceUnseen(name.clone()),
    }
}

impl Glob {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// A star counts only at the ends; the empty glob is a name that nothing has.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let glob = self.0.as_str();
        match (glob.strip_prefix('*'), glob.strip_suffix('*')) {
            (Some(rest), Some(_)) => name.contains(rest.strip_suffix('*').unwrap_or(rest)),
            (Some(end), None) => name.ends_with(end),
            (None, Some(start)) => name.starts_with(start),
            (None, None) => name == glob,
        }
    }
}

impl LabelSelector {
    pub(crate) fn read(json: &Json) -> Result<Self, Fault> {
        if !json.is_object() {
            return Err(Fault::at(&[], "the selector is not an object"));
        }
        let mut requirements = Vec::new();
        match json.get("matchLabels") {
            None | Some(Json::Null) => {}
            Some(Json::Object(labels)) => {
                for (key, value) in labels {
                    let value = value.as_str().ok_or_else(|| {
                        Fault::at(&["matchLabels", key], "the label's value is not a string")
                    })?;
                    requirements.push(Requirement {
                        key: key.clone(),
                        operator: Operator::In,
                        values: vec![value.to_owned()],
                    });
                }
            }
            Some(_) => {
                return Err(Fault::at(
                    &["matchLabels"],
                    "`matchLabels` is not an object",
                ));
            }
        }
        for expression in list(json, "matchExpressions")? {
            requirements.push(
                requirement(expression)
                    .map_err(|message| Fault::at(&["matchExpressions"], message))?,
            );
        }
        Ok(Self(requirements))
    }

    /// Whether labels, asked by key, fulfil the selector.
    pub(crate) fn matches<'l>(&self, label: impl Fn(&str) -> Option<&'l str>) -> bool {
        self.0.iter().all(|requirement| {
            let value = label(&requirement.key);
            let is_listed =
                value.is_some_and(|value| requirement.values.iter().any(|listed| listed == value));
            match requirement.operator {
                Operator::In => is_listed,
                Operator::NotIn => !is_listed,
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }
}

fn requirement(expression: &Json) -> Result<Requirement, String> {
    let key = expression.get("key").and_then(Json::as_str);
    let key = key.ok_or("the expression has no key")?.to_owned();
    let (operator, takes_values) = match expression.get("operator").and_then(Json::as_str) {
        Some("In") => (Operator::In, true),
        Some("NotIn") => (Operator::NotIn, true),
        Some("Exists") => (Operator::Exists, false),
        Some("DoesNotExist") => (Operator::DoesNotExist, false),
        _ => return Err("the operator is none of In, NotIn, Exists and DoesNotExist".into()),
    };
    let values = texts(expression, "values").map_err(|fault| fault.message)?;
    if takes_values == values.is_empty() {
        return Err("In and NotIn need values, Exists and DoesNotExist take none".into());
    }
    Ok(Requirement {
        key,
        operator,
        values,
    })
}

/// The items of a list that may be missing.
fn list<'j>(json: &'j Json, key: &str) -> Result<&'j [Json], Fault> {
    match json.get(key) {
        None | Some(Json::Null) => Ok(&[]),
        Some(Json::Array(items)) => Ok(items),
        Some(_) => Err(Fault::at(&[key], format!("`{key}` is not a list"))),
    }
}

/// The strings of a list that may be missing.
pub(crate) fn texts(json: &Json, key: &str) -> Result<Vec<String>, Fault> {
    let items = list(json, key)?.iter();
    items
        .map(|item| item.as_str().map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or_else(|| Fault::at(&[key], format!("`{key}` holds something that is no string")))
}

fn globs(json: &Json, key: &str) -> Result<Vec<Glob>, Fault> {
    Ok(texts(json, key)?.into_iter().map(Glob).collect())
}

#[cfg(test)]
mod tests {
    use super::Glob;

    fn matches(glob: &str, name: &str) -> bool {
        Glob(glob.to_owned()).matches(name)
    }

    #[test]
    fn a_star_counts_at_the_ends_only() {
        assert!(matches("kube-*", "kube-system"));
        assert!(matches("*-system", "gatekeeper-system"));
        assert!(matches("*system*", "a-system-b"));
        assert!(matches("*", "anything"));
        assert!(!matches("kube-system", "kube-system-2"));
        assert!(!matches("k*e", "kube"));
        assert!(!matches("", "kube"));
    }
}
