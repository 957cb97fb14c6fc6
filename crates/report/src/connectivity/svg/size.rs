//! How large things are, in pixels.
//!
//! Text is monospaced, so that its width is known without a browser. Characters beyond ASCII are
//! taken for twice as wide.

use super::frames::{Card, Frame, FrameKind, Row};

/// Between columns, where the lines run.
pub(super) const GUTTER: f64 = 130.0;
/// Half of what is between frames of a column.
pub(super) const FRAME_GAP: f64 = 14.0;
/// Half of what is between lines that pass a column.
pub(super) const PASS_GAP: f64 = 3.5;
/// Between a frame and its cards, and from card to card.
pub(super) const CARD_GAP: f64 = 8.0;
/// A line of names.
pub(super) const NAME: f64 = 17.0;
/// A row.
pub(super) const ROW: f64 = 16.0;
/// Above and below the text of a card.
pub(super) const PADDING: f64 = 6.0;
/// Left of names.
pub(super) const INDENT: f64 = 10.0;
/// Left of the text of rows.
pub(super) const ROW_INDENT: f64 = 16.0;
/// The most that a card is wide.
const WIDEST: f64 = 370.0;
const NARROWEST: f64 = 150.0;
/// The widths of a character of names and of rows: 12 and 11 pixels high, and a little more than
/// the six tenths that monospaced fonts take.
pub(super) const NAME_CHARACTER: f64 = 7.4;
pub(super) const ROW_CHARACTER: f64 = 6.8;

pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

fn cells(text: &str) -> u32 {
    let widths = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 });
    widths.fold(0, u32::saturating_add)
}

pub(super) fn text(text: &str, character: f64) -> f64 {
    f64::from(cells(text)) * character
}

/// As much of a text as is no wider than this, with an ellipsis where there is more.
pub(super) fn fit(whole: &str, character: f64, width: f64) -> String {
    if text(whole, character) <= width {
        return whole.to_owned();
    }
    let mut short = String::new();
    for c in whole.chars() {
        short.push(c);
        if text(&short, character) + 2.0 * character > width {
            short.pop();
            break;
        }
    }
    short + "…"
}

pub(super) fn card(card: &Card) -> Size {
    let of_name = |(name, kind): &(String, String)| {
        text(name, NAME_CHARACTER) + text(kind, ROW_CHARACTER) + 2.0 * INDENT + 8.0
    };
    let of_row = |row: &Row| text(&row.text, ROW_CHARACTER) + ROW_INDENT + INDENT + 4.0;
    let widths = card.names.iter().map(of_name);
    let widths = widths.chain(card.rows.iter().map(of_row));
    Size {
        width: widths.fold(NARROWEST, f64::max).min(WIDEST),
        height: 2.0 * PADDING + lines(card.names.len(), NAME) + lines(card.rows.len(), ROW),
    }
}

/// The height of some lines.
pub(super) fn lines(count: usize, height: f64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) * height
}

pub(super) fn frame(frame: &Frame) -> Size {
    let cards: Vec<Size> = frame.cards.iter().map(card).collect();
    let head = card(&frame.head);
    let widest = cards
        .iter()
        .fold(head.width, |widest, card| widest.max(card.width));
    let heights = cards.iter().map(|card| card.height + CARD_GAP);
    let widest = match frame.kind {
        FrameKind::Group => widest,
        FrameKind::FromOutside | FrameKind::ToOutside => widest.min(300.0),
    };
    Size {
        width: widest + 2.0 * CARD_GAP,
        height: head.height + heights.sum::<f64>() + 2.0,
    }
}
