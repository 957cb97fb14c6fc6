//! Rego, as Gatekeeper runs it: a template's module and its libraries, asked for violations.

mod bounds;
mod calls;
mod dialect;
mod hoist;
mod retired;
mod syntax;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, Value};
use serde_json::{Value as Json, json};

/// How long the rules of one template may take over one object. Real ones take well under a
/// millisecond; the limit is for those that would never end.
const TIME: Duration = Duration::from_secs(2);
/// The longest module, in bytes.
const LONGEST: usize = 256 * 1024;

/// A compiled module.
#[derive(Clone)]
pub(crate) struct Program {
    engine: Engine,
    rule: String,
    /// Whether the module reads the other objects of the cluster.
    pub(crate) reads_inventory: bool,
}

/// What a module says about one object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Complaint {
    pub(crate) message: String,
    pub(crate) details: Option<Json>,
}

/// Why a module can't be compiled or run.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// What is wrong, in one line.
    pub(crate) message: String,
    /// The line and column in the module, from 1.
    pub(crate) place: Option<(u32, u32)>,
    /// The library it is in, counted from 0; the module itself otherwise.
    pub(crate) library: Option<usize>,
    /// Whether the module is no valid one, so that Gatekeeper would refuse it too.
    pub(crate) is_defect: bool,
}

impl Program {
    /// Compiles a module with its libraries. `is_v1` tells the version of the language.
    pub(crate) fn compile(
        module: &str,
        libraries: &[String],
        is_v1: bool,
    ) -> Result<Self, Failure> {
        let mut engine = Engine::new();
        engine.set_rego_v0(!is_v1);
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: TIME,
            check_interval: NonZeroU32::MIN.saturating_add(255),
        });
        bounds::install(&mut engine)
            .and_then(|()| retired::install(&mut engine))
            .map_err(|error| Failure::of(&error, None))?;
        let mut package = String::new();
        let sources = libraries
            .iter()
            .enumerate()
            .map(|(at, text)| (Some(at), text.as_str()));
        for (library, source) in sources.chain([(None, module)]) {
            if source.len() > LONGEST {
                return Err(Failure {
                    message: "the module is longer than 256 KiB".to_owned(),
                    place: None,
                    library,
                    is_defect: false,
                });
            }
            let source =
                dialect::adapted(source, is_v1).map_err(|error| Failure::of(&error, library))?;
            package = engine
                .add_policy(name_of(library), source)
                .map_err(|error| Failure::of(&error.to_string(), library))?;
        }
        let all: Vec<_> = libraries
            .iter()
            .map(String::as_str)
            .chain([module])
            .collect();
        check_calls(&all, is_v1)?;
        let rule = format!("{package}.violation");
        let mut program = Self {
            engine,
            rule,
            reads_inventory: module.contains("inventory")
                || libraries
                    .iter()
                    .any(|library| library.contains("inventory")),
        };
        // What is undefined or not supported shows only when the module is asked.
        program.probe()?;
        Ok(program)
    }

    /// Asks about nothing, to see that the module can be asked at all.
    fn probe(&mut self) -> Result<(), Failure> {
        let mut engine = self.engine.clone();
        engine.set_input(Value::from(json!({"review": {}, "parameters": {}})));
        match engine.eval_rule(self.rule.clone()) {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::of(&format!("{error:#}"), None)),
        }
    }

    /// Gives the module the other objects of the cluster.
    pub(crate) fn set_inventory(&mut self, inventory: &Arc<Value>) -> Result<(), Failure> {
        self.engine.clear_data();
        let data = Value::clone(inventory);
        self.engine
            .add_data(data)
            .map_err(|error| Failure::of(&error.to_string(), None))
    }

    /// The violations that the module finds.
    pub(crate) fn violations(
        &mut self,
        review: &Value,
        parameters: &Value,
    ) -> Result<Vec<Complaint>, Failure> {
        let input = [("review", review), ("parameters", parameters)];
        let input = input.map(|(name, value)| (Value::from(name), value.clone()));
        self.engine.set_input(Value::from(BTreeMap::from(input)));
        let found = self
            .engine
            .eval_rule(self.rule.clone())
            .map_err(|error| Failure::of(&format!("{error:#}"), None))?;
        let found = serde_json::to_value(&found).unwrap_or_default();
        let Json::Array(found) = found else {
            return Ok(Vec::new());
        };
        found.into_iter().map(complaint).collect()
    }
}

fn check_calls(sources: &[&str], is_v1: bool) -> Result<(), Failure> {
    let modules: Result<Vec<_>, _> = sources
        .iter()
        .map(|source| dialect::parsed(source, is_v1))
        .collect();
    let modules = modules.map_err(|error| Failure::of(&error, None))?;
    calls::check(&modules).map_err(|message| Failure {
        message,
        place: None,
        library: None,
        is_defect: false,
    })
}

fn complaint(found: Json) -> Result<Complaint, Failure> {
    let Some(message) = found.get("msg").and_then(Json::as_str) else {
        return Err(Failure {
            message: "a violation has no `msg`, which Gatekeeper refuses".to_owned(),
            place: None,
            library: None,
            is_defect: true,
        });
    };
    Ok(Complaint {
        message: message.to_owned(),
        details: found.get("details").cloned(),
    })
}

/// The name by which the engine's messages mean a module.
fn name_of(library: Option<usize>) -> String {
    library.map_or_else(|| "module".to_owned(), |at| format!("library{at}"))
}

impl Failure {
    /// Reads a message of the engine: the sentence after `error:` and the place before it.
    fn of(text: &str, library: Option<usize>) -> Self {
        let arrow = text
            .split("--> ")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        let mut parts = arrow.unwrap_or_default().split(':');
        let file = parts.next().unwrap_or_default();
        let mut number = || parts.next()?.trim().parse::<u32>().ok();
        let place = number().zip(number());
        let sentence = text
            .split("error: ")
            .nth(1)
            .unwrap_or(text)
            .lines()
            .next()
            .unwrap_or_default();
        let is_slow = text.contains("execution exceeded time limit") || text.contains("time limit");
        let bounds = [bounds::TOO_LARGE, bounds::LARGE_PATTERN];
        let bound = bounds.into_iter().find(|bound| text.contains(bound));
        Self {
            message: match (bound, is_slow) {
                (Some(bound), _) => bound.to_owned(),
                (None, true) => format!(
                    "the rules take longer than {} s over one object",
                    TIME.as_secs()
                ),
                (None, false) => sentence.trim().trim_end_matches('.').to_owned(),
            },
            place,
            library: file
                .strip_prefix("library")
                .and_then(|at| at.parse().ok())
                .or(library),
            is_defect: !is_slow
                && bound.is_none()
                && !text.contains(dialect::TOO_DEEP)
                && !text.contains("could not find function"),
        }
    }
}

#[cfg(test)]
mod tests;
