//! HCL text to the tree of the configuration language.

use hcl_edit::expr::{
    self, BinaryOperator, Expression as Hcl, ObjectKey, TraversalOperator, UnaryOperator,
};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::{Directive, Element, Template};
use hcl_edit::{Span as _, parser};
use palisade_document::{Diagnostic, DocumentId, Span, Text};

use super::syntax::{Block, Expression, For, Kind, Operator, Step};
use palisade_document::Place;

/// The tree of a file; what is wrong with a file that has none.
pub(super) fn parse(text: &Text, document: DocumentId) -> Result<Block, Diagnostic> {
    let content = text.content();
    let body = parser::parse_body(content).map_err(|error| {
        let position = text.position(error.location().offset());
        let message = format!("not valid HCL: {}", first_line(error.message()));
        Diagnostic::error(text.path(), Some(position), message)
            .with_help("run `terraform validate`; the rest of the module is read without this file")
    })?;
    let reader = Reader { document };
    Ok(reader.body(&body, Block::default()))
}

/// The template in a text of a JSON file.
pub(super) fn template(text: &str, place: Option<Place>) -> Option<Expression> {
    let template = parser::parse_template(text).ok()?;
    let reader = Reader {
        document: DocumentId::default(),
    };
    let mut found = reader.template(&template, None);
    at_place(&mut found, place);
    Some(found)
}

/// Every part of an expression of a JSON file has the place of the text that holds it.
fn at_place(expression: &mut Expression, place: Option<Place>) {
    expression.place = place;
    let steps = |steps: &mut Vec<Step>| {
        for step in steps {
            if let Step::Index(index) = step {
                at_place(index, place);
            }
        }
    };
    match &mut expression.kind {
        Kind::List(items) | Kind::Template(items) => {
            items.iter_mut().for_each(|item| at_place(item, place));
        }
        Kind::Call { arguments, .. } => {
            arguments.iter_mut().for_each(|item| at_place(item, place));
        }
        Kind::Object(members) => members.iter_mut().for_each(|(key, member)| {
            at_place(key, place);
            at_place(member, place);
        }),
        Kind::Traversal(root, path) => {
            at_place(root, place);
            steps(path);
        }
        Kind::Conditional(parts) => parts.iter_mut().for_each(|part| at_place(part, place)),
        Kind::Binary(_, parts) => parts.iter_mut().for_each(|part| at_place(part, place)),
        Kind::Not(inner) | Kind::Negative(inner) => at_place(inner, place),
        Kind::For(inner) => {
            at_place(&mut inner.collection, place);
            at_place(&mut inner.value, place);
            inner.key.iter_mut().for_each(|key| at_place(key, place));
            inner
                .condition
                .iter_mut()
                .for_each(|test| at_place(test, place));
        }
        _ => {}
    }
}

fn first_line(message: &str) -> &str {
    message
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.')
}

struct Reader {
    document: DocumentId,
}

impl Reader {
    fn place(&self, range: Option<std::ops::Range<usize>>) -> Option<Place> {
        let range = range?;
        let span = Span {
            start: u32::try_from(range.start).ok()?,
            end: u32::try_from(range.end).ok()?,
        };
        Some(Place {
            document: self.document,
            span,
        })
    }

