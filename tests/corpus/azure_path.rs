//! The truth cases of Azure's data path, `azure-path/cases.yaml`.

use std::fs;

use palisade_document::{Kind, Notation, Text, Value, parse};
use serde_json::{Map, Value as Json};

use crate::corpus;

/// One case: what is given, what is asked, and what the documents say.
pub struct Case {
    /// Its id.
    pub id: String,
    /// The resources, in the shape of its area.
    pub given: Json,
    /// The packet, or the question.
    pub flow: Json,
    /// The answer.
    pub expect: Json,
}

/// The cases of an area, in the order of the file.
///
/// # Panics
/// When the corpus is missing.
pub fn cases(area: &str) -> Vec<Case> {
    let path = corpus("azure-path").join("cases.yaml");
    let content = fs::read_to_string(&path).unwrap_or_default();
    let (document, diagnostics) = parse(Text::new("cases.yaml", content), Notation::Yaml);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let roots = document.roots();
    let cases: Vec<_> = roots
        .filter_map(|root| root.get("cases"))
        .flat_map(Value::items)
        .map(json)
        .filter(|case| case["area"] == area)
        .collect();
    assert!(
        !cases.is_empty(),
        "{} has no case of {area}",
        path.display()
    );
    let member = |case: &Json, name: &str| case.get(name).cloned().unwrap_or_default();
    let cases = cases.iter().map(|case| Case {
        id: member(case, "id").as_str().unwrap_or_default().to_owned(),
        given: member(case, "given"),
        flow: match member(case, "flow") {
            Json::Null => member(case, "query"),
            flow => flow,
        },
        expect: member(case, "expect"),
    });
    cases.collect()
}

/// A value of a document as JSON.
fn json(value: Value<'_>) -> Json {
    match value.kind() {
        Kind::Null | Kind::Unknown => Json::Null,
        Kind::Bool => Json::Bool(value.as_bool() == Some(true)),
        Kind::Number => value
            .as_i64()
            .map_or_else(|| Json::from(value.scalar()), Json::from),
        Kind::String => Json::from(value.scalar()),
        Kind::Array => value.items().map(json).collect(),
        Kind::Object => {
            let entries = value.entries();
            let members = entries.map(|entry| (entry.name().to_owned(), json(entry.value)));
            Json::Object(members.collect::<Map<_, _>>())
        }
    }
}
