//! What modules say, and that those that would never end or fill the memory end.

use std::sync::Arc;
use std::time::Instant;

use regorus::Value;
use serde_json::{Value as Json, json};

use super::{Failure, Program};

fn ask(rules: &str, object: &Json, parameters: &Json) -> Result<Vec<String>, Failure> {
    let mut program = Program::compile(&format!("package p\n{rules}"), &[], false)?;
    let review = json!({"object": object});
    let mut found: Vec<_> = program
        .violations(&Value::from(review), &Value::from(parameters.clone()))?
        .into_iter()
        .map(|complaint| complaint.message)
        .collect();
    found.sort();
    Ok(found)
}

fn messages(rules: &str, object: &Json) -> Vec<String> {
    ask(rules, object, &json!({})).expect("the module is asked")
}

#[test]
fn a_line_that_starts_with_a_parenthesis_is_an_expression() {
    let rules =
        "violation[{\"msg\": \"small\"}] {\n  x := input.review.object.a\n  (x + 1) * 2 < 10\n}\n";
    assert_eq!(messages(rules, &json!({"a": 1})), ["small"]);
    assert!(messages(rules, &json!({"a": 9})).is_empty());
}

#[test]
fn bodies_in_a_chain_are_rules_of_one_head() {
    let rules = "violation[{\"msg\": msg}] {\n  msg := \"a\"\n  input.review.object.a\n} {\n  msg := \"b\"\n  input.review.object.b\n}\n";
    assert_eq!(messages(rules, &json!({"a": 1, "b": 2})), ["a", "b"]);
    assert_eq!(messages(rules, &json!({"b": 2})), ["b"]);
}

#[test]
fn a_negated_call_with_an_undefined_argument_fails() {
    let rules = "violation[{\"msg\": \"other\"}] {\n  not allowed(\"a\", input.review.object.x.y)\n}\nallowed(a, b) { a == b }\n";
    assert!(messages(rules, &json!({})).is_empty());
    assert!(messages(rules, &json!({"x": {"y": "a"}})).is_empty());
    assert_eq!(messages(rules, &json!({"x": {"y": "b"}})), ["other"]);
    let own = "violation[{\"msg\": \"none\"}] {\n  not input.review.object.x.y\n}\n";
    assert_eq!(messages(own, &json!({})), ["none"]);
}

#[test]
fn builtin_functions_of_old_and_new_writing() {
    let rules = "violation[{\"msg\": msg}] {\n  format_int(input.review.object.port, 10, text)\n  not re_match(\"^44\", text)\n  msg := sprintf(\"%v is closed\", [text])\n}\n";
    assert_eq!(messages(rules, &json!({"port": 80})), ["80 is closed"]);
    assert!(messages(rules, &json!({"port": 443})).is_empty());
}

#[test]
fn functions_that_are_retired() {
    let rules = "violation[{\"msg\": \"none\"}] {\n  good := [g | x := input.review.object.list[_]; g := x == 1]\n  not any(good)\n}\nviolation[{\"msg\": \"some\"}] {\n  all([x | x := input.review.object.list[_] == 1])\n  count(set_diff({1, 2}, {1})) == 1\n}\n";
    assert_eq!(messages(rules, &json!({"list": [2, 3]})), ["none"]);
    assert_eq!(messages(rules, &json!({"list": [1, 1]})), ["some"]);
    assert!(messages(rules, &json!({"list": [1, 2]})).is_empty());
    assert_eq!(messages(rules, &json!({"list": []})), ["none", "some"]);
}

#[test]
fn rules_that_call_each_other_in_a_circle_are_refused() {
    let failure = ask(
        "violation[{\"msg\": \"x\"}] { f(1) }\nf(x) { g(x) }\ng(x) { f(x) }\n",
        &json!({}),
        &json!({}),
    );
    assert!(failure.is_err());
}

#[test]
fn a_module_that_would_never_end_ends() {
    let start = Instant::now();
    let numbers: Vec<_> = (0..200).collect();
    let rules = "violation[{\"msg\": msg}] {\n  n := input.review.object.n\n  a := n[_]; b := n[_]; c := n[_]; d := n[_]; e := n[_]\n  a + b + c + d + e == -1\n  msg := \"never\"\n}\n";
    let failure = ask(rules, &json!({ "n": numbers }), &json!({})).expect_err("a limit");
    assert!(
        failure.message.contains("takes longer than")
            || failure.message.contains("take longer than"),
        "{failure:?}"
    );
    assert!(!failure.is_defect);
    assert!(start.elapsed().as_secs() < 30);
}

