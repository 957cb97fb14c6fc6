use palisade_document::Text;
use palisade_project::{Baseline, Why};

use crate::{Files, Judged, example, files, judge, judge_beside};

/// The baseline of an estate, written and read again.
fn accepted(files: &Files) -> Baseline {
    let judged = judge(files, "");
    let text = Baseline::accept(&judged.input.estate, &judged.audit, false).to_text();
    Baseline::read(Text::new("palisade-baseline.json", text)).unwrap()
}

fn beside(files: &Files, baseline: &Baseline) -> Judged {
    judge_beside(files, "", Some(baseline))
}

fn changed(files: &Files, path: &str, from: &str, to: &str) -> Files {
    let mut files = files.clone();
    let file = files.iter_mut().find(|(own, _)| own == path).unwrap();
    assert!(file.1.contains(from), "{path} holds no {from}");
    file.1 = file.1.replacen(from, to, 1);
    files
}

#[test]
fn what_is_accepted_is_not_found_again() {
    for name in ["weak", "halfway", "hardened"] {
        let estate = example(name);
        let baseline = accepted(&estate);
        let judged = beside(&estate, &baseline);
        assert_eq!(judged.failures(), [""; 0]);
        let compared = judged.compared.unwrap();
        assert!(compared.gone.is_empty());
        let count: usize = baseline.entries().iter().map(|entry| entry.count).sum();
        assert_eq!(compared.known, count);
    }
    assert!(accepted(&example("weak")).entries().len() > 100);
}

#[test]
fn what_is_new_is_found() {
    let estate = example("weak");
    let baseline = accepted(&estate);
    let path = "azure/spoke-shop/aks-shop.json";
    let changed = changed(
        &estate,
        path,
        "\"outboundType\": \"loadBalancer\"",
        "\"outboundType\": \"managedNATGateway\"",
    );
    let judged = beside(&changed, &baseline);
    let failures = judged.failures();
    assert!(
        failures
            .iter()
            .any(|line| line.starts_with("FW001 aks-shop") && line.contains("managedNATGateway")),
        "{failures:?}"
    );
    assert!(
        failures
            .iter()
            .all(|line| line.contains("managedNATGateway")),
        "{failures:?}"
    );
    let gone = judged.compared.unwrap().gone;
    let gone: Vec<_> = gone
        .iter()
        .map(|gone| (gone.entry.control.as_str(), gone.why))
        .collect();
    assert!(gone.contains(&("FW001", Why::Changed)), "{gone:?}");
}

const POLICY: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\nspec:\n  podSelector: {}\n  policyTypes: [Ingress, Egress]\n";

/// One line changes, and exactly that finding appears.
#[test]
fn one_line_is_one_finding() {
    // What isolates the pods is proved where the engine is known.
    let cluster = r#"{"id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks", "name": "aks", "properties": {"networkProfile": {"networkPlugin": "azure", "networkPolicy": "calico"}}}"#;
    let estate = files(&[("a.yaml", POLICY), ("cluster.json", cluster)]);
    let baseline = accepted(&estate);
    let changed = changed(&estate, "a.yaml", "[Ingress, Egress]", "[Ingress]");
    let judged = beside(&changed, &baseline);
    let failures = judged.failures();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(
        failures[0].starts_with("NP005 Namespace/shop"),
        "{failures:?}"
    );
    // Mended again, it is listed as fixed once it was accepted.
    let judged = beside(&estate, &accepted(&changed));
    assert_eq!(judged.failures(), [""; 0]);
    let gone = judged.compared.unwrap().gone;
    assert_eq!(gone.len(), 1);
    assert_eq!(
        (gone[0].entry.control.as_str(), gone[0].why),
        ("NP005", Why::Fixed)
    );
}

/// A file that moves, is sorted otherwise or formatted otherwise changes nothing.
#[test]
fn files_lines_and_formatting_do_not_matter() {
    let estate = example("weak");
    let baseline = accepted(&estate);
    let moved: Files = estate
        .iter()
        .map(|(path, content)| {
            let is_json = path.ends_with(".json") && !path.ends_with("palisade-snapshot.json");
            let parsed = serde_json::from_str::<serde_json::Value>(content);
            let content = match parsed {
                Ok(parsed) if is_json => reordered(parsed).to_string(),
                _ if is_json || path.ends_with("palisade-snapshot.json") => content.clone(),
                _ => format!("# moved down\n\n\n{content}"),
            };
            (path.clone(), content)
        })
        .rev()
        .collect();
    let judged = beside(&moved, &baseline);
    assert_eq!(judged.failures(), [""; 0]);
    assert!(judged.compared.unwrap().gone.is_empty());
}

