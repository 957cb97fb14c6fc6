//! The report as a comment on a pull request: GitHub-flavoured Markdown that GitHub, Azure DevOps
//! and GitLab show, short enough for each of them, with what is long folded away.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use palisade_controls::Severity;

use crate::answer_table::last;
use crate::framework;
use crate::roll_up;
use crate::{
    BaselineSummary, ControlSummary, FrameworkSummary, Links, Report, ReportFinding,
    SuppressionKind,
};

/// The most that a comment may be: GitHub takes 65,536 characters. Bytes are counted here, which
/// is never less; the rest is room for a comment of codes alone with its note.
const LONGEST: usize = 65_000;

/// The most characters of a text of the estate.
const LONGEST_TEXT: usize = 600;

/// By this a program finds its own comment again, so as to update it.
pub const MARKER: &str = "<!-- palisade -->";

/// How many answers of a control are listed: as many as leave room for every control.
const LISTED: [usize; 6] = [usize::MAX, 20, 8, 4, 2, 1];

/// One comment with the answers of the given kinds. It names every control that has one: what is
/// too much for a comment shows fewer answers of each, then the least severe as a line each, at
/// last nothing but codes.
pub fn render(report: &Report, shown: &[&str], links: Links<'_>) -> String {
    let mut text = format!("{MARKER}\n{}", head(report));
    let groups = groups(report, shown);
    let room = LONGEST.saturating_sub(text.len());
    let fitting = LISTED
        .into_iter()
        .find_map(|listed| sections(&groups, links, listed, room));
    let answers = fitting
        .or_else(|| sections_and_lines(&groups, links, room))
        .unwrap_or_else(|| codes(&groups));
    text.push_str(&answers);
    text
}

/// The answers of one kind.
struct Group<'r> {
    heading: &'static str,
    /// The worst first.
    controls: Vec<Answers<'r>>,
}

/// The answers of one kind that a control gives.
struct Answers<'r> {
    code: &'r str,
    control: Option<&'r ControlSummary>,
    findings: Vec<&'r ReportFinding>,
}

fn groups<'r>(report: &'r Report, shown: &[&str]) -> Vec<Group<'r>> {
    let kinds = [
        ("fail", "Failures"),
        ("unknown", "Not known"),
        ("pass", "Passes"),
        ("not-applicable", "Not applicable"),
        ("waived", "Waived"),
    ];
    kinds
        .into_iter()
        // Somebody who reviews a change wants to see what isn't counted, and why.
        .filter(|(status, _)| shown.contains(status) || *status == "waived")
        .map(|(status, heading)| Group {
            heading,
            controls: by_control(report, status),
        })
        .filter(|group| !group.controls.is_empty())
        .collect()
}

fn by_control<'r>(report: &'r Report, status: &str) -> Vec<Answers<'r>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut all: Vec<Answers<'r>> = Vec::new();
    for finding in &report.findings {
        if finding.status() != status || is_in_baseline(finding) {
            continue;
        }
        let code = finding.control.as_str();
        let place = *places.entry(code).or_insert(all.len());
        if place == all.len() {
            let control = report.controls.iter().find(|control| control.code == code);
            let findings = Vec::new();
            all.push(Answers {
                code,
                control,
                findings,
            });
        }
        all[place].findings.push(finding);
    }
    all
}

