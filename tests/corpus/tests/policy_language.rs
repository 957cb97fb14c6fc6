//! The cases of the language of Azure Policy: rules with a resource and the effect expected.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;

use palisade_corpus_tests::{corpus, knowledge};
use palisade_document::{Document, Notation, Text, Value, parse};
use palisade_policy::{
    Answer, Arguments, Asker, Body, Candidates, Catalogue, Datum, Definition, NotEvaluated,
    Question, Rulebook,
};

/// The surroundings that the cases are written for.
const CONTEXT: &str = r#"{"resourceGroup": {"name": "myResourceGroup", "location": "eastus"},
    "subscription": {"subscriptionId": "00000000-0000-0000-0000-000000000000"}}"#;

fn document(name: &str, text: &str) -> Document {
    parse(Text::new(name, text), Notation::of(text)).0
}

/// A value apart from its file.
fn datum(value: Value<'_>) -> Datum {
    let json = serde_json(value);
    Datum::from_json_str(&json.to_string()).unwrap()
}

fn serde_json(value: Value<'_>) -> serde_json::Value {
    use palisade_document::Kind;
    match value.kind() {
        Kind::Null | Kind::Unknown => serde_json::Value::Null,
        Kind::Bool => value.as_bool().unwrap().into(),
        Kind::Number => serde_json::from_str(value.scalar()).unwrap_or_default(),
        Kind::String => value.scalar().into(),
        Kind::Array => value.items().map(serde_json).collect(),
        Kind::Object => value
            .entries()
            .map(|entry| (entry.name().to_owned(), serde_json(entry.value)))
            .collect(),
    }
}

/// What became of a case: the effect, `undefined`, or why there is no verdict.
struct Outcome {
    effect: Result<Option<String>, String>,
    details: Option<Datum>,
}

