//! Bytes as a plan and as a state: whatever they hold, reading ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_document::{Document, Notation, Text};
use palisade_terraform::{Scope, read_plan, read_state};

fuzz_target!(|text: &str| {
    let (document, _) = palisade_document::parse(Text::new("plan.json", text), Notation::Json);
    for reading in [
        read_plan(&document, &[], &Scope::default()),
        read_state(&document, &Scope::default()),
    ] {
        let bodies: Vec<_> = reading.resources.into_iter().map(|one| one.body).collect();
        let _ = Document::derive("plan.json", &bodies);
    }
});
