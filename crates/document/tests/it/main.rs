//! What a document must do: keep spans true, survive anything, and read what people write.

mod derived;
mod hostile;
mod json;
mod yaml;

use palisade_document::{Diagnostic, Document, Notation, Text, Value};

fn read(notation: Notation, content: &str) -> (Document, Vec<Diagnostic>) {
    palisade_document::parse(Text::new("file", content), notation)
}

/// The text that the span of a value covers.
fn covered(value: Value<'_>) -> &str {
    &value.document().text().content()[value.span().range()]
}

fn messages(diagnostics: &[Diagnostic]) -> Vec<String> {
    let place = |d: &Diagnostic| d.position.map(|at| at.to_string()).unwrap_or_default();
    diagnostics
        .iter()
        .map(|d| format!("{} {}", place(d), d.message))
        .collect()
}
