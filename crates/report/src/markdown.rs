//! The report as a comment on a pull request: GitHub-flavoured Markdown that GitHub, Azure DevOps
//! and GitLab show, short enough for each of them, with what is long folded away.

use std::collections::HashMap;
use std::fmt::Write as _;

use palisade_controls::Severity;

use crate::answer_table::last;
use crate::framework;
use crate::{
    BaselineSummary, ControlSummary, FrameworkSummary, Links, Report, ReportFinding,
    SuppressionKind,
};

/// The most that a comment may be: GitHub takes 65,536 characters. Bytes are counted here, which
/// is never less; the rest is room for the line that says what is left out.
const LONGEST: usize = 65_000;

/// By this a program finds its own comment again, so as to update it.
pub const MARKER: &str = "<!-- palisade -->";

/// How many answers of a control are listed: as many as leave room for every control.
const LISTED: [usize; 6] = [usize::MAX, 20, 8, 4, 2, 1];

/// One comment with the answers of the given kinds.
pub fn render(report: &Report, shown: &[&str], links: Links<'_>) -> String {
    let mut comment = Comment::default();
    for listed in LISTED {
        comment = Comment::of(report, shown, links, listed);
        if comment.left_out == 0 {
            break;
        }
    }
    if comment.left_out > 0 {
        let _ = writeln!(
            comment.text,
            "\n{} more are left out: this comment is full.",
            comment.left_out
        );
    }
    comment.text
}

#[derive(Default)]
struct Comment {
    text: String,
    /// How many answers belong to controls for which there was no room at all.
    left_out: usize,
}

impl Comment {
    fn of(report: &Report, shown: &[&str], links: Links<'_>, listed: usize) -> Self {
        let mut comment = Self {
            text: format!("{MARKER}\n{}", head(report)),
            left_out: 0,
        };
        for (status, heading) in [
            ("fail", "Failures"),
            ("unknown", "Not known"),
            ("pass", "Passes"),
            ("not-applicable", "Not applicable"),
            ("waived", "Waived"),
        ] {
            // Somebody who reviews a change wants to see what isn't counted, and why.
            if shown.contains(&status) || status == "waived" {
                comment.answers(report, status, heading, links, listed);
            }
        }
        comment
    }

    fn answers(
        &mut self,
        report: &Report,
        status: &str,
        heading: &str,
        links: Links<'_>,
        listed: usize,
    ) {
        let mut order = Vec::new();
        let mut by_control: HashMap<&str, Vec<&ReportFinding>> = HashMap::new();
        for finding in &report.findings {
            if finding.status() == status && !is_in_baseline(finding) {
                let own = by_control.entry(&finding.control).or_default();
                if own.is_empty() {
                    order.push(finding.control.as_str());
                }
                own.push(finding);
            }
        }
        if order.is_empty() {
            return;
        }
        self.text.push_str(&format!("\n### {heading}\n"));
        for code in order {
            let control = report.controls.iter().find(|control| control.code == code);
            let own = by_control.get(code).map_or(&[][..], Vec::as_slice);
            let section = section(code, control, own, links, listed);
            if self.left_out == 0 && self.text.len() + section.len() <= LONGEST {
                self.text.push_str(&section);
            } else {
                self.left_out += own.len();
            }
        }
    }
}

/// What a baseline holds is counted, but a reviewer needn't see it again with every change.
fn is_in_baseline(finding: &ReportFinding) -> bool {
    let suppression = finding.suppression.as_ref();
    suppression.is_some_and(|suppression| suppression.kind == SuppressionKind::Baseline)
}

/// The answers of one control, folded.
fn section(
    code: &str,
    control: Option<&ControlSummary>,
    findings: &[&ReportFinding],
    links: Links<'_>,
    listed: usize,
) -> String {
    let mut text = summary_line(code, control, findings);
    // A section that is longer than a comment won't be taken anyway.
    for (place, finding) in findings.iter().enumerate() {
        if place == listed || text.len() > LONGEST {
            let _ = writeln!(text, "- … and {} more", findings.len() - place);
            break;
        }
        text.push_str(&item(finding, links));
    }
    text.push_str("\n</details>\n");
    text
}

/// Headline, table of the recommendations, clusters.
fn head(report: &Report) -> String {
    let mut text = format!("## Palisade: {}\n\n", headline(report));
    text.push_str("| # | recommendation | score | fail | unknown | waived | pass | worst |\n");
    text.push_str("|--:|---|--:|--:|--:|--:|--:|---|\n");
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
    text.push_str(&clusters(report));
    if let Some(summary) = &report.framework {
        text.push_str(&items(summary));
    }
    if let Some(summary) = &report.baseline {
        text.push_str(&since_the_baseline(summary));
    }
    text
}

/// What a change mended, folded.
fn since_the_baseline(summary: &BaselineSummary) -> String {
    const MOST: usize = 50;
    let (new, known, gone) = (summary.new, summary.known, summary.gone.len());
    let mut text = format!(
        "\nBeside the baseline {}: {new} new, {known} known, {gone} gone\n",
        code(&summary.path)
    );
    if gone == 0 {
        return text;
    }
    text.push_str("\n<details><summary>gone since the baseline</summary>\n\n");
    for one in summary.gone.iter().take(MOST) {
        let name = code(last(&one.subject));
        let (control, message) = (prose(&one.control), prose(&one.message));
        let _ = writeln!(text, "- {}: {control} {name}: {message}", one.words());
    }
    if gone > MOST {
        let _ = writeln!(text, "- … and {} more", gone - MOST);
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
    parts.push(format!("score {}", score(report.score)));
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

/// A line a cluster, worst first; of hundreds only the worst.
fn clusters(report: &Report) -> String {
    const MOST: usize = 20;
    let mut clusters: Vec<_> = report.clusters.iter().collect();
    clusters.sort_by_key(|cluster| (cluster.score, &cluster.id));
    if clusters.is_empty() {
        return String::new();
    }
    let mut text = "\n| cluster | score | fail | unknown |\n|---|--:|--:|--:|\n".to_owned();
    for cluster in clusters.iter().take(MOST) {
        let sum = |part: fn(&crate::Counts) -> usize| -> usize {
            cluster
                .recommendations
                .iter()
                .map(|one| part(&one.counts))
                .sum()
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            code(&cluster.name).replace('|', "\\|"),
            score(cluster.score),
            sum(|counts| counts.fail),
            sum(|counts| counts.unknown)
        );
    }
    if clusters.len() > MOST {
        let _ = writeln!(
            text,
            "\nand {} clusters with better scores",
            clusters.len() - MOST
        );
    }
    text
}

fn score(score: Option<u8>) -> String {
    score.map_or_else(|| "-".to_owned(), |score| score.to_string())
}

fn summary_line(
    code: &str,
    control: Option<&ControlSummary>,
    findings: &[&ReportFinding],
) -> String {
    let title = control.map_or("", |control| control.title.as_str());
    let worst = findings
        .first()
        .filter(|finding| finding.result == "fail")
        .map(|finding| format!("{} · ", finding.severity))
        .unwrap_or_default();
    let number = match findings.len() {
        1 => String::new(),
        number => format!(" ({number})"),
    };
    format!(
        "\n<details><summary>{worst}<b>{}</b> {}{number}</summary>\n\n",
        html(code),
        html(title)
    )
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

/// Text in a code span, in which nothing is markup and nobody is mentioned. The fence is longer
/// than any run of backticks within.
fn code(text: &str) -> String {
    let text = text.replace(['\r', '\n'], " ");
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
    for c in text.chars() {
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
