//! What definitions say about resources.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod aliases;
mod builtin;
mod compliance;
mod difference;
mod evaluation;
mod hostile;
mod lint;
mod mutation;
mod suite;
mod tables;

use palisade_document::{Document, Notation, Text, parse};
use palisade_policy::{
    Answer, Arguments, Asker, Body, Candidates, Catalogue, Datum, Definition, NotEvaluated,
    Question, Rulebook,
};

/// A text as a document.
fn document(text: &str) -> Document {
    parse(Text::new("test.json", text), Notation::of(text)).0
}

/// What a rule says about a resource, with related resources: `effect`, `-` for nothing,
/// `? cause` for unknown, `! reason` for not evaluated.
fn ask(rule: &str, resource: &str, related: &[&str]) -> String {
    let (rule, resource) = (document(rule), document(resource));
    let related: Vec<_> = related.iter().map(|text| document(text)).collect();
    let (definition, remarks) = Definition::read(rule.roots().next().unwrap());
    let Some(definition) = definition else {
        let lines = remarks.iter().map(|remark| {
            let diagnostic = remark.diagnostic();
            format!("{}: {}", diagnostic.position.unwrap(), diagnostic.message)
        });
        return format!("! {}", lines.collect::<Vec<_>>().join("; "));
    };
    let arguments = Arguments::default()
        .complete(&definition.parameters)
        .unwrap();
    let rulebook = Rulebook::new(vec![definition], &Catalogue::built_in());
    let compiled = match &rulebook.rules()[0] {
        Ok(compiled) => compiled,
        Err(NotEvaluated(why)) => return format!("! {why}"),
    };
    let facts = rulebook.facts(&Body::of_value(resource.roots().next().unwrap()));
    let context = Datum::new_object();
    let question = Question {
        facts: &facts,
        arguments: &arguments,
        context: &context,
        effect: None,
    };
    let mut find = |_: &_| Candidates {
        facts: related
            .iter()
            .map(|text| rulebook.facts(&Body::of_value(text.roots().next().unwrap())))
            .collect(),
        ..Candidates::default()
    };
    match Asker::new(&rulebook).ask(compiled, &question, &mut find) {
        Ok(Answer::Fires(fired)) => fired.written,
        Ok(Answer::Unknown(unknown)) => format!("? {}", unknown.cause),
        Ok(_) => "-".to_owned(),
        Err(NotEvaluated(why)) => format!("! {why}"),
    }
}
