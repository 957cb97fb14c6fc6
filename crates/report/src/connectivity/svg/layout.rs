//! Where everything stands: columns of frames, and between the frames room for the lines that pass
//! a column.
//!
//! Frames of a column, and cards of a frame, come in the order of what they are connected with
//! (barycentres), and stand as near to it as the others let them. Everything is repeated until it
//! has settled.

use std::collections::BTreeMap;

use super::frames::{Anchor, Frames};
use super::{columns, size};

/// How often everything is put in order again.
const ROUNDS: usize = 16;

/// A row of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowAt {
    pub(super) anchor: Anchor,
    pub(super) row: usize,
}

/// Where everything stands.
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Left edge and width of each column.
    pub(super) columns: Vec<(f64, f64)>,
    /// The column of each frame.
    pub(super) column_of: Vec<usize>,
    /// The top of each frame.
    pub(super) tops: Vec<f64>,
    /// The top of each card, measured from that of its frame.
    pub(super) cards: Vec<Vec<f64>>,
    /// The height at which the lines to a row pass a column.
    pub(super) passes: BTreeMap<(RowAt, usize), f64>,
    /// The names on each card, and on the head of each frame.
    names: Vec<(usize, Vec<usize>)>,
}

/// From where lines lead to each row.
type Links = BTreeMap<RowAt, Vec<Anchor>>;

fn pairs(links: &Links) -> impl Iterator<Item = (Anchor, RowAt)> {
    let pairs = links.iter();
    pairs.flat_map(|(row, sources)| sources.iter().map(|source| (*source, *row)))
}

impl Layout {
    pub(super) fn of(frames: &Frames) -> Self {
        let links = links(frames);
        let column_of = columns::assign(frames);
        let mut layout = Self::start(frames, column_of);
        for (source, row) in pairs(&links) {
            let from = layout.column_of[source.frame];
            let to = layout.column_of[row.anchor.frame];
            for column in from.min(to) + 1..from.max(to) {
                layout.passes.insert((row, column), 0.0);
            }
        }
        for _ in 0..ROUNDS {
            layout.order_cards(frames, &links);
            for column in 0..layout.columns.len() {
                layout.settle(column, frames, &links);
            }
        }
        layout.finish(frames);
        layout
    }

    fn start(frames: &Frames, column_of: Vec<usize>) -> Self {
        let count = column_of.iter().map(|column| column + 1).max().unwrap_or(0);
        let mut columns = vec![(0.0, 0.0_f64); count];
        for (frame, &column) in frames.list.iter().zip(&column_of) {
            columns[column].1 = columns[column].1.max(size::frame(frame).width);
        }
        let mut left = 0.0;
        for (x, width) in &mut columns {
            *x = left;
            left += *width + size::GUTTER;
        }
        let list = frames.list.iter();
        let mut layout = Self {
            width: left - size::GUTTER,
            height: 0.0,
            columns,
            tops: vec![0.0; column_of.len()],
            column_of,
            cards: list
                .clone()
                .map(|frame| vec![0.0; frame.cards.len()])
                .collect(),
            passes: BTreeMap::new(),
            names: list
                .map(|frame| {
                    let names = frame.cards.iter().map(|card| card.names.len());
                    (frame.head.names.len(), names.collect())
                })
                .collect(),
        };
        for (number, frame) in frames.list.iter().enumerate() {
            let order: Vec<usize> = (0..frame.cards.len()).collect();
            layout.stack_cards(frames, number, &order);
        }
        layout
    }

    fn stack_cards(&mut self, frames: &Frames, frame: usize, order: &[usize]) {
        let list = &frames.list[frame];
        let mut top = size::card(&list.head).height;
        for &card in order {
            self.cards[frame][card] = top;
            top += size::card(&list.cards[card]).height + size::CARD_GAP;
        }
    }

    fn top(&self, anchor: Anchor) -> f64 {
        let own = anchor
            .card
            .map_or(0.0, |card| self.cards[anchor.frame][card]);
        self.tops[anchor.frame] + own
    }

    /// The height at which lines leave a card.
    pub(super) fn source_y(&self, anchor: Anchor) -> f64 {
        self.top(anchor) + size::PADDING + size::NAME / 2.0
    }

    /// The height at which lines reach a row.
    pub(super) fn row_y(&self, at: RowAt) -> f64 {
        let (head, cards) = &self.names[at.anchor.frame];
        let names = at.anchor.card.map_or(*head, |card| cards[card]);
        let above = size::lines(names, size::NAME) + size::lines(at.row, size::ROW);
        self.top(at.anchor) + size::PADDING + above + size::ROW / 2.0
    }

    /// The left and the right edge of a card.
    pub(super) fn sides(&self, anchor: Anchor) -> (f64, f64) {
        let (x, width) = self.columns[self.column_of[anchor.frame]];
        match anchor.card {
            Some(_) => (x + size::CARD_GAP, x + width - size::CARD_GAP),
            None => (x, x + width),
        }
    }

