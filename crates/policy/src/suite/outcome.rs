//! What of a test's expectations doesn't come true.

use palisade_document::Value;
use palisade_estate::{Object, ResourceId};

use super::{Expectation, ExpectedState, Test};
use crate::compliance::{Review, Row, State, Target};
use crate::effect::Effect;
use crate::evaluation::NotEvaluated;

/// An expectation that doesn't come true.
#[derive(Clone, Debug)]
pub struct Problem<'d> {
    /// The expectation.
    pub at: Value<'d>,
    /// What it is about.
    pub subject: Option<String>,
    /// What was expected and what came: lower case, no final stop.
    pub message: String,
    /// The row of the review that shows why.
    pub row: Option<usize>,
    /// The definition and the target that show why, by their places in the review, where there
    /// is no row.
    pub asked: Option<(usize, usize)>,
}

/// The expectations of a test that a review of its estate doesn't fulfil. `stand_in` is a cluster
/// that only holds what is given.
pub fn problems<'d>(
    review: &Review<'_>,
    test: &Test<'d>,
    stand_in: Option<&ResourceId>,
) -> Vec<Problem<'d>> {
    let answers = Answers { review, stand_in };
    let each = test.expected.iter();
    each.flat_map(|expectation| answers.problems(expectation))
        .collect()
}

struct Answers<'r, 'e> {
    review: &'r Review<'e>,
    stand_in: Option<&'r ResourceId>,
}

/// A resource or an object.
#[derive(Clone, Copy)]
enum Subject<'r, 'e> {
    Resource(usize, &'r Target<'e>),
    Object(Object<'e>),
}

/// What was said about a subject.
struct Said {
    state: ExpectedState,
    effect: Option<Effect>,
    cause: Option<String>,
    row: Option<usize>,
}

/// States from that which counts most: what is broken, then what isn't known (Microsoft Learn,
/// "Azure Policy compliance states", 2025, but for unknown answers, which Azure puts last and a
/// test mustn't pass over).
const WORST_FIRST: [&str; 6] = [
    "non-compliant",
    "not-evaluated",
    "unknown",
    "compliant",
    "protected",
    "exempt",
];

impl<'r, 'e> Answers<'r, 'e> {
    fn problems<'d>(&self, expectation: &Expectation<'d>) -> Vec<Problem<'d>> {
        if let Some(policy) = expectation.policy
            && !(0..self.review.planned.len()).any(|at| self.is_policy(at, policy))
        {
            let message = format!("no definition that is asked is called `{policy}`");
            return vec![problem(expectation, None, message)];
        }
        let subjects: Vec<_> = self.subjects().collect();
        let Some(name) = expectation.subject else {
            return self.about_all(expectation, &subjects);
        };
        let named: Vec<_> = subjects
            .iter()
            .filter(|subject| subject.is_called(name))
            .collect();
        match named.as_slice() {
            [one] => {
                let said = self.said(**one, expectation.policy);
                self.differs(expectation, **one, &said)
                    .into_iter()
                    .collect()
            }
            [] => {
                let names: Vec<_> = subjects.iter().map(Subject::name).collect();
                let message = format!(
                    "nothing that is given is called `{name}`; there is {}",
                    names.join(", ")
                );
                vec![problem(expectation, None, message)]
            }
            several => {
                let names: Vec<_> = several.iter().map(|one| one.whole_name()).collect();
                let message = format!("`{name}` may be each of {}", names.join(", "));
                vec![problem(expectation, None, message)]
            }
        }
    }

    /// An expectation of everything that the definition is about.
    fn about_all<'d>(
        &self,
        expectation: &Expectation<'d>,
        subjects: &[Subject<'r, 'e>],
    ) -> Vec<Problem<'d>> {
        let said: Vec<_> = subjects
            .iter()
            .filter(|subject| !self.is_holder(**subject))
            .map(|subject| (*subject, self.said(*subject, expectation.policy)))
            .collect();
        let mut concerned = said
            .iter()
            .filter(|(_, said)| said.state != ExpectedState::NotApplicable)
            .peekable();
        if concerned.peek().is_none() && expectation.state != ExpectedState::NotApplicable {
            let message = format!(
                "expected {}, but the definition is about nothing that is given",
                expectation.state.word()
            );
            let target = subjects.iter().find_map(|subject| match subject {
                Subject::Resource(at, _) => Some(*at),
                Subject::Object(_) => None,
            });
            let planned =
                (0..self.review.planned.len()).find(|at| self.is_asked(*at, expectation.policy));
            return vec![Problem {
                asked: planned.zip(target),
                ..problem(expectation, None, message)
            }];
        }
        concerned
            .filter_map(|(subject, said)| self.differs(expectation, *subject, said))
            .collect()
    }

    /// Whether a subject is a cluster that is asked only by its objects.
    fn is_holder(&self, subject: Subject<'r, 'e>) -> bool {
        let Subject::Resource(at, _) = subject else {
            return false;
        };
        let mut rows = self.review.rows.iter();
        rows.any(|row| row.target == at && row.object.is_some())
    }

    fn differs<'d>(
        &self,
        expectation: &Expectation<'d>,
        subject: Subject<'r, 'e>,
        said: &Said,
    ) -> Option<Problem<'d>> {
        let fits = expectation
            .effect
            .is_none_or(|effect| said.effect == Some(effect));
        if said.state == expectation.state && fits {
            return None;
        }
        let words = |state: ExpectedState, effect: Option<Effect>| match effect {
            Some(effect) => format!("{} ({effect})", state.word()),
            None => state.word().to_owned(),
        };
        let mut message = format!(
            "expected {}, was {}",
            words(expectation.state, expectation.effect),
            words(said.state, said.effect)
        );
        if let Some(cause) = &said.cause {
            message.push_str(&format!(": {cause}"));
        }
        let planned =
            (0..self.review.planned.len()).find(|at| self.is_asked(*at, expectation.policy));
        let target = match subject {
            Subject::Resource(at, _) => Some(at),
            Subject::Object(_) => None,
        };
        Some(Problem {
            row: said.row,
            asked: planned.zip(target),
            ..problem(expectation, Some(subject.name()), message)
        })
    }

    fn subjects(&self) -> impl Iterator<Item = Subject<'r, 'e>> {
        let targets = self.review.targets.iter().enumerate();
        let resources = targets.filter(|(_, target)| {
            let is_stand_in = self
                .stand_in
                .is_some_and(|own| own.key() == target.id.key());
            target.resource.is_some() && !is_stand_in
        });
        let objects = self.review.estate().objects().map(Subject::Object);
        resources
            .map(|(at, target)| Subject::Resource(at, target))
            .chain(objects)
    }

    /// What is said about a subject: the worst of what the definitions that are asked say.
    fn said(&self, subject: Subject<'r, 'e>, policy: Option<&str>) -> Said {
        let rows = self.review.rows.iter().enumerate();
        let rows = rows
            .filter(|(_, row)| self.is_asked(row.planned, policy) && self.is_about(row, subject));
        let of_rows = rows.map(|(at, row)| Said::of(at, row));
        let planned = (0..self.review.planned.len()).filter(|at| self.is_asked(*at, policy));
        let refused = planned.filter_map(|at| {
            let rule = &self.review.rulebook.rules()[self.review.planned[at].rule];
            let why = match rule {
                Err(NotEvaluated(why)) => why.clone(),
                Ok(compiled) if !compiled.is_evaluated() => {
                    "definitions of its mode aren't evaluated".to_owned()
                }
                Ok(_) => return None,
            };
            Some(Said {
                state: ExpectedState::State("not-evaluated"),
                effect: None,
                cause: Some(why),
                row: None,
            })
        });
        let rank = |said: &Said| {
            let mut words = WORST_FIRST.iter();
            words.position(|word| *word == said.state.word())
        };
        let worst = of_rows.chain(refused).min_by_key(rank);
        worst.unwrap_or(Said {
            state: ExpectedState::NotApplicable,
            effect: None,
            cause: None,
            row: None,
        })
    }

    /// Whether a row says something about a subject. What is said about a whole cluster by a
    /// definition about objects is said about each of them.
    fn is_about(&self, row: &Row<'e>, subject: Subject<'r, 'e>) -> bool {
        match subject {
            Subject::Resource(at, _) => row.target == at,
            Subject::Object(object) => match &row.object {
                Some(judgement) => judgement.object.body().origin() == object.body().origin(),
                None => {
                    let rule = &self.review.rulebook.rules()[self.review.planned[row.planned].rule];
                    let is_about_objects = rule
                        .as_ref()
                        .is_ok_and(|compiled| !compiled.is_about_resources());
                    let cluster = object.cluster();
                    is_about_objects && cluster.id() == Some(&self.review.targets[row.target].id)
                }
            },
        }
    }

    fn is_asked(&self, planned: usize, policy: Option<&str>) -> bool {
        policy.is_none_or(|policy| self.is_policy(planned, policy))
    }

    fn is_policy(&self, planned: usize, name: &str) -> bool {
        let planned = &self.review.planned[planned];
        let reference = planned.reference.as_deref();
        let rule = self.review.rulebook.rules()[planned.rule].as_ref();
        let own = rule.ok().map(|compiled| compiled.definition.name.as_str());
        let title = Some(self.review.titles[planned.rule].as_str());
        let mut names = [reference, own, title].into_iter().flatten();
        names.any(|own| own.eq_ignore_ascii_case(name))
    }
}

