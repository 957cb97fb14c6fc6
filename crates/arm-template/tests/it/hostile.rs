//! Templates that would take forever, or that make no sense: each ends soon, with a diagnostic.

use std::time::{Duration, Instant};

use palisade_arm_template::expand;
use palisade_document::Document;
use proptest::prelude::*;

use crate::{messages, run, scope, template};

/// The first message of a template, which must come soon, on a small stack.
fn first_message(text: String) -> String {
    let started = Instant::now();
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let run = move || messages(&run(&[("main.json", &text)]).1);
    let found = thread.spawn(run).unwrap().join().unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
    found.first().cloned().unwrap_or_default()
}

fn with_variables(variables: &str) -> String {
    template(
        &format!(
            r#""variables": {{{variables}}}, "outputs": {{"o": {{"value": "[variables('v0')]"}}}},"#
        ),
        "[]",
    )
}

/// A chain of variables, each made of the next.
fn chain(length: usize, link: impl Fn(usize) -> String, end: &str) -> String {
    let mut variables: Vec<_> = (0..length)
        .map(|at| format!(r#""v{at}": "{}""#, link(at + 1)))
        .collect();
    variables.push(format!(r#""v{length}": "{end}""#));
    with_variables(&variables.join(","))
}

#[test]
fn variables_and_parameters_in_a_circle_are_found() {
    let found = first_message(with_variables(
        r#""v0": "[variables('a')]", "a": "[variables('v0')]""#,
    ));
    assert!(
        found.ends_with("variable `v0` depends on itself"),
        "{found}"
    );
    let text = template(
        r#""parameters": {"a": {"type": "string", "defaultValue": "[parameters('a')]"}},"#,
        "[]",
    );
    let found = first_message(text);
    assert!(
        found.ends_with("parameter `a` depends on itself"),
        "{found}"
    );
}

#[test]
fn resources_in_a_circle_are_found() {
    let text = template(
        "",
        r#"[{"type": "M.N/v", "name": "a", "properties": {"x": "[reference('b').x]"}},
            {"type": "M.N/v", "name": "b", "properties": {"x": "[reference('a').x]"}}]"#,
    );
    let found = first_message(text);
    assert!(found.ends_with("the resource depends on itself"), "{found}");
}

#[test]
fn a_long_chain_is_too_deep() {
    let found = first_message(chain(5_000, |next| format!("[variables('v{next}')]"), "x"));
    assert!(found.contains("lead into each other too deeply"), "{found}");
}

#[test]
fn texts_do_not_grow_without_bounds() {
    let double = |next| format!("[concat(variables('v{next}'), variables('v{next}'))]");
    let found = first_message(chain(40, double, "xxxxxxxx"));
    assert!(
        found.ends_with("the text would be longer than 4 MB"),
        "{found}"
    );
}

#[test]
fn values_do_not_grow_without_bounds() {
    let pair = |next| format!("[createArray(variables('v{next}'), variables('v{next}'))]");
    let started = Instant::now();
    first_message(chain(45, pair, "x"));
    let text = |next| format!("[string(createArray(variables('v{next}'), variables('v{next}')))]");
    let found = first_message(chain(30, text, "x"));
    assert!(
        found.contains("too large") || found.contains("4 MB"),
        "{found}"
    );
    let join = |next| format!("[concat(variables('v{next}'), variables('v{next}'))]");
    let found = first_message(chain(30, join, "[createArray(1, 2)]"));
    assert!(found.ends_with("more than 100,000 elements"), "{found}");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn functions_that_call_themselves_end() {
    let text = template(
        r#""functions": [{"namespace": "f", "members": {"g": {"parameters": [],
            "output": {"type": "string", "value": "[concat(f.g(), f.g())]"}}}}],
           "outputs": {"o": {"value": "[f.g()]"}},"#,
        "[]",
    );
    let found = first_message(text);
    assert!(found.contains("too deeply"), "{found}");
}

