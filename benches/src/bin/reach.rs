//! Measures what the network policies of large clusters take: reading, translating, all pairs,
//! and one explanation. Prints Markdown, or draws what the time grows with.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use palisade_benches::chart::{Curves, chart};
use palisade_benches::{ClusterSize, cluster};
use palisade_packet::Set;
use palisade_packet::Traffic;
use palisade_reach::kubernetes::{Engine, EngineKind, Options, analyse};
use palisade_sources::File;
use serde::{Deserialize, Serialize};
use wait4::Wait4;

/// Measures all pairs of generated clusters.
#[derive(Parser)]
struct Arguments {
    /// The numbers of pods.
    #[arg(default_values_t = [1_000, 10_000, 100_000])]
    pods: Vec<usize>,
    /// How often each cluster is analysed; the fastest run counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Write the clusters into this folder as well.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Draw the time against pods, policies and selectors into this SVG file instead.
    #[arg(long)]
    curves: Option<PathBuf>,
    /// Analyse one file and print the times as JSON. What the others are measured with.
    #[arg(long, hide = true)]
    file: Option<PathBuf>,
}

/// What one run took, in seconds, and what it found.
#[derive(Serialize, Deserialize)]
struct Run {
    read: f64,
    translate: f64,
    groups: f64,
    pairs: f64,
    explain: f64,
    endpoints: usize,
    ingress_groups: usize,
    egress_groups: usize,
    connected: usize,
}

/// What a process took as a whole.
struct Cost {
    cpu: Duration,
    memory: u64,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    if let Some(file) = &arguments.file {
        let run = measure(file)?;
        return writeln!(io::stdout(), "{}", serde_json::to_string(&run)?);
    }
    if let Some(picture) = &arguments.curves {
        return draw(picture, &arguments);
    }
    let mut out = io::stdout();
    writeln!(
        out,
        "| pods | policies | input | endpoints | ingress and egress groups | read | translate | groups | all pairs | in all | CPU | one explanation | connected pairs | peak memory |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    )?;
    for &pods in &arguments.pods {
        let size = ClusterSize::of(pods);
        let (bytes, run, cost) = fastest(size, &arguments)?;
        line(&mut out, size, bytes, &run, &cost)?;
    }
    Ok(())
}

/// The fastest of several runs over a cluster of some size, and how many bytes that has.
fn fastest(size: ClusterSize, arguments: &Arguments) -> io::Result<(u64, Run, Cost)> {
    let folder = tempfile::tempdir()?;
    let place = arguments.keep.as_deref().unwrap_or(folder.path());
    let file = place.join(format!("cluster-{}.json", size.pods));
    fs::write(&file, cluster(size, 1))?;
    let bytes = fs::metadata(&file)?.len();
    let (mut run, mut cost) = apart(&file)?;
    for _ in 1..arguments.runs {
        let (another, its_cost) = apart(&file)?;
        if total(&another) < total(&run) {
            (run, cost) = (another, its_cost);
        }
    }
    Ok((bytes, run, cost))
}

/// One thing grows, the others stay as they are.
fn draw(picture: &Path, arguments: &Arguments) -> io::Result<()> {
    let base = ClusterSize::of(10_000);
    let pods = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
    let policies = [500, 1_000, 2_000, 5_000, 10_000, 20_000];
    let selectors = [1, 10, 100, 1_000, 10_000];
    let curves = [
        (
            "pods, a policy for each five",
            pods.map(|pods| (pods, ClusterSize::of(pods))).to_vec(),
        ),
        (
            "policies of 10,000 pods",
            policies
                .map(|policies| (policies, ClusterSize { policies, ..base }))
                .to_vec(),
        ),
        (
            "different pod selectors of 10,000 pods and 2,000 policies",
            selectors
                .map(|count| {
                    let selectors = Some(count);
                    (count, ClusterSize { selectors, ..base })
                })
                .to_vec(),
        ),
    ];
    let mut drawn = Vec::new();
    for (title, sizes) in curves {
        let (mut reading, mut analysis) = (Vec::new(), Vec::new());
        for (number, size) in sizes {
            let (_, run, _) = fastest(size, arguments)?;
            reading.push((number, run.read));
            analysis.push((number, total(&run) - run.read));
        }
        drawn.push(Curves {
            title,
            lines: vec![("reading", reading), ("all pairs", analysis)],
        });
    }
    fs::write(picture, chart(&drawn)?)
}

fn total(run: &Run) -> f64 {
    run.read + run.translate + run.groups + run.pairs
}

fn line(
    out: &mut impl Write,
    size: ClusterSize,
    bytes: u64,
    run: &Run,
    cost: &Cost,
) -> io::Result<()> {
    let seconds = |time: f64| match time {
        time if time < 0.1 => format!("{:.1} ms", time * 1e3),
        time => format!("{time:.2} s"),
    };
    writeln!(
        out,
        "| {} | {} | {:.1} MB | {} | {} and {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.0} MB |",
        size.pods,
        size.policies,
        bytes as f64 / 1e6,
        run.endpoints,
        run.ingress_groups,
        run.egress_groups,
        seconds(run.read),
        seconds(run.translate),
        seconds(run.groups),
        seconds(run.pairs),
        seconds(total(run)),
        seconds(cost.cpu.as_secs_f64()),
        seconds(run.explain),
        run.connected,
        cost.memory as f64 / 1e6,
    )
}

/// One run in a process of its own, so that its peak memory is its own, too.
fn apart(file: &Path) -> io::Result<(Run, Cost)> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--file")
        .arg(file)
        .stdout(Stdio::piped())
        .spawn()?;
    let mut text = String::new();
    if let Some(out) = child.stdout.as_mut() {
        io::Read::read_to_string(out, &mut text)?;
    }
    let end = child.wait4()?;
    let cost = Cost {
        cpu: end.rusage.utime + end.rusage.stime,
        memory: end.rusage.maxrss,
    };
    Ok((serde_json::from_str(&text)?, cost))
}

