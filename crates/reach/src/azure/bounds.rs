//! Sets that are known as far as the input tells.

use palisade_estate::Unknown;
use palisade_packet::{Product, Set};

/// A set between two others: what is in it for certain, and what may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds<S> {
    /// What is in the set for certain.
    pub least: S,
    /// What may be in it; all of `least` among it.
    pub most: S,
    /// Why the two differ; empty exactly if they are the same.
    pub causes: Vec<Unknown>,
}

impl<S: Set> Bounds<S> {
    /// A set that is known.
    pub fn exactly(set: S) -> Self {
        Self {
            least: set.clone(),
            most: set,
            causes: Vec::new(),
        }
    }

    /// A set of which nothing is known.
    pub fn unknown(cause: Unknown) -> Self {
        Self::between(S::empty(), S::full(), vec![cause])
    }

    /// A set that holds `least` and perhaps some of `most`, too.
    pub fn between(least: S, most: S, causes: Vec<Unknown>) -> Self {
        let most = most.union(&least);
        let causes = if least == most { Vec::new() } else { causes };
        Self {
            least,
            most,
            causes,
        }
    }

    /// Whether the set is known.
    pub fn is_exact(&self) -> bool {
        self.causes.is_empty()
    }

    /// What is in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::between(
            self.least.union(&other.least),
            self.most.union(&other.most),
            both(&self.causes, &other.causes),
        )
    }

    /// What is in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self::between(
            self.least.intersection(&other.least),
            self.most.intersection(&other.most),
            both(&self.causes, &other.causes),
        )
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self::between(
            self.least.difference(&other.most),
            self.most.difference(&other.least),
            both(&self.causes, &other.causes),
        )
    }

    /// The pairs of something of this set and something of another.
    #[must_use]
    pub fn product<T: Set>(&self, other: &Bounds<T>) -> Bounds<Product<S, T>> {
        Bounds::between(
            Product::of(self.least.clone(), other.least.clone()),
            Product::of(self.most.clone(), other.most.clone()),
            both(&self.causes, &other.causes),
        )
    }
}

/// The causes of both, each once.
pub(crate) fn both(some: &[Unknown], others: &[Unknown]) -> Vec<Unknown> {
    let mut all = some.to_vec();
    for cause in others {
        if !all.contains(cause) {
            all.push(cause.clone());
        }
    }
    all
}
