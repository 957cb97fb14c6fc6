//! Why an expression has no value.

use std::ops::Range;

use palisade_document::Derived;

/// A defect of the template that an expression ran into.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// What was wrong: lower case, no final stop, nothing of the values.
    pub(crate) message: String,
    /// The part of the expression that it is about.
    pub(crate) span: Option<Range<u32>>,
    /// What to do about it.
    pub(crate) help: Option<String>,
}

/// What evaluating gives: a value, unknown ones included, or a defect.
pub(crate) type Outcome = Result<Derived, Fault>;

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            span: None,
            help: None,
        }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The fault of a part of an expression, unless a smaller part is known already.
    pub(crate) fn within(mut self, span: &Range<u32>) -> Self {
        self.span.get_or_insert_with(|| span.clone());
        self
    }
}

/// A fault as the result of a function.
pub(crate) fn fault(message: impl Into<String>) -> Outcome {
    Err(Fault::new(message))
}
