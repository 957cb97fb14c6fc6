//! Reads suites.

use std::collections::BTreeSet;

use palisade_document::{Diagnostic, Document, Kind, Value};

use super::{Expectation, ExpectedState, Suite, Test};
use crate::effect::Effect;

const SUITE_KEYS: [&str; 5] = [
    "definition",
    "initiative",
    "definitions",
    "parameters",
    "tests",
];
const TEST_KEYS: [&str; 5] = ["name", "given", "parameters", "expect", "effect"];
const EXPECTATION_KEYS: [&str; 4] = ["subject", "policy", "state", "effect"];

/// The suite in a file. What is wrong with a test is said at its place, and the others are read.
pub fn read(document: &Document) -> Suite<'_> {
    let mut reader = Reader::default();
    let mut roots = document.roots();
    match (roots.next(), roots.next()) {
        (Some(root), None) if root.kind() == Kind::Object => reader.suite(root),
        (Some(root), None) => reader.refuse(root, "a suite is an object", "write `tests:`"),
        (Some(_), Some(second)) => {
            reader.refuse(second, "a file holds one suite", "split the file");
        }
        (None, _) => {
            let path = document.text().path();
            let problem = Diagnostic::error(path, None, "the file is empty");
            reader.suite.diagnostics.push(problem);
        }
    }
    reader.suite.diagnostics.sort();
    reader.suite
}

#[derive(Default)]
struct Reader<'d> {
    suite: Suite<'d>,
}

impl<'d> Reader<'d> {
    fn refuse(&mut self, at: Value<'d>, message: impl Into<String>, help: &str) {
        let path = at.document().text().path();
        let diagnostic = Diagnostic::error(path, Some(at.position()), message).with_help(help);
        self.suite.diagnostics.push(diagnostic);
    }

    fn known_keys(&mut self, object: Value<'d>, known: &[&str]) {
        for entry in object.entries() {
            let is_schema = entry.name() == "$schema";
            if !is_schema && !known.contains(&entry.name()) {
                let message = format!("nothing is called `{}` here", entry.name());
                let help = format!("there is {}", known.join(", "));
                self.refuse(entry.key, message, &help);
            }
        }
    }

    fn suite(&mut self, root: Value<'d>) {
        self.known_keys(root, &SUITE_KEYS);
        let definition = self.text(root, "definition");
        let initiative = self.text(root, "initiative");
        if let (Some(_), Some(second)) = (definition, initiative) {
            let message = "a suite is about a definition or an initiative, not about both";
            self.refuse(second, message, "split the file");
        }
        self.suite.asked = definition.or(initiative);
        self.suite.definitions = self.list_of_texts(root, "definitions");
        self.suite.parameters = self.object(root, "parameters");
        match root.get("tests") {
            Some(list) if list.kind() == Kind::Array && list.items().len() > 0 => self.tests(list),
            Some(other) => self.refuse(
                other,
                "`tests` is no list of tests",
                "begin each with `- name:`",
            ),
            None => self.refuse(root, "there are no `tests`", "write `tests:` and a list"),
        }
    }

