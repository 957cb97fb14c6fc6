//! What a remedy is.

use palisade_document::Span;

/// A stretch of a file's text and what takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The stretch, in bytes.
    pub span: Span,
    /// The new text.
    pub replacement: String,
}

/// A change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// What it does, for people.
    pub title: String,
    /// The edits; none touches another.
    pub edits: Vec<Edit>,
    /// Whether what is deployed stays as it is.
    pub is_safe: bool,
}

/// The text with the edits made, or nothing when they overlap or don't fit the text.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut ordered: Vec<_> = edits.iter().collect();
    ordered.sort_by_key(|edit| edit.span);
    let mut edited = String::with_capacity(text.len());
    let mut at = 0;
    for edit in ordered {
        let range = edit.span.range();
        edited.push_str(text.get(at..range.start)?);
        text.get(range.clone())?;
        edited.push_str(&edit.replacement);
        at = range.end;
    }
    edited.push_str(text.get(at..)?);
    Some(edited)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(start: u32, end: u32, replacement: &str) -> Edit {
        Edit {
            span: Span { start, end },
            replacement: replacement.to_owned(),
        }
    }

    #[test]
    fn edits_are_made_whatever_their_order() {
        let edits = [edit(4, 5, "three"), edit(0, 1, ""), edit(2, 2, "x")];
        assert_eq!(apply("1 2 3", &edits).as_deref(), Some(" x2 three"));
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        assert_eq!(apply("abc", &[edit(0, 2, ""), edit(1, 3, "")]), None);
        assert_eq!(apply("abc", &[edit(2, 9, "")]), None);
        assert_eq!(apply("øre", &[edit(1, 2, "")]), None);
    }

    proptest! {
        #[test]
        fn putting_back_what_was_there_changes_nothing(text in ".{0,40}", a: usize, b: usize) {
            let place = |at: usize| text.floor_char_boundary(at % (text.len() + 1));
            let (start, end) = (place(a).min(place(b)), place(a).max(place(b)));
            let span = |at: usize| u32::try_from(at).unwrap();
            let back = edit(span(start), span(end), &text[start..end]);
            prop_assert_eq!(apply(&text, &[back]), Some(text));
        }
    }
}
