//! Text as a configuration that calls itself as a module: evaluation ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_document::{Document, DocumentId, Text};
use palisade_terraform::{Scope, Source, read_configuration};

fuzz_target!(|text: &str| {
    let files = [
        Text::new("main.tf", text),
        Text::new("m/main.tf", text),
        Text::new("terraform.tfvars", text),
        Text::new("j/main.tf.json", text),
    ];
    let sources: Vec<_> = (1..)
        .zip(&files)
        .map(|(number, text)| Source {
            text,
            document: DocumentId(number),
        })
        .collect();
    let reading = read_configuration(&sources, &[], &Scope::default());
    let bodies: Vec<_> = reading.resources.into_iter().map(|one| one.body).collect();
    let _ = Document::derive("main.tf", &bodies);
    for comment in palisade_terraform::comments(text) {
        let _ = &text[comment.range()];
    }
});
