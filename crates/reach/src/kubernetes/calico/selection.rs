//! What Calico's selectors select: pods by their labels and those of their namespace and service
//! account, network sets, and host endpoints.
//!
//! Calico gives every pod the labels of its namespace under `pcns.` and of its service account
//! under `pcsa.`, and turns the selectors of a rule into one over all of these
//! (`libcalico-go/lib/backend/syncersv1/updateprocessors`, 3.31).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use palisade_estate::Cluster;
use palisade_estate::kubernetes::{
    CalicoEntity, CalicoHostEndpoint, CalicoNetworkSet, CalicoSelector, CalicoServiceAccounts,
    SelectorMeaning,
};
use palisade_packet::AddressSet;

use crate::kubernetes::matched::Matched;
use crate::kubernetes::program::Condition;
use crate::kubernetes::translator::{Selected, Translator};
use crate::kubernetes::{ConditionId, EndpointId, EndpointSet, Labels};

const NAMESPACE: &str = "projectcalico.org/namespace";
const NAME: &str = "projectcalico.org/name";
const SERVICE_ACCOUNT: &str = "projectcalico.org/serviceaccount";
const ORCHESTRATOR: &str = "projectcalico.org/orchestrator";
const OF_NAMESPACE: &str = "pcns.";
const OF_ACCOUNT: &str = "pcsa.";

/// Looks up what selectors select in a cluster.
pub(super) struct Selection<'t, 'e> {
    pub(super) translator: &'t Translator<'e>,
    sets: Vec<CalicoNetworkSet<'e>>,
    pub(super) hosts: Vec<CalicoHostEndpoint<'e>>,
    /// The pods of each service account, by namespace and name, with its labels if its object is
    /// in the input.
    accounts: Vec<Account<'e>>,
    account_condition: Cell<Option<ConditionId>>,
    known: RefCell<HashMap<(Scope, CalicoSelector<'e>), Selected>>,
}

struct Account<'e> {
    name: &'e str,
    pods: EndpointSet,
    labels: Option<Labels<'e>>,
}

/// Whose labels a selector asks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Scope {
    /// The endpoint's own.
    Own,
    /// Those of its namespace.
    Namespace,
    /// Those of its service account.
    Account,
}

impl<'t, 'e> Selection<'t, 'e> {
    pub(super) fn new(cluster: &Cluster<'e>, translator: &'t Translator<'e>) -> Self {
        let remarks = &translator.remarks;
        let objects = || cluster.objects();
        Self {
            sets: objects()
                .filter_map(|object| CalicoNetworkSet::read(&object, remarks))
                .collect(),
            hosts: objects()
                .filter_map(|object| CalicoHostEndpoint::read(&object, remarks))
                .collect(),
            accounts: accounts(cluster, translator),
            account_condition: Cell::new(None),
            known: RefCell::default(),
            translator,
        }
    }

    /// The pods that a policy acts on.
    pub(super) fn subjects(
        &self,
        namespace: Option<&str>,
        selector: Option<&CalicoSelector<'e>>,
        namespaces: Option<&CalicoSelector<'e>>,
        accounts: Option<&CalicoSelector<'e>>,
    ) -> Selected {
        let mut pods = match namespace {
            Some(namespace) => Selected::certain(self.pods_of(namespace)),
            None => Selected::certain(self.translator.endpoints.pods()),
        };
        let parts = [
            (Scope::Own, selector),
            (Scope::Namespace, namespaces),
            (Scope::Account, accounts),
        ];
        for (scope, selector) in parts {
            if let Some(selector) = selector {
                pods = pods.intersection(&self.pods(scope, selector));
            }
        }
        pods
    }

    /// What one side of a rule matches by selectors and address ranges. `namespace` is that of
    /// the policy: a rule of a namespaced policy that selects at all, if only by `notSelector`,
    /// selects in its own namespace unless it selects namespaces.
    pub(super) fn entity(&self, entity: &CalicoEntity<'e>, namespace: Option<&str>) -> Matched {
        let endpoints = &self.translator.endpoints;
        let mut matched = Matched::everything(endpoints);
        if !entity.nets.is_empty() {
            matched = matched.and(&self.at(&entity.nets));
        }
        if !entity.not_nets.is_empty() {
            matched = matched.and(&self.at(&entity.not_nets).not(endpoints));
        }
        let selects = entity.selector.is_some()
            || entity.service_accounts.is_some()
            || entity.namespace_selector.is_some()
            || (entity.not_selector.is_some() && namespace.is_some());
        if selects {
            matched = matched.and(&self.selected(entity, namespace));
        }
        if let Some(selector) = &entity.not_selector {
            let others = CalicoEntity {
                selector: Some(selector.clone()),
                ..CalicoEntity::default()
            };
            matched = matched.and(&self.selected(&others, None).not(endpoints));
        }
        matched
    }

