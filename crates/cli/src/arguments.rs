//! The command line.

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use palisade_controls::{Framework, Severity};
use palisade_lsp::Buffers;
use palisade_reach::kubernetes::EngineKind;

use crate::baseline::BaselineCommand;
use crate::connectivity::ConnectivityArguments;
use crate::diff::DiffArguments;
use crate::egress::EgressArguments;
use crate::files::Found;
use crate::formats::Format;
use crate::generate::GenerateArguments;
use crate::init::InitArguments;
use crate::kubectl::KubectlArguments;
use crate::lint::LintArguments;
use crate::lsp::LspArguments;
use crate::man::ManArguments;
use crate::policy::PolicyCommand;
use crate::prove::ProveArguments;
use crate::reach::ReachArguments;

/// What a first run without arguments is told.
pub(crate) const WELCOME: &str = "\
Palisade audits the network security of Azure Kubernetes Service.

  palisade audit FOLDER      audit what you have: ARM exports, kubectl output, manifests
  palisade controls          what is checked
  palisade explain FW001     one control: what, why, how to fix

To have something to audit:
  az aks list > estate/clusters.json
  az network vnet list > estate/networks.json
  kubectl get all,networkpolicies,ingresses -A -o json > estate/cluster.json
  palisade audit estate

More: palisade --help
";

/// Audits the network security of Azure Kubernetes Service.
#[derive(Debug, Parser)]
#[command(
    name = "palisade",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    arg_required_else_help = false
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Print nothing but the report and errors: no progress, no warnings
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// The command line. A cluster is something to audit, so `kubectl` needs no files.
pub(crate) fn command() -> clap::Command {
    Arguments::command().mut_subcommand("kubectl", |kubectl| {
        kubectl.mut_arg("paths", |paths| paths.required(false))
    })
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Audit an estate against the nine recommendations
    Audit(AuditArguments),
    /// Audit what the cluster of a kubectl context holds, together with files if they are given
    Kubectl(KubectlArguments),
    /// Accept failures as they are, so that later audits count only what is new
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Write a palisade.toml to start from
    Init(InitArguments),
    /// Say who reaches whom in a cluster, by its network policies
    Connectivity(ConnectivityArguments),
    /// Explain what becomes of traffic from one endpoint to another, hop by hop
    Reach(ReachArguments),
    /// Prove what must and must not be reachable over every packet, or show one that refutes it
    Prove(ProveArguments),
    /// Write the network policies that allow what the manifests evidently need and nothing else
    Generate(GenerateArguments),
    /// Say what AKS needs outbound, what the firewall does with it, and which rules would do
    Egress(EgressArguments),
    /// Find what is wrong, odd or without effect in network policies
    Lint(LintArguments),
    /// Ask Azure Policy's definitions about the estate, without Azure
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Compare the estate as it is with what a template or a plan makes of it
    Diff(DiffArguments),
    /// List the controls
    Controls {
        /// How to print the list
        #[arg(long, value_enum, default_value_t = ListFormat::Terminal)]
        format: ListFormat,
    },
    /// Explain a control: what it checks, why it matters, how to fix it
    Explain {
        /// The control's code or name
        control: String,
    },
    /// Serve an editor: findings, their pages and quick fixes while files are written
    Lsp(LspArguments),
    /// Write the manual pages into a folder
    #[command(hide = true)]
    Man(ManArguments),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

/// What is read.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct InputArguments {
    /// Files and folders to read; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<String>,

    /// What was fetched from elsewhere
    #[arg(skip)]
    pub(crate) fetched: Found,

    /// Texts that stand in for files on the disk
    #[arg(skip)]
    pub(crate) buffers: Buffers,

    /// Take the input as everything there is in its subscriptions and clusters, so that what
    /// isn't in it doesn't exist
    #[arg(long)]
    pub(crate) complete: bool,

    /// Read the configuration from this file instead of the palisade.toml in this folder or the
    /// nearest above
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<String>,

    /// Read no configuration
    #[arg(long)]
    pub(crate) no_config: bool,

    /// The parameter files to deploy templates with, instead of each that belongs to a template by
    /// its own; of two values the later counts
    #[arg(long, value_name = "FILE", help_heading = "Templates and plans")]
    pub(crate) parameters: Vec<String>,

    /// The id of the subscription that templates and plans go to which don't say so
    #[arg(long, value_name = "ID", help_heading = "Templates and plans")]
    pub(crate) subscription: Option<String>,

    /// The resource group that templates go to
    #[arg(long, value_name = "NAME", help_heading = "Templates and plans")]
    pub(crate) resource_group: Option<String>,

    /// The region of that resource group, or of a deployment to a subscription
    #[arg(long, value_name = "REGION", help_heading = "Templates and plans")]
    pub(crate) location: Option<String>,
}

