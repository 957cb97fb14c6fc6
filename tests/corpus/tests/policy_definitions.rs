//! Azure's own definitions and initiatives, read from a folder as a user would have them, and
//! asked about real resources: they can be evaluated or say why not, Palisade's own rules say the
//! same, and so does a plain interpreter of the language.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../../crates/policy/tests/second/interpreter.rs"]
mod interpreter;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use interpreter::Interpreter;
use jiff::Timestamp;
use palisade_corpus_tests::{cases, corpus, files, knowledge, read};
use palisade_estate::Estate;
use palisade_estate::azure::{PolicyDefinition, PolicySetDefinition};
use palisade_policy::{
    Answer, Arguments, Asker, Body, Candidates, Catalogue, Datum, Definition, Initiative, Library,
    Mode, NotEvaluated, Plan, Question, Rulebook, builtin, review,
};
use palisade_sources::Input;

fn azure() -> Input {
    let folder = knowledge("azure-policy");
    let mut all = files(&folder.join("definitions"), "none");
    all.retain(|file| !file.ends_with("index.json"));
    all.extend(files(&folder.join("initiatives"), "none"));
    read(&folder, &all)
}

fn now() -> Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

#[test]
fn every_definition_and_initiative_is_evaluated_or_says_why_not() {
    let input = azure();
    let mut lines = BTreeSet::new();
    let mut count = 0;
    for resource in input.estate.all::<PolicyDefinition<'_>>() {
        count += 1;
        let (definition, remarks) = Definition::read(resource.value());
        let Some(definition) = definition else {
            lines.insert(format!("{}: {}", resource.name(), remarks[0].message));
            continue;
        };
        if matches!(definition.mode, Mode::Provider(_)) {
            continue;
        }
        let rulebook = Rulebook::new(vec![definition], &Catalogue::built_in());
        if let Err(NotEvaluated(why)) = &rulebook.rules()[0] {
            lines.insert(format!("{}: {why}", resource.name()));
        }
    }
    assert!(count >= 69, "{count} definitions");
    let mut initiatives = 0;
    for resource in input.estate.all::<PolicySetDefinition<'_>>() {
        let (initiative, remarks) = Initiative::read(resource.value());
        assert!(remarks.is_empty(), "{}", initiative.name);
        let own = Arguments::default()
            .complete(&initiative.parameters)
            .unwrap();
        for member in &initiative.members {
            if let Err(why) = member.arguments(&own) {
                lines.insert(format!(
                    "{} in {}: {why}",
                    member.definition, initiative.name
                ));
            }
        }
        initiatives += 1;
    }
    assert!(initiatives >= 6, "{initiatives} initiatives");
    let known = include_str!("../azure-policy/not_evaluated.txt");
    let known: BTreeSet<_> = known.lines().map(str::to_owned).collect();
    assert_eq!(lines, known);
}

/// The states that some definitions give the resources of an estate, by resource and definition.
fn states(estate: &Estate, library: &Library<'_>, names: &[String]) -> BTreeMap<String, String> {
    let mut plan = Plan::default();
    names
        .iter()
        .for_each(|name| plan.of_choice(name, Arguments::default(), library));
    let review = review(estate, plan, &Catalogue::built_in(), now());
    let row = review.rows.iter().map(|row| {
        let definition = &review.titles[review.planned[row.planned].rule];
        let key = format!("{} {definition}", review.targets[row.target].id);
        (key, row.state.word().to_owned())
    });
    row.collect()
}

fn estates() -> Vec<(String, Input)> {
    let folder = corpus("estates/arm-resources");
    let read_case = |(name, path): (String, std::path::PathBuf)| {
        let files = files(&path, "none");
        (name, read(Path::new(&path), &files))
    };
    cases(&folder).into_iter().map(read_case).collect()
}

