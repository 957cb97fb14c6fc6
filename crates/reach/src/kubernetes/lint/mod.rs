//! What is wrong, or odd, with the policies of a cluster: each remark about a place, with the
//! places that decide it. Whether a rule does anything is decided by the evaluator, over all
//! packets and all endpoints of the input; nothing here looks at how a rule is written but to
//! find its place.

mod listener;
mod lookup;
mod overlap;
mod selection;
mod superfluous;
mod written;

use palisade_document::Origin;
use palisade_estate::Object;

use super::Analysis;
use super::program::{Action, Note, NoteKind};
use written::Written;

/// A remark about a policy.
#[derive(Clone)]
pub struct Lint<'e> {
    /// What kind of remark it is.
    pub kind: LintKind,
    /// The policy.
    pub object: Object<'e>,
    /// The place: a rule, a peer, a setting.
    pub at: Origin,
    /// What is to be said: lower case, no final stop.
    pub message: String,
    /// The places that decide it, with what each of them is.
    pub deciding: Vec<(Origin, String)>,
}

/// What a remark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LintKind {
    /// No pod is selected by the policy.
    SelectsNothing,
    /// The rule matches no traffic between endpoints of the input, so that it decides nothing.
    RuleMatchesNothing,
    /// A peer of a rule is nobody, while others of its peers are somebody.
    PeerSelectsNothing,
    /// Rules that are asked before decide all that the rule is about.
    RuleShadowed,
    /// The rule decides, and without it others would decide the same.
    RuleRedundant,
    /// The policy stands beside another of the same rank, and which comes first matters.
    SameRank,
    /// Pods may reach others and can't look up their names.
    LookupsDenied,
    /// No container of the pods declares a port that the rule lets traffic to.
    NobodyListens,
    /// The cluster's engine doesn't enforce the policy at all.
    NotEnforced,
    /// The API server or the engine refuses the policy.
    Refused,
    /// The engine leaves out a part of the policy.
    PartIgnored,
    /// A part means something else under Cilium, which Azure NPM is replaced by.
    MigrationHazard,
    /// A part has no effect, or one that is easily mistaken.
    Pitfall,
}

impl<'e> Analysis<'e> {
    /// All remarks about the policies of the cluster, in the order of their places.
    pub fn lint(&self) -> Vec<Lint<'e>> {
        let mut lints: Vec<_> = self.notes.iter().filter_map(of_note).collect();
        let written = Written::of(self);
        selection::lint(self, &written, &mut lints);
        superfluous::lint(self, &written, &mut lints);
        overlap::lint(self, &mut lints);
        lookup::lint(self, &written, &mut lints);
        listener::lint(self, &written, &mut lints);
        lints.sort_by(|a, b| (a.at, a.kind, &a.message).cmp(&(b.at, b.kind, &b.message)));
        lints.dedup_by(|a, b| (a.at, a.kind, &a.message) == (b.at, b.kind, &b.message));
        lints
    }
}

/// Translations note what they meet; peers that are nobody are told with the rule as a whole.
fn of_note<'e>(note: &Note<'e>) -> Option<Lint<'e>> {
    let kind = match note.kind {
        NoteKind::NotEnforced => LintKind::NotEnforced,
        NoteKind::Refused => LintKind::Refused,
        NoteKind::Ignored => LintKind::PartIgnored,
        NoteKind::Migration => LintKind::MigrationHazard,
        NoteKind::Pitfall => LintKind::Pitfall,
        NoteKind::Nobody => return None,
    };
    Some(Lint {
        kind,
        object: note.object,
        at: note.origin,
        message: note.message.clone(),
        deciding: Vec::new(),
    })
}

/// What a rule does, as a verb.
fn does(action: Action) -> &'static str {
    match action {
        Action::Allow => "allows",
        Action::Deny => "denies",
        Action::Pass => "passes on",
    }
}
