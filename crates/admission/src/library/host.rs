//! Templates about what pods share with their node.

use std::ops::RangeInclusive;

use palisade_document::Value;
use serde_json::Value as Json;

use super::{Basis, Complaint, Published, Subject, is_true, strings};

pub(super) const TEMPLATES: &[Published] = &[
    Published {
        name: "host-network-ports",
        version: "v1",
        meaning: "a pod is on the node's network only if that is allowed, and takes only ports of \
                  the node from `minPort` to `maxPort`",
        basis: Basis::Published,
        judge: ports_in_range,
    },
    Published {
        name: "host-network-ports",
        version: "v4",
        meaning: "a pod is on the node's network only if that is allowed, and takes only those \
                  ports of the node that are listed, one by one or as ranges; none if the list is \
                  empty; containers of excluded images don't count",
        basis: Basis::Description,
        judge: ports_in_list,
    },
    Published {
        name: "block-host-namespace",
        version: "v1",
        meaning: "a pod shares neither the process IDs nor the IPC of its node",
        basis: Basis::Published,
        judge: own_processes,
    },
    Published {
        name: "block-host-namespace",
        version: "v3",
        meaning: "a pod shares neither the process IDs nor the IPC nor the network of its node; \
                  one whose containers are all of excluded images may",
        basis: Basis::Description,
        judge: own_namespaces,
    },
];

fn ports_in_range<'e>(subject: &Subject<'_, 'e>, parameters: &Json) -> Vec<Complaint<'e>> {
    let bound = |key| parameters.get(key).and_then(Json::as_i64);
    let (low, high) = (bound("minPort"), bound("maxPort"));
    let is_allowed =
        |port: i64| low.is_none_or(|low| port >= low) && high.is_none_or(|high| port <= high);
    host_network(subject, parameters, &containers(subject, &[]), &is_allowed)
}

fn ports_in_list<'e>(subject: &Subject<'_, 'e>, parameters: &Json) -> Vec<Complaint<'e>> {
    let listed: Vec<_> = strings(parameters, "allowedHostPorts")
        .into_iter()
        .filter_map(range)
        .collect();
    let is_allowed = |port: i64| listed.iter().any(|range| range.contains(&port));
    let excluded = strings(parameters, "excludedImages");
    let containers = containers(subject, &excluded);
    host_network(subject, parameters, &containers, &is_allowed)
}

/// `80` or `3000-5000`.
fn range(text: &str) -> Option<RangeInclusive<i64>> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    Some(low.trim().parse().ok()?..=high.trim().parse().ok()?)
}

fn host_network<'e>(
    subject: &Subject<'_, 'e>,
    parameters: &Json,
    containers: &[Value<'e>],
    is_allowed: &dyn Fn(i64) -> bool,
) -> Vec<Complaint<'e>> {
    if !subject.is(&[""], "Pod") || containers.is_empty() {
        return Vec::new();
    }
    let network = subject.get(&["spec", "hostNetwork"]);
    let is_on_host = is_true(network);
    let may_be = parameters
        .get("allowHostNetwork")
        .is_some_and(|allowed| allowed != &Json::Bool(false));
    let mut found = Vec::new();
    if let (true, false, Some(at)) = (is_on_host, may_be, network) {
        found.push(Complaint {
            message: format!("pod `{}` is on the network of its node", subject.name()),
            at,
        });
    }
    for container in containers {
        for port in container.get("ports").into_iter().flat_map(Value::items) {
            let Some(at) = host_port(port, is_on_host) else {
                continue;
            };
            if at.as_i64().is_some_and(|number| !is_allowed(number)) {
                found.push(Complaint {
                    message: format!(
                        "container `{}` takes port {} of its node, which is not allowed",
                        container.get("name").map_or("", Value::scalar),
                        at.scalar()
                    ),
                    at,
                });
            }
        }
    }
    found
}

/// The port of the node that a container's port takes. The API server gives a pod on the node's
/// network the container's port, and takes 0 for nothing.
fn host_port(port: Value<'_>, is_on_host: bool) -> Option<Value<'_>> {
    let given = port
        .get("hostPort")
        .filter(|given| given.as_i64() != Some(0) && !given.is_null());
    match given {
        Some(given) => Some(given),
        None if is_on_host => port.get("containerPort"),
        None => None,
    }
}

fn own_processes<'e>(subject: &Subject<'_, 'e>, _: &Json) -> Vec<Complaint<'e>> {
    shared(subject, &[("hostPID", "process IDs"), ("hostIPC", "IPC")])
}

fn own_namespaces<'e>(subject: &Subject<'_, 'e>, parameters: &Json) -> Vec<Complaint<'e>> {
    if containers(subject, &strings(parameters, "excludedImages")).is_empty() {
        return Vec::new();
    }
    let namespaces = [
        ("hostPID", "process IDs"),
        ("hostIPC", "IPC"),
        ("hostNetwork", "network"),
    ];
    shared(subject, &namespaces)
}

fn shared<'e>(subject: &Subject<'_, 'e>, namespaces: &[(&str, &str)]) -> Vec<Complaint<'e>> {
    if !subject.is(&[""], "Pod") {
        return Vec::new();
    }
    let shared = namespaces.iter().filter_map(|(key, what)| {
        let at = subject
            .get(&["spec", key])
            .filter(|at| is_true(Some(*at)))?;
        Some(Complaint {
            message: format!("pod `{}` shares the {what} of its node", subject.name()),
            at,
        })
    });
    shared.collect()
}

/// The containers of a pod that count: those whose image isn't excluded.
fn containers<'e>(subject: &Subject<'_, 'e>, excluded: &[&str]) -> Vec<Value<'e>> {
    let lists = ["containers", "initContainers"].into_iter();
    lists
        .filter_map(|list| subject.get(&["spec", list]))
        .flat_map(Value::items)
        .filter(|container| {
            let image = match excluded.is_empty() {
                true => "",
                false => container.get("image").map_or("", Value::scalar),
            };
            !excluded
                .iter()
                .any(|pattern| match pattern.strip_suffix('*') {
                    Some(start) => image.starts_with(start),
                    None => image == *pattern,
                })
        })
        .collect()
}
