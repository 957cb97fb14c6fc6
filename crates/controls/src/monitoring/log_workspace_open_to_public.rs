use palisade_document::Value;
use palisade_estate::azure::Workspace;
use palisade_estate::{Field, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "MON016",
    name: "log-workspace-open-to-public",
    title: "workspaces take in and give out logs over private links only",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Low,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-2")],
    parameters: &[],
    page: include_str!("log_workspace_open_to_public.md"),
    check,
};

const ACCESSES: [(&str, &str); 2] = [
    ("publicNetworkAccessForIngestion", "ingestion"),
    ("publicNetworkAccessForQuery", "queries"),
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<Workspace<'_>>(), judge);
}

fn judge(workspace: &Workspace<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let mut open = Vec::new();
    for (path, access) in ACCESSES {
        if let Some((word, at)) = public(workspace, path)? {
            open.push((format!("{access} ({path} is {word})"), at));
        }
    }
    let Some(&(_, at)) = open.first() else {
        findings.pass(
            **workspace,
            "neither ingestion nor queries are open to public networks",
        );
        return Ok(());
    };
    let names: Vec<_> = open.iter().map(|(name, _)| name.as_str()).collect();
    findings
        .fail(
            **workspace,
            format!("open to public networks: {}", names.join(" and ")),
        )
        .at(at, "")
        .help(format!(
            "az resource update --ids {} --set properties.publicNetworkAccessForIngestion=Disabled properties.publicNetworkAccessForQuery=Disabled",
            workspace.id()
        ));
    Ok(())
}

/// The word that opens an access, if it is open. A network security perimeter decides by rules
/// of its own and closes what it doesn't allow.
fn public<'e>(
    workspace: &Workspace<'e>,
    path: &str,
) -> Result<Option<(&'e str, Value<'e>)>, Unknown> {
    match workspace.text(path) {
        Field::Absent(at) => Ok(Some(("Enabled by default", at))),
        Field::Unknown(unknown) => Err(unknown),
        Field::Present(word, at) => match word.to_ascii_lowercase().as_str() {
            "enabled" => Ok(Some((word, at))),
            "disabled" | "securedbyperimeter" => Ok(None),
            _ => Err(Unknown::because(
                format!("{path} is {word}, which is newer than this version of Palisade"),
                "a newer version of Palisade",
            )),
        },
    }
}
