//! The cases of netpol-analyzer: connections, differences, single flows, and inputs that it
//! refuses.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use palisade_corpus_tests::relation::{
    OUTSIDE, Relation, add_line, analysis, differences, end, printed, relation, traffic,
};
use palisade_corpus_tests::{corpus, disagreements, files, read_edited};
use palisade_packet::{AddressSet, Header, Product, Set, Traffic, Transport};
use palisade_reach::kubernetes::{EngineKind, Verdict};
use palisade_report::connectivity::change::{self, ChangeKind};
use palisade_report::connectivity::{Party, PartyKind};
use palisade_sources::Input;
use rayon::prelude::*;
use serde_json::Value;

const PART: &str = "k8s-policy/netpol-analyzer";

/// Every case in scope agrees, but for those that are listed with a reason.
#[test]
fn every_case_agrees() {
    let root = corpus(PART);
    let text = fs::read_to_string(root.join("cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let in_scope: Vec<_> = cases
        .iter()
        .filter(|case| is_in_scope(&root, case))
        .collect();
    let failures: BTreeMap<_, _> = in_scope
        .par_iter()
        .filter_map(|case| {
            let mut differences = check(&root, case);
            if !differences.is_empty() {
                let input = input(&root, case, 0);
                let analysis = analysis(&input, EngineKind::Conformant);
                let own = analysis
                    .into_iter()
                    .flat_map(|analysis| analysis.diagnostics);
                differences.extend(own.map(|it| format!("{it:?}")));
            }
            let id = case["id"].as_str().unwrap_or_default().to_owned();
            (!differences.is_empty()).then_some((id, differences))
        })
        .collect();
    disagreements("netpol-analyzer", in_scope.len(), &failures);
}

/// Several networks per pod are a matter of OpenShift. One case is about a folder that isn't
/// there.
fn is_in_scope(root: &Path, case: &Value) -> bool {
    let folder = case["inputs"][0].as_str().unwrap_or_default();
    let error = case["go_error_expr"].as_str().unwrap_or_default();
    let of_other_networks = ["UDN", "CUDN", "Layer"];
    case["multiple_networks"] != Value::Bool(true)
        && !of_other_networks.iter().any(|word| error.contains(word))
        && root.join(folder).is_dir()
}

fn check(root: &Path, case: &Value) -> Vec<String> {
    let query = case["query"].as_str().unwrap_or_default();
    match query {
        "connlist" | "connlist+exposure" => connections(root, case),
        "explain" | "explain+exposure" => explanations(root, case),
        "diff" => changes(root, case),
        "eval" => flow(root, case),
        "error" => refusal(root, case),
        _ => vec![format!("no such query: {query}")],
    }
}

fn input(root: &Path, case: &Value, number: usize) -> Input {
    let folder = root.join(case["inputs"][number].as_str().unwrap_or_default());
    read_edited(&folder, &files(&folder, ""), as_it_reads)
}

/// netpol-analyzer knows neither host networks nor that pods end: to it every pod is a pod.
fn as_it_reads(text: String) -> String {
    text.replace("hostNetwork: true", "hostNetwork: false")
        .replace("\"hostNetwork\": true", "\"hostNetwork\": false")
        .replace("phase: Succeeded", "phase: Running")
        .replace("\"phase\": \"Succeeded\"", "\"phase\": \"Running\"")
}

fn expected(root: &Path, case: &Value) -> String {
    expected_as(root, case, "txt").unwrap_or_else(|| panic!("{case} has no text"))
}

fn expected_as(root: &Path, case: &Value, format: &str) -> Option<String> {
    let path = case["expected"][format].as_str()?;
    Some(read_text(&root.join(path)))
}

fn read_text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn found(input: &Input) -> Relation {
    analysis(input, EngineKind::Conformant)
        .map(|analysis| relation(&analysis))
        .unwrap_or_default()
}

fn connections(root: &Path, case: &Value) -> Vec<String> {
    let mut wanted = Relation::new();
    let text = expected(root, case);
    let asked = case["focus_conn"].as_str().unwrap_or_default();
    let asked = asked.replace('-', " ").to_uppercase();
    let list = text.split("Exposure Analysis Result").next();
    for line in list.unwrap_or_default().lines() {
        let Some((source, rest)) = line.split_once(" => ") else {
            continue;
        };
        // Where one connection is asked for, the lines name none.
        let (destination, connections) = rest.split_once(" : ").unwrap_or((rest, &asked));
        if !source.contains("{ingress-controller}") {
            add_line(&mut wanted, source, destination, connections).unwrap();
        }
    }
    let mut found = found(&input(root, case, 0));
    found.retain(|(source, destination), _| is_in_focus(case, source, destination));
    if let Some(traffic) = focus(case) {
        let limit = Product::of(AddressSet::full(), traffic);
        for connections in found.values_mut() {
            *connections = connections.intersection(&limit);
        }
        found.retain(|_, connections| !connections.is_empty());
    }
    differences(&wanted, &found)
}

/// The connection that alone is asked for: `tcp-80`.
fn focus(case: &Value) -> Option<Traffic> {
    let (protocol, port) = case["focus_conn"].as_str()?.split_once('-')?;
    traffic(&format!("{} {port}", protocol.to_uppercase()))
}

fn is_in_focus(case: &Value, source: &str, destination: &str) -> bool {
    let list = |key: &str| -> Option<Vec<&str>> {
        let list = case[key].as_array()?;
        Some(list.iter().filter_map(Value::as_str).collect())
    };
    let is_one = |names: &[&str], end: &str| {
        let (full, _) = end.split_once('[').unwrap_or((end, ""));
        let (_, name) = full.split_once('/').unwrap_or(("", full));
        names
            .iter()
            .any(|wanted| *wanted == full || *wanted == name)
    };
    let Some(workloads) = list("focus_workloads") else {
        return true;
    };
    let peers = list("focus_peers");
    let fits = |own: &str, other: &str| {
        is_one(&workloads, own) && peers.as_ref().is_none_or(|peers| is_one(peers, other))
    };
    match case["focus_direction"].as_str() {
        Some("ingress") => fits(destination, source),
        Some("egress") => fits(source, destination),
        _ => fits(source, destination) || fits(destination, source),
    }
}

/// For each pair that is explained what is allowed and denied is so.
fn explanations(root: &Path, case: &Value) -> Vec<String> {
    let text = expected(root, case);
    let found = found(&input(root, case, 0));
    let mut problems = Vec::new();
    for block in text.split("Connections between ").skip(1) {
        let title = block.lines().next().unwrap_or_default();
        let Some((source, destination)) = title.trim_end_matches(':').split_once(" => ") else {
            continue;
        };
        if source.contains("{ingress-controller}") {
            continue;
        }
        let ((from, here), (to, there)) = (end(source), end(destination));
        let addresses = here.intersection(&there);
        let mut sums = [Traffic::empty(), Traffic::empty()];
        for line in block.lines() {
            for (place, word) in ["\tAllowed ", "\tDenied "].iter().enumerate() {
                let list = line
                    .strip_prefix(word)
                    .filter(|_| !line.starts_with("\t\t"));
                let list = list.and_then(|rest| rest.split(" due to ").next());
                if let Some(more) = list.and_then(traffic) {
                    sums[place] = sums[place].union(&more);
                }
            }
        }
        let [allowed, denied] = sums;
        let said = allowed.union(&denied);
        let wanted = Product::of(addresses.clone(), allowed);
        let limit = Product::of(addresses, said);
        let got = found.get(&(from.clone(), to.clone()));
        let got = got.map_or_else(Product::empty, |got| got.intersection(&limit));
        if wanted != got {
            problems.push(format!("{title} expected {wanted:?}, found {got:?}"));
        }
    }
    problems
}

/// The added, removed and changed connections between two states.
fn changes(root: &Path, case: &Value) -> Vec<String> {
    let states = [0, 1].map(|number| found(&input(root, case, number)));
    let mut wanted = [Relation::new(), Relation::new()];
    let mut listed = BTreeSet::new();
    let mut list = |source: &str, destination: &str, connections: [&str; 2]| {
        if !source.contains("{ingress-controller}") {
            listed.insert((end(source).0, end(destination).0));
            for (state, connections) in wanted.iter_mut().zip(connections) {
                add_line(state, source, destination, connections).unwrap();
            }
        }
    };
    if let Some(table) = expected_as(root, case, "csv") {
        for line in table.lines().skip(1) {
            let fields = fields(line);
            list(&fields[1], &fields[2], [&fields[3], &fields[4]]);
        }
    } else {
        let text = expected(root, case);
        for line in text.lines().filter(|line| line.starts_with("diff-type:")) {
            let field = |names: &[&str]| {
                let name = names.iter().find(|name| line.contains(**name))?;
                let rest = line.split(name).nth(1)?;
                let after = [
                    ", source: ",
                    ", destination: ",
                    ", ref",
                    ", dir",
                    ", workloads-diff-info: ",
                ];
                let end = after.iter().filter_map(|next| rest.find(next)).min();
                Some(&rest[..end.unwrap_or(rest.len())])
            };
            let known = |names: &[&str]| field(names).unwrap_or_else(|| panic!("{line}"));
            list(
                known(&["source: "]),
                known(&["destination: "]),
                [known(&["ref1: ", "dir1: "]), known(&["ref2: ", "dir2: "])],
            );
        }
    }
    let mut problems = differing_pairs(root, case, &states);
    let keys: BTreeSet<_> = states.iter().flat_map(|state| state.keys()).collect();
    let none = Product::empty();
    for key in keys.into_iter().chain(&listed).collect::<BTreeSet<_>>() {
        let [before, after] = [0, 1].map(|place| states[place].get(key).unwrap_or(&none));
        let [wanted_before, wanted_after] =
            [0, 1].map(|place| wanted[place].get(key).unwrap_or(&none));
        // Only what changed is listed; of the outside, only the addresses for which it did.
        let change = |a: &Product<_, _>, b: &Product<_, _>| (a.difference(b), b.difference(a));
        if change(before, after) != change(wanted_before, wanted_after) {
            problems.push(format!(
                "{} => {}: expected {wanted_before:?} then {wanted_after:?}, found {before:?} then {after:?}",
                key.0, key.1
            ));
        }
    }
    problems
}

/// Where `palisade diff` sees another change than these two states: a pair of workloads that it
/// misses, or one that it says is connected newly or no longer.
fn differing_pairs(root: &Path, case: &Value, states: &[Relation; 2]) -> Vec<String> {
    let inputs = [0, 1].map(|number| input(root, case, number));
    let [before, after] = [0, 1].map(|number| analysis(&inputs[number], EngineKind::Conformant));
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let names = |party: &Party| -> Vec<String> {
        let namespace = party.namespace.clone().unwrap_or_default();
        let members = party.members.iter();
        members
            .filter_map(|member| member.split_once('/'))
            .map(|(kind, name)| format!("{namespace}/{name}[{kind}]"))
            .collect()
    };
    let inside = |party: &Party| matches!(party.kind, PartyKind::Pods | PartyKind::HostPods);
    let mut seen = BTreeMap::new();
    for change in change::between("", &before, &after).connections {
        if !inside(&change.from) || !inside(&change.to) {
            continue;
        }
        for from in names(&change.from) {
            for to in names(&change.to) {
                seen.insert((from.clone(), to), change.kind());
            }
        }
    }
    let differs = |key: &(String, String)| states[0].get(key) != states[1].get(key);
    let keys: BTreeSet<_> = states.iter().flat_map(|state| state.keys()).collect();
    let is_pair = |key: &(String, String)| key.0 != OUTSIDE && key.1 != OUTSIDE;
    let changed = keys.into_iter().filter(|key| is_pair(key) && differs(key));
    let missed = changed.filter(|key| !seen.contains_key(*key));
    let mut problems: Vec<_> = missed
        .map(|key| format!("{key:?} isn't in the difference"))
        .collect();
    let invented = seen
        .iter()
        .filter(|(key, kind)| key.0 != key.1 && **kind != ChangeKind::Changed && !differs(key));
    problems.extend(invented.map(|(key, kind)| format!("{key:?} isn't {}", kind.as_str())));
    problems
}

/// The fields of a line of CSV.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

fn flow(root: &Path, case: &Value) -> Vec<String> {
    let input = input(root, case, 0);
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    let analysis = analysis(&input, EngineKind::Conformant).unwrap();
    let find = |wanted: &str| {
        let all = analysis.endpoints.workloads().iter();
        all.filter(|workload| format!("{}/{}", workload.namespace, workload.name) == wanted)
            .flat_map(|workload| &workload.endpoints)
            .next()
            .copied()
            .unwrap_or_else(|| panic!("there is no {wanted}"))
    };
    let header = Header::Ports {
        transport: Transport::named(&text("protocol").to_uppercase()).unwrap(),
        source: 40_000,
        destination: text("port").parse().unwrap(),
    };
    let pair = analysis.pair(find(text("src")), find(text("dst")));
    let verdict = pair.both.verdict(&header, &analysis.table());
    let wanted = match case["expected_verdict"].as_bool().unwrap() {
        true => Verdict::Allowed,
        false => Verdict::Denied,
    };
    match verdict == wanted {
        true => Vec::new(),
        false => vec![format!("expected {wanted:?}, found {verdict:?}")],
    }
}

/// What it refuses as a whole gives an error here, and the rest is still analysed.
fn refusal(root: &Path, case: &Value) -> Vec<String> {
    let input = input(root, case, 0);
    let analysis = analysis(&input, EngineKind::Conformant);
    let own = analysis
        .map(|analysis| analysis.diagnostics)
        .unwrap_or_default();
    let is_error = |diagnostic: &palisade_document::Diagnostic| {
        diagnostic.level == palisade_document::Level::Error
    };
    match own.iter().chain(&input.diagnostics).any(is_error) {
        true => Vec::new(),
        false => vec!["nothing is refused".to_owned()],
    }
}

#[test]
fn connections_are_read_as_they_are_printed() {
    let tcp = traffic("SCTP 1-9002,9004-65535,TCP 1-65535,UDP 53").unwrap();
    assert_eq!(
        tcp.to_string(),
        "TCP 1-65535; UDP 53; SCTP 1-9002, 9004-65535"
    );
    assert_eq!(traffic("TCP, UDP, SCTP").unwrap(), printed());
    assert_eq!(
        traffic("TCP:[80,90-99], UDP").unwrap().to_string(),
        "TCP 80, 90-99; UDP 1-65535"
    );
    assert_eq!(end("10.0.0.0-10.255.255.255[External]").0, OUTSIDE);
    assert_eq!(end("a/b[Deployment]").0, "a/b[Deployment]");
}
