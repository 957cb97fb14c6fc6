//! Isolation, and the pods that stand for others, in random clusters: what is isolated lets nothing
//! through that no rule allows, what holds for a stand-in holds for every pod of its namespace, and
//! stand-ins change nothing for the others.

use std::mem::discriminant;

use palisade_estate::kubernetes::PolicyType;
use palisade_reach::kubernetes::{EngineKind, Isolation, Options, analyse};
use palisade_sources::File;

use super::cluster::{Carries, Cluster, Who};
use super::draw::Draw;
use super::{Asked, Engine, World, istio};

const DIRECTIONS: [PolicyType; 2] = [PolicyType::Ingress, PolicyType::Egress];

fn engine(world: &World) -> palisade_reach::kubernetes::Engine {
    palisade_reach::kubernetes::Engine::new(match world.engine {
        Engine::Conformant => EngineKind::Conformant,
        Engine::AzureNpm => EngineKind::AzureNpm,
        Engine::Calico => EngineKind::Calico,
        Engine::Cilium => EngineKind::Cilium,
    })
}

/// Calls `check` with the cluster of each seed, without stand-ins and with them.
fn for_each(seeds: std::ops::Range<u64>, check: impl Fn(&World, &Asked<'_>, &Asked<'_>, u64)) {
    for seed in seeds {
        let world = World::draw(seed);
        let manifest = world.written();
        let load = |content: &&str| {
            Ok(File {
                path: "cluster.json".to_owned(),
                bytes: content.as_bytes().to_vec(),
            })
        };
        let input = palisade_sources::read_all(&[manifest.as_str()], load, false);
        let cluster = input.estate.clusters().next().unwrap();
        let ask = |with_stand_ins| Asked {
            analysis: analyse(
                &cluster,
                &Options {
                    with_stand_ins,
                    ..Options::new(engine(&world))
                },
            ),
        };
        check(&world, &ask(false), &ask(true), seed);
    }
}

/// Whether a packet may get through one direction's policies with nothing deciding it.
fn may_be_undecided(world: &World, ends: (Who, Who), carries: Carries, ingress: bool) -> bool {
    let packet = world.policies(ends, carries, ingress);
    match ingress {
        true => packet
            .and(istio::decide(&world.cluster, &world.istio, ends, carries))
            .may_be_undecided(),
        false => packet.may_be_undecided(),
    }
}

#[test]
fn what_is_isolated_lets_nothing_through_that_no_rule_allows() {
    for_each(0..150, |world, asked, _, seed| {
        let mut draw = Draw::new(seed ^ 0x150);
        for (ingress, direction) in [(true, PolicyType::Ingress), (false, PolicyType::Egress)] {
            let isolations = asked.analysis.isolations(direction);
            for subject in world.cluster.everyone() {
                let id = asked.endpoint(world, subject);
                if Cluster::is_outside(subject) || *isolations.get(id) != Isolation::Whole {
                    continue;
                }
                for peer in world
                    .cluster
                    .everyone()
                    .into_iter()
                    .filter(|it| *it != subject)
                {
                    let ends = if ingress {
                        (peer, subject)
                    } else {
                        (subject, peer)
                    };
                    for carries in draw.some(3, 3, Carries::draw) {
                        assert!(
                            !may_be_undecided(world, ends, carries, ingress),
                            "seed {seed}, {:?}: {ends:?} {carries:?}",
                            world.engine
                        );
                    }
                }
            }
        }
    });
}

#[test]
fn stand_ins_change_nothing_for_the_others() {
    for_each(300..400, |world, plain, with, seed| {
        let everyone = world.cluster.everyone();
        for direction in DIRECTIONS {
            let isolations = [plain, with].map(|asked| asked.analysis.isolations(direction));
            for who in everyone.iter().filter(|who| !Cluster::is_outside(**who)) {
                let left = isolations[0].get(plain.endpoint(world, *who));
                let right = isolations[1].get(with.endpoint(world, *who));
                let is_same = discriminant(left) == discriminant(right);
                assert!(is_same, "seed {seed}: {left:?}, {right:?}");
            }
        }
        let said = |asked: &Asked<'_>, ends: (Who, Who)| {
            let ids = (asked.endpoint(world, ends.0), asked.endpoint(world, ends.1));
            let pair = asked.analysis.pair(ids.0, ids.1);
            let table = asked.analysis.table();
            let (allowed, denied) = (pair.both.allowed, pair.both.denied);
            (table.get(allowed).clone(), table.get(denied).clone())
        };
        for source in &everyone {
            for destination in &everyone {
                let ends = (*source, *destination);
                assert_eq!(said(plain, ends), said(with, ends), "seed {seed}");
            }
        }
    });
}

#[test]
fn what_holds_for_a_stand_in_holds_for_every_pod_of_its_namespace() {
    for_each(500..800, |world, _, asked, seed| {
        let endpoints = &asked.analysis.endpoints;
        for direction in DIRECTIONS {
            let isolations = asked.analysis.isolations(direction);
            for namespace in 0..endpoints.namespaces().len() {
                let stand_ins = endpoints.stand_ins(namespace).unwrap();
                let any = isolations.get(stand_ins.any);
                for pod in endpoints.pods_of(namespace).iter() {
                    let is_same = match (any, isolations.get(pod)) {
                        (Isolation::Whole, own) => *own == Isolation::Whole,
                        (Isolation::Open(_), own) => matches!(own, Isolation::Open(_)),
                        (Isolation::Unknown(_), _) => true,
                    };
                    assert!(is_same, "seed {seed}, {:?}: {any:?}", world.engine);
                }
            }
        }
    });
}
