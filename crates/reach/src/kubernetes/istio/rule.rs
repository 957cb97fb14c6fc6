//! One rule of an AuthorizationPolicy: sources, operations and conditions.

use ipnet::IpNet;
use palisade_estate::kubernetes::{
    IstioCondition, IstioMatch, IstioOperation, IstioRule, IstioSource,
};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};

use super::mesh::Mesh;
use crate::kubernetes::matched::Matched;
use crate::kubernetes::program::{Condition, Peers};
use crate::kubernetes::translator::Translator;
use crate::kubernetes::{ConditionId, EndpointSet};

/// Translates rules.
pub(super) struct RuleTranslator<'s, 'e> {
    pub(super) mesh: &'s Mesh,
    pub(super) translator: &'s Translator<'e>,
    /// The policy's namespace.
    pub(super) namespace: &'e str,
}

/// A part of a rule in the common form.
pub(super) struct Part {
    pub(super) peers: Peers,
    pub(super) traffic: Traffic,
    pub(super) condition: Option<ConditionId>,
}

/// What one part of a rule asks for.
#[derive(Clone)]
struct Asked {
    matched: Matched,
    ports: PortSet,
    /// What must be true of the requests inside, in words.
    requests: Vec<String>,
}

impl<'e> RuleTranslator<'_, 'e> {
    pub(super) fn translate(&self, rule: &IstioRule<'e>) -> Vec<Part> {
        let anything = || Asked {
            matched: Matched::everything(&self.translator.endpoints),
            ports: PortSet::full(),
            requests: Vec::new(),
        };
        let mut sources: Vec<_> = rule.from.iter().map(|source| self.source(source)).collect();
        if sources.is_empty() {
            sources.push(anything());
        }
        let mut operations: Vec<_> = rule.to.iter().map(|to| self.operation(to)).collect();
        if operations.is_empty() {
            operations.push(anything());
        }
        let conditions: Vec<_> = rule.when.iter().map(|when| self.when(when)).collect();
        let mut parts = Vec::new();
        for source in &sources {
            for operation in &operations {
                let all = conditions
                    .iter()
                    .fold(self.both(source, operation), |all, one| {
                        self.both(&all, one)
                    });
                parts.extend(self.parts(all));
            }
        }
        parts
    }

    fn both(&self, left: &Asked, right: &Asked) -> Asked {
        Asked {
            matched: left.matched.and(&right.matched),
            ports: left.ports.intersection(&right.ports),
            requests: [left.requests.as_slice(), &right.requests].concat(),
        }
    }

    fn parts(&self, asked: Asked) -> Vec<Part> {
        let inherent = (!asked.requests.is_empty()).then(|| {
            let text = asked.requests.join("; ");
            self.translator.condition(Condition::Layer7(text))
        });
        let Matched {
            certain,
            possible,
            condition,
        } = asked.matched;
        let traffic = Traffic::to_ports(Transport::Tcp, asked.ports);
        let part = |peers: Peers, condition| Part {
            peers,
            traffic: traffic.clone(),
            condition,
        };
        let parts = [
            part(certain, inherent),
            part(possible, inherent.or(condition)),
        ];
        let is_something = |part: &Part| !part.peers.is_empty() && !part.traffic.is_empty();
        parts.into_iter().filter(is_something).collect()
    }

    fn source(&self, source: &IstioSource<'e>) -> Asked {
        let mut matched = Matched::everything(&self.translator.endpoints);
        matched = self.narrow(matched, &source.principals, |text| self.principals(text));
        matched = self.narrow(matched, &source.namespaces, |text| self.namespaces(text));
        matched = self.narrow(matched, &source.service_accounts, |text| {
            self.accounts(text)
        });
        matched = self.narrow_by(matched, &source.ip_blocks, |block| self.at(*block));
        let mut requests = Vec::new();
        requests.extend(words("token of", &source.request_principals));
        let remote = IstioMatch {
            values: texts(&source.remote_ip_blocks.values),
            not_values: texts(&source.remote_ip_blocks.not_values),
            at: source.remote_ip_blocks.at,
        };
        requests.extend(words("client address", &remote));
        Asked {
            matched,
            ports: PortSet::full(),
            requests,
        }
    }

    fn operation(&self, operation: &IstioOperation<'e>) -> Asked {
        let mut requests = Vec::new();
        requests.extend(words("HTTP host", &operation.hosts));
        requests.extend(words("HTTP method", &operation.methods));
        requests.extend(words("HTTP path", &operation.paths));
        Asked {
            matched: Matched::everything(&self.translator.endpoints),
            ports: ports(&operation.ports.values, &operation.ports.not_values),
            requests,
        }
    }

    fn when(&self, when: &IstioCondition<'e>) -> Asked {
        let mut asked = Asked {
            matched: Matched::everything(&self.translator.endpoints),
            ports: PortSet::full(),
            requests: Vec::new(),
        };
        let everything = asked.matched.clone();
        let values = &when.values;
        match when.key {
            "source.ip" => {
                asked.matched = self.narrow(everything, values, |text| {
                    let block = text.parse().ok();
                    let address = || text.parse::<std::net::IpAddr>().map(IpNet::from).ok();
                    let block = block.or_else(address);
                    block.map_or_else(Matched::nothing, |block| self.at(block))
                });
            }
            "source.namespace" => {
                asked.matched = self.narrow(everything, values, |text| self.namespaces(text));
            }
            "source.principal" => {
                asked.matched = self.narrow(everything, values, |text| self.principals(text));
            }
            "source.serviceAccount" => {
                asked.matched = self.narrow(everything, values, |text| self.accounts(text));
            }
            "destination.port" => {
                let read = |list: &[&str]| -> Vec<u16> {
                    list.iter().filter_map(|text| text.parse().ok()).collect()
                };
                asked.ports = ports(&read(&values.values), &read(&values.not_values));
            }
            key => asked.requests.extend(words(key, values)),
        }
        asked
    }

    fn narrow(
        &self,
        matched: Matched,
        asked: &IstioMatch<'e>,
        of: impl Fn(&str) -> Matched,
    ) -> Matched {
        self.narrow_by(matched, asked, |text| of(text))
    }

    /// What matches one of the values, unless there are none, and none of the others.
    fn narrow_by<T>(
        &self,
        matched: Matched,
        asked: &IstioMatch<'e, T>,
        of: impl Fn(&T) -> Matched,
    ) -> Matched {
        let union = |values: &[T]| {
            let parts = values.iter().map(&of);
            parts.fold(Matched::nothing(), |all, part| all.or(&part))
        };
        let mut matched = matched;
        if !asked.values.is_empty() {
            matched = matched.and(&union(&asked.values));
        }
        if !asked.not_values.is_empty() {
            let others = union(&asked.not_values).not(&self.translator.endpoints);
            matched = matched.and(&others);
        }
        matched
    }

    fn at(&self, block: IpNet) -> Matched {
        Matched::at(&AddressSet::from(block), self.translator)
    }

    /// Members of the mesh whose identity a text stands for.
    fn identities(&self, is_meant: impl Fn(&str, &str) -> bool) -> Matched {
        let endpoints = &self.translator.endpoints;
        let is_one = |id: &crate::kubernetes::EndpointId| {
            let pod = endpoints.get(*id);
            let namespace = pod
                .namespace
                .map(|number| endpoints.namespaces()[number].known_as);
            is_meant(namespace.unwrap_or_default(), pod.service_account)
        };
        let pods: EndpointSet = endpoints.pods().iter().filter(is_one).collect();
        self.mesh.among(&pods)
    }

    fn principals(&self, text: &str) -> Matched {
        self.identities(|namespace, account| {
            stands_for(text, &format!("cluster.local/ns/{namespace}/sa/{account}"))
        })
    }

    fn namespaces(&self, text: &str) -> Matched {
        self.identities(|namespace, _| stands_for(text, namespace))
    }

    fn accounts(&self, text: &str) -> Matched {
        let (own, name) = text.split_once('/').unwrap_or((self.namespace, text));
        self.identities(|namespace, account| namespace == own && account == name)
    }
}

