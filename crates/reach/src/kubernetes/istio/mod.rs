//! Istio: what the proxy of a pod lets in, a layer of its own after the network policies.
//!
//! Policies that are custom come first, then those that deny, then those that allow; a pod that
//! one of the last kind selects is closed but for what they allow. Proxies see TCP only (Istio
//! documentation of authorization policies, 1.26).

mod mesh;
mod rule;

use palisade_estate::Cluster;
use palisade_estate::kubernetes::{
    IstioAction, IstioPolicy, MutualTls, PeerAuthentication, Selector,
};
use palisade_packet::{PortSet, Set, Traffic, Transport};

use self::mesh::Mesh;
use self::rule::RuleTranslator;
use super::matched::Matched;
use super::program::{
    Action, Condition, Fallback, Layer, NoteKind, OwnNode, Peers, Policy, Rule, Stage,
};
use super::translator::{Selected, Translator};
use super::{ConditionId, EndpointSet};

/// Policies of these namespaces are about all namespaces: Istio's own, and that of AKS's add-on.
const ROOTS: [&str; 2] = ["istio-system", "aks-istio-system"];

/// What a cluster's proxies add at the destination; nothing if no policy speaks of them.
pub(super) fn layer<'e>(cluster: &Cluster<'e>, translator: &Translator<'e>) -> Option<Layer<'e>> {
    let (authorization, authentication) = read(cluster, translator);
    if authorization.is_empty() && authentication.is_empty() {
        return None;
    }
    let istio = Istio {
        mesh: Mesh::of(translator),
        translator,
    };
    let stage = |name: &str, action| Stage {
        name: format!("Istio {name}"),
        fallback: Fallback::Deny,
        policies: authorization
            .iter()
            .filter(|policy| policy.action == action)
            .flat_map(|policy| istio.translate(policy))
            .collect(),
    };
    let mutual_tls = Stage {
        name: "Istio mutual TLS".to_owned(),
        fallback: Fallback::Next,
        policies: istio.mutual_tls(&authentication),
    };
    Some(Layer {
        name: "Istio",
        own_node: OwnNode::Never,
        stages: vec![
            mutual_tls,
            stage("CUSTOM", IstioAction::Custom),
            stage("DENY", IstioAction::Deny),
            stage("ALLOW", IstioAction::Allow),
        ],
    })
}

fn read<'e>(
    cluster: &Cluster<'e>,
    translator: &Translator<'e>,
) -> (Vec<IstioPolicy<'e>>, Vec<PeerAuthentication<'e>>) {
    let (mut authorization, mut authentication) = (Vec::new(), Vec::new());
    for object in cluster.objects() {
        authentication.extend(PeerAuthentication::read(&object, &translator.remarks));
        let Some(policy) = IstioPolicy::read(&object, &translator.remarks) else {
            continue;
        };
        let reason = if policy.is_refused {
            Some((
                NoteKind::Refused,
                "Istio refuses the policy, so that nothing of it is enforced",
            ))
        } else if policy.is_dry_run {
            Some((
                NoteKind::NotEnforced,
                "the policy is only tried out (istio.io/dry-run)",
            ))
        } else if policy.action == IstioAction::Audit {
            Some((NoteKind::NotEnforced, "the policy only writes to a log"))
        } else if !policy.targets.is_empty() {
            Some((
                NoteKind::Ignored,
                "the policy is about a gateway or a waypoint: what that lets through isn't analysed",
            ))
        } else {
            None
        };
        match reason {
            Some((kind, message)) => translator.note(kind, object, object.anchor(), message),
            None => authorization.push(policy),
        }
    }
    (authorization, authentication)
}

/// The mesh of a cluster.
struct Istio<'t, 'e> {
    mesh: Mesh,
    translator: &'t Translator<'e>,
}