    fn order_cards(&mut self, frames: &Frames, links: &Links) {
        let mut wanted: BTreeMap<Anchor, (f64, f64)> = BTreeMap::new();
        for (source, row) in pairs(links) {
            let (from, to) = (self.source_y(source), self.row_y(row));
            for (end, other) in [(source, to), (row.anchor, from)] {
                let (sum, count) = wanted.entry(end).or_default();
                *sum += other;
                *count += 1.0;
            }
        }
        for (number, frame) in frames.list.iter().enumerate() {
            let height = |card: usize| {
                let anchor = Anchor {
                    frame: number,
                    card: Some(card),
                };
                let mean = wanted.get(&anchor).map(|(sum, count)| sum / count);
                mean.unwrap_or_else(|| self.source_y(anchor))
            };
            let mut order: Vec<_> = (0..frame.cards.len())
                .map(|card| (height(card), card))
                .collect();
            order.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
            let order: Vec<usize> = order.into_iter().map(|(_, card)| card).collect();
            self.stack_cards(frames, number, &order);
        }
    }

    /// Puts what stands in a column as near to what it is connected with as it gets.
    fn settle(&mut self, column: usize, frames: &Frames, links: &Links) {
        let mut items = Vec::new();
        for (frame, &own) in self.column_of.iter().enumerate() {
            if own == column {
                let height = size::frame(&frames.list[frame]).height;
                let pulls = self.pulls(frame, links);
                let top = mean(&pulls).unwrap_or(self.tops[frame]);
                items.push(Item::new(Some(frame), None, (top, height), size::FRAME_GAP));
            }
        }
        for &(row, own) in self.passes.keys() {
            if own == column {
                let to = self.column_of[row.anchor.frame];
                let is_through = |source: &&Anchor| {
                    let from = self.column_of[source.frame];
                    (from.min(to)..from.max(to)).contains(&column)
                };
                let sources = links.get(&row).into_iter().flatten().filter(is_through);
                let sources: Vec<f64> = sources.map(|source| self.source_y(*source)).collect();
                let end = self.row_y(row);
                let y = (mean(&sources).unwrap_or(end) + end) / 2.0;
                items.push(Item::new(None, Some(row), (y, 0.0), size::PASS_GAP));
            }
        }
        items.sort_by(|left, right| left.centre().total_cmp(&right.centre()));
        for (item, top) in items.iter().zip(tops(&items)) {
            if let Some(frame) = item.frame {
                self.tops[frame] = top + item.gap;
            }
            if let Some(row) = item.row {
                self.passes.insert((row, column), top + item.gap);
            }
        }
    }

    /// Where the top of a frame would have to be for each of its lines to be level.
    fn pulls(&self, frame: usize, links: &Links) -> Vec<f64> {
        let top = self.tops[frame];
        let mut pulls = Vec::new();
        for (source, row) in pairs(links) {
            let (from, to) = (source.frame, row.anchor.frame);
            if from == to {
                continue;
            }
            let lines = (self.source_y(source), self.row_y(row));
            if from == frame {
                pulls.push(lines.1 - (lines.0 - top));
            }
            if to == frame {
                pulls.push(lines.0 - (lines.1 - top));
            }
        }
        pulls
    }

    fn finish(&mut self, frames: &Frames) {
        let least = self
            .tops
            .iter()
            .copied()
            .chain(self.passes.values().copied());
        let least = least.fold(f64::INFINITY, f64::min);
        let least = if least.is_finite() { least } else { 0.0 };
        for top in self.tops.iter_mut().chain(self.passes.values_mut()) {
            *top = (*top - least).round();
        }
        let bottoms = frames.list.iter().zip(&self.tops);
        let bottoms = bottoms.map(|(frame, top)| top + size::frame(frame).height);
        let bottoms = bottoms.chain(self.passes.values().copied());
        self.height = bottoms.fold(0.0, f64::max);
    }
}

fn links(frames: &Frames) -> Links {
    let mut links = Links::new();
    for (frame, list) in frames.list.iter().enumerate() {
        let cards = (0..list.cards.len()).map(Some);
        for card in std::iter::once(None).chain(cards) {
            let anchor = Anchor { frame, card };
            for (row, own) in frames.card(anchor).rows.iter().enumerate() {
                links.insert(RowAt { anchor, row }, own.sources.clone());
            }
        }
    }
    links
}

fn mean(numbers: &[f64]) -> Option<f64> {
    let count = f64::from(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / count)
}

/// What takes up room in a column.
struct Item {
    frame: Option<usize>,
    row: Option<RowAt>,
    /// Where it wants to begin.
    top: f64,
    height: f64,
    /// What it keeps free above and below.
    gap: f64,
}

impl Item {
    fn new(frame: Option<usize>, row: Option<RowAt>, (top, height): (f64, f64), gap: f64) -> Self {
        Self {
            frame,
            row,
            top: top - gap,
            height: height + 2.0 * gap,
            gap,
        }
    }

    fn centre(&self) -> f64 {
        self.top + self.height / 2.0
    }
}

/// The tops of items in their order, none over another and in all as near as possible to where
/// they want to be (isotonic regression: pools of neighbours in each other's way share their mean).
fn tops(items: &[Item]) -> Vec<f64> {
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    let mut above = 0.0;
    for item in items {
        pools.push((item.top - above, 1.0, 1));
        above += item.height;
        while let [.., before, last] = pools.as_slice() {
            if before.0 / before.1 <= last.0 / last.1 {
                break;
            }
            let joined = (before.0 + last.0, before.1 + last.1, before.2 + last.2);
            pools.truncate(pools.len() - 2);
            pools.push(joined);
        }
    }
    let starts = pools
        .iter()
        .flat_map(|&(sum, weight, count)| std::iter::repeat_n(sum / weight, count));
    let mut above = 0.0;
    items
        .iter()
        .zip(starts)
        .map(|(item, start)| {
            let top = start + above;
            above += item.height;
            top
        })
        .collect()
}