#[test]
fn the_rules_of_palisade_say_what_azures_say() {
    let azure = azure();
    let mut theirs = Library::default();
    azure
        .estate
        .all::<PolicyDefinition<'_>>()
        .for_each(|own| theirs.add(own.value()));
    let ours = Library::default();
    let names: Vec<_> = builtin::definitions()
        .map(|(name, _)| name.to_owned())
        .collect();
    let (mut count, mut differences) = (0, Vec::new());
    for (case, input) in estates() {
        let (own, other) = (
            states(&input.estate, &ours, &names),
            states(&input.estate, &theirs, &names),
        );
        count += own.len();
        let keys: BTreeSet<_> = own.keys().chain(other.keys()).collect();
        for key in keys {
            if own.get(key) != other.get(key) {
                differences.push(format!(
                    "{case} {key}: {:?} {:?}",
                    own.get(key),
                    other.get(key)
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    eprintln!("{count} states agree");
    assert!(count > 500, "{count}");
}

#[test]
fn a_plain_interpreter_says_the_same() {
    let azure = azure();
    let catalogue = Catalogue::built_in();
    let texts = azure.estate.all::<PolicyDefinition<'_>>().map(|own| {
        let value = own.value();
        let text = &value.document().text().content()[value.span().range()];
        (
            own,
            serde_json::from_str::<serde_json::Value>(text).unwrap(),
        )
    });
    let texts: Vec<_> = texts.collect();
    let definitions: Vec<_> = texts
        .iter()
        .filter_map(|(own, _)| Definition::read(own.value()).0)
        .collect();
    let rulebook = Rulebook::new(definitions, &catalogue);
    let (mut compared, mut unknown) = (0, BTreeMap::new());
    for (case, input) in estates() {
        for resource in input.estate.resources() {
            let value = resource.value();
            let text = &value.document().text().content()[value.span().range()];
            let Ok(body) = serde_json::from_str::<serde_json::Value>(text) else {
                continue;
            };
            // Resources that the command line flattened are Palisade's to read.
            if body.get("properties").is_none()
                || body.get("type").is_none()
                || resource.is_listing()
            {
                continue;
            }
            let facts = rulebook.facts(&Body::of_value(value));
            for compiled in rulebook.rules().iter().flatten() {
                if !compiled.is_about_resources() {
                    continue;
                }
                // Without a value for each parameter there is nothing to say.
                let declared = &compiled.definition.parameters;
                if declared.iter().any(|parameter| parameter.default.is_none()) {
                    continue;
                }
                let arguments = Arguments::default().complete(declared).unwrap();
                let own = texts
                    .iter()
                    .find(|(own, _)| own.name() == compiled.definition.name);
                let written = &own.unwrap().1;
                let properties = written.get("properties").unwrap_or(written);
                let mut parameters = serde_json::json!({});
                for (name, parameter) in properties["parameters"].as_object().into_iter().flatten()
                {
                    if let Some(default) = parameter.get("defaultValue") {
                        parameters[name] = default.clone();
                    }
                }
                let plain = Interpreter {
                    catalogue: &catalogue,
                    resource: &body,
                    parameters: &parameters,
                };
                let expected = match plain.holds(&properties["policyRule"]["if"]) {
                    Ok(expected) => expected,
                    Err(why) => {
                        *unknown.entry(why).or_insert(0) += 1;
                        continue;
                    }
                };
                let question = Question {
                    facts: &facts,
                    arguments: &arguments,
                    context: &Datum::new_object(),
                    effect: None,
                };
                let answer =
                    Asker::new(&rulebook).ask(compiled, &question, &mut |_| Candidates::default());
                let held = match answer {
                    Ok(Answer::NotMet) => false,
                    Ok(Answer::Fires(_) | Answer::Satisfied) => true,
                    _ => continue,
                };
                compared += 1;
                assert_eq!(
                    held,
                    expected,
                    "{case} {} {}",
                    compiled.definition.title(),
                    resource.id()
                );
            }
        }
    }
    eprintln!("{compared} conditions agree; not known to the interpreter: {unknown:?}");
    assert!(compared > 1000, "{compared}");
}
