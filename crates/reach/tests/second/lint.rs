//! What the engine says could go is taken out of random clusters, all of it at once: every verdict
//! stays what it was.

use palisade_document::{Origin, Value};
use palisade_reach::kubernetes::{
    Engine as KubernetesEngine, EngineKind, LintKind, Options, Verdict, analyse,
};
use palisade_sources::File;
use serde_json::Value as Json;

use super::cluster::{Carries, Cluster};
use super::draw::Draw;
use super::{Asked, Engine, World, header};

/// The way to a rule: the keys and numbers from the top.
type Way = Vec<String>;

fn way_to(value: Value<'_>, wanted: Origin, way: &mut Way) -> bool {
    if value.origin() == wanted {
        return true;
    }
    for entry in value.entries() {
        way.push(entry.name().to_owned());
        if way_to(entry.value, wanted, way) {
            return true;
        }
        way.pop();
    }
    for (number, item) in value.items().enumerate() {
        way.push(number.to_string());
        if way_to(item, wanted, way) {
            return true;
        }
        way.pop();
    }
    false
}

/// What becomes of packets between all ends, and the ways to what could go.
fn ask(world: &World, seed: u64, manifest: &str) -> (Vec<String>, Vec<Way>) {
    let load = |content: &&str| {
        Ok(File {
            path: "cluster.json".to_owned(),
            bytes: content.as_bytes().to_vec(),
        })
    };
    let input = palisade_sources::read_all(&[manifest], load, false);
    let cluster = input.estate.clusters().next().unwrap();
    let kind = match world.engine {
        Engine::Conformant => EngineKind::Conformant,
        Engine::AzureNpm => EngineKind::AzureNpm,
        Engine::Calico => EngineKind::Calico,
        Engine::Cilium => EngineKind::Cilium,
    };
    let asked = Asked {
        analysis: analyse(&cluster, &Options::new(KubernetesEngine::new(kind))),
    };
    let could_go = [
        LintKind::RuleMatchesNothing,
        LintKind::RuleShadowed,
        LintKind::RuleRedundant,
    ];
    let mut ways = Vec::new();
    for lint in asked.analysis.lint() {
        let mut way = Way::new();
        let mut roots = input.estate.documents()[0].roots();
        if could_go.contains(&lint.kind) && roots.any(|root| way_to(root, lint.at, &mut way)) {
            ways.push(way);
        }
    }
    let mut draw = Draw::new(seed ^ 0x11D7);
    let mut verdicts = Vec::new();
    for source in world.cluster.everyone() {
        for destination in world.cluster.everyone() {
            if source == destination
                || Cluster::is_outside(source) && Cluster::is_outside(destination)
            {
                continue;
            }
            let ends = (
                asked.endpoint(world, source),
                asked.endpoint(world, destination),
            );
            let pair = asked.analysis.pair(ends.0, ends.1);
            for carries in draw.some(4, 4, Carries::draw) {
                let verdict = pair.both.verdict(&header(carries), &asked.analysis.table());
                let word = match verdict {
                    Verdict::Allowed => "allowed",
                    Verdict::Denied => "denied",
                    Verdict::Uncertain(_) => "uncertain",
                };
                verdicts.push(format!("{source:?} -> {destination:?} {carries:?}: {word}"));
            }
        }
    }
    (verdicts, ways)
}

/// Takes out what the ways lead to, the last of a list first.
fn without(manifest: &str, ways: &[Way]) -> String {
    let mut json: Json = serde_json::from_str(manifest).unwrap();
    let mut ways = ways.to_vec();
    ways.sort_by_key(|way| std::cmp::Reverse(way.last().unwrap().parse::<usize>().unwrap()));
    for way in ways {
        let (last, list) = way.split_last().unwrap();
        let pointer: String = list.iter().map(|part| format!("/{part}")).collect();
        let list = json.pointer_mut(&pointer).unwrap().as_array_mut().unwrap();
        list.remove(last.parse().unwrap());
    }
    serde_json::to_string_pretty(&json).unwrap()
}

#[test]
fn all_that_could_go_can_go_at_once() {
    let mut taken = 0;
    for seed in 0..400 {
        let world = World::draw(seed);
        let manifest = world.written();
        let (before, ways) = ask(&world, seed, &manifest);
        if ways.is_empty() {
            continue;
        }
        taken += ways.len();
        let (after, _) = ask(&world, seed, &without(&manifest, &ways));
        let differs = before
            .iter()
            .zip(&after)
            .find(|(before, after)| before != after);
        assert!(
            differs.is_none(),
            "seed {seed}, {:?}: without {ways:?} {differs:?}\n{manifest}",
            world.engine
        );
    }
    assert!(taken > 200, "only {taken} rules could go");
}
