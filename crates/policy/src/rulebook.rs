//! Definitions, compiled together with the aliases that they use.

use std::collections::{BTreeMap, BTreeSet};

use palisade_document::Value;
use palisade_estate::Unknown;
use regorus::Rc;
use regorus::languages::azure_policy::aliases::AliasRegistry;

use crate::aliases::Catalogue;
use crate::condition::{Condition, Leaf, Subject};
use crate::definition::{Definition, Mode};
use crate::evaluation::NotEvaluated;
use crate::expression::{self, Reads};
use crate::facts::{Body, Facts};
use crate::growth::{Growth, extent};
use crate::names::Names;
use crate::objects;
use crate::program::Program;
use crate::rule_text::Writer;
use crate::value::Datum;

/// Definitions with the aliases that they use, compiled.
#[derive(Debug)]
pub struct Rulebook<'d> {
    pub(crate) names: Names,
    registry: Option<Rc<AliasRegistry>>,
    rules: Vec<Result<Compiled<'d>, NotEvaluated>>,
}

/// A compiled definition.
#[derive(Debug)]
pub struct Compiled<'d> {
    /// The definition.
    pub definition: Definition<'d>,
    pub(crate) condition: Program,
    pub(crate) applicability: Program,
    /// What tells the effect where it is an expression.
    pub(crate) effect: Option<Program>,
    pub(crate) existence: Option<Program>,
    pub(crate) operations: Option<Program>,
    /// The conditions of single operations, by their places: nothing for one that only a request
    /// tells.
    pub(crate) operation_conditions: BTreeMap<usize, Option<Program>>,
    /// What the condition reads, by the evaluator's names.
    pub(crate) reads: Vec<String>,
    /// What the condition on a related resource reads of it.
    pub(crate) related_reads: Vec<String>,
    /// How large the values of its expressions can become.
    pub(crate) growth: Growth,
    /// The types that the condition can hold for, in lower case; any if there is nothing.
    types: Option<BTreeSet<String>>,
}

impl<'d> Rulebook<'d> {
    /// Compiles definitions. The result of each stands at its place.
    pub fn new(definitions: Vec<Definition<'d>>, catalogue: &Catalogue) -> Self {
        let mut names = Names::new(catalogue);
        let admitted = definitions.iter().map(|definition| {
            let mut fields = definition.reads.fields.iter();
            let admitted = fields.try_for_each(|field| names.admit(field, catalogue));
            // What is changed needn't be known: that it would be is enough.
            let changed = changed_fields(definition);
            changed.for_each(|field| drop(names.admit(field, catalogue)));
            admitted.map_err(NotEvaluated)
        });
        let admitted: Vec<_> = admitted.collect();
        let registry = (!names.is_verbatim()).then(|| Rc::new(names.registry()));
        let mut rulebook = Self {
            names,
            registry,
            rules: Vec::new(),
        };
        let pairs = definitions.into_iter().zip(admitted);
        let rules = pairs.map(|(definition, admitted)| {
            admitted?;
            rulebook.compile(definition)
        });
        let rules = rules.collect();
        rulebook.rules = rules;
        rulebook
    }

    /// The definitions in their order, or why they aren't evaluated.
    pub fn rules(&self) -> &[Result<Compiled<'d>, NotEvaluated>] {
        &self.rules
    }

    /// What its definitions read of a resource.
    pub fn facts(&self, body: &Body<'_>) -> Facts {
        Facts::read(body, &self.names)
    }

    pub(crate) fn writer(&self) -> Writer<'_> {
        Writer { names: &self.names }
    }

    pub(crate) fn program(&self, rule: String) -> Result<Program, NotEvaluated> {
        Program::compile(rule, self.registry.as_ref()).map_err(NotEvaluated)
    }

    fn compile(&self, definition: Definition<'d>) -> Result<Compiled<'d>, NotEvaluated> {
        let writer = self.writer();
        let part = |rule: Option<String>| rule.map(|rule| self.program(rule)).transpose();
        let existence = definition.rule.then.existence.as_ref();
        Ok(Compiled {
            condition: self.program(writer.condition(definition.rule.condition_text))?,
            applicability: self.program(writer.applicability(&definition.rule.condition))?,
            effect: part(writer.effect(&definition))?,
            existence: part(writer.existence(&definition))?,
            operations: part(writer.operations(&definition))?,
            operation_conditions: self.operation_conditions(&definition),
            reads: self.keys(&definition.rule.condition),
            related_reads: existence.map(|inner| self.keys(inner)).unwrap_or_default(),
            types: types_of(&definition.rule.condition),
            growth: definition.rule.growth(),
            definition,
        })
    }

    fn operation_conditions(
        &self,
        definition: &Definition<'d>,
    ) -> BTreeMap<usize, Option<Program>> {
        let conditions = changing(definition)
            .enumerate()
            .filter_map(|(at, operation)| {
                let condition = operation.get_ignore_case("condition")?;
                let mut reads = Reads::default();
                note_value(condition, &mut reads);
                let rule = self.writer().truth(condition.scalar());
                let program = self.program(rule).ok();
                Some((at, program.filter(|_| reads.surroundings.is_empty())))
            });
        conditions.collect()
    }

    /// What a condition reads, by the evaluator's names.
    pub(crate) fn keys(&self, condition: &Condition<'_>) -> Vec<String> {
        let mut reads = Reads::default();
        condition.each(&mut |leaf| note_leaf(leaf, &mut reads));
        let mut keys: Vec<_> = reads
            .fields
            .iter()
            .map(|field| self.names.key(field))
            .collect();
        keys.sort();
        keys.dedup();
        keys
    }
}

