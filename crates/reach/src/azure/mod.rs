//! What Azure's network does with packets, hop by hop.
//!
//! A hop is a function that takes a set of packets and splits it by the rule that decides:
//! [`Part`]s of packets, [`Rule`] and outcome. Together the parts hold every packet that was
//! given, and each packet once. One packet and all packets go through the same code.
//!
//! What the input doesn't tell makes a rule's match a pair of [`Bounds`]: what is matched
//! whatever the missing piece says, and what may be. [`first_match`] carries them through an
//! ordered list of rules, so that a doubt that changes nothing is no doubt in the answer.

pub mod address;
mod admin_rule;
mod api_server;
mod appliance;
mod bounds;
mod effective;
pub mod firewall;
mod first_match;
mod gateway;
mod leads;
mod network;
mod network_security_group;
pub mod outbound;
mod part;
mod peering;
mod prefixes;
mod private_endpoint;
mod reading;
mod refusal;
mod route;
mod rule_address;
mod rule_traffic;
mod security;
mod security_rule;
mod service_endpoint;
mod service_rule;
pub mod service_tags;
mod translation;
mod vicinity;

pub use admin_rule::{AdminAction, AdminRule, admin_rule, admin_rules};
pub use api_server::{ApiServerAccess, PrivateWay, api_server_access, api_server_endpoint};
pub use appliance::{Appliance, parse_packets};
pub use bounds::Bounds;
pub(crate) use bounds::both;
pub use first_match::{Candidate, Decision, first_match};
pub use gateway::Learned;
pub use leads::{Leads, Routed};
pub use network::Network;
pub use network_security_group::network_security_group;
pub use part::{Access, Outcome, Part, Rule};
pub use peering::{Peer, peers};
pub use prefixes::Prefixes;
pub use private_endpoint::{Endpoint, endpoints};
pub use refusal::{Refusal, refusals};
pub use route::route;
pub use rule_address::RuleAddresses;
pub use security::{Filters, Group, Layer, Passage, Step, security};
pub use service_rule::{ServiceAccess, ServiceRule, service_rule, service_rules};
pub use service_tags::ServiceTags;
pub use translation::Translation;
pub use vicinity::{UserRoute, Vicinity};
