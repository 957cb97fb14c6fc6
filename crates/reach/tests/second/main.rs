//! A second evaluator of network policies, as plain as can be: one packet between two ends, the
//! rules in the words of each dialect's documentation, nothing shared with the engine. Clusters
//! and policies are drawn at random, written out for the engine, and every pair of ends is
//! compared on some packets.
//!
//! `PALISADE_DRAWS` says how many clusters to draw, `PALISADE_SEED` from which seed on.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that can't go on has failed"
)]

mod admin;
mod calico;
mod calico_rule;
mod calico_selector;
mod cilium;
mod cluster;
mod draw;
mod exposure;
mod generate;
mod isolation;
mod istio;
mod kubernetes;
mod labels;
mod lint;
mod verdict;

use std::env;

use palisade_packet::{Header, Transport};
use palisade_reach::kubernetes::{
    Analysis, EndpointId, EndpointKind, EngineKind, Options, Verdict, analyse,
};
use palisade_sources::File;
use serde_json::json;

use self::admin::AdminPolicy;
use self::calico::{CalicoPolicy, NetworkSet, Tier};
use self::cilium::{CidrGroup, CiliumPolicy};
use self::cluster::{Carries, Cluster, PORTS, Who};
use self::draw::Draw;
use self::istio::IstioPolicy;
use self::kubernetes::NetworkPolicy;
use self::verdict::{Action, Holds, No, Packet, any};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Conformant,
    AzureNpm,
    Calico,
    Cilium,
}

/// A cluster with policies of every dialect; the engine leaves out those that aren't its own.
#[derive(Debug)]
struct World {
    engine: Engine,
    cluster: Cluster,
    network: Vec<NetworkPolicy>,
    admin: Vec<AdminPolicy>,
    tiers: Vec<Tier>,
    sets: Vec<NetworkSet>,
    calico: Vec<CalicoPolicy>,
    groups: Vec<CidrGroup>,
    cilium: Vec<CiliumPolicy>,
    istio: Vec<IstioPolicy>,
}

const TIERS: [&str; 2] = ["t1", "t2"];

/// Source ports, one at least of all that rules tell apart: they begin and end at these, or one,
/// a hundred or forty thousand ports further.
fn source_ports() -> impl Iterator<Item = u16> {
    let after = [0, 1, 2, 101, 40_001];
    let ends = PORTS
        .into_iter()
        .flat_map(move |port| after.map(|more| port + more));
    ends.chain([0])
}

impl World {
    fn draw(seed: u64) -> Self {
        let draw = &mut Draw::new(seed);
        let engine = draw.of(&[
            Engine::Conformant,
            Engine::AzureNpm,
            Engine::Calico,
            Engine::Calico,
            Engine::Cilium,
            Engine::Cilium,
        ]);
        // Mostly the engine's own dialect, sometimes a stranger's.
        let most = |draw: &mut Draw, own: bool| match own {
            true => draw.below(4),
            false => usize::from(draw.one_in(4)),
        };
        let (network, calico) = (draw.below(3), most(draw, engine == Engine::Calico));
        let (cilium, istio) = (most(draw, engine == Engine::Cilium), draw.one_in(3));
        let istio = if istio { draw.below(4) } else { 0 };
        let is_read = |draw: &mut Draw| !draw.one_in(8);
        let tiers: Vec<_> = TIERS.into_iter().filter(|_| is_read(draw)).collect();
        Self {
            engine,
            cluster: Cluster::draw(draw),
            network: numbered(network, |number| NetworkPolicy::draw(draw, number)),
            admin: AdminPolicy::draw_all(draw),
            tiers: tiers.iter().map(|name| Tier::draw(draw, name)).collect(),
            sets: numbered(calico, |number| NetworkSet::draw(draw, number)),
            calico: numbered(calico, |number| {
                CalicoPolicy::draw(draw, number, &["default", "t1", "t2", "kube-admin"])
            }),
            groups: numbered(draw.below(3), |number| CidrGroup::draw(draw, number)),
            cilium: numbered(cilium, |number| CiliumPolicy::draw(draw, number)),
            istio: numbered(istio, |number| IstioPolicy::draw(draw, number)),
        }
    }

    fn written(&self) -> String {
        let mut items = self.cluster.written();
        items.extend(self.network.iter().map(NetworkPolicy::written));
        items.extend(self.admin.iter().map(AdminPolicy::written));
        items.extend(self.tiers.iter().map(Tier::written));
        items.extend(self.sets.iter().map(NetworkSet::written));
        items.extend(self.calico.iter().map(CalicoPolicy::written));
        items.extend(self.groups.iter().map(CidrGroup::written));
        items.extend(self.cilium.iter().map(CiliumPolicy::written));
        items.extend(self.istio.iter().map(IstioPolicy::written));
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
        serde_json::to_string_pretty(&list).unwrap()
    }

