//! Rego of version 0 as the engine reads it and as the Open Policy Agent reads it: two forms that
//! the engine takes for something else are written so that both read the same. Line breaks stay
//! where they are, so that places in messages stay true.
//!
//! A third difference, arguments of negated calls, is mended by [`hoist`](super::hoist).

use regorus::unstable::{Expr, Module};

use super::syntax::{self, Edit, Node};
use super::{bounds, hoist};

/// What is said of more.
pub(super) const TOO_DEEP: &str = "the brackets are nested more than 16 deep";
/// How deeply brackets may be nested: the engine's parser takes twice as long for each more.
const DEEPEST: usize = 16;

/// Functions of old, which the engine knows by their new names only.
const RENAMED: [(&str, &str); 2] = [
    ("re_match", "regex.match"),
    ("net.cidr_overlap", "net.cidr_contains"),
];

/// A module as the engine has to be given it.
pub(super) fn adapted(source: &str, is_v1: bool) -> Result<String, String> {
    let source = renamed(&readable(source, is_v1)?, is_v1)?;
    let source = hoist::hoisted(&source, is_v1)?;
    bounds::guarded(&source, is_v1)
}

/// The syntax tree of a module.
pub(super) fn parsed(source: &str, is_v1: bool) -> Result<Module, String> {
    syntax::parse(&readable(source, is_v1)?, is_v1)
}

fn readable(source: &str, is_v1: bool) -> Result<String, String> {
    let mut depth = 0_usize;
    for token in tokens(source) {
        match token.sign {
            Sign::Mark('{' | '[' | '(') => depth += 1,
            Sign::Mark('}' | ']' | ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(TOO_DEEP.to_owned());
        }
    }
    let source = separated(source);
    Ok(if is_v1 { source } else { unchained(&source) })
}

fn renamed(source: &str, is_v1: bool) -> Result<String, String> {
    syntax::rewritten(source, is_v1, |source, module, _| {
        let mut edits = Vec::new();
        syntax::visit(module, &mut |node| {
            if let Node::Expression(Expr::Call { fcn, .. }) = node {
                let range = syntax::extent(fcn);
                let name = source.get(range.clone()).unwrap_or_default();
                let renamed = RENAMED.iter().find(|(old, _)| *old == name);
                edits.extend(renamed.map(|(_, new)| Edit {
                    range,
                    text: (*new).to_owned(),
                }));
            }
        });
        edits
    })
}

/// A token: its kind and its range in the source.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Token {
    sign: Sign,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sign {
    /// A name, a number or a text.
    Word,
    Mark(char),
}

/// Names, texts and signs; comments and blanks left out.
fn tokens(source: &str) -> Vec<Token> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let sign = match bytes[at] {
            b'#' => {
                at = source[at..].find('\n').map_or(bytes.len(), |end| at + end);
                continue;
            }
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = (at + 1).min(bytes.len());
                Sign::Word
            }
            b'`' => {
                let end = source[at + 1..].find('`');
                at = end.map_or(bytes.len(), |end| at + end + 2);
                Sign::Word
            }
            byte if is_of_word(byte) => {
                while at < bytes.len() && is_of_word(bytes[at]) {
                    at += 1;
                }
                Sign::Word
            }
            byte => {
                at += 1;
                Sign::Mark(char::from(byte))
            }
        };
        found.push(Token {
            sign,
            start,
            end: at,
        });
    }
    found
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Words after which an expression goes on in the next line.
const OPEN_WORDS: [&str; 11] = [
    "in", "as", "with", "not", "some", "every", "if", "contains", "else", "default", "import",
];

