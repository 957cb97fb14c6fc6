//! Calico's selectors: `app == 'till' && !has(legacy)`.
//!
//! The grammar is that of Calico's own parser (`libcalico-go/lib/selector`, 3.31), its corners
//! included: spaces and tabs are the only blanks, an operator is looked for only after a label
//! (so that `in == 'x'` asks for a label called `in`), and `!` binds closer than `&&`.

use std::fmt;

/// Deeper nesting than anybody writes is refused, so that no input can exhaust the stack.
const DEEPEST: usize = 128;

/// A parsed selector.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CalicoSelector<'e> {
    root: Node<'e>,
    is_blank: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Node<'e> {
    All,
    Global,
    Has(&'e str),
    Compare(&'e str, Comparison, &'e str),
    /// The values are sorted and each is there once.
    In(&'e str, Vec<&'e str>),
    NotIn(&'e str, Vec<&'e str>),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Comparison {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
}

impl Comparison {
    fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Contains => "contains",
            Self::StartsWith => "starts with",
            Self::EndsWith => "ends with",
        }
    }

    /// What is true of a label that isn't there: only that it differs.
    fn holds(self, label: Option<&str>, value: &str) -> bool {
        match (self, label) {
            (Self::NotEqual, label) => label != Some(value),
            (_, None) => false,
            (Self::Equal, Some(label)) => label == value,
            (Self::Contains, Some(label)) => label.contains(value),
            (Self::StartsWith, Some(label)) => label.starts_with(value),
            (Self::EndsWith, Some(label)) => label.ends_with(value),
        }
    }
}

/// What the parts of a selector mean: sets of endpoints by their labels, say.
pub trait SelectorMeaning {
    /// What a part means.
    type Set;
    /// `all()`.
    fn all(&self) -> Self::Set;
    /// `global()`.
    fn global(&self) -> Self::Set;
    /// What has a label with such a value.
    fn having(&self, key: &str, is_meant: &dyn Fn(&str) -> bool) -> Self::Set;
    /// Everything else.
    fn not(&self, set: Self::Set) -> Self::Set;
    /// What is in both.
    fn and(&self, left: Self::Set, right: Self::Set) -> Self::Set;
    /// What is in either.
    fn or(&self, left: Self::Set, right: Self::Set) -> Self::Set;
}

/// What is wrong with a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidCalicoSelector {
    /// The byte of the selector at which reading stopped.
    pub at: usize,
    /// What is wrong there.
    pub message: &'static str,
}

impl fmt::Display for InvalidCalicoSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the selector is not valid at its character {}: {}",
            self.at + 1,
            self.message
        )
    }
}

impl<'e> CalicoSelector<'e> {
    /// Parses a selector. An empty one selects everything.
    pub fn parse(text: &'e str) -> Result<Self, InvalidCalicoSelector> {
        let mut parser = Parser {
            tokens: Tokens { text, at: 0 },
            next: (Token::End, 0),
            depth: 0,
        };
        parser.advance(false)?;
        if parser.next.0 == Token::End {
            return Ok(Self {
                root: Node::All,
                is_blank: true,
            });
        }
        let root = parser.any_of()?;
        match parser.next {
            (Token::End, _) => Ok(Self {
                root,
                is_blank: false,
            }),
            (_, at) => Err(refuse(at, "expected `&&`, `||` or the end")),
        }
    }

    /// Whether nothing at all is written, which some fields distinguish from `all()`.
    pub fn is_blank(&self) -> bool {
        self.is_blank
    }

    /// Whether labels, asked by key, fulfil the selector. `all()` and `global()` always hold.
    pub fn matches<'l>(&self, label: impl Fn(&str) -> Option<&'l str>) -> bool {
        self.root.holds(&label, None)
    }

    /// Whether the namespace of an endpoint, whose labels are asked by key, fulfils a namespace
    /// selector: `all()` stands for any endpoint in a namespace, `global()` for any in none.
    pub fn matches_namespace<'l>(
        &self,
        has_namespace: bool,
        label: impl Fn(&str) -> Option<&'l str>,
    ) -> bool {
        self.root.holds(&label, Some(has_namespace))
    }

    /// What the selector means to things that are looked up rather than asked one by one.
    pub fn meaning<M: SelectorMeaning>(&self, of: &M) -> M::Set {
        self.root.meaning(of)
    }

    /// The keys of the labels that are asked for, in the order in which they are written.
    pub fn keys(&self) -> Vec<&'e str> {
        let mut keys = Vec::new();
        self.root.keys(&mut keys);
        keys
    }
}

