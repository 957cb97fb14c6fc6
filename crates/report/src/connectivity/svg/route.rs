//! The lines: each from a card to a row, those to one row put together as soon as they meet.
//!
//! A line leaves its card towards the row's column, passes the columns between in the room that
//! the layout kept for it, and ends at the near side of the row. Between cards of one column it
//! is an arc on the right.

use std::collections::BTreeMap;

use super::frames::{Anchor, Frames, Row};
use super::layout::{Layout, RowAt};

/// A piece of lines to a row.
pub(super) struct Piece {
    /// The data of an SVG path.
    pub(super) path: String,
    /// The frame from which all lines of the piece come; nothing where they come from several.
    pub(super) from: Option<usize>,
    /// What it stands for, in words.
    pub(super) tip: String,
}

/// The lines to a row.
pub(super) struct Route<'f> {
    pub(super) row: &'f Row,
    pub(super) pieces: Vec<Piece>,
    /// Where arrows end, and whether they point to the right.
    pub(super) arrows: Vec<((f64, f64), bool)>,
}

struct Router<'f> {
    frames: &'f Frames,
    layout: &'f Layout,
    at: RowAt,
    row: &'f Row,
}

/// The lines of all rows.
pub(super) fn routes<'f>(frames: &'f Frames, layout: &'f Layout) -> Vec<Route<'f>> {
    let mut routes = Vec::new();
    for (frame, list) in frames.list.iter().enumerate() {
        let cards = (0..list.cards.len()).map(Some);
        for card in std::iter::once(None).chain(cards) {
            let anchor = Anchor { frame, card };
            for (number, row) in frames.card(anchor).rows.iter().enumerate() {
                if row.sources.is_empty() {
                    continue;
                }
                let at = RowAt {
                    anchor,
                    row: number,
                };
                let router = Router {
                    frames,
                    layout,
                    at,
                    row,
                };
                routes.push(router.route());
            }
        }
    }
    routes
}

impl<'f> Router<'f> {
    fn route(&self) -> Route<'f> {
        let mut pieces = Vec::new();
        let mut arrows = Vec::new();
        let y = self.layout.row_y(self.at);
        let (left, right) = self.layout.sides(self.at.anchor);
        let own = self.layout.column_of[self.at.anchor.frame];
        let column = |source: &&Anchor| self.layout.column_of[source.frame];
        let from_left: Vec<Anchor> = self.filtered(|source| column(source) < own);
        let from_right: Vec<Anchor> = self.filtered(|source| column(source) > own);
        let beside: Vec<Anchor> = self.filtered(|source| column(source) == own);
        if !from_left.is_empty() {
            arrows.push(((left, y), true));
            self.chain(&from_left, &mut pieces);
        }
        if !from_right.is_empty() || !beside.is_empty() {
            arrows.push(((right, y), false));
            self.chain(&from_right, &mut pieces);
        }
        for source in beside {
            let start = (self.layout.sides(source).1, self.layout.source_y(source));
            pieces.push(Piece {
                path: arc(start, (right + ARROW, y)),
                from: Some(source.frame),
                tip: self.tip(&[source]),
            });
        }
        Route {
            row: self.row,
            pieces,
            arrows,
        }
    }

    fn filtered(&self, is_wanted: impl Fn(&&Anchor) -> bool) -> Vec<Anchor> {
        self.row.sources.iter().filter(is_wanted).copied().collect()
    }

    /// Lines from one side: from the farthest column on, each column's own lines join.
    fn chain(&self, sources: &[Anchor], pieces: &mut Vec<Piece>) {
        let own = self.layout.column_of[self.at.anchor.frame];
        let mut by_column: BTreeMap<usize, Vec<Anchor>> = BTreeMap::new();
        for &source in sources {
            let column = self.layout.column_of[source.frame];
            by_column.entry(column).or_default().push(source);
        }
        let is_rightward = by_column.keys().next().is_some_and(|&column| column < own);
        let columns: Vec<usize> = match is_rightward {
            true => (by_column.keys().copied().min().unwrap_or(own)..own).collect(),
            false => (own + 1..=by_column.keys().copied().max().unwrap_or(own))
                .rev()
                .collect(),
        };
        let mut gathered: Vec<Anchor> = Vec::new();
        for column in columns {
            let end = self.entry(column, is_rightward);
            if let Some(&pass) = self.layout.passes.get(&(self.at, column))
                && !gathered.is_empty()
            {
                let start = (self.edge(column, is_rightward), pass);
                let before = (self.edge(column, !is_rightward), pass);
                pieces.push(Piece {
                    path: format!(
                        "M{:.1} {:.1}H{:.1}{}",
                        before.0,
                        pass,
                        start.0,
                        curve(start, end)
                    ),
                    from: same(&gathered),
                    tip: self.tip(&gathered),
                });
            }
            for &source in by_column.get(&column).into_iter().flatten() {
                let sides = self.layout.sides(source);
                let x = if is_rightward { sides.1 } else { sides.0 };
                let start = (x, self.layout.source_y(source));
                // Lines leave their frame before they bend.
                let out = (self.edge(column, is_rightward), start.1);
                pieces.push(Piece {
                    path: format!(
                        "M{:.1} {:.1}H{:.1}{}",
                        start.0,
                        start.1,
                        out.0,
                        curve(out, end)
                    ),
                    from: Some(source.frame),
                    tip: self.tip(&[source]),
                });
                gathered.push(source);
            }
        }
    }

    /// Where lines that leave a column get to next: the pass of the next column, or the row.
    fn entry(&self, column: usize, is_rightward: bool) -> (f64, f64) {
        let next = match is_rightward {
            true => column + 1,
            false => column.saturating_sub(1),
        };
        match self.layout.passes.get(&(self.at, next)) {
            Some(&pass) => (self.edge(next, !is_rightward), pass),
            None => {
                let (left, right) = self.layout.sides(self.at.anchor);
                let x = if is_rightward {
                    left - ARROW
                } else {
                    right + ARROW
                };
                (x, self.layout.row_y(self.at))
            }
        }
    }

    /// An edge of a column.
    fn edge(&self, column: usize, is_right: bool) -> f64 {
        let (x, width) = self.layout.columns[column];
        if is_right { x + width } else { x }
    }

    fn tip(&self, sources: &[Anchor]) -> String {
        let name = |anchor: &Anchor| {
            let frame = &self.frames.list[anchor.frame];
            match anchor.card {
                Some(card) => frame.cards[card].tip.clone(),
                None => format!("namespace {}", frame.head.tip),
            }
        };
        let names: Vec<_> = sources.iter().map(name).collect();
        format!(
            "{} → {}: {}",
            names.join(", "),
            name(&self.at.anchor),
            self.row.tip
        )
    }
}

/// How long an arrow is.
pub(super) const ARROW: f64 = 6.0;

fn same(sources: &[Anchor]) -> Option<usize> {
    let first = sources.first()?.frame;
    sources
        .iter()
        .all(|source| source.frame == first)
        .then_some(first)
}

/// From where the path is, level at both ends.
fn curve(from: (f64, f64), to: (f64, f64)) -> String {
    let middle = f64::midpoint(from.0, to.0);
    format!(
        "C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}",
        from.1, to.1, to.0, to.1
    )
}

fn arc(from: (f64, f64), to: (f64, f64)) -> String {
    let reach = from.0.max(to.0) + (18.0 + (from.1 - to.1).abs() * 0.12).min(70.0);
    format!(
        "M{:.1} {:.1}C{reach:.1} {:.1} {reach:.1} {:.1} {:.1} {:.1}",
        from.0, from.1, from.1, to.1, to.0, to.1
    )
}
