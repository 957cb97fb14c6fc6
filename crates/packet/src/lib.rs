//! Packets and sets of packets.
//!
//! Every set here is *canonical*: two sets have the same members exactly when they are equal as
//! values (`==`), so that sets can be keys of a map and equality costs no reasoning. What a set
//! can do is the trait [`Set`]: union, intersection, difference, complement, subset, emptiness,
//! and a witness.
//!
//! The sets are built from three shapes: [`IntervalSet`] over whole numbers, [`Product`] of two
//! sets, and sums of unlike parts ([`AddressSet`] of IPv4 and IPv6, [`Traffic`] of protocols).
//! [`NameSet`] is apart: a set of names as an automaton, whose operations can be too large to do.

mod address;
mod interval;
mod name;
mod name_set;
mod product;
mod set;
mod sum;
mod traffic;

pub use address::AddressSet;
pub use interval::{Bounded, IntervalSet};
pub use name::NamePattern;
pub use name_set::NameSet;
pub use product::Product;
pub use set::Set;
pub use traffic::{Header, Messages, PortPairs, PortSet, Traffic, Transport};

/// Packets by source address, destination address and traffic.
pub type PacketSet = Product<AddressSet, Product<AddressSet, Traffic>>;
