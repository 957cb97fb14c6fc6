//! Puts a tree together from the events of a parser, without recursion, so that no depth of
//! nesting can exhaust the stack.

use std::collections::HashSet;

use crate::tree::{Document, Node, NodeId, Span, Tag};
use crate::{Diagnostic, Text};

/// The deepest nesting that is read. Real inputs stay below 40; recursion over a finished tree
/// is safe at this depth.
pub(crate) const DEEPEST: usize = 256;

/// How many diagnostics of one kind a file gives before the rest are counted only.
pub(crate) const MOST_OF_A_KIND: usize = 20;

/// How much text a value takes, about: room for so many is made at once, without moving the ones
/// that are there already whenever it runs out.
const BYTES_PER_NODE: usize = 24;

/// A list or mapping that is not finished: where it starts and what it holds so far.
struct Open {
    tag: Tag,
    start: u32,
    children: Vec<u32>,
    /// How many values there would be if every alias were written out.
    weight: u64,
}

/// A tree in the making.
#[derive(Default)]
pub(crate) struct Builder<'t> {
    content: &'t str,
    nodes: Vec<Node>,
    edges: Vec<u32>,
    cooked: Vec<Box<str>>,
    comments: Vec<Span>,
    roots: Vec<NodeId>,
    open: Vec<Open>,
    /// Buffers of finished collections, kept to be used again.
    spare: Vec<Vec<u32>>,
    duplicates: Vec<NodeId>,
}

/// Offsets fit 32 bits because a [`Text`] of more bytes is refused.
pub(crate) fn span(start: usize, end: usize) -> Span {
    let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    Span {
        start: narrow(start),
        end: narrow(end),
    }
}

impl<'t> Builder<'t> {
    pub(crate) fn new(content: &'t str) -> Self {
        Self {
            content,
            nodes: Vec::with_capacity(content.len() / BYTES_PER_NODE),
            edges: Vec::with_capacity(content.len() / BYTES_PER_NODE),
            ..Self::default()
        }
    }

    /// How many collections are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// What kind of collection is open, and whether a mapping waits for a value.
    pub(crate) fn innermost(&self) -> Option<(Tag, bool)> {
        self.open
            .last()
            .map(|open| (open.tag, open.children.len() % 2 == 1))
    }

    pub(crate) fn comment(&mut self, span: Span) {
        self.comments.push(span);
    }

    pub(crate) fn scalar(&mut self, span: Span, tag: Tag, payload: u32) -> NodeId {
        let node = self.push(Node { span, payload, tag });
        self.attach(node, 1);
        node
    }

    /// A string whose content differs from its text.
    pub(crate) fn cooked(&mut self, span: Span, content: &str) -> NodeId {
        let payload = u32::try_from(self.cooked.len()).unwrap_or(u32::MAX);
        self.cooked.push(content.into());
        self.scalar(span, Tag::Cooked, payload)
    }

    pub(crate) fn begin(&mut self, tag: Tag, start: u32) {
        let children = self.spare.pop().unwrap_or_default();
        self.open.push(Open {
            tag,
            start,
            children,
            weight: 1,
        });
    }

    /// Closes the innermost collection and returns it with its weight.
    pub(crate) fn end(&mut self, end: u32) -> Option<(NodeId, u64)> {
        let Open {
            tag,
            start,
            mut children,
            weight,
        } = self.open.pop()?;
        if tag == Tag::Object {
            self.find_duplicates(&children);
            self.resolve_merge_keys(&mut children);
        }
        let payload = u32::try_from(self.edges.len()).unwrap_or(u32::MAX);
        self.edges
            .push(u32::try_from(children.len()).unwrap_or(u32::MAX));
        self.edges.extend_from_slice(&children);
        children.clear();
        self.spare.push(children);
        let node = self.push(Node {
            span: Span {
                start,
                end: end.max(start),
            },
            payload,
            tag,
        });
        self.attach(node, weight);
        Some((node, weight))
    }

    /// Uses a finished value once more, as a YAML alias does.
    pub(crate) fn alias(&mut self, node: NodeId, weight: u64) {
        self.attach(node, weight);
    }

    /// The weight of everything open: a document whose aliases multiply grows without bound.
    pub(crate) fn weight(&self) -> u64 {
        self.open
            .iter()
            .fold(0, |sum, open| sum.saturating_add(open.weight))
    }

    /// Where the last value inside the innermost collection ends.
    pub(crate) fn end_of_last_child(&self) -> Option<u32> {
        let last = *self.open.last()?.children.last()?;
        Some(self.nodes[last as usize].span.end)
    }

    /// Forgets what is not finished, after an error.
    pub(crate) fn abandon(&mut self) {
        self.open.clear();
    }

