//! The notation of the mapping tables. A table says how the attributes of one resource type of a
//! provider become the body of an ARM resource or a Kubernetes object:
//!
//! ```text
//! resource azurerm_route_table
//! id {group}/providers/Microsoft.Network/routeTables/{name}
//! location                       location
//! bgp_route_propagation_enabled  properties.disableBgpRoutePropagation  not
//! route                          properties.routes[]
//!   name                         name
//!   address_prefix               properties.addressPrefix
//! -                              timeouts
//! ```
//!
//! A line is an attribute, the place of its value in the body, and what is done to the value on
//! the way ([`Change`]). Lines that are indented below an attribute describe its blocks. The
//! place of a block is the object that its attributes go to: `.` is the one around it, and a
//! place that ends with `[]` is a list with an object for each block. A place such as
//! `>policies/policy` is a resource of its own below this one. `=` instead of an attribute
//! sets a literal wherever the block is, and `@` makes an object of its own of some of the attributes
//! around. `-` names attributes that say nothing that ARM keeps at
//! rest, or nothing about the network.

/// One table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// The resource types of the provider that the table is for.
    pub(crate) types: Vec<&'static str>,
    /// The template of the ARM id, for a resource of its own.
    pub(crate) id: Option<&'static str>,
    /// The template of the id of the resource whose body takes this one in, and the list or
    /// object in it.
    pub(crate) into: Option<(&'static str, Vec<Segment>)>,
    /// The `apiVersion` and `kind` of a Kubernetes object.
    pub(crate) object: Option<(&'static str, &'static str)>,
    /// The attributes.
    pub(crate) lines: Vec<Line>,
}

/// What becomes of one attribute.
#[derive(Debug)]
pub(crate) struct Line {
    /// The name of the attribute; `=` for a literal.
    pub(crate) attribute: &'static str,
    /// Where its value goes; nothing if it is left out.
    pub(crate) path: Option<Vec<Segment>>,
    /// What is done to the value.
    pub(crate) changes: Vec<Change>,
    /// The attributes of the block.
    pub(crate) lines: Vec<Self>,
}

/// A step of a place in a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A member.
    Member(&'static str),
    /// Every item of a list.
    Each,
}

