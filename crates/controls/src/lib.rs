//! The nine recommendations of the baseline as controls.
//!
//! A control is two files side by side: `<recommendation>/<defect>.rs` with what it is and how it
//! judges, and `<defect>.md`, which is its page, its explanation and its test at once. Both are
//! found and registered by `cargo xtask codegen`.

mod audit;
mod azure_cli;
pub mod catalogue;
mod context;
mod control;
mod defender_plan;
mod finding;
mod fingerprint;
mod once;
pub mod page;
mod parameter;
mod place;
mod reachability;
mod registry;
mod score;
mod settings;
mod subject;
mod suppression;
mod system_namespace;
mod usage;

mod api_gateway;
mod azure_policy;
mod ddos_protection;
mod definition_lint;
mod egress_firewall;
mod monitoring;
mod network_policy;
mod network_watcher;
mod policy_lint;
mod private_cluster;
mod web_application_firewall;

pub use audit::{Audit, audit, audit_watched};
pub use context::Context;
pub use control::{Confidence, Control, Equivalent, Framework, Recommendation, Severity};
pub use finding::{Finding, Findings, Outcome};
pub use fingerprint::{fingerprint, hash};
pub use parameter::{Domain, Parameter, Weaker};
pub use place::{Mark, Place};
pub use registry::{all, definition_lints, lints, policy_upkeep};
pub use score::{Tally, score};
pub use settings::{ChangedParameter, ControlSettings, Setting, Settings};
pub use subject::{Subject, SubjectKind};
pub use suppression::{Suppression, SuppressionKind};

/// Every control there is: of the baseline and of the lints.
pub fn every() -> impl Iterator<Item = &'static Control> + Clone {
    all().chain(lints()).chain(definition_lints())
}

/// The control with a code or a name, in any letter case.
pub fn find(code_or_name: &str) -> Option<&'static Control> {
    every().find(|control| {
        control.code.eq_ignore_ascii_case(code_or_name)
            || control.name.eq_ignore_ascii_case(code_or_name)
    })
}