/// A folded section for every control, if that fits.
fn sections(groups: &[Group<'_>], links: Links<'_>, listed: usize, room: usize) -> Option<String> {
    let mut text = String::new();
    for group in groups {
        let _ = writeln!(text, "\n### {}", group.heading);
        for answers in &group.controls {
            text.push_str(&section(answers, links, listed));
            if text.len() > room {
                return None;
            }
        }
    }
    Some(text)
}

/// A folded section with one answer for the first controls, as far as there is room, and a line for
/// each of the rest.
fn sections_and_lines(groups: &[Group<'_>], links: Links<'_>, room: usize) -> Option<String> {
    const NOTE: &str = "\nThis comment is full: where a control has a line only, other formats list its answers.\n";
    let of_all = |length: fn(&Answers<'_>) -> usize| -> usize {
        let controls = groups.iter().flat_map(|group| &group.controls);
        controls.map(length).sum()
    };
    let headings: usize = groups.iter().map(|group| group.heading.len() + 7).sum();
    let shortest = of_all(|answers| line(answers).len()) + headings + NOTE.len();
    let mut spare = room.checked_sub(shortest)?;
    let mut has_room = true;
    let mut text = String::new();
    for group in groups {
        let _ = writeln!(text, "\n### {}", group.heading);
        let mut in_list = false;
        for answers in &group.controls {
            let line = line(answers);
            let section = section(answers, links, 1);
            let more = section.len().saturating_sub(line.len());
            has_room &= more <= spare;
            if has_room {
                spare -= more;
                text.push_str(&section);
            } else {
                if !in_list {
                    text.push('\n');
                }
                in_list = true;
                text.push_str(&line);
            }
        }
    }
    text.push_str(NOTE);
    Some(text)
}

/// The codes of the controls with the number of their answers.
fn codes(groups: &[Group<'_>]) -> String {
    let mut text = String::new();
    for group in groups {
        let codes = group.controls.iter();
        let codes: Vec<_> = codes
            .map(|answers| format!("{}{}", html(answers.code), number(answers)))
            .collect();
        let _ = write!(text, "\n### {}\n\n{}\n", group.heading, codes.join(", "));
    }
    text.push_str("\nThis comment is full: other formats list the answers.\n");
    text
}

/// What a baseline holds is counted, but a reviewer needn't see it again with every change.
fn is_in_baseline(finding: &ReportFinding) -> bool {
    let suppression = finding.suppression.as_ref();
    suppression.is_some_and(|suppression| suppression.kind == SuppressionKind::Baseline)
}

/// The answers of one control, folded.
fn section(answers: &Answers<'_>, links: Links<'_>, listed: usize) -> String {
    let mut text = format!("\n<details><summary>{}</summary>\n\n", summary(answers));
    // A section that is longer than a comment won't be taken anyway.
    for (place, finding) in answers.findings.iter().enumerate() {
        if place == listed || text.len() > LONGEST {
            let _ = writeln!(text, "- … and {} more", answers.findings.len() - place);
            break;
        }
        text.push_str(&item(finding, links));
    }
    text.push_str("\n</details>\n");
    text
}

/// A control whose answers aren't listed.
fn line(answers: &Answers<'_>) -> String {
    format!("- {}\n", summary(answers))
}

/// Headline, table of the recommendations, subscriptions, clusters.
fn head(report: &Report) -> String {
    let mut text = format!("## Palisade: {}\n\n", headline(report));
    if !report.recommendations.is_empty() {
        text.push_str("| # | recommendation | score | fail | unknown | waived | pass | worst |\n");
        text.push_str("|--:|---|--:|--:|--:|--:|--:|---|\n");
    }
    for one in &report.recommendations {
        let counts = one.counts;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            one.number,
            one.title,
            score(one.score),
            counts.fail,
            counts.unknown,
            counts.waived,
            counts.pass,
            one.worst.as_deref().unwrap_or_default()
        );
    }
    text.push_str(&rolled_up(
        "subscription",
        &roll_up::subscription_rows(report),
    ));
    text.push_str(&rolled_up("cluster", &roll_up::cluster_rows(report)));
    if let Some(summary) = &report.framework {
        text.push_str(&items(summary));
    }
    if let Some(summary) = &report.baseline {
        text.push_str(&since_the_baseline(summary));
    }
    text
}

/// What a change mended, folded; as many as leave room for the answers.
fn since_the_baseline(summary: &BaselineSummary) -> String {
    const MOST: usize = 8_000;
    let (new, known, gone) = (summary.new, summary.known, summary.gone.len());
    let mut text = format!(
        "\nBeside the baseline {}: {new} new, {known} known, {gone} gone\n",
        code(&summary.path)
    );
    if gone == 0 {
        return text;
    }
    text.push_str("\n<details><summary>gone since the baseline</summary>\n\n");
    for (place, one) in summary.gone.iter().enumerate() {
        if text.len() > MOST {
            let _ = writeln!(text, "- … and {} more", gone - place);
            break;
        }
        let name = code(last(&one.subject));
        let (control, message) = (prose(&one.control), prose(&one.message));
        let _ = writeln!(text, "- {}: {control} {name}: {message}", one.words());
    }
    text.push_str("\n</details>\n");
    text
}

/// What a catalogue asks, folded.
fn items(summary: &FrameworkSummary) -> String {
    let tally: Vec<_> = framework::tally(summary)
        .into_iter()
        .map(|(result, count)| format!("{count} {result}"))
        .collect();
    let mut text = format!(
        "\n<details><summary>{}: {}</summary>\n\n| item | asks for | result | controls |\n|---|---|---|---|\n",
        html(&summary.title),
        tally.join(", ")
    );
    for item in &summary.items {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            prose(&item.id),
            prose(&item.title),
            item.result,
            item.controls.join(", ")
        );
    }
    text.push_str("\n</details>\n");
    text
}

fn headline(report: &Report) -> String {
    let count = |status: &str| {
        let own = report
            .findings
            .iter()
            .filter(|finding| finding.status() == status);
        own.count()
    };
    let failures = count("fail");
    let mut parts = vec![match failures {
        0 => "no failure".to_owned(),
        1 => format!("1 failure ({})", severities(report)),
        _ => format!("{failures} failures ({})", severities(report)),
    }];
    for (status, word) in [("unknown", "unknown"), ("waived", "waived")] {
        let number = count(status);
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    if !report.recommendations.is_empty() {
        parts.push(format!("score {}", score(report.score)));
    }
    parts.join(", ")
}

fn severities(report: &Report) -> String {
    let counted = Severity::ALL.iter().rev().filter_map(|severity| {
        let own = report
            .findings
            .iter()
            .filter(|finding| finding.status() == "fail" && finding.severity == severity.as_str());
        let number = own.count();
        (number > 0).then(|| format!("{number} {severity}"))
    });
    counted.collect::<Vec<_>>().join(", ")
}

/// A line a subscription or a cluster, the worst first; of hundreds only the worst.
fn rolled_up(title: &str, rows: &[roll_up::Row<'_>]) -> String {
    const MOST: usize = 20;
    const LONGEST_NAME: usize = 64;
    if rows.is_empty() {
        return String::new();
    }
    let (rows, rest) = rows.split_at(rows.len().min(MOST));
    let mut text =
        format!("\n| {title} | score | fail | unknown | worst |\n|---|--:|--:|--:|---|\n");
    for row in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            code(&shortened(&row.name, LONGEST_NAME)).replace('|', "\\|"),
            score(row.score),
            row.counts.fail,
            row.counts.unknown,
            row.worst.unwrap_or_default()
        );
    }
    if !rest.is_empty() {
        let _ = writeln!(text, "\n{}", roll_up::folded(rest));
    }
    text
}

fn score(score: Option<u8>) -> String {
    score.map_or_else(|| "-".to_owned(), |score| score.to_string())
}

/// Severity, code and title of a control, and how many answers it has.
fn summary(answers: &Answers<'_>) -> String {
    let title = answers.control.map_or("", |control| &control.title);
    let worst = answers
        .findings
        .first()
        .filter(|finding| finding.result == "fail")
        .map(|finding| format!("{} · ", finding.severity))
        .unwrap_or_default();
    let code = html(answers.code);
    format!("{worst}<b>{code}</b> {}{}", html(title), number(answers))
}

fn number(answers: &Answers<'_>) -> String {
    match answers.findings.len() {
        1 => String::new(),
        number => format!(" ({number})"),
    }
}

/// A list item: the place as a link, the subject, the message and the fix.
fn item(finding: &ReportFinding, links: Links<'_>) -> String {
    let place = finding.location.as_ref().map(|at| {
        let shown = code(&format!("{}:{}", at.path, at.start_line));
        format!("[{shown}]({}) ", links.to(at))
    });
    let mut text = format!(
        "- {}{}: {}\n",
        place.unwrap_or_default(),
        code(&finding.subject.name),
        prose(&finding.message)
    );
    if let Some(waiver) = &finding.suppression {
        let _ = write!(text, "  - waived: {}", prose(&waiver.reason));
        if let Some(owner) = &waiver.owner {
            let _ = write!(text, ", says {}", prose(owner));
        }
        if let Some(day) = &waiver.expires {
            let _ = write!(text, ", until {day}");
        }
        text.push('\n');
    } else if let Some(help) = &finding.help {
        let _ = writeln!(text, "  - fix: {}", code(help));
    }
    for supply in &finding.supply {
        let _ = writeln!(text, "  - supply: {}", code(supply));
    }
    text
}

/// No text of an estate is so long that it leaves no room for the others.
fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Text in a code span, in which nothing is markup and nobody is mentioned. The fence is longer
/// than any run of backticks within.
fn code(text: &str) -> String {
    let text = shortened(text, LONGEST_TEXT).replace(['\r', '\n'], " ");
    let (mut run, mut longest) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text outside of code: markup is escaped, and a zero-width space keeps `@name` and `#1` from
/// being mentions of people and issues.
fn prose(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in shortened(text, LONGEST_TEXT).chars() {
        match c {
            '\r' | '\n' => escaped.push(' '),
            '@' | '#' => {
                escaped.push(c);
                escaped.push('\u{200B}');
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '|' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
