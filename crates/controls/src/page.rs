//! The page of a control: Markdown with fixed headings.

/// The headings of every page, in order.
pub const HEADINGS: [&str; 6] = [
    "What it checks",
    "Why it matters",
    "How to fix",
    "Exceptions",
    "References",
    "Tests",
];

/// The text of a section, without its heading. Empty if the page has none.
pub fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let mut sections = page.split("\n## ").skip(1);
    let found = sections.find_map(|section| section.strip_prefix(heading)?.strip_prefix('\n'));
    found.unwrap_or_default().trim()
}

/// The code blocks of a section in a language.
pub fn blocks<'p>(section: &'p str, language: &str) -> impl Iterator<Item = &'p str> {
    // Every second part between fences is code, which starts with the language.
    let code = section.split("```").skip(1).step_by(2);
    code.filter_map(move |code| code.strip_prefix(language)?.strip_prefix('\n'))
}

/// The page without its tests: what a reader is shown.
pub fn for_readers(page: &str) -> &str {
    page.split("\n## Tests\n").next().unwrap_or(page).trim_end()
}

/// A test on a page: a small estate and the answers expected about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case<'p> {
    /// The heading.
    pub name: &'p str,
    /// Whether the files are to be taken as the whole estate: the heading ends in `(complete)`.
    pub is_complete: bool,
    /// The files: path and content.
    pub files: Vec<(&'p str, &'p str)>,
    /// The answers, a line each.
    pub expected: &'p str,
}

/// The tests at the end of a page.
pub fn cases(page: &str) -> Vec<Case<'_>> {
    let tests = section(page, "Tests");
    let sections = tests.split("### ").skip(1);
    sections.map(case).collect()
}

fn case(section: &str) -> Case<'_> {
    let name = section.lines().next().unwrap_or_default().trim();
    let (mut files, mut expected) = (Vec::new(), "");
    let mut rest = section;
    while let Some((_, fence)) = rest.split_once("\n```") {
        let Some((info, body)) = fence.split_once('\n') else {
            break;
        };
        let (content, after) = match body.strip_prefix("```") {
            Some(after) => ("", after),
            None => body.split_once("\n```").unwrap_or((body, "")),
        };
        match info.trim().split_once(' ') {
            Some((_, path)) => files.push((path, content)),
            None if info.trim() == "findings" => expected = content,
            None => {}
        }
        rest = after;
    }
    Case {
        name,
        is_complete: name.ends_with("(complete)"),
        files,
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# FW000 x\n\n## What it checks\n\nText.\n\n## Tests\n\n### One (complete)\n\n```json a.json\n{\n}\n```\n\n```findings\nfail a\n```\n\n### Two\n\n```findings\n```\n";

    #[test]
    fn a_page_has_sections_and_cases() {
        assert_eq!(section(PAGE, "What it checks"), "Text.");
        assert_eq!(section(PAGE, "Exceptions"), "");
        assert_eq!(for_readers(PAGE), "# FW000 x\n\n## What it checks\n\nText.");
        assert!(blocks(section(PAGE, "Tests"), "findings").eq(["fail a\n", ""]));
        let cases = cases(PAGE);
        assert_eq!(cases[0].files, [("a.json", "{\n}")]);
        assert_eq!((cases[0].is_complete, cases[0].expected), (true, "fail a"));
        assert_eq!((cases[1].name, cases[1].expected), ("Two", ""));
    }
}
