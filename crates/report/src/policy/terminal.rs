//! For people: each definition with what breaks it.

use std::io::{self, Write};

use super::{Comparison, ListedPolicy, PolicyEntry, PolicyReport, ResourceEntry};
use crate::plain_text::one_line;

/// Writes what is in force, then what would fail if it were assigned, then what gives no verdict.
pub fn write(report: &PolicyReport, explains: bool, mut out: impl Write) -> io::Result<()> {
    let (in_force, others): (Vec<_>, Vec<_>) = report
        .policies
        .iter()
        .partition(|policy| policy.is_in_force);
    for policy in &in_force {
        write_policy(policy, explains, &mut out)?;
    }
    let failing: Vec<_> = others
        .into_iter()
        .filter(|policy| policy.counts.contains_key("non-compliant"))
        .collect();
    if !failing.is_empty() {
        writeln!(out, "Not assigned; would fail if they were\n")?;
    }
    for policy in failing {
        write_policy(policy, explains, &mut out)?;
    }
    write_admission(report, explains, &mut out)?;
    write_unasked(report, &mut out)?;
    write_summary(report, in_force.len(), &mut out)
}

fn write_policy(policy: &PolicyEntry, explains: bool, out: &mut impl Write) -> io::Result<()> {
    let version = policy.definition_version.as_ref();
    let version = version
        .map(|version| format!(" {version}"))
        .unwrap_or_default();
    writeln!(
        out,
        "{} · {}{}{}",
        one_line(&policy.display_name),
        one_line(&policy.definition),
        one_line(&version),
        match policy.source {
            "palisade" => " (Palisade's rule)",
            _ => "",
        }
    )?;
    if let Some(initiative) = &policy.initiative {
        writeln!(out, "  in {}", one_line(initiative))?;
    }
    if let Some(assignment) = &policy.assignment {
        let mode = if policy.is_enforced {
            ""
        } else {
            " (not enforced)"
        };
        writeln!(out, "  assigned by {}{mode}", one_line(assignment))?;
    }
    for resource in &policy.resources {
        write_resource(resource, explains, out)?;
    }
    for one in &policy.differences {
        let (azures, own) = (one.azures, one.own);
        let resource = one_line(&one.resource);
        writeln!(
            out,
            "  differs: {resource} is {azures} here, {own} by Palisade's rule"
        )?;
    }
    let nothing =
        "asks about nothing here: nothing of its kind is in its scope, or its effect is Disabled";
    write_counts(&policy.counts, nothing, out)
}

fn write_resource(
    resource: &ResourceEntry,
    explains: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let effect = resource.effect.map(|effect| format!(" ({effect})"));
    let place = resource
        .place
        .as_ref()
        .map(|at| format!("  {}:{}:{}", at.path, at.line, at.column));
    writeln!(
        out,
        "  {}{}: {}{}",
        resource.state,
        effect.unwrap_or_default(),
        one_line(&resource.resource),
        one_line(&place.unwrap_or_default())
    )?;
    if let Some(message) = &resource.message {
        writeln!(out, "    {}", one_line(message))?;
    }
    match (&resource.reason, &resource.place, &resource.message) {
        (Some(reason), Some(at), Some(_)) => {
            let at = format!("{}:{}:{}", at.path, at.line, at.column);
            writeln!(out, "    change {}: {}", one_line(&at), one_line(reason))?;
        }
        (Some(reason), ..) => writeln!(out, "    {}", one_line(reason))?,
        (None, ..) => {}
    }
    if let Some(cause) = &resource.cause {
        writeln!(out, "    {}", one_line(cause))?;
    }
    if let Some(supply) = &resource.supply {
        writeln!(out, "    add: {}", one_line(supply))?;
    }
    if let Some(exemption) = &resource.exemption {
        let is_over = resource.state == "non-compliant";
        let word = if is_over {
            "was exempt until it was over"
        } else {
            "exempt"
        };
        writeln!(out, "    {word}: {}", one_line(exemption))?;
    }
    let lines = resource.because.iter().filter(|_| explains);
    for line in lines {
        write_line(line, out)?;
    }
    Ok(())
}

pub(super) fn write_line(line: &Comparison, out: &mut impl Write) -> io::Result<()> {
    let mark = match line.outcome {
        "holds" => "+",
        "fails" => "-",
        _ => "?",
    };
    let is_comparison = !matches!(line.text.as_str(), "allOf" | "anyOf" | "not");
    let seen = match (line.seen.is_empty(), is_comparison) {
        (false, _) => format!("  saw {}", line.seen.join(", ")),
        (true, true) => "  saw nothing".to_owned(),
        (true, false) => String::new(),
    };
    let place = line.place.as_ref();
    let place = place.map(|at| format!(" at {}:{}:{}", at.path, at.line, at.column));
    writeln!(
        out,
        "    {}{mark} {}{}{}",
        "  ".repeat(line.depth),
        one_line(&line.text),
        one_line(&seen),
        one_line(&place.unwrap_or_default())
    )
}