    fn text(&mut self, object: Value<'d>, key: &str) -> Option<Value<'d>> {
        let value = object.get(key)?;
        if value.as_str().is_none_or(str::is_empty) {
            self.refuse(value, format!("`{key}` must be a string"), "write a name");
            return None;
        }
        Some(value)
    }

    fn word(&mut self, object: Value<'d>, key: &str) -> Option<&'d str> {
        self.text(object, key).and_then(Value::as_str)
    }

    fn list_of_texts(&mut self, object: Value<'d>, key: &str) -> Vec<Value<'d>> {
        let Some(list) = object.get(key) else {
            return Vec::new();
        };
        let is_one = list.kind() == Kind::Array && list.items().all(|item| item.as_str().is_some());
        if !is_one {
            let message = format!("`{key}` must be a list of files");
            self.refuse(list, message, "write a path on each line");
            return Vec::new();
        }
        list.items().collect()
    }

    fn object(&mut self, object: Value<'d>, key: &str) -> Option<Value<'d>> {
        let value = object.get(key).filter(|value| !value.is_null())?;
        if value.kind() != Kind::Object {
            let message = format!("`{key}` must be an object");
            self.refuse(value, message, "write a line `name: value` for each");
            return None;
        }
        Some(value)
    }

    fn tests(&mut self, list: Value<'d>) {
        let mut names = BTreeSet::new();
        for item in list.items() {
            let Some(test) = self.test(item) else {
                continue;
            };
            if !names.insert(test.name) {
                let message = format!("two tests are called `{}`", test.name);
                self.refuse(item, message, "give each a name of its own");
            }
            self.suite.tests.push(test);
        }
    }

    fn test(&mut self, at: Value<'d>) -> Option<Test<'d>> {
        if at.kind() != Kind::Object {
            self.refuse(at, "a test is an object", "write name, given and expect");
            return None;
        }
        self.known_keys(at, &TEST_KEYS);
        let name = self.word(at, "name");
        if at.get("name").is_none() {
            let help = "add `name:` and what it shows in words";
            self.refuse(at, "the test has no name", help);
        }
        let given = self.given(at);
        let parameters = self.object(at, "parameters");
        let expected = self.expected(at);
        Some(Test {
            name: name?,
            at,
            given: given?,
            parameters,
            expected: expected?,
        })
    }

    /// A resource, an object or a file, or a list of such.
    fn given(&mut self, test: Value<'d>) -> Option<Vec<Value<'d>>> {
        let help = "write a resource, an object, the name of a file, or a list of these";
        let Some(given) = test.get("given").filter(|given| !given.is_null()) else {
            self.refuse(test, "the test has no `given`", help);
            return None;
        };
        let list: Vec<_> = match given.kind() {
            Kind::Array => given.items().collect(),
            _ => vec![given],
        };
        let mut odd = list.iter().filter(|item| {
            let is_name = item.as_str().is_some_and(|name| !name.is_empty());
            !is_name && item.kind() != Kind::Object
        });
        if let Some(odd) = odd.next() {
            self.refuse(*odd, "this can't be given", help);
            return None;
        }
        if list.is_empty() {
            self.refuse(given, "nothing is given", help);
            return None;
        }
        Some(list)
    }

    /// A word about everything, or a list of expectations.
    fn expected(&mut self, test: Value<'d>) -> Option<Vec<Expectation<'d>>> {
        let Some(expected) = test.get("expect") else {
            let help = "add `expect: compliant`, or a list with `subject` and `state`";
            self.refuse(test, "the test expects nothing", help);
            return None;
        };
        if expected.kind() != Kind::Array {
            let state = self.state(expected);
            let effect = self.effect(test, state);
            return Some(vec![Expectation {
                at: expected,
                subject: None,
                policy: None,
                state: state?,
                effect: effect?,
            }]);
        }
        if let Some(effect) = test.get("effect") {
            let help = "write it beside each `state`";
            self.refuse(effect, "`effect` stands beside a list", help);
        }
        if expected.items().len() == 0 {
            let help = "write `expect: not-applicable` where no answer is expected";
            self.refuse(expected, "the test expects nothing", help);
            return None;
        }
        let read: Vec<_> = expected
            .items()
            .map(|item| self.expectation(item))
            .collect();
        read.into_iter().collect()
    }

    fn expectation(&mut self, at: Value<'d>) -> Option<Expectation<'d>> {
        if at.kind() != Kind::Object {
            self.refuse(
                at,
                "an expectation is an object",
                "write `subject` and `state`",
            );
            return None;
        }
        self.known_keys(at, &EXPECTATION_KEYS);
        let subject = self.word(at, "subject");
        let policy = self.word(at, "policy");
        let Some(written) = at.get("state") else {
            self.refuse(at, "the expectation has no `state`", "add `state:`");
            return None;
        };
        let state = self.state(written);
        let effect = self.effect(at, state);
        Some(Expectation {
            at,
            subject,
            policy,
            state: state?,
            effect: effect?,
        })
    }

    fn state(&mut self, at: Value<'d>) -> Option<ExpectedState> {
        let mut all = ExpectedState::ALL.into_iter();
        let found = all.find(|state| at.as_str() == Some(state.word()));
        if found.is_none() {
            let words = ExpectedState::ALL.map(ExpectedState::word).join(", ");
            self.refuse(at, "this is no state", &format!("one of {words}"));
        }
        found
    }

    /// The effect that is expected, if one is; nothing if it can't be read. Effects follow only
    /// where a condition holds.
    fn effect(
        &mut self,
        object: Value<'d>,
        state: Option<ExpectedState>,
    ) -> Option<Option<Effect>> {
        let Some(written) = object.get("effect") else {
            return Some(None);
        };
        let Some(effect) = written.as_str().and_then(Effect::named) else {
            self.refuse(written, "this is no effect", "such as Audit or Deny");
            return None;
        };
        let follows = [
            ExpectedState::State("non-compliant"),
            ExpectedState::State("exempt"),
        ];
        if state.is_some_and(|state| !follows.contains(&state)) {
            let help = "leave it out, or expect non-compliant";
            self.refuse(written, "no effect follows from this state", help);
            return None;
        }
        Some(Some(effect))
    }
}
