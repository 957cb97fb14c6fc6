//! The plan of a cluster's way out as a rule collection group of a firewall policy, for the tools
//! that deploy it, and its proof.
//!
//! The body of the group is made once, as Azure Resource Manager takes it; Bicep is the same body
//! in another notation. The proof reads the template back as any other template of an estate and
//! asks the firewall that would have it.

mod arm;
mod bicep;
mod body;
mod proof;
mod terraform;

pub use arm::template;
pub use bicep::bicep;
pub use proof::{Proof, prove};
pub use terraform::configuration;

use palisade_reach::egress::Plan;

/// A rule collection group that is to be.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its priority in the policy, from 100 to 65000.
    pub priority: u16,
    /// What it lets pass.
    pub plan: Plan,
}

impl Group {
    /// The group for a cluster. Characters that Azure takes in no name become hyphens.
    pub fn of_cluster(cluster: &str, priority: u16, plan: Plan) -> Self {
        let allowed = |c: char| match c.is_ascii_alphanumeric() || "-_.".contains(c) {
            true => c,
            false => '-',
        };
        let name: String = cluster.chars().map(allowed).collect();
        Self {
            name: match name.to_ascii_lowercase().starts_with("aks") {
                true => name,
                false => format!("aks-{name}"),
            },
            priority,
            plan,
        }
    }

    /// A name for what has none but in the file: letters, digits and underscores.
    fn symbol(&self) -> String {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        self.name.chars().map(letter).collect()
    }
}