/// What the admission of the clusters in the input asks.
fn write_admission(report: &PolicyReport, explains: bool, out: &mut impl Write) -> io::Result<()> {
    if !report.constraints.is_empty() {
        writeln!(out, "Asked by the admission of clusters\n")?;
    }
    for constraint in &report.constraints {
        let place = constraint.place.as_ref();
        let place = place.map(|at| format!("  {}:{}:{}", at.path, at.line, at.column));
        let actions = match constraint.actions.is_empty() {
            true => String::new(),
            false => format!(" ({})", constraint.actions.join(", ")),
        };
        writeln!(
            out,
            "{} · {}{actions}{}",
            one_line(&constraint.name),
            one_line(&constraint.cluster),
            one_line(&place.unwrap_or_default())
        )?;
        for object in &constraint.objects {
            write_resource(object, explains, out)?;
        }
        if let Some(cause) = &constraint.cause {
            writeln!(out, "  not evaluated: {}", one_line(cause))?;
        }
        if let Some(supply) = &constraint.supply {
            writeln!(out, "    add: {}", one_line(supply))?;
        }
        write_counts(&constraint.counts, "is about no object here", out)?;
    }
    if !report.mutators.is_empty() {
        writeln!(
            out,
            "Changed on admission; rules were asked of objects as they are\n"
        )?;
    }
    for mutator in &report.mutators {
        let at = &mutator.place;
        let place = format!("{}:{}:{}", at.path, at.line, at.column);
        writeln!(
            out,
            "{} · {}: {} of {} objects  {}",
            one_line(&mutator.name),
            one_line(&mutator.cluster),
            one_line(&mutator.field),
            mutator.objects,
            one_line(&place)
        )?;
    }
    match report.mutators.is_empty() {
        true => Ok(()),
        false => writeln!(out),
    }
}

fn write_counts(counts: &super::Counts, nothing: &str, out: &mut impl Write) -> io::Result<()> {
    match counts.is_empty() {
        true => writeln!(out, "  {nothing}\n"),
        false => writeln!(out, "  {}\n", listed(counts)),
    }
}

/// Counts in a line.
fn listed(counts: &super::Counts) -> String {
    let counts: Vec<_> = counts
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    counts.join(", ")
}

fn write_unasked(report: &PolicyReport, out: &mut impl Write) -> io::Result<()> {
    if report.unasked.is_empty() {
        return Ok(());
    }
    writeln!(out, "Not evaluated")?;
    for unasked in &report.unasked {
        let by = unasked.assignment.as_ref();
        let by = by
            .map(|by| format!(", assigned by {by}"))
            .unwrap_or_default();
        writeln!(
            out,
            "  {}{}: {}",
            one_line(&unasked.definition),
            one_line(&by),
            one_line(&unasked.cause)
        )?;
        if let Some(supply) = &unasked.supply {
            writeln!(out, "    add: {}", one_line(supply))?;
        }
    }
    writeln!(out)
}

fn write_summary(report: &PolicyReport, in_force: usize, out: &mut impl Write) -> io::Result<()> {
    let own = report.policies.iter().filter(|policy| policy.is_in_force);
    let counts = sum(own.map(|policy| &policy.counts));
    match in_force {
        0 => writeln!(out, "No policy in force was evaluated")?,
        _ => writeln!(out, "Policies: {in_force}; {}", listed(&counts))?,
    }
    if report.constraints.is_empty() {
        return Ok(());
    }
    let counts = sum(report.constraints.iter().map(|own| &own.counts));
    let number = report.constraints.len();
    writeln!(out, "Rules of admission: {number}; {}", listed(&counts))
}

fn sum<'c>(all: impl Iterator<Item = &'c super::Counts>) -> super::Counts {
    let mut sum = super::Counts::new();
    for (state, count) in all.flatten() {
        *sum.entry(state).or_default() += count;
    }
    sum
}

/// Writes the built-in definitions, each with what assigns it.
pub fn write_list(rows: &[ListedPolicy], mut out: impl Write) -> io::Result<()> {
    for row in rows {
        writeln!(
            out,
            "{}  {} {}",
            row.definition, row.display_name, row.version
        )?;
        let by: Vec<_> = row.assigned_by.iter().map(|id| one_line(id)).collect();
        match by.is_empty() {
            true => writeln!(out, "  not assigned in the input")?,
            false => writeln!(out, "  assigned by {}", by.join(", "))?,
        }
    }
    Ok(())
}
