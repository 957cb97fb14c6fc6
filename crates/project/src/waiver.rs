//! Waivers: what somebody has accepted, however it is written down.

use jiff::civil::Date;
use palisade_controls::{Finding, Outcome, Place, Settings, Suppression, SuppressionKind};
use palisade_document::{DocumentId, Origin, Span};

use crate::{Matcher, Selector, Surroundings};

/// Something accepted: some controls' failures and unknown answers about something.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// How it is written down.
    pub kind: SuppressionKind,
    /// The controls, each with the text that names it.
    pub selectors: Vec<(String, Selector)>,
    /// What it is about.
    pub target: Target,
    /// What it is about, in words: what tells it from other waivers.
    pub about: String,
    /// Why, by whom and until when.
    pub accepted: Accepted,
    /// Where it is written down.
    pub place: Place,
}

/// What a waiver is about.
#[derive(Clone, Debug)]
pub enum Target {
    /// Findings about what a matcher fits.
    Matching(Box<Matcher>),
    /// Findings that show within one of these stretches of a document.
    Within(DocumentId, Vec<Span>),
    /// Findings about the object with this anchor.
    Object(Origin),
}

/// Why, by whom and until when something is accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Why; empty if nobody says.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day it holds.
    pub expires: Option<Date>,
}

impl Accepted {
    /// Reads a reason that may end in `(until YYYY-MM-DD)`, `(owner NAME)` or both, separated by a
    /// comma. Something else in parentheses is part of the reason. A day that is none is an error.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let whole = Self {
            reason: text.to_owned(),
            ..Self::default()
        };
        let Some((reason, inner)) = text
            .strip_suffix(')')
            .and_then(|text| text.rsplit_once('('))
        else {
            return Ok(whole);
        };
        let mut accepted = Self {
            reason: reason.trim_end().to_owned(),
            ..Self::default()
        };
        for clause in inner.split(',').map(str::trim) {
            match clause.split_once(' ') {
                Some(("until", day)) => {
                    let day = day.trim();
                    let read = day.parse().ok().filter(|_| day.len() == 10);
                    let wrong = || format!("`{day}` is no day as YYYY-MM-DD");
                    accepted.expires = Some(read.ok_or_else(wrong)?);
                }
                Some(("owner", name)) => accepted.owner = Some(name.trim().to_owned()),
                _ => return Ok(whole),
            }
        }
        Ok(accepted)
    }

    /// Whether it no longer holds.
    pub(crate) fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}

impl Waiver {
    /// Whether it holds: it has a reason and hasn't expired.
    pub fn holds(&self, today: Date) -> bool {
        !self.accepted.reason.is_empty() && !self.accepted.is_expired(today)
    }

    /// The waiver as the reason that a finding doesn't count.
    pub(crate) fn suppression(&self) -> Suppression {
        Suppression {
            kind: self.kind,
            reason: self.accepted.reason.clone(),
            owner: self.accepted.owner.clone(),
            expires: self.accepted.expires,
            place: Some(self.place.clone()),
        }
    }

    /// Whether it is about what a finding is about, whatever its control.
    fn is_about(&self, finding: &Finding, around: &Surroundings<'_>) -> bool {
        match &self.target {
            Target::Matching(matcher) => matcher.fits(finding, around),
            Target::Object(origin) => finding.subject.origin == Some(*origin),
            Target::Within(document, stretches) => {
                let Some(Place::Value(origin)) = finding.primary.as_ref().map(|mark| &mark.place)
                else {
                    return false;
                };
                let is_within = |(own, span): (DocumentId, Span)| {
                    let mut stretches = stretches.iter();
                    own == *document
                        && stretches.any(|one| (one.start..one.end).contains(&span.start))
                };
                around.places(*origin).any(is_within)
            }
        }
    }
}

/// What became of the selectors of a waiver, the least first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Served {
    /// No answer is about what the waiver is about.
    #[default]
    NeverMet,
    /// There are answers, and none that needs to be waived.
    Needless,
    /// It waived something.
    Waived,
}

/// Waives the failures and unknown answers that waivers are about, those given first taking
/// precedence, and says for every waiver what became of each of its selectors. Waivers that
/// don't hold waive nothing.
pub(crate) fn apply(
    waivers: &[Waiver],
    findings: &mut [Finding],
    around: &Surroundings<'_>,
    settings: &Settings,
    today: Date,
) -> Vec<Vec<Served>> {
    let mut served: Vec<_> = waivers
        .iter()
        .map(|waiver| vec![Served::NeverMet; waiver.selectors.len()])
        .collect();
    for finding in findings {
        let needs_it = matches!(finding.outcome, Outcome::Fail | Outcome::Unknown);
        for (waiver, served) in waivers.iter().zip(&mut served) {
            let selects = |selector: &Selector| selector.selects(finding.control, settings);
            let is_meant = waiver.selectors.iter().any(|(_, one)| selects(one));
            if !is_meant || !waiver.holds(today) || !waiver.is_about(finding, around) {
                continue;
            }
            let became = if needs_it {
                Served::Waived
            } else {
                Served::Needless
            };
            for ((_, selector), served) in waiver.selectors.iter().zip(served) {
                if selects(selector) {
                    *served = became.max(*served);
                }
            }
            if needs_it && finding.suppression.is_none() {
                finding.suppression = Some(waiver.suppression());
            }
        }
    }
    served
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_reason_may_tell_its_end_and_its_owner() {
        let parse = |text: &str| Accepted::parse(text).unwrap();
        let whole = parse("a partner's proxy (until 2027-01-31, owner team-network)");
        assert_eq!(whole.reason, "a partner's proxy");
        assert_eq!(whole.owner.as_deref(), Some("team-network"));
        assert_eq!(whole.expires, Some(date(2027, 1, 31)));
        assert!(!whole.is_expired(date(2027, 1, 31)) && whole.is_expired(date(2027, 2, 1)));
        assert_eq!(parse("as agreed (see wiki)").reason, "as agreed (see wiki)");
        assert_eq!(parse("  ").reason, "");
        assert_eq!(parse("(until 2027-01-31)").reason, "");
        assert!(Accepted::parse("x (until soon)").is_err());
    }
}
