//! The answers item by item of a catalogue, such as a benchmark that one is held to.

use palisade_controls::Framework;
use palisade_controls::catalogue::{Item, Standing};

use crate::{ControlSummary, Counts, FrameworkItem, FrameworkSummary, Report};

impl Report {
    /// Adds how the estate fares by the items of a catalogue, from the controls that were asked.
    #[must_use]
    pub fn by_framework(mut self, framework: Framework) -> Self {
        let items = framework.items().iter();
        self.framework = Some(FrameworkSummary {
            id: framework.as_str().to_owned(),
            title: framework.title().to_owned(),
            items: items
                .map(|item| summarise(framework, item, &self.controls))
                .collect(),
        });
        self
    }
}

fn summarise(framework: Framework, item: &Item, asked: &[ControlSummary]) -> FrameworkItem {
    let mut counts = Counts::default();
    let mut is_whole = true;
    let controls: Vec<_> = framework.controls_of(item.id).collect();
    for control in &controls {
        match asked.iter().find(|summary| summary.code == control.code) {
            Some(summary) => add(&mut counts, summary.counts),
            None => is_whole = false,
        }
    }
    FrameworkItem {
        id: item.id.to_owned(),
        title: item.asks.to_owned(),
        result: result(item.standing, counts, is_whole).to_owned(),
        controls: controls
            .iter()
            .map(|control| control.code.to_owned())
            .collect(),
        counts,
        note: item.standing.reason().map(str::to_owned),
    }
}

/// An item passes only when everything that it asks is known to be so: a control that wasn't
/// asked leaves it unknown, and a part for people leaves it to them.
fn result(standing: Standing, counts: Counts, is_whole: bool) -> &'static str {
    match standing {
        Standing::OutOfScope(_) => "out-of-scope",
        Standing::Manual(_) => "manual",
        _ if counts.fail > 0 => "fail",
        _ if counts.unknown > 0 || !is_whole => "unknown",
        Standing::Partly(_) => "manual",
        Standing::Judged if counts.pass > 0 => "pass",
        Standing::Judged if counts.waived > 0 => "waived",
        Standing::Judged => "not-applicable",
    }
}

fn add(counts: &mut Counts, more: Counts) {
    counts.pass += more.pass;
    counts.fail += more.fail;
    counts.unknown += more.unknown;
    counts.not_applicable += more.not_applicable;
    counts.waived += more.waived;
}

/// How many items have each result, in the order in which reports name them.
pub(crate) fn tally(framework: &FrameworkSummary) -> Vec<(&'static str, usize)> {
    const RESULTS: [&str; 7] = [
        "fail",
        "unknown",
        "pass",
        "manual",
        "waived",
        "not-applicable",
        "out-of-scope",
    ];
    let count = |result: &&str| {
        framework
            .items
            .iter()
            .filter(|item| item.result == **result)
            .count()
    };
    RESULTS
        .iter()
        .map(|result| (*result, count(result)))
        .filter(|(_, count)| *count > 0)
        .collect()
}