/// What is read and asked.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct EstateArguments {
    #[command(flatten)]
    pub(crate) input: InputArguments,

    /// Ask only these controls: codes, names, the start of codes (FW), recommendation numbers or
    /// severities
    #[arg(long, value_name = "CONTROL", value_delimiter = ',')]
    pub(crate) select: Vec<String>,

    /// Leave these controls out
    #[arg(long, value_name = "CONTROL", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,

    /// Unknown answers count: an audit exits with 3 when there is one or a file couldn't be read,
    /// a baseline holds them too
    #[arg(long)]
    pub(crate) strict: bool,

    /// Judge retirements and expiries as of this day instead of today
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) today: Option<Date>,

    /// What is asked
    #[arg(skip)]
    pub(crate) questions: Questions,

    /// A file with the aliases of Azure Policy that count before those that Palisade brings
    #[arg(skip)]
    pub(crate) aliases: Option<String>,
}

/// Which controls may be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Questions {
    /// Those of the nine recommendations.
    #[default]
    Baseline,
    /// The lints of network policies, which the engine enforces that is named here or else that
    /// of the managed cluster.
    Lints(Option<EngineKind>),
    /// The lints of Azure Policy's definitions.
    DefinitionLints,
    /// All of them, as an editor shows them.
    Everything,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    #[command(flatten)]
    pub(crate) estate: EstateArguments,

    /// How to print the report
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    pub(crate) format: Format,

    /// Write the report to a file too, in the format of its ending or as FORMAT=FILE; may be given
    /// several times
    #[arg(long, short, value_name = "[FORMAT=]FILE")]
    pub(crate) output: Vec<String>,

    /// What links to files start with, such as https://github.com/OWNER/REPOSITORY/blob/COMMIT; or
    /// the whole link with {path}, {line} and {endLine} in it
    #[arg(long, value_name = "URL")]
    pub(crate) link_base: Option<String>,

    /// Exit with 1 when there is a failure of at least this severity [default: low]
    #[arg(long, value_name = "SEVERITY", value_parser = parse_fail_on)]
    pub(crate) fail_on: Option<FailOn>,

    /// Count only failures that this baseline doesn't hold
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<String>,

    /// Ask only the controls of a benchmark or of another tool, and report item by item
    #[arg(long, value_name = "FRAMEWORK", value_parser = parse_framework)]
    pub(crate) framework: Option<Framework>,

    /// Show answers of these kinds [default: fail]
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) show: Vec<Shown>,

    /// Show every finding with its source, not only the first of a control, and every cluster
    #[arg(long)]
    pub(crate) full: bool,
}

/// How a list is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Terminal,
    Json,
}

/// The kinds of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shown {
    Fail,
    Unknown,
    Pass,
    NotApplicable,
    Waived,
    All,
}

impl Shown {
    /// The words that a report uses for what is to be shown.
    pub(crate) fn words(kinds: &[Self]) -> Vec<&'static str> {
        kinds.iter().map(|kind| kind.word()).collect()
    }

    fn word(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Pass => "pass",
            Self::NotApplicable => "not-applicable",
            Self::Waived => "waived",
            Self::All => "all",
        }
    }
}

/// The severity from which failures count, if any do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FailOn(pub(crate) Option<Severity>);

fn parse_framework(text: &str) -> Result<Framework, String> {
    let mut frameworks = Framework::ALL.into_iter();
    let found = frameworks.find(|framework| framework.as_str().eq_ignore_ascii_case(text));
    let names = Framework::ALL.map(Framework::as_str);
    found.ok_or_else(|| format!("one of {}", names.join(", ")))
}

pub(crate) fn parse_fail_on(text: &str) -> Result<FailOn, String> {
    if text == "never" {
        return Ok(FailOn(None));
    }
    let severity = Severity::ALL
        .into_iter()
        .find(|severity| severity.as_str() == text);
    let words: Vec<_> = Severity::ALL
        .iter()
        .map(|severity| severity.as_str())
        .collect();
    severity
        .map(|severity| FailOn(Some(severity)))
        .ok_or_else(|| format!("one of {} or never", words.join(", ")))
}