/// Lists of resources the other way round, keys sorted, everything on one line.
fn reordered(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Array(items) => items.into_iter().rev().collect(),
        Value::Object(mut members) => {
            for name in ["value", "data", "items"] {
                if let Some(Value::Array(items)) = members.remove(name) {
                    members.insert(name.to_owned(), items.into_iter().rev().collect());
                }
            }
            Value::Object(members)
        }
        other => other,
    }
}

/// A file of another name in another folder.
#[test]
fn a_file_may_move() {
    let estate = files(&[("a.yaml", &POLICY.replace(", Egress", ""))]);
    let baseline = accepted(&estate);
    let moved = files(&[("elsewhere/b.yaml", &estate[0].1)]);
    let judged = beside(&moved, &baseline);
    assert_eq!(judged.failures(), [""; 0]);
    assert!(judged.compared.unwrap().gone.is_empty());
}

#[test]
fn what_is_not_in_the_input_is_not_fixed() {
    let estate = example("weak");
    let baseline = accepted(&estate);
    let fewer: Files = estate
        .iter()
        .filter(|(path, _)| !path.contains("spoke-shop"))
        .cloned()
        .collect();
    let gone = beside(&fewer, &baseline).compared.unwrap().gone;
    let fixed: Vec<_> = gone
        .iter()
        .filter(|gone| gone.why == Why::Fixed && gone.entry.subject.contains("aks-shop"))
        .collect();
    assert!(!gone.is_empty() && fixed.is_empty(), "{fixed:?}");
}

#[test]
fn twins_are_counted() {
    let judged = judge(
        &files(&[("a.yaml", &POLICY.replace(", Egress", ""))]),
        "select = [\"NP005\"]",
    );
    let mut audit = judged.audit;
    let twin = audit.findings[0].clone();
    audit.findings.push(twin);
    let text = Baseline::accept(&judged.input.estate, &audit, false).to_text();
    assert!(text.contains("\"count\": 2"), "{text}");
    // One of the two is mended.
    let baseline = Baseline::read(Text::new("b.json", text)).unwrap();
    let estate = files(&[("a.yaml", &POLICY.replace(", Egress", ""))]);
    let compared = beside(&estate, &baseline).compared.unwrap();
    assert_eq!((compared.known, compared.gone.len()), (1, 1));
    assert_eq!(compared.gone[0].why, Why::Fixed);
    // There is one more than was accepted.
    let one = accepted(&estate);
    let doubled = Baseline::read(Text::new("b.json", one.to_text())).unwrap();
    assert_eq!(doubled.entries().len(), one.entries().len());
}

#[test]
fn a_baseline_is_read_by_people() {
    let estate = files(&[("a.yaml", &POLICY.replace(", Egress", ""))]);
    insta::assert_snapshot!(accepted(&estate).to_text());
    let empty = Baseline::default().to_text();
    assert_eq!(
        Baseline::read(Text::new("b.json", empty))
            .unwrap()
            .entries(),
        []
    );
}

#[test]
fn a_broken_baseline_is_refused_at_its_place() {
    let whole = r#"{"version": "1", "findings": [{"control": "FW001", "subject": "s", "message": "m", "fingerprint": "f"}]}"#;
    assert!(Baseline::read(Text::new("b.json", whole)).is_ok());
    for (from, to) in [
        ("\"1\"", "\"2\""),
        ("\"fingerprint\"", "\"finger\""),
        ("\"m\"", "3"),
        ("}]}", ", \"count\": -1}]}"),
        ("}]}", ", \"result\": \"pass\"}]}"),
        ("}]}", "<<<<<<< main"),
        (whole, ""),
    ] {
        let problems = Baseline::read(Text::new("b.json", whole.replace(from, to))).unwrap_err();
        assert!(!problems.is_empty(), "{to}");
    }
}
