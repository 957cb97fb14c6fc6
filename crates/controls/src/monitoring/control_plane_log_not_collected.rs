use palisade_estate::Unknown;
use palisade_estate::azure::{DiagnosticSetting, ManagedCluster};

use crate::{
    Confidence, Context, Control, Equivalent, Findings, Framework, Recommendation, Severity,
    Subject,
};

pub(super) static CONTROL: Control = Control {
    code: "MON001",
    name: "control-plane-log-not-collected",
    title: "the logs of the API server, its audit and the controllers are kept",
    recommendation: Recommendation::Monitoring,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[
        Equivalent {
            framework: Framework::AzurePolicy,
            id: "245fc9df-fa96-4414-9a0b-3738c2f7341c",
        },
        Equivalent {
            framework: Framework::CisAks,
            id: "2.1.1",
        },
        Equivalent {
            framework: Framework::Mcsb,
            id: "LT-4",
        },
        Equivalent {
            framework: Framework::Psrule,
            id: "Azure.AKS.AuditLogs",
        },
        Equivalent {
            framework: Framework::Psrule,
            id: "Azure.AKS.PlatformLogs",
        },
    ],
    page: include_str!("control_plane_log_not_collected.md"),
    check,
};

/// Each log that must be kept, with the categories of which one is enough and the category
/// groups that hold it. `kube-audit-admin` is the audit without reads.
const LOGS: [(&str, &[&str], &[&str]); 3] = [
    ("API server", &["kube-apiserver"], &["allLogs"]),
    (
        "audit",
        &["kube-audit", "kube-audit-admin"],
        &["audit", "allLogs"],
    ),
    (
        "controller manager",
        &["kube-controller-manager"],
        &["allLogs"],
    ),
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(
        context.estate.all::<ManagedCluster<'_>>(),
        |cluster, findings| judge(context, cluster, findings),
    );
}

fn judge(
    context: &Context<'_>,
    cluster: &ManagedCluster<'_>,
    findings: &mut Findings,
) -> Result<(), Unknown> {
    let settings = context
        .estate
        .children::<DiagnosticSetting<'_>>(cluster.id());
    for (log, categories, groups) in LOGS {
        let subject = Subject::from(**cluster).part(log);
        match collector(&settings, categories, groups)? {
            Some(setting) => {
                findings
                    .pass(
                        subject,
                        format!("the {log} log is collected by `{}`", setting.name()),
                    )
                    .at(setting.anchor(), "");
            }
            None => {
                let coverage = context
                    .estate
                    .coverage::<DiagnosticSetting<'_>>(cluster.id());
                let supply = format!(
                    "az monitor diagnostic-settings list --resource {}",
                    cluster.id()
                );
                let finding = findings.missing(
                    subject,
                    coverage,
                    format!(
                        "no diagnostic setting collects the {log} log ({})",
                        categories.join(" or ")
                    ),
                    supply,
                );
                finding.help(format!("az monitor diagnostic-settings create --resource {} --name logs --workspace WORKSPACE --logs '[{{\"category\":\"{}\",\"enabled\":true}}]'", cluster.id(), categories[categories.len() - 1]));
                for setting in &settings {
                    finding.related(setting.anchor(), "this setting doesn't");
                }
            }
        }
    }
    Ok(())
}

fn collector<'e>(
    settings: &[DiagnosticSetting<'e>],
    categories: &[&str],
    groups: &[&str],
) -> Result<Option<DiagnosticSetting<'e>>, Unknown> {
    for setting in settings {
        for category in categories {
            if setting.collects(category, groups)? {
                return Ok(Some(*setting));
            }
        }
    }
    Ok(None)
}