    /// The finished tree, to be joined with its text.
    pub(crate) fn finish(mut self) -> Finished {
        self.nodes.shrink_to_fit();
        self.edges.shrink_to_fit();
        Finished {
            nodes: self.nodes,
            edges: self.edges,
            cooked: self.cooked,
            comments: self.comments,
            roots: self.roots,
            duplicates: self.duplicates,
        }
    }

    fn push(&mut self, node: Node) -> NodeId {
        let id = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(node);
        NodeId(id)
    }

    fn attach(&mut self, node: NodeId, weight: u64) {
        match self.open.last_mut() {
            Some(open) => {
                open.children.push(node.0);
                open.weight = open.weight.saturating_add(weight);
            }
            None => self.roots.push(node),
        }
    }

    fn key(&self, node: u32) -> &str {
        let Node { span, payload, tag } = self.nodes[node as usize];
        match tag {
            Tag::Cooked => &self.cooked[payload as usize],
            Tag::Verbatim => {
                &self.content
                    [span.start as usize + payload as usize..span.end as usize - payload as usize]
            }
            _ => &self.content[span.range()],
        }
    }

    fn find_duplicates(&mut self, children: &[u32]) {
        let keys = children.chunks_exact(2).map(|pair| pair[0]);
        let mut found = Vec::new();
        if children.len() <= 32 {
            for (at, key) in keys.clone().enumerate() {
                let name = self.key(key);
                if keys
                    .clone()
                    .take(at)
                    .any(|earlier| self.key(earlier) == name)
                {
                    found.push(NodeId(key));
                }
            }
        } else {
            let mut names = HashSet::with_capacity(children.len() / 2);
            found.extend(keys.filter(|&key| !names.insert(self.key(key))).map(NodeId));
        }
        // Several merge keys are how YAML merges several mappings.
        found.retain(|key| !self.is_merge_key(key.0));
        self.duplicates.extend(found);
    }

    /// Only a YAML key can be without quotes and still be `<<`.
    fn is_merge_key(&self, key: u32) -> bool {
        let node = self.nodes[key as usize];
        node.tag == Tag::Verbatim && node.payload == 0 && self.key(key) == "<<"
    }

    /// `<<: *defaults` takes over the members of another mapping that are not given here.
    fn resolve_merge_keys(&self, children: &mut Vec<u32>) {
        if !children
            .chunks_exact(2)
            .any(|pair| self.is_merge_key(pair[0]))
        {
            return;
        }
        let pairs = children.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
        let (merges, mut members): (Vec<_>, Vec<_>) =
            pairs.partition(|&[key, _]| self.is_merge_key(key));
        let mut names: HashSet<_> = members.iter().map(|&[key, _]| self.key(key)).collect();
        for source in merges
            .iter()
            .flat_map(|&[_, value]| self.merge_sources(value))
        {
            for pair in self.edges_of(source).chunks_exact(2) {
                // The mapping itself wins, then the mapping that is merged first.
                if names.insert(self.key(pair[0])) {
                    members.push([pair[0], pair[1]]);
                }
            }
        }
        *children = members.into_flattened();
    }

    fn merge_sources(&self, node: u32) -> Vec<u32> {
        match self.nodes[node as usize].tag {
            Tag::Object => vec![node],
            Tag::Array => {
                let items = self.edges_of(node).iter().copied();
                items
                    .filter(|&item| self.nodes[item as usize].tag == Tag::Object)
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn edges_of(&self, node: u32) -> &[u32] {
        let at = self.nodes[node as usize].payload as usize;
        let length = self.edges[at] as usize;
        &self.edges[at + 1..at + 1 + length]
    }
}

/// A finished tree without its text.
pub(crate) struct Finished {
    nodes: Vec<Node>,
    edges: Vec<u32>,
    cooked: Vec<Box<str>>,
    comments: Vec<Span>,
    roots: Vec<NodeId>,
    duplicates: Vec<NodeId>,
}

impl Finished {
    /// The document, and a warning for every key that was given twice.
    pub(crate) fn with_text(self, text: Text) -> (Document, Vec<Diagnostic>) {
        let document = Document {
            nodes: self.nodes,
            edges: self.edges,
            cooked: self.cooked,
            comments: self.comments,
            roots: self.roots,
            ..Document::empty(text)
        };
        let warnings = self.duplicates.iter().take(MOST_OF_A_KIND).map(|&node| {
            let key = document.value(node);
            Diagnostic::warning(
                document.text().path(),
                Some(key.position()),
                format!("key `{}` is given twice; the last one counts", key.scalar()),
            )
        });
        let mut warnings: Vec<_> = warnings.collect();
        if let Some(more) = self.duplicates.len().checked_sub(MOST_OF_A_KIND + 1) {
            let message = format!("{} more keys are given twice", more + 1);
            warnings.push(Diagnostic::warning(document.text().path(), None, message));
        }
        (document, warnings)
    }
}
