//! Which frame stands in which column, so that most lines lead to the right.

use super::frames::{FrameKind, Frames};
use super::size;

/// How much wider than high a picture may well be.
const SHAPE: f64 = 1.5;

/// The column of each frame, without gaps from 0.
pub(super) fn assign(frames: &Frames) -> Vec<usize> {
    let list = &frames.list;
    let is_group: Vec<bool> = list
        .iter()
        .map(|frame| frame.kind == FrameKind::Group)
        .collect();
    let targets = targets(frames, &is_group);
    let heights: Vec<f64> = list.iter().map(|frame| size::frame(frame).height).collect();
    let widths = list.iter().map(|frame| size::frame(frame).width);
    let width = widths.fold(0.0, f64::max) + size::GUTTER;
    let total: f64 = (0..list.len())
        .filter(|&frame| is_group[frame])
        .map(|frame| heights[frame] + 2.0 * size::FRAME_GAP)
        .sum();
    let count = (total * SHAPE / width).sqrt().ceil().max(1.0);
    let columns = place(
        &order(&targets, &is_group),
        &targets,
        &heights,
        (count, total / count),
    );
    let first = usize::from(
        list.iter()
            .any(|frame| frame.kind == FrameKind::FromOutside),
    );
    let groups = (0..list.len()).filter(|&frame| is_group[frame]);
    let last = groups.map(|frame| columns[frame] + 1).max().unwrap_or(0);
    let column = |frame: usize| match list[frame].kind {
        FrameKind::FromOutside => 0,
        FrameKind::Group => first + columns[frame],
        FrameKind::ToOutside => first + last,
    };
    (0..list.len()).map(column).collect()
}

/// For each group the groups to which lines lead from it.
fn targets(frames: &Frames, is_group: &[bool]) -> Vec<Vec<usize>> {
    let mut targets = vec![Vec::new(); frames.list.len()];
    for (to, frame) in frames.list.iter().enumerate() {
        let cards = std::iter::once(&frame.head).chain(&frame.cards);
        let sources = cards
            .flat_map(|card| &card.rows)
            .flat_map(|row| &row.sources);
        for source in sources.map(|source| source.frame) {
            if source != to && is_group[source] && is_group[to] && !targets[source].contains(&to) {
                targets[source].push(to);
            }
        }
    }
    targets
}

/// An order in which few lines lead back (Eades, Lin and Smyth 1993): sinks last, sources first,
/// and of others the one first that leads on most.
fn order(targets: &[Vec<usize>], is_group: &[bool]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..targets.len())
        .filter(|&frame| is_group[frame])
        .collect();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    let mut out: Vec<usize> = targets.iter().map(Vec::len).collect();
    let mut into = vec![0_usize; targets.len()];
    for &to in targets.iter().flatten() {
        into[to] += 1;
    }
    while !left.is_empty() {
        let sink = left.iter().position(|&frame| out[frame] == 0);
        let source = || left.iter().position(|&frame| into[frame] == 0);
        let is_sink = sink.is_some();
        let place = sink.or_else(source).unwrap_or_else(|| {
            let leads_on = |frame: usize| into[frame].cast_signed() - out[frame].cast_signed();
            let places = 0..left.len();
            places
                .min_by_key(|&place| leads_on(left[place]))
                .unwrap_or(0)
        });
        let frame = left.remove(place);
        for &to in &targets[frame] {
            into[to] = into[to].saturating_sub(1);
        }
        for &other in &left {
            if targets[other].contains(&frame) {
                out[other] = out[other].saturating_sub(1);
            }
        }
        match is_sink {
            true => last.push(frame),
            false => first.push(frame),
        }
    }
    first.extend(last.into_iter().rev());
    first
}

/// Each frame behind those that lead to it, as far as there are columns, in one that has room.
fn place(
    order: &[usize],
    targets: &[Vec<usize>],
    heights: &[f64],
    (count, room): (f64, f64),
) -> Vec<usize> {
    let mut columns = vec![0; targets.len()];
    let mut least = vec![0; targets.len()];
    // At most as many columns as there are frames: the cast is of a small whole number.
    let mut filled: Vec<f64> = Vec::new();
    for &frame in order {
        let height = heights[frame] + 2.0 * size::FRAME_GAP;
        let has_room = |column: usize| {
            filled
                .get(column)
                .is_none_or(|used| *used + height / 2.0 < room)
        };
        let most = order.len().min(whole(count));
        let from = least[frame].min(most - 1);
        let behind = (from..most).find(|&column| has_room(column));
        let emptiest = || {
            let columns = 0..filled.len();
            columns.min_by(|left, right| filled[*left].total_cmp(&filled[*right]))
        };
        let column = behind.or_else(emptiest).unwrap_or(0);
        if filled.len() <= column {
            filled.resize(column + 1, 0.0);
        }
        filled[column] += height;
        columns[frame] = column;
        for &to in &targets[frame] {
            least[to] = least[to].max(column + 1);
        }
    }
    let used: Vec<usize> = (0..filled.len())
        .filter(|&column| filled[column] > 0.0)
        .collect();
    for &frame in order {
        columns[frame] = used.partition_point(|&column| column < columns[frame]);
    }
    columns
}

/// A small number that has no fraction.
fn whole(number: f64) -> usize {
    (1..=1000)
        .take_while(|&n| f64::from(n) <= number)
        .count()
        .max(1)
}
