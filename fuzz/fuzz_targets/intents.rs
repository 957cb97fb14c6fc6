//! A file of intents: reading ends, and what isn't read has a diagnostic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_document::{Notation, Text, parse};

fuzz_target!(|text: &str| {
    let (document, _) = parse(Text::new("palisade.intents.yaml", text), Notation::Yaml);
    let intents = palisade_reach::intent::read(&document);
    for diagnostic in &intents.diagnostics {
        assert!(diagnostic.position.is_some());
    }
});
