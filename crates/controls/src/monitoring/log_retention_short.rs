use std::collections::BTreeMap;

use palisade_document::Value;
use palisade_estate::azure::{DiagnosticSetting, Workspace, WorkspaceTable};
use palisade_estate::{Field, ResourceId, Unknown, View};

use crate::{
    Confidence, Context, Control, Domain, Finding, Findings, Framework, Parameter, Recommendation,
    Severity, Subject, SubjectKind, Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "MON015",
    name: "log-retention-short",
    title: "workspaces keep the logs sent to them for 90 days",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("LT-6")],
    parameters: &[&DAYS],
    page: include_str!("log_retention_short.md"),
    check,
};

/// 90 is long enough to look back from the discovery of most intrusions; 4383 days are the most
/// that Azure keeps.
static DAYS: Parameter = Parameter {
    name: "days",
    meaning: "how many days a workspace must keep its logs",
    domain: Domain::Number {
        default: 90,
        least: 1,
        most: 4383,
    },
    weaker: Weaker::Less,
};

/// What Azure takes when nothing is given.
const DEFAULT_DAYS: i64 = 30;

/// The tables that hold the logs of clusters, firewalls and gateways.
const LOG_TABLES: [&str; 12] = [
    "AzureDiagnostics",
    "AKSAudit",
    "AKSAuditAdmin",
    "AKSControlPlane",
    "AZFWApplicationRule",
    "AZFWNetworkRule",
    "AZFWNatRule",
    "AZFWThreatIntel",
    "AZFWIdpsSignature",
    "AGWAccessLogs",
    "AGWFirewallLogs",
    "ApiManagementGatewayLogs",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, at) in destinations(context) {
        match context.estate.require::<Workspace<'_>>(&id) {
            Ok(workspace) => judge_with_tables(context, &workspace, findings),
            Err(unknown) => {
                findings.unknown(outside(&id, at), unknown);
            }
        }
    }
}

/// The workspaces that resources send logs to, each with the first place that names it. The
/// activity log doesn't count: its table keeps 90 days whatever the workspace says.
fn destinations<'e>(context: &Context<'e>) -> BTreeMap<ResourceId, Value<'e>> {
    let mut found = BTreeMap::new();
    for setting in context.estate.all::<DiagnosticSetting<'_>>() {
        let is_of_resource = setting
            .id()
            .parent()
            .is_some_and(|parent| parent.resource_type().is_some());
        let sends_logs = setting.enabled_logs().is_ok_and(|logs| !logs.is_empty());
        if let (true, true, Field::Present(id, at)) =
            (is_of_resource, sends_logs, setting.workspace())
        {
            found.entry(id).or_insert(at);
        }
    }
    found
}

fn judge_with_tables(context: &Context<'_>, workspace: &Workspace<'_>, findings: &mut Findings) {
    let enough = context.number(&DAYS);
    findings.each([*workspace], |workspace, findings| {
        let (days, at) = workspace.retention_days().or_default(DEFAULT_DAYS)?;
        let keeps = "tables without a retention of their own keep";
        let subject = Subject::from(**workspace);
        if let Some(finding) = judge(subject, keeps, days, enough, at, findings) {
            let verb = format!("update --retention-time {enough}");
            finding.help(command(&verb, workspace.id(), ""));
        }
        Ok(())
    });
    let tables: Vec<WorkspaceTable<'_>> = context.estate.children(workspace.id());
    findings.each(tables.into_iter().filter(is_log), |table, findings| {
        judge_table(workspace, table, enough, findings)
    });
}

fn judge_table(
    workspace: &Workspace<'_>,
    table: &WorkspaceTable<'_>,
    enough: i64,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let (days, at) = match table.retention_days() {
        Field::Present(days, at) => (days, at),
        Field::Absent(_) => return Ok(()),
        Field::Unknown(unknown) => return Err(unknown),
    };
    if let Some(finding) = judge(
        (**table).into(),
        "the table keeps",
        days,
        enough,
        at,
        findings,
    ) {
        let name = format!(" --name {}", table.name());
        let verb = format!("table update --total-retention-time {enough}");
        finding.help(command(&verb, workspace.id(), &name));
    }
    Ok(())
}

fn is_log(table: &WorkspaceTable<'_>) -> bool {
    LOG_TABLES
        .iter()
        .any(|name| name.eq_ignore_ascii_case(table.name()))
}

/// Judges a time; gives the finding if it is too short. Old workspaces have -1 for ever.
fn judge<'f>(
    subject: Subject,
    keeps: &str,
    days: i64,
    enough: i64,
    at: Value<'_>,
    findings: &'f mut Findings,
) -> Option<&'f mut Finding> {
    if (0..enough).contains(&days) {
        let finding = findings.fail(subject, format!("{keeps} logs for {days} days only"));
        return Some(finding.at(at, ""));
    }
    let message = if days < 0 {
        format!("{keeps} logs for ever")
    } else {
        format!("{keeps} logs for {days} days")
    };
    findings.pass(subject, message).at(at, "");
    None
}

fn command(verb: &str, workspace: &ResourceId, name: &str) -> String {
    let group = workspace.resource_group().unwrap_or_default();
    format!(
        "az monitor log-analytics workspace {verb} --resource-group {group} --workspace-name {}{name}",
        workspace.name()
    )
}

/// A workspace that only a setting names.
fn outside(id: &ResourceId, at: Value<'_>) -> Subject {
    Subject {
        kind: SubjectKind::Resource,
        id: id.as_str().to_owned(),
        subject_type: Workspace::TYPE.to_owned(),
        name: id.name().to_owned(),
        origin: Some(at.origin()),
        clusters: Vec::new(),
        doubt: None,
        namespace: None,
    }
}