    /// What becomes of a packet: its source's policies, its destination's, and the proxy there.
    fn decide(&self, ends: (Who, Who), carries: Carries) -> Packet {
        let out = self.direction(ends, carries, false);
        let into = self.direction(ends, carries, true);
        let proxy = istio::decide(&self.cluster, &self.istio, ends, carries);
        out.and(into).and(proxy)
    }

    /// What the policies of one direction do with a packet; between pods of the ambient mesh, with
    /// the tunnel that it is in.
    fn direction(&self, ends: (Who, Who), carries: Carries, ingress: bool) -> Packet {
        let Carries::Ports {
            transport: "TCP", ..
        } = carries
        else {
            return self.policies(ends, carries, ingress);
        };
        let through = |from| {
            let carries = Carries::Ports {
                transport: "TCP",
                from,
                to: 15008,
            };
            self.policies(ends, carries, ingress)
        };
        let as_it_is = self.policies(ends, carries, ingress);
        let is_tunnelled = self
            .cluster
            .is_ambient(ends.0)
            .and(self.cluster.is_ambient(ends.1));
        if is_tunnelled == No {
            return as_it_is;
        }
        // The tunnel comes from a port of its own.
        let tunnelled = Packet::one_of(source_ports().map(through));
        match is_tunnelled {
            Holds::Maybe => Packet::one_of([tunnelled, as_it_is].into_iter()),
            _ => tunnelled,
        }
    }

    /// Whether the packet is between a pod and its own node, which the engine lets through.
    fn is_own_node(&self, (source, destination): (Who, Who), ingress: bool) -> Holds {
        match (ingress, self.engine) {
            (true, _) => self.cluster.is_own_node(destination, source),
            (false, Engine::AzureNpm) => self.cluster.is_own_node(source, destination),
            (false, _) => No,
        }
    }

    fn policies(&self, ends: (Who, Who), carries: Carries, ingress: bool) -> Packet {
        match self.engine {
            Engine::Calico => self.by_calico(ends, carries, ingress),
            Engine::Cilium => self.by_cilium(ends, carries, ingress),
            Engine::AzureNpm => {
                let mut packet = self.fresh(ends, ingress);
                let (rules, isolated) = self.by_network_policies(ends, carries, ingress);
                packet.stage(&rules, (isolated, Action::Deny));
                packet.end()
            }
            Engine::Conformant => {
                let mut packet = self.fresh(ends, ingress);
                let open = (No, Action::Pass);
                packet.stage(&self.by_admin(true, ends, carries, ingress), open);
                let (rules, isolated) = self.by_network_policies(ends, carries, ingress);
                packet.stage(&rules, (isolated, Action::Deny));
                packet.stage(&self.by_admin(false, ends, carries, ingress), open);
                packet.end()
            }
        }
    }

    /// A packet that no policy was asked about yet.
    fn fresh(&self, ends: (Who, Who), ingress: bool) -> Packet {
        let mut packet = Packet::fresh();
        let own_node = [(self.is_own_node(ends, ingress), Action::Allow)];
        packet.stage(&own_node, (No, Action::Pass));
        packet
    }

