//! What of a cluster's way out a firewall has to let pass, and what it does.
//!
//! [`plan`] gives the smallest set of rules by which a firewall lets a cluster work and nothing
//! else. [`answers`] asks a firewall about every endpoint that a cluster needs, and [`beyond`]
//! what it lets pass besides: together they prove a plan. [`review`] goes the other way, from the
//! rules of a firewall to what needs them. All ask [`firewall`](crate::azure::firewall).

mod answer;
mod beyond;
mod name_class;
mod place;
mod plan;
mod review;

pub use answer::{Answer, answers};
pub use beyond::{Beyond, Passing, beyond};
pub use place::{Site, registries, sites};
pub use plan::{ApplicationRule, NetworkRule, Plan, To, plan};
pub use review::{Review, ReviewedRule, Standing, User, review};
