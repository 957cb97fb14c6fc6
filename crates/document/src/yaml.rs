//! YAML streams. The parser is `granit-parser`; aliases share the node that they name, so an
//! alias costs nothing however often it is used, and a bound on what a document would be when
//! written out keeps every later walk over it short.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span as Extent, Tag as YamlTag, options};

use crate::builder::{Builder, DEEPEST, MOST_OF_A_KIND, span};
use crate::scalar;
use crate::tree::{Document, NodeId, Tag};
use crate::{Diagnostic, Span, Text};

/// The most values that one document may stand for once its aliases are written out.
const LARGEST_EXPANSION: u64 = 10_000_000;

pub(crate) fn parse(text: Text) -> (Document, Vec<Diagnostic>) {
    let mut reader = Reader {
        builder: Builder::new(text.content()),
        anchors: HashMap::new(),
        failures: Vec::new(),
        uncounted: 0,
    };
    reader.read(text.content());
    let (failures, more) = (reader.failures, reader.uncounted);
    let (document, mut diagnostics) = reader.builder.finish().with_text(text);
    let text = document.text();
    diagnostics.extend(
        failures
            .into_iter()
            .map(|(at, message)| Diagnostic::error(text.path(), Some(text.position(at)), message)),
    );
    if more > 0 {
        let message = format!("{more} more errors in this file");
        diagnostics.push(Diagnostic::error(text.path(), None, message));
    }
    (document, diagnostics)
}

struct Reader<'t> {
    builder: Builder<'t>,
    /// The finished value of an anchor with its weight, or none while it is still open.
    anchors: HashMap<usize, Option<(NodeId, u64)>>,
    failures: Vec<(usize, String)>,
    /// How many failures there were beyond those.
    uncounted: usize,
}

impl<'t> Reader<'t> {
    fn read(&mut self, content: &'t str) {
        let options: Options = options! { emit_unresolved_aliases: true, };
        let mut parser = Parser::new_from_str_with_options(content, options);
        // The anchors of the collections that are open, so that their end can be noted.
        let mut open = Vec::new();
        loop {
            let failure = match parser.next_event() {
                None => return,
                Some(Ok((event, extent))) => self.event(content, event, &extent, &mut open).err(),
                Some(Err(error)) => {
                    let at = error.marker().byte_offset().unwrap_or(content.len());
                    Some((at, error.info()))
                }
            };
            if let Some(failure) = failure {
                if self.failures.len() < MOST_OF_A_KIND {
                    self.failures.push(failure);
                } else {
                    self.uncounted += 1;
                }
                self.builder.abandon();
                self.anchors.clear();
                open.clear();
                if !matches!(parser.proceed_next_document(), Ok(true)) {
                    return;
                }
            }
        }
    }

    fn event(
        &mut self,
        content: &'t str,
        event: Event<'t>,
        extent: &Extent,
        open: &mut Vec<usize>,
    ) -> Result<(), (usize, String)> {
        let range = extent.byte_range().unwrap_or_default();
        let range = span(range.start, range.end);
        match event {
            Event::Comment(..) => self.builder.comment(range),
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(content, range, &text, style, tag.as_deref());
                self.anchors.insert(anchor, Some((node, 1)));
            }
            Event::SequenceStart(_, anchor, _) => self.begin(Tag::Array, range, anchor, open)?,
            Event::MappingStart(_, anchor, _) => self.begin(Tag::Object, range, anchor, open)?,
            Event::SequenceEnd | Event::MappingEnd => {
                // A block collection ends with its last value, not at the next token.
                let end = if range.end > range.start {
                    None
                } else {
                    self.builder.end_of_last_child()
                };
                let finished = self.builder.end(end.unwrap_or(range.end));
                self.anchors
                    .insert(open.pop().unwrap_or_default(), finished);
            }
            Event::Alias(anchor) => self.alias(anchor, range)?,
            Event::UnresolvedAlias(_) => {
                return Err((
                    range.start as usize,
                    "the alias names no anchor before it".to_owned(),
                ));
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(
        &mut self,
        tag: Tag,
        range: Span,
        anchor: usize,
        open: &mut Vec<usize>,
    ) -> Result<(), (usize, String)> {
        if self.builder.depth() == DEEPEST {
            return Err((
                range.start as usize,
                "nested deeper than 256 levels".to_owned(),
            ));
        }
        self.builder.begin(tag, range.start);
        self.anchors.insert(anchor, None);
        open.push(anchor);
        Ok(())
    }

    fn alias(&mut self, anchor: usize, range: Span) -> Result<(), (usize, String)> {
        let at = range.start as usize;
        match self.anchors.get(&anchor).copied().flatten() {
            None => Err((
                at,
                "the alias stands inside the value that it names".to_owned(),
            )),
            Some((_, weight))
                if self.builder.weight().saturating_add(weight) > LARGEST_EXPANSION =>
            {
                Err((
                    at,
                    format!("aliases expand to more than {LARGEST_EXPANSION} values"),
                ))
            }
            Some((node, weight)) => {
                self.builder.alias(node, weight);
                Ok(())
            }
        }
    }

    fn scalar(
        &mut self,
        content: &str,
        range: Span,
        text: &str,
        style: ScalarStyle,
        tag: Option<&YamlTag>,
    ) -> NodeId {
        let is_plain = style == ScalarStyle::Plain
            && !tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
        let slice = content.get(range.range()).unwrap_or_default();
        let resolved = if is_plain {
            scalar::resolve(text)
        } else {
            Tag::Verbatim
        };
        if resolved != Tag::Verbatim && slice == text {
            return self.builder.scalar(range, resolved, 0);
        }
        if resolved == Tag::Null {
            return self.builder.scalar(range, Tag::Null, 0);
        }
        match slice.len().checked_sub(text.len()) {
            Some(0) if slice == text => self.builder.scalar(range, Tag::Verbatim, 0),
            Some(2)
                if style != ScalarStyle::Plain
                    && slice.get(1..).is_some_and(|rest| rest.starts_with(text)) =>
            {
                self.builder.scalar(range, Tag::Verbatim, 1)
            }
            _ => self.builder.cooked(range, text),
        }
    }
}