    fn body(&self, body: &Body, mut block: Block) -> Block {
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let name = attribute.key.as_str().to_owned();
                    block
                        .attributes
                        .push((name, self.expression(&attribute.value)));
                }
                Structure::Block(inner) => {
                    let labels = inner.labels.iter().map(|label| label.as_str().to_owned());
                    let head = Block {
                        name: inner.ident.as_str().to_owned(),
                        labels: labels.collect(),
                        place: self.head(inner),
                        ..Block::default()
                    };
                    block.blocks.push(self.body(&inner.body, head));
                }
            }
        }
        block
    }

    /// The place of a block is its name and labels, not all that is in it.
    fn head(&self, block: &hcl_edit::structure::Block) -> Option<Place> {
        let first = block.ident.span()?;
        let last = block.labels.last().and_then(|label| label.span());
        self.place(Some(first.start..last.unwrap_or(first).end))
    }

    fn expression(&self, hcl: &Hcl) -> Expression {
        Expression {
            kind: self.kind(hcl),
            place: self.place(hcl.span()),
        }
    }

    fn boxed(&self, hcl: &Hcl) -> Box<Expression> {
        Box::new(self.expression(hcl))
    }

    fn kind(&self, hcl: &Hcl) -> Kind {
        match hcl {
            Hcl::Null(_) => Kind::Null,
            Hcl::Bool(flag) => Kind::Bool(*flag.value()),
            Hcl::Number(number) => Kind::Number(number.value().to_string().into()),
            Hcl::String(text) => Kind::Text(text.value().as_str().into()),
            Hcl::Array(items) => {
                Kind::List(items.iter().map(|item| self.expression(item)).collect())
            }
            Hcl::Object(members) => Kind::Object(
                members
                    .iter()
                    .map(|(key, member)| (self.key(key), self.expression(member.expr())))
                    .collect(),
            ),
            Hcl::StringTemplate(template) => self.template(template, None).kind,
            Hcl::HeredocTemplate(heredoc) => {
                let mut heredoc = heredoc.clone();
                heredoc.dedent();
                self.template(&heredoc.template, None).kind
            }
            Hcl::Parenthesis(inner) => self.kind(inner.inner()),
            Hcl::Variable(name) => Kind::Name(name.value().as_str().to_owned()),
            Hcl::Conditional(parts) => Kind::Conditional(Box::new([
                self.expression(&parts.cond_expr),
                self.expression(&parts.true_expr),
                self.expression(&parts.false_expr),
            ])),
            Hcl::FuncCall(call) => self.call(call),
            Hcl::Traversal(traversal) => {
                let steps = traversal
                    .operators
                    .iter()
                    .map(|step| self.step(step.value()));
                Kind::Traversal(self.boxed(&traversal.expr), steps.collect())
            }
            Hcl::UnaryOp(operation) => match operation.operator.value() {
                UnaryOperator::Neg => Kind::Negative(self.boxed(&operation.expr)),
                UnaryOperator::Not => Kind::Not(self.boxed(&operation.expr)),
            },
            Hcl::BinaryOp(operation) => {
                let sides = [
                    self.expression(&operation.lhs_expr),
                    self.expression(&operation.rhs_expr),
                ];
                Kind::Binary(operator(*operation.operator.value()), Box::new(sides))
            }
            Hcl::ForExpr(inner) => self.for_each(inner),
        }
    }

    /// The key of an object: a name stands for itself.
    fn key(&self, key: &ObjectKey) -> Expression {
        match key {
            ObjectKey::Ident(name) => Expression {
                kind: Kind::Text(name.value().as_str().into()),
                place: self.place(name.span()),
            },
            ObjectKey::Expression(Hcl::Variable(name)) => Expression {
                kind: Kind::Text(name.value().as_str().into()),
                place: self.place(name.span()),
            },
            ObjectKey::Expression(key) => self.expression(key),
        }
    }

    fn call(&self, call: &expr::FuncCall) -> Kind {
        let namespace = call
            .name
            .namespace
            .iter()
            .map(|part| format!("{}::", part.as_str()));
        let name = namespace.collect::<String>() + call.name.name.as_str();
        Kind::Call {
            name,
            arguments: call
                .args
                .iter()
                .map(|argument| self.expression(argument))
                .collect(),
            is_spread: call.args.expand_final(),
        }
    }

    fn step(&self, step: &TraversalOperator) -> Step {
        match step {
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Step::Splat,
            TraversalOperator::GetAttr(name) => Step::Member(name.value().as_str().to_owned()),
            TraversalOperator::Index(index) => Step::Index(self.expression(index)),
            TraversalOperator::LegacyIndex(index) => Step::Index(Expression {
                kind: Kind::Number(index.value().to_string().into()),
                place: self.place(index.span()),
            }),
        }
    }

    fn for_each(&self, inner: &expr::ForExpr) -> Kind {
        let name = |name: &hcl_edit::Decorated<hcl_edit::Ident>| name.value().as_str().to_owned();
        Kind::For(Box::new(For {
            key_name: inner.intro.key_var.as_ref().map(name),
            value_name: name(&inner.intro.value_var),
            collection: self.expression(&inner.intro.collection_expr),
            key: inner.key_expr.as_ref().map(|key| self.expression(key)),
            value: self.expression(&inner.value_expr),
            is_grouping: inner.grouping,
            condition: inner.cond.as_ref().map(|test| self.expression(&test.expr)),
        }))
    }

    fn template(&self, template: &Template, place: Option<Place>) -> Expression {
        let mut parts = Vec::new();
        for element in template {
            parts.push(match element {
                Element::Literal(text) => Expression {
                    kind: Kind::Text(text.value().as_str().into()),
                    place: self.place(text.span()),
                },
                Element::Interpolation(inner) => self.expression(&inner.expr),
                Element::Directive(directive) => self.directive(directive),
            });
        }
        let is_literal = parts.iter().all(|part| matches!(part.kind, Kind::Text(_)));
        let kind = match parts.len() {
            0 => Kind::Text("".into()),
            1 if is_literal => parts.remove(0).kind,
            _ => Kind::Template(parts),
        };
        Expression { kind, place }
    }

    fn directive(&self, directive: &Directive) -> Expression {
        let Directive::If(choice) = directive else {
            return Expression {
                kind: Kind::Other("a loop in a template"),
                place: None,
            };
        };
        let otherwise = choice
            .else_expr
            .as_ref()
            .map(|part| self.template(&part.template, None));
        let parts = [
            self.expression(&choice.if_expr.cond_expr),
            self.template(&choice.if_expr.template, None),
            otherwise.unwrap_or(Expression {
                kind: Kind::Text("".into()),
                place: None,
            }),
        ];
        Expression {
            kind: Kind::Conditional(Box::new(parts)),
            place: None,
        }
    }
}

fn operator(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::LessEq => Operator::LessOrEqual,
        BinaryOperator::GreaterEq => Operator::GreaterOrEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::Plus => Operator::Plus,
        BinaryOperator::Minus => Operator::Minus,
        BinaryOperator::Mul => Operator::Times,
        BinaryOperator::Div => Operator::Divide,
        BinaryOperator::Mod => Operator::Modulo,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
    }
}
