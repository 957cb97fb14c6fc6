//! How subscriptions and clusters are told apart, counted and ordered.

use palisade_report::{Counts, Links, Report, markdown, terminal};
use serde_json::{Value, json};

use crate::report;

/// Clusters, each with its subscription, name and whether it is as it should be.
fn clusters(all: &[(&str, &str, bool)]) -> Report {
    let bodies: Vec<Value> = all
        .iter()
        .map(|(subscription, name, is_sound)| {
            json!({
                "id": format!("/subscriptions/{subscription}/resourceGroups/rg-{name}/providers/Microsoft.ContainerService/managedClusters/aks-{name}"),
                "name": format!("aks-{name}"),
                "properties": {
                    "disableLocalAccounts": is_sound,
                    "apiServerAccessProfile": { "enablePrivateCluster": is_sound },
                    "networkProfile": {
                        "outboundType": if *is_sound { "userDefinedRouting" } else { "loadBalancer" },
                        "networkPolicy": if *is_sound { "cilium" } else { "none" },
                    },
                },
            })
        })
        .collect();
    report(&[(
        "clusters.json".to_owned(),
        serde_json::to_vec(&bodies).unwrap(),
    )])
}

fn shown(report: &Report, full: bool) -> String {
    let style = terminal::Style {
        colour: false,
        width: 100,
        shown: &[],
        full,
    };
    terminal::render(report, style)
}

/// The rows of a table of the terminal, from its heading to the empty line: name and score.
fn rows(text: &str, heading: &str) -> Vec<(String, u8)> {
    let lines = text
        .lines()
        .skip_while(|line| !line.trim_start().starts_with(heading));
    let rows = lines.skip(1).take_while(|line| !line.is_empty());
    let rows = rows.filter(|line| !line.contains("`--full`"));
    rows.filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.parse().ok()?))
    })
    .collect()
}

fn sum(counts: &Counts) -> usize {
    counts.pass + counts.fail + counts.unknown + counts.not_applicable + counts.waived
}

#[test]
fn an_answer_counts_in_the_subscription_of_its_subject_once() {
    let report = clusters(&[("s2", "a", true), ("s1", "b", false), ("s2", "c", false)]);
    let ids: Vec<_> = report
        .subscriptions
        .iter()
        .map(|one| (one.id.as_str(), one.clusters))
        .collect();
    assert_eq!(ids, [("s1", 1), ("s2", 2)]);
    let counted: usize = report
        .subscriptions
        .iter()
        .map(|one| sum(&one.counts))
        .sum();
    assert_eq!(counted, report.findings.len());
    for one in &report.subscriptions {
        let by_recommendation: usize = one.recommendations.iter().map(|one| sum(&one.counts)).sum();
        assert_eq!(sum(&one.counts), by_recommendation, "{}", one.id);
    }
    for cluster in &report.clusters {
        let own = report
            .findings
            .iter()
            .filter(|finding| finding.clusters.contains(&cluster.id));
        assert_eq!(sum(&cluster.counts), own.count(), "{}", cluster.name);
    }
}

#[test]
fn the_worst_come_first_and_the_best_of_many_are_folded() {
    let names: Vec<String> = (0..13).map(|number| format!("{number:02}")).collect();
    let all: Vec<_> = names
        .iter()
        .zip(0..)
        .map(|(name, number)| ("s1", name.as_str(), number < 11))
        .collect();
    let report = clusters(&all);
    let text = shown(&report, false);
    let listed = rows(&text, "cluster ");
    assert_eq!(listed.len(), 10, "{text}");
    assert!(listed.is_sorted_by_key(|(_, score)| *score), "{text}");
    assert_eq!([&listed[0].0, &listed[1].0], ["aks-11", "aks-12"], "{text}");
    assert!(text.contains("   and 3 more, with score "), "{text}");
    assert_eq!(rows(&shown(&report, true), "cluster ").len(), 13);
    let comment = markdown::render(&report, &["fail"], Links { base: None });
    let worst = comment.find("| `aks-11` |").unwrap();
    assert!(worst < comment.find("| `aks-00` |").unwrap(), "{comment}");
}

/// With one subscription the table would say again what the recommendations' table says.
#[test]
fn a_single_subscription_has_no_table() {
    let one = clusters(&[("s1", "a", true), ("s1", "b", false)]);
    assert!(!shown(&one, false).contains("   subscription "));
    let two = clusters(&[("s1", "a", true), ("s2", "b", false)]);
    let text = shown(&two, false);
    let listed: Vec<_> = rows(&text, "subscription ")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(listed, ["s2", "s1"], "{text}");
}

#[test]
fn clusters_of_one_name_are_told_apart() {
    let id = |group: &str| {
        json!({
            "id": format!("/subscriptions/s1/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/aks"),
            "name": "aks",
            "properties": { "disableLocalAccounts": false },
        })
    };
    let bodies = serde_json::to_vec(&[id("rg-blue"), id("rg-green")]).unwrap();
    let text = shown(&report(&[("clusters.json".to_owned(), bodies)]), false);
    assert!(
        text.contains("aks (rg-blue)") && text.contains("aks (rg-green)"),
        "{text}"
    );
}
