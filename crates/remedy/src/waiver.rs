//! Waivers as comments beside what they are about.

use std::path::Path;

use palisade_document::{Notation, Span, Text, parse};

use crate::{Edit, Remedy};

/// Adds a comment that waives a control, on a line of its own above the line of a place. Without
/// a reason it waives nothing: that is for people to write. Nothing for files that take no
/// comments: of plain JSON, those that have none yet.
pub fn waiver(path: &str, text: &str, at: u32, code: &str, reason: &str) -> Option<Remedy> {
    let sign = comment_sign(path, text)?;
    let before = text.get(..at as usize)?;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..]
        .split_inclusive('\n')
        .next()
        .unwrap_or_default();
    let bare = line.trim_start_matches([' ', '\t']);
    let indent = &line[..line.len() - bare.len()];
    let ending = if line.ends_with("\r\n") { "\r\n" } else { "\n" };
    let start = u32::try_from(start).ok()?;
    Some(Remedy {
        title: format!("waive {code} here (the reason is yours to write)"),
        edits: vec![Edit {
            span: Span { start, end: start },
            replacement: format!("{indent}{sign} palisade: ignore[{code}] {reason}{ending}"),
        }],
        is_safe: true,
    })
}

fn comment_sign(path: &str, text: &str) -> Option<&'static str> {
    let ending = Path::new(path)
        .extension()
        .and_then(|ending| ending.to_str());
    match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
        "tf" | "tofu" | "tfvars" => Some("#"),
        "jsonc" => Some("//"),
        _ => match Notation::of(text) {
            Notation::Yaml => Some("#"),
            Notation::Json => {
                let (document, _) = parse(Text::new(path, text), Notation::Json);
                (!document.comments().is_empty()).then_some("//")
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply;

    fn waived(path: &str, text: &str, at: &str) -> Option<String> {
        let at = u32::try_from(text.find(at).unwrap()).unwrap();
        let remedy = waiver(path, text, at, "NP001", "x")?;
        apply(text, &remedy.edits)
    }

    #[test]
    fn the_comment_stands_above_with_the_same_indentation() {
        assert_eq!(
            waived("a.yaml", "a:\r\n  - b: 1\r\n", "1").unwrap(),
            "a:\r\n  # palisade: ignore[NP001] x\r\n  - b: 1\r\n"
        );
        assert_eq!(
            waived("main.tf", "a {\n\tb = 1\n}", "b").unwrap(),
            "a {\n\t# palisade: ignore[NP001] x\n\tb = 1\n}"
        );
        assert_eq!(
            waived("a.jsonc", "{\n  \"a\": 1\n}", "1").unwrap(),
            "{\n  // palisade: ignore[NP001] x\n  \"a\": 1\n}"
        );
    }

    #[test]
    fn plain_json_gets_no_comment() {
        assert_eq!(waived("a.json", "{\n  \"a\": 1\n}", "1"), None);
        assert!(waived("a.json", "{\n  // why\n  \"a\": 1\n}", "1").is_some());
    }
}
