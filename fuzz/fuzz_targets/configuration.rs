//! Any text as a configuration and as a baseline: what is wrong has a place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_document::Text;
use palisade_project::{Baseline, Configuration};

fuzz_target!(|text: &str| {
    let (_, diagnostics) = Configuration::read(Text::new("palisade.toml", text));
    for diagnostic in diagnostics {
        assert!(diagnostic.position.is_some());
    }
    let _ = Baseline::read(Text::new("palisade-baseline.json", text));
});
