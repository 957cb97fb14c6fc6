//! The evaluator: `regorus`' front end for the language of Azure Policy.

use std::num::NonZeroU32;
use std::time::Duration;

use palisade_document::Value;
use regorus::languages::azure_policy::aliases::AliasRegistry;
use regorus::languages::azure_policy::{compiler, parser};
use regorus::rvm::RegoVM;
use regorus::rvm::vm::ExecutionMode;
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Rc, Source};

use crate::growth::{Growth, TOO_LARGE, extent};
use crate::names::Names;
use crate::parameter::Arguments;
use crate::rule_text::Writer;
use crate::value::{Datum, insert};

/// The most steps that one evaluation may take, and the longest time.
const MOST_STEPS: usize = 20_000_000;
const LONGEST: Duration = Duration::from_secs(5);

/// A compiled rule.
#[derive(Clone, Debug)]
pub(crate) struct Program(Rc<regorus::rvm::program::Program>);

impl Program {
    /// Compiles a rule; without aliases every name is a path. Why not, in the evaluator's words.
    pub(crate) fn compile(
        rule: String,
        aliases: Option<&Rc<AliasRegistry>>,
    ) -> Result<Self, String> {
        let source = Source::from_contents("rule".to_owned(), rule).map_err(|e| reason(&e))?;
        let rule = parser::parse_policy_rule(&source).map_err(|error| reason(&error))?;
        let compiled = match aliases {
            Some(aliases) => compiler::compile_policy_rule_with_aliases(&rule, Rc::clone(aliases)),
            None => compiler::compile_policy_rule(&rule),
        };
        compiled.map(Self).map_err(|error| reason(&error))
    }
}

/// The message without the excerpt of the rewritten rule.
fn reason(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let last = text.rsplit("error: ").next().unwrap_or(&text);
    last.trim().replace('\n', " ").replace("p/t/", "")
}

/// A value of a file in which the expressions are evaluated with the values of parameters.
pub(crate) fn evaluated(value: Value<'_>, own: &Arguments) -> Result<Datum, String> {
    if !Growth::of_rule(value).fits(|| extent(&own.datum())) {
        return Err(TOO_LARGE.to_owned());
    }
    let names = Names::default();
    let program = Program::compile(Writer { names: &names }.value(value), None)?;
    let nothing = Datum::new_object();
    let input = Input {
        resource: &nothing,
        parameters: &own.datum(),
        context: &nothing,
    };
    let result = Machine::new().run(&program, &input, None)?;
    let details = &result.unwrap_or(Datum::Undefined)[&Datum::from("details")];
    let first = details.as_array().ok().and_then(|items| items.first());
    let value = first.map(|first| first[&Datum::from("value")].clone());
    value.ok_or_else(|| "the expression gives nothing".to_owned())
}

/// Runs programs, one after the other.
pub(crate) struct Machine(RegoVM);

/// What an evaluation is about.
pub(crate) struct Input<'i> {
    pub(crate) resource: &'i Datum,
    pub(crate) parameters: &'i Datum,
    pub(crate) context: &'i Datum,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let mut vm = RegoVM::new();
        vm.set_max_instructions(MOST_STEPS);
        vm.set_execution_timer_config(NonZeroU32::new(10_000).map(|check_interval| {
            ExecutionTimerConfig {
                limit: LONGEST,
                check_interval,
            }
        }));
        Self(vm)
    }

    /// What a rule gives: nothing if its condition doesn't hold. `related` is the resource that
    /// a lookup finds.
    pub(crate) fn run(
        &mut self,
        program: &Program,
        input: &Input<'_>,
        related: Option<Datum>,
    ) -> Result<Option<Datum>, String> {
        self.0.set_execution_mode(ExecutionMode::RunToCompletion);
        self.prepare(program, input);
        let response = related.into_iter();
        let lookup = Datum::from("azure.policy.existence_check");
        self.0
            .set_host_await_responses(response.map(|found| (lookup.clone(), [found])));
        self.result()
    }

    /// What a rule looks for, if it looks for anything.
    pub(crate) fn lookup(
        &mut self,
        program: &Program,
        input: &Input<'_>,
    ) -> Result<Option<Datum>, String> {
        self.0.set_execution_mode(ExecutionMode::Suspendable);
        self.prepare(program, input);
        self.result()?;
        Ok(self.0.get_host_await_argument().cloned())
    }

    fn prepare(&mut self, program: &Program, input: &Input<'_>) {
        self.0.load_program(Rc::clone(&program.0));
        let mut all = Datum::new_object();
        insert(&mut all, "resource".into(), input.resource.clone());
        insert(&mut all, "parameters".into(), input.parameters.clone());
        self.0.set_input(all);
        self.0.set_context(input.context.clone());
    }

    fn result(&mut self) -> Result<Option<Datum>, String> {
        let result = self.0.execute_entry_point_by_name("main");
        match result.map_err(|error| reason(&error))? {
            Datum::Undefined => Ok(None),
            value => Ok(Some(value)),
        }
    }
}
