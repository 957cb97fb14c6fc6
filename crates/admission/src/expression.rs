//! The Common Expression Language, as the API server reads it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use cel::common::ast::{EntryExpr, Expr, LiteralValue};
use cel::objects::{Key, Map};
use cel::{Context, Env, ExecutionError, IdedExpr, Program, Value};
use serde_json::Value as Json;

use crate::candidate::Asked;

/// How many steps an expression may take at most, as its nested loops over the longest list and
/// mapping would. The API server has such a limit too.
const STEPS: usize = 20_000_000;
/// The most bytes and items that the value of a variable may have, and that all the texts that an
/// expression joins may come to.
const LARGEST: usize = 4_000_000;
/// Functions that make a text of several.
const JOINING: [&str; 4] = ["_+_", "format", "join", "replace"];
/// The longest expression, in bytes.
const LONGEST: usize = 16 * 1024;

/// The language with the library that the API server adds and that is known here: strings.
/// Quantities, addresses, URLs, regular expressions and the authorizer are not.
static ENVIRONMENT: LazyLock<Option<Arc<Env>>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    env.add_extension(cel::extensions::strings).ok()?;
    Some(Arc::new(env))
});

/// An expression that can be evaluated.
pub(crate) struct Expression {
    program: Program,
    text: String,
    shape: Shape,
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Trouble {
    /// It can't be evaluated here.
    Unsupported(String),
    /// It fails, here as in the API server.
    Failed(String),
}

impl Expression {
    /// Reads an expression; `Err` says why it is none.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err("the expression is longer than 16 KiB".to_owned());
        }
        let environment = ENVIRONMENT
            .as_ref()
            .ok_or("the language is not available")?;
        let program = environment.compile(text).map_err(|errors| {
            let message = errors.to_string();
            let first = message.lines().next().unwrap_or_default();
            let sentence = first.rsplit("ERROR: ").next().unwrap_or(first);
            format!("the expression is not valid: {sentence}")
        })?;
        let mut shape = Shape::new();
        shape.walk(program.expression(), 0);
        Ok(Self {
            program,
            text: text.to_owned(),
            shape,
        })
    }

    /// The expression as it is written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The fields that it reads of a variable: each a path below it.
    pub(crate) fn reads<'x>(&'x self, variable: &'x str) -> impl Iterator<Item = &'x [String]> {
        let paths = self.shape.paths.iter();
        let of_variable =
            paths.filter(move |path| path.first().is_some_and(|first| first == variable));
        of_variable.map(|path| &path[1..])
    }

    /// Its value in a scope.
    pub(crate) fn evaluate(&self, scope: &Scope) -> Result<Value, Trouble> {
        let shape = &self.shape;
        let longest = match shape.splits {
            true => scope.longest.max(scope.heaviest),
            false => scope.longest,
        };
        let width = longest.max(shape.size);
        let steps = (0..shape.loops).try_fold(shape.size, |steps, _| steps.checked_mul(width));
        let steps = steps.filter(|&steps| {
            let longest_text = scope.heaviest.max(self.text.len());
            let joined = steps
                .saturating_mul(longest_text.saturating_pow(shape.products + 1))
                .saturating_mul(shape.growth);
            steps <= STEPS && (!shape.joins || joined <= LARGEST.saturating_mul(64))
        });
        if steps.is_none() {
            let cause = format!("`{}` may take too many steps or too much memory", self.text);
            return Err(Trouble::Unsupported(cause));
        }
        self.program
            .execute(&scope.context)
            .map_err(|error| trouble(&self.text, &error))
    }
}

fn trouble(text: &str, error: &ExecutionError) -> Trouble {
    match error {
        ExecutionError::UndeclaredReference(name) => {
            Trouble::Unsupported(format!("`{name}` in `{text}` is not known here"))
        }
        // A function that the API server has for other types, or a real mistake.
        ExecutionError::NoSuchOverload(_)
        | ExecutionError::NotSupportedAsMethod { .. }
        | ExecutionError::UnsupportedTargetType { .. }
        | ExecutionError::InvalidArgumentCount { .. }
        | ExecutionError::InternalError(_) => {
            Trouble::Unsupported(format!("`{text}` can't be evaluated here: {error}"))
        }
        _ => Trouble::Failed(format!("expression '{text}' resulted in error: {error}")),
    }
}

/// The variables that expressions read.
pub(crate) struct Scope {
    context: Context<'static, 'static>,
    /// The most items or members that any value in it has.
    longest: usize,
    /// The bytes of the longest text in it.
    heaviest: usize,
    /// Whether the request was recorded, so that it tells who asks and how.
    pub(crate) is_recorded: bool,
}

