//! A definition and what it says about a resource: reading, compiling and asking end, and what
//! isn't read has a remark.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_document::{Notation, Text, parse};
use palisade_policy::{
    Arguments, Asker, Body, Candidates, Catalogue, Datum, Definition, Question, Rulebook,
};

const RESOURCE: &str = r#"{"type": "Microsoft.Network/virtualNetworks", "name": "net", "location": "westeurope", "tags": {"a": "b"}, "properties": {"enableDdosProtection": false, "subnets": [{"name": "a", "properties": {}}]}}"#;

fuzz_target!(|text: &str| {
    let (document, _) = parse(Text::new("a.json", text), Notation::Json);
    let (resource, _) = parse(Text::new("r.json", RESOURCE), Notation::Json);
    let Some(body) = resource.roots().next() else {
        return;
    };
    for root in document.roots() {
        let (definition, remarks) = Definition::read(root);
        let Some(definition) = definition else {
            assert!(!remarks.is_empty());
            continue;
        };
        let Ok(arguments) = Arguments::default().complete(&definition.parameters) else {
            continue;
        };
        let rulebook = Rulebook::new(vec![definition], &Catalogue::built_in());
        let facts = rulebook.facts(&Body::of_value(body));
        for compiled in rulebook.rules().iter().flatten() {
            let question = Question {
                facts: &facts,
                arguments: &arguments,
                context: &Datum::new_object(),
                effect: None,
            };
            let mut asker = Asker::new(&rulebook);
            let _ = asker.ask(compiled, &question, &mut |_| Candidates::default());
        }
    }
});
