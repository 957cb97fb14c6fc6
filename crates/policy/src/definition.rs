//! A policy definition as it is written.

use palisade_document::{Kind, Value};

use crate::Remark;
use crate::condition::{Condition, Subject};
use crate::expression::{self, Reads};
use crate::growth::Growth;
use crate::names::is_root_field;
use crate::parameter::Parameter;

/// Which resources a definition is about (Microsoft Learn, "Azure Policy definition structure
/// basics: mode", 2025).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Resource groups, subscriptions and every resource.
    All,
    /// Resources of types that have tags and a location.
    Indexed,
    /// What a resource provider decides about itself, such as `Microsoft.Kubernetes.Data`.
    Provider(String),
}

/// A definition.
#[derive(Clone, Debug)]
pub struct Definition<'d> {
    /// The whole of it, as it stands in its file.
    pub value: Value<'d>,
    /// The name that Azure knows it by: of a built-in one a GUID.
    pub name: String,
    /// What people call it.
    pub display_name: Option<&'d str>,
    /// The version, where it says one.
    pub version: Option<&'d str>,
    /// Which resources it is about.
    pub mode: Mode,
    /// Its parameters.
    pub parameters: Vec<Parameter<'d>>,
    /// Its rule.
    pub rule: Rule<'d>,
    pub(crate) reads: Reads,
    /// The parameters, in lower case, without which nothing can be said about a resource.
    pub(crate) needed: Vec<String>,
}

/// The rule: a condition, and what follows where it holds.
#[derive(Clone, Debug)]
pub struct Rule<'d> {
    /// `if`, as it is written.
    pub condition_text: Value<'d>,
    /// `if`.
    pub condition: Condition<'d>,
    /// `then`.
    pub then: Then<'d>,
}

/// What follows where the condition holds.
#[derive(Clone, Debug)]
pub struct Then<'d> {
    /// The effect: a name or an expression.
    pub effect: Value<'d>,
    /// What the effect needs.
    pub details: Option<Value<'d>>,
    /// The condition on a related resource.
    pub existence: Option<Condition<'d>>,
}

impl<'d> Definition<'d> {
    /// Whether a value looks like a definition: a rule with `if` and `then`, or what holds one.
    pub fn is_one(value: Value<'_>) -> bool {
        let properties = value.get_ignore_case("properties").unwrap_or(value);
        properties.get_ignore_case("policyRule").is_some()
            || value.get_ignore_case("if").is_some() && value.get_ignore_case("then").is_some()
    }

    /// Reads a definition: whole, as Azure or its command line prints it, or its rule alone.
    /// Nothing if it can't be evaluated; the remarks say why, each at its place.
    pub fn read(value: Value<'d>) -> (Option<Self>, Vec<Remark<'d>>) {
        let mut remarks = Vec::new();
        let read = Self::read_into(value, &mut remarks);
        (read.filter(|_| remarks.is_empty()), remarks)
    }

    fn read_into(value: Value<'d>, remarks: &mut Vec<Remark<'d>>) -> Option<Self> {
        let properties = value
            .get_ignore_case("properties")
            .filter(|properties| properties.kind() == Kind::Object)
            .unwrap_or(value);
        let get = |key| properties.get_ignore_case(key);
        let text = |key| get(key).and_then(Value::as_str);
        let rule = get("policyRule").unwrap_or(value);
        let mut reads = Reads::default();
        let rule = Rule::read(rule, &mut reads, remarks)?;
        let parameters = match get("parameters") {
            Some(parameters) => Parameter::read_all(parameters, remarks),
            None => Vec::new(),
        };
        let metadata = get("metadata").and_then(|metadata| metadata.get_ignore_case("version"));
        let name = value.get_ignore_case("name").and_then(Value::as_str);
        let id = value.get_ignore_case("id").and_then(Value::as_str);
        let last = id.and_then(|id| id.rsplit('/').next());
        Some(Self {
            value,
            name: name.or(last).unwrap_or_default().to_owned(),
            display_name: text("displayName"),
            version: text("version").or(metadata.and_then(Value::as_str)),
            mode: Mode::read(text("mode")),
            parameters,
            needed: rule.needed(),
            rule,
            reads,
        })
    }

    /// What it is called in print.
    pub fn title(&self) -> &str {
        self.display_name.unwrap_or(&self.name)
    }
}