/// What is done to a value on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// True becomes false and the other way round.
    Not,
    /// A text is replaced by another; any other text stays.
    Rename(Vec<(&'static str, &'static str)>),
    /// What the provider sends when the attribute isn't given.
    Default(&'static str),
    /// The value is always this.
    Literal(&'static str),
    /// A text that holds JSON.
    Json,
    /// A single value becomes a list of one.
    List,
    /// The first item of a list.
    First,
    /// The part of a text between underscores, counted from 0: `Standard` of `Standard_2`.
    Word(usize),
    /// The name of a part becomes the id of that part below the resource: the collection.
    Part(&'static str),
    /// A map becomes a list of objects with these two members.
    Entries(&'static str, &'static str),
    /// A value becomes a condition on a field of the activity log; a list becomes alternatives.
    Condition(Comparison, &'static str),
    /// A value becomes an object with the value and a literal beside it.
    With(&'static str, &'static str, &'static str),
    /// Nothing but a literal where the block isn't given.
    Absent(&'static str),
    /// A block that isn't given counts as an empty one.
    Always,
    /// Only blocks in which an attribute has this value.
    When(&'static str, &'static str),
}

/// How the name of a member starts that is to be a resource of its own below this one.
pub(crate) const CHILD: char = '>';

/// How the condition of an activity log alert compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// `equals` with the one value.
    Equals,
    /// `anyOf` conditions of which each equals a value.
    AnyOf,
    /// `containsAny` of the values.
    ContainsAny,
}

/// The tables of a text; a line that isn't understood gives its number.
pub(crate) fn parse(text: &'static str) -> Result<Vec<Table>, usize> {
    let mut parser = Parser {
        lines: text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line.trim_end()))
            .filter(|(_, line)| !line.trim_start().starts_with('#') && !line.is_empty())
            .collect(),
        at: 0,
    };
    let mut tables: Vec<(Option<&'static str>, Table)> = Vec::new();
    while parser.at < parser.lines.len() {
        let table = parser.table(&tables)?;
        tables.push(table);
    }
    Ok(tables
        .into_iter()
        .filter(|(name, _)| name.is_none())
        .map(|(_, table)| table)
        .collect())
}

struct Parser {
    lines: Vec<(usize, &'static str)>,
    at: usize,
}

type Named = (Option<&'static str>, Table);

impl Parser {
    /// A table from `resource` on, or a named part of tables from `part` on.
    fn table(&mut self, known: &[Named]) -> Result<Named, usize> {
        let (number, line) = self.lines[self.at];
        let mut words = line.split_whitespace();
        let mut table = Table::default();
        let name = match words.next() {
            Some("resource") => {
                table.types = words.collect();
                None
            }
            Some("part") => Some(words.next().ok_or(number)?),
            _ => return Err(number),
        };
        self.at += 1;
        while let Some(&(number, line)) = self.lines.get(self.at) {
            let mut words = line.split_whitespace();
            match words.next() {
                Some("id") if !line.starts_with(' ') && line.contains('{') => {
                    table.id = words.next();
                }
                Some("into") => {
                    let template = words.next().ok_or(number)?;
                    let path = path(words.next().ok_or(number)?).ok_or(number)?;
                    table.into = Some((template, path));
                }
                Some("object") => {
                    let version = words.next().ok_or(number)?;
                    table.object = Some((version, words.next().ok_or(number)?));
                }
                _ => break,
            }
            self.at += 1;
        }
        table.lines = self.block(0, known)?;
        Ok((name, table))
    }

    fn block(&mut self, indent: usize, known: &[Named]) -> Result<Vec<Line>, usize> {
        let mut found = Vec::new();
        while let Some(&(number, text)) = self.lines.get(self.at) {
            let own = text.len() - text.trim_start().len();
            let is_header =
                own == 0 && (text.starts_with("resource ") || text.starts_with("part "));
            if own < indent || is_header {
                break;
            }
            if own > indent {
                return Err(number);
            }
            self.at += 1;
            let mut words = text.split_whitespace();
            match words.next() {
                Some("-") => found.extend(words.map(ignored)),
                Some("use") => {
                    let name = words.next().ok_or(number)?;
                    let part = known.iter().find(|(known, _)| *known == Some(name));
                    found.extend(part.ok_or(number)?.1.lines.iter().map(copy));
                }
                _ => {
                    let mut line = line(text).ok_or(number)?;
                    let next = self
                        .lines
                        .get(self.at)
                        .map(|(_, next)| next.len() - next.trim_start().len());
                    if let Some(inner) = next.filter(|inner| *inner > indent) {
                        line.lines = self.block(inner, known)?;
                    }
                    found.push(line);
                }
            }
        }
        Ok(found)
    }
}

fn ignored(attribute: &'static str) -> Line {
    Line {
        attribute,
        path: None,
        changes: Vec::new(),
        lines: Vec::new(),
    }
}

fn copy(line: &Line) -> Line {
    Line {
        attribute: line.attribute,
        path: line.path.clone(),
        changes: line.changes.clone(),
        lines: line.lines.iter().map(copy).collect(),
    }
}

fn line(text: &'static str) -> Option<Line> {
    let mut words = text.split_whitespace();
    let attribute = words.next()?;
    let path = Some(path(words.next()?)?);
    let mut changes = Vec::new();
    if attribute == "=" {
        changes.push(Change::Literal(words.next()?));
    }
    while let Some(word) = words.next() {
        if let (Some(Change::Rename(pairs)), Some(pair)) =
            (changes.last_mut(), word.split_once('='))
        {
            pairs.push(pair);
            continue;
        }
        changes.push(match word {
            "not" => Change::Not,
            "default" => Change::Default(words.next()?),
            "json" => Change::Json,
            "list" => Change::List,
            "first" => Change::First,
            "word" => Change::Word(words.next()?.parse().ok()?),
            "part" => Change::Part(words.next()?),
            "absent" => Change::Absent(words.next()?),
            "always" => Change::Always,
            "when" => {
                let (attribute, wanted) = words.next()?.split_once('=')?;
                Change::When(attribute, wanted)
            }
            "field" => Change::Condition(Comparison::Equals, words.next()?),
            "any" => Change::Condition(Comparison::AnyOf, words.next()?),
            "contains" => Change::Condition(Comparison::ContainsAny, words.next()?),
            "with" => Change::With(words.next()?, words.next()?, words.next()?),
            "entries" => Change::Entries(words.next()?, words.next()?),
            pair => Change::Rename(vec![pair.split_once('=')?]),
        });
    }
    Some(Line {
        attribute,
        path,
        changes,
        lines: Vec::new(),
    })
}

/// A place: members with dots between them, a member with dots of its own in quotes, `[]` for
/// every item of a list, `.` for the place itself.
fn path(text: &'static str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut rest = text.strip_prefix('.').unwrap_or(text);
    while !rest.is_empty() {
        let (member, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        segments.push(Segment::Member(member));
        rest = after;
        if let Some(after) = rest.strip_prefix("[]") {
            segments.push(Segment::Each);
            rest = after;
        }
        if !rest.is_empty() {
            rest = rest.strip_prefix('.')?;
        }
    }
    Some(segments)
}
