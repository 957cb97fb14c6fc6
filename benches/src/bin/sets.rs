//! Measures ways to hold sets of packets on the same questions: what ordered rules allow, and
//! which of them could be left out. Prints Markdown.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use clap::Parser;
use palisade_benches::algebra::{
    Algebra, Boxes, Canonical, Diagrams, OrderedRule, allowed, ordered_rules, redundant,
};

/// Compares representations of sets.
#[derive(Parser)]
struct Arguments {
    /// The numbers of rules.
    #[arg(default_values_t = [10, 100, 300, 1_000])]
    rules: Vec<usize>,
    /// How many rules are tried to be left out.
    #[arg(long, default_value_t = 10)]
    left_out: usize,
    /// A representation that took longer than this many seconds isn't asked about more rules.
    #[arg(long, default_value_t = 10)]
    patience: u64,
    /// How often everything is done; the fastest run counts.
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

type Way = fn(&[OrderedRule], &Arguments) -> Measured;

/// What one representation took.
struct Measured {
    allow: Duration,
    redundant: Duration,
    pieces: usize,
    found: usize,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let mut out = io::stdout();
    writeln!(
        out,
        "| rules | representation | what they allow | {} left out, one by one | pieces | could be left out |\n\
         |--:|---|--:|--:|--:|--:|",
        arguments.left_out
    )?;
    let mut given_up = [false; 3];
    for &count in &arguments.rules {
        let rules = ordered_rules(count, 1);
        let ways: [(&str, Way); 3] = [
            ("canonical sets", |rules, arguments| {
                best(rules, arguments, || Canonical)
            }),
            ("lists of boxes", |rules, arguments| {
                best(rules, arguments, || Boxes)
            }),
            ("decision diagrams", |rules, arguments| {
                best(rules, arguments, Diagrams::default)
            }),
        ];
        for ((name, way), given_up) in ways.into_iter().zip(&mut given_up) {
            if *given_up {
                writeln!(out, "| {count} | {name} | not asked | | | |")?;
                continue;
            }
            let measured = way(&rules, &arguments);
            *given_up = (measured.allow + measured.redundant).as_secs() >= arguments.patience;
            writeln!(
                out,
                "| {count} | {name} | {} | {} | {} | {} |",
                shown(measured.allow),
                shown(measured.redundant),
                measured.pieces,
                measured.found
            )?;
        }
    }
    Ok(())
}

/// The fastest of several runs, each from the start.
fn best<A: Algebra>(
    rules: &[OrderedRule],
    arguments: &Arguments,
    algebra: impl Fn() -> A,
) -> Measured {
    let run = || {
        let mut fresh = algebra();
        let start = Instant::now();
        let set = allowed(&mut fresh, rules);
        let allow = start.elapsed();
        let start = Instant::now();
        let found = redundant(&mut fresh, rules, arguments.left_out);
        Measured {
            allow,
            redundant: start.elapsed(),
            pieces: fresh.pieces(&set),
            found,
        }
    };
    let mut best = run();
    let is_slow = (best.allow + best.redundant).as_secs() >= arguments.patience;
    let more = if is_slow { 1 } else { arguments.runs };
    for _ in 1..more {
        let next = run();
        best.allow = best.allow.min(next.allow);
        best.redundant = best.redundant.min(next.redundant);
    }
    best
}

fn shown(time: Duration) -> String {
    match time.as_secs_f64() {
        time if time < 0.1 => format!("{:.2} ms", time * 1e3),
        time => format!("{time:.2} s"),
    }
}
