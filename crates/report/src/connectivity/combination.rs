//! What a flow comes to, policies and Azure's network together.

use palisade_estate::Unknown;
use palisade_packet::Traffic;

use super::flow::{Flow, FlowVerdict};
use super::way::Way;

/// Whether two ends stand on one node, where packets don't reach Azure's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameNode {
    /// They do.
    Yes,
    /// They don't.
    No,
    /// The input doesn't tell, or some do and some don't.
    Perhaps,
}

impl Flow {
    /// The flow with its ways through Azure's network, of which packets take one and it isn't
    /// known which, or why they aren't known. `passing` is what the policies let through, for
    /// certain or perhaps.
    #[must_use]
    pub fn through(mut self, ways: Result<Vec<Way>, Unknown>, passing: &Traffic) -> Self {
        match ways {
            Ok(ways) => {
                self.meets(joint(&ways), passing);
                self.ways = ways;
            }
            Err(unknown) => self.hangs_on(&azure_unknown(&unknown), passing),
        }
        self
    }

    /// The flow between nodes of the cluster, likewise.
    #[must_use]
    pub fn across(
        mut self,
        ways: Result<Vec<Way>, Unknown>,
        same_node: SameNode,
        passing: &Traffic,
    ) -> Self {
        match (same_node, &ways) {
            (SameNode::Yes, _) => {
                let note = "both stand on one node: packets don't reach Azure's network";
                self.caveats.push(note.to_owned());
                return self;
            }
            (SameNode::Perhaps, Ok(ways)) if joint(ways) == FlowVerdict::Denied => {
                let cause = "on one node they reach each other past Azure's network, on two they don't (kubectl get pods -A -o json)";
                self.hangs_on(cause, passing);
            }
            _ => return self.through(ways, passing),
        }
        self.ways = ways.unwrap_or_default();
        self
    }

    /// The flow with its ways in, each of which may be taken, and why others aren't known. Without
    /// any there is no way in.
    #[must_use]
    pub fn let_in(mut self, ways: Vec<Way>, unknown: &[Unknown], passing: &Traffic) -> Self {
        let together = |way: &Way| {
            meet(
                way.seen.as_ref().map_or(self.verdict, |seen| seen.verdict),
                way.verdict,
            )
        };
        let mut verdicts = ways.iter().map(together).collect::<Vec<_>>();
        verdicts.extend(unknown.iter().map(|_| FlowVerdict::Uncertain));
        for unknown in unknown {
            let (cause, supply) = (&unknown.cause, &unknown.supply);
            let note = format!("a way in isn't known: {cause} ({supply})");
            self.caveats.push(note);
        }
        if verdicts.is_empty() {
            let note = "nothing in the input leads in to it from there";
            self.caveats.push(note.to_owned());
        }
        let order = [
            FlowVerdict::Allowed,
            FlowVerdict::Partly,
            FlowVerdict::Uncertain,
        ];
        let best = order.into_iter().find(|one| verdicts.contains(one));
        let best = best.unwrap_or(FlowVerdict::Denied);
        match self.verdict {
            verdict if verdict == best => {}
            // What the policies see of a client hangs on the way.
            FlowVerdict::Denied | FlowVerdict::Uncertain => {
                self.verdict = best;
                (self.allowed, self.uncertain) = (None, None);
                self.conditions.clear();
            }
            FlowVerdict::Allowed | FlowVerdict::Partly => self.meets(best, passing),
        }
        if matches!(self.verdict, FlowVerdict::Allowed | FlowVerdict::Partly) {
            self.missing.clear();
        }
        self.ways = ways;
        self
    }

    fn meets(&mut self, verdict: FlowVerdict, passing: &Traffic) {
        match verdict {
            FlowVerdict::Allowed | FlowVerdict::Partly => {}
            FlowVerdict::Denied => {
                self.verdict = FlowVerdict::Denied;
                (self.allowed, self.uncertain) = (None, None);
            }
            FlowVerdict::Uncertain => {
                self.verdict = FlowVerdict::Uncertain;
                self.allowed = None;
                self.uncertain = Some(passing.to_string());
            }
        }
    }

    fn hangs_on(&mut self, cause: &str, passing: &Traffic) {
        self.meets(FlowVerdict::Uncertain, passing);
        self.conditions.push(cause.to_owned());
    }
}

fn azure_unknown(unknown: &Unknown) -> String {
    format!(
        "what Azure's network does isn't known: {} ({})",
        unknown.cause, unknown.supply
    )
}

/// Of ways of which one is taken, and it isn't known which.
fn joint(ways: &[Way]) -> FlowVerdict {
    let all = |verdict| ways.iter().all(|way| way.verdict == verdict);
    if all(FlowVerdict::Allowed) {
        FlowVerdict::Allowed
    } else if all(FlowVerdict::Denied) {
        FlowVerdict::Denied
    } else {
        FlowVerdict::Uncertain
    }
}

/// Of two that both must let through.
fn meet(one: FlowVerdict, other: FlowVerdict) -> FlowVerdict {
    use FlowVerdict::{Allowed, Denied, Partly, Uncertain};
    match (one, other) {
        (Denied, _) | (_, Denied) => Denied,
        (Uncertain, _) | (_, Uncertain) => Uncertain,
        (Partly, _) | (_, Partly) => Partly,
        (Allowed, Allowed) => Allowed,
    }
}
