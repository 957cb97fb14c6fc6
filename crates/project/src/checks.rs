//! The checks of the project's own waivers. Their answers are findings at the line of the waiver,
//! and part of no score.

use palisade_controls::{
    Confidence, Context, Control, Findings, Mark, Place, Recommendation, Settings, Severity,
    Subject, SubjectKind, SuppressionKind,
};

use palisade_estate::Unknown;

use crate::Waiver;
use crate::comment::Malformed;
use crate::waiver::Served;

const fn check(
    code: &'static str,
    name: &'static str,
    title: &'static str,
    page: &'static str,
) -> Control {
    Control {
        code,
        name,
        title,
        recommendation: Recommendation::Project,
        severity: Severity::Low,
        confidence: Confidence::High,
        equivalents: &[],
        parameters: &[],
        page,
        check: not_of_the_estate,
    }
}

/// What is asked is about the project, not the estate: [`crate::settle`] answers it.
fn not_of_the_estate(_: &Context<'_>, _: &mut Findings) {}

pub(crate) static UNUSED: Control = check(
    "PJ001",
    "unused-waiver",
    "every waiver waives something",
    include_str!("checks/unused_waiver.md"),
);

pub(crate) static EXPIRED: Control = check(
    "PJ002",
    "expired-waiver",
    "no waiver has expired",
    include_str!("checks/expired_waiver.md"),
);

pub(crate) static WITHOUT_REASON: Control = check(
    "PJ003",
    "waiver-without-reason",
    "every waiver says why",
    include_str!("checks/waiver_without_reason.md"),
);

pub(crate) static MALFORMED: Control = check(
    "PJ004",
    "malformed-waiver",
    "every waiver can be read",
    include_str!("checks/malformed_waiver.md"),
);

/// The checks, in order.
pub fn checks() -> impl Iterator<Item = &'static Control> + Clone {
    [&UNUSED, &EXPIRED, &WITHOUT_REASON, &MALFORMED].into_iter()
}

/// Answers one of the checks about waivers.
pub(crate) struct Answers {
    findings: Findings,
}

impl Answers {
    pub(crate) fn of(check: &'static Control, settings: &Settings) -> Self {
        Self {
            findings: Findings::of(check, settings.severity(check)),
        }
    }

    pub(crate) fn into_findings(self) -> Findings {
        self.findings
    }

    pub(crate) fn expired(&mut self, waiver: &Waiver) {
        if let Some(day) = waiver.accepted.expires {
            self.fail(waiver, format!("the waiver expired on {day}"));
        }
    }

    pub(crate) fn without_reason(&mut self, waiver: &Waiver) {
        self.fail(
            waiver,
            "the waiver gives no reason, so it waives nothing".to_owned(),
        );
    }

    /// A control that a waiver names for nothing. What a file is about is in the file, so a
    /// comment or an annotation is never about something outside the input.
    pub(crate) fn unused(&mut self, waiver: &Waiver, name: &str, served: Served) {
        let is_in_input = waiver.kind != SuppressionKind::Configuration;
        if served == Served::Needless || is_in_input {
            self.fail(waiver, format!("no failure of {name} to waive"));
            return;
        }
        let cause = format!("no answer of {name} is about {}", waiver.about);
        let supply = "the rest of what the project's waivers are about";
        let subject = subject(waiver);
        self.findings
            .unknown(subject, Unknown::because(cause, supply))
            .primary = Some(mark(&waiver.place));
    }

    pub(crate) fn malformed(&mut self, malformed: &Malformed) {
        let subject = about(&malformed.written, "malformed", "waiver");
        self.findings
            .fail(subject, malformed.message.clone())
            .primary = Some(mark(&malformed.place));
    }

    fn fail(&mut self, waiver: &Waiver, message: String) {
        let finding = self.findings.fail(subject(waiver), message);
        finding.primary = Some(mark(&waiver.place));
    }
}

fn mark(place: &Place) -> Mark {
    Mark {
        place: place.clone(),
        label: String::new(),
    }
}

fn subject(waiver: &Waiver) -> Subject {
    let names: Vec<_> = waiver
        .selectors
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let name = format!("waiver of {}", names.join(", "));
    about(
        &format!("{name}: {}", waiver.about),
        waiver.kind.as_str(),
        &name,
    )
}

fn about(id: &str, subject_type: &str, name: &str) -> Subject {
    Subject {
        kind: SubjectKind::Waiver,
        id: id.to_owned(),
        subject_type: subject_type.to_owned(),
        name: name.to_owned(),
        origin: None,
        clusters: Vec::new(),
        doubt: None,
        namespace: None,
    }
}
