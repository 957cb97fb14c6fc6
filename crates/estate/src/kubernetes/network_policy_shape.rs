//! The members that a NetworkPolicy and its parts have, and which of them hold lists or objects.

use super::{NetworkPolicy, PolicyDefect, PolicyType};
use palisade_document::{Kind, Value};

/// A part of a policy: what to call it, and its members with their kinds where they hold others.
struct Part {
    name: &'static str,
    members: &'static [(&'static str, Option<Kind>)],
}

const LIST: Option<Kind> = Some(Kind::Array);
const OBJECT: Option<Kind> = Some(Kind::Object);

const SPEC: Part = Part {
    name: "the spec",
    members: &[
        ("podSelector", OBJECT),
        ("policyTypes", LIST),
        ("ingress", LIST),
        ("egress", LIST),
    ],
};
const INGRESS_RULE: Part = Part {
    name: "an ingress rule",
    members: &[("from", LIST), ("ports", LIST)],
};
const EGRESS_RULE: Part = Part {
    name: "an egress rule",
    members: &[("to", LIST), ("ports", LIST)],
};
const PEER: Part = Part {
    name: "a peer",
    members: &[
        ("podSelector", OBJECT),
        ("namespaceSelector", OBJECT),
        ("ipBlock", OBJECT),
    ],
};
const ADDRESS_BLOCK: Part = Part {
    name: "an ipBlock",
    members: &[("cidr", None), ("except", LIST)],
};
const PORT: Part = Part {
    name: "a port",
    members: &[("protocol", None), ("port", None), ("endPort", None)],
};
const SELECTOR: Part = Part {
    name: "a selector",
    members: &[("matchLabels", OBJECT), ("matchExpressions", LIST)],
};
const EXPRESSION: Part = Part {
    name: "an expression of a selector",
    members: &[("key", None), ("operator", None), ("values", LIST)],
};

type Place<'e> = (&'static Part, Value<'e>);

/// Members that are there but not of the kind they have to be, so that nothing can read them.
pub(super) fn wrong_kinds<'e>(policy: &NetworkPolicy<'e>) -> Vec<PolicyDefect<'e>> {
    places(policy)
        .into_iter()
        .flat_map(wrong_kinds_in)
        .collect()
}

/// Members that there are none of: kubectl refuses them, other clients leave them out.
pub fn unknown_members<'e>(policy: &NetworkPolicy<'e>) -> Vec<PolicyDefect<'e>> {
    let mut unknown = Vec::new();
    for (part, value) in places(policy) {
        for entry in value.entries() {
            if !part.members.iter().any(|(name, _)| *name == entry.name()) {
                let message = format!(
                    "{} has no member `{}`: kubectl refuses it, and other clients leave it out",
                    part.name,
                    entry.name()
                );
                unknown.push((entry.value, message));
            }
        }
    }
    unknown
}

fn wrong_kinds_in<'e>((part, value): Place<'e>) -> Vec<PolicyDefect<'e>> {
    if !is_a(value, Kind::Object) {
        return vec![(value, format!("{} is not an object", part.name))];
    }
    let members = part.members.iter().filter_map(|&(name, kind)| {
        let found = value.get(name)?;
        let kind = kind.filter(|kind| !is_a(found, *kind))?;
        let wanted = match kind {
            Kind::Array => "a list",
            _ => "an object",
        };
        Some((found, format!("`{name}` is not {wanted}")))
    });
    members.collect()
}

/// An explicit `null` is absent, whatever should stand there.
fn is_a(value: Value<'_>, kind: Kind) -> bool {
    value.kind() == kind || value.is_null()
}

fn places<'e>(policy: &NetworkPolicy<'e>) -> Vec<Place<'e>> {
    let Some(spec) = policy.get("spec") else {
        return Vec::new();
    };
    let mut places = vec![(&SPEC, spec)];
    places.extend(selector_places(spec.get("podSelector")));
    for direction in [PolicyType::Ingress, PolicyType::Egress] {
        let part = match direction {
            PolicyType::Ingress => &INGRESS_RULE,
            PolicyType::Egress => &EGRESS_RULE,
        };
        for rule in policy.written_rules(direction) {
            places.push((part, rule.value()));
            places.extend(rule.peers().into_iter().flat_map(peer_places));
            places.extend(rule.ports().into_iter().map(|port| (&PORT, port)));
        }
    }
    places
}

fn peer_places(peer: Value<'_>) -> Vec<Place<'_>> {
    let mut places = vec![(&PEER, peer)];
    places.extend(
        peer.get("ipBlock")
            .filter(|block| is_a(*block, Kind::Object))
            .map(|block| (&ADDRESS_BLOCK, block)),
    );
    places.extend(selector_places(peer.get("podSelector")));
    places.extend(selector_places(peer.get("namespaceSelector")));
    places
}

/// A selector of another kind is a defect of what holds it.
fn selector_places(selector: Option<Value<'_>>) -> Vec<Place<'_>> {
    let Some(selector) = selector.filter(|selector| is_a(*selector, Kind::Object)) else {
        return Vec::new();
    };
    let expressions = selector.get("matchExpressions");
    let expressions = expressions.into_iter().flat_map(Value::items);
    std::iter::once((&SELECTOR, selector))
        .chain(expressions.map(|expression| (&EXPRESSION, expression)))
        .collect()
}
