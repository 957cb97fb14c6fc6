//! AuthorizationPolicy: which requests and connections the proxy of a pod lets in.

use std::net::IpAddr;

use ipnet::IpNet;
use palisade_document::Value;

use super::peer_authentication::read_workload_labels;
use crate::Object;
use crate::kubernetes::record::{Record, Remarks};

/// What a policy does with what its rules match. They are asked in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IstioAction {
    /// Something outside the mesh decides.
    Custom,
    /// Refused.
    Deny,
    /// Let in. Where a pod has policies of this kind, nothing else is let in.
    Allow,
    /// Written to a log.
    Audit,
}

/// An AuthorizationPolicy.
#[derive(Clone)]
pub struct IstioPolicy<'e> {
    /// The object.
    pub object: Object<'e>,
    /// The labels of the pods that it is about; all of the namespace if there are none.
    pub labels: Vec<(&'e str, &'e str)>,
    /// The gateways or services that it is about instead of pods.
    pub targets: Vec<Value<'e>>,
    /// What it does.
    pub action: IstioAction,
    /// Any of these must match; without one the policy matches nothing.
    pub rules: Vec<IstioRule<'e>>,
    /// Whether it is only tried out (annotation `istio.io/dry-run`).
    pub is_dry_run: bool,
    /// Whether something in it is refused.
    pub is_refused: bool,
}

/// A rule: a source, an operation and all conditions must match.
#[derive(Clone, Debug)]
pub struct IstioRule<'e> {
    /// The place.
    pub at: Value<'e>,
    /// Any of these; any at all if there are none.
    pub from: Vec<IstioSource<'e>>,
    /// Any of these; any at all if there are none.
    pub to: Vec<IstioOperation<'e>>,
    /// All of these.
    pub when: Vec<IstioCondition<'e>>,
}

/// Values of which one must match, unless there are none, and values of which none may.
#[derive(Clone, Debug, Default)]
pub struct IstioMatch<'e, T = &'e str> {
    /// The values.
    pub values: Vec<T>,
    /// The values that mustn't match.
    pub not_values: Vec<T>,
    /// The place of the first list, to point at.
    pub at: Option<Value<'e>>,
}

impl<T> IstioMatch<'_, T> {
    /// Whether nothing is asked for.
    pub fn is_anything(&self) -> bool {
        self.values.is_empty() && self.not_values.is_empty()
    }
}

/// Where a request comes from. All fields must match.
#[derive(Clone, Debug)]
pub struct IstioSource<'e> {
    /// The place.
    pub at: Value<'e>,
    /// Identities: `cluster.local/ns/shop/sa/till`.
    pub principals: IstioMatch<'e>,
    /// Identities in tokens of requests.
    pub request_principals: IstioMatch<'e>,
    /// Namespaces of identities.
    pub namespaces: IstioMatch<'e>,
    /// Service accounts of identities: `shop/till`, or `till` in the policy's namespace.
    pub service_accounts: IstioMatch<'e>,
    /// Addresses that packets come from.
    pub ip_blocks: IstioMatch<'e, IpNet>,
    /// Addresses that headers say requests come from.
    pub remote_ip_blocks: IstioMatch<'e, IpNet>,
}

/// What a request is for. All fields must match.
#[derive(Clone, Debug)]
pub struct IstioOperation<'e> {
    /// The place.
    pub at: Value<'e>,
    /// Hosts of HTTP requests.
    pub hosts: IstioMatch<'e>,
    /// Ports.
    pub ports: IstioMatch<'e, u16>,
    /// Methods of HTTP requests.
    pub methods: IstioMatch<'e>,
    /// Paths of HTTP requests.
    pub paths: IstioMatch<'e>,
}

/// A condition on an attribute.
#[derive(Clone, Debug)]
pub struct IstioCondition<'e> {
    /// The place.
    pub at: Value<'e>,
    /// The attribute: `source.ip`, `request.headers[x]`.
    pub key: &'e str,
    /// Its values.
    pub values: IstioMatch<'e>,
}

impl<'e> IstioPolicy<'e> {
    /// Reads a policy; nothing if the object is of another kind.
    pub fn read(object: &Object<'e>, remarks: &Remarks<'e>) -> Option<Self> {
        if !object.is("security.istio.io", "AuthorizationPolicy") {
            return None;
        }
        let before = remarks.errors();
        let dry_run = object.annotation("istio.io/dry-run");
        let mut policy = Self {
            object: *object,
            labels: Vec::new(),
            targets: Vec::new(),
            action: IstioAction::Allow,
            rules: Vec::new(),
            is_dry_run: dry_run.is_some_and(|value| value.scalar() == "true"),
            is_refused: false,
        };
        let spec = object.get("spec");
        if let Some(spec) = spec.and_then(|spec| Record::open(spec, remarks)) {
            policy.read_spec(&spec);
            spec.close();
        }
        policy.is_refused = remarks.errors() > before;
        Some(policy)
    }