impl<'e> Node<'e> {
    fn holds<'l>(
        &self,
        label: &impl Fn(&str) -> Option<&'l str>,
        has_namespace: Option<bool>,
    ) -> bool {
        let is_among = |key: &str, values: &[&str]| {
            label(key).is_some_and(|value| values.binary_search(&value).is_ok())
        };
        match self {
            Self::All => has_namespace.unwrap_or(true),
            Self::Global => !has_namespace.unwrap_or(false),
            Self::Has(key) => label(key).is_some(),
            Self::Compare(key, comparison, value) => comparison.holds(label(key), value),
            Self::In(key, values) => is_among(key, values),
            Self::NotIn(key, values) => !is_among(key, values),
            Self::Not(inner) => !inner.holds(label, has_namespace),
            Self::And(parts) => parts.iter().all(|part| part.holds(label, has_namespace)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(label, has_namespace)),
        }
    }

    fn meaning<M: SelectorMeaning>(&self, of: &M) -> M::Set {
        let joined = |parts: &[Self], join: &dyn Fn(M::Set, M::Set) -> M::Set| {
            let meanings = parts.iter().map(|part| part.meaning(of));
            // The parser makes no group of nothing.
            meanings.reduce(join).unwrap_or_else(|| of.all())
        };
        match self {
            Self::All => of.all(),
            Self::Global => of.global(),
            Self::Has(key) => of.having(key, &|_| true),
            Self::Compare(key, Comparison::NotEqual, value) => {
                of.not(of.having(key, &|label| label == *value))
            }
            Self::Compare(key, comparison, value) => {
                of.having(key, &|label| comparison.holds(Some(label), value))
            }
            Self::In(key, values) => of.having(key, &|label| values.contains(&label)),
            Self::NotIn(key, values) => of.not(of.having(key, &|label| values.contains(&label))),
            Self::Not(inner) => of.not(inner.meaning(of)),
            Self::And(parts) => joined(parts, &|left, right| of.and(left, right)),
            Self::Or(parts) => joined(parts, &|left, right| of.or(left, right)),
        }
    }

    fn keys(&self, found: &mut Vec<&'e str>) {
        match self {
            Self::All | Self::Global => {}
            Self::Has(key) | Self::Compare(key, ..) | Self::In(key, _) | Self::NotIn(key, _) => {
                found.push(key)
            }
            Self::Not(inner) => inner.keys(found),
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.keys(found);
                }
            }
        }
    }
}

/// The canonical form, which Calico itself stores.
impl fmt::Display for CalicoSelector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl fmt::Display for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all()"),
            Self::Global => f.write_str("global()"),
            Self::Has(key) => write!(f, "has({key})"),
            Self::Compare(key, comparison, value) => {
                write!(f, "{key} {} {}", comparison.as_str(), Quoted(value))
            }
            Self::In(key, values) => write!(f, "{key} in {}", Set(values)),
            Self::NotIn(key, values) => write!(f, "{key} not in {}", Set(values)),
            Self::Not(inner) => write!(f, "!{inner}"),
            Self::And(parts) => write_joined(f, parts, " && "),
            Self::Or(parts) => write_joined(f, parts, " || "),
        }
    }
}

fn write_joined(f: &mut fmt::Formatter<'_>, parts: &[Node<'_>], between: &str) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        write!(f, "{}{part}", if place == 0 { "(" } else { between })?;
    }
    f.write_str(")")
}

/// A text in whichever quotes it doesn't hold: there are no escapes.
struct Quoted<'e>(&'e str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = if self.0.contains('"') { '\'' } else { '"' };
        write!(f, "{quote}{}{quote}", self.0)
    }
}

