//! Every function of the language, with what Microsoft Learn says that it gives.

use std::collections::BTreeSet;

use palisade_arm_template::function_names;

use crate::{json, messages, output, run, template};

const CASES: &str = include_str!("functions.txt");

/// Names that the cases use.
const DECLARATIONS: &str = r#"
    "parameters": {
        "missing": {"type": "string"}, "missingInt": {"type": "int"},
        "missingArray": {"type": "array"}, "missingObject": {"type": "object"},
        "missingBool": {"type": "bool"}, "p": {"type": "string", "defaultValue": "pp"}
    },
    "variables": {
        "o": {"one": 1, "Two": {"deep": [10, 20]}, "nothing": null},
        "dogs": [
            {"name": "Evie", "age": 5, "likes": ["sun"]},
            {"name": "Casper", "age": 3, "likes": ["fish", "ball"]},
            {"name": "Indy", "age": 2, "likes": ["butter"]}
        ]
    },
    "functions": [{"namespace": "my", "members": {"twice": {
        "parameters": [{"name": "x", "type": "string"}],
        "output": {"type": "string", "value": "[concat(parameters('x'), parameters('x'))]"}
    }}}],
"#;

fn cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = CASES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(" => ").unwrap_or_else(|| panic!("{line}")))
}

#[test]
fn functions_give_what_is_documented() {
    for (expression, wanted) in cases() {
        if let Some(message) = wanted.strip_prefix("error: ") {
            let value = serde_json::to_string(&format!("[{expression}]")).unwrap();
            let outputs = format!(r#"{DECLARATIONS} "outputs": {{"x": {{"value": {value}}}}},"#);
            let (expansion, diagnostics) = run(&[("main.json", &template(&outputs, "[]"))]);
            let found = messages(&diagnostics).join("\n");
            assert!(found.ends_with(message), "{expression}: {found}");
            assert!(expansion.outputs[0].1.is_unknown(), "{expression}");
            continue;
        }
        let found = json(&output(DECLARATIONS, expression));
        match wanted.strip_prefix("unknown: ") {
            Some(cause) => assert_eq!(found, format!("<unknown: {cause}>"), "{expression}"),
            None => {
                let wanted: serde_json::Value = serde_json::from_str(wanted).expect(wanted);
                assert_eq!(found, wanted, "{expression}");
            }
        }
    }
}

#[test]
fn every_function_has_a_case() {
    let used: BTreeSet<_> = CASES
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::to_lowercase)
        .collect();
    let names = function_names();
    let untested: Vec<_> = names
        .iter()
        .filter(|name| **name != "list*" && !used.contains(&name.to_lowercase()))
        .collect();
    assert_eq!(untested, Vec::<&&str>::new());
    assert!(names.len() > 110, "{}", names.len());
}
