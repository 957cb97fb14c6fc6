use palisade_estate::{Field, Unknown};

use super::agent_pool::{Pool, each_pool};
use crate::azure_cli;
use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC010",
    name: "ssh-open-on-nodes",
    title: "nodes take no SSH logins by key",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::CisAks.id("5.4.3")],
    parameters: &[],
    page: include_str!("ssh_open_on_nodes.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    each_pool(context, findings, judge);
}

fn judge(pool: &Pool<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let (system, at) = pool.settings.text("osType").or_default("Linux")?;
    if system.eq_ignore_ascii_case("windows") {
        findings
            .not_applicable(pool.subject(), "AKS can't switch SSH off on Windows nodes")
            .at(at, "");
        return Ok(());
    }
    let is_given = matches!(
        pool.settings.text("securityProfile.sshAccess"),
        Field::Present(..)
    );
    let (access, at) = pool
        .settings
        .text("securityProfile.sshAccess")
        .or_default("LocalUser")?;
    match access.to_ascii_lowercase().as_str() {
        "disabled" => {
            findings
                .pass(pool.subject(), "sshAccess is Disabled")
                .at(at, "");
        }
        "entraid" => {
            findings
                .pass(
                    pool.subject(),
                    "sshAccess is EntraId: logins ask Microsoft Entra ID",
                )
                .at(at, "");
        }
        "localuser" => {
            let setting = if is_given {
                "sshAccess is LocalUser"
            } else {
                "sshAccess isn't set, which means LocalUser"
            };
            findings
                .fail(
                    pool.subject(),
                    format!(
                        "{setting}: every pod and machine that \
                         reaches a node can try its SSH service"
                    ),
                )
                .at(if is_given { at } else { pool.settings.anchor() }, "")
                .help(help(pool));
        }
        _ => {
            return Err(Unknown::because(
                format!("sshAccess {access} is newer than this version of Palisade"),
                "a newer version of Palisade",
            ));
        }
    }
    Ok(())
}

/// The change takes effect with the next image of the nodes.
fn help(pool: &Pool<'_>) -> String {
    let update = azure_cli::nodepool(
        "update",
        &pool.cluster,
        pool.settings.name(),
        "--ssh-access disabled",
    );
    let upgrade = azure_cli::nodepool(
        "upgrade",
        &pool.cluster,
        pool.settings.name(),
        "--node-image-only",
    );
    format!("{update}, then {upgrade}")
}
