//! `.tf.json`: the configuration language written as JSON
//! (<https://developer.hashicorp.com/terraform/language/syntax/json>).

use palisade_document::{Kind as Json, Value};

use super::native;
use super::syntax::{Block, Expression, Kind};
use palisade_document::Place;

/// The blocks at the top of a configuration and how many labels each has.
const TOP: [(&str, usize); 8] = [
    ("resource", 2),
    ("data", 2),
    ("module", 1),
    ("provider", 1),
    ("variable", 1),
    ("output", 1),
    ("locals", 0),
    ("terraform", 0),
];

/// The tree of a file.
pub(super) fn read(root: Value<'_>) -> Block {
    let mut file = Block::default();
    for (name, labels) in TOP {
        if let Some(value) = root.get(name) {
            labelled(value, name, labels, Vec::new(), &mut file.blocks);
        }
    }
    // A file of variables has nothing but attributes.
    for entry in root.entries() {
        file.attributes
            .push((entry.name().to_owned(), expression(entry.value)));
    }
    file
}

fn labelled(
    value: Value<'_>,
    name: &str,
    labels: usize,
    given: Vec<String>,
    found: &mut Vec<Block>,
) {
    if value.kind() == Json::Array {
        for item in value.items() {
            labelled(item, name, labels, given.clone(), found);
        }
    } else if given.len() < labels {
        for entry in value.entries() {
            let mut given = given.clone();
            given.push(entry.name().to_owned());
            labelled(entry.value, name, labels, given, found);
        }
    } else {
        found.push(block(name, given, value));
    }
}

/// Every member is both an attribute and, if it holds objects, blocks: only the schema of the
/// provider tells, and what reads the block knows which it wants.
fn block(name: &str, labels: Vec<String>, value: Value<'_>) -> Block {
    let mut found = Block {
        name: name.to_owned(),
        labels,
        place: place(value),
        ..Block::default()
    };
    for entry in value.entries() {
        let member = entry.value;
        if entry.name() == "dynamic" {
            for inner in member.entries() {
                labelled(
                    inner.value,
                    "dynamic",
                    0,
                    vec![inner.name().to_owned()],
                    &mut found.blocks,
                );
            }
        } else if entry.name() == "content" && name == "dynamic" {
            found.blocks.push(block("content", Vec::new(), member));
        } else {
            found
                .attributes
                .push((entry.name().to_owned(), expression(member)));
        }
    }
    found
}

fn place(value: Value<'_>) -> Option<Place> {
    crate::plan::place(value).place
}

fn expression(value: Value<'_>) -> Expression {
    let place = place(value);
    let kind = match value.kind() {
        Json::Bool => Kind::Bool(value.as_bool() == Some(true)),
        Json::Number => Kind::Number(value.scalar().into()),
        Json::String => {
            let text = value.scalar();
            let is_template = text.contains("${") || text.contains("%{");
            let template = native::template(text, place).filter(|_| is_template);
            return template.unwrap_or_else(|| Expression {
                kind: Kind::Text(text.into()),
                place,
            });
        }
        Json::Array => Kind::List(value.items().map(expression).collect()),
        Json::Object => Kind::Object(
            value
                .entries()
                .map(|entry| (expression(entry.key), expression(entry.value)))
                .collect(),
        ),
        _ => Kind::Null,
    };
    Expression { kind, place }
}
