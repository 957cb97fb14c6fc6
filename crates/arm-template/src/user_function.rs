//! Functions of the template's author (Microsoft Learn, "User-defined functions in ARM
//! templates", 2025).

use std::rc::Rc;

use palisade_document::{Derived, Value};

use crate::environment::{Context, Env};
use crate::evaluator::Evaluator;
use crate::fault::{Fault, Outcome};

/// Calls a function with arguments; in its body only they are visible.
pub(crate) fn call<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    function: Value<'d>,
    name: &str,
    values: &[Derived],
) -> Outcome {
    let wanted = function.get_ignore_case("parameters");
    let wanted: Vec<_> = wanted.into_iter().flat_map(Value::items).collect();
    if wanted.len() != values.len() {
        let message = format!(
            "`{name}` takes {} arguments, not {}",
            wanted.len(),
            values.len()
        );
        return Err(Fault::new(message));
    }
    let names = wanted.iter().map(|parameter| {
        let name = parameter.get_ignore_case("name").and_then(Value::as_str);
        name.unwrap_or_default().to_ascii_lowercase()
    });
    let arguments = names.zip(values.iter().cloned()).collect();
    let Some(output) = function
        .get_ignore_case("output")
        .and_then(|output| output.get_ignore_case("value"))
    else {
        return Err(Fault::new(format!("`{name}` has no output")));
    };
    let Some(_deeper) = evaluator.deeper() else {
        return Err(Fault::new("expressions lead into each other too deeply")
            .with_help("a function or variable may call itself without an end"));
    };
    let env = Env {
        arguments: Some(Rc::new(arguments)),
        ..Env::new(Rc::clone(&context.env.names))
    };
    Ok(evaluator.value(&env, output))
}
