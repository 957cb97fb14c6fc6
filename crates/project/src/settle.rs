//! What counts of the answers of an audit, once the project has had its say.

use jiff::civil::Date;
use palisade_controls::{Audit, Control, Finding};
use palisade_estate::Estate;

use crate::checks::{Answers, EXPIRED, MALFORMED, UNUSED, WITHOUT_REASON};
use crate::comment::Malformed;
use crate::waiver::Served;
use crate::{Baseline, Compared, Configuration, Surroundings, Waiver};
use crate::{annotation, comment, exemption, waiver};

/// What a project says about the answers of an audit.
#[derive(Clone, Copy)]
pub struct Settlement<'p> {
    /// Its configuration.
    pub configuration: &'p Configuration,
    /// The checks of its waivers that are asked.
    pub checks: &'p [&'static Control],
    /// Its baseline.
    pub baseline: Option<&'p Baseline>,
    /// The day for which expiries are judged.
    pub today: Date,
}

/// Waives what somebody has accepted, adds what is wrong with the waivers themselves, leaves out
/// what the configuration filters out, and compares the rest with the baseline.
///
/// In this order: a comment goes before an annotation, that before a waiver of the
/// configuration, that before an exemption, and the baseline takes what is left.
pub fn settle(estate: &Estate, audit: &mut Audit, with: Settlement<'_>) -> Option<Compared> {
    let around = Surroundings::of(estate);
    let written = Written::find(estate, with.configuration);
    let settings = audit.settings.clone();
    let served = waiver::apply(
        &written.waivers,
        &mut audit.findings,
        &around,
        &settings,
        with.today,
    );
    if with.configuration.honour_policy_exemptions {
        exemption::apply(estate, &mut audit.findings, with.today);
    }
    let configuration = with.configuration;
    if !configuration.include.is_empty() || !configuration.exclude.is_empty() {
        audit
            .findings
            .retain(|finding| is_reported(finding, configuration, &around));
    }
    let about_waivers = written.judge(audit, &served, with);
    audit.findings.extend(about_waivers);
    audit.controls.extend(with.checks);
    with.baseline
        .map(|baseline| baseline.compare(estate, audit))
}

fn is_reported(
    finding: &Finding,
    configuration: &Configuration,
    around: &Surroundings<'_>,
) -> bool {
    let mut included = configuration.include.iter();
    let mut excluded = configuration.exclude.iter();
    (configuration.include.is_empty() || included.any(|one| one.fits(finding, around)))
        && !excluded.any(|one| one.fits(finding, around))
}

/// What is written down about an estate, wherever it is.
struct Written {
    waivers: Vec<Waiver>,
    malformed: Vec<Malformed>,
}

impl Written {
    fn find(estate: &Estate, configuration: &Configuration) -> Self {
        let of_comments = estate.documents().iter().map(comment::read);
        let (mut waivers, mut malformed) = (Vec::new(), Vec::new());
        for (read, broken) in of_comments.chain([annotation::read(estate)]) {
            waivers.extend(read);
            malformed.extend(broken);
        }
        waivers.extend(configuration.waivers.iter().cloned());
        Self { waivers, malformed }
    }

    /// What is wrong with the waivers, as far as it is about controls that were asked.
    fn judge(&self, audit: &Audit, served: &[Vec<Served>], with: Settlement<'_>) -> Vec<Finding> {
        let settings = &audit.settings;
        let mut answers = [&UNUSED, &EXPIRED, &WITHOUT_REASON, &MALFORMED]
            .map(|check| Answers::of(check, settings));
        let [unused, expired, without_reason, malformed] = &mut answers;
        for (waiver, served) in self.waivers.iter().zip(served) {
            let selectors = waiver.selectors.iter().zip(served);
            let of_asked: Vec<_> = selectors
                .filter(|((_, selector), _)| {
                    let mut asked = audit.controls.iter();
                    asked.any(|control| selector.selects(control, settings))
                })
                .collect();
            if of_asked.is_empty() {
                continue;
            }
            if waiver.accepted.reason.is_empty() {
                without_reason.without_reason(waiver);
            } else if !waiver.holds(with.today) {
                expired.expired(waiver);
            } else {
                let idle = of_asked
                    .iter()
                    .filter(|(_, served)| **served != Served::Waived);
                idle.for_each(|((name, _), served)| unused.unused(waiver, name, **served));
            }
        }
        self.malformed
            .iter()
            .for_each(|one| malformed.malformed(one));
        let lists = answers
            .into_iter()
            .map(|answers| answers.into_findings().into_list());
        let is_asked = |finding: &Finding| {
            let mut checks = with.checks.iter();
            checks.any(|check| check.code == finding.control.code)
        };
        lists.flatten().filter(is_asked).collect()
    }
}
