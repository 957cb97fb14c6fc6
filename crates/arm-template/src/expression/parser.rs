//! Text to an expression, by recursive descent with a bound on the depth.

use super::{Expression, ExpressionKind, Name, SyntaxError};

/// The deepest tree that is built. Real expressions stay below 30.
const DEEPEST: u16 = 96;

/// Parses the content of a string that [`super::is_expression`], brackets included.
///
/// # Errors
/// When the text between the brackets is no expression.
pub fn parse(text: &str) -> Result<Expression, SyntaxError> {
    parse_from(text, 0)
}

/// Parses the content of a string from a byte on; spans count from the start of the string.
pub(crate) fn parse_from(text: &str, start: u32) -> Result<Expression, SyntaxError> {
    let mut parser = Parser {
        text,
        at: start as usize,
    };
    parser.expect('[')?;
    let (expression, _) = parser.expression(0)?;
    parser.expect(']')?;
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.unexpected("the end of the expression"));
    }
    Ok(expression)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

type Parsed = Result<(Expression, u16), SyntaxError>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError {
            at: offset(self.at),
            message: message.into(),
        }
    }

    fn unexpected(&self, wanted: &str) -> SyntaxError {
        // The text itself may hold a secret; its kind says enough.
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some('\'') => "a string".to_owned(),
            Some(c) if c.is_ascii_digit() => "a number".to_owned(),
            Some(c) if is_name_start(c) => "a name".to_owned(),
            Some(c) if c.is_ascii_punctuation() => format!("`{c}`"),
            Some(_) => "a character that no expression has".to_owned(),
        };
        self.error(format!("expected {wanted}, found {found}"))
    }

    fn expect(&mut self, wanted: char) -> Result<(), SyntaxError> {
        self.skip_space();
        if self.peek() != Some(wanted) {
            return Err(self.unexpected(&format!("`{wanted}`")));
        }
        self.at += wanted.len_utf8();
        Ok(())
    }

    fn accept(&mut self, wanted: char) -> bool {
        self.skip_space();
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.at += wanted.len_utf8();
        }
        is_there
    }

    /// An expression at `depth`, with the height of its tree.
    fn expression(&mut self, depth: u16) -> Parsed {
        if depth >= DEEPEST {
            return Err(self.error(format!("nested deeper than {DEEPEST} levels")));
        }
        self.skip_space();
        let start = self.at;
        let (mut expression, mut height) = match self.peek() {
            Some('\'') => (self.string()?, 1),
            Some(c) if c.is_ascii_digit() || c == '-' || c == '+' => (self.number()?, 1),
            Some(c) if is_name_start(c) => self.call(depth)?,
            _ => return Err(self.unexpected("a function, a string or a number")),
        };
        loop {
            let (kind, higher) = if self.accept('.') {
                self.skip_space();
                let name = Name::new(self.name()?);
                let base = Box::new(expression);
                (ExpressionKind::Member { base, name }, height + 1)
            } else if self.accept('[') {
                let (index, below) = self.expression(depth + 1)?;
                self.expect(']')?;
                let base = Box::new(expression);
                let index = Box::new(index);
                let kind = ExpressionKind::Index { base, index };
                (kind, height.max(below) + 1)
            } else {
                return Ok((expression, height));
            };
            if higher + depth >= DEEPEST {
                return Err(self.error(format!("nested deeper than {DEEPEST} levels")));
            }
            height = higher;
            expression = self.finish(kind, start);
        }
    }

    fn finish(&self, kind: ExpressionKind, start: usize) -> Expression {
        Expression {
            kind,
            span: offset(start)..offset(self.at),
        }
    }

    fn string(&mut self) -> Result<Expression, SyntaxError> {
        let start = self.at;
        let mut content = String::new();
        loop {
            self.at += 1;
            let Some(length) = self.rest().find('\'') else {
                self.at = start;
                return Err(self.error("a string has no closing quote"));
            };
            content.push_str(&self.rest()[..length]);
            self.at += length + 1;
            if self.peek() != Some('\'') {
                let kind = ExpressionKind::Text(content.into());
                return Ok(self.finish(kind, start));
            }
            content.push('\'');
        }
    }

    /// Digits with a sign, a fraction and an exponent.
    fn number(&mut self) -> Result<Expression, SyntaxError> {
        let start = self.at;
        self.skip_one_of(&['-', '+']);
        let has_digits = self.skip_digits();
        if self.rest().starts_with('.') && self.digit_at(1) {
            self.at += 1;
            self.skip_digits();
        }
        if self.rest().starts_with(['e', 'E']) {
            self.at += 1;
            self.skip_one_of(&['-', '+']);
            self.skip_digits();
        }
        let text = &self.text[start..self.at];
        let is_finite = text.parse::<f64>().is_ok_and(f64::is_finite);
        if !has_digits || !is_finite || self.peek().is_some_and(is_name_part) {
            self.at = start;
            return Err(self.error("this is no number"));
        }
        let plain = text.strip_prefix('+').unwrap_or(text);
        Ok(self.finish(ExpressionKind::Number(plain.into()), start))
    }

    fn digit_at(&self, at: usize) -> bool {
        let byte = self.rest().as_bytes().get(at);
        byte.is_some_and(u8::is_ascii_digit)
    }

    fn skip_digits(&mut self) -> bool {
        let start = self.at;
        while self.digit_at(0) {
            self.at += 1;
        }
        self.at > start
    }

    fn skip_one_of(&mut self, signs: &[char]) {
        if self.rest().starts_with(signs) {
            self.at += 1;
        }
    }

    fn name(&mut self) -> Result<&str, SyntaxError> {
        if !self.peek().is_some_and(is_name_start) {
            return Err(self.unexpected("a name"));
        }
        let start = self.at;
        let length = self.rest().find(|c| !is_name_part(c));
        self.at += length.unwrap_or(self.rest().len());
        Ok(&self.text[start..self.at])
    }

    fn call(&mut self, depth: u16) -> Parsed {
        let start = self.at;
        let mut name = self.name()?.to_owned();
        if self.accept('.') {
            self.skip_space();
            name.push('.');
            name.push_str(self.name()?);
        }
        let end_of_name = self.at;
        if !self.accept('(') {
            self.at = end_of_name;
            return Err(self.error(
                "expected `(` after a name: a text stands in single quotes, everything else is a function",
            ));
        }
        let mut arguments = Vec::new();
        let mut height = 0;
        if !self.accept(')') {
            loop {
                let (argument, below) = self.expression(depth + 1)?;
                arguments.push(argument);
                height = height.max(below);
                if !self.accept(',') {
                    break;
                }
            }
            self.expect(')')?;
        }
        let name = Name::new(&name);
        let kind = ExpressionKind::Call { name, arguments };
        Ok((self.finish(kind, start), height + 1))
    }
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '$')
}

fn is_name_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$')
}

/// A string of a document is shorter than four gigabytes.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
