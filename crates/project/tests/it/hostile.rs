//! Whatever is written, it is read without a panic, and what is wrong has a place.

use palisade_document::Text;
use palisade_project::{Baseline, Configuration};
use proptest::prelude::*;

use crate::{files, judge};

/// Pieces in any order, beside anything else.
fn pieces(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(known).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const TOML: &[&str] = &[
    "select",
    "control",
    "waiver",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    " = ",
    "\n",
    "\"",
    "FW001",
    "id",
    "reason",
    "expires",
    "2027-01-31",
    "9999999999999999999999",
    "0x",
    "**",
    "a[",
    ".",
    ",",
    "#",
    "\"FW001\"",
    "[[waiver]]\n",
    "[control.MON015]\n",
    "days",
    "tag",
    "'''",
    "ß",
];

const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"findings\"",
    "\"version\"",
    "\"1\"",
    "1",
    "\"count\"",
    "null",
    "<<<<<<<",
];

const COMMENT: &[&str] = &[
    "#",
    "//",
    "/*",
    "*/",
    " palisade:",
    " ignore",
    "[",
    "]",
    "FW001",
    ",",
    "(until ",
    "2027-01-31",
    "(owner ",
    ")",
    "reason",
    "\n",
    "a: 1\n",
    "- b\n",
    "{\"c\": ",
    "}",
    "---\n",
    "  ",
    "é",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_configuration(text in pieces(TOML)) {
        let (_, diagnostics) = Configuration::read(Text::new("palisade.toml", text));
        prop_assert!(diagnostics.iter().all(|one| one.position.is_some()));
    }

    #[test]
    fn any_baseline(text in pieces(JSON)) {
        let _ = Baseline::read(Text::new("b.json", text));
    }

    #[test]
    fn any_comment(text in pieces(COMMENT)) {
        let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n";
        let text = format!("{text}\n---\n{namespace}");
        judge(&files(&[("a.yaml", &text), ("b.yaml", namespace)]), "select = [\"NP004\"]");
    }
}
