//! Addresses that selectors find: network sets and host endpoints; and profiles.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_document::Value;

use super::is_calico;
use super::rule::{CalicoRule, read_networks, read_protocol};
use crate::Object;
use crate::kubernetes::PolicyType;
use crate::kubernetes::record::{Record, Remarks};

/// A NetworkSet, or with no namespace a GlobalNetworkSet. Selectors find it by its labels.
#[derive(Clone)]
pub struct CalicoNetworkSet<'e> {
    /// The object, which holds the labels.
    pub object: Object<'e>,
    /// The namespace.
    pub namespace: Option<&'e str>,
    /// The ranges.
    pub nets: Vec<IpNet>,
}

impl<'e> CalicoNetworkSet<'e> {
    /// Reads a set; nothing if the object is of another kind.
    pub fn read(object: &Object<'e>, remarks: &Remarks<'e>) -> Option<Self> {
        if !is_calico(object) || !matches!(object.kind(), "NetworkSet" | "GlobalNetworkSet") {
            return None;
        }
        let mut nets = Vec::new();
        let spec = object.get("spec");
        if let Some(spec) = spec.and_then(|spec| Record::open(spec, remarks)) {
            nets = read_networks(&spec, "nets");
            spec.close();
        }
        Some(Self {
            object: *object,
            namespace: object.namespace(),
            nets,
        })
    }
}

/// A named port of a host endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointPort<'e> {
    /// Its name.
    pub name: &'e str,
    /// The number of its protocol.
    pub protocol: u8,
    /// The port.
    pub port: u16,
}

/// A HostEndpoint: an interface of a node, or with `*` all of them.
#[derive(Clone)]
pub struct CalicoHostEndpoint<'e> {
    /// The object, which holds the labels.
    pub object: Object<'e>,
    /// The name of the node.
    pub node: &'e str,
    /// The interface; `*` stands for every one.
    pub interface: Option<&'e str>,
    /// The addresses by which selectors find it.
    pub expected: Vec<IpAddr>,
    /// The profiles that apply after the policies.
    pub profiles: Vec<&'e str>,
    /// Its named ports.
    pub ports: Vec<EndpointPort<'e>>,
}

impl<'e> CalicoHostEndpoint<'e> {
    /// Reads a host endpoint; nothing if the object is of another kind or without `spec`.
    pub fn read(object: &Object<'e>, remarks: &Remarks<'e>) -> Option<Self> {
        if !is_calico(object) || object.kind() != "HostEndpoint" {
            return None;
        }
        let spec = Record::open(object.get("spec")?, remarks)?;
        spec.require("node");
        let expected = spec.texts("expectedIPs").unwrap_or_default();
        let read_address = |(text, at): (&str, Value<'e>)| {
            let address = text.parse();
            if address.is_err() {
                remarks.refuse(at, "this is not an address");
            }
            address.ok()
        };
        let endpoint = Self {
            object: *object,
            node: spec.text("node").unwrap_or_default(),
            interface: spec.filled("interfaceName"),
            expected: expected.into_iter().filter_map(read_address).collect(),
            profiles: names(spec.texts("profiles")),
            ports: spec
                .each("ports", |port| read_port(port, remarks))
                .unwrap_or_default(),
        };
        if endpoint.interface.is_none() && endpoint.expected.is_empty() {
            remarks.refuse(
                spec.value(),
                "one of `interfaceName` and `expectedIPs` is needed",
            );
        }
        spec.close();
        Some(endpoint)
    }
}

fn names<'e>(texts: Option<Vec<(&'e str, Value<'e>)>>) -> Vec<&'e str> {
    let texts = texts.unwrap_or_default().into_iter();
    texts.map(|(text, _)| text).collect()
}

fn read_port<'e>(value: Value<'e>, remarks: &Remarks<'e>) -> Option<EndpointPort<'e>> {
    let record = Record::open(value, remarks)?;
    record.require("name");
    record.require("protocol");
    record.require("port");
    let (name, protocol) = (record.text("name"), read_protocol(&record, "protocol"));
    let port = record.port("port");
    record.close();
    Some(EndpointPort {
        name: name?,
        protocol: protocol?,
        port: port?,
    })
}

/// A Profile: rules that apply after all tiers to the endpoints that name it.
#[derive(Clone)]
pub struct CalicoProfile<'e> {
    /// The object.
    pub object: Object<'e>,
    /// Rules for what comes in.
    pub ingress: Vec<CalicoRule<'e>>,
    /// Rules for what goes out.
    pub egress: Vec<CalicoRule<'e>>,
    /// Labels that the endpoints get unless they have their own.
    pub labels: Vec<(&'e str, &'e str)>,
}

impl<'e> CalicoProfile<'e> {
    /// Reads a profile; nothing if the object is of another kind.
    pub fn read(object: &Object<'e>, remarks: &Remarks<'e>) -> Option<Self> {
        if !is_calico(object) || object.kind() != "Profile" {
            return None;
        }
        let mut profile = Self {
            object: *object,
            ingress: Vec::new(),
            egress: Vec::new(),
            labels: Vec::new(),
        };
        let spec = object.get("spec");
        if let Some(spec) = spec.and_then(|spec| Record::open(spec, remarks)) {
            profile.ingress = CalicoRule::read_all(&spec, PolicyType::Ingress);
            profile.egress = CalicoRule::read_all(&spec, PolicyType::Egress);
            let labels = spec.get("labelsToApply").into_iter();
            profile.labels = labels
                .flat_map(Value::entries)
                .map(|entry| (entry.name(), entry.value.scalar()))
                .collect();
            spec.close();
        }
        Some(profile)
    }
}
