//! Places in files, with the lines around them.

use std::collections::HashSet;

use palisade_controls::{Mark, Place};
use palisade_document::{Kind, Origin, Position, Provenance, Span, Text, Value};
use palisade_estate::Estate;

use crate::model::{Excerpt, Location};
use crate::plain_text::one_line;

/// The most lines that an excerpt holds.
const LONGEST_EXCERPT: u32 = 6;
/// The longest piece of a line that an excerpt holds, in characters.
const WIDEST_EXCERPT: usize = 240;
/// The longest piece of a value that is named with its way, in characters.
const LONGEST_VALUE: usize = 60;

/// The place of a mark. Where a value was derived that is where the template uses it.
pub(crate) fn location(estate: &Estate, place: &Place, label: &str, has_excerpt: bool) -> Location {
    let (text, span) = match place {
        Place::Value(origin) => estate.used_at(*origin),
        Place::Text(document, span) => (estate.document(*document).text(), *span),
        Place::File(text, span) => (text.as_ref(), *span),
    };
    at(text, span, label, has_excerpt)
}

/// The names of resources, objects and their parts that a template or a plan makes. A finding that
/// points at one is about the whole of it, and shows where the template uses the name, not at the
/// parameter that holds it.
pub(crate) struct Names(HashSet<Origin>);

impl Names {
    pub(crate) fn of(estate: &Estate) -> Self {
        let documents = estate.documents().iter();
        let derived = documents.filter(|document| document.is_derived());
        let parts = derived.flat_map(|document| {
            let items = document
                .values()
                .filter(|value| value.kind() == Kind::Array);
            document.roots().chain(items.flat_map(Value::items))
        });
        let names = parts.flat_map(|part| {
            let metadata = part
                .get("metadata")
                .and_then(|metadata| metadata.get("name"));
            ["name", "id"]
                .into_iter()
                .filter_map(move |key| part.get_ignore_case(key))
                .chain(metadata)
        });
        Self(names.map(Value::origin).collect())
    }
}

/// The place that decided a finding, and the places that its value passed through on the way to
/// where it is used.
pub(crate) fn decisive(
    estate: &Estate,
    names: &Names,
    mark: &Mark,
    has_excerpt: bool,
) -> (Location, Vec<Location>) {
    let source = match mark.place {
        Place::Value(origin) if !names.0.contains(&origin) => {
            estate.provenance(origin).map(|way| (origin, way))
        }
        _ => None,
    };
    let Some((origin, source)) = source else {
        let whole = location(estate, &mark.place, &mark.label, has_excerpt);
        return (whole, Vec::new());
    };
    let (text, span) = estate.written_at(origin);
    let way = way(estate.value(origin), source);
    let labels = [mark.label.as_str(), way.as_str()];
    let labels: Vec<_> = labels
        .into_iter()
        .filter(|label| !label.is_empty())
        .collect();
    let primary = at(text, span, &labels.join("; "), has_excerpt);
    let steps = source.links().filter_map(|link| Some((link, link.place?)));
    let mut steps: Vec<_> = steps
        .map(|(link, place)| {
            let (text, span) = estate.text_at(place);
            at(text, span, &format!("from {}", link.label), has_excerpt)
        })
        .collect();
    steps.retain(|step| step.start_line != primary.start_line || step.path != primary.path);
    (primary, steps)
}

/// "10.0.0.0/8 from variable `allowed`, from parameter `corpRange`'s default".
fn way(value: Value<'_>, source: &Provenance) -> String {
    let way = source.to_string();
    match value.kind() {
        Kind::String | Kind::Number | Kind::Bool if !way.is_empty() => {
            let scalar: String = value.scalar().chars().take(LONGEST_VALUE).collect();
            format!("{scalar} {way}")
        }
        _ => way,
    }
}

fn at(text: &Text, span: Span, label: &str, has_excerpt: bool) -> Location {
    let (start, end) = (
        text.position(span.start as usize),
        text.position(span.end as usize),
    );
    Location {
        path: text.path().to_owned(),
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
        label: one_line(label).into_owned(),
        excerpt: (has_excerpt && !text.content().is_empty()).then(|| excerpt(text, start, end)),
    }
}

/// A line of context, then the span up to a few lines. A long line is cut around the span.
fn excerpt(text: &Text, start: Position, end: Position) -> Excerpt {
    let first_line = start.line.saturating_sub(1).max(1);
    let last_line = end
        .line
        .min(first_line + LONGEST_EXCERPT - 1)
        .min(text.line_count());
    let is_long = (first_line..=last_line).any(|line| text.line(line).len() > 2 * WIDEST_EXCERPT);
    let skipped = if is_long {
        (start.column as usize).saturating_sub(WIDEST_EXCERPT / 3)
    } else {
        0
    };
    let width = if is_long { WIDEST_EXCERPT } else { usize::MAX };
    let cut = |line: u32| {
        text.line(line)
            .chars()
            .skip(skipped)
            .take(width)
            .collect::<String>()
    };
    Excerpt {
        first_line,
        first_column: u32::try_from(skipped).unwrap_or(u32::MAX).saturating_add(1),
        lines: (first_line..=last_line)
            .map(|line| cut(line).replace('\t', " "))
            .collect(),
    }
}
