//! The grammar of expressions.

use palisade_arm_template::expression::{Expression, ExpressionKind, Name, is_expression, parse};
use proptest::prelude::*;

#[test]
fn expressions_are_printed_in_one_form() {
    for (written, printed) in [
        ("[concat( 'it''s' ,\n\t1)]", "concat('it''s', 1)"),
        ("[ a.b ( ) . c [ 'd' ] [ 0 ] ]", "a.b().c['d'][0]"),
        ("['x']", "'x'"),
        ("[-5]", "-5"),
        ("[+5]", "5"),
        ("['']", "''"),
    ] {
        assert_eq!(parse(written).unwrap().to_string(), printed);
    }
}

#[test]
fn what_is_no_expression_is_told_with_its_place() {
    for (written, at, message) in [
        (
            "[]",
            1,
            "expected a function, a string or a number, found `]`",
        ),
        (
            "[a]",
            2,
            "expected `(` after a name: a text stands in single quotes, everything else is a function",
        ),
        (
            "[a(]",
            3,
            "expected a function, a string or a number, found `]`",
        ),
        ("[a('x]", 3, "a string has no closing quote"),
        ("[a('x''y]", 3, "a string has no closing quote"),
        ("[a() b()]", 5, "expected `]`, found a name"),
        (
            "[a()] x]",
            6,
            "expected the end of the expression, found a name",
        ),
        ("[1x]", 1, "this is no number"),
        ("[a().1]", 5, "expected a name, found a number"),
    ] {
        let error = parse(written).unwrap_err();
        assert_eq!(
            (error.at, error.message.as_str()),
            (at, message),
            "{written}"
        );
    }
}

#[test]
fn a_doubled_bracket_is_no_expression() {
    assert!(is_expression("[a()]"));
    for text in ["[[a()]", "[a()", "a()]", "", "["] {
        assert!(!is_expression(text), "{text}");
    }
}

#[test]
fn nesting_has_a_bound() {
    for text in [
        format!("[{}1{}]", "a(".repeat(100_000), ")".repeat(100_000)),
        format!("[a(){}]", ".b".repeat(100_000)),
        format!("[a(){}1{}]", "[a()".repeat(50_000), "]".repeat(50_000)),
    ] {
        assert_eq!(
            parse(&text).unwrap_err().message,
            "nested deeper than 96 levels"
        );
    }
}

fn name() -> impl Strategy<Value = Name> {
    "[a-zA-Z_$][a-zA-Z0-9_$]{0,8}(\\.[a-z_][a-z0-9]{0,4})?".prop_map(|name| Name::new(&name))
}

fn expression() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        any::<String>().prop_map(|text| ExpressionKind::Text(text.into())),
        any::<i64>().prop_map(|number| ExpressionKind::Number(number.to_string().into())),
        name().prop_map(|name| ExpressionKind::Call {
            name,
            arguments: vec![]
        }),
    ];
    let expression = |kind| Expression { kind, span: 0..0 };
    leaf.prop_map(expression)
        .prop_recursive(6, 48, 4, move |inner| {
            let boxed = || inner.clone().prop_map(Box::new);
            let member = "[a-zA-Z_][a-zA-Z0-9_]{0,6}".prop_map(|name| Name::new(&name));
            prop_oneof![
                (name(), prop::collection::vec(inner.clone(), 0..4))
                    .prop_map(|(name, arguments)| ExpressionKind::Call { name, arguments }),
                (boxed(), member).prop_map(|(base, name)| ExpressionKind::Member { base, name }),
                (boxed(), boxed()).prop_map(|(base, index)| ExpressionKind::Index { base, index }),
            ]
            .prop_map(expression)
        })
}

proptest! {
    /// Printing an expression and parsing it again is the identity.
    #[test]
    fn print_and_parse_are_inverse(expression in expression()) {
        let printed = format!("[{expression}]");
        prop_assert_eq!(parse(&printed).unwrap(), expression);
    }

    /// Every part of a parsed expression stands where its span says.
    #[test]
    fn spans_hold_their_part(expression in expression()) {
        let printed = format!("[{expression}]");
        check(&parse(&printed).unwrap(), &printed);
    }

    #[test]
    fn any_text_is_an_expression_or_an_error(text in "\\[[a-z'().,\\[\\] 0-9-]{0,40}\\]") {
        if let Ok(expression) = parse(&text) {
            let printed = format!("[{expression}]");
            prop_assert_eq!(parse(&printed).unwrap(), expression);
        }
    }
}

fn check(expression: &Expression, text: &str) {
    let range = expression.span.start as usize..expression.span.end as usize;
    assert_eq!(text[range], expression.to_string());
    match &expression.kind {
        ExpressionKind::Call { arguments, .. } => {
            arguments.iter().for_each(|argument| check(argument, text));
        }
        ExpressionKind::Member { base, .. } => check(base, text),
        ExpressionKind::Index { base, index } => {
            check(base, text);
            check(index, text);
        }
        _ => {}
    }
}
