//! Writes what follows from the controls' files: the module lists and the registry. The files
//! are checked in; the gate says when they are stale.

use std::fs;
use std::path::{Path, PathBuf};

use crate::RECOMMENDATIONS;

const HEADER: &str = "// Written by `cargo xtask codegen` from the files beside it. Don't edit.\n";

pub(crate) fn write(root: &Path) -> Result<String, String> {
    let mut written = String::new();
    for (path, content) in files(root)? {
        if fs::read_to_string(&path).unwrap_or_default() != content {
            fs::write(&path, content).map_err(|error| format!("{}: {error}\n", path.display()))?;
            written.push_str(&format!("{}\n", path.display()));
        }
    }
    Ok(written)
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
    let mut registry = format!("{HEADER}\nuse crate::Control;\n\n");
    let mut chain = String::new();
    for (folder, _) in RECOMMENDATIONS {
        let controls = controls(&source.join(folder))?;
        registry.push_str(&format!("#[path = \"{folder}/mod.rs\"]\nmod {folder};\n"));
        chain.push_str(&format!("        {folder}::CONTROLS,\n"));
        files.push((source.join(folder).join("mod.rs"), module(&controls)));
    }
    registry.push_str(&format!(
        "\n/// Every control, ordered by recommendation and code.\n\
         pub fn all() -> impl Iterator<Item = &'static Control> + Clone {{\n    \
         [\n{chain}    ]\n    .into_iter()\n    .flatten()\n    .copied()\n}}\n"
    ));
    files.push((source.join("registry.rs"), registry));
    Ok(files)
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