impl<'e> Istio<'_, 'e> {
    /// The pods with a proxy that a policy is about.
    fn subjects(&self, namespace: Option<&str>, labels: &[(&'e str, &'e str)]) -> Selected {
        let mut selected = self.mesh.members.clone();
        let translator = self.translator;
        if let Some(namespace) = namespace.filter(|namespace| !ROOTS.contains(namespace)) {
            let own = translator.pods_in(namespace, &Selector::default());
            selected = selected.intersection(&own);
        }
        for (key, value) in labels {
            let having = translator.pods_with_label(key, |own| own == *value);
            selected = selected.intersection(&having);
        }
        selected
    }

    fn translate(&self, policy: &IstioPolicy<'e>) -> Vec<Policy<'e>> {
        let subjects = self.subjects(policy.object.namespace(), &policy.labels);
        let parts = [
            (subjects.certain, None),
            (subjects.possible, subjects.condition),
        ];
        let mut policies = Vec::new();
        for (subjects, condition) in parts {
            if subjects.is_empty() {
                continue;
            }
            if policy.action == IstioAction::Allow {
                policies.push(self.past_the_proxy(policy, &subjects));
            }
            policies.push(Policy {
                object: policy.object,
                rules: self.rules(policy),
                subjects,
                isolates: policy.action == IstioAction::Allow,
                condition,
            });
        }
        policies
    }

    fn rules(&self, policy: &IstioPolicy<'e>) -> Vec<Rule> {
        let action = match policy.action {
            IstioAction::Allow => Action::Allow,
            IstioAction::Deny | IstioAction::Custom | IstioAction::Audit => Action::Deny,
        };
        let mut rules = Vec::new();
        let decided_elsewhere = (policy.action == IstioAction::Custom).then(|| {
            self.condition(
                "an external authorizer decides",
                "what the authorizer of the policy decides",
            )
        });
        let translator = RuleTranslator {
            mesh: &self.mesh,
            translator: self.translator,
            namespace: policy.object.namespace().unwrap_or_default(),
        };
        for (index, rule) in policy.rules.iter().enumerate() {
            for part in translator.translate(rule) {
                rules.push(Rule {
                    action,
                    subjects: None,
                    peers: part.peers,
                    traffic: self.translator.traffic(part.traffic),
                    condition: decided_elsewhere.or(part.condition),
                    origin: rule.at.origin(),
                    index,
                });
            }
        }
        rules
    }

    /// What isn't TCP doesn't go through a proxy, so that no policy closes it.
    fn past_the_proxy(&self, policy: &IstioPolicy<'e>, subjects: &EndpointSet) -> Policy<'e> {
        let tcp = Traffic::to_ports(Transport::Tcp, PortSet::full());
        let rule = Rule {
            action: Action::Pass,
            subjects: None,
            peers: Matched::everything(&self.translator.endpoints).certain,
            traffic: self.translator.traffic(tcp.complement()),
            condition: None,
            origin: policy.object.anchor().origin(),
            index: 0,
        };
        Policy {
            object: policy.object,
            subjects: subjects.clone(),
            isolates: false,
            condition: None,
            rules: vec![rule],
        }
    }

    fn condition(&self, cause: &str, supply: &str) -> ConditionId {
        self.translator.condition(Condition::Unknown {
            cause: cause.to_owned(),
            supply: supply.to_owned(),
        })
    }

    /// Where mutual TLS is strict, callers without a proxy are turned away. A policy for some
    /// pods comes before that of their namespace, and that before the one for all.
    fn mutual_tls(&self, policies: &[PeerAuthentication<'e>]) -> Vec<Policy<'e>> {
        let breadth = |policy: &PeerAuthentication<'e>| {
            let is_root = policy
                .object
                .namespace()
                .is_some_and(|namespace| ROOTS.contains(&namespace));
            match policy.labels.is_empty() {
                false => 0,
                true if !is_root => 1,
                true => 2,
            }
        };
        let mut ordered: Vec<_> = policies.iter().collect();
        ordered.sort_by_key(|policy| breadth(policy));
        let mut settled = EndpointSet::empty();
        let mut found = Vec::new();
        for policy in ordered {
            let selected = self.subjects(policy.object.namespace(), &policy.labels);
            let fresh = selected.narrow(|set| set.difference(&settled));
            let parts = [(fresh.certain, None), (fresh.possible, fresh.condition)];
            for (subjects, condition) in parts {
                if subjects.is_empty() {
                    continue;
                }
                if policy.mode != MutualTls::Unset {
                    settled.extend(&subjects);
                }
                let rules = self.strict(policy);
                if !rules.is_empty() {
                    found.push(Policy {
                        object: policy.object,
                        subjects,
                        isolates: false,
                        condition,
                        rules,
                    });
                }
            }
        }
        found
    }

    fn strict(&self, policy: &PeerAuthentication<'e>) -> Vec<Rule> {
        let of = |mode| -> PortSet {
            let ports = policy
                .ports
                .iter()
                .filter(|(_, own)| mode == (*own == MutualTls::Strict));
            ports.map(|(port, _)| (*port, *port)).collect()
        };
        let mut ports = match policy.mode {
            MutualTls::Strict => PortSet::full().difference(&of(false)),
            _ => PortSet::empty(),
        };
        ports = ports.union(&of(true));
        if ports.is_empty() {
            return Vec::new();
        }
        let strangers = self.mesh.identified().not(&self.translator.endpoints);
        let rule = |peers: Peers, condition| Rule {
            action: Action::Deny,
            subjects: None,
            peers,
            traffic: self
                .translator
                .traffic(Traffic::to_ports(Transport::Tcp, ports.clone())),
            condition,
            origin: policy.object.anchor().origin(),
            index: 0,
        };
        let mut rules = vec![rule(strangers.certain, None)];
        if strangers.condition.is_some() {
            rules.push(rule(strangers.possible, strangers.condition));
        }
        rules.retain(|rule| !rule.peers.is_empty());
        rules
    }
}
