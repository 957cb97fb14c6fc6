//! A plain interpreter of the language of Azure Policy, written from its documentation (Microsoft
//! Learn, "Azure Policy definition structure policy rule", "Author policies for array
//! properties", 2025). It reads the resource as it is and shares nothing with the evaluator but
//! the parser of expressions and the paths of aliases. What it doesn't know it says.

use palisade_arm_template::expression::{Expression, ExpressionKind, is_expression, parse};
use palisade_policy::Catalogue;
use serde_json::Value;

pub(crate) struct Interpreter<'i> {
    pub(crate) catalogue: &'i Catalogue,
    pub(crate) resource: &'i Value,
    pub(crate) parameters: &'i Value,
}

/// The items of the lists that counts are at, by the path of the list.
type Bindings = Vec<(String, Value)>;

type Answer<T> = Result<T, String>;

impl Interpreter<'_> {
    /// Whether a condition holds.
    pub(crate) fn holds(&self, condition: &Value) -> Answer<bool> {
        self.holds_in(condition, &Vec::new())
    }

    fn holds_in(&self, condition: &Value, at: &Bindings) -> Answer<bool> {
        if let Some(all) = member(condition, "allOf") {
            let each: Answer<Vec<_>> = list(all).iter().map(|c| self.holds_in(c, at)).collect();
            return Ok(each?.into_iter().all(|holds| holds));
        }
        if let Some(any) = member(condition, "anyOf") {
            let each: Answer<Vec<_>> = list(any).iter().map(|c| self.holds_in(c, at)).collect();
            return Ok(each?.into_iter().any(|holds| holds));
        }
        if let Some(not) = member(condition, "not") {
            return Ok(!self.holds_in(not, at)?);
        }
        let subjects = ["field", "value", "count"];
        let members = condition.as_object().ok_or("no condition")?;
        let (operator, expected) = members
            .iter()
            .find(|(name, _)| !subjects.iter().any(|s| s.eq_ignore_ascii_case(name)))
            .ok_or("no operator")?;
        let expected = self.value(expected, at)?;
        if let Some(field) = member(condition, "field") {
            let name = self.value(field, at)?;
            let name = name
                .as_ref()
                .and_then(Value::as_str)
                .ok_or("no field")?
                .to_owned();
            let values = self.field(&name, at)?;
            // A field with `[*]` means every item.
            let mut each = values.iter();
            return each.try_fold(true, |all, value| {
                Ok(all && compare(operator, value.as_ref(), expected.as_ref())?)
            });
        }
        if let Some(value) = member(condition, "value") {
            let value = self.value(value, at)?;
            return compare(operator, value.as_ref(), expected.as_ref());
        }
        let count = member(condition, "count").ok_or("no subject")?;
        let count = Value::from(self.count(count, at)?);
        compare(operator, Some(&count), expected.as_ref())
    }

    fn count(&self, count: &Value, at: &Bindings) -> Answer<usize> {
        let field = member(count, "field")
            .and_then(Value::as_str)
            .ok_or("a count of values")?;
        let path = self.path(field)?;
        let items = self.reach(&path, at);
        let Some(condition) = member(count, "where") else {
            return Ok(items.len());
        };
        let mut counted = 0;
        for item in items.into_iter().flatten() {
            let mut inner = at.clone();
            inner.push((path.to_lowercase(), item));
            counted += usize::from(self.holds_in(condition, &inner)?);
        }
        Ok(counted)
    }

    /// What a field finds: one value, or one for each item; nothing for what is missing.
    fn field(&self, name: &str, at: &Bindings) -> Answer<Vec<Option<Value>>> {
        Ok(self.reach(&self.path(name)?, at))
    }

    /// The path that a name stands for in this resource.
    fn path(&self, name: &str) -> Answer<String> {
        let root = [
            "type",
            "name",
            "kind",
            "location",
            "id",
            "tags",
            "identity.type",
        ];
        if root.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Ok(name.to_lowercase());
        }
        if let Some(tag) = name.strip_prefix("tags[") {
            return Ok(format!("tags.{}", tag.trim_matches(['\'', ']'])));
        }
        let kind = member(self.resource, "type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let found = self.catalogue.find(name);
        if found.is_empty() {
            return Err(format!("no alias {name}"));
        }
        let own = found
            .iter()
            .find(|alias| alias.resource_type.eq_ignore_ascii_case(kind));
        // An alias of another type finds nothing here.
        Ok(own.map_or("\u{0}".to_owned(), |alias| alias.path.clone()))
    }

    fn reach(&self, path: &str, at: &Bindings) -> Vec<Option<Value>> {
        let lower = path.to_lowercase();
        let bound = at.iter().rev().find_map(|(list, item)| {
            let rest = lower.strip_prefix(list.as_str())?;
            Some((item, path[path.len() - rest.len()..].to_owned()))
        });
        match bound {
            Some((item, rest)) => walk(Some(item), rest.trim_start_matches('.')),
            None => walk(Some(self.resource), path),
        }
    }

    fn value(&self, value: &Value, at: &Bindings) -> Answer<Option<Value>> {
        match value.as_str() {
            Some(text) if is_expression(text) => {
                let expression = parse(text).map_err(|error| error.message)?;
                self.evaluate(&expression, at)
            }
            Some(text) => Ok(Some(
                text.strip_prefix('[')
                    .filter(|t| t.starts_with('['))
                    .unwrap_or(text)
                    .into(),
            )),
            None => Ok(Some(value.clone())),
        }
    }

    fn evaluate(&self, expression: &Expression, at: &Bindings) -> Answer<Option<Value>> {
        let (name, arguments) = match &expression.kind {
            ExpressionKind::Text(text) => return Ok(Some(text.to_string().into())),
            ExpressionKind::Number(text) => {
                return Ok(serde_json::from_str(text).ok());
            }
            ExpressionKind::Call { name, arguments } => (name.key(), arguments),
            _ => return Err("members and indexes aren't known".to_owned()),
        };
        let literal = arguments.first().and_then(|argument| match &argument.kind {
            ExpressionKind::Text(text) => Some(text.to_string()),
            _ => None,
        });
        match (name, literal) {
            ("parameters", Some(name)) => return Ok(member(self.parameters, &name).cloned()),
            ("field", Some(name)) => {
                let path = self.path(&name)?;
                let mut found = self.reach(&path, at);
                return Ok(match path.contains("[*]") {
                    true => Some(found.into_iter().flatten().collect()),
                    false => found.pop().flatten(),
                });
            }
            ("current", Some(name)) => {
                let path = self.path(&name)?;
                return Ok(self.reach(&path, at).pop().flatten());
            }
            _ => {}
        }
        let given: Answer<Vec<_>> = arguments.iter().map(|a| self.evaluate(a, at)).collect();
        let given = given?;
        let first = given.first().and_then(Option::as_ref);
        Ok(Some(match name {
            "empty" => match first {
                None | Some(Value::Null) => true.into(),
                Some(Value::String(text)) => text.is_empty().into(),
                Some(Value::Array(items)) => items.is_empty().into(),
                Some(Value::Object(members)) => members.is_empty().into(),
                Some(_) => return Err("empty of a scalar".to_owned()),
            },
            "length" => match first {
                Some(Value::String(text)) => text.chars().count().into(),
                Some(Value::Array(items)) => items.len().into(),
                _ => return Err("length of what has none".to_owned()),
            },
            "not" => (first != Some(&Value::Bool(true))).into(),
            "concat" => {
                let texts = given
                    .iter()
                    .map(|v| v.as_ref().map(text).unwrap_or_default());
                texts.collect::<String>().into()
            }
            other => return Err(format!("the function {other} isn't known")),
        }))
    }
}

