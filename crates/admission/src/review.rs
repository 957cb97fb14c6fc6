//! All of a cluster's admission in one go.

use std::sync::Mutex;
use std::thread;

use palisade_document::Diagnostic;
use palisade_estate::Cluster;

use crate::expansion::{self, Namespaces};
use crate::gatekeeper::{self, UndecidedRule};
use crate::judgement::Judgement;
use crate::mutation::Mutator;
use crate::{admission_policy, mutation};

/// Room for the recursion of the rule engines, in bytes. It is only taken as far as it is used.
const STACK: usize = 512 * 1024 * 1024;

/// What the admission of a cluster says about the objects in it.
#[derive(Default)]
pub struct Admission<'e> {
    /// One for every rule and every object that it is about.
    pub judgements: Vec<Judgement<'e>>,
    /// Rules about which nothing could be said.
    pub undecided: Vec<UndecidedRule>,
    /// What would change objects before rules are asked. Nothing is changed here.
    pub mutators: Vec<Mutator<'e>>,
    /// What is wrong with templates, constraints and policies, ordered by file and place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Asks every constraint and every admission policy of a cluster about every object in it.
pub fn judge<'e>(cluster: &Cluster<'e>) -> Admission<'e> {
    with_room(|| {
        let mut admission = Admission::default();
        let diagnostics = &mut admission.diagnostics;
        let namespaces = Namespaces::of(cluster);
        let candidates = expansion::candidates(cluster, &namespaces, diagnostics);
        let templates = gatekeeper::templates(cluster, diagnostics);
        let mut outcome = gatekeeper::judge(cluster, &candidates, &templates, diagnostics);
        admission_policy::judge(cluster, &candidates, diagnostics, &mut outcome);
        admission.mutators = mutation::mutators(cluster, &candidates, diagnostics);
        admission.judgements = outcome.judgements;
        admission.undecided = outcome.undecided;
        admission.diagnostics.sort();
        admission.diagnostics.dedup();
        admission
    })
}

/// Does something on a stack of its own, which rules that call each other can't use up.
pub(crate) fn with_room<T: Default + Send>(act: impl FnOnce() -> T + Send) -> T {
    let act = Mutex::new(Some(act));
    let run = || {
        let act = act.lock().ok().and_then(|mut act| act.take());
        act.map(|act| act()).unwrap_or_default()
    };
    thread::scope(|scope| {
        let started = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, run);
        match started.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => run(),
        }
    })
}
