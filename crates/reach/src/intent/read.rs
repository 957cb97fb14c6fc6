//! Reads intents.

use std::collections::BTreeSet;

use palisade_document::{Diagnostic, Document, Kind, Value};
use palisade_estate::kubernetes::Selector;
use palisade_packet::{Set, Traffic};

use super::{Expect, Intent, Intents, Party, Pods, Via, parse_traffic};

const KEYS: [&str; 5] = ["name", "from", "to", "ports", "expect"];
const PARTY_KEYS: [&str; 6] = [
    "namespace",
    "namespaceSelector",
    "podSelector",
    "workload",
    "prefix",
    "node",
];

/// The intents of a file. What is wrong with one is said at its place, and the others are read.
pub fn read(document: &Document) -> Intents<'_> {
    let mut reader = Reader::default();
    for root in document.roots() {
        if root.kind() != Kind::Object {
            reader.refuse(
                root,
                "a file of intents is an object",
                "write `intents:` and a list",
            );
            continue;
        }
        reader.known_keys(root, &["intents"]);
        match root.get("intents") {
            Some(list) if list.kind() == Kind::Array => reader.intents(list),
            Some(other) => {
                reader.refuse(other, "`intents` isn't a list", "begin each with `- name:`")
            }
            None => reader.refuse(root, "there is no `intents`", "write `intents:` and a list"),
        }
    }
    reader.found
}

#[derive(Default)]
struct Reader<'d> {
    found: Intents<'d>,
}

impl<'d> Reader<'d> {
    fn refuse(&mut self, at: Value<'d>, message: impl Into<String>, help: &str) {
        let path = at.document().text().path();
        let diagnostic = Diagnostic::error(path, Some(at.position()), message).with_help(help);
        self.found.diagnostics.push(diagnostic);
    }

    fn known_keys(&mut self, object: Value<'d>, known: &[&str]) {
        for entry in object.entries() {
            if !known.contains(&entry.name()) {
                let message = format!("nothing is called `{}` here", entry.name());
                let help = format!("there is {}", known.join(", "));
                self.refuse(entry.value, message, &help);
            }
        }
    }

    fn intents(&mut self, list: Value<'d>) {
        let mut names = BTreeSet::new();
        for item in list.items() {
            let Some(intent) = self.intent(item) else {
                continue;
            };
            if !names.insert(intent.name) {
                let message = format!("two intents are called `{}`", intent.name);
                self.refuse(item, message, "give each a name of its own");
            }
            self.found.list.push(intent);
        }
    }

