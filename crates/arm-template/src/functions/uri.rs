//! URIs (Microsoft Learn, "String functions for ARM templates", 2025).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palisade_document::{Content, Derived};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{Function, fault, lenient, made_text, object_of, strict, text_of, textual};
use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::partial::is_partial;
use crate::value;

pub(super) const FUNCTIONS: &[Function] = &[
    strict("buildUri", 1, 1, build_uri),
    textual("dataUri", 1, 1, data_uri),
    textual("dataUriToString", 1, 1, data_uri_to_string),
    strict("parseUri", 1, 1, parse_uri),
    lenient("uri", 2, 2, uri),
    textual("uriComponent", 1, 1, uri_component),
    textual("uriComponentToString", 1, 1, uri_component_to_string),
];

/// What RFC 3986 leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn uri_component(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    made_text(utf8_percent_encode(text_of(values, 0)?, COMPONENT).to_string())
}

fn unescaped(text: &str) -> Result<String, Fault> {
    let decoded: Vec<u8> = percent_decode_str(text).collect();
    String::from_utf8(decoded).map_err(|_| Fault::new("what the escapes stand for is no text"))
}

fn uri_component_to_string(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    Ok(value::text(unescaped(text_of(values, 0)?)?))
}

fn data_uri(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let encoded = STANDARD.encode(text_of(values, 0)?);
    made_text(format!("data:text/plain;charset=utf8;base64,{encoded}"))
}

fn data_uri_to_string(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let text = text_of(values, 0)?;
    let Some((head, data)) = text
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(','))
    else {
        return fault("the text is no data URI");
    };
    let content = if head.ends_with(";base64") {
        super::string::decoded(data)?
    } else {
        unescaped(data)?
    };
    Ok(value::text(content))
}

/// A relative reference, resolved against a base as RFC 3986 does.
fn uri(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    if let Some(unknown) = values.iter().find(|value| value.is_unknown()) {
        return Ok(unknown.clone());
    }
    let (base, relative) = (text_of(values, 0)?, text_of(values, 1)?);
    if is_partial(base) {
        return Ok(evaluator
            .partial
            .known(&values[0])
            .unwrap_or_else(value::null));
    }
    let has_scheme = relative
        .split_once(':')
        .is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if has_scheme {
        return Ok(value::text(relative));
    }
    let base = base.split(['?', '#']).next().unwrap_or_default();
    let root = base
        .find("://")
        .map(|at| {
            base[at + 3..]
                .find('/')
                .map_or(base.len(), |end| at + 3 + end)
        })
        .unwrap_or(0);
    let (root, path) = base.split_at(root);
    if relative.starts_with('/') {
        return made_text(format!("{root}{relative}"));
    }
    let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
    let mut segments: Vec<&str> = folder.split('/').collect();
    segments.pop();
    for segment in relative.split('/') {
        match segment {
            "." => {}
            ".." if segments.len() > 1 => {
                segments.pop();
            }
            ".." => {}
            _ => segments.push(segment),
        }
    }
    made_text(format!("{root}{}", segments.join("/")))
}

fn build_uri(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let members = object_of(values, 0)?;
    let part = |name: &str| match value::member(members, name).map(|it| &it.content) {
        Some(Content::String(text) | Content::Number(text)) => text.to_string(),
        _ => String::new(),
    };
    let mut out = format!("{}://{}", part("scheme"), part("host"));
    let port = part("port");
    if !port.is_empty() {
        out.push_str(&format!(":{port}"));
    }
    for (sign, name) in [('/', "path"), ('?', "query")] {
        let part = part(name);
        if !part.is_empty() && !part.starts_with(sign) {
            out.push(sign);
        }
        out.push_str(&part);
    }
    made_text(out)
}

fn parse_uri(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let text = text_of(values, 0)?;
    let Some((scheme, rest)) = text.split_once("://") else {
        return fault("the text is no absolute URI");
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (address, query) = match rest.find('?') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (authority, path) = match address.find('/') {
        Some(at) => address.split_at(at),
        None => (address, "/"),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (authority, None),
    };
    let default = if scheme.eq_ignore_ascii_case("https") {
        443
    } else {
        80
    };
    Ok(value::object([
        ("scheme", value::text(scheme)),
        ("host", value::text(host)),
        ("port", value::integer(port.unwrap_or(default))),
        ("path", value::text(path)),
        ("query", value::text(query)),
    ]))
}
