//! CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy.

use palisade_document::{Kind, Value};

use super::peers::CiliumPeers;
use super::ports::{CiliumIcmp, CiliumPortRule, read_icmps, read_port_rules};
use crate::Object;
use crate::kubernetes::record::{Record, Remarks};
use crate::kubernetes::{PolicyType, Selector};

/// A policy: its `spec`, its `specs`, or both.
#[derive(Clone)]
pub struct CiliumNetworkPolicy<'e> {
    /// The object.
    pub object: Object<'e>,
    /// The namespace it is limited to; nothing for a clusterwide one.
    pub namespace: Option<&'e str>,
    /// What it says.
    pub specs: Vec<CiliumSpec<'e>>,
    /// Whether something in it is refused. Cilium then enforces nothing of the policy.
    pub is_refused: bool,
}

/// One `spec`.
#[derive(Clone, Debug)]
pub struct CiliumSpec<'e> {
    /// The place.
    pub at: Value<'e>,
    /// What the rules are about.
    pub subject: CiliumSubject<'e>,
    /// What `enableDefaultDeny` says of ingress.
    pub default_deny_ingress: Option<bool>,
    /// What `enableDefaultDeny` says of egress.
    pub default_deny_egress: Option<bool>,
    /// What may come in.
    pub ingress: Vec<CiliumEntry<'e>>,
    /// What must not come in.
    pub ingress_deny: Vec<CiliumEntry<'e>>,
    /// What may go out.
    pub egress: Vec<CiliumEntry<'e>>,
    /// What must not go out.
    pub egress_deny: Vec<CiliumEntry<'e>>,
}

/// What the rules of a policy are about.
#[derive(Clone, Debug)]
pub enum CiliumSubject<'e> {
    /// Pods by their labels.
    Endpoints(Selector<'e>),
    /// The host firewall of nodes by their labels.
    Nodes(Selector<'e>),
    /// Neither could be read.
    Refused,
}

/// One rule of a section. Peers and ports must both match.
#[derive(Clone, Debug)]
pub struct CiliumEntry<'e> {
    /// The place.
    pub at: Value<'e>,
    /// The other side; nothing said stands for any peer if there are ports, else for none.
    pub peers: Option<CiliumPeers<'e>>,
    /// Labels that the other side must have, in whichever rule it is named (until Cilium 1.18).
    pub requires: Vec<Selector<'e>>,
    /// The ports; nothing said stands for all traffic.
    pub ports: Vec<CiliumPortRule<'e>>,
    /// The kinds of ICMP messages.
    pub icmps: Vec<CiliumIcmp>,
    /// The mode of mutual authentication that is required.
    pub authentication: Option<&'e str>,
}

impl<'e> CiliumNetworkPolicy<'e> {
    /// Reads a policy; nothing if the object is of another kind.
    pub fn read(object: &Object<'e>, remarks: &Remarks<'e>) -> Option<Self> {
        let is_clusterwide = object.is("cilium.io", "CiliumClusterwideNetworkPolicy");
        if !is_clusterwide && !object.is("cilium.io", "CiliumNetworkPolicy") {
            return None;
        }
        let before = remarks.errors();
        let many = object.get("specs");
        if let Some(many) = many.filter(|many| many.kind() != Kind::Array) {
            remarks.refuse(many, "`specs` must be a list");
        }
        let listed = many.into_iter().flat_map(Value::items);
        let specs: Vec<_> = object
            .get("spec")
            .into_iter()
            .chain(listed)
            .filter_map(|spec| CiliumSpec::read(spec, is_clusterwide, remarks))
            .collect();
        if specs.is_empty() {
            remarks.refuse(object.anchor(), "one of `spec` and `specs` is needed");
        }
        Some(Self {
            object: *object,
            namespace: object.namespace(),
            specs,
            is_refused: remarks.errors() > before,
        })
    }
}

impl<'e> CiliumSpec<'e> {
    fn read(at: Value<'e>, is_clusterwide: bool, remarks: &Remarks<'e>) -> Option<Self> {
        let record = Record::open(at, remarks)?;
        let subject = read_subject(&record, is_clusterwide);
        let modes = record.object("enableDefaultDeny");
        let mode = |direction: PolicyType| modes.as_ref()?.flag(direction.section());
        let (default_deny_ingress, default_deny_egress) =
            (mode(PolicyType::Ingress), mode(PolicyType::Egress));
        if let Some(modes) = modes {
            modes.close();
        }
        let is_host = matches!(subject, CiliumSubject::Nodes(_));
        let section = |name, direction, is_deny| {
            let reader = EntryReader {
                direction,
                is_deny,
                is_host,
                remarks,
            };
            let entries = record.each(name, |entry| reader.read(entry));
            entries.unwrap_or_default()
        };
        let spec = Self {
            at,
            subject,
            default_deny_ingress,
            default_deny_egress,
            ingress: section("ingress", PolicyType::Ingress, false),
            ingress_deny: section("ingressDeny", PolicyType::Ingress, true),
            egress: section("egress", PolicyType::Egress, false),
            egress_deny: section("egressDeny", PolicyType::Egress, true),
        };
        // What people and tools write about the rule; it changes nothing.
        record.list("labels");
        record.text("description");
        record.get("log");
        record.close();
        Some(spec)
    }

