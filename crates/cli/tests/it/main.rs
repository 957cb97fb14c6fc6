//! What a user of the command sees.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod connectivity;
mod egress;
mod generate;
mod input;
#[cfg(unix)]
mod kubectl;
mod lint;
#[cfg(unix)]
mod lsp;
mod output;
mod policy;
mod policy_lint;
mod policy_test;
mod project;
mod prove;
mod templates;
mod way;

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

/// Runs the command from the root of the repository, without colours, as of a fixed day.
fn palisade(arguments: &[&str]) -> Run {
    run(Path::new(&root()), arguments, "")
}

fn run(folder: &Path, arguments: &[&str], stdin: &str) -> Run {
    let mut command = Command::cargo_bin("palisade").unwrap();
    command
        .current_dir(folder)
        .args(arguments)
        .write_stdin(stdin)
        .env("NO_COLOR", "1");
    if arguments.first() == Some(&"audit") {
        command.args(["--today", "2026-11-23"]);
    }
    Run(command.output().unwrap())
}

struct Run(Output);

impl Run {
    fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder with files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

/// A cluster that leaves by its load balancer.
const CLUSTER: &str = r#"{
  "id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-1",
  "name": "aks-1",
  "properties": { "networkProfile": { "outboundType": "loadBalancer" } }
}"#;
