//! The tree of a parsed file: a compact arena of nodes, and [`Value`], the handle to one of them.

use std::fmt;
use std::ops::Range;

use crate::{Position, Provenance, Text, witness};

/// A range of bytes in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The span as a range for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A node of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

/// The number of a document within the estate that holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub u32);

/// Where a value comes from: a node of a document. Resolved to a line only when printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The document.
    pub document: DocumentId,
    /// The node in it.
    pub node: NodeId,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number, kept as it is written.
    Number,
    /// A string.
    String,
    /// A list.
    Array,
    /// A mapping.
    Object,
    /// What a template or a plan can't know before it is deployed; see [`Value::unknown`]. Only
    /// derived documents have it.
    Unknown,
}

/// How a node's payload is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Null,
    False,
    True,
    /// A number that stands in the text, or with a payload the one before it among the cooked
    /// strings.
    Number,
    /// A string that stands in the text as it is; the payload is the width of its quotes.
    Verbatim,
    /// A string with escapes or folding; the payload is its index among the cooked strings.
    Cooked,
    /// The payload is the index of the length in `edges`, followed by the items.
    Array,
    /// As `Array`, with key and value alternating.
    Object,
    /// The payload is its index among the unknown ones.
    Unknown,
}

/// Why a value can't be known, and what would tell.
#[derive(Clone, Debug)]
pub(crate) struct UnknownNode {
    pub(crate) cause: Box<str>,
    pub(crate) supply: Box<str>,
    /// What stands for it where there must be a text.
    pub(crate) text: Box<str>,
}

/// Sixteen bytes, so that a file of 60 MB costs about as much again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) payload: u32,
    pub(crate) tag: Tag,
}

/// A parsed file. A JSON file has one root, a YAML file one for each of its documents.
#[derive(Clone, Debug)]
pub struct Document {
    pub(crate) id: DocumentId,
    pub(crate) text: Text,
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<u32>,
    pub(crate) cooked: Vec<Box<str>>,
    pub(crate) comments: Vec<Span>,
    pub(crate) roots: Vec<NodeId>,
    pub(crate) unknowns: Vec<UnknownNode>,
    /// For every node of a derived document where it comes from; nothing for a parsed one.
    pub(crate) provenance: Vec<Provenance>,
}

impl Document {
    /// A document without values.
    pub(crate) fn empty(text: Text) -> Self {
        Self {
            id: DocumentId::default(),
            text,
            nodes: Vec::new(),
            edges: Vec::new(),
            cooked: Vec::new(),
            comments: Vec::new(),
            roots: Vec::new(),
            unknowns: Vec::new(),
            provenance: Vec::new(),
        }
    }

    /// A file in another notation, such as HCL, whose values are derived: a text and its comments.
    pub fn of_text(text: Text, comments: Vec<Span>) -> Self {
        Self {
            comments,
            ..Self::empty(text)
        }
    }

    /// The text the document was parsed from.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The number given by the estate that holds the document.
    pub fn id(&self) -> DocumentId {
        self.id
    }

    /// Numbers the document; done once, by the estate that takes it in.
    pub fn set_id(&mut self, id: DocumentId) {
        self.id = id;
    }

    /// Whether the values come from the expansion of a template or a plan.
    pub fn is_derived(&self) -> bool {
        !self.provenance.is_empty()
    }

