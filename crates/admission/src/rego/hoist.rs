//! Arguments of negated calls. The compiler of the Open Policy Agent computes them before the
//! call (its stage "rewrite dynamic terms"), so that `not f(a.b)` fails where `a.b` is undefined;
//! the engine computes them inside the negation, where an undefined call makes it true. The
//! module is written as that compiler would have it: `h := a.b; not f(h)`.

use std::collections::HashSet;

use regorus::unstable::{AssignOp, BoolOp, Expr, Literal, LiteralStmt, Rule, RuleHead};

use super::syntax::{self, Edit, Node, extent, range};

/// The module with the arguments of its negated calls before them.
pub(super) fn hoisted(text: &str, is_v1: bool) -> Result<String, String> {
    syntax::rewritten(text, is_v1, |text, module, pass| {
        let rules = module.policy.iter().filter_map(|rule| name(rule));
        let mut hoister = Hoister {
            text,
            rules: rules.collect(),
            pass,
            count: 0,
            before: Vec::new(),
        };
        let mut edits = Vec::new();
        syntax::visit(module, &mut |node| {
            if let Node::Statement(statement) = node {
                edits.extend(hoister.statement(statement));
            }
        });
        edits
    })
}

/// The name of a rule that is a value: a reference to it may be undefined.
fn name(rule: &Rule) -> Option<&str> {
    match rule {
        Rule::Spec {
            head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. },
            ..
        } => match refr.as_ref() {
            Expr::Var { span, .. } => Some(span.text()),
            _ => None,
        },
        _ => None,
    }
}

/// What an expression computes with: the arguments of a call, not the function.
fn operands(at: &Expr) -> Vec<&Expr> {
    let children = syntax::children(at);
    let skipped = usize::from(matches!(at, Expr::Call { .. }));
    children.into_iter().skip(skipped).collect()
}

struct Hoister<'m> {
    text: &'m str,
    rules: HashSet<&'m str>,
    pass: usize,
    count: usize,
    /// What is computed before the statement at hand.
    before: Vec<(String, String)>,
}

