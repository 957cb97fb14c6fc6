//! `palisade kubectl`, and `kubectl palisade` when the program is called `kubectl-palisade`: audits
//! what a cluster holds. kubectl asks the cluster, so contexts, sign-in and proxies are as the user
//! knows them, and Palisade itself makes no connection.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use clap::{Args, CommandFactory};
use palisade_document::Diagnostic;

use crate::arguments::{Arguments, AuditArguments};
use crate::audit;
use crate::exit::{Exit, Failure};
use crate::files::{Found, Place};

/// What is asked for, where the cluster has it. Secrets and ConfigMaps are not among it.
const RESOURCES: [&str; 34] = [
    "namespaces",
    "nodes",
    "pods",
    "replicationcontrollers",
    "services",
    "daemonsets.apps",
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "cronjobs.batch",
    "jobs.batch",
    "ingressclasses.networking.k8s.io",
    "ingresses.networking.k8s.io",
    "networkpolicies.networking.k8s.io",
    "adminnetworkpolicies.policy.networking.k8s.io",
    "baselineadminnetworkpolicies.policy.networking.k8s.io",
    "clusternetworkpolicies.policy.networking.k8s.io",
    "gatewayclasses.gateway.networking.k8s.io",
    "gateways.gateway.networking.k8s.io",
    "grpcroutes.gateway.networking.k8s.io",
    "httproutes.gateway.networking.k8s.io",
    "ciliumcidrgroups.cilium.io",
    "ciliumclusterwidenetworkpolicies.cilium.io",
    "ciliumnetworkpolicies.cilium.io",
    "globalnetworkpolicies.crd.projectcalico.org",
    "globalnetworksets.crd.projectcalico.org",
    "hostendpoints.crd.projectcalico.org",
    "networkpolicies.crd.projectcalico.org",
    "networksets.crd.projectcalico.org",
    "tiers.crd.projectcalico.org",
    "authorizationpolicies.security.istio.io",
    "peerauthentications.security.istio.io",
    "nginxingresscontrollers.approuting.kubernetes.azure.com",
    "constrainttemplates.templates.gatekeeper.sh",
];

/// Every kind of this group is asked for: each constraint template makes one.
const CONSTRAINTS: &str = ".constraints.gatekeeper.sh";

#[derive(Debug, Args)]
pub(crate) struct KubectlArguments {
    /// The context of the kubeconfig, instead of the current one
    #[arg(long)]
    context: Option<String>,

    /// The kubeconfig
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,

    /// Ask for one namespace only, and for what belongs to none
    #[arg(long, short)]
    namespace: Option<String>,

    #[command(flatten)]
    audit: AuditArguments,
}

/// `kubectl palisade …` runs `kubectl-palisade …`, which means `palisade kubectl …`, unless another
/// command is named.
pub(crate) fn as_command(mut words: Vec<OsString>) -> Vec<OsString> {
    let program = words.first().map(Path::new).and_then(Path::file_stem);
    let is_plugin = program == Some(OsStr::new("kubectl-palisade"));
    let names_command = |word: &OsString| {
        let command = Arguments::command();
        word.to_str()
            .is_some_and(|word| command.find_subcommand(word).is_some())
    };
    if is_plugin && !words.get(1).is_some_and(names_command) {
        words.insert(1, "kubectl".into());
    }
    words
}

pub(crate) fn run(mut arguments: KubectlArguments) -> Result<Exit, Failure> {
    arguments.audit.estate.input.fetched = arguments.fetch()?;
    audit::run(&arguments.audit)
}

impl KubectlArguments {
    /// What the cluster holds, as a file in a folder that has the name of the cluster.
    fn fetch(&self) -> Result<Found, Failure> {
        let view = ["config", "view", "--minify"];
        let cluster =
            self.ask(&[&view[..], &["--output=jsonpath={.clusters[0].name}"]].concat())?;
        let path = format!(
            "{}/kubectl.json",
            cluster.text().trim().replace(['/', '\\'], "-")
        );
        let known = self.ask(&["api-resources", "--verbs=list", "--output=name"])?;
        let names = known.text();
        let wanted = wanted(&names);
        let scope = match &self.namespace {
            Some(namespace) => format!("--namespace={namespace}"),
            None => "--all-namespaces".to_owned(),
        };
        let objects = self.ask(&["get", &wanted.join(","), &scope, "--output=json"])?;
        let mut found = Found::default();
        for line in [known.complaint, objects.complaint]
            .iter()
            .flat_map(|text| text.lines())
        {
            let problem = Diagnostic::warning(&path, None, line);
            let help = "what kubectl did return is read";
            found.problems.push(problem.with_help(help));
        }
        found.places.push(Place::Fetched {
            path,
            bytes: Arc::new(objects.output),
        });
        Ok(found)
    }

    /// The output of a kubectl command. One that ends with an error but has output is taken: it lists
    /// what it may.
    fn ask(&self, words: &[&str]) -> Result<Answer, Failure> {
        let mut command = Command::new("kubectl");
        if let Some(kubeconfig) = &self.kubeconfig {
            command.arg("--kubeconfig").arg(kubeconfig);
        }
        if let Some(context) = &self.context {
            command.arg("--context").arg(context);
        }
        let output = command
            .args(words)
            .output()
            .map_err(|error| Failure::Usage(format!("kubectl can't be run: {error}")))?;
        let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if !output.status.success() && output.stdout.is_empty() {
            let words = words.join(" ");
            return Err(Failure::NoInput(format!("kubectl {words}: {complaint}")));
        }
        Ok(Answer {
            output: output.stdout,
            complaint: if output.status.success() {
                String::new()
            } else {
                complaint
            },
        })
    }
}

struct Answer {
    output: Vec<u8>,
    /// What it said beside, if it ended with an error.
    complaint: String,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}

/// What to ask for of what the cluster knows, in a fixed order.
fn wanted(known: &str) -> Vec<&str> {
    let known: Vec<&str> = known.split_whitespace().collect();
    let kept = RESOURCES.into_iter().filter(|name| known.contains(name));
    let constraints = known
        .iter()
        .copied()
        .filter(|name| name.ends_with(CONSTRAINTS));
    kept.chain(constraints).collect()
}
