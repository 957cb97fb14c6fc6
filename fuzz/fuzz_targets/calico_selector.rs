//! A selector of Calico: parsing ends, and the canonical form is a selector that selects the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_estate::kubernetes::CalicoSelector;

fuzz_target!(|text: &str| {
    let Ok(selector) = CalicoSelector::parse(text) else {
        return;
    };
    let canonical = selector.to_string();
    let again = CalicoSelector::parse(&canonical).expect("a canonical form is a selector");
    let labels = |key: &str| (key.len() % 2 == 0).then_some("value");
    assert_eq!(again.matches(labels), selector.matches(labels));
});