    fn at(&self, nets: &[ipnet::IpNet]) -> Matched {
        let addresses: AddressSet = nets.iter().copied().map(AddressSet::from).collect();
        Matched::at(&addresses, self.translator)
    }

    /// Pods, network sets and host endpoints; of the latter two the addresses.
    fn selected(&self, entity: &CalicoEntity<'e>, namespace: Option<&str>) -> Matched {
        let own = namespace.filter(|_| entity.namespace_selector.is_none());
        let accounts = entity.service_accounts.as_ref();
        let mut pods = self.subjects(
            own,
            entity.selector.as_ref(),
            entity.namespace_selector.as_ref(),
            accounts.and_then(|accounts| accounts.selector.as_ref()),
        );
        if let Some(accounts) = accounts.filter(|accounts| !accounts.names.is_empty()) {
            pods = pods.intersection(&self.translator.or_open(self.of_accounts(accounts)));
        }
        let mut matched = Matched::inside(pods);
        // Neither network sets nor host endpoints have a service account.
        if accounts.is_none() {
            matched = matched.or(&self.addresses(entity, own));
        }
        matched
    }

    fn addresses(&self, entity: &CalicoEntity<'e>, own: Option<&str>) -> Matched {
        let mut found = Matched::nothing();
        for set in &self.sets {
            let is_own = own.is_none_or(|own| set.namespace == Some(own));
            if !is_own {
                continue;
            }
            let addresses: AddressSet = set.nets.iter().copied().map(AddressSet::from).collect();
            let labels = Carried {
                own: &|key| set.object.label(key),
                namespace: set.namespace,
                selection: self,
            };
            match labels.fulfil(entity) {
                Truth { certain: true, .. } => {
                    found = found.or(&Matched::at(&addresses, self.translator));
                }
                Truth { possible: true, .. } => {
                    let all = Matched::at(&addresses, self.translator).certain;
                    let condition = self.translator.unread_labels();
                    found = found.or(&Matched::doubtful(all, condition));
                }
                _ => {}
            }
        }
        for host in self.hosts.iter().filter(|_| own.is_none()) {
            let labels = Carried {
                own: &|key| host.object.label(key),
                namespace: None,
                selection: self,
            };
            if labels.fulfil(entity).certain {
                let expected = host.expected.iter().copied().map(AddressSet::from);
                found = found.or(&Matched::at(&expected.collect(), self.translator));
            }
        }
        found
    }

    fn pods(&self, scope: Scope, selector: &CalicoSelector<'e>) -> Selected {
        let key = (scope, selector.clone());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let found = selector.meaning(&Meaning {
            selection: self,
            scope,
        });
        self.known.borrow_mut().insert(key, found.clone());
        found
    }

    fn pods_of(&self, namespace: &str) -> EndpointSet {
        let endpoints = &self.translator.endpoints;
        let number = endpoints.namespace(namespace);
        number
            .map(|number| endpoints.pods_of(number))
            .unwrap_or_default()
    }

    fn of_accounts(&self, accounts: &CalicoServiceAccounts<'e>) -> EndpointSet {
        let named = self.accounts.iter();
        let mut found = EndpointSet::empty();
        for account in named.filter(|account| accounts.names.contains(&account.name)) {
            found.extend(&account.pods);
        }
        found
    }

    fn having_namespace(&self, key: &str, is_meant: &dyn Fn(&str) -> bool) -> Selected {
        let translator = self.translator;
        if key == NAME {
            return Selected::certain(self.in_namespaces(is_meant));
        }
        let labels = translator.namespace_labels();
        let certain = translator.pods_of_namespaces(&labels.with_value(key, is_meant));
        if key == "kubernetes.io/metadata.name" {
            return Selected::certain(certain);
        }
        let open = translator.pods_of_namespaces(translator.unread_namespaces());
        Selected::new(certain.difference(&open), open, || {
            translator.unread_labels()
        })
    }