impl Scope {
    pub(crate) fn new() -> Self {
        let environment = ENVIRONMENT.as_ref();
        Self {
            context: environment.map_or_else(Context::empty, |environment| {
                Context::with_env(Arc::clone(environment))
            }),
            longest: 16,
            heaviest: 16,
            is_recorded: false,
        }
    }

    /// The scope of a request.
    pub(crate) fn of(asked: &Asked) -> Self {
        let mut scope = Self::new();
        scope.is_recorded = asked.is_recorded;
        scope.set("object", &asked.object);
        scope.set("oldObject", &asked.old_object);
        scope.set("request", &asked.request);
        scope
    }

    pub(crate) fn set(&mut self, name: &str, value: &Json) {
        self.set_value(name, value_of(value));
    }

    pub(crate) fn set_value(&mut self, name: &str, value: Value) {
        self.measure(&value);
        self.context.add_variable_from_value(name, value);
    }

    fn measure(&mut self, value: &Value) {
        match value {
            Value::List(items) => {
                self.longest = self.longest.max(items.len());
                items.iter().for_each(|item| self.measure(item));
            }
            Value::Map(map) => {
                self.longest = self.longest.max(map.map.len());
                map.map.values().for_each(|member| self.measure(member));
            }
            Value::String(text) => self.heaviest = self.heaviest.max(text.len()),
            _ => {}
        }
    }
}

/// Whether a value is larger than a variable's may be.
pub(crate) fn is_large(value: &Value) -> bool {
    fn weigh(value: &Value, left: usize) -> Option<usize> {
        let left = left.checked_sub(1)?;
        match value {
            Value::List(items) => items.iter().try_fold(left, |left, item| weigh(item, left)),
            Value::Map(map) => map
                .map
                .values()
                .try_fold(left, |left, item| weigh(item, left)),
            Value::String(text) => left.checked_sub(text.len()),
            _ => Some(left),
        }
    }
    weigh(value, LARGEST).is_none()
}

/// JSON as the API server gives it to expressions: whole numbers are `int`.
pub(crate) fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::String(Arc::new(text.clone())),
        Json::Array(items) => Value::List(Arc::new(items.iter().map(value_of).collect())),
        Json::Object(members) => Value::Map(map(members
            .iter()
            .map(|(key, value)| (key.clone(), value_of(value))))),
    }
}

/// A mapping with names for keys.
pub(crate) fn map(members: impl Iterator<Item = (String, Value)>) -> Map {
    let members: HashMap<Key, Value> = members
        .map(|(key, value)| (Key::from(key), value))
        .collect();
    Map {
        map: Arc::new(members),
    }
}

/// What an expression is made of.
struct Shape {
    /// Paths of fields that it reads, each from a variable down.
    paths: BTreeSet<Vec<String>>,
    loops: usize,
    size: usize,
    joins: bool,
    splits: bool,
    /// By how much texts grow by being put in place of others: the lengths of those that are
    /// written out, multiplied, and the number of those that aren't.
    growth: usize,
    products: u32,
}

impl Shape {
    fn new() -> Self {
        Self {
            paths: BTreeSet::new(),
            loops: 0,
            size: 0,
            joins: false,
            splits: false,
            growth: 1,
            products: 0,
        }
    }

    fn walk(&mut self, at: &IdedExpr, loops: usize) {
        self.size += 1;
        self.loops = self.loops.max(loops);
        match &at.expr {
            Expr::Ident(name) => {
                self.paths.insert(vec![name.clone()]);
            }
            Expr::Select(select) => match path(at) {
                Some(path) => {
                    self.paths.insert(path);
                }
                None => self.walk(&select.operand, loops),
            },
            Expr::Call(call) => {
                self.joins |= JOINING.contains(&call.func_name.as_str());
                self.splits |= call.func_name == "split";
                if ["replace", "join"].contains(&call.func_name.as_str()) {
                    match call.args.last().map(|argument| &argument.expr) {
                        Some(Expr::Literal(LiteralValue::String(text))) => {
                            let length = text.inner().len().max(1);
                            self.growth = self.growth.saturating_mul(length);
                        }
                        Some(_) => self.products += 1,
                        None => {}
                    }
                }
                let children = call.target.as_deref().into_iter().chain(&call.args);
                children.for_each(|child| self.walk(child, loops));
            }
            Expr::List(list) => list.elements.iter().for_each(|item| self.walk(item, loops)),
            Expr::Comprehension(comprehension) => {
                self.walk(&comprehension.iter_range, loops);
                let inner = [
                    &comprehension.accu_init,
                    &comprehension.loop_cond,
                    &comprehension.loop_step,
                    &comprehension.result,
                ];
                inner
                    .into_iter()
                    .for_each(|part| self.walk(part, loops + 1));
            }
            Expr::Map(map) => self.entries(map.entries.iter().map(|entry| &entry.expr), loops),
            Expr::Struct(made) => self.entries(made.entries.iter().map(|entry| &entry.expr), loops),
            _ => {}
        }
    }

