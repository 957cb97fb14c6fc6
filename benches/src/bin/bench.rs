//! Measures a release build of `palisade` on estates of growing size and prints Markdown.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use palisade_benches::{Size, Written, generate};
use wait4::Wait4;

/// The estate of which the others are multiples.
const UNIT: Size = Size {
    resources: 2000,
    objects: 5000,
};

/// Multiples of the unit, in eighths.
const EIGHTHS: [(&str, usize); 5] = [("1/8", 1), ("1/4", 2), ("1/2", 4), ("1", 8), ("2", 16)];

/// An estate of hundreds of clusters with few objects each: what takes the number of clusters times
/// the number of resources would show here.
const FLEET: Size = Size {
    resources: 20_000,
    objects: 6_000,
};

/// Where the numbers stand in a page.
const MARKS: [&str; 2] = ["<!-- measured -->\n", "<!-- end of measured -->\n"];

/// Measures `palisade audit` on generated estates and on the example.
#[derive(Parser)]
struct Arguments {
    /// A release build of the `palisade` command.
    palisade: PathBuf,
    /// How often each estate is audited; the fastest run counts.
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// A folder to measure as well.
    #[arg(long, default_value = "examples/weak")]
    example: PathBuf,
    /// A page in which to put the numbers, between its two marks.
    #[arg(long)]
    page: Option<PathBuf>,
}

/// What the audit of one folder took: the least time and the most memory over the runs.
struct Measurement {
    name: String,
    input: Written,
    wall: Duration,
    cpu: Duration,
    memory: u64,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    // The example comes first: a child's peak starts at what its parent held.
    let mut measurements = vec![measure(
        &arguments,
        "example",
        &arguments.example,
        contents(&arguments.example)?,
    )?];
    for (name, eighths) in EIGHTHS {
        let size = Size {
            resources: UNIT.resources * eighths / 8,
            objects: UNIT.objects * eighths / 8,
        };
        measurements.push(measure_generated(&arguments, &format!("× {name}"), size)?);
    }
    let growth = chart(&measurements[1..]);
    measurements.push(measure_generated(&arguments, "fleet", FLEET)?);
    let text = format!("{}\n{growth}", table(&measurements));
    match &arguments.page {
        Some(page) => fill(page, &text)?,
        None => write!(io::stdout(), "{text}")?,
    }
    Ok(())
}

fn measure_generated(arguments: &Arguments, name: &str, size: Size) -> io::Result<Measurement> {
    let folder = tempfile::tempdir()?;
    let input = generate(folder.path(), size, 1)?;
    measure(arguments, name, folder.path(), input)
}

fn measure(
    arguments: &Arguments,
    name: &str,
    folder: &Path,
    input: Written,
) -> io::Result<Measurement> {
    let mut least = Measurement {
        name: name.to_owned(),
        input,
        wall: Duration::MAX,
        cpu: Duration::MAX,
        memory: 0,
    };
    for _ in 0..arguments.runs.max(1) {
        let start = Instant::now();
        let mut child = Command::new(&arguments.palisade)
            .args(["audit", "--format", "json"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let end = child.wait4()?;
        // One is the code of a run with findings.
        if !matches!(end.status.code(), Some(0 | 1)) {
            return Err(io::Error::other(format!(
                "{} ended with {}",
                arguments.palisade.display(),
                end.status
            )));
        }
        least.wall = least.wall.min(start.elapsed());
        least.cpu = least.cpu.min(end.rusage.utime + end.rusage.stime);
        least.memory = least.memory.max(end.rusage.maxrss);
    }
    Ok(least)
}

/// How many files a folder holds and how large they are.
fn contents(folder: &Path) -> io::Result<Written> {
    let mut found = Written::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let inner = if entry.file_type()?.is_dir() {
            contents(&entry.path())?
        } else {
            Written {
                files: 1,
                bytes: entry.metadata()?.len(),
                clusters: 0,
            }
        };
        found.files += inner.files;
        found.bytes += inner.bytes;
    }
    Ok(found)
}

fn table(measurements: &[Measurement]) -> String {
    let mut text = String::from(
        "| estate | files | input | wall | CPU | CPU per MB | peak memory | memory ÷ input |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for Measurement {
        name,
        input,
        wall,
        cpu,
        memory,
    } in measurements
    {
        let (input_mb, memory_mb) = (input.bytes as f64 / 1e6, *memory as f64 / 1e6);
        let (wall, cpu) = (wall.as_secs_f64() * 1e3, cpu.as_secs_f64() * 1e3);
        text.push_str(&format!(
            "| {name} | {} | {input_mb:.1} MB | {wall:.0} ms | {cpu:.0} ms | {:.1} ms | {memory_mb:.0} MB | {:.1} |\n",
            input.files,
            cpu / input_mb,
            memory_mb / input_mb
        ));
    }
    text
}

/// CPU time as bars: an estate of twice the size should have a bar of twice the length.
fn chart(measurements: &[Measurement]) -> String {
    let seconds = |measurement: &Measurement| measurement.cpu.as_secs_f64();
    let longest = measurements
        .iter()
        .map(seconds)
        .fold(f64::MIN_POSITIVE, f64::max);
    let mut text =
        String::from("```text\nCPU time, and its growth from the estate before (linear is 2.0)\n");
    let mut before = None;
    for measurement in measurements {
        let length = (64.0 * seconds(measurement) / longest).round() as usize;
        let growth = before
            .map(|before| format!("  × {:.2}", seconds(measurement) / before))
            .unwrap_or_default();
        text.push_str(&format!(
            "{:>5} {}{growth}\n",
            measurement.name,
            "█".repeat(length.max(1))
        ));
        before = Some(seconds(measurement));
    }
    text + "```\n"
}

/// Replaces what stands between the marks of a page.
fn fill(page: &Path, text: &str) -> io::Result<()> {
    let content = fs::read_to_string(page)?;
    let parts = content
        .split_once(MARKS[0])
        .and_then(|(head, rest)| Some((head, rest.split_once(MARKS[1])?.1)));
    let Some((head, tail)) = parts else {
        return Err(io::Error::other(format!(
            "{} has no line `{}`",
            page.display(),
            MARKS[0].trim()
        )));
    };
    fs::write(
        page,
        format!("{head}{}\n{text}\n{}{tail}", MARKS[0], MARKS[1]),
    )
}
