//! A control's answers.

use palisade_document::{Value, witness};
use palisade_estate::{Coverage, Estate, Unknown, View};

use crate::{Confidence, Control, Mark, Place, Severity, Subject, Suppression};

/// The answer of a control about one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It falls short.
    Fail,
    /// The input doesn't tell.
    Unknown,
    /// It is as it should be.
    Pass,
    /// The question doesn't arise.
    NotApplicable,
}

impl Outcome {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// A control's answer about one subject.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The control.
    pub control: &'static Control,
    /// The answer.
    pub outcome: Outcome,
    /// How bad it is.
    pub severity: Severity,
    /// How bad failures of the control are in this project: its weight in scores.
    pub weight: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What it is about.
    pub subject: Subject,
    /// The answer in words: lower case, no final stop, with the value that decided.
    pub message: String,
    /// What to add to the input, when the answer is unknown.
    pub supply: Option<String>,
    /// One command or edit that mends it.
    pub help: Option<String>,
    /// Where it shows.
    pub primary: Option<Mark>,
    /// What else belongs to it, in this or other files.
    pub related: Vec<Mark>,
    /// Why it doesn't count, if somebody has accepted it; only of failures and unknowns.
    pub suppression: Option<Suppression>,
}

impl Finding {
    /// Whether it is a failure that nobody has accepted.
    pub fn is_failure(&self) -> bool {
        self.outcome == Outcome::Fail && self.suppression.is_none()
    }

    /// Whether it is unknown and nobody has accepted that.
    pub fn is_unknown(&self) -> bool {
        self.outcome == Outcome::Unknown && self.suppression.is_none()
    }

    /// Points at the value that decided.
    pub fn at(&mut self, value: Value<'_>, label: impl Into<String>) -> &mut Self {
        self.primary = Some(Mark {
            place: value.into(),
            label: label.into(),
        });
        self
    }

    /// Points at something else that belongs to it.
    pub fn related(&mut self, value: Value<'_>, label: impl Into<String>) -> &mut Self {
        self.related.push(Mark {
            place: value.into(),
            label: label.into(),
        });
        self
    }

    /// Names one command or edit that mends it.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Rates this answer otherwise than the control does.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// A failure that shows at a value which can't be known before deployment is a guess, so
    /// that it is unknown instead.
    pub(crate) fn doubt_unknown_place(&mut self, estate: &Estate) {
        let origin = match self.primary.as_ref().map(|mark| &mark.place) {
            Some(&Place::Value(origin)) => Some(origin),
            _ => None,
        };
        let is_its_name = origin == self.subject.origin;
        let place = origin.map(|origin| estate.value(origin));
        if self.outcome == Outcome::Fail
            && !is_its_name
            && let Some(unknown) = place.and_then(Unknown::of)
        {
            self.outcome = Outcome::Unknown;
            self.message = unknown.cause;
            self.supply = Some(unknown.supply);
        }
    }

    /// Says how sure this answer is.
    pub fn confidence(&mut self, confidence: Confidence) -> &mut Self {
        self.confidence = confidence;
        self
    }
}

/// Where a control puts its answers.
pub struct Findings {
    control: &'static Control,
    severity: Severity,
    list: Vec<Finding>,
}

impl Findings {
    /// No answers yet of a control whose failures are of this severity.
    pub fn of(control: &'static Control, severity: Severity) -> Self {
        Self {
            control,
            severity,
            list: Vec::new(),
        }
    }

    /// The answers.
    pub fn into_list(self) -> Vec<Finding> {
        self.list
    }

    /// Judges each resource of a type. Where the judgement meets something unknown, that is the
    /// answer about the resource.
    pub fn each<'e, V: View<'e>>(
        &mut self,
        resources: impl IntoIterator<Item = V>,
        judge: impl Fn(&V, &mut Self) -> Result<(), Unknown>,
    ) {
        for resource in resources {
            witness::apart(|| {
                if let Err(unknown) = judge(&resource, self) {
                    self.unknown(*resource, unknown);
                }
            });
        }
    }

    /// The subject is as it should be.
    pub fn pass(
        &mut self,
        subject: impl Into<Subject>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.conclude(Outcome::Pass, subject, message.into())
    }

    /// The subject falls short.
    pub fn fail(
        &mut self,
        subject: impl Into<Subject>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.conclude(Outcome::Fail, subject, message.into())
    }

    /// The question doesn't arise for the subject.
    pub fn not_applicable(
        &mut self,
        subject: impl Into<Subject>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.push(Outcome::NotApplicable, subject, message.into())
    }

    /// The input doesn't tell.
    pub fn unknown(&mut self, subject: impl Into<Subject>, unknown: Unknown) -> &mut Finding {
        let finding = self.push(Outcome::Unknown, subject, unknown.cause);
        finding.supply = Some(unknown.supply);
        finding
    }

    /// Something that should exist isn't in the input. Whether that is a failure depends on how
    /// far the input can be trusted to be whole; otherwise it is unknown, and `supply` names
    /// the listing that would tell.
    pub fn missing(
        &mut self,
        subject: impl Into<Subject>,
        coverage: Coverage,
        message: impl Into<String>,
        supply: impl Into<String>,
    ) -> &mut Finding {
        let message = message.into();
        match coverage {
            Coverage::Complete => self.fail(subject, message),
            Coverage::Assumed => {
                let message = format!("{message}, as far as the input shows");
                self.fail(subject, message).confidence(Confidence::Medium)
            }
            Coverage::Unseen => {
                let cause = format!("{message} in the input, which may not be whole");
                self.unknown(subject, Unknown::because(cause, supply))
            }
        }
    }

    /// Passes or fails a subject. If something unknown was [taken for a value](witness) on the way
    /// to this answer, or it can't be known whether the subject will be there, it would be a
    /// guess, so that it is unknown instead.
    fn conclude(
        &mut self,
        outcome: Outcome,
        subject: impl Into<Subject>,
        message: String,
    ) -> &mut Finding {
        let subject: Subject = witness::apart(|| subject.into());
        let met = witness::met().map(|met| Unknown::because(met.cause, met.supply));
        match subject.doubt.clone().or(met) {
            Some(unknown) => self.unknown(subject, unknown),
            None => self.push(outcome, subject, message),
        }
    }

    fn push(
        &mut self,
        outcome: Outcome,
        subject: impl Into<Subject>,
        message: String,
    ) -> &mut Finding {
        // To name a subject is to conclude nothing from its name.
        let subject: Subject = witness::apart(|| subject.into());
        let primary = subject.origin.map(|origin| Mark {
            place: Place::Value(origin),
            label: String::new(),
        });
        let at = self.list.len();
        self.list.push(Finding {
            control: self.control,
            outcome,
            severity: self.severity,
            weight: self.severity,
            confidence: self.control.confidence,
            subject,
            message,
            supply: None,
            help: None,
            primary,
            related: Vec::new(),
            suppression: None,
        });
        &mut self.list[at]
    }
}