struct Set<'e>(&'e [&'e str]);

impl fmt::Display for Set<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (place, value) in self.0.iter().enumerate() {
            write!(f, "{}{}", if place == 0 { "" } else { ", " }, Quoted(value))?;
        }
        f.write_str("}")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'e> {
    Label(&'e str),
    Text(&'e str),
    Has(&'e str),
    All,
    Global,
    Compare(Comparison),
    In,
    NotIn,
    Not,
    And,
    Or,
    Open,
    Close,
    OpenSet,
    CloseSet,
    Comma,
    End,
}

fn refuse(at: usize, message: &'static str) -> InvalidCalicoSelector {
    InvalidCalicoSelector { at, message }
}

struct Tokens<'e> {
    text: &'e str,
    at: usize,
}

impl<'e> Tokens<'e> {
    fn rest(&self) -> &'e str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// Goes past `word` if it is next.
    fn take(&mut self, word: &str) -> bool {
        let is_next = self.rest().starts_with(word);
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    fn label(&mut self) -> Option<&'e str> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_./-".contains(byte);
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| is_part(byte)).count();
        self.at += length;
        (length > 0).then(|| &rest[..length])
    }

    /// The next token with its place. Words are operators only after a label.
    fn next(&mut self, after_label: bool) -> Result<(Token<'e>, usize), InvalidCalicoSelector> {
        self.skip_blanks();
        let start = self.at;
        let symbols = [
            ("==", Token::Compare(Comparison::Equal)),
            ("!=", Token::Compare(Comparison::NotEqual)),
            ("&&", Token::And),
            ("||", Token::Or),
            ("(", Token::Open),
            (")", Token::Close),
            ("{", Token::OpenSet),
            ("}", Token::CloseSet),
            (",", Token::Comma),
            ("!", Token::Not),
        ];
        if self.rest().is_empty() {
            return Ok((Token::End, start));
        }
        if let Some((_, token)) = symbols.into_iter().find(|(word, _)| self.take(word)) {
            return Ok((token, start));
        }
        let token = match self.rest().as_bytes()[0] {
            quote @ (b'"' | b'\'') => self.quoted(char::from(quote))?,
            b'=' => return Err(refuse(start, "expected `==`")),
            b'&' => return Err(refuse(start, "expected `&&`")),
            b'|' => return Err(refuse(start, "expected `||`")),
            _ if after_label => self.operator()?,
            _ => self.operand()?,
        };
        Ok((token, start))
    }

    fn quoted(&mut self, quote: char) -> Result<Token<'e>, InvalidCalicoSelector> {
        let start = self.at;
        self.at += 1;
        let rest = self.rest();
        let Some(length) = rest.find(quote) else {
            return Err(refuse(start, "the text has no closing quote"));
        };
        self.at += length + 1;
        Ok(Token::Text(&rest[..length]))
    }

    fn operator(&mut self) -> Result<Token<'e>, InvalidCalicoSelector> {
        let start = self.at;
        let two_words = [
            ("starts", "with", Token::Compare(Comparison::StartsWith)),
            ("ends", "with", Token::Compare(Comparison::EndsWith)),
            ("not", "in", Token::NotIn),
        ];
        for (first, second, token) in two_words {
            if self.take(first) {
                self.skip_blanks();
                if self.take(second) {
                    return Ok(token);
                }
                return Err(refuse(start, "expected an operator after the label"));
            }
        }
        if self.take("contains") {
            Ok(Token::Compare(Comparison::Contains))
        } else if self.take("in") {
            Ok(Token::In)
        } else {
            Err(refuse(start, "expected an operator after the label"))
        }
    }

    fn operand(&mut self) -> Result<Token<'e>, InvalidCalicoSelector> {
        let start = self.at;
        for (word, token) in [("all(", Token::All), ("global(", Token::Global)] {
            if self.take(word) {
                return self.closed(token);
            }
        }
        if self.take("has(") {
            self.skip_blanks();
            return match self.label() {
                Some(label) => self.closed(Token::Has(label)),
                None => Err(refuse(self.at, "expected the name of a label")),
            };
        }
        match self.label() {
            Some(label) => Ok(Token::Label(label)),
            None => Err(refuse(start, "a character that has no meaning here")),
        }
    }

    fn closed(&mut self, token: Token<'e>) -> Result<Token<'e>, InvalidCalicoSelector> {
        self.skip_blanks();
        if self.take(")") {
            Ok(token)
        } else {
            Err(refuse(self.at, "expected `)`"))
        }
    }
}