fn run(rule: &str, case: Value<'_>, catalogue: &Catalogue) -> Outcome {
    let failed = |why: String| Outcome {
        effect: Err(why),
        details: None,
    };
    let text = document("rule.json", rule);
    let Some(root) = text.roots().next() else {
        return failed("no JSON".to_owned());
    };
    let (definition, remarks) = Definition::read(root);
    let Some(definition) = definition else {
        let first = remarks.first().map(|remark| remark.message.clone());
        return failed(first.unwrap_or_default());
    };
    let empty = document("empty.json", "{}");
    let nothing = empty.roots().next().unwrap();
    let get = |key| case.get(key);
    let arguments = Arguments::given(get("parameters").unwrap_or(nothing)).unwrap();
    let declared = definition.parameters.clone();
    let arguments = match declared.is_empty() {
        true => arguments,
        false => match arguments.complete(&declared) {
            Ok(complete) => complete,
            Err(why) => return failed(why),
        },
    };
    let wanted_type = definition.rule.then.details.and_then(|d| d.get("type"));
    let related_type = wanted_type.map(|kind| kind.scalar().to_owned());
    let rulebook = Rulebook::new(vec![definition], catalogue);
    let compiled = match &rulebook.rules()[0] {
        Ok(compiled) => compiled,
        Err(NotEvaluated(why)) => return failed(why.clone()),
    };
    let version = get("api_version").map(|version| version.scalar().to_owned());
    let mut body = Body::of_value(get("resource").unwrap_or(nothing));
    body.api_version = version.clone();
    let facts = rulebook.facts(&body);
    let mut context = match get("context") {
        Some(given) => datum(given),
        None => Datum::from_json_str(CONTEXT).unwrap(),
    };
    let request = get("request_context").map(datum).or_else(|| {
        let version = version.as_ref()?;
        Some(Datum::from_json_str(&format!(r#"{{"apiVersion": "{version}"}}"#)).unwrap())
    });
    if let Some(request) = request {
        let members = context.as_object_mut().unwrap();
        members.get_or_insert_with("requestContext".into(), || request);
    }
    let question = Question {
        facts: &facts,
        arguments: &arguments,
        context: &context,
        effect: None,
    };
    let mut find = |_: &_| {
        let mut found = Candidates::default();
        for entry in get("host_await").into_iter().flat_map(Value::items) {
            let Some(response) = entry.get("response").filter(|r| !r.is_null()) else {
                continue;
            };
            let mut related = Body::of_value(response);
            related.api_version = version.clone();
            let kind = entry
                .get("resource_type")
                .map(|kind| kind.scalar().to_owned());
            if related.resource_type.is_empty() {
                related.resource_type = kind.or(related_type.clone()).unwrap_or_default();
            }
            found.facts.push(rulebook.facts(&related));
        }
        found
    };
    match Asker::new(&rulebook).ask(compiled, &question, &mut find) {
        Ok(Answer::Fires(fired)) => Outcome {
            effect: Ok(Some(fired.written)),
            details: fired.details,
        },
        Ok(Answer::Unknown(unknown)) => failed(format!("unknown: {}", unknown.cause)),
        Ok(_) => Outcome {
            effect: Ok(None),
            details: None,
        },
        Err(NotEvaluated(why)) => failed(why),
    }
}

fn problem(case: Value<'_>, outcome: &Outcome) -> Option<String> {
    let is = |key: &str| case.get(key).and_then(Value::as_bool) == Some(true);
    let wants_failure = ["parse", "compile", "eval"].iter().any(|stage| {
        is(&format!("want_{stage}_error"))
            || case.get(&format!("want_{stage}_error_contains")).is_some()
    });
    if wants_failure {
        let is_verdict = outcome.effect.is_ok();
        return is_verdict.then(|| "should not be evaluated".to_owned());
    }
    let wanted = match is("want_undefined") {
        true => None,
        false => Some(case.get("want_effect")?.as_str()?.to_owned()),
    };
    if outcome.effect != Ok(wanted.clone()) {
        return Some(format!("wanted {wanted:?}, got {:?}", outcome.effect));
    }
    let details = case.get("want_details").map(datum)?;
    (outcome.details.as_ref() != Some(&details))
        .then(|| format!("details: wanted {details}, got {:?}", outcome.details))
}

#[test]
fn the_language_is_evaluated_as_its_cases_expect() {
    let folder = corpus("azure-policy-language");
    let mut files: Vec<_> = fs::read_dir(folder.join("cases"))
        .unwrap()
        .flatten()
        .collect();
    files.sort_by_key(|file| file.path());
    let (mut count, mut failures) = (0, BTreeMap::new());
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        let text = fs::read_to_string(file.path()).unwrap();
        let suite = parse(Text::new(&name, text), Notation::Yaml).0;
        let suite = suite.roots().next().unwrap();
        let aliases = suite.get("aliases").map(|file| {
            let text = fs::read_to_string(folder.join("aliases").join(file.scalar())).unwrap();
            document(file.scalar(), &text)
        });
        let catalogue = match &aliases {
            Some(aliases) => Catalogue::of_providers(aliases.roots().next().unwrap()),
            None => Catalogue::verbatim(),
        };
        for case in suite.get("cases").unwrap().items() {
            if case.get("skip").and_then(Value::as_bool) == Some(true) {
                continue;
            }
            let sources = ["policy_definition", "policy_rule"];
            let of = |value: Value<'_>| {
                sources
                    .iter()
                    .find_map(|key| value.get(key).map(|v| v.scalar().to_owned()))
            };
            let rule = of(case).or_else(|| of(suite)).unwrap();
            count += 1;
            let outcome = run(&rule, case, &catalogue);
            if let Some(problem) = problem(case, &outcome) {
                let note = case.get("note").unwrap().scalar();
                failures.insert(format!("{name} {note}"), vec![problem]);
            }
        }
    }
    assert!(count > 1300, "{count} cases");
    palisade_corpus_tests::policy_disagreements("azure-policy-language", count, &failures);
}

/// Every alias that is known is found under its name, with its path.
#[test]
fn the_catalogue_holds_every_alias() {
    let packed = fs::File::open(knowledge("azure-policy/all_aliases.json.gz")).unwrap();
    let providers: serde_json::Value =
        serde_json::from_reader(flate2::read::GzDecoder::new(packed)).unwrap();
    let catalogue = Catalogue::built_in();
    let started = std::time::Instant::now();
    assert!(
        !catalogue
            .find("Microsoft.Network/virtualNetworks/subnets[*].addressPrefix")
            .is_empty()
    );
    eprintln!("the first alias after {:?}", started.elapsed());
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap();
    let mut count = 0;
    for provider in list(&providers) {
        for kind in list(&provider["resourceTypes"]) {
            let namespace = provider["namespace"].as_str().unwrap();
            let name = kind["resourceType"].as_str().unwrap();
            let resource_type = format!("{namespace}/{name}").to_lowercase();
            for alias in list(&kind["aliases"]) {
                let path = alias["defaultPath"].as_str().unwrap();
                let name = alias["name"].as_str().unwrap();
                let found = catalogue.find(name);
                assert!(
                    found
                        .iter()
                        .any(|a| a.resource_type == resource_type && a.path == path),
                    "{name}: {found:?}"
                );
                count += 1;
            }
        }
    }
    assert!(count > 76_000, "{count}");
}
