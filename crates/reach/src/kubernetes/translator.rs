//! What translations of dialects stand on: names resolved to endpoints and numbers.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use palisade_document::{Origin, Value};
use palisade_estate::Object;
use palisade_estate::kubernetes::{PolicyType, Remarks, Selector};
use palisade_packet::{AddressSet, PortSet, Set, Traffic, Transport};

use super::label_index::LabelIndex;
use super::program::{Action, Condition, Note, NoteKind, Peers, Rule};
use super::table::{ConditionId, TrafficId, TrafficTable};
use super::{Endpoint, EndpointId, EndpointKind, EndpointSet, Endpoints, Engine, Options};

/// Endpoints that something selects, as far as the input tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// Those it selects for certain.
    pub certain: EndpointSet,
    /// Those it may select; none of the certain ones.
    pub possible: EndpointSet,
    /// Why it isn't known; set exactly if some are possible.
    pub condition: Option<ConditionId>,
}

/// The destination ports of a rule: any of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports<'e> {
    /// Traffic that is the same whatever the destination.
    pub fixed: Traffic,
    /// Names, looked up among the container ports of the destination: of one protocol, or of any.
    pub named: Vec<(Option<Transport>, &'e str)>,
}

impl Ports<'_> {
    /// No restriction: all traffic of every protocol.
    pub fn all() -> Self {
        Self {
            fixed: Traffic::full(),
            named: Vec::new(),
        }
    }

    /// No ports yet.
    pub fn none() -> Self {
        Self {
            fixed: Traffic::empty(),
            named: Vec::new(),
        }
    }
}

/// Resolves what policies name, in one cluster.
pub struct Translator<'e> {
    /// The endpoints in the cluster; those outside aren't among them yet.
    pub endpoints: Endpoints<'e>,
    /// The engine.
    pub engine: Engine,
    /// What was wrong with objects.
    pub remarks: Remarks<'e>,
    table: RefCell<TrafficTable>,
    notes: RefCell<Vec<Note<'e>>>,
    by_pod: LabelIndex<'e>,
    by_namespace: LabelIndex<'e>,
    by_node: LabelIndex<'e>,
    /// The namespaces whose labels aren't known but for their name, by number.
    unread: EndpointSet,
    by_port_name: HashMap<&'e str, Vec<(Transport, u16, EndpointSet)>>,
    by_address: RefCell<HashMap<AddressSet, Selected>>,
    /// The pods of namespaces that were asked for before.
    by_selector: RefCell<HashMap<Selector<'e>, Selected>>,
    /// The conditions that are made once.
    unread_condition: Cell<Option<ConditionId>>,
    open_condition: Cell<Option<ConditionId>>,
    address_condition: Cell<Option<ConditionId>>,
}

/// What a rule is apart from its peers and traffic.
#[derive(Clone, Copy, Debug)]
pub struct RuleHead {
    /// What it does.
    pub action: Action,
    /// Where it stands.
    pub origin: Origin,
    /// Its number in its list, from 0.
    pub index: usize,
    /// What else it hangs on.
    pub condition: Option<ConditionId>,
}

impl<'e> Translator<'e> {
    pub(super) fn new(endpoints: Endpoints<'e>, engine: Engine, options: &Options) -> Self {
        let is_node = |endpoint: &Endpoint<'_>| matches!(endpoint.kind, EndpointKind::Node(_));
        let pods = endpoints.pods();
        let labelled = |wanted: &dyn Fn(EndpointId, &Endpoint<'_>) -> bool| {
            let chosen = endpoints
                .iter()
                .filter(|(id, endpoint)| wanted(*id, endpoint));
            LabelIndex::new(chosen.map(|(id, endpoint)| (id, &endpoint.labels)))
        };
        let by_pod = labelled(&|id, _| pods.contains(id));
        let by_node = labelled(&|_, endpoint| is_node(endpoint));
        let numbers = (0..u32::MAX).map(EndpointId);
        let by_namespace = LabelIndex::new(
            numbers.clone().zip(
                endpoints
                    .namespaces()
                    .iter()
                    .map(|namespace| &namespace.labels),
            ),
        );
        let unread = numbers.zip(endpoints.namespaces());
        let unread = unread
            .filter(|(_, namespace)| !namespace.is_read && !options.bare_namespaces)
            .map(|(number, _)| number)
            .collect();
        Self {
            by_port_name: port_names(&endpoints),
            endpoints,
            engine,
            remarks: Remarks::new(),
            table: RefCell::default(),
            notes: RefCell::default(),
            by_pod,
            by_namespace,
            by_node,
            unread,
            by_address: RefCell::default(),
            by_selector: RefCell::default(),
            unread_condition: Cell::new(None),
            open_condition: Cell::new(None),
            address_condition: Cell::new(None),
        }
    }

