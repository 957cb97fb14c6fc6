//! The syntax tree of a module, walked and edited.

use std::ops::Range;

use regorus::Source;
use regorus::unstable::{Expr, Literal, LiteralStmt, Module, Parser, Query, Rule, RuleHead, Span};

/// How often a module is edited at most: edits within edits need another round each.
const PASSES: usize = 24;

/// A replacement of a range of the source.
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// Edits a module until there is nothing left to edit.
pub(super) fn rewritten(
    text: &str,
    is_v1: bool,
    edits: impl Fn(&str, &Module, usize) -> Vec<Edit>,
) -> Result<String, String> {
    let mut text = text.to_owned();
    for pass in 0..PASSES {
        let module = parse(&text, is_v1)?;
        let edits = edits(&text, &module, pass);
        if edits.is_empty() {
            return Ok(text);
        }
        text = applied(&text, edits);
    }
    Err("the expressions are nested too deeply".to_owned())
}

pub(super) fn parse(text: &str, is_v1: bool) -> Result<Module, String> {
    let parsed = Source::from_contents("module".to_owned(), text.to_owned()).and_then(|source| {
        let mut parser = Parser::new(&source)?;
        if is_v1 {
            parser.enable_rego_v1()?;
        }
        parser.parse()
    });
    parsed.map_err(|error| error.to_string())
}

/// Applies the outermost edits; those within them are left to the next round.
pub(super) fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| (edit.range.start, std::cmp::Reverse(edit.range.end)));
    let (mut out, mut end) = (String::with_capacity(text.len() + 64), 0);
    for edit in edits {
        if edit.range.start >= end && edit.range.end <= text.len() {
            out.push_str(&text[end..edit.range.start]);
            out.push_str(&edit.text);
            end = edit.range.end;
        }
    }
    out.push_str(&text[end..]);
    out
}

/// The bytes of a span.
pub(super) fn range(span: &Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// The bytes of an expression; the engine's span of a text leaves out its quotes.
pub(super) fn extent(at: &Expr) -> Range<usize> {
    let Range { start, end } = range(at.span());
    match at {
        Expr::String { .. } | Expr::RawString { .. } => start.saturating_sub(1)..end + 1,
        _ => start..end,
    }
}

/// Something to visit: a statement of a body or an expression anywhere.
#[derive(Clone, Copy)]
pub(super) enum Node<'m> {
    Statement(&'m LiteralStmt),
    Expression(&'m Expr),
}

/// Visits every statement and every expression of a module's rules.
pub(super) fn visit<'m>(module: &'m Module, see: &mut dyn FnMut(Node<'m>)) {
    for rule in &module.policy {
        visit_rule(rule, see);
    }
}

/// Visits every statement and every expression of a rule.
pub(super) fn visit_rule<'m>(rule: &'m Rule, see: &mut dyn FnMut(Node<'m>)) {
    let Rule::Spec { head, bodies, .. } = rule else {
        return;
    };
    match head {
        RuleHead::Compr { refr, assign, .. } | RuleHead::Func { refr, assign, .. } => {
            in_brackets(refr, see);
            if let Some(assign) = assign {
                expression(&assign.value, see);
            }
        }
        RuleHead::Set { refr, key, .. } => {
            in_brackets(refr, see);
            if let Some(key) = key {
                expression(key, see);
            }
        }
    }
    for body in bodies {
        query(&body.query, see);
        if let Some(assign) = &body.assign {
            expression(&assign.value, see);
        }
    }
}

/// What a head says in brackets; its name is no expression.
fn in_brackets<'m>(head: &'m Expr, see: &mut dyn FnMut(Node<'m>)) {
    if let Expr::RefBrack { refr, index, .. } = head {
        in_brackets(refr, see);
        expression(index, see);
    }
}

fn query<'m>(query: &'m Query, see: &mut dyn FnMut(Node<'m>)) {
    for statement in &query.stmts {
        see(Node::Statement(statement));
        match &statement.literal {
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => expression(expr, see),
            Literal::SomeIn { collection, .. } => expression(collection, see),
            Literal::Every { domain, query, .. } => {
                expression(domain, see);
                self::query(query, see);
            }
            Literal::SomeVars { .. } => {}
        }
        for with in &statement.with_mods {
            expression(&with.r#as, see);
        }
    }
}

fn expression<'m>(at: &'m Expr, see: &mut dyn FnMut(Node<'m>)) {
    see(Node::Expression(at));
    match at {
        Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
            expression(term, see);
            self::query(query, see);
        }
        Expr::ObjectCompr {
            key, value, query, ..
        } => {
            expression(key, see);
            expression(value, see);
            self::query(query, see);
        }
        _ => {
            for child in children(at) {
                expression(child, see);
            }
        }
    }
}

/// The expressions directly below one, without those of comprehensions.
pub(super) fn children(at: &Expr) -> Vec<&Expr> {
    match at {
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            items.iter().map(AsRef::as_ref).collect()
        }
        Expr::Object { fields, .. } => fields
            .iter()
            .flat_map(|(_, key, value)| [key.as_ref(), value.as_ref()])
            .collect(),
        Expr::Call { fcn, params, .. } => {
            let fcn = std::iter::once(fcn);
            fcn.chain(params).map(AsRef::as_ref).collect()
        }
        Expr::UnaryExpr { expr, .. } => vec![expr],
        Expr::RefDot { refr, .. } => vec![refr],
        Expr::RefBrack { refr, index, .. } => vec![refr, index],
        Expr::BinExpr { lhs, rhs, .. }
        | Expr::BoolExpr { lhs, rhs, .. }
        | Expr::ArithExpr { lhs, rhs, .. }
        | Expr::AssignExpr { lhs, rhs, .. } => vec![lhs, rhs],
        Expr::Membership {
            key,
            value,
            collection,
            ..
        } => key
            .iter()
            .chain([value, collection])
            .map(AsRef::as_ref)
            .collect(),
        _ => Vec::new(),
    }
}