impl Hoister<'_> {
    fn statement(&mut self, statement: &LiteralStmt) -> Option<Edit> {
        let Literal::NotExpr { span, expr } = &statement.literal else {
            return None;
        };
        let text = self.negated(expr);
        let before = std::mem::take(&mut self.before);
        if before.is_empty() {
            return None;
        }
        let with = match (statement.with_mods.first(), statement.with_mods.last()) {
            (Some(first), Some(last)) => {
                let with = range(&first.span).start..extent(&last.r#as).end;
                format!(" {}", &self.text[with])
            }
            _ => String::new(),
        };
        let before: String = before
            .iter()
            .map(|(name, value)| format!("{name} := {value}{with}; "))
            .collect();
        Some(Edit {
            range: range(span),
            text: format!("{before}not {text}"),
        })
    }

    /// The expression of a negation: itself it stays, what it is called with goes before.
    fn negated(&mut self, at: &Expr) -> String {
        match at {
            // Unification looks at both sides itself.
            Expr::BoolExpr {
                op: BoolOp::Eq,
                lhs,
                rhs,
                ..
            }
            | Expr::AssignExpr {
                op: AssignOp::Eq,
                lhs,
                rhs,
                ..
            } => {
                let sides = [lhs.as_ref(), rhs.as_ref()];
                self.with_children(at, &sides, Self::side)
            }
            Expr::RefBrack { .. } | Expr::RefDot { .. } => self.reference(at),
            _ => self.with_children(at, &operands(at), Self::argument),
        }
    }

    /// A side of a unification: a call in it is computed before, a reference is not.
    fn side(&mut self, at: &Expr) -> String {
        match at {
            Expr::RefBrack { .. } | Expr::RefDot { .. } => self.reference(at),
            Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => {
                self.with_children(at, &operands(at), Self::side)
            }
            Expr::Var { .. } => self.own(at),
            _ => self.argument(at),
        }
    }

    /// An argument of a call: whatever may be undefined is computed before.
    fn argument(&mut self, at: &Expr) -> String {
        let value = match at {
            Expr::RefBrack { .. } | Expr::RefDot { .. } => self.reference(at),
            Expr::Var { span, .. } if self.rules.contains(span.text()) => self.own(at),
            Expr::Call { .. }
            | Expr::BinExpr { .. }
            | Expr::BoolExpr { .. }
            | Expr::ArithExpr { .. }
            | Expr::Membership { .. } => self.with_children(at, &operands(at), Self::argument),
            Expr::Array { .. } | Expr::Set { .. } | Expr::Object { .. } => {
                return self.with_children(at, &operands(at), Self::argument);
            }
            _ => return self.own(at),
        };
        let name = format!("__hoisted_{}_{}", self.pass, self.count);
        self.count += 1;
        self.before.push((name.clone(), value));
        name
    }

    /// A reference with what stands in its brackets before it.
    fn reference(&mut self, at: &Expr) -> String {
        match at {
            Expr::RefBrack { refr, index, .. } => {
                let own = self.own(at);
                let start = extent(at).start;
                let whole = [(extent(refr), self.reference(refr))];
                let inner = extent(index);
                let edits = whole
                    .into_iter()
                    .chain([(inner, self.argument(index))])
                    .map(|(range, text)| Edit {
                        range: range.start - start..range.end - start,
                        text,
                    });
                syntax::applied(&own, edits.collect())
            }
            Expr::RefDot { refr, .. } => self.with_children(at, &[refr.as_ref()], Self::reference),
            Expr::Call { .. } => self.with_children(at, &operands(at), Self::argument),
            _ => self.own(at),
        }
    }

    fn own(&self, at: &Expr) -> String {
        self.text.get(extent(at)).unwrap_or_default().to_owned()
    }

    fn with_children(
        &mut self,
        at: &Expr,
        children: &[&Expr],
        convert: fn(&mut Self, &Expr) -> String,
    ) -> String {
        let start = extent(at).start;
        let edits = children.iter().map(|child| {
            let range = extent(child);
            Edit {
                range: range.start.saturating_sub(start)..range.end.saturating_sub(start),
                text: convert(self, child),
            }
        });
        let edits = edits.collect();
        syntax::applied(&self.own(at), edits)
    }
}

#[cfg(test)]
mod tests {
    use super::hoisted;

    fn body(body: &str) -> String {
        let module = format!("package p\nr {{ {body} }}\nf(x) {{ x }}\ns[x] {{ x := 1 }}\n");
        let out = hoisted(&module, false).expect("a module");
        let out = out.strip_prefix("package p\nr { ").expect("the start");
        let end = out.find(" }\nf(x)").expect("the end");
        out[..end].to_owned()
    }

    #[test]
    fn arguments_of_negated_calls_are_computed_before() {
        assert_eq!(
            body("not f(input.a.b)"),
            "__hoisted_0_0 := input.a.b; not f(__hoisted_0_0)"
        );
        assert_eq!(
            body("not count(input.a) > 1"),
            "__hoisted_0_0 := input.a; __hoisted_0_1 := count(__hoisted_0_0); \
             not __hoisted_0_1 > 1"
        );
        assert_eq!(body("not f(s)"), "__hoisted_0_0 := s; not f(__hoisted_0_0)");
        assert_eq!(
            body("x := [y | y := input.c[_]; not startswith(y.image, \"a\")]"),
            "x := [y | y := input.c[_]; __hoisted_0_0 := y.image; \
             not startswith(__hoisted_0_0, \"a\")]"
        );
    }

    #[test]
    fn what_is_negated_itself_stays() {
        for same in [
            "not input.a.b",
            "not input.a == 1",
            "not input.a[x]; x := 1",
            "not f(1)",
            "y := 1; not f(y)",
            "f(input.a)",
        ] {
            assert_eq!(body(same), same);
        }
    }
}
