//! The suites of the Gatekeeper library, and our own templates beside Microsoft's.

#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

use palisade_admission::{Action, Definition, Verdict, evaluate, judge};
use palisade_corpus_tests::{cases, corpus, files, read};
use rayon::prelude::*;
use serde_json::{Value as Json, json};

/// Cases that disagree, each with its reason.
const KNOWN: [(&str, &str); 0] = [];

#[test]
fn the_cases_of_the_gatekeeper_library() {
    let root = corpus("gatekeeper");
    let text = fs::read_to_string(root.join("cases.json")).expect("the list of cases");
    let cases: Vec<Json> = serde_json::from_str(&text).expect("JSON");
    assert!(cases.len() >= 85, "{} cases", cases.len());
    let failures: Vec<_> = cases
        .par_iter()
        .filter_map(|case| {
            let name =
                format!("{} {} {}", case["template"], case["test"], case["case"]).replace('"', "");
            let problem = disagreement(&root, case)?;
            let known = KNOWN.iter().any(|(known, _)| *known == name);
            (!known).then(|| format!("{name}: {problem}"))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {}\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    assert!(KNOWN.len() * 100 <= cases.len());
}

/// In what a case differs from what its suite asserts.
fn disagreement(root: &Path, case: &Json) -> Option<String> {
    let folder = root.join(case["template"].as_str()?);
    let path = |key: &str| case[key].as_str().map(|path| folder.join(path));
    let object = path("object")?;
    let inventory = case["inventory"].as_array().into_iter().flatten();
    let inventory = inventory
        .filter_map(Json::as_str)
        .map(|path| folder.join(path));
    let mut all: Vec<PathBuf> = vec![folder.join("template.yaml"), path("constraint")?];
    all.push(object.clone());
    all.extend(inventory);
    let input = read(&folder, &all);
    let shown = object
        .strip_prefix(&folder)
        .ok()?
        .to_string_lossy()
        .into_owned();
    let mut messages = Vec::new();
    let mut is_judged = false;
    for cluster in input.estate.clusters() {
        let admission = judge(&cluster);
        if let Some(undecided) = admission.undecided.first() {
            return Some(undecided.because.cause.clone());
        }
        let own = admission.judgements.iter().filter(|judgement| {
            let document = judgement.object.body().document();
            document.text().path() == shown && judgement.made.is_none()
        });
        for judgement in own {
            is_judged = true;
            match &judgement.verdict {
                Verdict::Complies => {}
                Verdict::Violates(found) => {
                    messages.extend(found.iter().map(|violation| violation.message.clone()));
                }
                Verdict::Undecided(unknown) => return Some(unknown.cause.clone()),
            }
        }
    }
    let asserted = case["assertions"].as_array().into_iter().flatten();
    let unmet = asserted.filter(|assertion| !holds(assertion, &messages));
    let unmet: Vec<_> = unmet.map(Json::to_string).collect();
    (!unmet.is_empty())
        .then(|| format!("{} but (judged: {is_judged}) {messages:?}", unmet.join(" ")))
}

/// An assertion of a suite: how many violations there are, of those whose message has a part.
fn holds(assertion: &Json, messages: &[String]) -> bool {
    let part = assertion["message"].as_str().unwrap_or_default();
    let count = messages
        .iter()
        .filter(|message| message.contains(part))
        .count();
    match &assertion["violations"] {
        Json::Bool(wanted) => (count > 0) == *wanted,
        Json::Number(wanted) => wanted.as_u64() == u64::try_from(count).ok(),
        Json::String(wanted) => (count > 0) == (wanted == "yes"),
        _ => count > 0,
    }
}

/// Every template of the library, with its constraints, over every real cluster: each object that
/// a constraint is about has an answer, and none is left undecided.
#[test]
fn the_library_over_real_clusters() {
    let gatekeeper = corpus("gatekeeper");
    let rules: Vec<_> = files(&gatekeeper, "none")
        .into_iter()
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name == "template.yaml" || name == "constraint.yaml"
        })
        .collect();
    let root = corpus("estates/k8s");
    let counts: Vec<_> = cases(&root)
        .par_iter()
        .map(|(_, folder)| {
            let mut paths = files(folder, "states");
            paths.extend(rules.iter().cloned());
            let input = read(folder, &paths);
            let mut counts = [0_usize; 3];
            for cluster in input.estate.clusters() {
                for judgement in judge(&cluster).judgements {
                    match judgement.verdict {
                        Verdict::Complies => counts[0] += 1,
                        Verdict::Violates(_) => counts[1] += 1,
                        Verdict::Undecided(unknown) => {
                            let object = judgement.object.display_name();
                            assert!(
                                unknown.is_undeployed(),
                                "{} {object}: {}",
                                judgement.rule,
                                unknown.cause
                            );
                            counts[2] += 1;
                        }
                    }
                }
            }
            counts
        })
        .collect();
    let sum = |at: usize| counts.iter().map(|counts| counts[at]).sum::<usize>();
    assert!(
        sum(0) > 1_000 && sum(1) > 100,
        "{} {} {}",
        sum(0),
        sum(1),
        sum(2)
    );
}