impl Mode {
    /// `All` is what Azure takes where nothing is said.
    fn read(mode: Option<&str>) -> Self {
        match mode.unwrap_or("All") {
            mode if mode.eq_ignore_ascii_case("all") => Self::All,
            mode if mode.eq_ignore_ascii_case("indexed") => Self::Indexed,
            mode => Self::Provider(mode.to_owned()),
        }
    }
}

impl<'d> Rule<'d> {
    fn read(value: Value<'d>, reads: &mut Reads, remarks: &mut Vec<Remark<'d>>) -> Option<Self> {
        let Some(condition_text) = value.get_ignore_case("if") else {
            remarks.push(Remark::error(value, "the rule has no `if`"));
            return None;
        };
        let Some(then) = value.get_ignore_case("then") else {
            remarks.push(Remark::error(value, "the rule has no `then`"));
            return None;
        };
        let condition = Condition::read(condition_text, remarks);
        let then = Then::read(then, remarks);
        note(value, reads, remarks);
        let (condition, then) = (condition?, then?);
        note_fields(&condition, reads);
        if let Some(existence) = &then.existence {
            note_fields(existence, reads);
        }
        Some(Self {
            condition_text,
            condition,
            then,
        })
    }
}

impl Rule<'_> {
    /// How large the values of its expressions can become.
    pub(crate) fn growth(&self) -> Growth {
        let parts = [
            Some(self.condition_text),
            Some(self.then.effect),
            self.then.details,
        ];
        Growth::of_all(parts.into_iter().flatten())
    }

    /// The parameters that the condition, the effect and the search for a related resource read;
    /// not those that only say what would be changed.
    fn needed(&self) -> Vec<String> {
        let mut reads = Reads::default();
        let changes = |details: &Value<'_>| {
            details.kind() == Kind::Array || details.get_ignore_case("operations").is_some()
        };
        let details = self.then.details.filter(|details| !changes(details));
        let parts = [Some(self.condition_text), Some(self.then.effect), details];
        for part in parts.into_iter().flatten() {
            note(part, &mut reads, &mut Vec::new());
        }
        reads.parameters
    }
}

impl<'d> Then<'d> {
    fn read(value: Value<'d>, remarks: &mut Vec<Remark<'d>>) -> Option<Self> {
        let Some(effect) = value.get_ignore_case("effect") else {
            remarks.push(Remark::error(value, "`then` has no `effect`"));
            return None;
        };
        if effect.as_str().is_none() {
            remarks.push(Remark::error(effect, "`effect` must be a string"));
            return None;
        }
        let details = value.get_ignore_case("details");
        let existence = details.and_then(|details| details.get_ignore_case("existenceCondition"));
        let existence = match existence {
            Some(existence) => Some(Condition::read(existence, remarks)?),
            None => None,
        };
        Some(Self {
            effect,
            details,
            existence,
        })
    }
}

/// Notes what the expressions in a rule read. Those of a deployment are a template's own.
fn note<'d>(value: Value<'d>, reads: &mut Reads, remarks: &mut Vec<Remark<'d>>) {
    match value.kind() {
        Kind::String => match expression::of(value.scalar()) {
            Some(Ok(expression)) => expression::note(&expression, reads),
            Some(Err(message)) => {
                let message = format!("the expression can't be read: {message}");
                remarks.push(Remark::error(value, message));
            }
            None => {}
        },
        Kind::Array => value.items().for_each(|item| note(item, reads, remarks)),
        Kind::Object => {
            let members = value.entries();
            let own = members.filter(|entry| !entry.name().eq_ignore_ascii_case("deployment"));
            own.for_each(|entry| note(entry.value, reads, remarks));
        }
        _ => {}
    }
}

fn note_fields(condition: &Condition<'_>, reads: &mut Reads) {
    condition.each(&mut |leaf| {
        let field = match &leaf.subject {
            Subject::Field(field) => *field,
            Subject::Count(count) if count.is_field => count.of,
            _ => return,
        };
        match expression::of(field.scalar()) {
            None => reads.fields.push(field.scalar().to_owned()),
            Some(Ok(expression)) => {
                let mut texts = Vec::new();
                expression::texts(&expression, &mut texts);
                let named = texts.iter().filter(|text| is_field_name(text));
                reads.fields.extend(named.map(|text| (*text).to_owned()));
                reads.is_dynamic = true;
            }
            Some(Err(_)) => {}
        }
    });
}

/// Whether a text in the expression of a field is the name of one.
fn is_field_name(text: &str) -> bool {
    let is_alias = text.contains('/') && text.contains('.');
    is_alias || is_root_field(&text.to_ascii_lowercase())
}
