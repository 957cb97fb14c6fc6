//! Why a condition holds or doesn't: its tree with the truth of every part, what each comparison
//! saw, and where that stands.
//!
//! Each comparison is asked of the evaluator by itself and the tree joins the answers, so that
//! there is one evaluator and no second reading of the language. If the joined answer weren't
//! that of the whole condition, nothing would be shown.

use palisade_document::Value;
use palisade_estate::Unknown;

use crate::condition::{Condition, Leaf, Subject};
use crate::evaluation::{Asker, NotEvaluated, Question, Truth};
use crate::expression;
use crate::facts::Body;
use crate::parameter::Arguments;
use crate::program::Input;
use crate::rulebook::Compiled;

/// A part of a condition.
#[derive(Clone, Debug)]
pub struct Explained<'d> {
    /// Where it stands in the definition.
    pub place: Value<'d>,
    /// What it says: `allOf`, or a comparison such as `field type equals …`.
    pub label: String,
    /// Whether it holds.
    pub outcome: Outcome,
    /// What a comparison saw in the resource: nothing where the setting is absent.
    pub seen: Vec<Value<'d>>,
    /// Its own parts.
    pub parts: Vec<Self>,
}

/// Whether a part of a condition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It does.
    Holds,
    /// It doesn't.
    Fails,
    /// The input doesn't tell.
    Unknown(Unknown),
}

impl<'d> Asker<'_, 'd> {
    /// The condition of a definition, explained for a resource; nothing if the parts don't add
    /// up to the whole.
    pub fn explain(
        &mut self,
        compiled: &Compiled<'d>,
        body: &Body<'d>,
        question: &Question<'_>,
    ) -> Result<Option<Explained<'d>>, NotEvaluated> {
        let parameters = question.arguments.datum();
        let input = Input {
            resource: &question.facts.resource,
            parameters: &parameters,
            context: question.context,
        };
        let condition = &compiled.definition.rule.condition;
        let whole = self.condition(compiled, question.facts, &input)?;
        let explained = self.part(condition, body, question, &input)?;
        let agrees = matches!(
            (&whole, &explained.outcome),
            (Truth::True, Outcome::Holds)
                | (Truth::False, Outcome::Fails)
                | (Truth::Unknown(_), Outcome::Unknown(_))
        );
        Ok(agrees.then_some(explained))
    }

    fn part(
        &mut self,
        condition: &Condition<'d>,
        body: &Body<'d>,
        question: &Question<'_>,
        input: &Input<'_>,
    ) -> Result<Explained<'d>, NotEvaluated> {
        let (label, inner) = match condition {
            Condition::AllOf(_, inner) => ("allOf", inner.iter().collect::<Vec<_>>()),
            Condition::AnyOf(_, inner) => ("anyOf", inner.iter().collect()),
            Condition::Not(_, inner) => ("not", vec![&**inner]),
            Condition::Leaf(leaf) => {
                return self.comparison(condition, leaf, body, question, input);
            }
        };
        let parts = inner.into_iter();
        let parts: Vec<_> = parts
            .map(|part| self.part(part, body, question, input))
            .collect::<Result<_, _>>()?;
        Ok(Explained {
            place: condition.place(),
            label: label.to_owned(),
            outcome: joined(condition, &parts),
            seen: Vec::new(),
            parts,
        })
    }

    fn comparison(
        &mut self,
        condition: &Condition<'d>,
        leaf: &Leaf<'d>,
        body: &Body<'d>,
        question: &Question<'_>,
        input: &Input<'_>,
    ) -> Result<Explained<'d>, NotEvaluated> {
        let truth = self.known_truth(condition, leaf, question.facts, input)?;
        Ok(Explained {
            place: leaf.operator,
            label: label(leaf, question.arguments),
            outcome: match truth {
                Truth::True => Outcome::Holds,
                Truth::False => Outcome::Fails,
                Truth::Unknown(unknown) => Outcome::Unknown(unknown),
            },
            seen: field_of(leaf).map_or(Vec::new(), |field| self.seen(field, body)),
            parts: Vec::new(),
        })
    }
}

/// The truth of a condition out of that of its parts.
fn joined(condition: &Condition<'_>, parts: &[Explained<'_>]) -> Outcome {
    let decisive = match condition {
        Condition::AllOf(..) => Outcome::Fails,
        Condition::AnyOf(..) => Outcome::Holds,
        _ => {
            return match parts.first().map(|part| &part.outcome) {
                Some(Outcome::Holds) => Outcome::Fails,
                Some(Outcome::Fails) | None => Outcome::Holds,
                Some(unknown) => unknown.clone(),
            };
        }
    };
    if parts.iter().any(|part| part.outcome == decisive) {
        return decisive;
    }
    let unknown = parts
        .iter()
        .find(|part| matches!(part.outcome, Outcome::Unknown(_)));
    match (unknown, decisive) {
        (Some(part), _) => part.outcome.clone(),
        (None, Outcome::Fails) => Outcome::Holds,
        (None, _) => Outcome::Fails,
    }
}

/// The field that a comparison reads, if its name stands there.
fn field_of<'d>(leaf: &Leaf<'d>) -> Option<&'d str> {
    let field = match &leaf.subject {
        Subject::Field(field) => field.scalar(),
        Subject::Count(count) if count.is_field => count.of.scalar(),
        _ => return None,
    };
    expression::of(field).is_none().then_some(field)
}

/// A comparison in a line, with the value of the parameter that it names.
fn label(leaf: &Leaf<'_>, arguments: &Arguments) -> String {
    let subject = match &leaf.subject {
        Subject::Field(field) => field.scalar().to_owned(),
        Subject::Value(value) => short(*value),
        Subject::Count(count) if count.is_field => format!("count of {}", count.of.scalar()),
        Subject::Count(count) => format!("count of {}", short(count.of)),
    };
    let parameter = expression::sole_parameter(leaf.expected.scalar());
    let given = parameter.and_then(|name| arguments.0.get(&name));
    let given = given.and_then(|given| given.to_json_str().ok());
    let given = given.map(|given| format!(" = {}", cut(given)));
    format!(
        "{subject} {} {}{}",
        leaf.operator.scalar(),
        short(leaf.expected),
        given.unwrap_or_default()
    )
}

/// The longest text that a line shows of a value.
const LONGEST: usize = 60;

fn short(value: Value<'_>) -> String {
    let text = match value.kind() {
        palisade_document::Kind::Array | palisade_document::Kind::Object => format!("{value:?}"),
        palisade_document::Kind::Null => "null".to_owned(),
        _ => value.scalar().to_owned(),
    };
    cut(text)
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
