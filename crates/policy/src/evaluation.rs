//! Whether definitions hold for a resource.

use std::collections::BTreeSet;

use palisade_document::Value;
use palisade_estate::Unknown;
use regorus::Rc;
use regorus::languages::azure_policy::aliases::AliasRegistry;

use crate::aliases::Catalogue;
use crate::condition::{Condition, Leaf, Subject};
use crate::definition::{Definition, Mode};
use crate::effect::Effect;
use crate::expression::{self, Reads};
use crate::facts::{Body, Facts};
use crate::names::Names;
use crate::parameter::Arguments;
use crate::program::{Input, Machine, Program};
use crate::rule_text::Writer;
use crate::value::Datum;

/// Why a definition gives no verdict: "the alias … isn't in the catalogue". Lower case, no final
/// stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEvaluated(pub String);

/// What a definition says about a resource.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Its condition doesn't hold.
    NotMet,
    /// Its condition holds, and a related resource is as it should be.
    Satisfied,
    /// Its effect is off.
    Disabled,
    /// Its condition holds and the effect follows.
    Fires(Fired),
    /// The input doesn't tell.
    Unknown(Unknown),
}

/// An effect that follows.
#[derive(Clone, Debug)]
pub struct Fired {
    /// The effect.
    pub effect: Effect,
    /// The effect as the definition or its parameter writes it.
    pub written: String,
    /// What a modify, append or a missing resource is about, evaluated.
    pub details: Option<Datum>,
    /// Whether an absence that isn't certain decided: the input holds others of the kind.
    pub is_assumed: bool,
}

/// What an effect looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The resource type.
    pub resource_type: String,
    /// The name, if it must have a certain one.
    pub name: Option<String>,
    /// The resource group, if it isn't that of the resource.
    pub resource_group: Option<String>,
    /// Whether it may be anywhere in the subscription.
    pub is_in_subscription: bool,
}

/// The resources that a lookup finds.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// What is read of each.
    pub facts: Vec<Facts>,
    /// Why there may be others, if there may.
    pub others: Option<Unknown>,
    /// Whether that there are no others is an assumption.
    pub is_assumed: bool,
}

/// Definitions with the aliases that they use, compiled.
#[derive(Debug)]
pub struct Rulebook<'d> {
    names: Names,
    registry: Option<Rc<AliasRegistry>>,
    rules: Vec<Result<Compiled<'d>, NotEvaluated>>,
}

/// A compiled definition.
#[derive(Debug)]
pub struct Compiled<'d> {
    /// The definition.
    pub definition: Definition<'d>,
    condition: Program,
    /// What tells the effect where it is an expression.
    effect: Option<Program>,
    existence: Option<Program>,
    operations: Option<Program>,
    /// What the condition reads, by the evaluator's names.
    reads: Vec<String>,
    /// What the condition on a related resource reads of it.
    related_reads: Vec<String>,
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

    fn writer(&self) -> Writer<'_> {
        Writer { names: &self.names }
    }

    fn program(&self, rule: String) -> Result<Program, NotEvaluated> {
        Program::compile(rule, self.registry.as_ref()).map_err(NotEvaluated)
    }

    fn compile(&self, definition: Definition<'d>) -> Result<Compiled<'d>, NotEvaluated> {
        let writer = self.writer();
        let part = |rule: Option<String>| rule.map(|rule| self.program(rule)).transpose();
        let existence = definition.rule.then.existence.as_ref();
        Ok(Compiled {
            condition: self.program(writer.condition(definition.rule.condition_text))?,
            effect: part(writer.effect(&definition))?,
            existence: part(writer.existence(&definition))?,
            operations: part(writer.operations(&definition))?,
            reads: self.keys(&definition.rule.condition),
            related_reads: existence.map(|inner| self.keys(inner)).unwrap_or_default(),
            types: types_of(&definition.rule.condition),
            definition,
        })
    }

    /// What a condition reads, by the evaluator's names.
    fn keys(&self, condition: &Condition<'_>) -> Vec<String> {
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
fn changed_fields<'d>(definition: &Definition<'d>) -> impl Iterator<Item = &'d str> + use<'d> {
    let details = definition.rule.then.details;
    let operations = details.and_then(|details| details.get_ignore_case("operations"));
    let list = operations.or(details).into_iter().flat_map(Value::items);
    list.filter_map(|item| item.get_ignore_case("field")?.as_str())
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
fn types_of(condition: &Condition<'_>) -> Option<BTreeSet<String>> {
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
    /// Whether the condition can hold for resources of a type in lower case.
    pub fn concerns(&self, resource_type: &str) -> bool {
        let types = self.types.as_ref();
        types.is_none_or(|types| types.contains(resource_type))
    }

    /// Whether the definition is about resources that Azure Resource Manager keeps.
    pub fn is_about_resources(&self) -> bool {
        !matches!(self.definition.mode, Mode::Provider(_))
    }
}

/// Asks definitions about resources, one after the other.
pub struct Asker<'r, 'd> {
    rulebook: &'r Rulebook<'d>,
    machine: Machine,
}

impl std::fmt::Debug for Asker<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Asker")
    }
}