fn measure(path: &Path) -> io::Result<Run> {
    let mut clock = Clock(Instant::now());
    let load = |path: &&Path| {
        Ok(File {
            path: path.display().to_string(),
            bytes: fs::read(path).unwrap_or_default(),
        })
    };
    let input = palisade_sources::read_all(&[path], load, false);
    let read = clock.lap();
    let nothing = || io::Error::other("there is no cluster in the file");
    let cluster = input.estate.clusters().next().ok_or_else(nothing)?;
    let analysis = analyse(&cluster, &Options::new(Engine::new(EngineKind::Conformant)));
    let translate = clock.lap();
    let connectivity = analysis.connectivity();
    let groups = clock.lap();
    let connected = AtomicUsize::new(0);
    connectivity.for_each_row(|row| {
        let destinations = row.cells.iter().map(|(_, destinations)| destinations.len());
        connected.fetch_add(destinations.sum(), Ordering::Relaxed);
    });
    let pairs = clock.lap();
    let mut ends = analysis
        .endpoints
        .pods()
        .iter()
        .collect::<Vec<_>>()
        .into_iter();
    let (source, destination) = (
        ends.next().ok_or_else(nothing)?,
        ends.next_back().ok_or_else(nothing)?,
    );
    clock.lap();
    analysis.explain(source, destination, Traffic::full());
    let explain = clock.lap();
    Ok(Run {
        read: read.as_secs_f64(),
        translate: translate.as_secs_f64(),
        groups: groups.as_secs_f64(),
        pairs: pairs.as_secs_f64(),
        explain: explain.as_secs_f64(),
        endpoints: analysis.endpoints.len(),
        ingress_groups: connectivity
            .groups(palisade_estate::kubernetes::PolicyType::Ingress)
            .len(),
        egress_groups: connectivity
            .groups(palisade_estate::kubernetes::PolicyType::Egress)
            .len(),
        connected: connected.into_inner(),
    })
}

/// Time since the last lap.
struct Clock(Instant);

impl Clock {
    fn lap(&mut self) -> Duration {
        let time = self.0.elapsed();
        self.0 = Instant::now();
        time
    }
}
