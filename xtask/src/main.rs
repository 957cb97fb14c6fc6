//! Tasks of the repository. `cargo xtask` lists them.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line for developers"
)]

mod aks_outbound;
mod alias_catalogue;
mod codegen;
mod new_control;
mod service_tags;
#[cfg(test)]
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask codegen [--check]               writes the generated files, or says which are stale
cargo xtask new-control RECOMMENDATION NAME writes the two files of a control
cargo xtask service-tags DOWNLOAD…          packs Microsoft's lists of service tags into the built-in files
cargo xtask aks-outbound FACTS              writes the list of what clusters need outbound
cargo xtask alias-catalogue FILE            writes the aliases of Azure Policy from what
                                            `az provider list --expand resourceTypes/aliases` prints
";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["codegen"] => codegen::write(&root()),
        ["codegen", "--check"] => codegen::check(&root()),
        ["new-control", recommendation, name] => new_control::write(&root(), recommendation, name),
        ["service-tags", downloads @ ..] if !downloads.is_empty() => {
            service_tags::write(&root(), downloads)
        }
        ["aks-outbound", facts] => aks_outbound::write(&root(), facts),
        ["alias-catalogue", file] => alias_catalogue::write(&root(), Path::new(file)),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(message) => {
            print!("{message}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprint!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// The folders of the lints, which are controls about no recommendation, with the prefix of their
/// codes and what they are called in the table of controls.
const LINTS: [(&str, &str, &str); 2] = [
    (
        "policy_lint",
        "PL",
        "Lints of network policies, which `palisade lint` asks",
    ),
    (
        "definition_lint",
        "POL",
        "Lints of Azure Policy, which `palisade policy lint` asks",
    ),
];

/// The folders of the recommendations under `crates/controls/src`, in their order, with the
/// prefix of their codes.
const RECOMMENDATIONS: [(&str, &str); 9] = [
    ("egress_firewall", "FW"),
    ("network_policy", "NP"),
    ("private_cluster", "PC"),
    ("web_application_firewall", "WAF"),
    ("api_gateway", "GW"),
    ("ddos_protection", "DD"),
    ("network_watcher", "NW"),
    ("azure_policy", "AP"),
    ("monitoring", "MON"),
];
