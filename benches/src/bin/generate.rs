//! Writes an estate into a folder.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Parser;
use palisade_benches::{Size, generate};

/// Makes up an estate of Azure resources and Kubernetes objects.
#[derive(Parser)]
struct Arguments {
    /// Where to write it. Files that are there already stay.
    folder: PathBuf,
    /// How many Azure resources.
    #[arg(long, default_value_t = 2000)]
    resources: usize,
    /// How many Kubernetes objects.
    #[arg(long, default_value_t = 5000)]
    objects: usize,
    /// The same seed gives the same estate.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> io::Result<()> {
    let Arguments {
        folder,
        resources,
        objects,
        seed,
    } = Arguments::parse();
    let written = generate(&folder, Size { resources, objects }, seed)?;
    writeln!(
        io::stdout(),
        "{} files, {:.1} MB, {} clusters",
        written.files,
        written.bytes as f64 / 1e6,
        written.clusters
    )
}
