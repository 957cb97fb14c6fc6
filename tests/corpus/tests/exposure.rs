//! The exposure analysis of netpol-analyzer: whom the policies at a workload let in or out of
//! pods that aren't there, by the labels that these may have.
//!
//! It asks the policies of the workload alone, not those that the pod to come would have. So the
//! comparison is with what the policies at the workload say, for every kind of pod to come.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use palisade_corpus_tests::relation::{options, printed, traffic};
use palisade_corpus_tests::{corpus, disagreements, files, read};
use palisade_estate::kubernetes::PolicyType;
use palisade_packet::{Set, Traffic};
use palisade_reach::kubernetes::{
    EndpointId, EndpointSet, EngineKind, Exposure, Home, Labels, expose,
};
use serde_json::Value;

const PART: &str = "k8s-policy/netpol-analyzer";

/// A line of an expected result: the workload, the direction, the other side, what gets through.
struct Line<'t> {
    workload: &'t str,
    direction: PolicyType,
    peer: &'t str,
    connection: &'t str,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let exposure = text
        .split("Exposure Analysis Result:")
        .nth(1)
        .unwrap_or_default();
    let lines = exposure.lines().filter_map(|line| {
        let (ends, connection) = line.rsplit_once(" : ")?;
        let (workload, peer, direction) = match (ends.split_once("=>"), ends.split_once("<=")) {
            (Some((workload, peer)), _) => (workload, peer, PolicyType::Egress),
            (_, Some((workload, peer))) => (workload, peer, PolicyType::Ingress),
            _ => return None,
        };
        Some(Line {
            workload: workload.trim(),
            direction,
            peer: peer.trim(),
            connection: connection.trim(),
        })
    });
    lines
        .filter(|line| !line.peer.contains("[External]"))
        .collect()
}

/// Whether a pod to come is among those that a peer stands for.
fn is_of(peer: &str, home: &Home<'_>, namespace: &Labels<'_>, pod: &Labels<'_>) -> bool {
    if peer == "entire-cluster" {
        return true;
    }
    // Keys of labels have slashes, too.
    let (place, pods) = match peer.strip_prefix('[') {
        Some(rest) => rest.split_once("]/").unwrap(),
        None => peer.split_once('/').unwrap(),
    };
    let is_there = match place {
        "all namespaces" => true,
        place if place.starts_with("namespace with ") => {
            fulfils(place.trim_start_matches("namespace with "), namespace)
        }
        name => {
            matches!(home, Home::Namespace(own) if *own == name)
                || namespace.get("kubernetes.io/metadata.name") == Some(name)
        }
    };
    is_there && (pods == "[all pods]" || fulfils(pods.trim_start_matches("[pod with "), pod))
}

/// Whether labels fulfil `{k=v,{Key:k,Operator:In,Values:[a b],}}]`.
fn fulfils(text: &str, labels: &Labels<'_>) -> bool {
    let mut rest = text.trim_end_matches(']').strip_prefix('{').unwrap();
    rest = rest.strip_suffix('}').unwrap();
    let mut holds = true;
    while !rest.is_empty() {
        rest = rest.trim_start_matches(',');
        if let Some(expression) = rest.strip_prefix("{Key:") {
            let (key, after) = expression.split_once(",Operator:").unwrap();
            let (operator, after) = after.split_once(",Values:[").unwrap();
            let (values, after) = after.split_once("],}").unwrap();
            let value = labels.get(key);
            let is_listed = value.is_some_and(|value| values.split(' ').any(|it| it == value));
            holds &= match operator {
                "In" => is_listed,
                "NotIn" => !is_listed,
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                other => panic!("{other}"),
            };
            rest = after;
        } else {
            let (requirement, after) = rest.split_once(',').unwrap_or((rest, ""));
            if let Some((key, value)) = requirement.split_once('=') {
                holds &= labels.get(key) == Some(value);
            }
            rest = after;
        }
    }
    holds
}

fn workload(exposure: &Exposure<'_>, name: &str) -> Option<EndpointId> {
    let workloads = exposure.analysis.endpoints.workloads().iter();
    let mut named =
        workloads.filter(|it| format!("{}/{}[{}]", it.namespace, it.name, it.kind) == name);
    named.next()?.endpoints.first().copied()
}