/// What a definition is asked with.
#[derive(Clone, Debug)]
pub struct Question<'q> {
    /// The resource.
    pub facts: &'q Facts,
    /// The parameters' values.
    pub arguments: &'q Arguments,
    /// What the surroundings tell: `resourceGroup`, `subscription` and the like.
    pub context: &'q Datum,
    /// The effect that an override puts in place of the definition's.
    pub effect: Option<Effect>,
}

impl<'r, 'd> Asker<'r, 'd> {
    /// An asker with a machine of its own; each thread needs one.
    pub fn new(rulebook: &'r Rulebook<'d>) -> Self {
        Self {
            rulebook,
            machine: Machine::new(),
        }
    }

    /// What a definition says. `find` looks for related resources.
    pub fn ask(
        &mut self,
        compiled: &Compiled<'d>,
        question: &Question<'_>,
        find: &mut dyn FnMut(&Lookup) -> Candidates,
    ) -> Result<Answer, NotEvaluated> {
        let parameters = question.arguments.datum();
        let input = Input {
            resource: &question.facts.resource,
            parameters: &parameters,
            context: question.context,
        };
        let (effect, written) = match question.effect {
            Some(effect) => (effect, effect.as_str().to_owned()),
            None => self.effect(compiled, &input)?,
        };
        if effect == Effect::Disabled {
            return Ok(Answer::Disabled);
        }
        match self.condition(compiled, question.facts, &input)? {
            Truth::False => return Ok(Answer::NotMet),
            Truth::Unknown(unknown) => return Ok(Answer::Unknown(unknown)),
            Truth::True => {}
        }
        let mut fired = Fired {
            effect,
            written,
            details: None,
            is_assumed: false,
        };
        if effect.looks_for_another() {
            return self.existence(compiled, &input, fired, find);
        }
        if let Some(operations) = compiled.operations.as_ref().filter(|_| effect.changes()) {
            let result = self.machine.run(operations, &input, None);
            fired.details = details(result.map_err(NotEvaluated)?);
        }
        Ok(Answer::Fires(fired))
    }

    fn effect(
        &mut self,
        compiled: &Compiled<'d>,
        input: &Input<'_>,
    ) -> Result<(Effect, String), NotEvaluated> {
        let written = compiled.definition.rule.then.effect.scalar();
        let name = match &compiled.effect {
            None => written.to_owned(),
            Some(program) => {
                let result = self.machine.run(program, input, None);
                // A rule that gives nothing is one whose effect is off.
                match result.map_err(NotEvaluated)? {
                    None => Effect::Disabled.as_str().to_owned(),
                    Some(result) => {
                        let name = result[&Datum::from("effect")].as_string();
                        name.map(|name| name.to_string()).unwrap_or_default()
                    }
                }
            }
        };
        match Effect::named(&name) {
            Some(effect) => Ok((effect, name)),
            None => Err(NotEvaluated(format!("`{name}` is no effect"))),
        }
    }

    fn condition(
        &mut self,
        compiled: &Compiled<'d>,
        facts: &Facts,
        input: &Input<'_>,
    ) -> Result<Truth, NotEvaluated> {
        if facts.unknown_among(&compiled.reads).is_some() {
            return self.truth(&compiled.definition.rule.condition, facts, input);
        }
        let result = self.machine.run(&compiled.condition, input, None);
        result
            .map(|fired| Truth::of(fired.is_some()))
            .map_err(NotEvaluated)
    }

