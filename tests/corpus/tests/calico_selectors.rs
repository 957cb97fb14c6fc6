//! Calico's selectors read as Calico reads them: what they select, what is refused, and how they
//! are printed.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::fs;

use palisade_corpus_tests::corpus;
use palisade_estate::kubernetes::CalicoSelector;
use serde_json::Value;

fn rows(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[test]
fn every_row_agrees() {
    let path = corpus("k8s-policy").join("calico-selectors/selectors.json");
    let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for row in rows(&file["evaluate"]) {
        let text = row["selector"].as_str().unwrap();
        let selector = CalicoSelector::parse(text).unwrap();
        for (list, expected) in [("match", true), ("nomatch", false)] {
            for labels in rows(&row[list]) {
                if selector.matches(|key| labels.get(key)?.as_str()) != expected {
                    wrong.push(format!("`{text}` selects {labels}: not {expected}"));
                }
            }
        }
    }
    for text in rows(&file["reject"]) {
        let text = text.as_str().unwrap();
        if CalicoSelector::parse(text).is_ok() {
            wrong.push(format!("`{text}` is not refused"));
        }
    }
    for row in rows(&file["canonical"]) {
        let (input, expected) = (row["input"].as_str().unwrap(), &row["canonical"]);
        let printed = CalicoSelector::parse(input).unwrap().to_string();
        if Some(printed.as_str()) != expected.as_str() {
            wrong.push(format!("`{input}` is printed `{printed}`, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows(&file["evaluate"]).len() > 30);
}