    /// What a direction allows.
    pub fn allowed(&self, direction: PolicyType) -> &[CiliumEntry<'e>] {
        match direction {
            PolicyType::Ingress => &self.ingress,
            PolicyType::Egress => &self.egress,
        }
    }

    /// What a direction denies.
    pub fn denied(&self, direction: PolicyType) -> &[CiliumEntry<'e>] {
        match direction {
            PolicyType::Ingress => &self.ingress_deny,
            PolicyType::Egress => &self.egress_deny,
        }
    }

    /// Whether the rule puts what it is about into default deny: if it has rules for the
    /// direction and doesn't say that they shouldn't. A switch without rules does nothing
    /// (`computePolicyEnforcementAndRules`, 1.18).
    pub fn isolates(&self, direction: PolicyType) -> bool {
        let has_rules = !(self.allowed(direction).is_empty() && self.denied(direction).is_empty());
        let said = match direction {
            PolicyType::Ingress => self.default_deny_ingress,
            PolicyType::Egress => self.default_deny_egress,
        };
        has_rules && said.unwrap_or(true)
    }
}

fn read_subject<'e>(record: &Record<'e, '_>, is_clusterwide: bool) -> CiliumSubject<'e> {
    let endpoints = record.get("endpointSelector");
    let nodes = record.get("nodeSelector");
    match (endpoints, nodes) {
        (Some(_), Some(nodes)) => {
            record.remarks().refuse(
                nodes,
                "`endpointSelector` and `nodeSelector` exclude each other",
            );
            CiliumSubject::Refused
        }
        (Some(_), None) => record
            .selector("endpointSelector")
            .map_or(CiliumSubject::Refused, CiliumSubject::Endpoints),
        (None, Some(nodes)) if !is_clusterwide => {
            record.remarks().refuse(
                nodes,
                "`nodeSelector` is for CiliumClusterwideNetworkPolicy",
            );
            CiliumSubject::Refused
        }
        (None, Some(_)) => record
            .selector("nodeSelector")
            .map_or(CiliumSubject::Refused, CiliumSubject::Nodes),
        (None, None) => {
            record.remarks().refuse(
                record.value(),
                "one of `endpointSelector` and `nodeSelector` is needed",
            );
            CiliumSubject::Refused
        }
    }
}

struct EntryReader<'e, 'r> {
    direction: PolicyType,
    is_deny: bool,
    is_host: bool,
    remarks: &'r Remarks<'e>,
}

impl<'e> EntryReader<'e, '_> {
    fn read(&self, at: Value<'e>) -> Option<CiliumEntry<'e>> {
        let record = Record::open(at, self.remarks)?;
        let (requires, authentication) = (self.requires(&record), self.authentication(&record));
        let entry = CiliumEntry {
            at,
            peers: CiliumPeers::read(&record, self.direction, self.is_deny),
            requires,
            ports: read_port_rules(&record, self.direction, self.is_deny),
            icmps: read_icmps(&record),
            authentication,
        };
        if !entry.icmps.is_empty() && !entry.ports.is_empty() {
            self.remarks.refuse(
                record.place("icmps"),
                "`icmps` and `toPorts` belong into rules of their own",
            );
        }
        let asks = |port: &CiliumPortRule<'_>| port.requests.is_some();
        if self.is_host && entry.ports.iter().any(asks) {
            self.remarks.refuse(
                record.place("toPorts"),
                "rules about requests can't be about nodes",
            );
        }
        record.close();
        Some(entry)
    }

    fn requires(&self, record: &Record<'e, '_>) -> Vec<Selector<'e>> {
        let name = match self.direction {
            PolicyType::Ingress => "fromRequires",
            PolicyType::Egress => "toRequires",
        };
        let selectors = record.each(name, |selector| {
            crate::kubernetes::record::read_selector(selector, self.remarks)
        });
        selectors.unwrap_or_default()
    }

    fn authentication(&self, record: &Record<'e, '_>) -> Option<&'e str> {
        if self.is_deny {
            return None;
        }
        let authentication = record.object("authentication")?;
        let modes = [
            ("disabled", "disabled"),
            ("required", "required"),
            ("test-always-fail", "test-always-fail"),
        ];
        authentication.require("mode");
        let mode = authentication.choice("mode", &modes);
        authentication.close();
        mode
    }
}
