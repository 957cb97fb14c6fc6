//! What is to be asked: the definitions that assignments put in force, or some that were chosen.

use std::collections::HashMap;

use palisade_document::Value;
use palisade_estate::azure::PolicyAssignment;
use palisade_estate::{Estate, Field, Unknown};

use crate::assignment;
use crate::builtin;
use crate::definition::Definition;
use crate::initiative::Initiative;
use crate::library::{Library, Origin, is_initiative};
use crate::parameter::Arguments;
use crate::reading::Remark;

/// Definitions with what puts them in force.
#[derive(Default)]
pub struct Plan<'e> {
    /// The definitions, each once.
    pub definitions: Vec<Definition<'e>>,
    /// What puts them in force.
    pub planned: Vec<Planned<'e>>,
    /// What is wrong with definitions and initiatives.
    pub remarks: Vec<Remark<'e>>,
    /// What can't be asked.
    pub missing: Vec<Missing<'e>>,
    /// The places of the definitions by where they stand.
    known: HashMap<(u32, usize, palisade_document::NodeId), Option<usize>>,
}

/// A definition as something puts it in force.
#[derive(Clone)]
pub struct Planned<'e> {
    /// The definition, by its place in the plan.
    pub rule: usize,
    /// The id or name by which it was asked for; empty for one of a file.
    pub id: String,
    /// Where the definition comes from.
    pub origin: Origin,
    /// The assignment; nothing for what was chosen.
    pub assignment: Option<PolicyAssignment<'e>>,
    /// The name of the initiative that it is a member of.
    pub initiative: Option<String>,
    /// Its name in the initiative.
    pub reference: Option<String>,
    /// Its groups in the initiative.
    pub groups: Vec<String>,
    /// The values of its parameters, or why they aren't known.
    pub arguments: Result<Arguments, Unknown>,
}

/// What is in force but can't be asked.
#[derive(Clone)]
pub struct Missing<'e> {
    /// The assignment.
    pub assignment: Option<PolicyAssignment<'e>>,
    /// The id of the definition or initiative.
    pub id: String,
    /// Why, and what to supply.
    pub why: Unknown,
}

/// Who puts a definition in force.
#[derive(Clone, Default)]
struct By<'e> {
    assignment: Option<PolicyAssignment<'e>>,
    initiative: Option<String>,
    reference: Option<String>,
    groups: Vec<String>,
}

