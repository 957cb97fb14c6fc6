//! A matrix: sources as rows, destinations as columns, both the parties of the cluster.
//!
//! What gets through has a letter, explained below the matrix, so that some 40 parties fit a
//! screen.

use std::collections::BTreeMap;
use std::io::{self, Write};

use csv::WriterBuilder;

use super::markdown::cell as escaped;
use super::{ClusterConnectivity, ConnectivityReport, PartyKind};
use crate::csv::inert;
use crate::plain_text::one_line;

/// The most columns side by side; those beyond follow below with the rows repeated.
const MOST_COLUMNS: usize = 40;
/// The most of a name that stands before a row.
const LONGEST_NAME: usize = 48;

/// What stands where a row and a column meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// Nothing gets through.
    Nothing,
    /// A single pod and itself.
    Itself,
    /// Both are outside, about which no cluster decides.
    Outside,
    /// All traffic, for certain.
    Everything,
    /// Some traffic: an index of the legend.
    Some(usize),
}

/// A cluster as rows of cells.
struct Matrix {
    names: Vec<String>,
    rows: Vec<Vec<Cell>>,
    /// The different kinds of traffic, in the order in which they come.
    legend: Vec<String>,
}

impl Matrix {
    fn of(cluster: &ClusterConnectivity) -> Self {
        let count = cluster.parties.len();
        let is_outside = |party: usize| cluster.parties[party].kind == PartyKind::Outside;
        let blank = |from: usize, to: usize| match from == to && cluster.parties[from].is_alone() {
            _ if is_outside(from) && is_outside(to) => Cell::Outside,
            true => Cell::Itself,
            false => Cell::Nothing,
        };
        let row = |from| (0..count).map(|to| blank(from, to)).collect();
        let mut rows: Vec<Vec<Cell>> = (0..count).map(row).collect();
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let mut legend = Vec::new();
        for connection in &cluster.connections {
            let text = connection.traffic();
            rows[connection.from][connection.to] = match text == "all traffic" {
                true => Cell::Everything,
                false => Cell::Some(*numbers.entry(text).or_insert_with_key(|text| {
                    legend.push(text.clone());
                    legend.len() - 1
                })),
            };
        }
        let names = cluster.parties.iter();
        Self {
            names: names.map(|party| party.name()).collect(),
            rows,
            legend,
        }
    }
}

impl Cell {
    fn symbol(self) -> String {
        match self {
            Self::Nothing => "·".to_owned(),
            Self::Itself => "-".to_owned(),
            Self::Outside => String::new(),
            Self::Everything => "*".to_owned(),
            Self::Some(number) => letters(number),
        }
    }
}

/// `A` to `Z`, then `AA` and so on.
fn letters(number: usize) -> String {
    let mut rest = number;
    let mut text = String::new();
    loop {
        let letter = u8::try_from(rest % 26).map_or('?', |place| char::from(b'A' + place));
        text.insert(0, letter);
        match (rest / 26).checked_sub(1) {
            Some(next) => rest = next,
            None => return text,
        }
    }
}

/// Writes a matrix for each cluster, for people.
pub fn write_terminal(report: &ConnectivityReport, mut out: impl Write) -> io::Result<()> {
    for (number, cluster) in report.clusters.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        let name = one_line(&cluster.cluster);
        writeln!(out, "{name} · policies enforced by: {}", cluster.engine)?;
        let matrix = Matrix::of(cluster);
        let all: Vec<usize> = (0..matrix.names.len()).collect();
        for columns in all.chunks(MOST_COLUMNS) {
            write_block(&matrix, columns, &mut out)?;
        }
        writeln!(
            out,
            "\nrows send, columns receive; · nothing, * all traffic, - itself"
        )?;
        for (number, text) in matrix.legend.iter().enumerate() {
            writeln!(out, "{:>3}  {}", letters(number), one_line(text))?;
        }
    }
    Ok(())
}

fn write_block(matrix: &Matrix, columns: &[usize], out: &mut impl Write) -> io::Result<()> {
    let names: Vec<_> = matrix.names.iter().map(|name| shortened(name)).collect();
    let widest = names.iter().map(|name| name.chars().count()).max();
    let width = widest.unwrap_or(0);
    let digits = matrix.names.len().to_string().len();
    let cell = digits.max(letters(matrix.legend.len()).len()) + 1;
    write!(out, "\n{:digits$}  {:width$} ", "", "")?;
    for column in columns {
        write!(out, "{:>cell$}", column + 1)?;
    }
    writeln!(out)?;
    for (number, (name, row)) in names.iter().zip(&matrix.rows).enumerate() {
        let mut line = format!("{:>digits$}  {name:width$} ", number + 1);
        for &column in columns {
            line.push_str(&format!("{:>cell$}", row[column].symbol()));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn shortened(name: &str) -> String {
    let name = one_line(name);
    match name.chars().count() > LONGEST_NAME {
        true => name.chars().take(LONGEST_NAME - 1).chain(['…']).collect(),
        false => name.into_owned(),
    }
}

/// Writes a table for each cluster, and what its letters mean.
pub fn write_markdown(report: &ConnectivityReport, mut out: impl Write) -> io::Result<()> {
    for cluster in &report.clusters {
        let matrix = Matrix::of(cluster);
        writeln!(out, "### {}\n", escaped(&cluster.cluster))?;
        writeln!(
            out,
            "Policies enforced by: {}. Rows send, columns receive; · nothing, \\* all traffic, - itself.\n",
            cluster.engine
        )?;
        let numbers = 1..=matrix.names.len();
        let heads: String = numbers.map(|number| format!(" {number} |")).collect();
        writeln!(out, "| | |{heads}")?;
        writeln!(out, "|--:|---|{}", ":-:|".repeat(matrix.names.len()))?;
        for (number, (name, row)) in matrix.names.iter().zip(&matrix.rows).enumerate() {
            let symbols = row.iter().map(|cell| cell.symbol().replace('*', "\\*"));
            let cells: String = symbols.map(|symbol| format!(" {symbol} |")).collect();
            writeln!(out, "| {} | {} |{cells}", number + 1, escaped(name))?;
        }
        writeln!(out)?;
        for (number, text) in matrix.legend.iter().enumerate() {
            writeln!(out, "- {}: {}", letters(number), escaped(text))?;
        }
        if !matrix.legend.is_empty() {
            writeln!(out)?;
        }
    }
    Ok(())
}

/// Writes for each cluster a row of destinations, and a row a source with what gets through.
pub fn write_csv(report: &ConnectivityReport, out: impl Write) -> io::Result<()> {
    let plain = |text: &str| inert(text).into_owned();
    let mut rows = WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(out);
    for cluster in &report.clusters {
        let matrix = Matrix::of(cluster);
        let names = matrix.names.iter().map(String::as_str);
        let head = [cluster.cluster.as_str(), "from / to"];
        rows.write_record(head.into_iter().chain(names).map(plain))?;
        for (name, row) in matrix.names.iter().zip(&matrix.rows) {
            let cells = row.iter().map(|cell| match cell {
                Cell::Some(number) => matrix.legend[*number].as_str(),
                Cell::Everything => "all traffic",
                Cell::Nothing | Cell::Itself | Cell::Outside => "",
            });
            let head = [cluster.cluster.as_str(), name.as_str()];
            rows.write_record(head.into_iter().chain(cells).map(plain))?;
        }
    }
    rows.flush()
}
