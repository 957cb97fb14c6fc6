//! What is said of pods to come is what becomes of one: for random clusters of every dialect a pod
//! with labels of a class is put into the cluster, and asked in the ordinary way.

use palisade_packet::Traffic;
use palisade_reach::kubernetes::{
    Analysis, EndpointId, Engine as KubernetesEngine, EngineKind, Exposure, Home, LabelClass,
    LabelValue, Options, analyse, expose,
};
use palisade_sources::{File, Input};
use serde_json::{Map, Value, json};

use super::draw::Draw;
use super::{Asked, Engine, World};

const NEW: &str = "brand-new";
const NAME: &str = "kubernetes.io/metadata.name";

fn read(manifest: &str) -> Input {
    let load = |content: &&str| {
        Ok(File {
            path: "cluster.json".to_owned(),
            bytes: content.as_bytes().to_vec(),
        })
    };
    palisade_sources::read_all(&[manifest], load, false)
}

/// Labels of a class, any of them, and one more that no selector knows.
fn draw_labels(draw: &mut Draw, class: &LabelClass<'_>) -> Map<String, Value> {
    let mut labels = Map::new();
    for (key, values) in class.iter() {
        let values: Vec<_> = values.iter().copied().collect();
        match draw.of(&values) {
            LabelValue::Absent => {}
            LabelValue::Is(value) => _ = labels.insert(key.to_owned(), json!(value)),
            LabelValue::Other => _ = labels.insert(key.to_owned(), json!("unheard-of")),
        }
    }
    if draw.one_in(2) {
        labels.insert("nobody-asks".to_owned(), json!("x"));
    }
    labels
}

/// The objects of a pod of a class in a home.
fn objects(draw: &mut Draw, home: &Home<'_>, class: &LabelClass<'_>) -> Vec<Value> {
    let mut objects = Vec::new();
    let namespace = match home {
        Home::Namespace(name) => (*name).to_owned(),
        Home::New(class) => {
            let mut labels = draw_labels(draw, class);
            let name = match labels.remove(NAME) {
                Some(name) if name != "unheard-of" => name.as_str().unwrap().to_owned(),
                _ => NEW.to_owned(),
            };
            objects.push(json!({
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": name, "labels": labels},
            }));
            name
        }
    };
    let labels = draw_labels(draw, class);
    objects.push(json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "to-come", "namespace": namespace, "labels": labels},
        "spec": {"containers": [{"name": "c"}]},
    }));
    objects
}

/// What may be allowed and what may be denied, both ways.
fn said(analysis: &Analysis<'_>, pod: EndpointId, other: EndpointId) -> [Traffic; 4] {
    let (into, out) = (
        analysis.pair(other, pod).both,
        analysis.pair(pod, other).both,
    );
    let table = analysis.table();
    [into.allowed, into.denied, out.allowed, out.denied].map(|id| table.get(id).clone())
}

/// Draws some pods to come; how many were compared, and what differs first.
fn compare(seed: u64) -> (usize, Option<String>) {
    let world = World::draw(seed);
    let kind = match world.engine {
        Engine::Conformant => EngineKind::Conformant,
        Engine::AzureNpm => EngineKind::AzureNpm,
        Engine::Calico => EngineKind::Calico,
        Engine::Cilium => EngineKind::Cilium,
    };
    let options = Options::new(KubernetesEngine::new(kind));
    let manifest = world.written();
    let input = read(&manifest);
    let cluster = input.estate.clusters().next().unwrap();
    let Ok(exposure) = expose(&cluster, &options) else {
        return (0, None);
    };
    let mut draw = Draw::new(seed ^ 0xE4);
    for _ in 0..3 {
        let home = draw.below(exposure.homes.len());
        let class = draw.below(exposure.classes.len());
        let added = objects(&mut draw, &exposure.homes[home], &exposure.classes[class]);
        let id = exposure.pod(home, class).unwrap();
        if let Some(text) = differs(&world, &manifest, &options, (&exposure, id), added) {
            return (
                3,
                Some(format!("seed {seed}, {kind:?}: {text}\n{manifest}")),
            );
        }
    }
    (3, None)
}

fn differs(
    world: &World,
    manifest: &str,
    options: &Options,
    (exposure, id): (&Exposure<'_>, EndpointId),
    added: Vec<Value>,
) -> Option<String> {
    let mut list: Value = serde_json::from_str(manifest).unwrap();
    list["items"].as_array_mut().unwrap().extend(added.clone());
    let input = read(&list.to_string());
    let cluster = input.estate.clusters().next().unwrap();
    let asked = Asked {
        analysis: analyse(&cluster, options),
    };
    let workloads = asked.analysis.endpoints.workloads();
    let real = workloads
        .iter()
        .find(|workload| workload.name == "to-come")
        .unwrap()
        .endpoints[0];
    for who in world.cluster.everyone() {
        let find = |analysis: &Analysis<'_>| super::endpoint(analysis, world, who);
        let foretold = said(&exposure.analysis, id, find(&exposure.analysis));
        let is_so = said(&asked.analysis, real, find(&asked.analysis));
        if foretold != is_so {
            let text = |said: &[Traffic; 4]| said.clone().map(|it| it.to_string());
            let (foretold, is_so) = (text(&foretold), text(&is_so));
            return Some(format!(
                "{who:?}: {foretold:?} was said, and it is {is_so:?}: {added:?}"
            ));
        }
    }
    None
}

#[test]
fn a_pod_to_come_is_treated_as_was_said() {
    let (draws, first) = (
        super::number("PALISADE_DRAWS", 300),
        super::number("PALISADE_SEED", 0),
    );
    let (mut compared, mut smallest): (usize, Option<String>) = (0, None);
    for (count, difference) in (first..first + draws).map(compare) {
        compared += count;
        if let Some(text) = difference
            && smallest
                .as_ref()
                .is_none_or(|known| text.len() < known.len())
        {
            smallest = Some(text);
        }
    }
    assert!(smallest.is_none(), "{}", smallest.unwrap_or_default());
    assert!(
        compared > usize::try_from(draws).unwrap(),
        "only {compared}"
    );
}
