//! The report for people: each finding with its source, the most severe first, and a summary by
//! recommendation at the end.

use std::collections::BTreeMap;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet,
};
use palisade_controls::Severity;
use palisade_controls::page::section;

use crate::build::severity;
use crate::plain_text::{in_log, one_line, path};
use crate::{FrameworkSummary, InputDiagnostic, Location, Report, ReportFinding, Suppression};
use crate::{concise, framework, roll_up};

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Style<'s> {
    /// Whether to use colours.
    pub colour: bool,
    /// The width of the terminal, in characters.
    pub width: usize,
    /// The kinds of answers to show: `fail`, `unknown`, `pass`, `not-applicable`, `waived`.
    pub shown: &'s [&'s str],
    /// Whether every answer is shown with its source; otherwise those after the first of a
    /// control take a line each, and of many not even that.
    pub full: bool,
}

/// How many answers of one control are shown with their source.
const IN_FULL: usize = 1;

/// How many of those after that take a line each. The others are left out, so that what is found
/// in hundreds of clusters doesn't hide what is found in one.
const IN_LINES: usize = 20;

/// The whole report as text.
pub fn render(report: &Report, style: Style<'_>) -> String {
    let mut text = String::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let shown = report
        .findings
        .iter()
        .filter(|finding| style.shown.contains(&finding.status()));
    let mut rest: BTreeMap<&str, Vec<&ReportFinding>> = BTreeMap::new();
    let mut order = Vec::new();
    for finding in shown {
        let count = seen.entry(&finding.control).or_default();
        *count += 1;
        if *count == 1 {
            order.push(finding.control.as_str());
        }
        rest.entry(&finding.control).or_default().push(finding);
    }
    for control in order {
        let findings = rest.remove(control).unwrap_or_default();
        let in_full = if style.full { findings.len() } else { IN_FULL };
        for finding in findings.iter().take(in_full) {
            text.push_str(&in_source(report, finding, style));
            text.push_str("\n\n");
        }
        if findings.len() > in_full {
            let more = findings.len() - in_full;
            text.push_str(&format!("{more} more of {control}:\n"));
            let lines = findings.iter().skip(in_full).take(IN_LINES);
            lines.for_each(|finding| {
                text.push_str(&format!("  {}\n", concise::line(finding)));
            });
            if more > IN_LINES {
                let rest = more - IN_LINES;
                text.push_str(&format!("  and {rest}: `--format concise` lists them\n"));
            }
            text.push('\n');
        }
    }
    text.push_str(&summary(report, style));
    in_log(text)
}

/// What was wrong with the input, for standard error; only what couldn't be read, if asked so.
pub fn diagnostics(all: &[InputDiagnostic], colour: bool, only_errors: bool) -> String {
    let renderer = renderer(colour, 120);
    let mut text = String::new();
    let wanted = all
        .iter()
        .filter(|diagnostic| !only_errors || diagnostic.severity == "error");
    for diagnostic in wanted {
        let level = if diagnostic.severity == "error" {
            Level::ERROR
        } else {
            Level::WARNING
        };
        let mut origin = Origin::path(path(&diagnostic.path));
        if let (Some(line), Some(column)) = (diagnostic.line, diagnostic.column) {
            origin = origin.line(line as usize).char_column(column as usize);
        }
        let mut group = level
            .primary_title(diagnostic.message.as_str())
            .element(origin);
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        text.push_str(&renderer.render(&[group]));
        text.push('\n');
    }
    in_log(text)
}

fn renderer(colour: bool, width: usize) -> Renderer {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.term_width(width).decor_style(DecorStyle::Ascii)
}

