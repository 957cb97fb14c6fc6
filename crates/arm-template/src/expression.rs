//! Expressions: what stands between `[` and `]` in a string of a template.
//!
//! The grammar is that of Microsoft Learn, "Syntax and expressions in ARM templates" (2025): a
//! function call, a string in single quotes or a whole number, followed by members `.name` and
//! indexes `[…]`. There are no operators and no bare names.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

mod parser;

pub use parser::parse;
pub(crate) use parser::parse_from;

/// An expression and where it stands in the string that holds it.
#[derive(Clone, Debug)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// The bytes of the string's content that it takes, counted from the opening `[`.
    pub span: Range<u32>,
}

/// The forms of an expression.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// `'text'`, where a quote is written twice.
    Text(Arc<str>),
    /// A number, as it is written.
    Number(Arc<str>),
    /// `name(arguments)`, or `namespace.name(arguments)` for a function of the template's author.
    Call {
        /// The name, with its namespace if it has one.
        name: Name,
        /// The arguments.
        arguments: Vec<Expression>,
    },
    /// `base.name`.
    Member {
        /// What has the member.
        base: Box<Expression>,
        /// The member.
        name: Name,
    },
    /// `base[index]`.
    Index {
        /// What is indexed.
        base: Box<Expression>,
        /// A number for a list, a string for an object.
        index: Box<Expression>,
    },
}

/// A name, compared without regard to letter case.
#[derive(Clone, Debug)]
pub struct Name {
    text: Arc<str>,
    key: Arc<str>,
}

impl Name {
    /// A name as it is written.
    pub fn new(text: &str) -> Self {
        let written: Arc<str> = text.into();
        let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let key = if is_lower {
            Arc::clone(&written)
        } else {
            text.to_ascii_lowercase().into()
        };
        Self { text: written, key }
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name in lower case.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Why a string is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where in the string's content.
    pub at: u32,
    /// What was wrong: lower case, no final stop.
    pub message: String,
}

/// Whether a string is to be evaluated: it starts with one `[` and ends with `]`.
pub fn is_expression(text: &str) -> bool {
    text.len() >= 2 && text.starts_with('[') && text.ends_with(']') && !text.starts_with("[[")
}

/// The content of a string that is not evaluated: a leading `[[` stands for `[`.
pub fn unescaped(text: &str) -> &str {
    if text.starts_with("[[") {
        &text[1..]
    } else {
        text
    }
}

/// Expressions are equal when they say the same, wherever they stand.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        use ExpressionKind::{Call, Index, Member, Number, Text};
        match (&self.kind, &other.kind) {
            (Text(a), Text(b)) | (Number(a), Number(b)) => a == b,
            (
                Call { name, arguments },
                Call {
                    name: other,
                    arguments: others,
                },
            ) => name.text == other.text && arguments == others,
            (
                Member { base, name },
                Member {
                    base: base2,
                    name: other,
                },
            ) => name.text == other.text && base == base2,
            (
                Index { base, index },
                Index {
                    base: base2,
                    index: index2,
                },
            ) => base == base2 && index == index2,
            _ => false,
        }
    }
}

impl Eq for Expression {}

/// Prints the expression without the brackets around it; parsing it again gives the same.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExpressionKind::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
            ExpressionKind::Number(number) => f.write_str(number),
            ExpressionKind::Call { name, arguments } => {
                write!(f, "{}(", name.as_str())?;
                for (at, argument) in arguments.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    argument.fmt(f)?;
                }
                f.write_str(")")
            }
            ExpressionKind::Member { base, name } => write!(f, "{base}.{}", name.as_str()),
            ExpressionKind::Index { base, index } => write!(f, "{base}[{index}]"),
        }
    }
}