/// Whether a text of a policy stands for a value: itself, or with a star at its start or end
/// whatever ends or starts so; a lone star stands for any value.
fn stands_for(text: &str, value: &str) -> bool {
    if text == "*" {
        return !value.is_empty();
    }
    if let Some(start) = text.strip_suffix('*') {
        return value.starts_with(start);
    }
    match text.strip_prefix('*') {
        Some(end) => value.ends_with(end),
        None => text == value,
    }
}

fn ports(values: &[u16], not_values: &[u16]) -> PortSet {
    let set = |ports: &[u16]| -> PortSet { ports.iter().map(|port| (*port, *port)).collect() };
    let all = match values.is_empty() {
        true => PortSet::full(),
        false => set(values),
    };
    all.difference(&set(not_values))
}

fn texts(blocks: &[IpNet]) -> Vec<String> {
    blocks.iter().map(ToString::to_string).collect()
}

/// What is asked of requests, in words; nothing if nothing is.
fn words<T: std::fmt::Display>(what: &str, asked: &IstioMatch<'_, T>) -> Option<String> {
    let list = |values: &[T]| {
        values
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (asked.values.is_empty(), asked.not_values.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{what} {}", list(&asked.values))),
        (true, false) => Some(format!("{what} not {}", list(&asked.not_values))),
        (false, false) => Some(format!(
            "{what} {} and not {}",
            list(&asked.values),
            list(&asked.not_values)
        )),
    }
}