/// A line that starts with `(` is an expression of its own, even after a line that ends in a
/// reference; the engine takes the two for a call.
fn separated(source: &str) -> String {
    let tokens = tokens(source);
    let mut out = String::with_capacity(source.len() + 16);
    let mut copied = 0;
    for pair in tokens.windows(2) {
        let (before, paren) = (pair[0], pair[1]);
        let ends_a_term = match before.sign {
            Sign::Word => !OPEN_WORDS.contains(&&source[before.start..before.end]),
            Sign::Mark(mark) => mark == ']',
        };
        let is_next_line = source[before.end..paren.start].contains('\n');
        if paren.sign == Sign::Mark('(') && ends_a_term && is_next_line {
            out.push_str(&source[copied..before.end]);
            out.push(';');
            copied = before.end;
        }
    }
    out.push_str(&source[copied..]);
    out
}

/// `head { … } { … }` is short for two rules with the same head; the engine refuses it for sets.
fn unchained(source: &str) -> String {
    let tokens = tokens(source);
    let mut out = String::with_capacity(source.len() + 16);
    let (mut copied, mut depth) = (0_usize, 0_usize);
    // The start and end of the current rule's head, and whether the last thing closed was a body.
    let (mut head, mut start) = (None, None);
    let (mut is_body, mut was_body) = (false, false);
    let mut before: Option<Token> = None;
    for token in tokens {
        if depth == 0 {
            let is_line_start = source[..token.start]
                .rfind('\n')
                .is_none_or(|line| source[line..token.start].trim().is_empty());
            if token.sign == Sign::Word
                && (was_body || (is_line_start && !is_in_head(source, before)))
                && &source[token.start..token.end] != "else"
            {
                (start, head, was_body) = (Some(token.start), None, false);
            }
            if token.sign == Sign::Mark('{') && !is_value(before) {
                match (was_body, head.clone()) {
                    (true, Some(range)) => {
                        out.push_str(&source[copied..token.start]);
                        out.push_str(&source[range]);
                        copied = token.start;
                    }
                    _ => head = start.map(|start| start..token.start),
                }
                is_body = true;
            }
        }
        match token.sign {
            Sign::Mark('{' | '[' | '(') => depth += 1,
            Sign::Mark('}' | ']' | ')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    was_body = is_body && token.sign == Sign::Mark('}');
                    is_body = is_body && !was_body;
                }
            }
            _ => {}
        }
        if depth == 0 && &source[token.start..token.end] == "else" {
            // What follows an else can't be told apart by its head.
            (start, head, was_body) = (None, None, false);
        }
        before = Some(token);
    }
    out.push_str(&source[copied..]);
    out
}

/// Whether a brace after this token opens a value and no body.
fn is_value(before: Option<Token>) -> bool {
    before.is_some_and(|token| matches!(token.sign, Sign::Mark('=' | ':' | '|')))
}

/// Whether a word that starts a line goes on with the head of the line before.
fn is_in_head(source: &str, before: Option<Token>) -> bool {
    before.is_some_and(|token| {
        matches!(token.sign, Sign::Mark('=' | ':' | '.' | ','))
            || source[token.start..token.end] == *"default"
    })
}

#[cfg(test)]
mod tests {
    use super::{separated, unchained};

    #[test]
    fn a_parenthesis_on_a_line_of_its_own_is_no_call() {
        assert_eq!(separated("x := a.b\n(c == d)"), "x := a.b;\n(c == d)");
        assert_eq!(
            separated("x := a[0] # why\n  (c)"),
            "x := a[0]; # why\n  (c)"
        );
        assert_eq!(separated("f(x)\ny := \"#\"\n"), "f(x)\ny := \"#\"\n");
        assert_eq!(separated("x in\n(y)"), "x in\n(y)");
    }

    #[test]
    fn chained_bodies_become_rules() {
        assert_eq!(
            unchained("p[{\"a\": x}] {\n  x := 1\n} {\n  x := 2\n}\nq { true }"),
            "p[{\"a\": x}] {\n  x := 1\n} p[{\"a\": x}] {\n  x := 2\n}\nq { true }"
        );
        let plain = "p = {\"a\": 1} {\n  q\n}\nd := {\"b\": {}}\nq = true {\n 1 == 1\n} else = false { 2 == 2 }\n";
        assert_eq!(unchained(plain), plain);
    }
}
