//! Values that no file holds as they are: what a template or a plan says after expansion.
//!
//! A source evaluates its language to [`Derived`] values and [`Document::derive`] makes a
//! document of them, whose nodes answer like those of a parsed file. Each knows the place in an
//! author's file that decided it, and the steps between.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::Text;
use crate::builder::DEEPEST;
use crate::tree::{Document, DocumentId, Node, NodeId, Span, Tag, UnknownNode, Value};

/// The most values that one root may stand for once everything shared is written out.
const LARGEST_EXPANSION: u64 = 10_000_000;

/// A value that a template or a plan produces.
#[derive(Clone, Debug, Default)]
pub struct Derived {
    /// What it is.
    pub content: Content,
    /// Where it comes from.
    pub source: Provenance,
}

/// What a derived value is. A copy shares what is in it.
#[derive(Clone, Debug, Default)]
pub enum Content {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it would be written in JSON.
    Number(Arc<str>),
    /// A string.
    String(Arc<str>),
    /// A list.
    Array(Arc<Vec<Derived>>),
    /// A mapping. Keys are strings with a provenance of their own, in order; of two equal ones
    /// the last counts.
    Object(Arc<Vec<(Derived, Derived)>>),
    /// What can't be known before deployment.
    Unknown {
        /// Why: "parameter `allowed` has no value". Lower case, no final stop.
        cause: Arc<str>,
        /// What to add to the input: "a parameter file with `allowed`".
        supply: Arc<str>,
    },
}

/// Where a value comes from.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// The place that decided the value: the literal itself where there is one (the default of
    /// the parameter, the line of the parameter file), else the expression. A value without a
    /// place has that of the list or mapping that it stands in.
    pub place: Option<Place>,
    /// How it got there, outermost first; shared between values.
    pub through: Option<Arc<Link>>,
}

/// A place in an author's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The document of the file, as the input numbers it.
    pub document: DocumentId,
    /// The place in its text.
    pub span: Span,
}

/// One step from where a value is used to where it was written.
#[derive(Debug)]
pub struct Link {
    /// Where the value is taken from: "variable `allowed`", "parameter `corpRange`'s default",
    /// "module `network`".
    pub label: Arc<str>,
    /// The place that takes it: the expression that names the variable.
    pub place: Option<Place>,
    /// The step after this one, nearer to the literal.
    pub next: Option<Arc<Self>>,
}

impl Derived {
    /// A value without a place.
    pub fn of(content: Content) -> Self {
        Self {
            content,
            source: Provenance::default(),
        }
    }

    /// A string.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::of(Content::String(text.into()))
    }

    /// A list.
    pub fn array(items: Vec<Self>) -> Self {
        Self::of(Content::Array(Arc::new(items)))
    }

    /// A mapping.
    pub fn object(members: Vec<(Self, Self)>) -> Self {
        Self::of(Content::Object(Arc::new(members)))
    }

    /// What can't be known before deployment.
    pub fn unknown(cause: impl Into<Arc<str>>, supply: impl Into<Arc<str>>) -> Self {
        Self::of(Content::Unknown {
            cause: cause.into(),
            supply: supply.into(),
        })
    }

    /// The same value, decided at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.source.place = Some(place);
        self
    }

    /// The same value as it is taken over at `place` from what `label` names.
    #[must_use]
    pub fn through(mut self, label: impl Into<Arc<str>>, place: Option<Place>) -> Self {
        self.source.through = Some(Arc::new(Link {
            label: label.into(),
            place,
            next: self.source.through.take(),
        }));
        self
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this can't be known before deployment.
    pub fn is_unknown(&self) -> bool {
        matches!(self.content, Content::Unknown { .. })
    }

    /// The value that a parsed one stands for as it is, with its places.
    pub fn literal(value: Value<'_>) -> Self {
        use crate::Kind;
        let content = match value.kind() {
            Kind::Null => Content::Null,
            Kind::Bool => Content::Bool(value.as_bool() == Some(true)),
            Kind::Number => Content::Number(value.scalar().into()),
            Kind::String => Content::String(value.scalar().into()),
            Kind::Array => Content::Array(Arc::new(value.items().map(Self::literal).collect())),
            Kind::Object => {
                let members = value.entries();
                let pairs =
                    members.map(|entry| (Self::literal(entry.key), Self::literal(entry.value)));
                Content::Object(Arc::new(pairs.collect()))
            }
            Kind::Unknown => match value.unknown() {
                Some((cause, supply)) => Content::Unknown {
                    cause: cause.into(),
                    supply: supply.into(),
                },
                None => Content::Null,
            },
        };
        Self::of(content).at(Place::of(value))
    }
}

