//! Measures a release build of `palisade policy check`: many resources against many definitions,
//! and what the catalogue of aliases takes. Prints Markdown.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use palisade_benches::{Size, generate};
use palisade_policy::{Catalogue, Definition, Mode, builtin, resource_types};
use serde_json::{Value, json};
use wait4::Wait4;

/// Measures `palisade policy check` on generated estates.
#[derive(Parser)]
struct Arguments {
    /// A release build of the `palisade` command.
    palisade: PathBuf,
    /// The numbers of resources.
    #[arg(default_values_t = [5_000, 50_000])]
    resources: Vec<usize>,
    /// How many definitions are assigned.
    #[arg(long, default_value_t = 200)]
    definitions: usize,
    /// How often each estate is asked; the fastest run counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Leave the estates in this folder.
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// What one run took.
struct Measurement {
    wall: Duration,
    cpu: Duration,
    memory: u64,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let mut out = io::stdout();
    writeln!(
        out,
        "| resources | input | definitions | wall | CPU | peak memory |\n|--:|--:|--:|--:|--:|--:|"
    )?;
    for &resources in &arguments.resources {
        let temporary = tempfile::tempdir()?;
        let place = arguments.keep.as_deref().unwrap_or(temporary.path());
        let folder = place.join(resources.to_string());
        let size = Size {
            resources,
            objects: 0,
        };
        let written = generate(&folder, size, 1)?;
        let policies = policies(&subscriptions(&folder)?, arguments.definitions)?;
        fs::write(folder.join("policies.json"), policies)?;
        let mut least = measure(&arguments, &folder)?;
        for _ in 1..arguments.runs {
            let another = measure(&arguments, &folder)?;
            if another.wall < least.wall {
                least = another;
            }
        }
        writeln!(
            out,
            "| {resources} | {:.0} MB | {} | {:.2} s | {:.2} s | {:.0} MB |",
            written.bytes as f64 / 1e6,
            arguments.definitions,
            least.wall.as_secs_f64(),
            least.cpu.as_secs_f64(),
            least.memory as f64 / 1e6
        )?;
    }
    catalogue(&mut out)
}

/// What it takes to look up one alias, and one of every type.
fn catalogue(out: &mut impl Write) -> io::Result<()> {
    let started = Instant::now();
    let catalogue = Catalogue::built_in();
    let found = catalogue.find("Microsoft.Network/virtualNetworks/enableDdosProtection");
    let first = started.elapsed();
    let types: Vec<_> = resource_types().collect();
    for kind in &types {
        catalogue.find(&format!("{kind}/x"));
    }
    writeln!(
        out,
        "\nThe first alias ({} found) took {:.1} ms, the aliases of all {} types {:.0} ms.",
        found.len(),
        first.as_secs_f64() * 1e3,
        types.len(),
        started.elapsed().as_secs_f64() * 1e3
    )
}

/// The ids of the subscriptions that the files of a folder name.
fn subscriptions(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(subscriptions(&path)?);
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let parts = text.split("/subscriptions/").skip(1);
        let ids = parts.filter_map(|part| part.split(['/', '"']).next());
        found.extend(ids.map(|id| format!("/subscriptions/{id}")));
    }
    Ok(found)
}

/// A management group above some subscriptions, and the built-in definitions about resources, over
/// and over under other names, each assigned to it.
fn policies(subscriptions: &BTreeSet<String>, count: usize) -> io::Result<String> {
    let group = "/providers/Microsoft.Management/managementGroups/all";
    let children: Vec<_> = subscriptions.iter().map(|id| json!({"id": id})).collect();
    let mut items = vec![json!({
        "id": group, "type": "Microsoft.Management/managementGroups", "name": "all",
        "properties": {"details": {"parent": null}, "children": children},
    })];
    let about_resources = builtin::definitions().filter_map(|(_, value)| {
        let definition = Definition::read(value).0?;
        let is_whole = definition
            .parameters
            .iter()
            .all(|own| own.default.is_some());
        let text = &value.document().text().content()[value.span().range()];
        let is_one = !matches!(definition.mode, Mode::Provider(_)) && is_whole;
        is_one.then(|| serde_json::from_str::<Value>(text).unwrap_or_default())
    });
    let own: Vec<_> = about_resources.collect();
    for (number, definition) in own.iter().cycle().take(count).enumerate() {
        let mut definition = definition.clone();
        let (scope, name) = (
            format!("{group}/providers/Microsoft.Authorization"),
            format!("own-{number}"),
        );
        let id = format!("{scope}/policyDefinitions/{name}");
        definition["id"] = json!(id);
        definition["name"] = json!(name);
        items.push(definition);
        items.push(json!({
            "id": format!("{scope}/policyAssignments/{name}"), "name": name,
            "type": "Microsoft.Authorization/policyAssignments",
            "properties": {"policyDefinitionId": id},
        }));
    }
    Ok(serde_json::to_string(&items)?)
}

fn measure(arguments: &Arguments, folder: &Path) -> io::Result<Measurement> {
    let start = Instant::now();
    let mut child = Command::new(&arguments.palisade)
        .args([
            "policy",
            "check",
            "--format",
            "json",
            "--today",
            "2026-11-23",
        ])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let end = child.wait4()?;
    match end.status.code() {
        Some(0 | 1) => Ok(Measurement {
            wall: start.elapsed(),
            cpu: end.rusage.utime + end.rusage.stime,
            memory: end.rusage.maxrss,
        }),
        _ => Err(io::Error::other(format!("it ended with {}", end.status))),
    }
}
