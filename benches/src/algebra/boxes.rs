//! Lists of disjoint boxes: a range of every field.

use super::{Algebra, Field, Matched};

/// Sets as lists of boxes that don't overlap. One set has many such lists.
pub struct Boxes;

impl Algebra for Boxes {
    type Set = Vec<Matched>;

    fn matched(&mut self, fields: &Matched) -> Vec<Matched> {
        vec![fields.clone()]
    }

    fn full(&mut self) -> Vec<Matched> {
        vec![Field::ALL.map(|field| 0..=field.last())]
    }

    fn empty(&mut self) -> Vec<Matched> {
        Vec::new()
    }

    fn union(&mut self, one: &Vec<Matched>, other: &Vec<Matched>) -> Vec<Matched> {
        let mut all = self.difference(one, other);
        all.extend_from_slice(other);
        all
    }

    fn intersection(&mut self, one: &Vec<Matched>, other: &Vec<Matched>) -> Vec<Matched> {
        let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (a, b)));
        pairs.filter_map(|(a, b)| overlap(a, b)).collect()
    }

    fn difference(&mut self, one: &Vec<Matched>, other: &Vec<Matched>) -> Vec<Matched> {
        other.iter().fold(one.clone(), |left, hole| {
            left.iter().flat_map(|whole| around(whole, hole)).collect()
        })
    }

    fn is_equal(&mut self, one: &Vec<Matched>, other: &Vec<Matched>) -> bool {
        self.difference(one, other).is_empty() && self.difference(other, one).is_empty()
    }

    fn pieces(&self, set: &Vec<Matched>) -> usize {
        set.len()
    }
}

fn overlap(one: &Matched, other: &Matched) -> Option<Matched> {
    let mut both = one.clone();
    for (range, other) in both.iter_mut().zip(other) {
        let (first, last) = (
            *range.start().max(other.start()),
            *range.end().min(other.end()),
        );
        if first > last {
            return None;
        }
        *range = first..=last;
    }
    Some(both)
}

/// What is in a box and not in another: at most two boxes for each field.
fn around(whole: &Matched, hole: &Matched) -> Vec<Matched> {
    let Some(hole) = overlap(whole, hole) else {
        return vec![whole.clone()];
    };
    let mut left = whole.clone();
    let mut pieces = Vec::new();
    for field in 0..left.len() {
        let (range, cut) = (left[field].clone(), &hole[field]);
        if range.start() < cut.start() {
            let mut below = left.clone();
            below[field] = *range.start()..=cut.start() - 1;
            pieces.push(below);
        }
        if range.end() > cut.end() {
            let mut above = left.clone();
            above[field] = cut.end() + 1..=*range.end();
            pieces.push(above);
        }
        left[field] = cut.clone();
    }
    pieces
}