fn in_source(report: &Report, finding: &ReportFinding, style: Style<'_>) -> String {
    let level = match (finding.status(), severity(&finding.severity)) {
        ("fail", Severity::Critical | Severity::High) => Level::ERROR,
        ("fail", Severity::Medium) => Level::WARNING,
        ("fail", _) => Level::NOTE,
        _ => Level::INFO,
    };
    let word = match finding.status() {
        "fail" => finding.severity.as_str(),
        other => other,
    };
    let title = format!("{}: {}", finding.subject.name, finding.message);
    let mut group = level
        .with_name(word)
        .primary_title(title)
        .id(finding.control.as_str());
    let mut elements: Vec<Element<'_>> = Vec::new();
    let places = finding
        .location
        .iter()
        .map(|place| (place, AnnotationKind::Primary));
    let places = places.chain(
        finding
            .related
            .iter()
            .map(|place| (place, AnnotationKind::Context)),
    );
    elements.extend(places.map(|(place, kind)| snippet(place, kind)));
    if let Some(control) = report
        .controls
        .iter()
        .find(|control| control.code == finding.control)
    {
        elements.push(
            Level::NOTE
                .with_name("expected")
                .message(control.title.as_str())
                .into(),
        );
        elements.push(
            Level::NOTE
                .with_name("why")
                .message(reason(&control.page))
                .into(),
        );
    }
    if let [_, _, ..] = finding.clusters.as_slice() {
        let text = format!("{} clusters share it", finding.clusters.len());
        elements.push(Level::NOTE.message(text).into());
    }
    if let Some(suppression) = &finding.suppression {
        let text = Level::NOTE.with_name("waived").message(waiver(suppression));
        elements.push(text.into());
    }
    elements.extend(finding.supply.iter().map(|supply| {
        Level::HELP
            .with_name("supply")
            .message(supply.as_str())
            .into()
    }));
    let group: Group<'_> = {
        group = group.id(finding.control.as_str());
        group.elements(elements)
    };
    let mut groups = vec![group];
    if let Some(help) = &finding.help {
        groups.push(Group::with_title(
            Level::HELP.secondary_title(help.as_str()),
        ));
    }
    renderer(style.colour, style.width).render(&groups)
}

/// Why, by whom, until when and where a finding is accepted.
fn waiver(suppression: &Suppression) -> String {
    let mut text = suppression.reason.clone();
    if let Some(owner) = &suppression.owner {
        text.push_str(&format!(", says {owner}"));
    }
    if let Some(day) = &suppression.expires {
        text.push_str(&format!(", until {day}"));
    }
    if let Some(at) = &suppression.location {
        text.push_str(&format!(
            " ({}:{}:{})",
            path(&at.path),
            at.start_line,
            at.start_column
        ));
    }
    text
}