impl<'e> Plan<'e> {
    /// What the assignments of an estate put in force.
    pub fn of_assignments(estate: &'e Estate, library: &Library<'e>) -> Self {
        let mut plan = Self::default();
        for assignment in estate.all::<PolicyAssignment<'e>>() {
            let by = By {
                assignment: Some(assignment),
                ..By::default()
            };
            let id = match assignment.definition() {
                Field::Present(id, _) => id.as_str().to_owned(),
                Field::Absent(_) => {
                    let why = Unknown::because("it names no definition", "`policyDefinitionId`");
                    plan.miss(&by, "", why);
                    continue;
                }
                Field::Unknown(why) => {
                    plan.miss(&by, "", why);
                    continue;
                }
            };
            match assignment::arguments(&assignment) {
                Ok(arguments) => plan.add(&id, Ok(arguments), by, library),
                Err(unknown) => plan.add(&id, Err(unknown), by, library),
            }
        }
        plan
    }

    /// A definition or an initiative of a file, with the values given to its parameters.
    pub fn of_value(&mut self, value: Value<'e>, arguments: Arguments, library: &Library<'e>) {
        let arguments = Ok(arguments);
        match Initiative::is_one(value) {
            true => self.add_initiative(value, arguments, By::default(), library),
            false => self.add_definition("", value, Origin::Input, arguments, By::default()),
        }
    }

    /// Adds the definitions that Palisade brings and that nothing puts in force.
    pub fn add_unassigned(&mut self, library: &Library<'e>) {
        for (name, _) in builtin::definitions() {
            let Some((value, origin)) = library.definition(name) else {
                continue;
            };
            let rule = self.known(value);
            let is_planned = self
                .planned
                .iter()
                .any(|planned| Some(planned.rule) == rule);
            if !is_planned {
                self.add_definition(name, value, origin, Ok(Arguments::default()), By::default());
            }
        }
    }

    /// One definition or initiative by its id or name, as if it were assigned with the values
    /// given to its parameters.
    pub fn of_choice(&mut self, id: &str, arguments: Arguments, library: &Library<'e>) {
        let arguments = Ok(arguments);
        match library.initiative(id) {
            Some(initiative) => self.add_initiative(initiative, arguments, By::default(), library),
            None => self.add(id, arguments, By::default(), library),
        }
    }

    fn add(
        &mut self,
        id: &str,
        arguments: Result<Arguments, Unknown>,
        by: By<'e>,
        library: &Library<'e>,
    ) {
        if is_initiative(id) {
            match library.initiative(id) {
                Some(initiative) => self.add_initiative(initiative, arguments, by, library),
                None => self.miss(&by, id, outside("initiative", "set-definition", id)),
            }
            return;
        }
        match library.definition(id) {
            Some((value, origin)) => self.add_definition(id, value, origin, arguments, by),
            None => self.miss(&by, id, outside("definition", "definition", id)),
        }
    }

    fn add_definition(
        &mut self,
        id: &str,
        value: Value<'e>,
        origin: Origin,
        arguments: Result<Arguments, Unknown>,
        by: By<'e>,
    ) {
        let Some(rule) = self.known(value) else {
            let why = Unknown::because("the definition can't be read", "correct the definition");
            self.miss(&by, id, why);
            return;
        };
        let declared = &self.definitions[rule].parameters;
        let arguments = arguments.and_then(|given| {
            let complete = given.complete(declared);
            complete.map_err(|why| Unknown::because(why, "correct the parameters"))
        });
        let arguments = arguments.and_then(|arguments| {
            let mut named = self.definitions[rule].needed.iter();
            match named.find(|name| !arguments.0.contains_key(*name)) {
                None => Ok(arguments),
                Some(name) => Err(Unknown::because(
                    format!("the parameter `{name}` has no value"),
                    "an assignment that gives it one",
                )),
            }
        });
        self.planned.push(Planned {
            rule,
            id: id.to_owned(),
            origin,
            assignment: by.assignment,
            initiative: by.initiative,
            reference: by.reference,
            groups: by.groups,
            arguments,
        });
    }

    /// The place of a definition among those that can be read.
    fn known(&mut self, value: Value<'e>) -> Option<usize> {
        let document = std::ptr::from_ref(value.document()).addr();
        let key = (value.document().id().0, document, value.node());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let (definition, remarks) = Definition::read(value);
        self.remarks.extend(remarks);
        let place = definition.map(|definition| {
            self.definitions.push(definition);
            self.definitions.len() - 1
        });
        self.known.insert(key, place);
        place
    }

    fn add_initiative(
        &mut self,
        value: Value<'e>,
        arguments: Result<Arguments, Unknown>,
        by: By<'e>,
        library: &Library<'e>,
    ) {
        let (initiative, remarks) = Initiative::read(value);
        self.remarks.extend(remarks);
        let arguments = arguments.and_then(|given| {
            let complete = given.complete(&initiative.parameters);
            complete.map_err(|why| Unknown::because(why, "correct the parameters"))
        });
        for member in &initiative.members {
            let by = By {
                assignment: by.assignment,
                initiative: Some(initiative.title().to_owned()),
                reference: member.reference.map(str::to_owned),
                groups: member
                    .groups
                    .iter()
                    .map(|&group| group.to_owned())
                    .collect(),
            };
            let passed = arguments.clone().and_then(|own| {
                let passed = member.arguments(&own);
                passed.map_err(|why| Unknown::because(why, "the initiative's parameters"))
            });
            match library.definition(member.definition) {
                Some((value, origin)) => {
                    self.add_definition(member.definition, value, origin, passed, by);
                }
                None => {
                    let id = member.definition;
                    self.miss(&by, id, outside("definition", "definition", id));
                }
            }
        }
    }

    fn miss(&mut self, by: &By<'e>, id: &str, why: Unknown) {
        self.missing.push(Missing {
            assignment: by.assignment,
            id: id.to_owned(),
            why,
        });
    }
}

fn outside(what: &str, command: &str, id: &str) -> Unknown {
    let name = id.rsplit('/').next().unwrap_or(id);
    Unknown::because(
        format!("the {what} `{name}` isn't in the input"),
        format!("az policy {command} show --name {name}"),
    )
}