    fn read_spec(&mut self, spec: &Record<'e, '_>) {
        self.labels = read_workload_labels(spec);
        self.targets.extend(spec.get("targetRef"));
        self.targets
            .extend(spec.list("targetRefs").unwrap_or_default());
        if !self.labels.is_empty() && !self.targets.is_empty() {
            spec.remarks().refuse(
                spec.place("selector"),
                "`selector` and `targetRefs` exclude each other",
            );
        }
        let actions = [
            ("ALLOW", IstioAction::Allow),
            ("DENY", IstioAction::Deny),
            ("AUDIT", IstioAction::Audit),
            ("CUSTOM", IstioAction::Custom),
        ];
        self.action = spec
            .choice("action", &actions)
            .unwrap_or(IstioAction::Allow);
        let has_provider = spec.get("provider").is_some();
        if (self.action == IstioAction::Custom) != has_provider {
            spec.remarks().refuse(
                spec.place("provider"),
                "`provider` goes with `action: CUSTOM`, and neither goes without the other",
            );
        }
        let rules = spec.each("rules", |rule| read_rule(rule, spec.remarks()));
        self.rules = rules.unwrap_or_default();
        let is_needed = matches!(self.action, IstioAction::Deny | IstioAction::Custom);
        if is_needed && self.rules.is_empty() {
            spec.remarks().refuse(
                spec.place("rules"),
                "a policy that denies or is custom needs rules",
            );
        }
    }
}

fn read_rule<'e>(at: Value<'e>, remarks: &Remarks<'e>) -> Option<IstioRule<'e>> {
    let record = Record::open(at, remarks)?;
    let from = record.each("from", |item| {
        read_inner(item, "source", read_source, remarks)
    });
    let to = record.each("to", |item| {
        read_inner(item, "operation", read_operation, remarks)
    });
    let when = record.each("when", |item| read_condition(item, remarks));
    for (name, is_empty) in [
        ("from", from.as_ref().is_some_and(Vec::is_empty)),
        ("to", to.as_ref().is_some_and(Vec::is_empty)),
    ] {
        if is_empty && record.place(name).items().len() == 0 {
            remarks.refuse(
                record.place(name),
                format!("`{name}` must hold at least one entry"),
            );
        }
    }
    record.close();
    Some(IstioRule {
        at,
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
        when: when.unwrap_or_default(),
    })
}

fn read_inner<'e, T>(
    item: Value<'e>,
    name: &'static str,
    read: fn(&Record<'e, '_>) -> T,
    remarks: &Remarks<'e>,
) -> Option<T> {
    let record = Record::open(item, remarks)?;
    record.require(name);
    let inner = record.object(name)?;
    let found = read(&inner);
    if inner.value().entries().len() == 0 {
        remarks.refuse(inner.value(), format!("`{name}` must say something"));
    }
    inner.close();
    record.close();
    Some(found)
}

fn read_source<'e>(source: &Record<'e, '_>) -> IstioSource<'e> {
    IstioSource {
        at: source.value(),
        principals: texts(source, "principals", "notPrincipals"),
        request_principals: texts(source, "requestPrincipals", "notRequestPrincipals"),
        namespaces: texts(source, "namespaces", "notNamespaces"),
        service_accounts: texts(source, "serviceAccounts", "notServiceAccounts"),
        ip_blocks: parsed(source, "ipBlocks", "notIpBlocks", ADDRESS, read_network),
        remote_ip_blocks: parsed(
            source,
            "remoteIpBlocks",
            "notRemoteIpBlocks",
            ADDRESS,
            read_network,
        ),
    }
}

fn read_operation<'e>(operation: &Record<'e, '_>) -> IstioOperation<'e> {
    IstioOperation {
        at: operation.value(),
        hosts: texts(operation, "hosts", "notHosts"),
        ports: parsed(
            operation,
            "ports",
            "notPorts",
            "a port is a number from 1 to 65535, in quotes",
            |text| text.parse().ok().filter(|port: &u16| *port > 0),
        ),
        methods: texts(operation, "methods", "notMethods"),
        paths: texts(operation, "paths", "notPaths"),
    }
}

fn read_condition<'e>(item: Value<'e>, remarks: &Remarks<'e>) -> Option<IstioCondition<'e>> {
    let record = Record::open(item, remarks)?;
    record.require("key");
    let key = record.text("key");
    let values = texts(&record, "values", "notValues");
    if values.is_anything() {
        record.require_one_of("`values` and `notValues`");
    }
    record.close();
    Some(IstioCondition {
        at: item,
        key: key?,
        values,
    })
}

const ADDRESS: &str = "this is not an address or a range such as `10.0.0.0/8`";

fn read_network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().map(IpNet::from).ok();
    text.parse().ok().or_else(address)
}

fn texts<'e>(record: &Record<'e, '_>, name: &'static str, negated: &'static str) -> IstioMatch<'e> {
    parsed(record, name, negated, "", Some)
}

fn parsed<'e, T>(
    record: &Record<'e, '_>,
    name: &'static str,
    negated: &'static str,
    refusal: &str,
    read: fn(&'e str) -> Option<T>,
) -> IstioMatch<'e, T> {
    let list = |name| {
        let texts = record.texts(name).unwrap_or_default().into_iter();
        let values = texts.filter_map(|(text, at)| {
            let value = read(text);
            if value.is_none() {
                record.remarks().refuse(at, refusal);
            }
            value
        });
        values.collect()
    };
    IstioMatch {
        values: list(name),
        not_values: list(negated),
        at: record.get(name).or_else(|| record.get(negated)),
    }
}
