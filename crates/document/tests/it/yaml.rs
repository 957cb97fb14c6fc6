use palisade_document::{Kind, Notation};

use crate::{covered, messages, read};

#[test]
fn block_values_have_their_span() {
    let (document, diagnostics) = read(
        Notation::Yaml,
        "kind: Service # why\nspec:\n  ports:\n  - port: 80\n    name: 'http'\n\n# end\n",
    );
    assert!(diagnostics.is_empty());
    let spec = document.roots().next().unwrap().get("spec").unwrap();
    let port = spec.get("ports").unwrap().items().next().unwrap();
    assert_eq!(covered(port), "port: 80\n    name: 'http'");
    assert_eq!(covered(port.get("name").unwrap()), "'http'");
    assert_eq!(port.get("port").unwrap().as_i64(), Some(80));
    assert_eq!(document.comments().len(), 2);
}

#[test]
fn a_broken_document_does_not_lose_the_others() {
    let (document, diagnostics) = read(
        Notation::Yaml,
        "kind: A\n---\nkind: [B\n---\nkind: C\n---\nkind: D\n",
    );
    let kinds: Vec<_> = document
        .roots()
        .filter_map(|root| root.get("kind")?.as_str())
        .collect();
    assert_eq!(kinds, ["A", "C", "D"]);
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].position.unwrap().line, 3);
}

#[test]
fn aliases_and_merge_keys_are_resolved() {
    let (document, diagnostics) = read(
        Notation::Yaml,
        "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\nboth:\n  <<: [*base, *more]\n  a: 9\nsame: *base\n",
    );
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let root = document.roots().next().unwrap();
    let both = root.get("both").unwrap();
    let number = |key| both.get(key).unwrap().as_i64();
    assert_eq!(
        (number("a"), number("b"), number("c")),
        (Some(9), Some(2), Some(4))
    );
    assert_eq!(both.entries().len(), 3);
    assert_eq!(
        root.get("same").unwrap().get("b").unwrap().as_i64(),
        Some(2)
    );
}

#[test]
fn scalars_mean_what_kubernetes_reads() {
    let (document, _) = read(
        Notation::Yaml,
        "a: yes\nb: \"yes\"\nc: !!str 12\nd: |\n  two\n  lines\ne: >-\n  folded\n  text\nf:\n",
    );
    let root = document.roots().next().unwrap();
    assert_eq!(root.get("a").unwrap().as_bool(), Some(true));
    assert_eq!(root.get("b").unwrap().as_str(), Some("yes"));
    assert_eq!(root.get("c").unwrap().as_str(), Some("12"));
    assert_eq!(root.get("d").unwrap().as_str(), Some("two\nlines\n"));
    assert_eq!(root.get("e").unwrap().as_str(), Some("folded text"));
    assert_eq!(root.get("f").unwrap().kind(), Kind::Null);
}

#[test]
fn duplicate_keys_are_reported() {
    let (_, diagnostics) = read(Notation::Yaml, "a: 1\nb: 2\na: 3\n");
    assert_eq!(
        messages(&diagnostics),
        ["3:1 key `a` is given twice; the last one counts"]
    );
}
