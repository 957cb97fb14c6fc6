//! Kubernetes objects: as people write them, and as the API server gives them back.

mod application;
mod live;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::random::Random;
use crate::yaml;
use application::Application;

/// The applications in one namespace.
const PER_NAMESPACE: usize = 6;

/// So many manifests, by the path of the YAML file that they stand in.
pub(crate) fn manifests(count: usize, random: &mut Random) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut left = count;
    for namespace in namespaces() {
        let mut add = |file: String, objects: Vec<Value>| {
            for object in objects.iter().take(left) {
                files
                    .entry(file.clone())
                    .or_default()
                    .push_str(&yaml::document(object));
            }
            left -= left.min(objects.len());
            left == 0
        };
        if add(
            format!("{namespace}/namespace.yaml"),
            application::namespace(&namespace, random),
        ) {
            break;
        }
        let is_full = (0..PER_NAMESPACE).any(|number| {
            let application = Application::new(&namespace, number, random);
            add(
                format!("{namespace}/{}.yaml", application.name),
                application.manifests(random),
            )
        });
        if is_full {
            break;
        }
    }
    files
}

/// So many objects of a running cluster, as `kubectl get -A -o json` lists them.
pub(crate) fn running(count: usize, random: &mut Random) -> Vec<Value> {
    let mut objects: Vec<_> = (0..count / 40)
        .map(|number| live::node(number, random))
        .collect();
    for namespace in namespaces() {
        objects.extend(application::namespace(&namespace, random));
        for number in 0..PER_NAMESPACE {
            let application = Application::new(&namespace, number, random);
            let deployment = application.deployment(random);
            objects.extend(live::descendants(&application, &deployment, random));
            objects.extend(application.manifests(random));
        }
        if objects.len() >= count {
            break;
        }
    }
    objects.truncate(count);
    objects
        .into_iter()
        .map(|object| live::stored(object, random))
        .collect()
}

fn namespaces() -> impl Iterator<Item = String> {
    const TEAMS: [&str; 6] = [
        "checkout",
        "catalogue",
        "billing",
        "search",
        "fulfilment",
        "insight",
    ];
    (0..).map(|number| {
        format!(
            "{}-{:02}",
            TEAMS[number % TEAMS.len()],
            number / TEAMS.len()
        )
    })
}