#[test]
fn what_would_fill_the_memory_is_refused() {
    for rule in [
        "x := numbers.range(0, 1000000000000)\n  count(x) > 1",
        "x := bits.lsh(1, 100000000000)\n  x > 1",
        "a := \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n  b := replace(a, \"a\", a)\n  c := replace(b, \"a\", b)\n  d := replace(c, \"a\", c)\n  count(d) > 1",
        "x := sprintf(\"%999999999d\", [1])\n  count(x) > 1",
    ] {
        let failure = ask(
            &format!("violation[{{\"msg\": \"x\"}}] {{\n  {rule}\n}}\n"),
            &json!({}),
            &json!({}),
        )
        .expect_err("a limit");
        assert!(failure.message.contains("4 MB"), "{rule}: {failure:?}");
    }
}

#[test]
fn regular_expressions_are_bounded() {
    let start = Instant::now();
    let text = "a".repeat(20_000);
    let rules =
        "violation[{\"msg\": \"x\"}] {\n  regex.match(\"^(a+)+$\", input.review.object.t)\n}\n";
    assert_eq!(messages(rules, &json!({ "t": text })), ["x"]);
    let with = |pattern: &str, object| {
        let rules = format!(
            "violation[{{\"msg\": \"x\"}}] {{\n  not regex.match(\"{pattern}\", input.review.object.t)\n}}\n"
        );
        ask(&rules, &object, &json!({}))
    };
    // Too large for the engine, but not for the cluster's.
    let bomb = with("((a{900}){90}){90}", json!({"t": "aaa"}));
    assert!(
        bomb.expect_err("a limit")
            .message
            .contains("regular expression")
    );
    // More repetitions than the cluster's engine takes: the call is undefined there.
    let unknown_to_re2 = with("a{2000}", json!({"t": "a".repeat(3000)}));
    assert_eq!(unknown_to_re2.expect("asked"), ["x"]);
    assert_eq!(with("^a+$", json!({"t": "b"})).expect("asked"), ["x"]);
    assert!(start.elapsed().as_secs() < 30);
}

#[test]
fn defects_have_their_place() {
    let failure = Program::compile("package p\nviolation[x] {\n  x := \n}\n", &[], false)
        .err()
        .expect("no module");
    assert!(failure.is_defect);
    assert!(
        failure
            .place
            .is_some_and(|(line, _)| (2..=4).contains(&line)),
        "{failure:?}"
    );
    let unknown = Program::compile(
        "package p\nviolation[{\"msg\": \"x\"}] {\n  crypto.md5(\"a\") == \"b\"\n}\n",
        &[],
        false,
    );
    assert!(!unknown.err().expect("no such function").is_defect);
}

#[test]
fn other_objects_are_in_the_inventory() {
    let rules = "package p\nviolation[{\"msg\": name}] {\n  data.inventory.namespace[_][\"v1\"][\"Service\"][name]\n}\n";
    let mut program = Program::compile(rules, &[], false).expect("a module");
    assert!(program.reads_inventory);
    let inventory = json!({"inventory": {"namespace": {"a": {"v1": {"Service": {"web": {}}}}}}});
    program
        .set_inventory(&Arc::new(Value::from(inventory)))
        .expect("data");
    let found = program
        .violations(&Value::new_object(), &Value::new_object())
        .expect("asked");
    assert_eq!(found[0].message, "web");
}

#[test]
fn hostile_modules_give_a_failure_and_no_panic() {
    let nested = |depth| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!("package p\nviolation[x] {{ x := {open}1{close} }}\n")
    };
    let (deep, deeper) = (nested(31), nested(5_000));
    let chain: String = (0..400)
        .map(|at| format!("f{at}(x) {{ f{}(x) }}\n", at + 1))
        .collect();
    let chain =
        format!("package p\nviolation[{{\"msg\": \"x\"}}] {{ f0(1) }}\n{chain}f400(x) {{ x }}\n");
    for module in [
        deep.as_str(),
        deeper.as_str(),
        chain.as_str(),
        "",
        "package",
        "package p\n}{",
        "\u{0}",
        "package p\n`",
    ] {
        let _ = Program::compile(module, &[], false).map(|mut program| {
            let _ = program.violations(&Value::new_object(), &Value::new_object());
        });
    }
}