/// The fields that a modify or append effect changes.
pub(crate) fn changed_fields<'d>(
    definition: &Definition<'d>,
) -> impl Iterator<Item = &'d str> + use<'d> {
    changing(definition).filter_map(|item| item.get_ignore_case("field")?.as_str())
}

/// The operations of a modify, or the settings of an append.
fn changing<'d>(definition: &Definition<'d>) -> impl Iterator<Item = Value<'d>> + use<'d> {
    let details = definition.rule.then.details;
    let operations = details.and_then(|details| details.get_ignore_case("operations"));
    operations.or(details).into_iter().flat_map(Value::items)
}

/// Notes what one comparison reads.
fn note_leaf(leaf: &Leaf<'_>, reads: &mut Reads) {
    let field = match &leaf.subject {
        Subject::Field(field) => Some(*field),
        Subject::Count(count) if count.is_field => Some(count.of),
        Subject::Value(value) => {
            note_value(*value, reads);
            None
        }
        Subject::Count(count) => {
            note_value(count.of, reads);
            None
        }
    };
    if let Some(field) = field {
        match expression::of(field.scalar()) {
            Some(Ok(expression)) => {
                let mut texts = Vec::new();
                expression::texts(&expression, &mut texts);
                reads
                    .fields
                    .extend(texts.iter().map(|text| (*text).to_owned()));
                expression::note(&expression, reads);
            }
            _ => reads.fields.push(field.scalar().to_owned()),
        }
    }
    note_value(leaf.expected, reads);
}

fn note_value(value: Value<'_>, reads: &mut Reads) {
    if let Some(Ok(expression)) = value.as_str().and_then(expression::of) {
        expression::note(&expression, reads);
    }
    value.items().for_each(|item| note_value(item, reads));
    value
        .entries()
        .for_each(|entry| note_value(entry.value, reads));
}

/// The types that a condition can hold for; any if there is nothing.
pub(crate) fn types_of(condition: &Condition<'_>) -> Option<BTreeSet<String>> {
    match condition {
        Condition::AllOf(_, inner) => inner
            .iter()
            .filter_map(types_of)
            .reduce(|left, right| left.intersection(&right).cloned().collect()),
        Condition::AnyOf(_, inner) => {
            let each: Option<Vec<_>> = inner.iter().map(types_of).collect();
            each.map(|each| each.into_iter().flatten().collect())
        }
        Condition::Not(..) => None,
        Condition::Leaf(leaf) => {
            let Subject::Field(field) = leaf.subject else {
                return None;
            };
            if !field.scalar().eq_ignore_ascii_case("type") {
                return None;
            }
            let listed = match leaf.operator.scalar().to_ascii_lowercase().as_str() {
                "equals" => vec![leaf.expected],
                "in" => leaf.expected.items().collect(),
                _ => return None,
            };
            let plain = |value: &Value<'_>| {
                let text = value.as_str()?;
                (!text.starts_with('[')).then(|| text.to_lowercase())
            };
            listed.iter().map(plain).collect()
        }
    }
}

impl Compiled<'_> {
    /// The types that the condition can hold for, in lower case; any if there is nothing.
    pub fn types(&self) -> Option<&BTreeSet<String>> {
        self.types.as_ref()
    }

    /// What the definition asks of its surroundings that an estate doesn't tell.
    pub(crate) fn unknown_surroundings(&self) -> Option<Unknown> {
        const KNOWN: [(&str, &str); 6] = [
            ("resourcegroup", "name"),
            ("resourcegroup", "id"),
            ("subscription", "subscriptionid"),
            ("subscription", "id"),
            ("policy", "assignmentid"),
            ("policy", "definitionreferenceid"),
        ];
        let mut asked = self.definition.reads.surroundings.iter();
        let (function, member) = asked
            .find(|(function, member)| !KNOWN.contains(&(function.as_str(), member.as_str())))?;
        let what = match member.is_empty() {
            true => format!("{function}()"),
            false => format!("{function}().{member}"),
        };
        Some(Unknown::because(
            format!("the definition asks for `{what}`, which an input doesn't tell"),
            "the state that Azure reports: az policy state list",
        ))
    }

    /// Whether no expression makes too large a value out of a resource and the parameters.
    pub(crate) fn fits(&self, facts: &Facts, parameters: &Datum) -> bool {
        self.growth
            .fits(|| extent(&facts.resource) + extent(parameters))
    }

    /// Whether the definition is about something that is evaluated: resources or the objects of a
    /// cluster.
    pub fn is_evaluated(&self) -> bool {
        match &self.definition.mode {
            Mode::All | Mode::Indexed => true,
            Mode::Provider(name) => name.eq_ignore_ascii_case(objects::MODE),
        }
    }

    /// Whether the definition is about resources that Azure Resource Manager keeps.
    pub fn is_about_resources(&self) -> bool {
        !matches!(self.definition.mode, Mode::Provider(_))
    }
}