impl Subject<'_, '_> {
    fn is_called(&self, name: &str) -> bool {
        let same = |own: &str| own.eq_ignore_ascii_case(name);
        match self {
            Self::Resource(_, target) => {
                let full_name = target.body.full_name.as_deref();
                same(target.id.name()) || same(target.id.as_str()) || full_name.is_some_and(same)
            }
            Self::Object(object) => {
                same(&object.name()) || same(&object.display_name()) || same(&self.whole_name())
            }
        }
    }

    /// The name in print.
    fn name(&self) -> String {
        match self {
            Self::Resource(_, target) => {
                let full_name = target.body.full_name.clone();
                full_name.unwrap_or_else(|| target.id.name().to_owned())
            }
            Self::Object(_) => self.whole_name(),
        }
    }

    fn whole_name(&self) -> String {
        match self {
            Self::Resource(_, target) => target.id.to_string(),
            Self::Object(object) => match object.namespace() {
                Some(namespace) => format!("{namespace}/{}", object.display_name()),
                None => object.display_name(),
            },
        }
    }
}

impl Said {
    fn of(at: usize, row: &Row<'_>) -> Self {
        let (effect, cause) = match &row.state {
            State::NonCompliant(fired) | State::Exempt(fired) => (Some(fired.effect), None),
            State::Unknown(unknown) => (None, Some(unknown.cause.clone())),
            State::NotEvaluated(why) => (None, Some(why.clone())),
            State::Compliant | State::Protected => (None, None),
        };
        Self {
            state: ExpectedState::State(row.state.word()),
            effect,
            cause,
            row: Some(at),
        }
    }
}

fn problem<'d>(
    expectation: &Expectation<'d>,
    subject: Option<String>,
    message: String,
) -> Problem<'d> {
    Problem {
        at: expectation.at,
        subject,
        message,
        row: None,
        asked: None,
    }
}