#[test]
fn loops_in_loops_end() {
    let mut input = r#""x""#.to_owned();
    for level in 0..6 {
        input = format!(r#"{{"copy": [{{"name": "l{level}", "count": 800, "input": {input}}}]}}"#);
    }
    let text = template(
        "",
        &format!(r#"[{{"type": "M.N/v", "name": "v", "properties": {input}}}]"#),
    );
    let found = first_message(text);
    assert!(found.ends_with("too many steps to expand"), "{found}");
    let text = template(
        "",
        r#"[{"type": "M.N/v", "name": "v", "copy": {"name": "l", "count": 1000000000}}]"#,
    );
    let found = first_message(text);
    assert!(found.ends_with("a copy loop has 0 to 800 turns"), "{found}");
}

#[test]
fn lambdas_in_lambdas_end() {
    let mut body = "1".to_owned();
    for level in 0..8 {
        body = format!("map(range(0, 1000), lambda('x{level}', {body}))");
    }
    let text = template(
        &format!(r#""outputs": {{"o": {{"value": "[length({body})]"}}}},"#),
        "[]",
    );
    let found = first_message(text);
    assert!(
        found.contains("too many steps") || found.contains("100,000"),
        "{found}"
    );
}

#[test]
fn large_objects_are_not_searched_forever() {
    let members: Vec<_> = (0..20_000).map(|at| format!(r#""m{at}": 1"#)).collect();
    let text = template(
        &format!(
            r#""variables": {{"o": {{{}}}}}, "outputs": {{"o": {{"value":
                "[length(map(range(0, 10000), lambda('x', map(range(0, 1000), lambda('y', variables('o').m0)))))]"}}}},"#,
            members.join(",")
        ),
        "[]",
    );
    let found = first_message(text);
    assert!(found.contains("too many steps"), "{found}");
}

#[test]
fn deep_json_is_read() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let text = template(
        "",
        &format!(r#"[{{"type": "M.N/v", "name": "v", "properties": {{"x": {deep}}}}}]"#),
    );
    first_message(text);
}

#[test]
fn nonsense_is_survived() {
    for text in [
        "[]",
        "null",
        r#"{"resources": 1}"#,
        r#"{"resources": [1, null, [], {}, {"type": 1, "name": {}}, {"type": "", "name": ""}]}"#,
        r#"{"resources": {"a": {"copy": {}}, "b": {"copy": {"count": -1}}}}"#,
        r#"{"parameters": [], "variables": 1, "functions": {"a": 1}, "outputs": [1], "resources": []}"#,
        r#"{"resources": [{"type": "Microsoft.Resources/deployments", "name": "d"}]}"#,
        r#"{"resources": [{"type": "Microsoft.Resources/deployments", "name": "d", "properties": {"template": []}}]}"#,
        r#"{"resources": [{"type": "M.N/v", "name": "n", "scope": "aaé/", "properties": 1}]}"#,
        r#"{"resources": [{"type": "M.N/v", "name": "n", "scope": "[concat(parameters('x'), 'é')]"}],
            "parameters": {"x": {"type": "string"}}}"#,
        r##"{"parameters": {"a": {"$ref": "#/parameters/a", "defaultValue": 1}}, "resources": []}"##,
    ] {
        run(&[("main.json", text)]);
    }
}

#[test]
fn a_file_without_a_value_deploys_nothing() {
    let document = Document::derive("", &[]);
    let options = palisade_arm_template::Options {
        parameters: vec![&document],
        scope: scope(),
    };
    assert!(
        expand(&document, &options, &|_| None)
            .0
            .resources
            .is_empty()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever a function is given, it answers.
    #[test]
    fn functions_take_any_arguments(
        name in prop::sample::select(palisade_arm_template::function_names()),
        arguments in prop::collection::vec(prop::sample::select(ARGUMENTS), 0..4),
    ) {
        let value = format!("[{name}({})]", arguments.join(", "));
        let value = serde_json::to_string(&value).unwrap();
        let declarations = format!(
            r#""parameters": {{"p": {{"type": "string"}}, "i": {{"type": "int"}}}}, "outputs": {{"o": {{"value": {value}}}}},"#
        );
        run(&[("main.json", &template(&declarations, "[]"))]);
    }
}

const ARGUMENTS: &[&str] = &[
    "''",
    "'é𐍈x'",
    "'{0}{1:D9999999999}{'",
    "'M.N/v'",
    "'10.0.0.0/0'",
    "'::/0'",
    "'P9999999999Y'",
    "'%ff'",
    "'2020-01-01T00:00:00Z'",
    "0",
    "-1",
    "10000",
    "9223372036854775807",
    "-9223372036854775808",
    "1.5",
    "null()",
    "true()",
    "createArray()",
    "createArray('a', 1, null())",
    "createObject('é', 1)",
    "json('1e400')",
    "json('1.5')",
    "parameters('p')",
    "concat('x', parameters('p'))",
    "parameters('i')",
    "resourceGroup()",
    "lambda('x', lambdaVariables('x'))",
    "lambda('a', 'b', 'c')",
    "lambda('x')",
];
