//! Policies as YAML. Each rule has its evidence as a comment.

use ipnet::IpNet;
use palisade_document::Origin;
use palisade_packet::{AddressSet, Set, Traffic, Transport};

use super::party::Labels;
use super::policy::{Peer, Policy, Rule, of_namespace};
use super::{Dialect, Evidence, LeastPrivilege};

/// The policies of a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespacePolicies {
    /// The namespace.
    pub namespace: String,
    /// The documents of its file, each of which begins with `---`.
    pub text: String,
}

/// How many places speak for a rule in its comment.
const SHOWN: usize = 3;

/// The file of a namespace.
pub(super) fn namespace(
    least: &LeastPrivilege<'_, '_>,
    number: usize,
    place: &impl Fn(Origin) -> String,
) -> NamespacePolicies {
    let name = least.analysis.endpoints.namespaces()[number].name;
    let mut writer = Writer {
        dialect: least.dialect,
        text: String::new(),
        place,
    };
    for policy in of_namespace(least, number) {
        writer.policy(name, &policy);
    }
    NamespacePolicies {
        namespace: name.to_owned(),
        text: writer.text,
    }
}

struct Writer<'p, P> {
    dialect: Dialect,
    text: String,
    place: &'p P,
}

/// Ports of a transport, from the first to the last.
type Ports = (Transport, u16, u16);

