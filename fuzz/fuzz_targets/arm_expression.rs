//! An expression of the template language: parsing ends, and what is printed says the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_arm_template::expression::parse;

fuzz_target!(|text: &str| {
    for text in [text.to_owned(), format!("[{text}]")] {
        if let Ok(expression) = parse(&text) {
            let printed = format!("[{expression}]");
            assert_eq!(parse(&printed).as_ref(), Ok(&expression));
        }
    }
});
