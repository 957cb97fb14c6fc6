//! Routes of the Gateway API that are served over plain HTTP.

use palisade_document::Value;
use palisade_estate::Unknown;
use palisade_estate::kubernetes::Route;

use crate::Findings;

/// A route on a listener for plain HTTP must only redirect.
pub(super) fn judge(route: &Route<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let listeners = route.listeners()?;
    let Some(plain) = listeners
        .iter()
        .find(|listener| listener.protocol() == "HTTP")
    else {
        match listeners.is_empty() {
            true => findings.not_applicable(**route, "no listener of a Gateway takes the route"),
            false => findings.pass(**route, "its listeners take HTTPS only"),
        };
        return Ok(());
    };
    match route.rules().find(|rule| !redirects_to_https(*rule)) {
        None if route.rules().next().is_some() => {
            findings.pass(**route, "the route only redirects to HTTPS");
        }
        rule => {
            let finding = findings.fail(
                **route,
                format!(
                    "the listener `{}` of `{}` serves it over plain HTTP",
                    plain.name(),
                    plain.gateway.name()
                ),
            );
            finding
                .related(plain.body, "this listener takes plain HTTP")
                .help("name the HTTPS listener in parentRefs.sectionName, and let a route of its own on the HTTP listener redirect");
            if let Some(rule) = rule {
                finding.at(rule, "this rule doesn't redirect to HTTPS");
            }
        }
    }
    Ok(())
}

fn redirects_to_https(rule: Value<'_>) -> bool {
    let filters = rule.get("filters").into_iter().flat_map(Value::items);
    let schemes = filters.filter_map(|filter| filter.get("requestRedirect")?.get("scheme"));
    schemes.into_iter().any(|scheme| scheme.scalar() == "https")
}
