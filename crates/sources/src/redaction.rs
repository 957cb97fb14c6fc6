//! Finds secrets, so that they are masked before anything else sees them: by patterns in the
//! text, which also reaches into comments and embedded documents, and by the names of settings.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use palisade_document::{Kind, NodeId, Value};

/// What stands right before a secret in connection strings and query strings.
const BEFORE_A_SECRET: [&str; 10] = [
    "AccountKey=",
    "SharedAccessKey=",
    "SharedSecret=",
    "Password=",
    "Pwd=",
    "client_secret=",
    "access_token=",
    "&sig=",
    "?sig=",
    "InstrumentationKey=",
];

/// What a private key and a JSON web token start with.
const PRIVATE_KEY: &str = "PRIVATE KEY-----";
const WEB_TOKEN: &str = "eyJ";

static PATTERNS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let patterns = BEFORE_A_SECRET
        .iter()
        .copied()
        .chain([PRIVATE_KEY, WEB_TOKEN]);
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(patterns)
        .ok()
});

/// The ranges of secrets that show by what surrounds them.
pub(crate) fn secrets_in_text(content: &str) -> Vec<Range<usize>> {
    let Some(patterns) = PATTERNS.as_ref() else {
        return Vec::new();
    };
    let mut secrets: Vec<Range<usize>> = Vec::new();
    for found in patterns.find_iter(content) {
        if secrets.last().is_some_and(|last| last.end > found.start()) {
            continue;
        }
        let rest = &content[found.end()..];
        secrets.extend(match found.pattern().as_usize() {
            at if at < BEFORE_A_SECRET.len() => Some(found.end()..found.end() + value_length(rest)),
            at if at == BEFORE_A_SECRET.len() => {
                private_key(rest).map(|length| found.end()..found.end() + length)
            }
            _ => web_token(content, found.start()),
        });
    }
    secrets
}

fn value_length(rest: &str) -> usize {
    let ends = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | ';' | '&' | '<' | '>' | '\\' | ',' | ')' | '}'
            )
    };
    rest.find(ends).unwrap_or(rest.len())
}

/// The length of a key up to its end mark, which must be near: a key of 16 kbit has 13 kB.
fn private_key(rest: &str) -> Option<usize> {
    let length = rest.find("-----END")?;
    (length < 16_384).then_some(length)
}

/// Three long parts with dots between them, the first two of which start as encoded JSON does.
fn web_token(content: &str, start: usize) -> Option<Range<usize>> {
    let is_inside = content[..start]
        .ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '+'));
    let rest = &content[start..];
    let length = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(rest.len());
    let mut parts = rest[..length].split('.');
    let has_form =
        parts.next()?.len() > 10 && parts.next()?.starts_with("eyJ") && parts.next().is_some();
    (has_form && !is_inside).then_some(start..start + length)
}

/// Settings whose text is a secret, in lower case without `-` and `_`.
const SECRET_NAMES: [&str; 36] = [
    "password",
    "adminpassword",
    "administratorloginpassword",
    "certificatepassword",
    "secret",
    "clientsecret",
    "serviceprincipalsecret",
    "primarykey",
    "secondarykey",
    "primarymasterkey",
    "secondarymasterkey",
    "accesskey",
    "accountkey",
    "apikey",
    "storageaccountkey",
    "sharedkey",
    "authorizationkey",
    "connectionstring",
    "primaryconnectionstring",
    "secondaryconnectionstring",
    "sastoken",
    "sasuri",
    "kubeconfig",
    "kubeconfigs",
    "privatekey",
    "sshprivatekey",
    "clientkeydata",
    "pfxblob",
    "token",
    "accesstoken",
    "refreshtoken",
    "instrumentationkey",
    "customdata",
    "userdata",
    "protectedsettings",
    "encodedcertificate",
];

/// Parts of the name of an environment variable or configuration key that holds a secret.
const SECRET_HINTS: [&str; 8] = [
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "connectionstring",
];

/// The nodes below `root` whose text is a secret.
pub(crate) fn secrets_in_value(root: Value<'_>) -> Vec<NodeId> {
    let mut secrets = Vec::new();
    search(root, &mut secrets);
    secrets
}

fn search(value: Value<'_>, secrets: &mut Vec<NodeId>) {
    match value.kind() {
        Kind::Array => value.items().for_each(|item| search(item, secrets)),
        Kind::Object => {
            search_as_a_whole(value, secrets);
            for entry in value.entries() {
                if is_secret_name(entry.name()) {
                    all_texts(entry.value, secrets);
                } else {
                    search(entry.value, secrets);
                }
            }
        }
        _ => {}
    }
}

/// Secrets that only the neighbouring settings give away.
fn search_as_a_whole(object: Value<'_>, secrets: &mut Vec<NodeId>) {
    let kind = object.get("kind").map(Value::scalar).unwrap_or_default();
    match kind {
        "Secret" => ["data", "stringData"]
            .iter()
            .filter_map(|key| object.get(key))
            .for_each(|data| all_texts(data, secrets)),
        "ConfigMap" => {
            let entries = object.get("data").into_iter().flat_map(Value::entries);
            entries
                .filter(|entry| hints_at_secret(entry.name()))
                .for_each(|entry| all_texts(entry.value, secrets));
        }
        _ => {}
    }
    // An environment variable, or a named value of API Management.
    if let Some(value) = object
        .get_ignore_case("value")
        .filter(|value| value.kind() == Kind::String)
    {
        let is_declared = object.get_ignore_case("secret").and_then(Value::as_bool) == Some(true);
        let is_hinted = object
            .get("name")
            .and_then(Value::as_str)
            .is_some_and(hints_at_secret);
        if is_declared || is_hinted {
            all_texts(value, secrets);
        }
    }
    if let Some(credentials) = object.get_ignore_case("credentials") {
        all_texts(credentials, secrets);
    }
    // A repetition of the whole object, secrets included.
    if let Some(annotation) = object.get("kubectl.kubernetes.io/last-applied-configuration") {
        all_texts(annotation, secrets);
    }
}

/// Every text below a value, but for a reference to a named value (`{{name}}`), which is the
/// proper way to keep a secret elsewhere.
fn all_texts(value: Value<'_>, secrets: &mut Vec<NodeId>) {
    match value.kind() {
        Kind::Array => value.items().for_each(|item| all_texts(item, secrets)),
        Kind::Object => value
            .entries()
            .for_each(|entry| all_texts(entry.value, secrets)),
        Kind::String | Kind::Number => {
            let text = value.scalar();
            let is_reference = text.starts_with("{{") && text.ends_with("}}");
            if !text.is_empty() && !is_reference {
                secrets.push(value.node());
            }
        }
        _ => {}
    }
}

fn is_secret_name(name: &str) -> bool {
    SECRET_NAMES.iter().any(|secret| same_name(name, secret))
}

/// Whether a name is `wanted` apart from letter case, `-` and `_`.
fn same_name(name: &str, wanted: &str) -> bool {
    if name.len() < wanted.len() || name.len() > wanted.len() + 4 {
        return false;
    }
    let letters = name
        .bytes()
        .filter(|b| !matches!(b, b'-' | b'_'))
        .map(|b| b.to_ascii_lowercase());
    letters.eq(wanted.bytes())
}

fn hints_at_secret(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect::<String>()
        .to_ascii_lowercase();
    SECRET_HINTS.iter().any(|hint| plain.contains(hint))
}