    fn intent(&mut self, at: Value<'d>) -> Option<Intent<'d>> {
        if at.kind() != Kind::Object {
            self.refuse(
                at,
                "an intent is an object",
                "write name, from, to and expect",
            );
            return None;
        }
        self.known_keys(at, &KEYS);
        let name = at.get("name").and_then(Value::as_str);
        let name = name.filter(|name| !name.is_empty());
        if name.is_none() {
            self.refuse(
                at,
                "the intent has no name",
                "add `name:` and what it says in words",
            );
        }
        let from = self.side(at, "from");
        let to = self.side(at, "to");
        let traffic = self.traffic(at);
        let expect = self.expect(at);
        Some(Intent {
            name: name?,
            at,
            from: from?,
            to: to?,
            traffic: traffic?,
            expect: expect?,
        })
    }

    fn expect(&mut self, intent: Value<'d>) -> Option<Expect<'d>> {
        let written = intent.get("expect");
        match written.and_then(Value::as_str) {
            Some("allow") => return Some(Expect::Allow),
            Some("deny") => return Some(Expect::Deny),
            _ => {}
        }
        let via = written.and_then(|written| written.get("only-via"));
        if let Some(via) = via.filter(|_| written.is_some_and(|it| it.entries().len() == 1)) {
            let place = self.text(via)?;
            return Some(Expect::OnlyVia(Via::named(place)));
        }
        self.refuse(
            written.unwrap_or(intent),
            "`expect` is neither allow, deny nor an object with only-via",
            "write `expect: deny`, or `expect: {only-via: firewall}`",
        );
        None
    }

    /// A party, or a list of some.
    fn side(&mut self, intent: Value<'d>, key: &str) -> Option<Vec<Party<'d>>> {
        let Some(written) = intent.get(key).filter(|written| !written.is_null()) else {
            let help = format!("add `{key}:`, such as `{key}: internet`");
            self.refuse(intent, format!("the intent has no `{key}`"), &help);
            return None;
        };
        let items: Vec<_> = match written.kind() {
            Kind::Array => written.items().collect(),
            _ => vec![written],
        };
        if items.is_empty() {
            self.refuse(
                written,
                format!("`{key}` names nobody"),
                "name at least one",
            );
            return None;
        }
        let count = items.len();
        let parties: Vec<_> = items
            .into_iter()
            .filter_map(|item| self.party(item))
            .collect();
        (parties.len() == count).then_some(parties)
    }

    fn party(&mut self, at: Value<'d>) -> Option<Party<'d>> {
        match at.as_str() {
            Some("internet") => return Some(Party::Internet),
            Some("outside") => return Some(Party::Outside),
            Some("cluster") => return Some(Party::Cluster),
            _ if at.kind() == Kind::Object => {}
            _ => {
                let help =
                    "write internet, outside, cluster, or an object such as {namespace: shop}";
                self.refuse(at, "this is no party", help);
                return None;
            }
        }
        self.known_keys(at, &PARTY_KEYS);
        let entries = at.entries().len();
        for key in ["prefix", "node"] {
            let Some(value) = at.get(key) else { continue };
            if entries > 1 {
                let message = format!("`{key}` stands beside other keys");
                self.refuse(value, message, "make it an entry of its own in the list");
                return None;
            }
            if key == "node" {
                return self.text(value).map(Party::Node);
            }
            let parsed = value.as_str().and_then(|text| text.parse().ok());
            if parsed.is_none() {
                self.refuse(
                    value,
                    "this is no address prefix",
                    "write `prefix: 10.0.0.0/8`",
                );
            }
            return parsed.map(Party::Prefix);
        }
        if entries == 0 {
            let help = "name a namespace, labels, a workload, a prefix or a node; `cluster` is everybody in the cluster";
            self.refuse(at, "the party names nobody", help);
            return None;
        }
        self.pods(at).map(Party::Pods)
    }

    fn pods(&mut self, at: Value<'d>) -> Option<Pods<'d>> {
        let mut pods = Pods::default();
        for entry in at.entries() {
            match entry.name() {
                "namespace" => pods.namespace = Some(self.text(entry.value)?),
                "workload" => pods.workload = Some(self.text(entry.value)?),
                "namespaceSelector" => pods.namespaces = Some(self.selector(entry.value)?),
                "podSelector" => pods.labels = Some(self.selector(entry.value)?),
                // A key that nothing is called is refused already.
                _ => return None,
            }
        }
        Some(pods)
    }

    fn text(&mut self, at: Value<'d>) -> Option<&'d str> {
        let text = at.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.refuse(at, "this is no name", "write it as text");
        }
        text
    }

    fn selector(&mut self, at: Value<'d>) -> Option<Selector<'d>> {
        for entry in at.entries() {
            if !["matchLabels", "matchExpressions"].contains(&entry.name()) {
                let message = format!("nothing is called `{}` in a selector", entry.name());
                self.refuse(
                    entry.value,
                    message,
                    "there is matchLabels, matchExpressions",
                );
                return None;
            }
        }
        match Selector::read(at) {
            Ok(selector) => Some(selector),
            Err(invalid) => {
                let help = "selectors are those of Kubernetes: matchLabels, matchExpressions";
                self.refuse(invalid.at, invalid.message, help);
                None
            }
        }
    }

    fn traffic(&mut self, intent: Value<'d>) -> Option<Traffic> {
        let Some(written) = intent.get("ports").filter(|written| !written.is_null()) else {
            return Some(Traffic::full());
        };
        if written.kind() != Kind::Array || written.items().len() == 0 {
            let help = "write a list such as [443, udp/53]; leave it out for all traffic";
            self.refuse(written, "`ports` is no list of traffic", help);
            return None;
        }
        let mut all = Some(Traffic::empty());
        for item in written.items() {
            match parse_traffic(item.scalar()) {
                Ok(traffic) => all = all.map(|all| all.union(&traffic)),
                Err(message) => {
                    self.refuse(item, message, "ports are numbers from 0 to 65535");
                    all = None;
                }
            }
        }
        all
    }
}
