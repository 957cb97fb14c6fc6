//! What controls share: computed when the first of them asks.

use std::sync::OnceLock;

use palisade_document::witness::{self, Met};

/// Something that is computed once, with the unknown value that it met on the way: whoever asks
/// for it meets that, too.
///
/// What computes it must not wait for other threads, since all of them may be waiting for it.
pub(crate) struct Once<T>(OnceLock<(T, Option<Met>)>);

impl<T> Once<T> {
    /// Nothing is computed yet.
    pub(crate) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// What is computed, now if it hasn't been before.
    pub(crate) fn get(&self, compute: impl FnOnce() -> T) -> &T {
        let (value, met) = self.0.get_or_init(|| {
            witness::afresh(|| {
                let value = compute();
                (value, witness::met())
            })
        });
        if let Some(met) = met {
            witness::meet(&met.cause, &met.supply);
        }
        value
    }
}
