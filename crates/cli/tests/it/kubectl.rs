//! `kubectl palisade`, with a stand-in for kubectl that answers from files and writes down what it
//! was asked.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::{Run, folder};

const KUBECTL: &str = r#"#!/bin/sh
echo "$@" >> asked
case "$*" in
  *"config view"*) printf aks-1 ;;
  *api-resources*) cat resources ;;
  *get*) cat objects.answer; cat complaint >&2; exit "$(cat code)" ;;
esac
"#;

const OBJECTS: &str = r#"{
  "apiVersion": "v1",
  "kind": "List",
  "items": [
    { "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } },
    {
      "apiVersion": "v1",
      "kind": "Service",
      "metadata": { "name": "web", "namespace": "shop" },
      "spec": { "type": "LoadBalancer", "externalIPs": ["198.51.100.7"] }
    }
  ]
}"#;

/// A folder in which `kubectl` is a stand-in and `kubectl-palisade` is this program.
fn bench(complaint: &str, code: &str) -> TempDir {
    let folder = folder(&[
        ("kubectl", KUBECTL),
        (
            "resources",
            "namespaces\nsecrets\nservices\nk8sdeny.constraints.gatekeeper.sh\npodmetrics.metrics.k8s.io\n",
        ),
        ("objects.answer", OBJECTS),
        ("complaint", complaint),
        ("code", code),
    ]);
    let script = folder.path().join("kubectl");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let program = assert_cmd::cargo::cargo_bin("palisade");
    symlink(program, folder.path().join("kubectl-palisade")).unwrap();
    folder
}

fn plugin(folder: &Path, arguments: &[&str]) -> Run {
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(folder.join("kubectl-palisade"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("PATH", path);
    Run(command.env("NO_COLOR", "1").output().unwrap())
}

fn asked(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("asked")).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_cluster_of_the_context_is_audited() {
    let folder = bench("", "0");
    let arguments = [
        "--context",
        "prod",
        "--select",
        "AP010",
        "--format",
        "concise",
    ];
    let run = plugin(folder.path(), &arguments);
    assert_eq!(run.code(), 1, "{}", run.stderr());
    assert!(
        run.stdout().starts_with("aks-1/kubectl.json:10:"),
        "{}",
        run.stdout()
    );
    let asked = asked(folder.path());
    assert!(
        asked
            .iter()
            .all(|words| words.starts_with("--context prod "))
    );
    assert_eq!(
        asked.last().unwrap(),
        "--context prod get namespaces,services,k8sdeny.constraints.gatekeeper.sh --all-namespaces --output=json"
    );
}

/// Nobody is asked for Secrets, though the cluster has them.
#[test]
fn secrets_are_not_asked_for() {
    let folder = bench("", "0");
    plugin(folder.path(), &["-n", "shop"]);
    let asked = asked(folder.path());
    assert!(asked.iter().all(|words| !words.contains("secret")));
    assert!(asked.last().unwrap().contains(" --namespace=shop "));
}

/// Exports of Azure resources join the objects of their cluster.
#[test]
fn files_are_audited_with_the_cluster() {
    let folder = bench("", "0");
    fs::write(folder.path().join("aks.json"), crate::CLUSTER).unwrap();
    let arguments = ["aks.json", "--format", "json", "--fail-on", "never"];
    let run = plugin(folder.path(), &arguments);
    assert_eq!(run.code(), 0, "{}", run.stderr());
    let text = run.stdout();
    assert!(text.contains("\"resources\": 1") && text.contains("\"objects\": 2"));
    // One cluster: the objects belong to the managed cluster of their folder's name.
    assert_eq!(text.matches("\"location\": null").count(), 1, "{text}");
}

#[test]
fn what_may_not_be_listed_is_told_and_the_rest_is_read() {
    let complaint = "Error from server (Forbidden): ingresses.networking.k8s.io is forbidden";
    let folder = bench(complaint, "1");
    let run = plugin(folder.path(), &["--select", "AP010", "--format", "concise"]);
    assert_eq!(run.code(), 1);
    assert!(
        run.stderr()
            .contains("warning: Error from server (Forbidden)"),
        "{}",
        run.stderr()
    );
    assert!(run.stdout().contains("[AP010]"));
}

#[test]
fn a_cluster_that_does_not_answer_is_no_input() {
    let folder = bench("Unable to connect to the server", "1");
    fs::write(folder.path().join("objects.answer"), "").unwrap();
    let run = plugin(folder.path(), &[]);
    assert_eq!(run.code(), 3);
    assert!(
        run.stderr().contains("Unable to connect to the server"),
        "{}",
        run.stderr()
    );
}

#[test]
fn the_plugin_has_the_other_commands() {
    let folder = bench("", "0");
    let page = plugin(folder.path(), &["explain", "FW001"]);
    assert!(page.stdout().starts_with("# FW001"));
    let help = plugin(folder.path(), &["--help"]).stdout();
    assert!(
        help.contains("--kubeconfig") && help.contains("--fail-on"),
        "{help}"
    );
}
