//! JSON with comments and trailing commas. The scanner is `jsonc-parser`'s; the tree is built
//! here without recursion.

use jsonc_parser::errors::ParseError;
use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};

use crate::builder::{Builder, DEEPEST, span};
use crate::tree::{Document, Tag};
use crate::{Diagnostic, Text};

/// What may stand next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// A value or the end of the list.
    Item,
    /// A key or the end of the mapping.
    Key,
    Colon,
    /// A comma or the end of the collection.
    Comma,
}

struct Failure {
    at: usize,
    message: String,
}

pub(crate) fn parse(text: Text) -> (Document, Vec<Diagnostic>) {
    let mut builder = Builder::new(text.content());
    let failure = read(text.content(), &mut builder).err();
    builder.abandon();
    let finished = builder.finish();
    let (document, mut diagnostics) = finished.with_text(text);
    if let Some(Failure { at, message }) = failure {
        let text = document.text();
        diagnostics.push(Diagnostic::error(
            text.path(),
            Some(text.position(at)),
            message,
        ));
    }
    (document, diagnostics)
}

fn read(content: &str, builder: &mut Builder<'_>) -> Result<(), Failure> {
    let body = content.trim_start_matches('\u{feff}');
    let shift = content.len() - body.len();
    let mut scanner = Scanner::new(body, &ScannerOptions::default());
    let mut expect = Expect::Value;
    while let Some(token) = scanner.scan().map_err(|error| failure_of(&error, shift))? {
        let range = span(scanner.token_start() + shift, scanner.token_end() + shift);
        let at = range.start as usize;
        expect = match token {
            Token::CommentLine(_) | Token::CommentBlock(_) => {
                builder.comment(range);
                continue;
            }
            Token::CloseBrace | Token::CloseBracket => {
                close(builder, &token, expect, range.end, at)?
            }
            Token::Comma if expect == Expect::Comma => match builder.innermost() {
                Some((Tag::Object, _)) => Expect::Key,
                _ => Expect::Item,
            },
            Token::Colon if expect == Expect::Colon => Expect::Value,
            Token::OpenBrace | Token::OpenBracket if expects_value(expect) => {
                if builder.depth() == DEEPEST {
                    return Err(unexpected(at, "nested deeper than 256 levels"));
                }
                let is_object = token == Token::OpenBrace;
                builder.begin(
                    if is_object { Tag::Object } else { Tag::Array },
                    range.start,
                );
                if is_object { Expect::Key } else { Expect::Item }
            }
            Token::String(content) if expects_value(expect) || expect == Expect::Key => {
                string(builder, range, &content);
                if expect == Expect::Key {
                    Expect::Colon
                } else {
                    after_value(builder)
                }
            }
            Token::Boolean(value) if expects_value(expect) => {
                builder.scalar(range, if value { Tag::True } else { Tag::False }, 0);
                after_value(builder)
            }
            Token::Number(_) if expects_value(expect) => {
                builder.scalar(range, Tag::Number, 0);
                after_value(builder)
            }
            Token::Null if expects_value(expect) => {
                builder.scalar(range, Tag::Null, 0);
                after_value(builder)
            }
            other => return Err(unexpected(at, &expected(expect, &other))),
        };
    }
    if builder.depth() > 0 {
        return Err(unexpected(content.len(), "the file ends inside a value"));
    }
    Ok(())
}

fn expects_value(expect: Expect) -> bool {
    matches!(expect, Expect::Value | Expect::Item)
}

fn after_value(builder: &Builder<'_>) -> Expect {
    if builder.depth() == 0 {
        Expect::Value
    } else {
        Expect::Comma
    }
}

fn close(
    builder: &mut Builder<'_>,
    token: &Token<'_>,
    expect: Expect,
    end: u32,
    at: usize,
) -> Result<Expect, Failure> {
    let closes = if *token == Token::CloseBrace {
        Tag::Object
    } else {
        Tag::Array
    };
    let is_open = builder.innermost().is_some_and(|(tag, _)| tag == closes);
    if !is_open || !matches!(expect, Expect::Key | Expect::Item | Expect::Comma) {
        return Err(unexpected(at, &expected(expect, token)));
    }
    builder.end(end);
    Ok(after_value(builder))
}

fn string(builder: &mut Builder<'_>, range: crate::Span, content: &str) {
    let is_verbatim = content.len() + 2 == (range.end - range.start) as usize;
    if is_verbatim {
        builder.scalar(range, Tag::Verbatim, 1);
    } else {
        builder.cooked(range, content);
    }
}

fn expected(expect: Expect, found: &Token<'_>) -> String {
    let wanted = match expect {
        Expect::Value => "a value",
        Expect::Item => "a value or `]`",
        Expect::Key => "a key in quotes or `}`",
        Expect::Colon => "`:`",
        Expect::Comma => "`,` or the end of the list or mapping",
    };
    let found = match found {
        Token::String(_) => "a string".to_owned(),
        Token::Number(_) => "a number".to_owned(),
        Token::Word(_) => "a bare word".to_owned(),
        other => format!("`{}`", other.as_str()),
    };
    format!("expected {wanted}, found {found}")
}

fn unexpected(at: usize, message: &str) -> Failure {
    Failure {
        at,
        message: message.to_owned(),
    }
}

/// The scanner's own text would quote the file, which may hold a secret; its kind does not.
fn failure_of(error: &ParseError, shift: usize) -> Failure {
    let mut message = error.kind().to_string();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    Failure {
        at: error.range().start + shift,
        message,
    }
}