/// The first sentence of why the control matters; `palisade explain` has the rest.
fn reason(page: &str) -> String {
    let paragraph = section(page, "Why it matters")
        .split("\n\n")
        .next()
        .unwrap_or_default();
    let sentence = paragraph
        .split_once(". ")
        .map_or(paragraph, |(sentence, _)| sentence);
    sentence
        .trim_end_matches('.')
        .replace(['`', '\n'], " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn snippet(place: &Location, kind: AnnotationKind) -> Element<'_> {
    let Some((source, span)) = place.excerpt.as_ref().and_then(|_| source_and_span(place)) else {
        return Origin::path(path(&place.path))
            .line(place.start_line as usize)
            .char_column(place.start_column as usize)
            .into();
    };
    let first_line = place
        .excerpt
        .as_ref()
        .map_or(1, |excerpt| excerpt.first_line);
    let annotation: Annotation<'_> = kind.span(span);
    let annotation = if place.label.is_empty() {
        annotation
    } else {
        annotation.label(place.label.as_str())
    };
    Snippet::source(source)
        .line_start(first_line as usize)
        .path(path(&place.path))
        .fold(true)
        .annotation(annotation)
        .into()
}

/// The excerpt as one text and the span within it, in bytes. A span of several lines is marked
/// on its first line only, which is enough to find it.
fn source_and_span(place: &Location) -> Option<(String, std::ops::Range<usize>)> {
    let excerpt = place.excerpt.as_ref()?;
    let at = place.start_line.checked_sub(excerpt.first_line)? as usize;
    let line = excerpt.lines.get(at)?;
    let offset: usize = excerpt.lines[..at].iter().map(|line| line.len() + 1).sum();
    let byte = |column: u32| {
        let characters = column.saturating_sub(excerpt.first_column) as usize;
        line.char_indices()
            .nth(characters)
            .map_or(line.len(), |(byte, _)| byte)
    };
    let start = byte(place.start_column);
    let end = if place.end_line == place.start_line {
        byte(place.end_column)
    } else {
        line.trim_end().len()
    };
    Some((
        excerpt.lines.join("\n"),
        offset + start..offset + end.max(start),
    ))
}

/// The scores, what isn't known, and how to know it.
fn summary(report: &Report, style: Style<'_>) -> String {
    let mut text = String::new();
    let has_scores = !report.recommendations.is_empty();
    if has_scores && report.controls.iter().any(|one| one.recommendation != 0) {
        text.push_str(&scores(report, style));
    }
    text.push_str(&since_the_baseline(report));
    text.push_str(&what_was_set(report));
    if let Some(framework) = &report.framework {
        text.push_str(&format!("\n{}\n", bold(&framework.title, style)));
        text.push_str(&by_item(framework));
    }
    text.push_str(&what_was_read(report));
    text.push_str(&what_to_supply(report));
    if report
        .findings
        .iter()
        .any(|finding| finding.status() == "fail")
    {
        text.push_str(
            "`palisade explain CODE` says what a control checks, why, and how to fix it\n",
        );
    }
    text
}

fn bold(text: &str, style: Style<'_>) -> String {
    if style.colour {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// A table of the recommendations, the clusters and the score.
fn scores(report: &Report, style: Style<'_>) -> String {
    let mut text = String::new();
    let bold = |text: &str| bold(text, style);
    let width = report
        .recommendations
        .iter()
        .map(|one| one.title.chars().count())
        .max()
        .unwrap_or_default();
    let has_waived = report
        .recommendations
        .iter()
        .any(|one| one.counts.waived > 0);
    let header = format!(
        "   {:width$}  score  fail  unknown  pass{}",
        "recommendation",
        if has_waived { "  waived" } else { "" }
    );
    text.push_str(&format!("{}\n", bold(&header)));
    for one in &report.recommendations {
        let counts = one.counts;
        let worst = one
            .worst
            .as_deref()
            .map(|worst| format!("  worst: {worst}"))
            .unwrap_or_default();
        let waived = if has_waived {
            format!("  {:>6}", counts.waived)
        } else {
            String::new()
        };
        text.push_str(&format!(
            "{:>2} {:width$}  {:>5}  {:>4}  {:>7}  {:>4}{waived}{worst}\n",
            one.number,
            one.title,
            score(one.score),
            counts.fail,
            counts.unknown,
            counts.pass
        ));
    }
    text.push('\n');
    for (title, rows) in [
        ("subscription", roll_up::subscription_rows(report)),
        ("cluster", roll_up::cluster_rows(report)),
    ] {
        text.push_str(&rolled_up(title, &rows, style.full, bold));
    }
    text.push_str(&format!(
        "{}\n",
        bold(&format!("score {}", score(report.score)))
    ));
    text
}

/// How many subscriptions and clusters are listed; the others are better.
const LISTED: usize = 10;

/// A table of subscriptions or clusters, the worst first. The best of many are folded.
fn rolled_up(
    title: &str,
    rows: &[roll_up::Row<'_>],
    full: bool,
    bold: impl Fn(&str) -> String,
) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let listed = match full || rows.len() <= LISTED {
        true => rows.len(),
        false => LISTED,
    };
    let (rows, rest) = rows.split_at(listed);
    let widths = rows.iter().map(|row| row.name.chars().count());
    let width = widths.max().unwrap_or_default().max(title.len());
    let header = format!("   {title:width$}  score  fail  unknown  pass");
    let mut text = format!("{}\n", bold(&header));
    for row in rows {
        let worst = row.worst.map(|worst| format!("  worst: {worst}"));
        text.push_str(&format!(
            "   {:width$}  {:>5}  {:>4}  {:>7}  {:>4}{}\n",
            row.name,
            score(row.score),
            row.counts.fail,
            row.counts.unknown,
            row.counts.pass,
            worst.unwrap_or_default()
        ));
    }
    if !rest.is_empty() {
        let folded = roll_up::folded(rest);
        text.push_str(&format!("   {folded}; `--full` lists them\n"));
    }
    text + "\n"
}

/// A line for each item of a catalogue that has an answer, and how many there are of each kind.
fn by_item(framework: &FrameworkSummary) -> String {
    let items = framework.items.iter();
    let answered: Vec<_> = items.filter(|item| item.result != "out-of-scope").collect();
    let widest = answered.iter().map(|item| item.id.chars().count()).max();
    let width = widest.unwrap_or_default();
    let mut text = String::new();
    for item in answered {
        let controls = item.controls.join(", ");
        let note = item.note.as_deref().filter(|_| item.result == "manual");
        let detail = note.map_or(controls, |note| format!("by people: {note}"));
        text.push_str(&format!(
            "  {:width$}  {:14}  {} ({detail})\n",
            item.id, item.result, item.title
        ));
    }
    let tally = framework::tally(framework);
    let tally = tally
        .iter()
        .map(|(result, count)| format!("{count} {result}"));
    text.push_str(&format!("  {}\n\n", tally.collect::<Vec<_>>().join(", ")));
    text
}

fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn score(score: Option<u8>) -> String {
    score.map_or_else(|| "-".to_owned(), |score| score.to_string())
}

/// What became of the findings of the baseline.
fn since_the_baseline(report: &Report) -> String {
    let Some(baseline) = &report.baseline else {
        return String::new();
    };
    let mut text = format!(
        "beside {}: {} new, {} known, {} gone\n",
        path(&baseline.path),
        baseline.new,
        baseline.known,
        baseline.gone.len()
    );
    for gone in &baseline.gone {
        let became = gone.words();
        text.push_str(&format!(
            "  {became}: {} {}: {}\n",
            one_line(&gone.control),
            one_line(&gone.subject),
            gone.message
        ));
    }
    text
}

/// The parameters that let more pass than by default.
fn what_was_set(report: &Report) -> String {
    let mut text = String::new();
    for control in &report.controls {
        for parameter in control.parameters.iter().filter(|one| one.is_weaker) {
            text.push_str(&format!(
                "weaker than by default: {} judges by {} = {} (default {})\n",
                control.code, parameter.name, parameter.value, parameter.default
            ));
        }
    }
    text
}

fn what_was_read(report: &Report) -> String {
    let input = &report.input;
    let mut text = format!(
        "read {}: {}, {}\n",
        counted(input.files, "file"),
        counted(input.resources, "resource"),
        counted(input.objects, "object")
    );
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for left in &input.not_understood {
        reasons.entry(&left.reason).or_default().push(&left.path);
    }
    for (reason, paths) in reasons {
        let more = if paths.len() > 1 {
            format!(" and {} more", paths.len() - 1)
        } else {
            String::new()
        };
        text.push_str(&format!("left aside: {}{more}: {reason}\n", path(paths[0])));
    }
    text
}

/// The inputs that would answer the most open questions.
fn what_to_supply(report: &Report) -> String {
    let mut wanted: BTreeMap<&str, usize> = BTreeMap::new();
    for supply in report
        .findings
        .iter()
        .filter(|finding| finding.status() == "unknown")
        .flat_map(|finding| &finding.supply)
    {
        *wanted.entry(supply).or_default() += 1;
    }
    let mut wanted: Vec<_> = wanted.into_iter().collect();
    wanted.sort_by_key(|&(supply, count)| (std::cmp::Reverse(count), supply));
    if wanted.is_empty() {
        return String::new();
    }
    let total: usize = wanted.iter().map(|(_, count)| count).sum();
    let mut text = format!(
        "{} unknown; adding the output of these to the input would tell most:\n",
        counted(total, "answer")
    );
    for (supply, count) in wanted.iter().take(5) {
        text.push_str(&format!("  {count:>4}  {supply}\n"));
    }
    text
}
