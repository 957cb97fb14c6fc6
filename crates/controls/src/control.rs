//! What a control is.

use std::fmt;

use crate::{Context, Findings, Parameter};

/// One of the nine recommendations of the baseline, or what isn't about the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recommendation {
    /// 1: restrict egress with a firewall that knows names.
    EgressFirewall,
    /// 2: control traffic between pods with network policies.
    NetworkPolicy,
    /// 3: keep the API server off the internet.
    PrivateCluster,
    /// 4: put a web application firewall before HTTP entries.
    WebApplicationFirewall,
    /// 5: run the API gateway inside the virtual network.
    ApiGateway,
    /// 6: protect public addresses against denial of service.
    DdosProtection,
    /// 7: watch the network: watchers, flow logs, captures.
    NetworkWatcher,
    /// 8: enforce the configuration with Azure Policy.
    AzurePolicy,
    /// 9: follow changes with the activity log and Azure Monitor.
    Monitoring,
    /// No recommendation: how network policies are written. Part of no score.
    PolicyLint,
    /// No recommendation: how definitions of Azure Policy are written. Part of no score.
    DefinitionLint,
    /// No recommendation: the project's own waivers, kept in order. Part of no score.
    Project,
}

impl Recommendation {
    /// All nine, in order.
    pub const ALL: [Self; 9] = [
        Self::EgressFirewall,
        Self::NetworkPolicy,
        Self::PrivateCluster,
        Self::WebApplicationFirewall,
        Self::ApiGateway,
        Self::DdosProtection,
        Self::NetworkWatcher,
        Self::AzurePolicy,
        Self::Monitoring,
    ];

    /// Its number in the baseline, from 1; 0 for what isn't about the baseline.
    pub fn number(self) -> u8 {
        match self {
            Self::PolicyLint | Self::DefinitionLint | Self::Project => 0,
            of_the_baseline => of_the_baseline as u8 + 1,
        }
    }

    /// What the codes of its controls start with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::EgressFirewall => "FW",
            Self::NetworkPolicy => "NP",
            Self::PrivateCluster => "PC",
            Self::WebApplicationFirewall => "WAF",
            Self::ApiGateway => "GW",
            Self::DdosProtection => "DD",
            Self::NetworkWatcher => "NW",
            Self::AzurePolicy => "AP",
            Self::Monitoring => "MON",
            Self::PolicyLint => "PL",
            Self::DefinitionLint => "POL",
            Self::Project => "PJ",
        }
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::EgressFirewall => "Egress firewall",
            Self::NetworkPolicy => "Network policies",
            Self::PrivateCluster => "Private cluster",
            Self::WebApplicationFirewall => "Web application firewall",
            Self::ApiGateway => "API gateway in the virtual network",
            Self::DdosProtection => "DDoS protection",
            Self::NetworkWatcher => "Network Watcher",
            Self::AzurePolicy => "Azure Policy",
            Self::Monitoring => "Activity log and Azure Monitor",
            Self::PolicyLint => "Lints of network policies",
            Self::DefinitionLint => "Lints of Azure Policy",
            Self::Project => "Waivers",
        }
    }
}

/// How bad it is when a control fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness that needs others to matter.
    Low,
    /// A missing layer.
    Medium,
    /// A hole that an attacker can use.
    High,
    /// An open door.
    Critical,
}

impl Severity {
    /// All, from the mildest.
    pub const ALL: [Self; 5] = [
        Self::Info,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// It may well be as meant.
    Low,
    /// It rests on an assumption that the finding names.
    Medium,
    /// It follows from the settings.
    High,
}

impl Confidence {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A catalogue of controls kept elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Framework {
    /// The id of a built-in Azure Policy definition.
    AzurePolicy,
    /// Microsoft cloud security benchmark.
    Mcsb,
    /// CIS benchmark for AKS, 1.8.
    CisAks,
    /// CIS Microsoft Azure Foundations benchmark, 6.0.
    CisAzure,
    /// PSRule for Azure.
    Psrule,
    /// Checkov.
    Checkov,
    /// Trivy.
    Trivy,
    /// Azure Quick Review, or the guid of the Azure Proactive Resiliency Library behind it.
    Azqr,
    /// Prowler.
    Prowler,
    /// Kubescape.
    Kubescape,
    /// KICS.
    Kics,
    /// KubeLinter.
    KubeLinter,
    /// ScoutSuite.
    ScoutSuite,
    /// cnspec.
    Cnspec,
}

impl Framework {
    /// A control of the catalogue.
    pub(crate) const fn id(self, id: &'static str) -> Equivalent {
        Equivalent {
            framework: self,
            id,
        }
    }

    /// Its name in machine formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AzurePolicy => "azure-policy",
            Self::Mcsb => "mcsb",
            Self::CisAks => "cis-aks",
            Self::CisAzure => "cis-azure",
            Self::Psrule => "psrule",
            Self::Checkov => "checkov",
            Self::Trivy => "trivy",
            Self::Azqr => "azqr",
            Self::Prowler => "prowler",
            Self::Kubescape => "kubescape",
            Self::Kics => "kics",
            Self::KubeLinter => "kube-linter",
            Self::ScoutSuite => "scout-suite",
            Self::Cnspec => "cnspec",
        }
    }
}

/// The same question in another catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Equivalent {
    /// The catalogue.
    pub framework: Framework,
    /// The id in it.
    pub id: &'static str,
}

/// One thing that the baseline asks for.
pub struct Control {
    /// The stable short name, such as `FW001`. Never used again for something else.
    pub code: &'static str,
    /// The defect in kebab case: reads as "allow …".
    pub name: &'static str,
    /// What should be so, in one sentence without a final stop.
    pub title: &'static str,
    /// The recommendation it belongs to.
    pub recommendation: Recommendation,
    /// How bad a failure is.
    pub severity: Severity,
    /// How sure a failure is unless a finding says otherwise.
    pub confidence: Confidence,
    /// Where else the question is asked.
    pub equivalents: &'static [Equivalent],
    /// What a team may set about it.
    pub parameters: &'static [&'static Parameter],
    /// The page: Markdown with fixed headings and the tests at its end.
    pub page: &'static str,
    /// Judges the estate.
    pub check: fn(&Context<'_>, &mut Findings),
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}