    fn entries<'x>(&mut self, entries: impl Iterator<Item = &'x EntryExpr>, loops: usize) {
        for entry in entries {
            match entry {
                EntryExpr::MapEntry(entry) => {
                    self.walk(&entry.key, loops);
                    self.walk(&entry.value, loops);
                }
                EntryExpr::StructField(field) => self.walk(&field.value, loops),
            }
        }
    }
}

/// The names of a chain of fields from a variable down.
fn path(at: &IdedExpr) -> Option<Vec<String>> {
    match &at.expr {
        Expr::Ident(name) => Some(vec![name.clone()]),
        Expr::Select(select) => {
            let mut path = path(&select.operand)?;
            path.push(select.field.clone());
            Some(path)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use cel::Value;
    use serde_json::json;

    use super::{Expression, Scope, Trouble, is_large};

    fn evaluate(text: &str) -> Result<Value, Trouble> {
        let mut scope = Scope::new();
        let object =
            json!({"spec": {"replicas": 3, "names": ["a", "b"]}, "metadata": {"name": "x-y"}});
        scope.set("object", &object);
        Expression::read(text)
            .expect("an expression")
            .evaluate(&scope)
    }

    #[test]
    fn expressions_over_objects() {
        for text in [
            "object.spec.replicas <= 3",
            "object.spec.names.all(n, n.size() == 1)",
            "!has(object.spec.paused) || object.spec.paused",
            "object.metadata.name.split('-')[1] == 'y'",
            "object.?spec.?missing.orValue(7) == 7",
            "'a' in object.spec.names && object.metadata.name.matches('^x')",
        ] {
            assert_eq!(evaluate(text), Ok(Value::Bool(true)), "{text}");
        }
    }

    #[test]
    fn what_fails_and_what_is_not_known() {
        assert!(matches!(
            evaluate("object.spec.missing == 1"),
            Err(Trouble::Failed(_))
        ));
        for text in [
            "quantity(object.spec.cpu).isLessThan(quantity('1'))",
            "authorizer.group('').resource('pods').check('create').allowed()",
            "ip.isCanonical('::1')",
        ] {
            let trouble = evaluate(text);
            assert!(trouble.is_err(), "{text}");
        }
        assert!(matches!(
            evaluate("isQuantity('1')"),
            Err(Trouble::Unsupported(_))
        ));
        assert!(Expression::read("object.spec. ==").is_err());
        assert!(Expression::read(&"(".repeat(5_000)).is_err());
    }

    #[test]
    fn texts_that_grow_are_bounded() {
        let mut scope = Scope::new();
        scope.set("text", &json!("a".repeat(100_000)));
        let plain = Expression::read("text + 'b' != ''").expect("an expression");
        assert_eq!(plain.evaluate(&scope), Ok(Value::Bool(true)));
        for text in [
            format!("({}).size() > 1", vec!["text"; 2_000].join(" + ")),
            "text.replace('a', text) != ''".to_owned(),
            format!(
                "'a'{}.size() > 1",
                format!(".replace('a', '{}')", "a".repeat(900)).repeat(9)
            ),
            "text.split('').all(a, text.split('').all(b, a == b))".to_owned(),
        ] {
            let grows = Expression::read(&text).expect("an expression");
            assert!(
                matches!(grows.evaluate(&scope), Err(Trouble::Unsupported(_))),
                "{text:.60}"
            );
        }
        assert!(is_large(&super::value_of(&json!("a".repeat(5_000_000)))));
        assert!(!is_large(&super::value_of(&json!(["a", {"b": 1}]))));
    }

    #[test]
    fn nested_loops_are_bounded() {
        let list = format!("[{}]", vec!["0"; 60].join(","));
        let mut text = "true".to_owned();
        for depth in 0..8 {
            text = format!("{list}.all(x{depth}, {text})");
        }
        assert!(matches!(evaluate(&text), Err(Trouble::Unsupported(_))));
    }
}
