//! Where a routing rule of an application gateway sends a request.

use palisade_document::Value;
use palisade_estate::azure::ApplicationGateway;
use palisade_estate::{Field, Settings, Unknown};

use super::gateway_part;

/// What comes back to a client that asks over plain HTTP.
pub(super) enum Answer<'e> {
    /// A redirect to HTTPS.
    Redirects,
    /// Something else: what, and where it says so.
    Serves { what: String, at: Value<'e> },
}

/// Certificate authorities ask for these paths over plain HTTP.
const CHALLENGE: &str = "/.well-known/acme-challenge/";

/// What a rule answers; for a map of paths, the first path that isn't redirected.
pub(super) fn of_rule<'e>(
    gateway: &ApplicationGateway<'e>,
    rule: &Settings<'e>,
) -> Result<Answer<'e>, Unknown> {
    match rule.reference("urlPathMap") {
        Field::Present(id, _) => {
            let map = gateway_part::find(gateway.url_path_maps()?, &id)?;
            return of_map(gateway, &map);
        }
        Field::Absent(_) => {}
        Field::Unknown(unknown) => return Err(unknown),
    }
    match rule.reference("advancedRoutingMap") {
        Field::Present(id, _) => {
            return Err(Unknown::because(
                format!(
                    "the rule leads to the advanced routing map `{}`, which Palisade doesn't follow",
                    id.name()
                ),
                "a newer version of Palisade",
            ));
        }
        Field::Absent(_) => {}
        Field::Unknown(unknown) => return Err(unknown),
    }
    of_target(gateway, rule, "redirectConfiguration", || {
        format!("a backend by the rule `{}`", rule.name())
    })
}

fn of_map<'e>(gateway: &ApplicationGateway<'e>, map: &Settings<'e>) -> Result<Answer<'e>, Unknown> {
    let answer = of_target(gateway, map, "defaultRedirectConfiguration", || {
        format!("the default backend of the path map `{}`", map.name())
    })?;
    if matches!(answer, Answer::Serves { .. }) {
        return Ok(answer);
    }
    for rule in map.elements("pathRules")? {
        if is_challenge(&rule)? {
            continue;
        }
        let answer = of_target(gateway, &rule, "redirectConfiguration", || {
            format!("a backend by the path rule `{}`", rule.name())
        })?;
        if matches!(answer, Answer::Serves { .. }) {
            return Ok(answer);
        }
    }
    Ok(Answer::Redirects)
}

fn is_challenge(rule: &Settings<'_>) -> Result<bool, Unknown> {
    let paths = rule.texts("paths")?;
    Ok(!paths.is_empty() && paths.iter().all(|(path, _)| path.starts_with(CHALLENGE)))
}

fn of_target<'e>(
    gateway: &ApplicationGateway<'e>,
    part: &Settings<'e>,
    path: &str,
    backend: impl Fn() -> String,
) -> Result<Answer<'e>, Unknown> {
    match part.reference(path) {
        Field::Present(id, at) => {
            let redirect = gateway_part::find(gateway.redirect_configurations()?, &id)?;
            of_redirect(gateway, &redirect, at)
        }
        Field::Absent(_) => Ok(Answer::Serves {
            what: backend(),
            at: part.anchor(),
        }),
        Field::Unknown(unknown) => Err(unknown),
    }
}

fn of_redirect<'e>(
    gateway: &ApplicationGateway<'e>,
    redirect: &Settings<'e>,
    at: Value<'e>,
) -> Result<Answer<'e>, Unknown> {
    let is_https = match redirect.reference("targetListener") {
        Field::Present(id, _) => {
            let listener = gateway_part::find(gateway.http_listeners()?, &id)?;
            let (protocol, _) = listener.text("protocol").or_default("")?;
            protocol.eq_ignore_ascii_case("Https")
        }
        Field::Absent(_) => {
            let (url, _) = redirect.text("targetUrl").or_default("")?;
            url.to_ascii_lowercase().starts_with("https://")
        }
        Field::Unknown(unknown) => return Err(unknown),
    };
    Ok(match is_https {
        true => Answer::Redirects,
        false => Answer::Serves {
            what: format!(
                "the redirect `{}`, which doesn't lead to HTTPS",
                redirect.name()
            ),
            at,
        },
    })
}