impl<P: Fn(Origin) -> String> Writer<'_, P> {
    fn line(&mut self, indent: usize, line: &str) {
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn policy(&mut self, namespace: &str, policy: &Policy<'_>) {
        let (version, kind) = match self.dialect {
            Dialect::Kubernetes => ("networking.k8s.io/v1", "NetworkPolicy"),
            Dialect::Cilium => ("cilium.io/v2", "CiliumNetworkPolicy"),
            Dialect::Calico => ("projectcalico.org/v3", "NetworkPolicy"),
        };
        self.line(0, "---");
        self.line(0, &format!("# {}", policy.purpose));
        self.line(0, &format!("apiVersion: {version}"));
        self.line(0, &format!("kind: {kind}"));
        self.line(0, "metadata:");
        self.line(2, &format!("name: {}", scalar(&policy.name)));
        self.line(2, &format!("namespace: {}", scalar(namespace)));
        self.line(0, "spec:");
        self.subject(policy.subject.as_ref());
        self.types(policy);
        self.section("ingress", policy.ingress.as_deref());
        self.section("egress", policy.egress.as_deref());
    }

    fn subject(&mut self, subject: Option<&Labels<'_>>) {
        match self.dialect {
            Dialect::Calico => {
                let selector = subject.map_or("all()".to_owned(), calico_selector);
                self.line(2, &format!("selector: {}", scalar(&selector)));
            }
            Dialect::Cilium => self.selector(2, "endpointSelector", subject),
            Dialect::Kubernetes => self.selector(2, "podSelector", subject),
        }
    }

    /// The directions that a policy is about. Cilium has them from the sections.
    fn types(&mut self, policy: &Policy<'_>) {
        let key = match self.dialect {
            Dialect::Kubernetes => "policyTypes",
            Dialect::Calico => "types",
            Dialect::Cilium => return,
        };
        self.line(2, &format!("{key}:"));
        if policy.ingress.is_some() {
            self.line(2, "- Ingress");
        }
        if policy.egress.is_some() {
            self.line(2, "- Egress");
        }
    }

    fn section(&mut self, section: &str, rules: Option<&[Rule<'_>]>) {
        match (rules, self.dialect) {
            (None, _) => {}
            // An empty rule of Cilium allows nothing; without a rule nothing is denied.
            (Some([]), Dialect::Cilium) => {
                self.line(2, &format!("{section}:"));
                self.line(2, "- {}");
            }
            (Some([]), _) => {}
            (Some(rules), _) => {
                self.line(2, &format!("{section}:"));
                rules.iter().for_each(|rule| self.rule(section, rule));
            }
        }
    }

    fn rule(&mut self, section: &str, rule: &Rule<'_>) {
        // Only Cilium's own policies have a name for nodes. In flows for the others they are
        // addresses, and a rule without peers would be about everyone.
        if matches!(rule.peer, Peer::Nodes) && self.dialect != Dialect::Cilium {
            return;
        }
        self.evidence(&rule.evidence);
        let is_ingress = section == "ingress";
        match self.dialect {
            Dialect::Kubernetes => self.kubernetes_rule(is_ingress, rule),
            Dialect::Cilium => self.cilium_rule(is_ingress, rule),
            Dialect::Calico => self.calico_rule(is_ingress, rule),
        }
    }

    fn evidence(&mut self, evidence: &[Evidence]) {
        for one in evidence.iter().take(SHOWN) {
            let line = format!("{} ({})", one.what, (self.place)(one.at));
            self.line(2, &format!("# {}", in_a_line(&line)));
        }
        if evidence.len() > SHOWN {
            let more = evidence.len() - SHOWN;
            self.line(2, &format!("# and {more} more"));
        }
    }

    fn kubernetes_rule(&mut self, is_ingress: bool, rule: &Rule<'_>) {
        self.line(2, if is_ingress { "- from:" } else { "- to:" });
        match &rule.peer {
            Peer::Pods(namespace, labels) => {
                self.line(4, "- namespaceSelector:");
                self.line(8, "matchLabels:");
                let name = scalar(namespace);
                self.line(10, &format!("kubernetes.io/metadata.name: {name}"));
                self.selector(6, "podSelector", Some(labels));
            }
            Peer::Nodes => {}
            Peer::Addresses(addresses) => {
                for (range, except) in blocks(addresses) {
                    self.line(4, "- ipBlock:");
                    self.block(8, range, &except);
                }
            }
        }
        self.line(4, "ports:");
        for (transport, first, last) in ports(&rule.traffic) {
            self.line(4, &format!("- protocol: {}", transport.as_str()));
            self.line(6, &format!("port: {first}"));
            if last > first {
                self.line(6, &format!("endPort: {last}"));
            }
        }
    }

    fn block(&mut self, indent: usize, range: IpNet, except: &[IpNet]) {
        self.line(indent, &format!("cidr: {}", scalar(&range.to_string())));
        if !except.is_empty() {
            self.line(indent, "except:");
        }
        for inner in except {
            self.line(indent, &format!("- {}", scalar(&inner.to_string())));
        }
    }

    fn cilium_rule(&mut self, is_ingress: bool, rule: &Rule<'_>) {
        let way = if is_ingress { "from" } else { "to" };
        match &rule.peer {
            Peer::Pods(namespace, labels) => {
                self.line(2, &format!("- {way}Endpoints:"));
                self.line(4, "- matchLabels:");
                let name = scalar(namespace);
                self.line(8, &format!("k8s:io.kubernetes.pod.namespace: {name}"));
                self.labels(8, &labels.with);
                self.expressions(6, &labels.without);
            }
            Peer::Nodes => {
                self.line(2, &format!("- {way}Entities:"));
                self.line(4, "- host");
                self.line(4, "- remote-node");
            }
            Peer::Addresses(addresses) => {
                self.line(2, &format!("- {way}CIDRSet:"));
                for (range, except) in blocks(addresses) {
                    self.line(4, &format!("- cidr: {}", scalar(&range.to_string())));
                    if !except.is_empty() {
                        self.line(6, "except:");
                    }
                    for inner in except {
                        self.line(6, &format!("- {}", scalar(&inner.to_string())));
                    }
                }
            }
        }
        self.line(4, "toPorts:");
        self.line(4, "- ports:");
        for (transport, first, last) in ports(&rule.traffic) {
            self.line(6, &format!("- port: \"{first}\""));
            if last > first {
                self.line(8, &format!("endPort: {last}"));
            }
            self.line(8, &format!("protocol: {}", transport.as_str()));
        }
    }

    /// One rule for each transport.
    fn calico_rule(&mut self, is_ingress: bool, rule: &Rule<'_>) {
        for transport in Transport::ALL {
            let own: Vec<_> = ports(&rule.traffic)
                .filter(|(known, ..)| *known == transport)
                .map(|(_, first, last)| match first == last {
                    true => first.to_string(),
                    false => format!("\"{first}:{last}\""),
                })
                .collect();
            if own.is_empty() {
                continue;
            }
            self.line(2, "- action: Allow");
            self.line(4, &format!("protocol: {}", transport.as_str()));
            if is_ingress {
                self.line(4, "source:");
                self.calico_peer(&rule.peer);
            }
            self.line(4, "destination:");
            if !is_ingress {
                self.calico_peer(&rule.peer);
            }
            self.line(6, "ports:");
            for port in own {
                self.line(6, &format!("- {port}"));
            }
        }
    }

    fn calico_peer(&mut self, peer: &Peer<'_>) {
        match peer {
            Peer::Pods(namespace, labels) => {
                let namespace = format!("kubernetes.io/metadata.name == '{namespace}'");
                self.line(6, &format!("namespaceSelector: {}", scalar(&namespace)));
                let pods = calico_selector(labels);
                self.line(6, &format!("selector: {}", scalar(&pods)));
            }
            Peer::Nodes => {}
            Peer::Addresses(addresses) => {
                let blocks = blocks(addresses);
                self.line(6, "nets:");
                for (range, _) in &blocks {
                    self.line(6, &format!("- {}", scalar(&range.to_string())));
                }
                let mut except = blocks.iter().flat_map(|(_, except)| except).peekable();
                if except.peek().is_some() {
                    self.line(6, "notNets:");
                }
                for inner in except {
                    self.line(6, &format!("- {}", scalar(&inner.to_string())));
                }
            }
        }
    }

    /// A label selector of Kubernetes; of all if there are no labels.
    fn selector(&mut self, indent: usize, key: &str, labels: Option<&Labels<'_>>) {
        let Some(labels) = labels.filter(|labels| **labels != Labels::default()) else {
            self.line(indent, &format!("{key}: {{}}"));
            return;
        };
        self.line(indent, &format!("{key}:"));
        if !labels.with.is_empty() {
            self.line(indent + 2, "matchLabels:");
            self.labels(indent + 4, &labels.with);
        }
        self.expressions(indent + 2, &labels.without);
    }

    fn labels(&mut self, indent: usize, labels: &[(&str, &str)]) {
        for (key, value) in labels {
            self.line(indent, &format!("{}: {}", scalar(key), scalar(value)));
        }
    }

    fn expressions(&mut self, indent: usize, without: &[&str]) {
        if !without.is_empty() {
            self.line(indent, "matchExpressions:");
        }
        for key in without {
            self.line(indent, &format!("- key: {}", scalar(key)));
            self.line(indent + 2, "operator: DoesNotExist");
        }
    }
}

/// The destination ports of some traffic.
fn ports(traffic: &Traffic) -> impl Iterator<Item = Ports> + '_ {
    Transport::ALL.into_iter().flat_map(|transport| {
        let ports = traffic.destination_ports(transport);
        let ranges = ports.intervals().to_vec().into_iter();
        ranges.map(move |(first, last)| (transport, first, last))
    })
}

