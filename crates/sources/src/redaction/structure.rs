//! Secrets that show by the names of settings and by the settings beside them.

use palisade_document::{Document, Kind, NodeId, Value};
use palisade_estate::ResourceId;

use super::{Strings, expression, names};

/// What the names in a document give away.
pub(super) struct Secrets {
    /// The scalars that are secrets.
    pub(super) values: Vec<NodeId>,
    /// Texts with names and values of their own: configuration files, scripts, arguments.
    pub(super) embedded: Vec<NodeId>,
    strings: Strings,
}

/// Looks at every list and mapping once, whether or not something still leads to it.
pub(super) fn secrets(document: &Document, strings: Strings) -> Secrets {
    let mut secrets = Secrets {
        values: Vec::new(),
        embedded: Vec::new(),
        strings,
    };
    for value in document.values() {
        match value.kind() {
            Kind::Array => secrets.look_at_list(value),
            Kind::Object => secrets.look_at_object(value),
            _ => {}
        }
    }
    secrets
}

impl Secrets {
    fn look_at_object(&mut self, object: Value<'_>) {
        for entry in object.entries() {
            let name = entry.name();
            if names::is_secret(name) {
                self.take(entry.value);
            } else if is_anyone(name, &["credentials"]) {
                self.take_all(entry.value);
            } else if is_anyone(
                name,
                &["args", "command", "arguments", "script", "scriptContent"],
            ) {
                self.embedded(entry.value);
            } else if name.eq_ignore_ascii_case("annotations") {
                self.look_at_annotations(entry.value);
            }
        }
        if self.strings == Strings::Expressions {
            self.look_at_definition(object);
        }
        self.look_at_kind(object);
        self.look_at_pair(object);
        self.look_at_keys(object);
    }

    /// A PEM file as a list of its lines, and arguments in which a value follows its name.
    fn look_at_list(&mut self, list: Value<'_>) {
        let mut is_inside_key = false;
        let mut before = "";
        for item in list.items() {
            let text = item.scalar();
            if text.contains("-----END") {
                is_inside_key = false;
            }
            let is_argument = before.starts_with('-') && !text.starts_with('-');
            if is_inside_key || (is_argument && names::is_secret(before)) {
                self.take_all(item);
            }
            if text.contains("PRIVATE KEY-----") && !text.contains("-----END") {
                is_inside_key = true;
            }
            before = text;
        }
    }

    fn look_at_kind(&mut self, object: Value<'_>) {
        match object.get("kind").map(Value::scalar).unwrap_or_default() {
            "Secret" => ["data", "stringData"]
                .iter()
                .filter_map(|key| object.get(key))
                .for_each(|data| self.take_all(data)),
            "ConfigMap" => ["data", "binaryData"]
                .iter()
                .filter_map(|key| object.get(key))
                .flat_map(Value::entries)
                .for_each(|entry| self.look_at_variable(entry.name(), entry.value)),
            _ => {}
        }
    }

    /// The default of a parameter of a template that is declared to be a secret.
    fn look_at_definition(&mut self, object: Value<'_>) {
        let kind = object.get_ignore_case("type").map(Value::scalar);
        let is_secret = kind.is_some_and(|kind| is_anyone(kind, &["securestring", "secureobject"]));
        if let Some(default) = object.get_ignore_case("defaultValue").filter(|_| is_secret) {
            self.take_all(default);
        }
    }

    /// A name beside a value: an environment variable, a named value of API Management, a key
    /// of a storage account.
    fn look_at_pair(&mut self, object: Value<'_>) {
        let Some(value) = object.get_ignore_case("value") else {
            return;
        };
        let is_declared = ["secret", "isSecret"].iter().any(|key| {
            let flag = object.get_ignore_case(key);
            flag.is_some_and(|flag| flag.scalar().eq_ignore_ascii_case("true"))
        });
        if is_declared || object.get_ignore_case("keyName").is_some() {
            return self.take_all(value);
        }
        let name = ["name", "displayName"]
            .iter()
            .filter_map(|key| object.get_ignore_case(key))
            .find_map(Value::as_str);
        if let Some(name) = name.filter(|_| matches!(value.kind(), Kind::String | Kind::Number)) {
            self.look_at_variable(name, value);
        }
    }

    fn look_at_variable(&mut self, name: &str, value: Value<'_>) {
        if names::hints_at_secret(name) {
            self.take(value);
        } else {
            self.embedded(value);
        }
    }

