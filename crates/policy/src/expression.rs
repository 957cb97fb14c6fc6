//! Expressions in a definition: what they read, and how what they read is renamed.

use palisade_arm_template::expression::{Expression, ExpressionKind, is_expression, parse};

/// What the expressions of a rule read beside the parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// The fields whose names stand in the rule.
    pub(crate) fields: Vec<String>,
    /// The parameters, in lower case.
    pub(crate) parameters: Vec<String>,
    /// What is asked of `resourceGroup()`, `subscription()` and the like: the function's name and
    /// the member, both in lower case; an empty member for the whole.
    pub(crate) surroundings: Vec<(String, String)>,
    /// Whether a field is read whose name isn't known before evaluation.
    pub(crate) is_dynamic: bool,
}

/// The functions that tell something of where the resource is or of the request.
const SURROUNDINGS: [&str; 6] = [
    "resourcegroup",
    "subscription",
    "requestcontext",
    "policy",
    "claims",
    "managementgroup",
];

/// An expression in a string, or why it isn't one. Nothing for a string that isn't evaluated.
pub(crate) fn of(text: &str) -> Option<Result<Expression, String>> {
    is_expression(text).then(|| parse(text).map_err(|error| error.message))
}

/// Notes what an expression reads.
pub(crate) fn note(expression: &Expression, reads: &mut Reads) {
    match &expression.kind {
        ExpressionKind::Text(_) | ExpressionKind::Number(_) => {}
        ExpressionKind::Member { base, name } => {
            if let Some(function) = surrounding(base) {
                reads.surroundings.push((function, name.key().to_owned()));
            } else {
                note(base, reads);
            }
        }
        ExpressionKind::Index { base, index } => {
            if let (Some(function), ExpressionKind::Text(member)) = (surrounding(base), &index.kind)
            {
                let member = member.to_ascii_lowercase();
                reads.surroundings.push((function, member));
            } else {
                note(base, reads);
                note(index, reads);
            }
        }
        ExpressionKind::Call { name, arguments } => {
            if let Some(function) = surrounding(expression) {
                reads.surroundings.push((function, String::new()));
            }
            let first = arguments.first().map(|first| &first.kind);
            match (name.key(), first) {
                ("field", Some(ExpressionKind::Text(field))) => {
                    reads.fields.push(field.to_string());
                }
                // The current item of a list that an alias names, or of one with a name of its own.
                ("current", Some(ExpressionKind::Text(field))) if field.contains('/') => {
                    reads.fields.push(field.to_string());
                }
                ("field", Some(_)) => reads.is_dynamic = true,
                ("parameters", Some(ExpressionKind::Text(parameter))) => {
                    reads.parameters.push(parameter.to_ascii_lowercase());
                }
                _ => {}
            }
            arguments.iter().for_each(|argument| note(argument, reads));
        }
    }
}

fn surrounding(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Call { name, .. } if SURROUNDINGS.contains(&name.key()) => {
            Some(name.key().to_owned())
        }
        _ => None,
    }
}

/// The text with every literal in it renamed for which there is a new name.
pub(crate) fn renamed(text: &str, rename: &dyn Fn(&str) -> Option<String>) -> String {
    let Some(Ok(expression)) = of(text) else {
        return text.to_owned();
    };
    let mut changes = Vec::new();
    literals(&expression, rename, &mut changes);
    let mut renamed = text.to_owned();
    for (start, end, name) in changes.into_iter().rev() {
        renamed.replace_range(start..end, &format!("'{}'", name.replace('\'', "''")));
    }
    renamed
}

fn literals(
    expression: &Expression,
    rename: &dyn Fn(&str) -> Option<String>,
    changes: &mut Vec<(usize, usize, String)>,
) {
    match &expression.kind {
        ExpressionKind::Text(text) => {
            if let Some(name) = rename(text) {
                let span = &expression.span;
                changes.push((span.start as usize, span.end as usize, name));
            }
        }
        ExpressionKind::Number(_) => {}
        ExpressionKind::Member { base, .. } => literals(base, rename, changes),
        ExpressionKind::Index { base, index } => {
            literals(base, rename, changes);
            literals(index, rename, changes);
        }
        ExpressionKind::Call { name, arguments } => {
            let lowered = |text: &str| Some(text.to_ascii_lowercase());
            let each = arguments.iter();
            // The evaluator tells parameters apart by letter case, Azure doesn't.
            match name.key() {
                "parameters" => each.for_each(|name| literals(name, &lowered, changes)),
                _ => each.for_each(|argument| literals(argument, rename, changes)),
            }
        }
    }
}

/// The strings that stand in an expression.
pub(crate) fn texts<'e>(expression: &'e Expression, found: &mut Vec<&'e str>) {
    match &expression.kind {
        ExpressionKind::Text(text) => found.push(text),
        ExpressionKind::Number(_) => {}
        ExpressionKind::Member { base, .. } => texts(base, found),
        ExpressionKind::Index { base, index } => {
            texts(base, found);
            texts(index, found);
        }
        ExpressionKind::Call { arguments, .. } => {
            arguments.iter().for_each(|argument| texts(argument, found));
        }
    }
}

/// The parameter, in lower case, if a text is `[parameters('name')]` and nothing else.
pub(crate) fn sole_parameter(text: &str) -> Option<String> {
    let expression = of(text)?.ok()?;
    let ExpressionKind::Call { name, arguments } = expression.kind else {
        return None;
    };
    match (name.key(), arguments.as_slice()) {
        ("parameters", [only]) => match &only.kind {
            ExpressionKind::Text(parameter) => Some(parameter.to_ascii_lowercase()),
            _ => None,
        },
        _ => None,
    }
}
