//! The fuzz targets of `fuzz/` for a toolchain without libFuzzer: the fixtures, mutated.

use std::time::{Duration, Instant};

use palisade_document::{Document, Notation, Text};
use palisade_estate::{Coverage, Estate, View, azure, kubernetes};

use crate::{fixtures, read};

/// What is put into a file to get somewhere that chance doesn't.
const TOKENS: [&str; 44] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "'",
    "\\",
    "\n",
    "\r",
    "\0",
    "\u{feff}",
    "---\n",
    "...\n",
    "- ",
    "? ",
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "<<: *a\n",
    "!!str ",
    "#",
    "//",
    "/*",
    "null",
    "true",
    "0x",
    "1e9",
    "\\ud800",
    "{{",
    "}}",
    "é",
    "\"id\": ",
    "/subscriptions/s/resourceGroups/g/providers/p/t/n",
    "\"type\": ",
    "\"properties\": ",
    "\"value\": [",
    "kind: ",
    "Password=",
    "://u:p@",
    "-----BEGIN PRIVATE KEY-----",
    "eyJhbGciOiJI.eyJzdWIi.x",
];

/// Xorshift: the same seed gives the same inputs.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or_default() % limit.max(1)
    }

    fn range(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(bytes.len() + 1);
        start..(start + self.below(40)).min(bytes.len())
    }
}

fn mutate(bytes: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let range = chance.range(bytes);
    match chance.below(6) {
        0 => drop(bytes.drain(range)),
        1 => {
            let copy = bytes[range].to_vec();
            bytes.splice(at..at, copy);
        }
        2 => {
            let copy = other[chance.range(other)].to_vec();
            bytes.splice(at..at, copy);
        }
        3 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
        4 => bytes.truncate(at.max(bytes.len() / 2)),
        _ => drop(bytes.splice(at..at, TOKENS[chance.below(TOKENS.len())].bytes())),
    }
}

fn check_document(document: &Document) {
    let content = document.text().content();
    for value in document.values() {
        assert!(content.get(value.span().range()).is_some(), "{value:?}");
        assert!(value.position() <= document.positions(value.span()).1);
        let _ = (
            value.as_str(),
            value.as_i64(),
            value.as_bool(),
            value.scalar(),
        );
    }
    for &span in document.comments() {
        assert!(content.get(span.range()).is_some());
    }
}

/// Asks an estate everything that needs no argument.
fn ask(estate: &Estate) {
    for resource in estate.resources() {
        let _ = (
            resource.location(),
            resource.parent(),
            resource.referrers(),
            resource.anchor(),
        );
        let _ = estate.clusters_of(&resource);
        assert_eq!(
            estate.find(resource.id()).map(|found| found.id().clone()),
            Some(resource.id().clone())
        );
    }
    for subscription in estate.subscriptions() {
        assert_ne!(
            estate.coverage::<azure::Subnet<'_>>(&subscription),
            Coverage::Complete
        );
    }
    for network in estate.all::<azure::VirtualNetwork<'_>>() {
        assert!(
            network
                .subnets()
                .iter()
                .all(|subnet| subnet.virtual_network().is_some())
        );
    }
    for table in estate.all::<azure::RouteTable<'_>>() {
        let _ = table.default_route();
    }
    for group in estate.all::<azure::NetworkSecurityGroup<'_>>() {
        let _ = group.rules(azure::Direction::Inbound);
    }
    for managed in estate.all::<azure::ManagedCluster<'_>>() {
        assert_eq!(managed.resource_type(), azure::ManagedCluster::TYPE);
        let _ = (
            managed.subnets(),
            managed.policy_engine(),
            managed.outbound_type(),
        );
    }
    for cluster in estate.clusters() {
        let _ = kubernetes::pod_templates(&cluster);
    }
    for object in estate.objects() {
        let _ = (
            object.namespace(),
            object.display_name(),
            object.anchor(),
            object.cluster().name(),
        );
        let _ = object.get("spec.selector").map(kubernetes::Selector::read);
    }
}

fn check(bytes: &[u8]) {
    if let Ok(text) = Text::decode("fuzz", bytes.to_vec()) {
        for notation in [Notation::Json, Notation::Yaml] {
            let (document, _) = palisade_document::parse(text.clone(), notation);
            check_document(&document);
        }
    }
    let reading = read("fuzz", bytes);
    for problem in &reading.diagnostics {
        assert!(!problem.message.is_empty());
    }
    let Some(reading) = reading.reading else {
        return;
    };
    check_document(&reading.document);
    let (estate, _) = Estate::assemble(vec![reading], false);
    ask(&estate);
}

fn run(limit: Duration, seed: u64) -> u64 {
    let fixtures: Vec<_> = fixtures().into_iter().map(|(_, bytes)| bytes).collect();
    let (start, mut chance, mut count) = (Instant::now(), Chance(seed | 1), 0);
    while start.elapsed() < limit {
        let mut bytes = fixtures[chance.below(fixtures.len())].clone();
        for _ in 0..=chance.below(12) {
            let other = fixtures[chance.below(fixtures.len())].clone();
            mutate(&mut bytes, &other, &mut chance);
        }
        if std::panic::catch_unwind(|| check(&bytes)).is_err() {
            panic!(
                "seed {seed}, input {count}: {:?}",
                String::from_utf8_lossy(&bytes)
            );
        }
        count += 1;
    }
    count
}

#[test]
fn mutated_fixtures_never_panic() {
    assert!(run(Duration::from_secs(2), 0x5eed) > 0);
}

/// `PALISADE_FUZZ_SECONDS=600 cargo test -p palisade-sources -- --ignored fuzz_for_a_while`
#[test]
#[ignore = "runs as long as PALISADE_FUZZ_SECONDS says"]
fn fuzz_for_a_while() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seconds = number("PALISADE_FUZZ_SECONDS").unwrap_or(60);
    let seed = number("PALISADE_FUZZ_SEED").unwrap_or(1);
    assert!(run(Duration::from_secs(seconds), seed) > 0);
}
