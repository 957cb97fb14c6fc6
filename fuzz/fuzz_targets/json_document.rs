//! Any bytes as a JSON file: every span must lie in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_document::{Notation, Text};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = Text::decode("fuzz", bytes.to_vec()) else {
        return;
    };
    let (document, diagnostics) = palisade_document::parse(text, Notation::Json);
    for value in document.values() {
        assert!(
            document
                .text()
                .content()
                .get(value.span().range())
                .is_some()
        );
        let _ = (value.scalar(), value.as_i64(), value.position());
    }
    for diagnostic in diagnostics {
        assert!(!diagnostic.message.is_empty());
    }
});
