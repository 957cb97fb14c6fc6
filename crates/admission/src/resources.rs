//! Which requests an admission policy is about: `MatchResources` of `admissionregistration.k8s.io`.
//! An object of the input is judged as if it were created.

use palisade_document::witness;
use palisade_estate::Unknown;
use serde_json::Value as Json;

use crate::candidate::Candidate;
use crate::matching::{self, Fault, LabelSelector, texts};

/// `matchConstraints` of a policy or `matchResources` of a binding.
#[derive(Default)]
pub(crate) struct Resources {
    rules: Option<Vec<Rule>>,
    excluded: Vec<Rule>,
    namespaces: Option<LabelSelector>,
    objects: Option<LabelSelector>,
    is_exact: bool,
}

struct Rule {
    groups: Vec<String>,
    versions: Vec<String>,
    operations: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
    scope: String,
}

/// Whether a policy is about a candidate.
pub(crate) enum Fit {
    Yes,
    No,
    Unknown(Unknown),
}

enum RuleFit {
    Yes,
    No,
    /// It names the resource in another version.
    OtherVersion,
}

impl Resources {
    pub(crate) fn read(json: &Json) -> Result<Self, Fault> {
        let selector = |key: &str| match json.get(key).filter(|given| !given.is_null()) {
            Some(given) => LabelSelector::read(given).map(Some),
            None => Ok(None),
        };
        let rules = |key: &str| {
            let rules = json.get(key).and_then(Json::as_array);
            rules.map(|rules| rules.iter().map(rule).collect::<Result<Vec<_>, _>>())
        };
        Ok(Self {
            rules: rules("resourceRules").transpose()?,
            excluded: rules("excludeResourceRules")
                .transpose()?
                .unwrap_or_default(),
            namespaces: selector("namespaceSelector")?,
            objects: selector("objectSelector")?,
            is_exact: json.get("matchPolicy").and_then(Json::as_str) == Some("Exact"),
        })
    }

    pub(crate) fn fits(&self, candidate: &Candidate<'_>) -> Fit {
        let (fit, met) = witness::afresh(|| (self.fit(candidate), witness::met()));
        match met {
            Some(met) => Fit::Unknown(Unknown::because(met.cause, met.supply)),
            None => fit,
        }
    }

    fn fit(&self, candidate: &Candidate<'_>) -> Fit {
        let is_excluded = self
            .excluded
            .iter()
            .any(|rule| !matches!(rule.fits(candidate), RuleFit::No));
        let is_selected = self
            .objects
            .as_ref()
            .is_none_or(|labels| labels.matches(|key| candidate.label(key)));
        if is_excluded || !is_selected {
            return Fit::No;
        }
        let mut other_version = false;
        let is_ruled = self.rules.as_ref().is_none_or(|rules| {
            rules.iter().any(|rule| match rule.fits(candidate) {
                RuleFit::Yes => true,
                RuleFit::No => false,
                RuleFit::OtherVersion => {
                    other_version = !self.is_exact;
                    false
                }
            })
        });
        if !is_ruled && !other_version {
            return Fit::No;
        }
        let in_namespace = self.namespaces.as_ref();
        match in_namespace.map(|selector| matching::fits_namespace(selector, candidate)) {
            Some(matching::Fit::No) => return Fit::No,
            Some(matching::Fit::NamespaceUnseen(name)) => {
                return Fit::Unknown(Unknown::because(
                    format!("the labels of namespace `{name}` are not in the input"),
                    format!("kubectl get namespace {name} -o yaml"),
                ));
            }
            Some(matching::Fit::Yes) | None => {}
        }
        if is_ruled {
            return Fit::Yes;
        }
        Fit::Unknown(Unknown::because(
            "the API server converts the object to the version that the policy names",
            "give the object in that version: kubectl get RESOURCE.VERSION.GROUP -o yaml",
        ))
    }
}

fn rule(json: &Json) -> Result<Rule, Fault> {
    Ok(Rule {
        groups: texts(json, "apiGroups")?,
        versions: texts(json, "apiVersions")?,
        operations: texts(json, "operations")?,
        resources: texts(json, "resources")?,
        names: texts(json, "resourceNames")?,
        scope: json
            .get("scope")
            .and_then(Json::as_str)
            .unwrap_or("*")
            .to_owned(),
    })
}

impl Rule {
    fn fits(&self, candidate: &Candidate<'_>) -> RuleFit {
        let has = |list: &[String], wanted: &str| {
            list.iter().any(|given| given == "*" || given == wanted)
        };
        let resource = plural(&candidate.kind);
        let is_resource =
            has(&self.resources, &resource) || self.resources.iter().any(|given| given == "*/*");
        let is_in_scope = match self.scope.as_str() {
            "Cluster" => candidate.namespace.is_none(),
            "Namespaced" => candidate.namespace.is_some(),
            _ => true,
        };
        let is_named = self.names.is_empty() || self.names.contains(&candidate.name);
        let fits = has(&self.groups, &candidate.group)
            && has(&self.operations, candidate.operation())
            && is_resource
            && is_in_scope
            && is_named;
        match (fits, has(&self.versions, &candidate.version)) {
            (true, true) => RuleFit::Yes,
            (true, false) => RuleFit::OtherVersion,
            (false, _) => RuleFit::No,
        }
    }
}

/// The resource of a kind, as `UnsafeGuessKindToResource` of Kubernetes' API machinery has it,
/// which is right for every built-in kind.
pub(crate) fn plural(kind: &str) -> String {
    let singular = kind.to_lowercase();
    match singular.as_str() {
        "endpoints" => singular,
        _ if singular.ends_with('s') => singular + "es",
        _ => match singular.strip_suffix('y') {
            Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
            _ => singular + "s",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::plural;

    #[test]
    fn resources_of_kinds() {
        for (kind, resource) in [
            ("Pod", "pods"),
            ("Ingress", "ingresses"),
            ("NetworkPolicy", "networkpolicies"),
            ("Endpoints", "endpoints"),
            ("Gateway", "gateways"),
        ] {
            assert_eq!(plural(kind), resource);
        }
    }
}
