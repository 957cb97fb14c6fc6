//! The types of variables, as far as they give values: `optional(bool, false)`.

use super::module::{Modules, Scene};
use super::syntax::{Expression, Kind};
use crate::value;
use palisade_document::{Content, Derived};

/// The value with the defaults that its type gives to what isn't there.
pub(super) fn fill<'c>(
    modules: &mut Modules<'c>,
    expected: &'c Expression,
    found: Derived,
    scene: &Scene,
) -> Derived {
    let Kind::Call {
        name, arguments, ..
    } = &expected.kind
    else {
        return found;
    };
    let Some(inner) = arguments.first() else {
        return found;
    };
    let scene = &scene.deeper();
    modules.steps += 1;
    if modules.is_exhausted() {
        return found;
    }
    match (name.as_str(), &found.content) {
        ("optional", _) => fill(modules, inner, found, scene),
        ("list" | "set", Content::Array(items)) => {
            let items = items.iter().cloned();
            let filled = items.map(|item| fill(modules, inner, item, scene));
            value::array(filled.collect(), &found.source)
        }
        ("map", Content::Object(members)) => {
            let members = members.iter().cloned();
            let filled = members.map(|(key, member)| (key, fill(modules, inner, member, scene)));
            value::object(filled.collect(), &found.source)
        }
        ("object", Content::Object(_)) => object(modules, inner, &found, scene),
        _ => found,
    }
}

fn object<'c>(
    modules: &mut Modules<'c>,
    expected: &'c Expression,
    found: &Derived,
    scene: &Scene,
) -> Derived {
    let Kind::Object(members) = &expected.kind else {
        return found.clone();
    };
    let filled = members.iter().filter_map(|(key, expected)| {
        let Kind::Text(name) = &key.kind else {
            return None;
        };
        let given = value::get(found, name).filter(|given| !value::is_null(given));
        let member = match given {
            Some(given) => given.clone(),
            None => match default(expected) {
                Some(default) => modules.evaluate(default, scene),
                None => value::null(&found.source),
            },
        };
        let member = fill(modules, expected, member, scene);
        Some((value::text(name.clone(), &member.source), member))
    });
    value::object(filled.collect(), &found.source)
}

fn default(expected: &Expression) -> Option<&Expression> {
    match &expected.kind {
        Kind::Call {
            name, arguments, ..
        } if name == "optional" => arguments.get(1),
        _ => None,
    }
}
