//! The configuration language as one tree, whether it was written as HCL or as JSON.

use std::sync::Arc;

use palisade_document::Place;

/// An expression with its place.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    pub(crate) kind: Kind,
    pub(crate) place: Option<Place>,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Arc<str>),
    Text(Arc<str>),
    List(Vec<Expression>),
    Object(Vec<(Expression, Expression)>),
    Template(Vec<Expression>),
    /// A name that starts a reference.
    Name(String),
    Traversal(Box<Expression>, Vec<Step>),
    Call {
        name: String,
        arguments: Vec<Expression>,
        /// Whether the last argument is a list of arguments (`...`).
        is_spread: bool,
    },
    Conditional(Box<[Expression; 3]>),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    Binary(Operator, Box<[Expression; 2]>),
    For(Box<For>),
    /// A construct that isn't evaluated: what it is.
    Other(&'static str),
}

/// A step of a reference.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Member(String),
    Index(Expression),
    Splat,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
}

/// `[for key, value in collection : result if condition]`.
#[derive(Clone, Debug)]
pub(crate) struct For {
    pub(crate) key_name: Option<String>,
    pub(crate) value_name: String,
    pub(crate) collection: Expression,
    /// The key of the result, which then is an object.
    pub(crate) key: Option<Expression>,
    pub(crate) value: Expression,
    pub(crate) is_grouping: bool,
    pub(crate) condition: Option<Expression>,
}

/// A block: `resource "azurerm_subnet" "nodes" { … }`. A file is a block without a name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub(crate) name: String,
    pub(crate) labels: Vec<String>,
    pub(crate) attributes: Vec<(String, Expression)>,
    pub(crate) blocks: Vec<Self>,
    pub(crate) place: Option<Place>,
}

impl Block {
    /// The expression of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&Expression> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|(own, _)| own == name)
            .map(|(_, expression)| expression)
    }

    /// The blocks of a name.
    pub(crate) fn blocks<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b Self> {
        self.blocks.iter().filter(move |block| block.name == name)
    }
}
