//! How far a run is: a bar on standard error while somebody watches.

use std::io::{self, IsTerminal};
use std::sync::Once;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output;

/// A step that is done sooner shows no bar.
const MOMENT: Duration = Duration::from_millis(500);

/// The bar of one step. It shows only on a terminal, unless `--quiet` forbids it, and is gone
/// when the step is done.
pub(crate) struct Progress {
    bar: ProgressBar,
    start: Instant,
    is_shown: Once,
}

impl Progress {
    /// A step with a number of parts, such as files to read. `doing` says what is done to them.
    pub(crate) fn of(parts: usize, doing: &str, what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(parts as u64), ProgressDrawTarget::hidden());
        let template = format!("{doing} [{{bar:30}}] {{pos}} of {{len}} {what}");
        let style = ProgressStyle::with_template(&template);
        bar.set_style(
            style
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("=> "),
        );
        Self {
            bar,
            start: Instant::now(),
            is_shown: Once::new(),
        }
    }

    /// One part more is done. Several threads may say so at a time.
    pub(crate) fn step(&self) {
        if self.start.elapsed() >= MOMENT {
            self.is_shown.call_once(|| {
                if !output::is_quiet() && io::stderr().is_terminal() {
                    self.bar.set_draw_target(ProgressDrawTarget::stderr());
                }
            });
        }
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