    /// The top values: one for JSON, one for each document of a YAML stream.
    pub fn roots(&self) -> impl ExactSizeIterator<Item = Value<'_>> {
        self.roots.iter().map(|&node| Value {
            document: self,
            node,
        })
    }

    /// The value at a node of this document.
    pub fn value(&self, node: NodeId) -> Value<'_> {
        Value {
            document: self,
            node,
        }
    }

    /// Every value and key of the file, each once, however often an alias uses it and even if
    /// nothing leads to it any more: values that a merge key or a broken document left behind.
    pub fn values(&self) -> impl ExactSizeIterator<Item = Value<'_>> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(|node| Value {
            document: self,
            node: NodeId(node),
        })
    }

    /// The comments, in the order of the text, each with its comment sign.
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// Where a span starts and ends.
    pub fn positions(&self, span: Span) -> (Position, Position) {
        (
            self.text.position(span.start as usize),
            self.text.position(span.end as usize),
        )
    }

    /// Masks the text of the given values with `*`. Spans stay true and nothing of the values
    /// remains in memory.
    pub fn redact(&mut self, values: &[NodeId]) {
        let spans: Vec<_> = values
            .iter()
            .map(|&NodeId(node)| self.content_range(node))
            .collect();
        self.text.mask(&spans);
        for &NodeId(node) in values {
            let node = self.nodes[node as usize];
            match (node.tag, node.payload) {
                (Tag::Cooked, at) => self.cooked[at as usize] = "*****".into(),
                (Tag::Number, at @ 1..) => self.cooked[at as usize - 1] = "*****".into(),
                _ => {}
            }
        }
    }

    /// Masks ranges of the text (in order, apart from each other) and whatever `find` finds in
    /// the strings whose content differs from their text. Where the ranges leave out something
    /// that `find` sees, the whole text of the string is masked.
    pub fn mask(
        &mut self,
        ranges: &[Range<usize>],
        find: impl Fn(NodeId, &str) -> Vec<Range<usize>>,
    ) {
        let mut whole = Vec::new();
        for (node, inner) in (0..).zip(&self.nodes) {
            if inner.tag != Tag::Cooked {
                continue;
            }
            let content = &mut self.cooked[inner.payload as usize];
            let found = find(NodeId(node), content);
            if found.is_empty() {
                continue;
            }
            let mut masked = Text::new("", std::mem::take(content));
            masked.mask(&found);
            *content = masked.content().into();
            let span = inner.span.range();
            let first = ranges.partition_point(|range| range.start < span.start);
            let seen = ranges[first..].partition_point(|range| range.start < span.end);
            if seen < found.len() {
                whole.push(self.content_range(node));
            }
        }
        self.text.mask(ranges);
        self.text.mask(&whole);
    }

    /// Masks the text that belongs to no finished value: what stands around a syntax error and
    /// so could not be searched for secrets.
    pub fn mask_unread(&mut self) {
        let mut read: Vec<_> = self.roots().map(|root| root.span().range()).collect();
        read.sort_by_key(|range| range.start);
        let mut unread = Vec::with_capacity(read.len() + 1);
        let mut at = 0;
        for range in read {
            unread.push(at..range.start.max(at));
            at = range.end.max(at);
        }
        unread.push(at..self.text.content().len());
        for node in self.nodes.iter().filter(|node| node.tag == Tag::Cooked) {
            let start = node.span.start as usize;
            let after = unread.partition_point(|range| range.start <= start);
            if after > 0 && unread[after - 1].contains(&start) {
                self.cooked[node.payload as usize] = "*****".into();
            }
        }
        self.text.mask(&unread);
    }

    /// The text of a scalar without its quotes.
    fn content_range(&self, node: u32) -> Range<usize> {
        let node = self.nodes[node as usize];
        let quotes = match node.tag {
            Tag::Verbatim => node.payload as usize,
            // Quoted or block: the first character is a sign of the notation, not content.
            Tag::Cooked if self.text.content()[node.span.range()].starts_with(['"', '\'']) => 1,
            _ => 0,
        };
        let range = node.span.range();
        range.start + quotes..range.end.saturating_sub(quotes).max(range.start + quotes)
    }
}

/// One member of an object.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'d> {
    /// The key.
    pub key: Value<'d>,
    /// The value.
    pub value: Value<'d>,
}

impl<'d> Entry<'d> {
    /// The key as text.
    pub fn name(&self) -> &'d str {
        self.key.scalar()
    }
}

/// A value in a document.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    document: &'d Document,
    node: NodeId,
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.document, other.document) && self.node == other.node
    }
}

impl Eq for Value<'_> {}

impl<'d> Value<'d> {
    fn inner(self) -> Node {
        self.document.nodes[self.node.0 as usize]
    }

