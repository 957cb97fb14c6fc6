//! What Azure's network does with packets, hop by hop.
//!
//! A hop is a function that takes a set of packets and splits it by the rule that decides:
//! [`Part`]s of packets, [`Rule`] and outcome. Together the parts hold every packet that was
//! given, and each packet once. One packet and all packets go through the same code.
//!
//! What the input doesn't tell makes a rule's match a pair of [`Bounds`]: what is matched
//! whatever the missing piece says, and what may be. [`first_match`] carries them through an
//! ordered list of rules, so that a doubt that changes nothing is no doubt in the answer.

mod bounds;
mod first_match;
mod part;
pub mod service_tags;
mod translation;

pub use bounds::Bounds;
pub use first_match::{Candidate, Decision, first_match};
pub use part::{Access, Outcome, Part, Rule};
pub use service_tags::ServiceTags;
pub use translation::Translation;
