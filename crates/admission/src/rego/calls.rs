//! How deeply the rules of a module call each other. The engine recurses as they do, and doesn't
//! see that functions go in a circle.

use std::collections::HashMap;

use regorus::unstable::{Expr, Module, Rule, RuleHead};

use super::syntax::{self, Node};

/// How many rules may call each other in a row.
const DEEPEST: usize = 48;

/// Refuses modules whose rules call each other in a circle, or too deeply for the engine.
pub(super) fn check(modules: &[Module]) -> Result<(), String> {
    let graph = Graph::of(modules);
    let mut heights = vec![None; graph.calls.len()];
    for rule in 0..graph.calls.len() {
        graph.height(rule, 0, &mut heights)?;
    }
    Ok(())
}

/// The rules by their place among all rules, and for each those that it names.
struct Graph {
    calls: Vec<Vec<usize>>,
}

impl Graph {
    fn of(modules: &[Module]) -> Self {
        let mut places: HashMap<(usize, &str), usize> = HashMap::new();
        let mut elsewhere: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, module) in modules.iter().enumerate() {
            for rule in &module.policy {
                let next = places.len();
                let place = *places.entry((number, name(rule))).or_insert(next);
                elsewhere.entry(name(rule)).or_default().push(place);
            }
        }
        let mut calls = vec![Vec::new(); places.len()];
        for (number, module) in modules.iter().enumerate() {
            for rule in &module.policy {
                let Some(&from) = places.get(&(number, name(rule))) else {
                    continue;
                };
                let to: &mut Vec<usize> = &mut calls[from];
                syntax::visit_rule(rule, &mut |node| {
                    if let Node::Expression(named) = node {
                        match named {
                            Expr::Var { span, .. } => {
                                match places.get(&(number, span.text())) {
                                    Some(&place) => to.push(place),
                                    // A function that is imported from a library.
                                    None => {
                                        to.extend(elsewhere.get(span.text()).into_iter().flatten())
                                    }
                                }
                            }
                            Expr::RefDot { refr, field, .. } if is_of_library(refr) => {
                                let others = elsewhere.get(field.0.text()).into_iter().flatten();
                                to.extend(others.filter(|place| **place != from));
                            }
                            _ => {}
                        }
                    }
                });
                to.sort_unstable();
                to.dedup();
            }
        }
        Self { calls }
    }

    fn height(
        &self,
        rule: usize,
        depth: usize,
        heights: &mut [Option<usize>],
    ) -> Result<usize, String> {
        if let Some(height) = heights[rule] {
            return Ok(height);
        }
        // A circle goes deeper than any limit.
        if depth > DEEPEST {
            return Err("rules call each other in a circle or more than 48 deep".to_owned());
        }
        let mut height = 0;
        for &called in &self.calls[rule] {
            height = height.max(1 + self.height(called, depth + 1, heights)?);
        }
        heights[rule] = Some(height);
        Ok(height)
    }
}

/// Whether a reference starts as one to a library does: at `data` or an imported name.
fn is_of_library(at: &Expr) -> bool {
    match at {
        Expr::Var { span, .. } => span.text() != "input",
        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => is_of_library(refr),
        _ => false,
    }
}

/// The name of a rule, without what follows in brackets.
fn name(rule: &Rule) -> &str {
    let refr = match rule {
        Rule::Spec { head, .. } => match head {
            RuleHead::Compr { refr, .. }
            | RuleHead::Set { refr, .. }
            | RuleHead::Func { refr, .. } => refr,
        },
        Rule::Default { refr, .. } => refr,
    };
    first(refr)
}

fn first(at: &Expr) -> &str {
    match at {
        Expr::Var { span, .. } => span.text(),
        Expr::RefDot { refr, .. } | Expr::RefBrack { refr, .. } => first(refr),
        _ => "",
    }
}