    fn edges(self) -> &'d [u32] {
        let node = self.inner();
        match node.tag {
            Tag::Array | Tag::Object => {
                let at = node.payload as usize;
                let length = self.document.edges[at] as usize;
                &self.document.edges[at + 1..at + 1 + length]
            }
            _ => &[],
        }
    }

    fn at(self, node: u32) -> Self {
        Self {
            document: self.document,
            node: NodeId(node),
        }
    }

    /// What the value is.
    pub fn kind(self) -> Kind {
        match self.inner().tag {
            Tag::Null => Kind::Null,
            Tag::False | Tag::True => Kind::Bool,
            Tag::Number => Kind::Number,
            Tag::Verbatim | Tag::Cooked => Kind::String,
            Tag::Array => Kind::Array,
            Tag::Object => Kind::Object,
            Tag::Unknown => {
                witness::note(self);
                Kind::Unknown
            }
        }
    }

    /// Whether this can't be known before deployment.
    pub fn is_unknown(self) -> bool {
        self.inner().tag == Tag::Unknown
    }

    /// Why this can't be known and what to supply, if it can't.
    pub fn unknown(self) -> Option<(&'d str, &'d str)> {
        let node = self.inner();
        let unknown =
            (node.tag == Tag::Unknown).then(|| &self.document.unknowns[node.payload as usize])?;
        Some((&unknown.cause, &unknown.supply))
    }

    /// Where the value comes from, if its document was derived.
    pub fn provenance(self) -> Option<&'d Provenance> {
        self.document.provenance.get(self.node.0 as usize)
    }

    /// Whether this is `null`.
    pub fn is_null(self) -> bool {
        self.inner().tag == Tag::Null
    }

    /// The text of any scalar: a string's content, a number or a boolean as written; empty for
    /// lists, mappings and null. What is unknown has a stand-in that equals nothing real.
    pub fn scalar(self) -> &'d str {
        let node = self.inner();
        let content = self.document.text.content();
        match node.tag {
            Tag::Cooked => &self.document.cooked[node.payload as usize],
            Tag::Verbatim => {
                let quotes = node.payload as usize;
                &content[node.span.start as usize + quotes..node.span.end as usize - quotes]
            }
            Tag::Number if node.payload > 0 => &self.document.cooked[node.payload as usize - 1],
            Tag::True if self.document.is_derived() => "true",
            Tag::False if self.document.is_derived() => "false",
            Tag::Number | Tag::True | Tag::False => &content[node.span.range()],
            Tag::Unknown => {
                witness::note(self);
                &self.document.unknowns[node.payload as usize].text
            }
            Tag::Null | Tag::Array | Tag::Object => "",
        }
    }

    /// The content if this is a string.
    pub fn as_str(self) -> Option<&'d str> {
        (self.kind() == Kind::String).then(|| self.scalar())
    }

    /// The truth value if this is a boolean.
    pub fn as_bool(self) -> Option<bool> {
        (self.kind() == Kind::Bool).then(|| self.inner().tag == Tag::True)
    }

    /// The number if this is a whole one.
    pub fn as_i64(self) -> Option<i64> {
        if self.kind() != Kind::Number {
            return None;
        }
        let text = self.scalar();
        text.parse()
            .ok()
            .or_else(|| crate::scalar::whole_number(text))
    }

    /// The member called `key`. Where a key is given twice the last one counts, as in the JSON
    /// readers of Azure and Kubernetes. Every member of an unknown value is unknown.
    pub fn get(self, key: &str) -> Option<Self> {
        self.find(|name| name == key)
    }

    /// The member called `key` in any letter case, which is how Azure Resource Manager reads.
    pub fn get_ignore_case(self, key: &str) -> Option<Self> {
        self.find(|name| name.eq_ignore_ascii_case(key))
    }

    fn find(self, is_wanted: impl Fn(&str) -> bool) -> Option<Self> {
        if self.is_unknown() {
            return Some(self);
        }
        self.entries()
            .rev()
            .find(|entry| is_wanted(entry.name()))
            .map(|entry| entry.value)
    }

    /// The members of an object; nothing for other kinds. An unknown value has one: itself, by
    /// an unknown name.
    pub fn entries(self) -> impl DoubleEndedIterator<Item = Entry<'d>> + ExactSizeIterator {
        let edges = if self.kind() == Kind::Object {
            self.edges()
        } else {
            &[]
        };
        let length = if self.is_unknown() {
            1
        } else {
            edges.len() / 2
        };
        (0..length).map(move |at| match edges.get(2 * at..2 * at + 2) {
            Some(pair) => Entry {
                key: self.at(pair[0]),
                value: self.at(pair[1]),
            },
            None => Entry {
                key: self,
                value: self,
            },
        })
    }

    /// The items of a list; nothing for other kinds. An unknown value has one: itself.
    pub fn items(self) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        let edges = if self.kind() == Kind::Array {
            self.edges()
        } else {
            &[]
        };
        let length = if self.is_unknown() { 1 } else { edges.len() };
        (0..length).map(move |at| edges.get(at).map_or(self, |&node| self.at(node)))
    }

    /// The place in the text; that of a derived value is its [provenance](Value::provenance).
    pub fn span(self) -> Span {
        self.inner().span
    }

    /// The node.
    pub fn node(self) -> NodeId {
        self.node
    }

    /// The document.
    pub fn document(self) -> &'d Document {
        self.document
    }

    /// The place in the estate.
    pub fn origin(self) -> Origin {
        Origin {
            document: self.document.id,
            node: self.node,
        }
    }

    /// Where the value starts.
    pub fn position(self) -> Position {
        self.document.text.position(self.span().start as usize)
    }

    /// Whether two values mean the same: numbers and strings by their text, objects without
    /// regard to the order of their members, unknown ones by their cause.
    pub fn same_content(self, other: Self) -> bool {
        match (self.kind(), other.kind()) {
            (Kind::Object, Kind::Object) => {
                self.entries().len() == other.entries().len()
                    && self.entries().all(|entry| {
                        other
                            .get(entry.name())
                            .is_some_and(|twin| entry.value.same_content(twin))
                    })
            }
            (Kind::Array, Kind::Array) => {
                self.items().len() == other.items().len()
                    && self
                        .items()
                        .zip(other.items())
                        .all(|(left, right)| left.same_content(right))
            }
            (left, right) => left == right && self.scalar() == other.scalar(),
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::Null => f.write_str("null"),
            Kind::Unknown => f.write_str(self.scalar()),
            Kind::String => write!(f, "{:?}", self.scalar()),
            Kind::Bool | Kind::Number => f.write_str(self.scalar()),
            Kind::Array => f.debug_list().entries(self.items()).finish(),
            Kind::Object => f
                .debug_map()
                .entries(self.entries().map(|entry| (entry.key, entry.value)))
                .finish(),
        }
    }
}
