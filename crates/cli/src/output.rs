//! Printing. A closed pipe ends the run quietly.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use palisade_report::{InputDiagnostic, terminal};

use crate::exit::Failure;

/// Whether there is to be no progress and no warning.
static IS_QUIET: AtomicBool = AtomicBool::new(false);

/// From now on prints only reports and errors.
pub(crate) fn be_quiet() {
    IS_QUIET.store(true, Ordering::Relaxed);
}

/// Prints to standard output. Colours are taken out unless a terminal or `CLICOLOR_FORCE` asks
/// for them.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_with(true, |out| out.write_all(text.as_bytes()))
}

/// Prints what is written to standard output. What isn't text doesn't go to a terminal.
pub(crate) fn print_with(
    is_text: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let stdout = io::stdout().lock();
    if !is_text && stdout.is_terminal() {
        let text = "this format isn't text; write it to a file with `--output FILE`";
        return Err(Failure::Usage(text.to_owned()));
    }
    let mut out = BufWriter::new(stdout);
    match write(&mut out).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::Pipe),
        Err(source) => Err(Failure::Write {
            path: "standard output".to_owned(),
            source,
        }),
    }
}

/// Writes a file.
pub(crate) fn to_file(
    path: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let written = File::create(path).and_then(|file| {
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        file.flush()
    });
    written.map_err(|source| Failure::Write {
        path: path.to_owned(),
        source,
    })
}

/// Whether only reports and errors are printed.
pub(crate) fn is_quiet() -> bool {
    IS_QUIET.load(Ordering::Relaxed)
}

/// Prints to standard error; nothing can be done if that fails.
pub(crate) fn complain(text: &str) {
    let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
    let _ = stderr.write_all(text.as_bytes());
}

/// Prints what was wrong with files to standard error; only what couldn't be read, if asked so.
pub(crate) fn complain_of(diagnostics: &[InputDiagnostic]) {
    complain(&terminal::diagnostics(diagnostics, true, is_quiet()));
}

/// Prints an error with what caused it.
pub(crate) fn error(failure: &Failure) {
    let mut text = format!("error: {failure}");
    let mut cause = failure.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    complain(&format!("{text}\n"));
}

/// Whether standard output takes colours, by its kind and the environment (`NO_COLOR`,
/// `CLICOLOR_FORCE`).
pub(crate) fn has_colour() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// How wide to print: the terminal's width, or 120 where there is none.
pub(crate) fn width() -> usize {
    if !io::stdout().is_terminal() {
        return 120;
    }
    terminal_size::terminal_size().map_or(120, |(terminal_size::Width(width), _)| {
        usize::from(width).max(40)
    })
}
