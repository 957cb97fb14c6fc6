//! Rules as the evaluator takes them: JSON in which every alias has the evaluator's name.

use palisade_document::{Kind, Value};

use crate::condition::{Condition, Subject};
use crate::definition::Definition;
use crate::expression;
use crate::names::Names;

/// What `details` says about the deployment that would mend things, which decides nothing.
const DECIDES_NOTHING: [&str; 3] = ["deployment", "deploymentScope", "evaluationDelay"];

/// Writes rules for one set of names.
pub(crate) struct Writer<'n> {
    pub(crate) names: &'n Names,
}

/// A condition that always holds.
const ALWAYS: &str = r#"{"value":true,"equals":true}"#;

impl Writer<'_> {
    /// A rule that fires if a condition holds.
    pub(crate) fn condition(&self, condition: Value<'_>) -> String {
        let mut text = String::from(r#"{"if":"#);
        self.write(condition, true, &mut text);
        text.push_str(r#","then":{"effect":"audit"}}"#);
        text
    }

    /// A rule that fires if a definition is about a resource at all: Azure asks only for its type,
    /// name and kind, and takes everything else to be as it must be (Microsoft Learn, "What is
    /// applicability in Azure Policy?", 2025).
    pub(crate) fn applicability(&self, condition: &Condition<'_>) -> String {
        let mut text = String::from(r#"{"if":"#);
        self.outline(condition, true, &mut text);
        text.push_str(r#","then":{"effect":"audit"}}"#);
        text
    }

    fn outline(&self, condition: &Condition<'_>, wanted: bool, text: &mut String) {
        let (name, inner) = match condition {
            Condition::AllOf(_, inner) => ("allOf", inner),
            Condition::AnyOf(_, inner) => ("anyOf", inner),
            Condition::Not(_, inner) => {
                text.push_str(r#"{"not":"#);
                self.outline(inner, !wanted, text);
                text.push('}');
                return;
            }
            Condition::Leaf(leaf) => {
                match leaf.subject {
                    Subject::Field(field) if is_identity(field.scalar()) => {
                        self.write(leaf.value, true, text);
                    }
                    _ => text.push_str(&format!(r#"{{"value":true,"equals":{wanted}}}"#)),
                }
                return;
            }
        };
        text.push_str(&format!(r#"{{"{name}":["#));
        for (at, condition) in inner.iter().enumerate() {
            if at > 0 {
                text.push_str(",\n");
            }
            self.outline(condition, wanted, text);
        }
        text.push_str("]}");
    }

    /// A rule that appends a value, whose expressions it evaluates on the way.
    pub(crate) fn value(&self, value: Value<'_>) -> String {
        let mut text = String::new();
        self.write(value, false, &mut text);
        format!(
            r#"{{"if":{ALWAYS},"then":{{"effect":"append","details":[{{"field":"tags.value","value":{text}}}]}}}}"#
        )
    }

    /// A rule that fires if nothing related exists.
    pub(crate) fn existence(&self, definition: &Definition<'_>) -> Option<String> {
        let details = definition.rule.then.details?;
        details.get_ignore_case("type")?;
        Some(self.then(r#""auditIfNotExists""#, details))
    }

    /// A rule that tells what would be changed.
    pub(crate) fn operations(&self, definition: &Definition<'_>) -> Option<String> {
        let details = definition.rule.then.details?;
        let effect = match details.kind() {
            Kind::Array => r#""append""#,
            _ if details.get_ignore_case("operations").is_some() => r#""modify""#,
            _ => return None,
        };
        Some(self.then(effect, details))
    }

    /// A rule that fires if an expression is true.
    pub(crate) fn truth(&self, expression: &str) -> String {
        let mut text = String::from(r#"{"if":{"value":"#);
        string(&self.renamed(expression), &mut text);
        text.push_str(r#","equals":true},"then":{"effect":"audit"}}"#);
        text
    }

    /// A rule whose effect is the name of the effect, where that is an expression.
    pub(crate) fn effect(&self, definition: &Definition<'_>) -> Option<String> {
        let written = definition.rule.then.effect;
        let is_expression = expression::of(written.scalar()).is_some();
        is_expression.then(|| {
            let mut effect = String::new();
            self.write(written, false, &mut effect);
            format!(r#"{{"if":{ALWAYS},"then":{{"effect":{effect}}}}}"#)
        })
    }

    fn then(&self, effect: &str, details: Value<'_>) -> String {
        let mut text = format!(r#"{{"if":{ALWAYS},"then":{{"effect":{effect},"details":"#);
        match details.kind() {
            Kind::Object => {
                text.push('{');
                let mut is_first = true;
                for entry in details.entries() {
                    let name = entry.name();
                    if DECIDES_NOTHING
                        .iter()
                        .any(|known| known.eq_ignore_ascii_case(name))
                    {
                        continue;
                    }
                    if !is_first {
                        text.push(',');
                    }
                    is_first = false;
                    string(name, &mut text);
                    text.push(':');
                    let is_condition = name.eq_ignore_ascii_case("existenceCondition");
                    self.write(entry.value, is_condition, &mut text);
                }
                text.push('}');
            }
            _ => self.write(details, false, &mut text),
        }
        text.push_str("}}");
        text
    }

    fn write(&self, value: Value<'_>, is_condition: bool, text: &mut String) {
        match value.kind() {
            Kind::Null | Kind::Unknown => text.push_str("null"),
            Kind::Bool => text.push_str(match value.as_bool() {
                Some(true) => "true",
                _ => "false",
            }),
            Kind::Number => text.push_str(value.scalar()),
            Kind::String => string(&self.renamed(value.scalar()), text),
            Kind::Array => {
                text.push('[');
                for (at, item) in value.items().enumerate() {
                    if at > 0 {
                        text.push_str(",\n");
                    }
                    self.write(item, is_condition, text);
                }
                text.push(']');
            }
            Kind::Object => {
                text.push('{');
                for (at, entry) in value.entries().enumerate() {
                    if at > 0 {
                        // The evaluator refuses long lines.
                        text.push_str(",\n");
                    }
                    string(entry.name(), text);
                    text.push(':');
                    let is_field = entry.name().eq_ignore_ascii_case("field");
                    match entry.value.as_str().filter(|_| is_field) {
                        // What is changed keeps its name.
                        Some(field) if !is_condition => string(field, text),
                        Some(field) => {
                            let alias = self.names.renamed(field);
                            string(&alias.unwrap_or_else(|| self.renamed(field)), text);
                        }
                        None => self.write(entry.value, is_condition, text),
                    }
                }
                text.push('}');
            }
        }
    }

    fn renamed(&self, text: &str) -> String {
        expression::renamed(text, &|literal| self.names.renamed(literal))
    }
}

/// Whether a field is one of those that decide what a definition is about.
fn is_identity(field: &str) -> bool {
    ["type", "name", "kind"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(field))
}

fn string(content: &str, text: &mut String) {
    text.push('"');
    for c in content.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            c if c.is_control() => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => text.push(c),
        }
    }
    text.push('"');
}