/// Follows a path; for each item of a list where it says `[*]`.
fn walk(from: Option<&Value>, path: &str) -> Vec<Option<Value>> {
    if path.is_empty() {
        return vec![from.cloned()];
    }
    if let Some(rest) = path.strip_prefix("[*]") {
        return match from {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                let each = items.iter();
                each.flat_map(|item| walk(Some(item), rest.trim_start_matches('.')))
                    .collect()
            }
            // What is no list counts as one item that isn't there.
            Some(_) => vec![None],
        };
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let next = from.and_then(|value| member(value, &path[..end]));
    walk(next, path[end..].trim_start_matches('.'))
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut members = value.as_object()?.iter();
    members
        .find(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Scalars as texts; what is null is empty.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn is_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => {
            left == right
        }
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left == right,
            _ => text(left).to_lowercase() == text(right).to_lowercase(),
        },
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Whether a comparison holds. What is missing reads as null, and so is equal to what is empty.
fn compare(operator: &str, left: Option<&Value>, right: Option<&Value>) -> Answer<bool> {
    let operator = operator.to_lowercase();
    if operator == "exists" {
        let exists = left.is_some_and(|left| !left.is_null());
        return Ok(exists == right.is_some_and(|right| is_equal(right, &Value::Bool(true))));
    }
    if let Some(positive) = operator.strip_prefix("not") {
        return Ok(!compare(positive, left, right)?);
    }
    let Some(right) = right else {
        return Ok(false);
    };
    let left = left.unwrap_or(&Value::Null);
    // What is null is equal to what is empty, and nothing else holds of it.
    if left.is_null() && !matches!(operator.as_str(), "equals" | "in") {
        return Ok(false);
    }
    Ok(match operator.as_str() {
        "equals" => is_equal(left, right),
        "in" => list(right).iter().any(|item| is_equal(left, item)),
        "contains" => match left {
            Value::Array(items) => items.iter().any(|item| is_equal(item, right)),
            left => text(left)
                .to_lowercase()
                .contains(&text(right).to_lowercase()),
        },
        "containskey" => member(left, &text(right)).is_some(),
        "like" if matches!(left, Value::Array(_) | Value::Object(_)) => {
            return Err("the documents don't say what of a list is like a text".to_owned());
        }
        "like" => is_like(&text(left).to_lowercase(), &text(right).to_lowercase()),
        "less" | "lessorequals" | "greater" | "greaterorequals" => {
            let (Some(left), Some(right)) = (number(left), number(right)) else {
                return Err("an order of what are no numbers".to_owned());
            };
            match operator.as_str() {
                "less" => left < right,
                "lessorequals" => left <= right,
                "greater" => left > right,
                _ => left >= right,
            }
        }
        other => return Err(format!("the operator {other} isn't known")),
    })
}

fn is_like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
    }
}
