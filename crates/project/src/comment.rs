//! Waivers as comments: `# palisade: ignore[NP001,NP002] reason` in YAML and HCL, with `//` or
//! `/* */` in JSON.

use palisade_controls::{Place, SuppressionKind};
use palisade_document::{Document, Span};

use crate::block::about;
use crate::waiver::Accepted;
use crate::{Selector, Target, Waiver};

/// What a comment starts with to be one of Palisade's.
const MARK: &str = "palisade:";

/// A waiver that can't be read.
#[derive(Clone, Debug)]
pub(crate) struct Malformed {
    /// Where it is written down.
    pub(crate) place: Place,
    /// What is wrong.
    pub(crate) message: String,
    /// What was written.
    pub(crate) written: String,
}

/// The waivers among the comments of a document.
pub(crate) fn read(document: &Document) -> (Vec<Waiver>, Vec<Malformed>) {
    let (mut waivers, mut malformed) = (Vec::new(), Vec::new());
    for &span in document.comments() {
        let Some(body) = body(document, span) else {
            continue;
        };
        let place = Place::Text(document.id(), span);
        match parse(body) {
            Ok((selectors, accepted)) => waivers.push(Waiver {
                kind: SuppressionKind::InSource,
                selectors,
                target: Target::Within(document.id(), about(document, span)),
                about: body.to_owned(),
                accepted,
                place,
            }),
            Err(message) => malformed.push(Malformed {
                place,
                message,
                written: body.to_owned(),
            }),
        }
    }
    (waivers, malformed)
}

/// What follows the mark, if the comment has it.
fn body(document: &Document, span: Span) -> Option<&str> {
    let text = document.text().content().get(span.range())?;
    let text = text.trim_end().trim_end_matches("*/");
    let first_line = text.lines().next().unwrap_or_default();
    let inner = first_line.trim_start_matches(['#', '/', '*']).trim();
    Some(inner.strip_prefix(MARK)?.trim())
}

/// Reads `ignore[CODE, CODE] reason`.
fn parse(body: &str) -> Result<(Vec<(String, Selector)>, Accepted), String> {
    let usage = || "write `palisade: ignore[CODE] reason`".to_owned();
    let rest = body.strip_prefix("ignore").ok_or_else(usage)?.trim_start();
    let (names, reason) = rest
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .ok_or_else(usage)?;
    let selectors = selectors(names)?;
    Ok((selectors, Accepted::parse(reason)?))
}

/// Reads names of controls, separated by commas.
pub(crate) fn selectors(names: &str) -> Result<Vec<(String, Selector)>, String> {
    let names = names.split(',').map(str::trim);
    let read = names.map(|name| match Selector::parse(name) {
        Ok(selector) => Ok((name.to_owned(), selector)),
        Err(hint) => Err(format!("no control is called `{name}`; {hint}")),
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use palisade_document::{Notation, Text, parse};

    use super::*;

    fn waived(text: &str) -> Vec<String> {
        let notation = Notation::of(text);
        let (document, _) = parse(Text::new("a", text), notation);
        let (waivers, malformed) = read(&document);
        assert!(malformed.is_empty(), "{malformed:?}");
        let Some(Target::Within(_, stretches)) = waivers.first().map(|waiver| &waiver.target)
        else {
            return Vec::new();
        };
        let within = |span: Span| {
            let mut stretches = stretches.iter();
            stretches.any(|one| (one.start..one.end).contains(&span.start))
        };
        let scalars = document.values().filter(|value| !value.scalar().is_empty());
        scalars
            .filter(|value| within(value.span()))
            .map(|value| value.scalar().to_owned())
            .collect()
    }

    #[test]
    fn a_comment_after_something_is_about_its_line() {
        assert_eq!(
            waived("a: 1 # palisade: ignore[FW001] x\nb: 2\n"),
            ["a", "1"]
        );
        assert_eq!(
            waived("l:\n- a: 1 # palisade: ignore[FW001] x\n  b: 2\n"),
            ["a", "1"]
        );
        assert_eq!(
            waived("a: # palisade: ignore[FW001] x\n  b: 2\n  c: 3\nd: 4\n"),
            ["a", "b", "2", "c", "3"]
        );
    }

    #[test]
    fn a_comment_alone_is_about_what_starts_on_the_next_line() {
        assert_eq!(
            waived("# palisade: ignore[FW001] x\na: 1\nb: 2\n"),
            ["a", "1", "b", "2"]
        );
        assert_eq!(
            waived("a: 1\n# palisade: ignore[FW001] x\n\n# more\nb:\n  c: 2\nd: 3\n"),
            ["b", "c", "2"]
        );
        assert_eq!(
            waived("l:\n# palisade: ignore[FW001] x\n- a: 1\n  b: 2\n- c: 3\n").len(),
            6
        );
        assert_eq!(
            waived("# palisade: ignore[FW001] x\n---\na: 1\n---\nb: 2\n"),
            ["a", "1"]
        );
        assert_eq!(waived("a: 1\n# palisade: ignore[FW001] x\n"), [""; 0]);
    }

    #[test]
    fn json_has_comments_too() {
        let json =
            "{\n  // palisade: ignore[FW001] x\n  \"a\": {\n    \"b\": 1\n  },\n  \"c\": 2\n}";
        assert_eq!(waived(json), ["a", "b", "1"]);
        let json = "[\n  { /* palisade: ignore[FW001] x */\n    \"b\": 1\n  },\n  {\"c\": 2}\n]";
        assert_eq!(waived(json), ["b", "1"]);
    }

    /// The stretch of HCL that the only comment in it is about.
    fn hcl(text: &str) -> String {
        let start = text.find("# palisade").unwrap();
        let end = start + text[start..].find('\n').unwrap_or(text.len() - start);
        let span = |at: usize| u32::try_from(at).unwrap();
        let comment = Span {
            start: span(start),
            end: span(end),
        };
        let document = Document::of_text(Text::new("main.tf", text), vec![comment]);
        let stretches = about(&document, comment);
        let widest = stretches.iter().max_by_key(|one| one.end - one.start);
        text[widest.unwrap().range()].to_owned()
    }

    #[test]
    fn hcl_has_blocks() {
        let block = "resource \"a\" \"b\" {\n  c = \"}\"\n  d { e = [1] }\n  f = <<T\n}}\nT\n}";
        assert_eq!(
            hcl(&format!("# palisade: ignore[FW001] x\n{block}\ng {{}}\n")),
            block
        );
        assert_eq!(
            hcl("a {\n  b = {} # palisade: ignore[FW001] x\n  c = 1\n}\n"),
            "  b = {} # palisade: ignore[FW001] x"
        );
        assert_eq!(
            hcl("a {\n  b { # palisade: ignore[FW001] x }\n    c = 1\n  }\n}\n"),
            "  b { # palisade: ignore[FW001] x }\n    c = 1\n  }"
        );
        assert_eq!(hcl("# palisade: ignore[FW001] x\na {\n  b = 1\n"), "a {");
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (body, wrong) in [
            ("ignore NP001", "write"),
            ("skip[NP001] x", "write"),
            ("ignore[NP001 x", "write"),
            ("ignore[NP999] x", "no control is called `NP999`"),
            ("ignore[] x", "no control is called ``"),
            ("ignore[NP001] x (until never)", "`never` is no day"),
        ] {
            assert!(super::parse(body).unwrap_err().contains(wrong), "{body}");
        }
        let (selectors, accepted) = super::parse("ignore [NP001, np002] a reason").unwrap();
        assert_eq!((selectors.len(), accepted.reason.as_str()), (2, "a reason"));
    }
}