    /// The truth of a condition some of whose comparisons read what isn't known: the others may
    /// decide it all the same.
    fn truth(
        &mut self,
        condition: &Condition<'d>,
        facts: &Facts,
        input: &Input<'_>,
    ) -> Result<Truth, NotEvaluated> {
        match condition {
            Condition::AllOf(_, inner) => {
                let mut all = Truth::True;
                for condition in inner {
                    match self.truth(condition, facts, input)? {
                        Truth::False => return Ok(Truth::False),
                        Truth::Unknown(unknown) if matches!(all, Truth::True) => {
                            all = Truth::Unknown(unknown);
                        }
                        _ => {}
                    }
                }
                Ok(all)
            }
            Condition::AnyOf(_, inner) => {
                let mut any = Truth::False;
                for condition in inner {
                    match self.truth(condition, facts, input)? {
                        Truth::True => return Ok(Truth::True),
                        Truth::Unknown(unknown) if matches!(any, Truth::False) => {
                            any = Truth::Unknown(unknown);
                        }
                        _ => {}
                    }
                }
                Ok(any)
            }
            Condition::Not(_, inner) => Ok(match self.truth(inner, facts, input)? {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                unknown => unknown,
            }),
            Condition::Leaf(leaf) => match facts.unknown_among(&self.rulebook.keys(condition)) {
                Some(unknown) => Ok(Truth::Unknown(unknown)),
                None => self.leaf(leaf, input),
            },
        }
    }

    /// The truth of one comparison by itself.
    pub(crate) fn leaf(
        &mut self,
        leaf: &Leaf<'d>,
        input: &Input<'_>,
    ) -> Result<Truth, NotEvaluated> {
        let rule = self.rulebook.writer().condition(leaf.value);
        let program = self.rulebook.program(rule)?;
        let result = self.machine.run(&program, input, None);
        result
            .map(|fired| Truth::of(fired.is_some()))
            .map_err(NotEvaluated)
    }

    fn existence(
        &mut self,
        compiled: &Compiled<'d>,
        input: &Input<'_>,
        mut fired: Fired,
        find: &mut dyn FnMut(&Lookup) -> Candidates,
    ) -> Result<Answer, NotEvaluated> {
        let Some(program) = &compiled.existence else {
            let message = "the effect needs `details` that say which resource it looks for";
            return Err(NotEvaluated(message.to_owned()));
        };
        let asked = self.machine.lookup(program, input).map_err(NotEvaluated)?;
        let lookup = Lookup::read(asked.as_ref().unwrap_or(&Datum::Null));
        let candidates = find(&lookup);
        let mut unclear = candidates.others;
        for facts in &candidates.facts {
            if let Some(unknown) = facts.unknown_among(&compiled.related_reads) {
                unclear = unclear.or(Some(unknown));
                continue;
            }
            let related = Some(facts.resource.clone());
            let result = self.machine.run(program, input, related);
            if result.map_err(NotEvaluated)?.is_none() {
                return Ok(Answer::Satisfied);
            }
        }
        if let Some(unknown) = unclear {
            return Ok(Answer::Unknown(unknown));
        }
        let result = self.machine.run(program, input, Some(Datum::Null));
        fired.details = details(result.map_err(NotEvaluated)?);
        fired.is_assumed = candidates.is_assumed;
        Ok(Answer::Fires(fired))
    }
}

/// The details of what a rule gives.
fn details(result: Option<Datum>) -> Option<Datum> {
    let details = result?[&Datum::from("details")].clone();
    (!matches!(details, Datum::Undefined)).then_some(details)
}

impl Lookup {
    fn read(asked: &Datum) -> Self {
        let text = |key: &str| {
            let text = asked[&Datum::from(key)].as_string().ok()?;
            (!text.is_empty()).then(|| text.to_string())
        };
        let scope = text("existenceScope").unwrap_or_default();
        Self {
            resource_type: text("type").unwrap_or_default(),
            name: text("name"),
            resource_group: text("resourceGroupName"),
            is_in_subscription: scope.eq_ignore_ascii_case("subscription"),
        }
    }
}

/// Whether a condition holds.
#[derive(Clone, Debug)]
pub(crate) enum Truth {
    True,
    False,
    Unknown(Unknown),
}

impl Truth {
    fn of(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}
