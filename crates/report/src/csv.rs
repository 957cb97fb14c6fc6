//! A row an answer, as comma-separated values (RFC 4180): UTF-8, lines that end in CR LF, a
//! heading. Every answer is in it, the worst first; a spreadsheet's filter does the choosing.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use crate::Report;
use crate::answer_table::{COLUMNS, Cell, rows};

/// Writes the table.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut table = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(out);
    table.write_record(COLUMNS.iter().map(|column| column.title))?;
    for row in rows(report) {
        for column in &COLUMNS {
            match (column.cell)(&row) {
                Cell::Text(text) => table.write_field(inert(&text).as_bytes())?,
                Cell::Number(number) => table.write_field(number.to_string())?,
                Cell::Empty => table.write_field("")?,
            }
        }
        table.write_record(None::<&[u8]>)?;
    }
    table.flush()
}

/// Text that a spreadsheet won't run: what starts like a formula gets an apostrophe before it, as
/// OWASP ("CSV Injection") advises. Names in an estate are anybody's choice.
pub(crate) fn inert(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
