//! Every value knows the place that decided it, and the way from there.

use palisade_document::{Derived, Document};

use crate::{at, document, messages, run, scope, template};
use palisade_arm_template::{Options, expand};

/// The text at the place of a value.
fn text<'d>(documents: &'d [Document], value: &Derived) -> &'d str {
    let place = value.source.place.expect("a place");
    let document = &documents[place.document.0 as usize];
    &document.text().content()[place.span.range()]
}

fn expanded(files: &[(&str, &str)]) -> (Vec<Document>, Derived) {
    let documents: Vec<_> = (0..)
        .zip(files)
        .map(|(number, (path, json))| document(number, path, json))
        .collect();
    let body = {
        let parameters = documents[1..].iter().collect();
        let options = Options {
            parameters,
            scope: scope(),
        };
        let (expansion, diagnostics) = expand(&documents[0], &options, &|_| None);
        assert_eq!(messages(&diagnostics), Vec::<String>::new());
        expansion.resources[0].body.clone()
    };
    (documents, body)
}

const DECLARATIONS: &str = r#"
    "parameters": {"corpRange": {"type": "string", "defaultValue": "10.0.0.0/8"}, "given": {"type": "object", "defaultValue": {}}},
    "variables": {"allowed": "[parameters('corpRange')]", "list": ["192.168.0.0/16", "[variables('allowed')]"],
                  "rule": {"prefix": "172.16.0.0/12"}},
"#;

const RESOURCE: &str = r#"[{"type": "M.N/v", "name": "v", "properties": {
    "plain": "1.1.1.1",
    "chain": "[variables('allowed')]",
    "list": "[variables('list')]",
    "member": "[variables('rule').prefix]",
    "choice": "[if(true(), 'yes', 'no')]",
    "made": "[concat(variables('allowed'), '!')]",
    "given": "[parameters('given').deep]"
}}]"#;

#[test]
fn the_place_is_the_literal_and_the_way_is_told() {
    let main = template(DECLARATIONS, RESOURCE);
    let given = r#"{"parameters": {"given": {"value": {"deep": "from the file"}}}}"#;
    let (documents, body) = expanded(&[("main.json", &main), ("p.json", given)]);
    let check = |path: &str, place: &str, way: &str| {
        let value = at(&body, path);
        assert_eq!(text(&documents, value), place, "{path}");
        assert_eq!(value.source.to_string(), way, "{path}");
    };
    let chain = "from variable `allowed`, from parameter `corpRange`'s default";
    check("properties.plain", r#""1.1.1.1""#, "");
    check("properties.chain", r#""10.0.0.0/8""#, chain);
    check(
        "properties.list.0",
        r#""192.168.0.0/16""#,
        "from variable `list`",
    );
    check(
        "properties.list.1",
        r#""10.0.0.0/8""#,
        &format!("from variable `list`, {chain}"),
    );
    check(
        "properties.member",
        r#""172.16.0.0/12""#,
        "from variable `rule`",
    );
    check("properties.choice", "'yes'", "");
    check(
        "properties.made",
        r#""[concat(variables('allowed'), '!')]""#,
        chain,
    );
    check(
        "properties.given",
        r#""from the file""#,
        "from parameter `given`",
    );
    check("name", r#""v""#, "");
}

#[test]
fn each_step_has_the_expression_that_takes_the_value() {
    let main = template(DECLARATIONS, RESOURCE);
    let given = r#"{"given": {"value": {"deep": "x"}}}"#;
    let (documents, body) = expanded(&[("main.json", &main), ("p.json", given)]);
    let steps: Vec<_> = at(&body, "properties.chain")
        .source
        .links()
        .map(|link| &documents[0].text().content()[link.place.unwrap().span.range()])
        .collect();
    assert_eq!(
        steps,
        [
            r#""[variables('allowed')]""#,
            r#""[parameters('corpRange')]""#
        ]
    );
}

#[test]
fn the_way_through_a_module_is_told() {
    let main = template(
        r#""variables": {"range": "10.2.0.0/16"},"#,
        r#"[{"type": "Microsoft.Resources/deployments", "name": "net", "properties": {
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {"prefix": {"value": "[variables('range')]"}},
            "template": {
                "parameters": {"prefix": {"type": "string"}},
                "resources": [{"type": "M.N/v", "name": "v", "properties": {"p": "[parameters('prefix')]"}}]
            }}}]"#,
    );
    let (documents, body) = expanded(&[("main.json", &main)]);
    let value = at(&body, "properties.p");
    assert_eq!(text(&documents, value), r#""10.2.0.0/16""#);
    assert_eq!(
        value.source.to_string(),
        "from parameter `prefix`, from variable `range`"
    );
}

#[test]
fn a_defect_is_shown_where_it_is_in_the_string() {
    let main = "{\"contentVersion\": \"1\", \"resources\": [],\n \"outputs\": {\"o\": {\"value\":\n  \"[concat('\\\"', nope())]\"}}}";
    let (_, diagnostics) = run(&[("main.json", main)]);
    assert_eq!(
        messages(&diagnostics),
        ["main.json:3:18: there is no function `nope`"]
    );
    let main =
        r#"{"contentVersion": "1", "resources": [{"type": "M.N/v", "name": "[concat('a' 'b')]"}]}"#;
    let (_, diagnostics) = run(&[("main.json", main)]);
    assert_eq!(
        messages(&diagnostics),
        ["main.json:1:78: expected `)`, found a string"]
    );
}
