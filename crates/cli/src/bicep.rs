//! Bicep: its files are compiled by the user's own compiler.
//!
//! Findings point into the compiled template, under the name that `bicep build` would give it:
//! the compiler writes no map from its lines to those of the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use palisade_sources::NotUnderstood;

use crate::files::{Found, Place, plain, shown};
use crate::output;

/// Puts compiled templates in the place of the `.bicep` files: the one beside a file, or what the
/// compiler makes of it. Modules are part of the files that use them. What couldn't be compiled is
/// returned, with what to do about it.
pub(crate) fn compile(found: &mut Found) -> Vec<NotUnderstood> {
    let is_source = |place: &Place| matches!(place, Place::Disk(path) if is_bicep(path));
    let (sources, others): (Vec<_>, Vec<_>) = found.places.drain(..).partition(is_source);
    found.places = others;
    let paths: Vec<_> = sources
        .into_iter()
        .filter_map(|place| match place {
            Place::Disk(path) => Some(path),
            _ => None,
        })
        .collect();
    let modules: BTreeSet<_> = paths.iter().flat_map(|path| modules(path)).collect();
    let mut left = Vec::new();
    for path in paths.iter().filter(|path| !modules.contains(&plain(path))) {
        let template = path.with_extension("json");
        if template.is_file() {
            note(
                path,
                &format!("{} beside it is read instead", shown(&template)),
            );
            found.places.push(Place::Disk(template));
            continue;
        }
        match build(path) {
            Ok(bytes) => {
                note(
                    path,
                    &format!("compiled; places are those of {}", shown(&template)),
                );
                let path = shown(&template);
                let bytes = Arc::new(bytes);
                found.places.push(Place::Fetched { path, bytes });
            }
            Err(reason) => left.push(NotUnderstood {
                path: shown(path),
                reason,
            }),
        }
    }
    found.places.sort();
    found.places.dedup();
    left
}

fn is_bicep(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("bicep"))
}

fn note(path: &Path, text: &str) {
    if !output::is_quiet() {
        output::complain(&format!("note: {}: {text}\n", shown(path)));
    }
}

/// The files that a file uses as modules, by the paths in their declarations.
fn modules(path: &Path) -> Vec<PathBuf> {
    let content = fs::read_to_string(path).unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new(""));
    let declarations = content.lines().map(str::trim_start);
    let declarations =
        declarations.filter(|line| line.starts_with("module ") || line.starts_with("import "));
    declarations
        .filter_map(|line| line.split('\'').nth(1))
        .filter(|target| target.ends_with(".bicep"))
        .map(|target| plain(&folder.join(target)))
        .collect()
}

/// What `bicep`, else `az bicep`, prints for a file, or what to do without.
fn build(path: &Path) -> Result<Vec<u8>, String> {
    let shown = shown(path);
    let advice = format!("compile it with `bicep build {shown}` and audit what that writes");
    let mut own = Command::new("bicep");
    own.args(["build", "--stdout"]).arg(path);
    let mut of_azure = Command::new("az");
    of_azure
        .args(["bicep", "build", "--stdout", "--file"])
        .arg(path);
    for mut command in [own, of_azure] {
        let Ok(output) = command.output() else {
            continue;
        };
        if output.status.success() && !output.stdout.is_empty() {
            return Ok(output.stdout);
        }
        let message = String::from_utf8_lossy(&output.stderr);
        let message = message.lines().find(|line| !line.trim().is_empty());
        let message = message.unwrap_or("it says nothing").trim();
        return Err(format!("its compiler refuses it: {message}; {advice}"));
    }
    Err(format!(
        "Bicep, and neither `bicep` nor `az` is on the path: {advice}"
    ))
}
