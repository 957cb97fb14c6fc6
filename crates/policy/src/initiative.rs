//! Initiatives: definitions that are assigned together, with the parameters that they pass on.

use std::collections::BTreeMap;

use palisade_document::{Kind, Value};

use crate::expression;
use crate::parameter::{Arguments, Parameter};
use crate::program::evaluated;
use crate::reading::Remark;
use crate::value::{self, Datum};

/// An initiative.
#[derive(Clone, Debug)]
pub struct Initiative<'d> {
    /// The whole of it, as it stands in its file.
    pub value: Value<'d>,
    /// The name that Azure knows it by.
    pub name: String,
    /// What people call it.
    pub display_name: Option<&'d str>,
    /// Its parameters.
    pub parameters: Vec<Parameter<'d>>,
    /// What it holds.
    pub members: Vec<Member<'d>>,
}

/// A definition in an initiative.
#[derive(Clone, Debug)]
pub struct Member<'d> {
    /// Where it stands.
    pub value: Value<'d>,
    /// The id of the definition.
    pub definition: &'d str,
    /// The name by which overrides and exemptions call it.
    pub reference: Option<&'d str>,
    /// The groups that it belongs to.
    pub groups: Vec<&'d str>,
    parameters: Option<Value<'d>>,
}

impl<'d> Initiative<'d> {
    /// Whether a value looks like an initiative.
    pub fn is_one(value: Value<'_>) -> bool {
        let properties = value.get_ignore_case("properties").unwrap_or(value);
        let members = properties.get_ignore_case("policyDefinitions");
        members.is_some_and(|members| members.kind() == Kind::Array)
    }

    /// Reads an initiative, with what is wrong with it.
    pub fn read(value: Value<'d>) -> (Self, Vec<Remark<'d>>) {
        let mut remarks = Vec::new();
        let properties = value
            .get_ignore_case("properties")
            .filter(|properties| properties.kind() == Kind::Object)
            .unwrap_or(value);
        let get = |key| properties.get_ignore_case(key);
        let name = value.get_ignore_case("name").and_then(Value::as_str);
        let id = value.get_ignore_case("id").and_then(Value::as_str);
        let last = id.and_then(|id| id.rsplit('/').next());
        let listed = get("policyDefinitions").into_iter().flat_map(Value::items);
        let members = listed.filter_map(|member| Member::read(member, &mut remarks));
        let initiative = Self {
            value,
            name: name.or(last).unwrap_or_default().to_owned(),
            display_name: get("displayName").and_then(Value::as_str),
            members: members.collect(),
            parameters: match get("parameters") {
                Some(parameters) => Parameter::read_all(parameters, &mut remarks),
                None => Vec::new(),
            },
        };
        (initiative, remarks)
    }

    /// What it is called in print.
    pub fn title(&self) -> &str {
        self.display_name.unwrap_or(&self.name)
    }
}

impl<'d> Member<'d> {
    fn read(value: Value<'d>, remarks: &mut Vec<Remark<'d>>) -> Option<Self> {
        let get = |key| value.get_ignore_case(key);
        let Some(definition) = get("policyDefinitionId").and_then(Value::as_str) else {
            let message = "a member needs the id of its definition, `policyDefinitionId`";
            remarks.push(Remark::error(value, message));
            return None;
        };
        let groups = get("groupNames").into_iter().flat_map(Value::items);
        Some(Self {
            value,
            definition,
            reference: get("policyDefinitionReferenceId").and_then(Value::as_str),
            groups: groups.filter_map(Value::as_str).collect(),
            parameters: get("parameters"),
        })
    }

    /// The values that the initiative gives to the definition's parameters, out of its own. Why
    /// not, if an expression can't be evaluated.
    pub fn arguments(&self, own: &Arguments) -> Result<Arguments, String> {
        let mut arguments = BTreeMap::new();
        for entry in self.parameters.into_iter().flat_map(Value::entries) {
            let given = entry.value.get_ignore_case("value").unwrap_or(entry.value);
            arguments.insert(entry.name().to_ascii_lowercase(), passed(given, own)?);
        }
        Ok(Arguments(arguments))
    }
}

/// A value in which the expressions are evaluated.
pub(crate) fn passed(value: Value<'_>, own: &Arguments) -> Result<Datum, String> {
    if value.kind() == Kind::String
        && let Some(parameter) = expression::sole_parameter(value.scalar())
    {
        let given = own.0.get(&parameter).cloned();
        return given.ok_or_else(|| format!("the parameter `{parameter}` has no value"));
    }
    match has_expression(value) {
        true => evaluated(value, own),
        false => value::verbatim(value).map_err(|at| value::unknown_of(at).0),
    }
}

fn has_expression(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::String => expression::of(value.scalar()).is_some(),
        Kind::Array => value.items().any(has_expression),
        Kind::Object => value.entries().any(|entry| has_expression(entry.value)),
        _ => false,
    }
}
