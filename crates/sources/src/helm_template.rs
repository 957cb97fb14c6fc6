//! Templates of Helm charts, which become manifests only when they are rendered.

use palisade_document::{Diagnostic, Entry, Kind, Level, Value};

const ADVICE: &str = "render it with `helm template` and audit what that prints";

/// What an object is left aside with that parses although it is a template.
pub(crate) const REASON: &str =
    "a template of a Helm chart; render it with `helm template` and audit what that prints";

/// How the actions of a chart's template start that no other template language shares.
const ACTIONS: [&str; 9] = [
    ".Values",
    ".Release",
    ".Chart",
    ".Capabilities",
    ".Files",
    ".Template",
    "include ",
    "define ",
    "template ",
];

/// Whether a text holds an action of a chart, such as `{{ .Values.image }}`.
pub(crate) fn is_one(text: &str) -> bool {
    text.split("{{").skip(1).any(|action| {
        let action = action.split("}}").next().unwrap_or_default();
        ACTIONS.iter().any(|known| action.contains(known))
    })
}

/// Whether an object is a template that happens to parse: it has an action for a name, or one
/// without quotes, which YAML takes for a mapping with a mapping as its key. An action in quotes
/// elsewhere is a value that a control can't read, and says so.
pub(crate) fn is_object(object: Value<'_>) -> bool {
    let text = &object.document().text().content()[object.span().range()];
    let metadata = object.get("metadata");
    let is_nameless = || {
        let names = ["name", "namespace"].iter();
        let mut names = names.filter_map(|key| metadata?.get(key));
        names.any(|name| is_one(name.scalar()))
    };
    text.contains("{{") && is_one(text) && (is_nameless() || has_mapping_as_key(object))
}

fn has_mapping_as_key(value: Value<'_>) -> bool {
    let is_one =
        |entry: Entry<'_>| entry.key.kind() == Kind::Object || has_mapping_as_key(entry.value);
    match value.kind() {
        Kind::Object => value.entries().any(is_one),
        Kind::Array => value.items().any(has_mapping_as_key),
        _ => false,
    }
}

/// The errors of a template, of which the first tells all that there is to tell.
pub(crate) fn explain(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let first = diagnostics
        .into_iter()
        .find(|found| found.level == Level::Error);
    let explained = first.map(|error| {
        let message = format!(
            "a template of a Helm chart, not yet rendered: {}",
            error.message
        );
        Diagnostic { message, ..error }.with_help(ADVICE)
    });
    explained.into_iter().collect()
}