/// The parameters of Microsoft's constraints, whose values the corpus doesn't give.
fn compared() -> Vec<(&'static str, Json)> {
    vec![
        ("ingress-https-only", json!({})),
        (
            "service-allowed-ports",
            json!({"allowedPorts": ["443", "80", "53"]}),
        ),
        (
            "allowed-external-ips",
            json!({"allowedExternalIPs": ["80.11.12.10"]}),
        ),
        ("load-balancer-no-public-ips", json!({})),
        (
            "host-network-ports",
            json!({"allowHostNetwork": false, "minPort": 1000, "maxPort": 9000}),
        ),
        ("block-host-namespace", json!({})),
    ]
}

/// Every object of the corpus by Microsoft's published template and by our own predicate.
#[test]
fn our_templates_agree_with_the_published_ones() {
    let knowledge =
        corpus("estates").join("../../knowledge/azure-policy/built-in-references/Kubernetes");
    let root = corpus("estates/k8s");
    let folders = cases(&root);
    let gatekeeper = corpus("gatekeeper");
    for (name, parameters) in compared() {
        let template =
            fs::read_to_string(knowledge.join(name).join("template.yaml")).expect("a template");
        let address = format!("{{x: 'https://example.org/kubernetes/{name}/v1/template.yaml'}}");
        let template = template.replacen(
            "metadata:\n",
            &format!("metadata:\n  annotations: {address}\n"),
            1,
        );
        let file =
            std::env::temp_dir().join(format!("palisade-{name}-{}.yaml", std::process::id()));
        fs::write(&file, template).expect("a file");
        let judged: usize = folders
            .par_iter()
            .map(|(_, folder)| (folder.as_path(), files(folder, "states")))
            .chain([(gatekeeper.as_path(), files(&gatekeeper, "none"))])
            .map(|(folder, mut paths)| {
                paths.push(file.clone());
                let input = read(folder, &paths);
                input
                    .estate
                    .clusters()
                    .map(|cluster| compare(&cluster, name, &parameters))
                    .sum::<usize>()
            })
            .sum();
        fs::remove_file(&file).expect("removed");
        assert!(judged > 20, "{name}: {judged}");
    }
}

fn compare(cluster: &palisade_estate::Cluster<'_>, name: &str, parameters: &Json) -> usize {
    // What Azure's definition of each is about.
    let kind = match name {
        "ingress-https-only" => "Ingress",
        "host-network-ports" | "block-host-namespace" => "Pod",
        _ => "Service",
    };
    let groups = ["", "extensions", "networking.k8s.io"];
    let criteria = json!({"kinds": [{"apiGroups": groups, "kinds": [kind]}]});
    let definition = Definition {
        template: name,
        version: "v1",
        parameters,
        criteria: &criteria,
        action: Action::Audit,
    };
    let compliance = evaluate(cluster, &definition).expect("criteria");
    let differences: Vec<_> = compliance
        .differences
        .iter()
        .map(|difference| {
            format!(
                "{}: {:?} or {:?}",
                difference.object.display_name(),
                difference.cluster,
                difference.own
            )
        })
        .collect();
    assert!(differences.is_empty(), "{name}\n{}", differences.join("\n"));
    assert!(
        compliance.template.is_some() || compliance.judgements.is_empty(),
        "{name} {:?}",
        compliance.diagnostics
    );
    let undecided = compliance
        .judgements
        .iter()
        .filter(|judgement| matches!(judgement.verdict, Verdict::Undecided(_)));
    assert_eq!(undecided.count(), 0, "{name}");
    compliance.judgements.len()
}