    /// Pairs of keys without a telling name, and a certificate beside its password.
    fn look_at_keys(&mut self, object: Value<'_>) {
        let both = |one, other| {
            let texts = [object.get_ignore_case(one), object.get_ignore_case(other)];
            texts
                .iter()
                .all(|text| text.is_some_and(|text| text.as_str().is_some()))
                .then_some(texts)
        };
        for keys in [
            both("key1", "key2"),
            both("password", "data"),
            both("primary", "accountName"),
        ]
        .into_iter()
        .flatten()
        {
            keys.into_iter().flatten().for_each(|key| self.take(key));
        }
    }

    fn look_at_annotations(&mut self, annotations: Value<'_>) {
        for annotation in annotations.entries() {
            // A repetition of the whole object, secrets included.
            if annotation.name() == "kubectl.kubernetes.io/last-applied-configuration" {
                self.take_all(annotation.value);
            } else {
                self.embedded(annotation.value);
            }
        }
    }

    fn embedded(&mut self, value: Value<'_>) {
        match value.kind() {
            Kind::String => self.embedded.push(value.node()),
            Kind::Array => value.items().for_each(|item| self.embedded(item)),
            _ => {}
        }
    }

    /// Every text of a value with a secret name, but for references to secrets kept elsewhere.
    fn take(&mut self, value: Value<'_>) {
        match value.kind() {
            Kind::Object if is_object_reference(value) => {}
            // The declaration of a parameter with a secret name: only its default is one.
            Kind::Object if self.strings == Strings::Expressions && is_definition(value) => {
                let default = value.get_ignore_case("defaultValue");
                default.into_iter().for_each(|default| self.take(default));
            }
            Kind::Object => {
                let holds = |key| value.get_ignore_case(key).is_some();
                let is_named = holds("value") || holds("keyVaultUrl");
                let kept = |name: &str| {
                    names::is_reference(name)
                        || (is_named && is_anyone(name, &["name", "displayName"]))
                };
                let secret = value.entries().filter(|entry| !kept(entry.name()));
                secret.for_each(|entry| self.take(entry.value));
            }
            Kind::Array => value.items().for_each(|item| self.take(item)),
            _ => self.take_all(value),
        }
    }

    /// Whether a string of a template is made of what stands elsewhere.
    fn is_named_elsewhere(&self, text: &str) -> bool {
        self.strings == Strings::Expressions
            && expression::is_one(text)
            && !expression::is_literal(text)
    }

    /// Every text below a value.
    fn take_all(&mut self, value: Value<'_>) {
        match value.kind() {
            Kind::Array => value.items().for_each(|item| self.take_all(item)),
            Kind::Object => value.entries().for_each(|entry| self.take_all(entry.value)),
            Kind::String if is_reference(value.scalar()) => {}
            Kind::String if self.is_named_elsewhere(value.scalar()) => {}
            Kind::String | Kind::Number => self.values.push(value.node()),
            Kind::Null | Kind::Bool | Kind::Unknown => {}
        }
    }
}

/// `{"type": "string", …}` among the parameters or outputs of a template.
fn is_definition(object: Value<'_>) -> bool {
    const TYPES: [&str; 7] = [
        "string",
        "securestring",
        "int",
        "bool",
        "object",
        "secureobject",
        "array",
    ];
    let kind = object.get_ignore_case("type").and_then(Value::as_str);
    kind.is_some_and(|kind| is_anyone(kind, &TYPES)) && object.get_ignore_case("value").is_none()
}

fn is_anyone(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// `{name: …, key: …}` and its like.
fn is_object_reference(object: Value<'_>) -> bool {
    let names_one = ["name", "secretName"]
        .iter()
        .any(|key| object.get(key).is_some());
    names_one
        && object
            .entries()
            .all(|entry| names::is_part_of_reference(entry.name()))
}

/// The longest text that is taken for a reference.
const LONGEST_REFERENCE: usize = 2048;

/// A text that says where a secret is kept instead of the secret.
pub(super) fn is_reference(text: &str) -> bool {
    if text.len() > LONGEST_REFERENCE {
        return false;
    }
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' '))
    };
    let enclosed = |open, close| {
        text.strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .is_some_and(is_name)
    };
    text.is_empty()
        || enclosed("{{", "}}")
        || enclosed("$(", ")")
        || enclosed("${", "}")
        || text.strip_prefix("secretref:").is_some_and(is_name)
        || text.starts_with("@Microsoft.KeyVault(")
        || ResourceId::parse(text).is_some()
        || is_vault_address(text)
}

/// The address of a secret in a key vault.
fn is_vault_address(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .and_then(|rest| rest.split('/').next());
    host.is_some_and(|host| host.contains(".vault.") && !host.contains('@'))
}
