//! Printing. A closed pipe ends the run quietly.

use std::error::Error;
use std::io::{self, ErrorKind, IsTerminal, Write};

use crate::exit::Failure;

/// Prints to standard output. Colours are taken out unless a terminal or `CLICOLOR_FORCE` asks
/// for them.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match write(text) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::Pipe),
        Err(source) => Err(Failure::Write {
            path: "standard output".to_owned(),
            source,
        }),
    }
}

/// Most text has no colours, and looking for them takes longer than writing it.
fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    if text.contains('\x1b') {
        anstream::AutoStream::auto(&mut stdout).write_all(text.as_bytes())?;
    } else {
        stdout.write_all(text.as_bytes())?;
    }
    stdout.flush()
}

/// Prints to standard error; nothing can be done if that fails.
pub(crate) fn note(text: &str) {
    let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
    let _ = stderr.write_all(text.as_bytes());
}

/// Prints an error with what caused it.
pub(crate) fn error(failure: &Failure) {
    let mut text = format!("error: {failure}");
    let mut cause = failure.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    note(&format!("{text}\n"));
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