/// Addresses as ranges with exceptions: a family without a few ranges, or the ranges one by one,
/// whichever is shorter.
fn blocks(addresses: &AddressSet) -> Vec<(IpNet, Vec<IpNet>)> {
    let mut blocks = Vec::new();
    for family in [AddressSet::all_v4(), AddressSet::all_v6()] {
        let own = addresses.intersection(&family).prefixes();
        let except = family.difference(addresses).prefixes();
        match family.prefixes().first() {
            Some(all) if except.len() + 1 < own.len() => blocks.push((*all, except)),
            _ => blocks.extend(own.into_iter().map(|range| (range, Vec::new()))),
        }
    }
    blocks
}

fn calico_selector(labels: &Labels<'_>) -> String {
    let with = labels.with.iter();
    let mut terms: Vec<_> = with
        .map(|(key, value)| format!("{key} == '{value}'"))
        .collect();
    terms.extend(labels.without.iter().map(|key| format!("!has({key})")));
    match terms.is_empty() {
        true => "all()".to_owned(),
        false => terms.join(" && "),
    }
}

/// A text of YAML: as it is where that can be nothing else than a text, else in double quotes.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if starts && !is_word && text.chars().all(is_plain) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text that stays in its line.
fn in_a_line(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let kept = text.chars().map(|c| if is_break(c) { ' ' } else { c });
    kept.collect()
}
