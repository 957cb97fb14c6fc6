//! What a team says, from end to end: text in, answers out.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod baseline;
mod configuration;
mod fingerprint;
mod hostile;
mod waivers;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use palisade_controls::{Audit, Context, Finding};
use palisade_document::Text;
use palisade_project::{Baseline, Compared, Configuration, Settlement, choose, settle};
use palisade_sources::{File, Input};

const TODAY: Date = date(2026, 11, 23);

type Files = Vec<(String, String)>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of an example.
fn example(name: &str) -> Files {
    fn collect(folder: &Path, root: &Path, files: &mut Files) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, root, files);
            } else if let Ok(content) = fs::read_to_string(&path) {
                let shown = path.strip_prefix(root).unwrap().to_string_lossy();
                files.push((shown.replace('\\', "/"), content));
            }
        }
        files.sort();
    }
    let root = root().join("examples").join(name);
    let mut files = Files::new();
    collect(&root, &root, &mut files);
    assert!(files.len() > 5);
    files
}

fn files(files: &[(&str, &str)]) -> Files {
    let own = |&(path, content): &(&str, &str)| (path.to_owned(), content.to_owned());
    files.iter().map(own).collect()
}

/// An estate with the answers that count.
struct Judged {
    input: Input,
    audit: Audit,
    compared: Option<Compared>,
}

impl Judged {
    /// The failures that count, a line each: code, subject, message.
    fn failures(&self) -> Vec<String> {
        self.lines(Finding::is_failure)
    }

    fn lines(&self, is_wanted: impl Fn(&Finding) -> bool) -> Vec<String> {
        let wanted = self.audit.findings.iter().filter(|one| is_wanted(one));
        wanted
            .map(|one| format!("{} {}: {}", one.control.code, one.subject.name, one.message))
            .collect()
    }
}

fn configuration(text: &str) -> Configuration {
    let (configuration, diagnostics) = Configuration::read(Text::new("palisade.toml", text));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    configuration
}

fn judge(files: &Files, toml: &str) -> Judged {
    judge_beside(files, toml, None)
}

fn judge_beside(files: &Files, toml: &str, baseline: Option<&Baseline>) -> Judged {
    let load = |(path, content): &(String, String)| {
        Ok(File {
            path: path.clone(),
            bytes: content.as_bytes().to_vec(),
        })
    };
    let configuration = configuration(toml);
    let input = palisade_sources::read_all(files, load, false);
    let settings = &configuration.settings;
    let (controls, checks) = choose(&configuration.select, &configuration.ignore, settings);
    let context = Context::new(&input.estate, TODAY).with_settings(settings);
    let mut audit = palisade_controls::audit(&context, controls);
    let settlement = Settlement {
        configuration: &configuration,
        checks: &checks,
        baseline,
        today: TODAY,
    };
    let compared = settle(&input.estate, &mut audit, settlement);
    Judged {
        input,
        audit,
        compared,
    }
}