struct Parser<'e> {
    tokens: Tokens<'e>,
    next: (Token<'e>, usize),
    depth: usize,
}

impl<'e> Parser<'e> {
    fn advance(&mut self, after_label: bool) -> Result<(), InvalidCalicoSelector> {
        self.next = self.tokens.next(after_label)?;
        Ok(())
    }

    fn unexpected<T>(&self, message: &'static str) -> Result<T, InvalidCalicoSelector> {
        Err(refuse(self.next.1, message))
    }

    fn any_of(&mut self) -> Result<Node<'e>, InvalidCalicoSelector> {
        let mut parts = vec![self.all_of()?];
        while self.next.0 == Token::Or {
            self.advance(false)?;
            parts.push(self.all_of()?);
        }
        Ok(single(parts, Node::Or))
    }

    fn all_of(&mut self) -> Result<Node<'e>, InvalidCalicoSelector> {
        let mut parts = vec![self.operation()?];
        while self.next.0 == Token::And {
            self.advance(false)?;
            parts.push(self.operation()?);
        }
        Ok(single(parts, Node::And))
    }

    /// A comparison, a call, or something in parentheses, each perhaps negated.
    fn operation(&mut self) -> Result<Node<'e>, InvalidCalicoSelector> {
        let mut is_negated = false;
        while self.next.0 == Token::Not {
            is_negated = !is_negated;
            self.advance(false)?;
        }
        let node = match self.next.0 {
            Token::Label(key) => self.comparison(key)?,
            Token::Open => self.nested()?,
            token => {
                let node = match token {
                    Token::Has(key) => Node::Has(key),
                    Token::All => Node::All,
                    Token::Global => Node::Global,
                    _ => return self.unexpected("expected a label, `has(…)`, `all()` or `(`"),
                };
                self.advance(false)?;
                node
            }
        };
        Ok(if is_negated {
            Node::Not(Box::new(node))
        } else {
            node
        })
    }

    fn nested(&mut self) -> Result<Node<'e>, InvalidCalicoSelector> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.unexpected("parentheses are nested too deeply");
        }
        self.advance(false)?;
        let inner = self.any_of()?;
        if self.next.0 != Token::Close {
            return self.unexpected("expected `)`");
        }
        self.depth -= 1;
        self.advance(false)?;
        Ok(inner)
    }

    fn comparison(&mut self, key: &'e str) -> Result<Node<'e>, InvalidCalicoSelector> {
        self.advance(true)?;
        let operator = self.next.0;
        if !matches!(operator, Token::Compare(_) | Token::In | Token::NotIn) {
            return self.unexpected("expected an operator after the label");
        }
        self.advance(false)?;
        match (operator, self.next.0) {
            (Token::Compare(comparison), Token::Text(value)) => {
                self.advance(false)?;
                Ok(Node::Compare(key, comparison, value))
            }
            (Token::Compare(_), _) => self.unexpected("expected a text in quotes"),
            (_, Token::OpenSet) => {
                let values = self.set()?;
                Ok(match operator {
                    Token::In => Node::In(key, values),
                    _ => Node::NotIn(key, values),
                })
            }
            _ => self.unexpected("expected `{`"),
        }
    }

    /// Texts between braces. A comma after the last is allowed, and so is none at all.
    fn set(&mut self) -> Result<Vec<&'e str>, InvalidCalicoSelector> {
        self.advance(false)?;
        let mut values = Vec::new();
        while let Token::Text(value) = self.next.0 {
            values.push(value);
            self.advance(false)?;
            if self.next.0 != Token::Comma {
                break;
            }
            self.advance(false)?;
        }
        if self.next.0 != Token::CloseSet {
            return self.unexpected("expected `}`");
        }
        self.advance(false)?;
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }
}

fn single<'e>(mut parts: Vec<Node<'e>>, join: fn(Vec<Node<'e>>) -> Node<'e>) -> Node<'e> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}