impl Place {
    /// The place of a value of an author's file. The document must have its number.
    pub fn of(value: Value<'_>) -> Self {
        Self {
            document: value.document().id(),
            span: value.span(),
        }
    }
}

impl Provenance {
    /// The steps, outermost first.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::successors(self.through.as_deref(), |link| link.next.as_deref())
    }
}

impl fmt::Display for Provenance {
    /// "from variable `allowed`, from parameter `corpRange`'s default"; empty without steps.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, link) in self.links().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}from {}", link.label)?;
        }
        Ok(())
    }
}

/// What stands for an unknown text, such as a name, where there must be one: it is no value that
/// anything could have, and the same for the same cause. Without `/`, so that it can be a part
/// of a resource id.
pub fn stand_in(cause: &str) -> String {
    let cause = cause
        .replace(['/', '\\'], "|")
        .replace(char::is_control, " ");
    format!("<unknown: {cause}>")
}

/// A text with every [stand-in](stand_in) in it replaced by what a person would fill in.
pub fn with_placeholders(text: &str, placeholder: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(STAND_IN) {
        let Some(length) = rest[start..].find('>') else {
            break;
        };
        filled.push_str(&rest[..start]);
        filled.push_str(&placeholder(&rest[start + STAND_IN.len()..start + length]));
        rest = &rest[start + length + 1..];
    }
    filled.push_str(rest);
    filled
}

/// Whether a [stand-in](stand_in) is a part of a text, so that the text isn't known.
pub fn has_stand_in(text: &str) -> bool {
    text.contains(STAND_IN)
}

/// How a stand-in starts; it ends with `>`, which no cause within it has.
const STAND_IN: &str = "<unknown: ";

impl Document {
    /// A document of derived values, each of which is a root. `path` is what it was derived
    /// from; it has no text of its own.
    ///
    /// What would be nested too deep or grow beyond all bounds is unknown.
    pub fn derive(path: impl Into<String>, roots: &[Derived]) -> Self {
        let mut arena = Arena {
            document: Self::empty(Text::new(path, "")),
            shared: HashMap::new(),
        };
        for root in roots {
            let node = arena.add(root, &Provenance::default(), 0).node;
            arena.document.roots.push(NodeId(node));
        }
        arena.document
    }
}

/// A value in the arena with what it stands for.
#[derive(Clone, Copy)]
struct Added {
    node: u32,
    extent: Extent,
}

#[derive(Clone, Copy)]
struct Extent {
    /// How many values there would be if everything shared were written out.
    weight: u64,
    /// How deep the values below are nested.
    height: usize,
}

impl Extent {
    const SCALAR: Self = Self {
        weight: 1,
        height: 0,
    };

    fn around(self, child: Self) -> Self {
        Self {
            weight: self.weight.saturating_add(child.weight),
            height: self.height.max(child.height + 1),
        }
    }
}

struct Arena {
    document: Document,
    /// Where the children of a shared list or mapping are, by its address.
    shared: HashMap<*const (), (u32, Extent)>,
}

