//! What the API server refuses in the parts of a NetworkPolicy (Kubernetes 1.36, validation of
//! `networking` and of label selectors).

use super::network_policy_shape::wrong_kinds;
use super::{NetworkPolicy, PolicyType, Selector, is_placeholder, unknown_members};
use ipnet::IpNet;
use palisade_document::{Kind, Value};

/// Something wrong with a policy: its place, and what it is.
pub type PolicyDefect<'e> = (Value<'e>, String);

/// How a policy fares when it is applied.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PolicySyntax {
    /// It is accepted as it stands.
    Sound,
    /// What becomes of it depends on the client, or on the tool that fills in its parts.
    Doubtful,
    /// The API server refuses it.
    Refused,
}

/// How the policy fares. A value that a tool has yet to fill in doesn't count against it, but a
/// whole part does, since nothing is known about what will stand there.
pub fn policy_syntax(policy: &NetworkPolicy<'_>) -> PolicySyntax {
    let is_open = |(at, _): &PolicyDefect<'_>| is_placeholder(at.scalar());
    if !refusals(policy).iter().all(is_open) {
        return PolicySyntax::Refused;
    }
    if wrong_kinds(policy).is_empty() && unknown_members(policy).is_empty() {
        PolicySyntax::Sound
    } else {
        PolicySyntax::Doubtful
    }
}

/// What the API server refuses a policy for.
pub fn refusals<'e>(policy: &NetworkPolicy<'e>) -> Vec<PolicyDefect<'e>> {
    let wrong_kinds = wrong_kinds(policy);
    if !wrong_kinds.is_empty() {
        return wrong_kinds;
    }
    let mut refusals: Vec<_> = policy
        .get("spec.podSelector")
        .and_then(selector)
        .into_iter()
        .collect();
    refusals.extend(policy.named_types().into_iter().find_map(unknown_type));
    for direction in [PolicyType::Ingress, PolicyType::Egress] {
        for rule in policy.written_rules(direction) {
            refusals.extend(rule.peers().into_iter().filter_map(peer));
            refusals.extend(rule.ports().into_iter().filter_map(port));
        }
    }
    refusals
}

