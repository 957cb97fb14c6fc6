//! Which unknown value has been looked at as if it were known.
//!
//! A caller who asks an unknown value for its text, its items or its kind gets an answer that
//! means nothing, and may take it for *false* or *empty*. That it was asked is noted here, for
//! each thread, so that whoever draws a conclusion can see that it rests on something unknown.
//! Asking [`Value::unknown`](crate::Value::unknown) first notes nothing.

use std::cell::RefCell;

use crate::Value;

/// An unknown value that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// Why it is unknown.
    pub cause: String,
    /// What to add to the input.
    pub supply: String,
}

thread_local! {
    static MET: RefCell<Option<Met>> = const { RefCell::new(None) };
}

#[cold]
pub(crate) fn note(value: Value<'_>) {
    if let Some((cause, supply)) = value.unknown() {
        meet(cause, supply);
    }
}

/// Notes that something unknown was taken for something else. The first one is kept.
pub fn meet(cause: &str, supply: &str) {
    MET.with_borrow_mut(|met| {
        met.get_or_insert_with(|| Met {
            cause: cause.to_owned(),
            supply: supply.to_owned(),
        });
    });
}

/// The first unknown value that this thread has looked at, within the innermost [`afresh`] or
/// [`apart`].
pub fn met() -> Option<Met> {
    MET.with_borrow(Clone::clone)
}

/// Does something as if nothing unknown had been looked at before, and forgets what it looks at.
pub fn afresh<T>(act: impl FnOnce() -> T) -> T {
    let before = MET.take();
    let outcome = act();
    MET.set(before);
    outcome
}

/// Does something and forgets what it looks at, so that only what follows within it rests on it.
pub fn apart<T>(act: impl FnOnce() -> T) -> T {
    let before = met();
    let outcome = act();
    MET.set(before);
    outcome
}
