//! Secrets are found before anything keeps them.

use palisade_arm_template::{secret_defaults, secrets_given};
use palisade_document::{Document, NodeId};

use crate::{at, document, messages, run};

const TEMPLATE: &str = r##"{"contentVersion": "1", "definitions": {"pass": {"type": "secureString"}},
    "parameters": {
        "a": {"type": "SecureString", "defaultValue": "s3cret"},
        "b": {"$ref": "#/definitions/pass", "defaultValue": "t0p"},
        "c": {"type": "secureObject", "defaultValue": {"k": ["d33p"], "made": "[newGuid()]"}},
        "d": {"type": "securestring", "defaultValue": ""},
        "e": {"type": "string", "defaultValue": "open"}
    },
    "resources": [{"type": "M.N/v", "name": "v", "properties": {"a": "[parameters('a')]", "c": "[parameters('c')]"}}]
}"##;

fn masked(mut document: Document, secrets: &[NodeId]) -> String {
    document.redact(secrets);
    document.text().content().to_owned()
}

#[test]
fn defaults_of_secure_parameters_are_secrets() {
    let template = document(0, "main.json", TEMPLATE);
    let secrets = secret_defaults(template.roots().next().unwrap());
    assert_eq!(secrets.len(), 3);
    let text = masked(template, &secrets);
    for secret in ["s3cret", "t0p", "d33p"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("newGuid") && text.contains("open"));
}

#[test]
fn values_given_to_secure_parameters_are_secrets() {
    let template = document(0, "main.json", TEMPLATE);
    let given = r#"{"parameters": {"A": {"value": "s3cret"}, "e": {"value": "open"}}}"#;
    let file = document(1, "p.json", given);
    let (template, root) = (
        template.roots().next().unwrap(),
        file.roots().next().unwrap(),
    );
    let secrets = secrets_given(template, root);
    assert_eq!(secrets.len(), 1);
    assert!(!masked(file, &secrets).contains("s3cret"));
}

#[test]
fn the_place_of_a_secret_is_the_name_of_its_parameter() {
    let (expansion, diagnostics) = run(&[("main.json", TEMPLATE)]);
    assert_eq!(messages(&diagnostics), Vec::<String>::new());
    let body = &expansion.resources[0].body;
    for (path, name) in [("properties.a", "\"a\""), ("properties.c", "\"c\"")] {
        let value = at(body, path);
        assert!(value.is_unknown());
        assert_eq!(&TEMPLATE[value.source.place.unwrap().span.range()], name);
    }
    for secret in ["s3cret", "d33p"] {
        assert!(!format!("{expansion:?}").contains(secret));
    }
}
