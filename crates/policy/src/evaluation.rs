//! Whether definitions hold for a resource.

use std::collections::{BTreeMap, HashMap};

use palisade_document::{NodeId, Value};
use palisade_estate::Unknown;

use crate::condition::{Condition, Leaf};
use crate::effect::Effect;
use crate::facts::{self, Body, Facts};
use crate::growth::TOO_LARGE;
use crate::parameter::Arguments;
use crate::program::{Input, Machine, Program};
use crate::rulebook::{Compiled, Rulebook};
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
    /// Whether the conditions of single operations hold, by their places; those of the others
    /// depend on the request.
    pub conditions: BTreeMap<usize, bool>,
    /// Whether an absence that isn't certain decided: the input holds others of the kind.
    pub is_assumed: bool,
    /// Whether another definition changes the same setting otherwise, so that Azure carries out
    /// neither.
    pub is_in_conflict: bool,
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

/// Asks definitions about resources, one after the other.
pub struct Asker<'r, 'd> {
    rulebook: &'r Rulebook<'d>,
    machine: Machine,
    /// The comparisons that were asked by themselves, by where they stand.
    leaves: HashMap<(usize, NodeId), Program>,
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
            leaves: HashMap::new(),
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
        if !compiled.fits(question.facts, &parameters) {
            return Err(NotEvaluated(TOO_LARGE.to_owned()));
        }
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
            conditions: BTreeMap::new(),
            is_assumed: false,
            is_in_conflict: false,
        };
        if effect.looks_for_another() {
            return self.existence(compiled, &input, fired, find);
        }
        if let Some(operations) = compiled.operations.as_ref().filter(|_| effect.changes()) {
            let result = self.machine.run(operations, &input, None);
            fired.details = details(result.map_err(NotEvaluated)?);
            fired.conditions = self.conditions(compiled, &input);
        }
        Ok(Answer::Fires(fired))
    }

    /// Whether the conditions of single operations hold, where that can be told.
    fn conditions(&mut self, compiled: &Compiled<'d>, input: &Input<'_>) -> BTreeMap<usize, bool> {
        let conditions = compiled.operation_conditions.iter();
        let known = conditions.filter_map(|(at, program)| {
            let fired = self.machine.run(program.as_ref()?, input, None).ok()?;
            Some((*at, fired.is_some()))
        });
        known.collect()
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

    /// Whether a definition is about a resource at all.
    pub fn is_applicable(
        &mut self,
        compiled: &Compiled<'d>,
        question: &Question<'_>,
    ) -> Result<bool, NotEvaluated> {
        let input = Input {
            resource: &question.facts.resource,
            parameters: &question.arguments.datum(),
            context: question.context,
        };
        let result = self.machine.run(&compiled.applicability, &input, None);
        result.map(|fired| fired.is_some()).map_err(NotEvaluated)
    }

    pub(crate) fn condition(
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
            Condition::Leaf(leaf) => self.known_truth(condition, leaf, facts, input),
        }
    }

    /// The truth of one comparison by itself, unless it reads what isn't known.
    pub(crate) fn known_truth(
        &mut self,
        condition: &Condition<'d>,
        leaf: &Leaf<'d>,
        facts: &Facts,
        input: &Input<'_>,
    ) -> Result<Truth, NotEvaluated> {
        if let Some(unknown) = facts.unknown_among(&self.rulebook.keys(condition)) {
            return Ok(Truth::Unknown(unknown));
        }
        let key = (
            std::ptr::from_ref(leaf.value.document()).addr(),
            leaf.value.node(),
        );
        let program = match self.leaves.get(&key) {
            Some(program) => program.clone(),
            None => {
                let rule = self.rulebook.writer().condition(leaf.value);
                let program = self.rulebook.program(rule)?;
                self.leaves.insert(key, program.clone());
                program
            }
        };
        let result = self.machine.run(&program, input, None);
        result
            .map(|fired| Truth::of(fired.is_some()))
            .map_err(NotEvaluated)
    }

    /// What a field finds in a resource.
    pub(crate) fn seen(&self, field: &str, body: &Body<'d>) -> Vec<Value<'d>> {
        facts::seen(field, body, &self.rulebook.names)
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
            if !compiled.fits(facts, input.parameters) {
                return Err(NotEvaluated(TOO_LARGE.to_owned()));
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