    pub(super) fn finish(self) -> (Endpoints<'e>, TrafficTable, Vec<Note<'e>>, Remarks<'e>) {
        (
            self.endpoints,
            self.table.into_inner(),
            self.notes.into_inner(),
            self.remarks,
        )
    }

    /// The number of a set of traffic.
    pub fn traffic(&self, traffic: Traffic) -> TrafficId {
        self.table.borrow_mut().number(traffic)
    }

    /// The number of a condition.
    pub fn condition(&self, condition: Condition) -> ConditionId {
        self.table.borrow_mut().condition_number(condition)
    }

    /// Notes something about a policy.
    pub fn note(
        &self,
        kind: NoteKind,
        object: Object<'e>,
        at: Value<'e>,
        message: impl Into<String>,
    ) {
        self.notes.borrow_mut().push(Note {
            kind,
            object,
            origin: at.origin(),
            message: message.into(),
        });
    }

    /// The labels of pods that policies can select.
    pub fn pod_labels(&self) -> &LabelIndex<'e> {
        &self.by_pod
    }

    /// The labels of namespaces; the numbers are those of namespaces, not of endpoints.
    pub fn namespace_labels(&self) -> &LabelIndex<'e> {
        &self.by_namespace
    }

    /// The namespaces whose labels aren't known but for their name, by number.
    pub fn unread_namespaces(&self) -> &EndpointSet {
        &self.unread
    }

    /// The labels of nodes.
    pub fn node_labels(&self) -> &LabelIndex<'e> {
        &self.by_node
    }

    /// The pods of a namespace that a selector selects.
    pub fn pods_in(&self, namespace: &str, pods: &Selector<'e>) -> Selected {
        match self.endpoints.namespace(namespace) {
            Some(number) => {
                let own = self.endpoints.pods_of(number);
                self.pods_with(pods).narrow(|set| set.intersection(&own))
            }
            None => Selected::default(),
        }
    }

    /// The pods whose labels a selector selects.
    fn pods_with(&self, pods: &Selector<'e>) -> Selected {
        let certain = (*self.by_pod.select(pods)).clone();
        self.or_open(certain)
    }

    /// The pods with a label that has such a value.
    pub fn pods_with_label(&self, key: &str, is_meant: impl Fn(&str) -> bool) -> Selected {
        self.or_open(self.by_pod.with_value(key, is_meant))
    }

    /// Pods that labels, or something else of theirs, selects: those of which nothing is known may
    /// be among them unless they are already.
    pub fn or_open(&self, certain: EndpointSet) -> Selected {
        let open = self.by_pod.open();
        if open.is_empty() {
            return Selected::certain(certain);
        }
        Selected::new(certain, open.clone(), || self.open_labels())
    }

    fn open_labels(&self) -> ConditionId {
        self.open_condition.get().unwrap_or_else(|| {
            let id = self.condition(Condition::Unknown {
                cause: "the labels of the pods aren't known".to_owned(),
                supply: "kubectl get pods -A -o json".to_owned(),
            });
            self.open_condition.set(Some(id));
            id
        })
    }

    /// The conditions that labels aren't known: of namespaces, or of pods.
    pub(super) fn conditions_about_labels(&self) -> Vec<ConditionId> {
        let known = [self.unread_condition.get(), self.open_condition.get()];
        known.into_iter().flatten().collect()
    }

    /// The pods that one selector selects, in the namespaces that another does.
    pub fn pods(&self, namespaces: &Selector<'e>, pods: &Selector<'e>) -> Selected {
        let within = self.namespaces(namespaces);
        within.intersection(&self.pods_with(pods))
    }

    /// All pods of the namespaces that a selector selects. A selector that asks for more than
    /// the name may or may not select a namespace whose object isn't in the input.
    pub fn namespaces(&self, selector: &Selector<'e>) -> Selected {
        if let Some(known) = self.by_selector.borrow().get(selector) {
            return known.clone();
        }
        let found = self.find_namespaces(selector);
        let mut known = self.by_selector.borrow_mut();
        known.insert(selector.clone(), found.clone());
        found
    }

    fn find_namespaces(&self, selector: &Selector<'e>) -> Selected {
        let chosen = self.by_namespace.select(selector);
        let asks_for_more = selector
            .keys()
            .any(|key| key != "kubernetes.io/metadata.name");
        if !asks_for_more || self.unread.is_empty() {
            return Selected::certain(self.pods_of_namespaces(&chosen));
        }
        // What the name alone rules out stays out, whatever other labels there are.
        let by_name = Selector::default();
        let mut open = self.unread.clone();
        for requirement in selector.requirements() {
            if requirement.key == "kubernetes.io/metadata.name" {
                open =
                    open.intersection(&self.by_namespace.select(&by_name.requiring(requirement)));
            }
        }
        Selected::new(
            self.pods_of_namespaces(&chosen.difference(&open)),
            self.pods_of_namespaces(&open),
            || self.unread_labels(),
        )
    }

    /// All pods of some namespaces, given by their numbers.
    pub fn pods_of_namespaces(&self, namespaces: &EndpointSet) -> EndpointSet {
        let numbers: Vec<_> = namespaces.iter().map(EndpointId::index).collect();
        let ranges = numbers
            .iter()
            .map(|number| self.endpoints.range_of(*number));
        EndpointSet::ranges(ranges)
    }

    /// The nodes that a selector selects.
    pub fn nodes(&self, selector: &Selector<'e>) -> EndpointSet {
        (*self.by_node.select(selector)).clone()
    }

    /// The endpoints in the cluster, among `candidates`, whose addresses lie in a set. Those
    /// whose addresses aren't known, or lie in it only in part, may.
    pub fn endpoints_at(&self, addresses: &AddressSet, candidates: &EndpointSet) -> Selected {
        if candidates.is_empty() {
            return Selected::default();
        }
        if !self.by_address.borrow().contains_key(addresses) {
            let found = self.all_at(addresses);
            self.by_address
                .borrow_mut()
                .insert(addresses.clone(), found);
        }
        let known = self.by_address.borrow();
        let found = known
            .get(addresses)
            .map(|all| all.narrow(|set| set.intersection(candidates)));
        found.unwrap_or_default()
    }

    fn all_at(&self, addresses: &AddressSet) -> Selected {
        let (mut certain, mut possible) = (Vec::new(), Vec::new());
        for id in self.endpoints.inside().iter() {
            let own = &self.endpoints.get(id).addresses;
            if own.is_subset(addresses) {
                certain.push(id);
            } else if !own.is_disjoint(addresses) {
                possible.push(id);
            }
        }
        Selected::new(
            certain.into_iter().collect(),
            possible.into_iter().collect(),
            || self.unknown_addresses(),
        )
    }

    /// What in the cluster an address range of a NetworkPolicy covers, which depends on the
    /// engine.
    pub fn endpoints_of_range(&self, addresses: &AddressSet) -> Selected {
        let candidates = if self.engine.ranges_cover_pods() {
            self.endpoints.inside()
        } else if self.engine.kind == super::EngineKind::Cilium {
            EndpointSet::empty()
        } else {
            self.endpoints.hosts()
        };
        self.endpoints_at(addresses, &candidates)
    }

    pub(super) fn unread_labels(&self) -> ConditionId {
        self.unread_condition.get().unwrap_or_else(|| {
            let id = self.condition(Condition::Unknown {
                cause: "the labels of the namespace aren't in the input".to_owned(),
                supply: "kubectl get namespaces -o json".to_owned(),
            });
            self.unread_condition.set(Some(id));
            id
        })
    }

    fn unknown_addresses(&self) -> ConditionId {
        self.address_condition.get().unwrap_or_else(|| {
            let id = self.condition(Condition::Unknown {
                cause: "whether its addresses lie in the range isn't known".to_owned(),
                supply: "kubectl get pods,nodes -A -o json".to_owned(),
            });
            self.address_condition.set(Some(id));
            id
        })
    }

    /// The rules of this form that one rule as written comes to: one for ports that mean the same
    /// everywhere, and one for each number that a port's name stands for. `subjects` are those of
    /// the rule's policy.
    pub fn rules(
        &self,
        head: RuleHead,
        direction: PolicyType,
        subjects: &EndpointSet,
        peers: &Peers,
        ports: &Ports<'e>,
    ) -> Vec<Rule> {
        let rule = |subjects, peers, traffic| Rule {
            action: head.action,
            subjects,
            peers,
            traffic,
            condition: head.condition,
            origin: head.origin,
            index: head.index,
        };
        let mut rules = Vec::new();
        if peers.is_empty() {
            return rules;
        }
        if !ports.fixed.is_empty() {
            rules.push(rule(None, peers.clone(), self.traffic(ports.fixed.clone())));
        }
        for (transport, name) in &ports.named {
            for (known, number, holders) in self.by_port_name.get(name).into_iter().flatten() {
                if transport.is_some_and(|transport| transport != *known) {
                    continue;
                }
                let traffic = Traffic::to_ports(*known, PortSet::one(*number));
                match direction {
                    PolicyType::Ingress if !subjects.is_disjoint(holders) => {
                        let own = subjects.intersection(holders);
                        let own = (own != *subjects).then_some(own);
                        rules.push(rule(own, peers.clone(), self.traffic(traffic)));
                    }
                    PolicyType::Egress if !peers.endpoints.is_disjoint(holders) => {
                        let known = Peers::inside(peers.endpoints.intersection(holders));
                        rules.push(rule(None, known, self.traffic(traffic)));
                    }
                    _ => {}
                }
            }
        }
        rules
    }

    /// The same for peers of whom only some are certain: the others' rules carry the condition.
    pub fn rules_for(
        &self,
        head: RuleHead,
        direction: PolicyType,
        subjects: &EndpointSet,
        peers: &Selected,
        ports: &Ports<'e>,
    ) -> Vec<Rule> {
        let certain = Peers::inside(peers.certain.clone());
        let mut rules = self.rules(head, direction, subjects, &certain, ports);
        if let Some(condition) = peers.condition {
            let head = RuleHead {
                condition: Some(head.condition.unwrap_or(condition)),
                ..head
            };
            let possible = Peers::inside(peers.possible.clone());
            rules.extend(self.rules(head, direction, subjects, &possible, ports));
        }
        rules
    }
}

