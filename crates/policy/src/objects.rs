//! Definitions about the objects of a cluster (mode `Microsoft.Kubernetes.Data`): the constraint
//! template that they name, asked of every object by `palisade-admission`.

use palisade_admission::{Action, Compliance, Definition as Template, Judgement, evaluate};
use palisade_document::Value;
use palisade_estate::{Cluster, ResourceId, Unknown};
use serde_json::{Value as Json, json};

use crate::definition::Definition;
use crate::effect::Effect;
use crate::evaluation::NotEvaluated;
use crate::initiative::passed;
use crate::parameter::Arguments;

/// The mode of definitions about objects of a cluster.
pub(crate) const MODE: &str = "Microsoft.Kubernetes.Data";

/// What a definition says about the objects of a cluster.
pub(crate) fn judge<'e>(
    cluster: &Cluster<'e>,
    definition: &Definition<'_>,
    arguments: &Arguments,
    effect: Effect,
) -> Result<Vec<Judgement<'e>>, NotEvaluated> {
    Ok(compliance(cluster, definition, arguments, effect)?.judgements)
}

/// The same with where the cluster's own template and Palisade's predicate differ.
pub(crate) fn compliance<'e>(
    cluster: &Cluster<'e>,
    definition: &Definition<'_>,
    arguments: &Arguments,
    effect: Effect,
) -> Result<Compliance<'e>, NotEvaluated> {
    let action = match effect {
        Effect::Deny => Action::Deny,
        Effect::Audit => Action::Audit,
        other => {
            let why = format!("the effect {other} isn't evaluated for objects of a cluster");
            return Err(NotEvaluated(why));
        }
    };
    let details = definition.rule.then.details;
    let details = details.ok_or_else(|| NotEvaluated("it has no `details`".to_owned()))?;
    let (template, version) = template(details).ok_or_else(|| {
        NotEvaluated("`details` name no constraint template of the store".to_owned())
    })?;
    let get = |key: &str| match details.get_ignore_case(key) {
        Some(value) => resolved(value, arguments),
        None => Ok(Json::Null),
    };
    let criteria = json!({
        "kinds": [{"apiGroups": get("apiGroups")?, "kinds": get("kinds")?}],
        "namespaces": get("namespaces")?,
        "excludedNamespaces": get("excludedNamespaces")?,
        "labelSelector": get("labelSelector")?,
        "source": get("source")?,
    });
    let asked = Template {
        template,
        version,
        parameters: &match get("values")? {
            Json::Null => json!({}),
            values => values,
        },
        criteria: &criteria,
        action,
    };
    let compliance = evaluate(cluster, &asked);
    compliance.map_err(|fault| NotEvaluated(format!("{}: {}", fault.path.join("."), fault.message)))
}

/// The name and the version of the template in the store, out of its address.
pub(crate) fn template<'d>(details: Value<'d>) -> Option<(&'d str, &'d str)> {
    let info = details.get_ignore_case("templateInfo");
    let address = info
        .and_then(|info| info.get_ignore_case("url"))
        .or_else(|| details.get_ignore_case("constraintTemplate"))?;
    let mut parts = address.as_str()?.split('/');
    parts.find(|part| *part == "kubernetes")?;
    Some((parts.next()?, parts.next()?))
}

/// A value in which the parameters have their values.
fn resolved(value: Value<'_>, arguments: &Arguments) -> Result<Json, NotEvaluated> {
    let value = match value.kind() {
        palisade_document::Kind::Object => {
            let members = value.entries();
            let members = members
                .map(|entry| Ok((entry.name().to_owned(), resolved(entry.value, arguments)?)));
            return members.collect();
        }
        _ => passed(value, arguments).map_err(NotEvaluated)?,
    };
    let text = value.to_json_str();
    let text = text.map_err(|error| NotEvaluated(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| NotEvaluated(error.to_string()))
}

/// Why nothing can be said about the objects of a cluster that the input doesn't hold.
pub(crate) fn unseen(cluster: &ResourceId) -> Unknown {
    Unknown::because(
        format!("the input holds no objects of `{}`", cluster.name()),
        "kubectl get namespaces,pods,deployments,services,ingresses -A -o json",
    )
}
