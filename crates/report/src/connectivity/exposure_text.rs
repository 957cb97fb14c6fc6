//! Exposure for people: for the terminal, and as Markdown.

use std::io::{self, Write};

use super::exposure::{ClusterExposure, Exposed, ExposureReport, WorkloadExposure};
use super::markdown::cell;
use super::traffic_text;
use crate::plain_text::one_line;

impl Exposed {
    /// Who it is: `pods with app=web in shop`, or addresses.
    pub fn name(&self) -> String {
        match self.namespaces.is_empty() {
            true => self.who.clone(),
            false => format!("{} in {}", self.who, self.namespaces.join(", ")),
        }
    }

    fn traffic(&self) -> String {
        let (allowed, uncertain) = (self.allowed.as_deref(), self.uncertain.as_deref());
        traffic_text(allowed, uncertain, &self.conditions)
    }
}

/// Writes workload by workload who could reach it (←) and whom it could reach (→).
pub fn write_terminal(report: &ExposureReport, mut out: impl Write) -> io::Result<()> {
    let out = &mut out;
    for (number, cluster) in report.clusters.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        let name = one_line(&cluster.cluster);
        writeln!(out, "{name} · policies enforced by: {}", cluster.engine)?;
        if cluster.engine == "none" {
            writeln!(
                out,
                "no network policy is enforced: everything reaches everything"
            )?;
        }
        if let Some(cause) = &cluster.unknown {
            writeln!(out, "exposure isn't known: {}", one_line(cause))?;
        }
        for exposure in &cluster.workloads {
            writeln!(out, "\n{}", one_line(&exposure.workloads.join(", ")))?;
            for (arrow, rows) in directions(exposure) {
                if rows.is_empty() {
                    writeln!(out, "  {arrow} nobody to come, nobody outside")?;
                }
                for row in rows {
                    let text = format!("{}: {}", row.name(), row.traffic());
                    writeln!(out, "  {arrow} {}", one_line(&text))?;
                }
            }
        }
    }
    Ok(())
}

fn directions(exposure: &WorkloadExposure) -> [(&'static str, &[Exposed]); 2] {
    [("←", &exposure.ingress), ("→", &exposure.egress)]
}

/// Writes a heading and a table for each cluster.
pub fn write_markdown(report: &ExposureReport, mut out: impl Write) -> io::Result<()> {
    report
        .clusters
        .iter()
        .try_for_each(|cluster| markdown_table(cluster, &mut out))
}

fn markdown_table(cluster: &ClusterExposure, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "### {}\n", cell(&cluster.cluster))?;
    writeln!(out, "Policies enforced by: {}.\n", cluster.engine)?;
    if let Some(cause) = &cluster.unknown {
        writeln!(out, "Exposure isn't known: {}.\n", cell(cause))?;
    }
    writeln!(
        out,
        "| workload | | who isn't there yet, or outside | what gets through |\n|---|---|---|---|"
    )?;
    for exposure in &cluster.workloads {
        let workloads = cell(&exposure.workloads.join(", "));
        for (arrow, rows) in directions(exposure) {
            for row in rows {
                let (name, traffic) = (cell(&row.name()), cell(&row.traffic()));
                writeln!(out, "| {workloads} | {arrow} | {name} | {traffic} |")?;
            }
        }
    }
    writeln!(out)
}