impl Selected {
    /// Nothing is in doubt.
    pub fn certain(certain: EndpointSet) -> Self {
        Self {
            certain,
            ..Self::default()
        }
    }

    /// Some for certain, and others perhaps, for a reason that is asked for if there are any.
    pub fn new(
        certain: EndpointSet,
        possible: EndpointSet,
        condition: impl FnOnce() -> ConditionId,
    ) -> Self {
        let possible = possible.difference(&certain);
        let condition = (!possible.is_empty()).then(condition);
        Self {
            certain,
            possible,
            condition,
        }
    }

    /// Whether none is selected, not even perhaps.
    pub fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.possible.is_empty()
    }

    /// What is in either. Of two reasons to be in doubt the first is kept.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let certain = self.certain.union(&other.certain);
        let possible = self.possible.union(&other.possible).difference(&certain);
        let condition = self.condition.or(other.condition);
        Self {
            condition: condition.filter(|_| !possible.is_empty()),
            certain,
            possible,
        }
    }

    /// What is in both. Of two reasons to be in doubt the first is kept.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let upper = |selected: &Self| selected.certain.union(&selected.possible);
        let certain = self.certain.intersection(&other.certain);
        let possible = upper(self).intersection(&upper(other)).difference(&certain);
        let condition = self.condition.or(other.condition);
        Self {
            condition: condition.filter(|_| !possible.is_empty()),
            certain,
            possible,
        }
    }

    /// What `narrow` leaves of both parts.
    #[must_use]
    pub fn narrow(&self, narrow: impl Fn(&EndpointSet) -> EndpointSet) -> Self {
        let possible = narrow(&self.possible);
        Self {
            certain: narrow(&self.certain),
            condition: self.condition.filter(|_| !possible.is_empty()),
            possible,
        }
    }
}

/// Which pods have a port of a name, and its number there.
fn port_names<'e>(
    endpoints: &Endpoints<'e>,
) -> HashMap<&'e str, Vec<(Transport, u16, EndpointSet)>> {
    let pods = endpoints.pods();
    let mut holders: HashMap<(&str, Transport, u16), Vec<EndpointId>> = HashMap::new();
    for (id, endpoint) in endpoints.iter().filter(|(id, _)| pods.contains(*id)) {
        for port in endpoint.ports.iter().filter(|port| !port.name.is_empty()) {
            let key = (port.name, port.transport, port.number);
            holders.entry(key).or_default().push(id);
        }
    }
    let mut holders: Vec<_> = holders.into_iter().collect();
    holders.sort_unstable_by_key(|(key, _)| *key);
    let mut names: HashMap<&str, Vec<(Transport, u16, EndpointSet)>> = HashMap::new();
    for ((name, transport, number), ids) in holders {
        let entry = (transport, number, ids.into_iter().collect());
        names.entry(name).or_default().push(entry);
    }
    names
}
