//! What a control sees.

use jiff::civil::Date;
use palisade_estate::Estate;

/// Everything a control may look at.
#[derive(Clone, Copy)]
pub struct Context<'e> {
    /// The estate.
    pub estate: &'e Estate,
    /// The day for which expiries and retirements are judged. Given, so that the same input
    /// gives the same output.
    pub today: Date,
}
