//! A report beside a baseline.

use palisade_project::{Compared, Gone};

use crate::plain_text::one_line;
use crate::{BaselineSummary, GoneFinding, Report};

impl Report {
    /// The report with what became of the findings of a baseline.
    #[must_use]
    pub fn beside_baseline(mut self, compared: &Compared) -> Self {
        let new = |result: &str| {
            let findings = self.findings.iter();
            findings
                .filter(|finding| finding.status() == result)
                .count()
        };
        self.baseline = Some(BaselineSummary {
            path: compared.path.clone(),
            known: compared.known,
            new: new("fail"),
            gone: compared.gone.iter().map(gone).collect(),
        });
        self
    }
}

fn gone(gone: &Gone) -> GoneFinding {
    GoneFinding {
        control: gone.entry.control.clone(),
        subject: gone.entry.subject.clone(),
        message: one_line(&gone.entry.message).into_owned(),
        fingerprint: gone.entry.fingerprint.clone(),
        became: gone.why.as_str().to_owned(),
    }
}