    /// The rules of the policies before NetworkPolicy, or after it, by priority.
    fn by_admin(
        &self,
        is_before: bool,
        ends: (Who, Who),
        carries: Carries,
        ingress: bool,
    ) -> Vec<(Holds, Action)> {
        let own = self
            .admin
            .iter()
            .filter(|policy| policy.is_admin == is_before);
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|policy| (policy.priority, policy.name.clone()));
        own.iter()
            .flat_map(|policy| policy.rules(&self.cluster, ends, carries, ingress))
            .collect()
    }

    fn by_network_policies(
        &self,
        ends: (Who, Who),
        carries: Carries,
        ingress: bool,
    ) -> (Vec<(Holds, Action)>, Holds) {
        let subject = if ingress { ends.1 } else { ends.0 };
        let (mut rules, mut isolated) = (Vec::new(), No);
        for policy in &self.network {
            let selects = policy.isolates(&self.cluster, subject, ingress);
            isolated = isolated.or(selects);
            let own = policy.rules(&self.cluster, self.engine, ends, carries, ingress);
            rules.extend(
                own.into_iter()
                    .map(|(holds, action)| (selects.and(holds), action)),
            );
        }
        (rules, isolated)
    }

    /// Tier by tier, policy by policy, in their orders.
    fn by_calico(&self, ends: (Who, Who), carries: Carries, ingress: bool) -> Packet {
        let subject = if ingress { ends.1 } else { ends.0 };
        let mut packet = self.fresh(ends, ingress);
        let mut tiers = self.tiers.clone();
        tiers.extend(Tier::built_in());
        tiers.sort_by_key(|tier| (tier.order.is_none(), tier.order, tier.name.clone()));
        // Where a tier isn't in the input its policies may decide, and before all others.
        let lost = |policy: &&CalicoPolicy| tiers.iter().all(|tier| tier.name != policy.tier);
        let mut unplaced: Vec<_> = self.calico.iter().filter(lost).collect();
        unplaced.sort_by_key(|policy| (policy.order.is_none(), policy.order, policy.sort_name()));
        let mut rules = Vec::new();
        for policy in &unplaced {
            let selects = policy.selects(&self.cluster, subject, ingress);
            let own = policy.rules(&self.cluster, &self.sets, ends, carries, ingress);
            let doubtful = own
                .into_iter()
                .map(|(holds, action)| (selects.and(holds).and(Holds::Maybe), action));
            rules.extend(doubtful);
        }
        let selected = any(unplaced
            .iter()
            .map(|policy| policy.selects(&self.cluster, subject, ingress)));
        packet.stage(&rules, (selected.and(Holds::Maybe), Action::Deny));
        for tier in &tiers {
            let mut asked = Vec::new();
            for policy in self.calico.iter().filter(|policy| policy.tier == tier.name) {
                let selects = policy.selects(&self.cluster, subject, ingress);
                let own = policy.rules(&self.cluster, &self.sets, ends, carries, ingress);
                let order = policy.order.unwrap_or(u32::MAX);
                asked.push((order, policy.sort_name(), selects, own));
            }
            if tier.name == "default" {
                for policy in &self.network {
                    let selects = policy.isolates(&self.cluster, subject, ingress);
                    let own = policy.rules(&self.cluster, self.engine, ends, carries, ingress);
                    let name = format!("{}/knp.default.{}", policy.namespace_name(), policy.name);
                    asked.push((1000, name, selects, own));
                }
            }
            for policy in &self.admin {
                if policy.tier_in_calico() == tier.name {
                    // It isolates nothing, so that whom it selects is said by its rules alone.
                    let own = policy.rules(&self.cluster, ends, carries, ingress);
                    let order = policy.priority;
                    asked.push((order, policy.name.clone(), Holds::Yes, own));
                }
            }
            asked.sort_by(|left, right| (left.0, &left.1).cmp(&(right.0, &right.1)));
            let selected = any(asked.iter().map(|(_, _, selects, _)| *selects));
            let rules: Vec<_> = asked
                .into_iter()
                .flat_map(|(_, _, selects, own)| {
                    let own = own.into_iter();
                    own.map(move |(holds, action)| (selects.and(holds), action))
                })
                .collect();
            let end = match tier.end() {
                Action::Pass => (No, Action::Pass),
                action => (selected, action),
            };
            packet.stage(&rules, end);
        }
        packet.end()
    }

    /// What is denied, then the pod's own node, then what is allowed, then default deny.
    fn by_cilium(&self, ends: (Who, Who), carries: Carries, ingress: bool) -> Packet {
        let subject = if ingress { ends.1 } else { ends.0 };
        let rules = |deny: bool| {
            let of = |policy: &CiliumPolicy| {
                policy.rules(&self.cluster, &self.groups, ends, carries, (ingress, deny))
            };
            self.cilium.iter().flat_map(of).collect::<Vec<_>>()
        };
        let (allowed, isolated) = self.by_network_policies(ends, carries, ingress);
        let isolated = isolated
            .or(any(self.cilium.iter().map(|policy| {
                policy.isolates(&self.cluster, subject, ingress)
            })));
        let mut packet = Packet::fresh();
        let own_node = vec![(self.is_own_node(ends, ingress), Action::Allow)];
        let all = [rules(true), own_node, allowed, rules(false)].concat();
        packet.stage(&all, (isolated, Action::Deny));
        packet.end()
    }
}

fn numbered<T>(count: usize, mut make: impl FnMut(usize) -> T) -> Vec<T> {
    (0..count).map(&mut make).collect()
}

/// The same cluster, asked of the engine.
struct Asked<'e> {
    analysis: Analysis<'e>,
}

impl Asked<'_> {
    fn endpoint(&self, world: &World, who: Who) -> EndpointId {
        endpoint(&self.analysis, world, who)
    }
}

fn endpoint(analysis: &Analysis<'_>, world: &World, who: Who) -> EndpointId {
    let endpoints = &analysis.endpoints;
    match who {
        Who::Pod(number) => {
            let name = &world.cluster.pods[number].name;
            let mut workloads = endpoints.workloads().iter();
            workloads
                .find(|workload| workload.name == *name)
                .unwrap()
                .endpoints[0]
        }
        Who::Node(number) => {
            let name = &world.cluster.nodes[number].name;
            let is_it = |kind: &EndpointKind<'_>| matches!(kind, EndpointKind::Node(node) if node.name() == *name);
            let mut all = endpoints.iter();
            all.find(|(_, endpoint)| is_it(&endpoint.kind)).unwrap().0
        }
        Who::Outside(address) => endpoints.outside_at(address).unwrap(),
    }
}

