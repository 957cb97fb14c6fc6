//! Ports of nodes that containers take.

use palisade_document::Value;
use palisade_estate::kubernetes::pod_template;
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};

use super::{Entry, EntryKind, Reader, SeenSource};
use crate::kubernetes::Workload;

impl<'e> Reader<'_, 'e> {
    /// The ways that a workload's pods open at their nodes' addresses: one for each `hostPort`,
    /// and for each port of pods on their node's network. What comes in is handed to the pod of
    /// that node, so that policies see the client. A port of the node's own loopback address
    /// is no way in.
    pub(super) fn host_ports(&self, workload: &Workload<'e>) -> Vec<Entry<'e>> {
        let Some(template) = pod_template(workload.object) else {
            return Vec::new();
        };
        let is_on_host = template.is_on_host_network();
        let ports = template
            .containers()
            .filter_map(|container| container.get("ports"))
            .flat_map(Value::items);
        let ways = ports.filter_map(|port| {
            let given = |name: &str| port.get(name).filter(|value| !value.is_null());
            let number = |name| {
                u16::try_from(given(name)?.as_i64()?)
                    .ok()
                    .filter(|n| *n > 0)
            };
            let transport = Transport::named(given("protocol").map_or("TCP", Value::scalar))?;
            let own = number("containerPort")?;
            let taken = match is_on_host {
                true => own,
                false => number("hostPort")?,
            };
            let address = given("hostIP").map(Value::scalar).unwrap_or_default();
            let is_loopback = address.starts_with("127.") || address == "::1";
            (!is_loopback).then_some((transport, taken, own))
        });
        ways.map(|(transport, taken, own)| {
            let arriving = Traffic::to_ports(transport, PortSet::one(own));
            let pods = workload.endpoints.iter();
            Entry {
                object: workload.object,
                kind: EntryKind::HostPort,
                clients: AddressSet::full(),
                front: Traffic::to_ports(transport, PortSet::one(taken)),
                seen: SeenSource::Client,
                backends: pods.map(|id| (*id, arriving.clone())).collect(),
                unknown: Vec::new(),
            }
        })
        .collect()
    }
}