    fn in_namespaces(&self, is_meant: &dyn Fn(&str) -> bool) -> EndpointSet {
        let mut found = EndpointSet::empty();
        for (number, namespace) in self.translator.endpoints.namespaces().iter().enumerate() {
            if is_meant(namespace.name) {
                found.extend(&self.translator.endpoints.pods_of(number));
            }
        }
        found
    }

    fn having_account(&self, key: &str, is_meant: &dyn Fn(&str) -> bool) -> Selected {
        let (mut certain, mut possible) = (EndpointSet::empty(), EndpointSet::empty());
        for account in &self.accounts {
            let value = match &account.labels {
                _ if key == NAME => Some(account.name),
                Some(labels) => labels.get(key),
                None => {
                    possible.extend(&account.pods);
                    continue;
                }
            };
            if value.is_some_and(is_meant) {
                certain.extend(&account.pods);
            }
        }
        let open = self.translator.pod_labels().open();
        let possible = possible.union(open);
        Selected::new(certain, possible, || self.unread_accounts())
    }

    fn unread_accounts(&self) -> ConditionId {
        self.account_condition.get().unwrap_or_else(|| {
            let id = self.translator.condition(Condition::Unknown {
                cause: "the labels of the service account aren't in the input".to_owned(),
                supply: "kubectl get serviceaccounts -A -o json".to_owned(),
            });
            self.account_condition.set(Some(id));
            id
        })
    }
}

fn accounts<'e>(cluster: &Cluster<'e>, translator: &Translator<'e>) -> Vec<Account<'e>> {
    let mut objects = HashMap::new();
    for object in cluster.objects_of("", "ServiceAccount") {
        let labels = Labels::read(object.get("metadata.labels"));
        objects.insert((object.namespace(), object.name()), labels);
    }
    let endpoints = &translator.endpoints;
    let mut pods: HashMap<(usize, &str), Vec<EndpointId>> = HashMap::new();
    let open = translator.pod_labels().open();
    for id in endpoints.pods().difference(open).iter() {
        let pod = endpoints.get(id);
        let key = (pod.namespace.unwrap_or_default(), pod.service_account);
        pods.entry(key).or_default().push(id);
    }
    let mut accounts: Vec<_> = pods.into_iter().collect();
    accounts.sort_unstable_by_key(|(key, _)| *key);
    accounts
        .into_iter()
        .map(|((namespace, name), pods)| {
            let namespace = endpoints.namespaces().get(namespace);
            let key = (namespace.map(|namespace| namespace.name), name.to_owned());
            Account {
                name,
                pods: pods.into_iter().collect(),
                labels: objects.get(&key).cloned(),
            }
        })
        .collect()
}

/// The labels of a network set or a host endpoint.
struct Carried<'s, 't, 'e> {
    own: &'s dyn Fn(&str) -> Option<&'e str>,
    namespace: Option<&'e str>,
    selection: &'s Selection<'t, 'e>,
}

/// Whether something holds, as far as it is known.
#[derive(Clone, Copy)]
struct Truth {
    certain: bool,
    possible: bool,
}

impl Truth {
    const OPEN: Self = Self {
        certain: false,
        possible: true,
    };

    fn known(holds: bool) -> Self {
        Self {
            certain: holds,
            possible: holds,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            certain: self.certain && other.certain,
            possible: self.possible && other.possible,
        }
    }
}

impl Carried<'_, '_, '_> {
    fn fulfil(&self, entity: &CalicoEntity<'_>) -> Truth {
        let parts = [
            (Scope::Own, &entity.selector),
            (Scope::Namespace, &entity.namespace_selector),
        ];
        let given = parts
            .into_iter()
            .filter_map(|(scope, selector)| Some((scope, selector.as_ref()?)));
        given
            .map(|(scope, selector)| {
                selector.meaning(&CarriedMeaning {
                    carried: self,
                    scope,
                })
            })
            .fold(Truth::known(true), Truth::and)
    }

    fn of_namespace(&self, key: &str, is_meant: &dyn Fn(&str) -> bool) -> Truth {
        let translator = self.selection.translator;
        let Some(name) = self.namespace else {
            return Truth::known(false);
        };
        if key == NAME || key == "kubernetes.io/metadata.name" {
            return Truth::known(is_meant(name));
        }
        let Some(number) = translator.endpoints.namespace(name) else {
            return Truth::OPEN;
        };
        let id = EndpointId(u32::try_from(number).unwrap_or(u32::MAX));
        if translator.unread_namespaces().contains(id) {
            return Truth::OPEN;
        }
        let labels = &translator.endpoints.namespaces()[number].labels;
        Truth::known(labels.get(key).is_some_and(is_meant))
    }
}