fn header(carries: Carries) -> Header {
    match carries {
        Carries::Ports {
            transport,
            from,
            to,
        } => Header::Ports {
            transport: Transport::named(transport).unwrap(),
            source: from,
            destination: to,
        },
        Carries::Icmp { kind, code } => Header::Icmp { kind, code },
        Carries::Icmpv6 { kind, code } => Header::Icmpv6 { kind, code },
        Carries::Other(number) => Header::Other(number),
    }
}

/// Compares every pair of ends on some packets; how many were compared, and what differs first.
fn compare(seed: u64) -> (usize, Option<String>) {
    let world = World::draw(seed);
    let manifest = world.written();
    let load = |content: &&str| {
        Ok(File {
            path: "cluster.json".to_owned(),
            bytes: content.as_bytes().to_vec(),
        })
    };
    let input = palisade_sources::read_all(&[manifest.as_str()], load, false);
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
    let cluster = input.estate.clusters().next().unwrap();
    let kind = match world.engine {
        Engine::Conformant => EngineKind::Conformant,
        Engine::AzureNpm => EngineKind::AzureNpm,
        Engine::Calico => EngineKind::Calico,
        Engine::Cilium => EngineKind::Cilium,
    };
    let options = Options::new(palisade_reach::kubernetes::Engine::new(kind));
    let asked = Asked {
        analysis: analyse(&cluster, &options),
    };
    assert!(
        asked.analysis.diagnostics.is_empty(),
        "seed {seed}: {:#?}\n{manifest}",
        asked.analysis.diagnostics
    );
    let everyone = world.cluster.everyone();
    let endpoints = everyone
        .iter()
        .map(|who| (*who, asked.endpoint(&world, *who)));
    let endpoints: Vec<_> = endpoints.collect();
    // An endpoint stands for all that policies can't tell apart, wherever they run.
    let alike = |id| {
        let same = endpoints.iter().filter(move |(_, other)| *other == id);
        same.map(|(who, _)| *who)
    };
    let mut draw = Draw::new(seed ^ 0x5EED);
    let mut compared = 0;
    for source in world.cluster.everyone() {
        for destination in world.cluster.everyone() {
            let is_outside = Cluster::is_outside(source) && Cluster::is_outside(destination);
            if source == destination || is_outside {
                continue;
            }
            let ids = (
                asked.endpoint(&world, source),
                asked.endpoint(&world, destination),
            );
            let pair = asked.analysis.pair(ids.0, ids.1);
            for carries in draw.some(4, 4, Carries::draw) {
                compared += 1;
                let pairs = alike(ids.0).flat_map(|from| alike(ids.1).map(move |to| (from, to)));
                let pairs = pairs.filter(|(from, to)| from != to);
                let plain = Packet::one_of(pairs.map(|ends| world.decide(ends, carries)));
                let table = asked.analysis.table();
                let verdict = pair.both.verdict(&header(carries), &table);
                let is_same = match &verdict {
                    Verdict::Allowed => plain.allowed && !plain.denied,
                    Verdict::Denied => plain.denied && !plain.allowed,
                    Verdict::Uncertain(_) => plain.allowed && plain.denied,
                };
                if !is_same {
                    let text = format!(
                        "seed {seed}, {:?}: {source:?} -> {destination:?} {carries:?}: the engine says {verdict:?}, the plain evaluator {plain:?}\n{manifest}",
                        world.engine
                    );
                    return (compared, Some(text));
                }
            }
        }
    }
    (compared, None)
}

/// A number that the environment gives, or a default.
fn number(name: &str, default: u64) -> u64 {
    let given = env::var(name).ok();
    given.map_or(default, |text| text.parse().unwrap())
}

#[test]
fn the_engine_agrees_with_the_plain_evaluator() {
    let (draws, first) = (number("PALISADE_DRAWS", 400), number("PALISADE_SEED", 0));
    let (mut compared, mut different) = (0, 0);
    let mut example: Option<String> = None;
    // Clusters that once differed.
    let known = [2040, 116_193, 147_864, 205_863, 281_776, 433_277];
    for seed in known.into_iter().chain(first..first + draws) {
        let (packets, difference) = compare(seed);
        compared += packets;
        if let Some(difference) = difference {
            different += 1;
            // The smallest cluster is the easiest to read.
            if example
                .as_ref()
                .is_none_or(|known| difference.len() < known.len())
            {
                example = Some(difference);
            }
        }
    }
    assert!(
        example.is_none(),
        "{different} of {draws} clusters differ ({compared} packets); the smallest: {}",
        example.unwrap_or_default()
    );
    eprintln!("{draws} clusters, {compared} packets");
}
