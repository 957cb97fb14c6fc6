//! Writes what follows from the controls' files: the module lists and the table in the docs. The
//! files are checked in; a test says when they are stale.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{LINTS, RECOMMENDATIONS};

const HEADER: &str = "// Written by `cargo xtask codegen` from the files beside it. Don't edit.\n";

pub(crate) fn write(root: &Path) -> Result<String, String> {
    let mut written = String::new();
    for (path, content) in files(root)? {
        if fs::read_to_string(&path).unwrap_or_default() != content {
            fs::write(&path, content).map_err(|error| format!("{}: {error}\n", path.display()))?;
            written.push_str(&format!("{}\n", path.display()));
        }
    }
    write_catalogue_tables(root)?;
    Ok(written)
}

/// The tables of other tools and benchmarks are written by the test that holds them fresh: what
/// they say is known to the compiled controls only.
fn write_catalogue_tables(root: &Path) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "-p", "palisade-controls"])
        .args(["--test", "catalogues", "the_tables_are_fresh"])
        .env("UPDATE", "1")
        .current_dir(root)
        .stdout(Stdio::null())
        .status()
        .map_err(|error| format!("cargo test: {error}\n"))?;
    match status.success() {
        true => Ok(()),
        false => Err("the tables of other tools couldn't be written\n".to_owned()),
    }
}

pub(crate) fn check(root: &Path) -> Result<String, String> {
    let stale: Vec<_> = files(root)?
        .into_iter()
        .filter(|(path, content)| fs::read_to_string(path).unwrap_or_default() != *content)
        .map(|(path, _)| format!("{} is stale; run `cargo xtask codegen`\n", path.display()))
        .collect();
    if stale.is_empty() {
        Ok(String::new())
    } else {
        Err(stale.concat())
    }
}

fn files(root: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let source = root.join("crates/controls/src");
    let mut files = Vec::new();
    let lints = LINTS.map(|(folder, prefix, _)| (folder, prefix));
    for (folder, _) in RECOMMENDATIONS.into_iter().chain(lints) {
        let controls = controls(&source.join(folder))?;
        files.push((
            source.join(folder).join("mod.rs"),
            formatted(&module(&controls))?,
        ));
    }
    files.push((root.join("docs/controls.md"), table(root)?));
    Ok(files)
}

/// Rust as `cargo fmt` would leave it, so that formatting never makes a generated file stale.
fn formatted(source: &str) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("rustfmt: {error}\n");
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config", "max_width=100"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(source.as_bytes()).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    String::from_utf8(output.stdout).map_err(|error| format!("rustfmt: {error}\n"))
}

/// The table of all controls, by recommendation, with links to their pages.
fn table(root: &Path) -> Result<String, String> {
    let mut text = String::from(
        "# Controls\n\nWritten by `cargo xtask codegen` from the controls. Each links to its page: \
         what it checks, why it matters, how to fix it, and the cases that test it.\n",
    );
    for (number, (folder, prefix)) in (1..).zip(RECOMMENDATIONS) {
        let title = folder.replace('_', " ");
        let title = format!("{number}. {}{}", title[..1].to_uppercase(), &title[1..]);
        text.push_str(&section(root, folder, prefix, &title)?);
    }
    for (folder, prefix, title) in LINTS {
        text.push_str(&section(root, folder, prefix, title)?);
    }
    Ok(text)
}

/// The table of a folder.
fn section(root: &Path, folder: &str, prefix: &str, title: &str) -> Result<String, String> {
    let mut text = format!(
        "\n## {title}\n\n| code | severity | what should be so | defect |\n|---|---|---|---|\n"
    );
    let directory = root.join("crates/controls/src").join(folder);
    for (name, code) in controls(&directory)?
        .iter()
        .filter(|(_, code)| code.starts_with(prefix))
    {
        let path = directory.join(name).with_extension("rs");
        let source =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}\n", path.display()))?;
        let severity = between(&source, "severity: Severity::", ",").to_lowercase();
        let page = format!("../crates/controls/src/{folder}/{name}.md");
        text.push_str(&format!(
            "| [{code}]({page}) | {severity} | {} | `{}` |\n",
            between(&source, "title: \"", "\",").replace('|', "\\|"),
            name.replace('_', "-")
        ));
    }
    Ok(text)
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split_once(after).map_or("", |(inner, _)| inner)
}

/// The controls of a folder: module name and code, ordered by code.
fn controls(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("{}: {error}\n", folder.display()))?;
    let mut controls = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default()
            .to_owned();
        if path.extension().is_none_or(|extension| extension != "rs") || name == "mod" {
            continue;
        }
        let text =
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}\n", path.display()))?;
        // A file without a code is shared by the controls of its recommendation.
        let code = text
            .split("code: \"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_default();
        controls.push((code.to_owned(), name));
    }
    controls.sort();
    Ok(controls
        .into_iter()
        .map(|(code, name)| (name, code))
        .collect())
}

fn module(controls: &[(String, String)]) -> String {
    let mut names: Vec<_> = controls.iter().map(|(name, _)| name).collect();
    names.sort();
    let modules: String = names.iter().map(|name| format!("mod {name};\n")).collect();
    let coded = controls.iter().filter(|(_, code)| !code.is_empty());
    let list: String = coded
        .map(|(name, _)| format!("    &{name}::CONTROL,\n"))
        .collect();
    let list = if list.is_empty() {
        "&[]".to_owned()
    } else {
        format!("&[\n{list}]")
    };
    format!(
        "{HEADER}\n{modules}\nuse crate::Control;\n\npub(crate) static CONTROLS: &[&Control] = {list};\n"
    )
}