fn check(root: &Path, case: &Value) -> Option<Vec<String>> {
    let is_narrowed = [
        "focus_workloads",
        "focus_peers",
        "focus_direction",
        "focus_conn",
    ]
    .iter()
    .any(|key| case.get(*key).is_some_and(|value| !value.is_null()));
    let folder = root.join(case["inputs"][0].as_str()?);
    if is_narrowed || case["query"] != "connlist+exposure" || !folder.is_dir() {
        return None;
    }
    let text = fs::read_to_string(root.join(case["expected"]["txt"].as_str()?)).ok()?;
    let lines = lines(&text);
    // Ports by name are those of pods that aren't there.
    let is_named = |line: &Line<'_>| {
        let mut words = line.connection.split([' ', ',']);
        line.connection != "All Connections"
            && words.any(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    if lines.is_empty() || lines.iter().any(is_named) {
        return None;
    }
    let input = read(&folder, &files(&folder, ""));
    let cluster = input.estate.clusters().next()?;
    let exposure = expose(&cluster, &options(EngineKind::Conformant)?).ok()?;
    let mut workloads: Vec<&str> = lines.iter().map(|line| line.workload).collect();
    workloads.dedup();
    let mut differences = Vec::new();
    for name in workloads {
        let Some(id) = workload(&exposure, name) else {
            differences.push(format!("no {name}"));
            continue;
        };
        for direction in [PolicyType::Ingress, PolicyType::Egress] {
            let own = lines.iter();
            let own: Vec<_> = own
                .filter(|line| line.workload == name && line.direction == direction)
                .collect();
            differences.extend(of_workload(&exposure, id, direction, &own));
        }
    }
    Some(differences)
}

fn of_workload(
    exposure: &Exposure<'_>,
    id: EndpointId,
    direction: PolicyType,
    lines: &[&Line<'_>],
) -> Vec<String> {
    let analysis = &exposure.analysis;
    let mut differences = Vec::new();
    for (home, place) in exposure.homes.iter().enumerate() {
        for (class, labels) in exposure.classes.iter().enumerate() {
            let other = exposure.pod(home, class).unwrap();
            if is_taken(exposure, other, class) {
                continue;
            }
            let endpoint = analysis.endpoints.get(other);
            let namespace = &analysis.endpoints.namespaces()[endpoint.namespace.unwrap()];
            // A line about some pods says all of them, and that of the entire cluster the rest.
            let (whole, some): (Vec<&Line<'_>>, Vec<_>) = lines
                .iter()
                .filter(|line| is_of(line.peer, place, &namespace.labels, &labels.sample()))
                .partition(|line| line.peer == "entire-cluster");
            let meant = if some.is_empty() { whole } else { some };
            let meant = meant.iter().filter_map(|line| traffic(line.connection));
            let meant = meant.fold(Traffic::empty(), |all, one| all.union(&one));
            let outcomes = analysis.outcomes(direction, id, &EndpointSet::one(other));
            let mut table = analysis.table();
            let allowed = outcomes[0].1.certainly_allowed(&mut table);
            let found = table.get(allowed).intersection(&printed());
            if found != meant.intersection(&printed()) {
                differences.push(format!(
                    "{direction:?} of {:?} {labels} in {place:?}: {found}, and {meant} expected",
                    id
                ));
            }
        }
    }
    differences
}

/// Whether a selector that selects a pod to come selects one of its namespace that is there:
/// netpol-analyzer is silent about those.
fn is_taken(exposure: &Exposure<'_>, pod: EndpointId, class: usize) -> bool {
    let endpoints = &exposure.analysis.endpoints;
    let class = &exposure.classes[class];
    let own = endpoints.pods_of(endpoints.get(pod).namespace.unwrap());
    own.iter().filter(|id| !exposure.is_to_come(*id)).any(|id| {
        let labels = &endpoints.get(id).labels;
        let mut selectors = exposure.selectors.iter();
        selectors.any(|it| it.matches(|key| labels.get(key)) && class.is_selected(it))
    })
}

#[test]
fn exposure_agrees_with_netpol_analyzer() {
    let root = corpus(PART);
    let text = fs::read_to_string(root.join("cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let (mut asked, mut differ) = (0, BTreeMap::new());
    for case in &cases {
        let Some(differences) = check(&root, case) else {
            continue;
        };
        asked += 1;
        if !differences.is_empty() {
            let id = case["id"].as_str().unwrap_or_default();
            differ.insert(id.to_owned(), differences);
        }
    }
    assert!(asked > 50, "{asked} cases");
    disagreements("exposure", asked, &differ);
}