impl Arena {
    fn add(&mut self, value: &Derived, around: &Provenance, depth: usize) -> Added {
        let source = Provenance {
            place: value.source.place.or(around.place),
            // Without a place of its own a value came the way of what it stands in.
            through: match (&value.source.through, value.source.place) {
                (None, None) => around.through.clone(),
                (through, _) => through.clone(),
            },
        };
        match &value.content {
            Content::Null => self.scalar(Tag::Null, 0, source),
            Content::Bool(true) => self.scalar(Tag::True, 0, source),
            Content::Bool(false) => self.scalar(Tag::False, 0, source),
            Content::Number(text) => {
                // A number without a span has its text among the cooked ones, counted from 1.
                let at = self.cooked(text) + 1;
                self.scalar(Tag::Number, at, source)
            }
            Content::String(text) => {
                let at = self.cooked(text);
                self.scalar(Tag::Cooked, at, source)
            }
            Content::Unknown { cause, supply } => self.unknown(cause, supply, source),
            Content::Array(items) => {
                let key = Arc::as_ptr(items).cast();
                self.collection(Tag::Array, key, source, depth, |arena, source| {
                    let items = items.iter();
                    items
                        .map(|item| arena.add(item, source, depth + 1))
                        .collect()
                })
            }
            Content::Object(members) => {
                let key = Arc::as_ptr(members).cast();
                self.collection(Tag::Object, key, source, depth, |arena, source| {
                    let members = members.iter();
                    let pairs = members.flat_map(|(key, value)| [key, value]);
                    pairs
                        .map(|value| arena.add(value, source, depth + 1))
                        .collect()
                })
            }
        }
    }

    fn collection(
        &mut self,
        tag: Tag,
        key: *const (),
        source: Provenance,
        depth: usize,
        children: impl FnOnce(&mut Self, &Provenance) -> Vec<Added>,
    ) -> Added {
        let known = self.shared.get(&key).copied();
        if depth + known.map_or(0, |(_, extent)| extent.height) >= DEEPEST {
            return self.refuse("nested deeper than 256 levels", source);
        }
        let (payload, extent) = match known {
            Some(known) => known,
            None => {
                let children = children(self, &source);
                let extent = children
                    .iter()
                    .fold(Extent::SCALAR, |sum, child| sum.around(child.extent));
                let payload = self.edges(&children);
                self.shared.insert(key, (payload, extent));
                (payload, extent)
            }
        };
        if extent.weight > LARGEST_EXPANSION {
            return self.refuse("more than 10 million values", source);
        }
        let node = self.push(tag, payload, source);
        Added { node, extent }
    }

    fn edges(&mut self, children: &[Added]) -> u32 {
        let edges = &mut self.document.edges;
        let payload = narrow(edges.len());
        edges.push(narrow(children.len()));
        edges.extend(children.iter().map(|child| child.node));
        payload
    }

    fn refuse(&mut self, cause: &str, source: Provenance) -> Added {
        let cause = format!("what the template makes here is {cause}");
        self.unknown(&cause, "simplify the template", source)
    }

    fn unknown(&mut self, cause: &str, supply: &str, source: Provenance) -> Added {
        let at = narrow(self.document.unknowns.len());
        self.document.unknowns.push(UnknownNode {
            cause: cause.into(),
            supply: supply.into(),
            text: stand_in(cause).into(),
        });
        self.scalar(Tag::Unknown, at, source)
    }

    fn cooked(&mut self, text: &str) -> u32 {
        self.document.cooked.push(text.into());
        narrow(self.document.cooked.len() - 1)
    }

    fn scalar(&mut self, tag: Tag, payload: u32, source: Provenance) -> Added {
        Added {
            node: self.push(tag, payload, source),
            extent: Extent::SCALAR,
        }
    }

    fn push(&mut self, tag: Tag, payload: u32, source: Provenance) -> u32 {
        let node = narrow(self.document.nodes.len());
        let span = Span { start: 0, end: 0 };
        self.document.nodes.push(Node { span, payload, tag });
        self.document.provenance.push(source);
        node
    }
}

/// The arena stays far below 4 billion values, since each takes memory.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