fn unknown_type(name: Value<'_>) -> Option<PolicyDefect<'_>> {
    let text = name.scalar();
    let is_known = matches!(text, "Ingress" | "Egress");
    (!is_known).then(|| {
        (
            name,
            format!("the policy type `{text}` is neither Ingress nor Egress"),
        )
    })
}

/// What is wrong with an entry of `ports`.
fn port(entry: Value<'_>) -> Option<PolicyDefect<'_>> {
    let member = |key: &str| entry.get(key).filter(|value| !value.is_null());
    let protocol =
        member("protocol").filter(|value| !matches!(value.scalar(), "TCP" | "UDP" | "SCTP"));
    if let Some(at) = protocol {
        return defect(
            at,
            format!(
                "the protocol `{}` is none of TCP, UDP and SCTP",
                at.scalar()
            ),
        );
    }
    match (member("port"), member("endPort")) {
        (None, Some(end)) => defect(end, "endPort needs a port"),
        (Some(port), end) if port.kind() == Kind::String => named_port(port, end),
        (Some(port), end) => numbered_port(port, end),
        (None, None) => None,
    }
}

fn named_port<'e>(port: Value<'e>, end: Option<Value<'e>>) -> Option<PolicyDefect<'e>> {
    let name = port.scalar();
    if let Some(end) = end {
        return defect(
            end,
            format!("endPort needs a port with a number, not the name `{name}`"),
        );
    }
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        return defect(
            port,
            format!("the port \"{name}\" is text, which is read as a name and not as a number"),
        );
    }
    (!is_port_name(name)).then(|| (port, format!("`{name}` is not a port's name")))
}

fn numbered_port<'e>(port: Value<'e>, end: Option<Value<'e>>) -> Option<PolicyDefect<'e>> {
    let number = |value: Value<'_>| value.as_i64().filter(|number| (1..=65535).contains(number));
    if matches!(port.kind(), Kind::Array | Kind::Object | Kind::Bool) {
        return defect(port, "the port is neither a number nor a name".to_owned());
    }
    let Some(first) = number(port) else {
        return defect(
            port,
            format!("the port {} is not between 1 and 65535", port.scalar()),
        );
    };
    let end = end?;
    match number(end) {
        None => defect(
            end,
            format!("the endPort {} is not between 1 and 65535", end.scalar()),
        ),
        Some(last) if last < first => {
            defect(end, format!("the endPort {last} is below the port {first}"))
        }
        Some(_) => None,
    }
}

/// What is wrong with an entry of `from` or `to`.
fn peer(peer: Value<'_>) -> Option<PolicyDefect<'_>> {
    let member = |key: &str| peer.get(key).filter(|value| !value.is_null());
    let selectors = [member("podSelector"), member("namespaceSelector")];
    match member("ipBlock") {
        Some(block) if selectors.iter().any(Option::is_some) => {
            defect(block, "a peer is either an ipBlock or selectors, not both")
        }
        Some(block) => address_block(block),
        None if selectors == [None, None] => {
            defect(peer, "the peer names neither a selector nor an ipBlock")
        }
        None => selectors.into_iter().flatten().find_map(selector),
    }
}

fn address_block(block: Value<'_>) -> Option<PolicyDefect<'_>> {
    let Some(cidr) = block.get("cidr").filter(|cidr| !cidr.scalar().is_empty()) else {
        return defect(block, "the ipBlock has no cidr");
    };
    let Ok(range) = cidr.scalar().parse::<IpNet>() else {
        return defect(cidr, format!("`{}` is not an address range", cidr.scalar()));
    };
    let excepts = block.get("except").into_iter().flat_map(Value::items);
    excepts
        .into_iter()
        .find_map(|except| match except.scalar().parse::<IpNet>() {
            Err(_) => defect(
                except,
                format!("`{}` is not an address range", except.scalar()),
            ),
            Ok(hole) if !range.contains(&hole) || hole.prefix_len() <= range.prefix_len() => {
                defect(
                    except,
                    format!("the exception {hole} is not a part of {range}"),
                )
            }
            Ok(_) => None,
        })
}

/// What is wrong with a label selector.
fn selector(selector: Value<'_>) -> Option<PolicyDefect<'_>> {
    if let Err(invalid) = Selector::read(selector) {
        return Some((invalid.at, invalid.message));
    }
    let labels = selector
        .get("matchLabels")
        .into_iter()
        .flat_map(Value::entries);
    let of_labels = labels.map(|entry| (entry.name(), entry.value));
    let expressions = selector
        .get("matchExpressions")
        .into_iter()
        .flat_map(Value::items);
    let of_expressions = expressions.flat_map(|expression| {
        let key = expression.get("key").map(Value::scalar).unwrap_or_default();
        let values = expression.get("values").into_iter().flat_map(Value::items);
        std::iter::once((key, expression)).chain(values.map(move |value| (key, value)))
    });
    of_labels
        .chain(of_expressions)
        .find_map(|(key, value)| label(key, value))
}

fn label<'e>(key: &str, value: Value<'e>) -> Option<PolicyDefect<'e>> {
    if !is_label_key(key) {
        return defect(value, format!("`{key}` is not a label's key"));
    }
    match value.kind() {
        // `null` is read as the empty text.
        Kind::Object | Kind::Null => None,
        Kind::String if is_label_value(value.scalar()) => None,
        Kind::String => defect(
            value,
            format!("`{}` is not a label's value", value.scalar()),
        ),
        _ => defect(
            value,
            format!(
                "the label value {} is not text: put it in quotes",
                value.scalar()
            ),
        ),
    }
}

fn defect<'e>(at: Value<'e>, message: impl Into<String>) -> Option<PolicyDefect<'e>> {
    Some((at, message.into()))
}

fn is_label_key(key: &str) -> bool {
    let (prefix, name) = key
        .split_once('/')
        .map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let is_domain = |prefix: &str| {
        !prefix.is_empty() && prefix.len() <= 253 && prefix.split('.').all(is_domain_label)
    };
    prefix.is_none_or(is_domain) && !name.is_empty() && is_label_value(name)
}

fn is_domain_label(part: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !part.is_empty() && part.bytes().all(is_inner) && !part.starts_with('-') && !part.ends_with('-')
}

fn is_label_value(value: &str) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    let bytes = value.as_bytes();
    bytes.len() <= 63
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
        && is_edge(bytes.first())
        && is_edge(bytes.last())
}

/// A port's name: at most 15 lower-case letters, digits and single hyphens, with a letter.
fn is_port_name(name: &str) -> bool {
    is_domain_label(name)
        && name.len() <= 15
        && !name.contains("--")
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
}
