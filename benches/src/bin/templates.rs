//! Measures how long ARM templates take to expand, and prints Markdown.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Parser;
use palisade_arm_template::{Options, Scope, expand, is_template};
use palisade_document::{Document, Notation, Text, parse};
use rayon::prelude::*;

/// Expands every ARM template below a folder.
#[derive(Parser)]
struct Arguments {
    /// The folder.
    folder: PathBuf,
    /// How often; the fastest run counts.
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

/// A template with what it took.
struct Measurement {
    path: PathBuf,
    bytes: usize,
    resources: usize,
    expanding: Duration,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let mut paths = Vec::new();
    json_files(&arguments.folder, &mut paths)?;
    let mut fastest: Option<(Duration, Vec<Measurement>)> = None;
    for _ in 0..arguments.runs {
        let started = Instant::now();
        let measured: Vec<_> = paths.par_iter().filter_map(|path| measure(path)).collect();
        let wall = started.elapsed();
        if fastest.as_ref().is_none_or(|(least, _)| wall < *least) {
            fastest = Some((wall, measured));
        }
    }
    let Some((wall, mut measured)) = fastest else {
        return Ok(());
    };
    let mut out = io::stdout();
    writeln!(
        out,
        "{} templates of {} files, {} resources: reading, parsing and expanding took {} ms",
        measured.len(),
        paths.len(),
        measured.iter().map(|it| it.resources).sum::<usize>(),
        wall.as_millis()
    )?;
    measured.sort_by_key(|it| std::cmp::Reverse(it.bytes));
    writeln!(
        out,
        "\n| template | size | resources | expanding |\n|---|--:|--:|--:|"
    )?;
    for it in measured.iter().take(5) {
        writeln!(
            out,
            "| {} | {} kB | {} | {:.1} ms |",
            it.path
                .strip_prefix(&arguments.folder)
                .unwrap_or(&it.path)
                .display(),
            it.bytes / 1000,
            it.resources,
            it.expanding.as_secs_f64() * 1000.0
        )?;
    }
    let slowest = measured.iter().map(|it| it.expanding).max();
    writeln!(
        out,
        "\nslowest expansion: {:.1} ms",
        slowest.unwrap_or_default().as_secs_f64() * 1000.0
    )
}

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            json_files(&path, found)?;
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Option<Document> {
    let shown = path.to_string_lossy().into_owned();
    let text = Text::decode(shown, fs::read(path).ok()?).ok()?;
    Some(parse(text, Notation::Json).0)
}

fn measure(path: &Path) -> Option<Measurement> {
    let document = read(path)?;
    if !document.roots().next().is_some_and(is_template) {
        return None;
    }
    let options = Options {
        parameters: Vec::new(),
        scope: Scope {
            tenant: "tenant".into(),
            management_group: "group".into(),
            subscription: "subscription".into(),
            resource_group: "group".into(),
            location: Some("westeurope".into()),
        },
    };
    let started = Instant::now();
    let (expansion, _) = expand(&document, &options, &|_| None);
    Some(Measurement {
        path: path.to_owned(),
        bytes: document.text().content().len(),
        resources: expansion.resources.len(),
        expanding: started.elapsed(),
    })
}