/// What a selector means to one network set or host endpoint.
struct CarriedMeaning<'c, 's, 't, 'e> {
    carried: &'c Carried<'s, 't, 'e>,
    scope: Scope,
}

impl SelectorMeaning for CarriedMeaning<'_, '_, '_, '_> {
    type Set = Truth;

    fn all(&self) -> Truth {
        Truth::known(self.scope == Scope::Own || self.carried.namespace.is_some())
    }

    fn global(&self) -> Truth {
        Truth::known(self.scope == Scope::Own || self.carried.namespace.is_none())
    }

    fn having(&self, key: &str, is_meant: &dyn Fn(&str) -> bool) -> Truth {
        if self.scope == Scope::Namespace {
            return self.carried.of_namespace(key, is_meant);
        }
        match key.strip_prefix(OF_NAMESPACE) {
            Some(rest) => self.carried.of_namespace(rest, is_meant),
            None if key == NAMESPACE => Truth::known(self.carried.namespace.is_some_and(is_meant)),
            None => Truth::known((self.carried.own)(key).is_some_and(is_meant)),
        }
    }

    fn not(&self, set: Truth) -> Truth {
        Truth {
            certain: !set.possible,
            possible: !set.certain,
        }
    }

    fn and(&self, left: Truth, right: Truth) -> Truth {
        left.and(right)
    }

    fn or(&self, left: Truth, right: Truth) -> Truth {
        Truth {
            certain: left.certain || right.certain,
            possible: left.possible || right.possible,
        }
    }
}

/// What a selector means, as pods.
struct Meaning<'s, 't, 'e> {
    selection: &'s Selection<'t, 'e>,
    scope: Scope,
}

impl SelectorMeaning for Meaning<'_, '_, '_> {
    type Set = Selected;

    fn all(&self) -> Selected {
        Selected::certain(self.selection.translator.endpoints.pods())
    }

    fn global(&self) -> Selected {
        match self.scope {
            Scope::Namespace => Selected::default(),
            Scope::Own | Scope::Account => self.all(),
        }
    }

    fn having(&self, key: &str, is_meant: &dyn Fn(&str) -> bool) -> Selected {
        let selection = self.selection;
        match self.scope {
            Scope::Namespace => return selection.having_namespace(key, is_meant),
            Scope::Account => return selection.having_account(key, is_meant),
            Scope::Own => {}
        }
        if let Some(rest) = key.strip_prefix(OF_NAMESPACE) {
            return selection.having_namespace(rest, is_meant);
        }
        if let Some(rest) = key.strip_prefix(OF_ACCOUNT) {
            return selection.having_account(rest, is_meant);
        }
        let certain = match key {
            NAMESPACE => selection.in_namespaces(is_meant),
            ORCHESTRATOR if is_meant("k8s") => selection.translator.endpoints.pods(),
            ORCHESTRATOR => EndpointSet::empty(),
            SERVICE_ACCOUNT => {
                let accounts = selection.accounts.iter();
                let meant = accounts.filter(|account| is_meant(account.name));
                let own = meant.fold(EndpointSet::empty(), |all, account| {
                    all.union(&account.pods)
                });
                return selection.translator.or_open(own);
            }
            _ => return selection.translator.pods_with_label(key, is_meant),
        };
        Selected::certain(certain)
    }

    fn not(&self, set: Selected) -> Selected {
        let pods = self.selection.translator.endpoints.pods();
        Selected {
            certain: pods.difference(&set.certain).difference(&set.possible),
            ..set
        }
    }

    fn and(&self, left: Selected, right: Selected) -> Selected {
        left.intersection(&right)
    }

    fn or(&self, left: Selected, right: Selected) -> Selected {
        left.union(&right)
    }
}
