//! Suites: what the author of a definition expects it to say about resources and objects.
//!
//! ```yaml
//! definition: no-kubenet.json
//! parameters: {effect: Deny}
//! tests:
//!   - name: kubenet is refused
//!     given:
//!       type: Microsoft.ContainerService/managedClusters
//!       name: aks-1
//!       properties: {networkProfile: {networkPlugin: kubenet}}
//!     expect: non-compliant
//!     effect: Deny
//! ```
//!
//! A test is an estate of its own, and whole: what isn't given doesn't exist.

mod outcome;
mod read;

use palisade_document::{Diagnostic, Entry, Value};

use crate::effect::Effect;
use crate::parameter::{Arguments, Parameter};
use crate::value;

pub use outcome::{Problem, problems};
pub use read::read;

/// How the names of files of suites end.
pub const FILE_ENDINGS: [&str; 3] = [".policy-test.yaml", ".policy-test.yml", ".policy-test.json"];

/// The tests of a file, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Suite<'d> {
    /// What is asked: the file of a definition or an initiative, or its id or name. The
    /// assignments among what is given where nothing is named.
    pub asked: Option<Value<'d>>,
    /// Files of further definitions, such as the members of an initiative.
    pub definitions: Vec<Value<'d>>,
    /// The values of parameters for every test, unless it gives others.
    pub parameters: Option<Value<'d>>,
    /// The tests, in their order.
    pub tests: Vec<Test<'d>>,
    /// What couldn't be read: each an error, since a test that is left out shows nothing.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a definition is expected to say about an estate.
#[derive(Debug)]
pub struct Test<'d> {
    /// What its author calls it.
    pub name: &'d str,
    /// Where it stands.
    pub at: Value<'d>,
    /// The estate: resources and objects, and the names of files and folders that hold some.
    pub given: Vec<Value<'d>>,
    /// The values of parameters.
    pub parameters: Option<Value<'d>>,
    /// What is expected; at least one.
    pub expected: Vec<Expectation<'d>>,
}

/// An expected answer.
#[derive(Clone, Debug)]
pub struct Expectation<'d> {
    /// Where it stands.
    pub at: Value<'d>,
    /// About which resource or object: its name, its id, for an object `Kind/name` or
    /// `namespace/Kind/name`. About everything that the definition applies to where none is named.
    pub subject: Option<&'d str>,
    /// By which member of an initiative: its reference id, or the name of its definition.
    pub policy: Option<&'d str>,
    /// The state.
    pub state: ExpectedState,
    /// The effect that follows; any where none is named.
    pub effect: Option<Effect>,
}

/// A state that a test may expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedState {
    /// One of the states of compliance, by the [word](crate::State::word) for it.
    State(&'static str),
    /// The definition isn't about it.
    NotApplicable,
}

impl ExpectedState {
    const ALL: [Self; 7] = [
        Self::State("compliant"),
        Self::State("non-compliant"),
        Self::State("exempt"),
        Self::State("protected"),
        Self::State("unknown"),
        Self::State("not-evaluated"),
        Self::NotApplicable,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::State(word) => word,
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl<'d> Suite<'d> {
    /// The values that a test gives to the parameters of what is asked: its own before those of
    /// the suite. What isn't declared or isn't allowed is an error, as Azure refuses such an
    /// assignment.
    pub fn arguments(
        &self,
        test: &Test<'d>,
        declared: &[Parameter<'_>],
    ) -> Result<Arguments, Vec<Diagnostic>> {
        let mut arguments = Arguments::default();
        let mut diagnostics = Vec::new();
        for given in [self.parameters, test.parameters].into_iter().flatten() {
            for entry in given.entries() {
                diagnostics.extend(refusal(entry, declared));
            }
            if let Ok(own) = Arguments::given(given) {
                arguments.0.extend(own.0);
            }
        }
        match diagnostics.is_empty() {
            true => Ok(arguments),
            false => Err(diagnostics),
        }
    }
}

/// What is wrong with a value that is given to a parameter.
fn refusal(given: Entry<'_>, declared: &[Parameter<'_>]) -> Option<Diagnostic> {
    let refuse = |at: Value<'_>, message: String| {
        Diagnostic::error(at.document().text().path(), Some(at.position()), message)
    };
    let mut own = declared.iter();
    let Some(parameter) = own.find(|own| own.name.eq_ignore_ascii_case(given.name())) else {
        let names: Vec<_> = declared.iter().map(|own| own.name).collect();
        let help = match names.is_empty() {
            true => "it has no parameters".to_owned(),
            false => format!("there is {}", names.join(", ")),
        };
        let message = format!("there is no parameter `{}`", given.name());
        return Some(refuse(given.key, message).with_help(help));
    };
    let at = given.value.get_ignore_case("value").unwrap_or(given.value);
    match value::verbatim(at) {
        Ok(value) => Some(refuse(at, parameter.refuses(&value)?)),
        Err(at) => Some(refuse(at, value::unknown_of(at).0)),
    }
}

/// A value of a file by itself: the text in which everything else is blank, so that what is read
/// of it keeps its places.
pub fn alone(value: Value<'_>) -> String {
    let content = value.document().text().content();
    let own = value.span().range();
    let shown = content.char_indices().map(|(at, c)| match c {
        '\n' | '\r' => c,
        c if own.contains(&at) => c,
        _ => ' ',
    });
    shown.collect()
}
