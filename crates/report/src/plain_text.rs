//! Text of an estate in what people read. Names and paths are anybody's choice: printed as they are,
//! they could move the cursor of a terminal, hide what stands beside them, or give commands to the
//! pipeline that keeps the log.

use std::borrow::Cow;

/// Text on one line: control characters become their pictures (␛), characters that turn the
/// direction of writing become �.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| shown(c) != c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(shown).collect())
}

fn shown(c: char) -> char {
    match c {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{FFFD}'),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}' => '\u{FFFD}',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' => '\u{FFFD}',
        c => c,
    }
}

/// A path on one line. One that starts like a command of GitHub Actions gets its folder before it.
pub(crate) fn path(path: &str) -> Cow<'_, str> {
    match one_line(path) {
        path if path.starts_with("::") => Cow::Owned(format!("./{path}")),
        path => path,
    }
}

/// Lines of a log in which nothing is a command. Azure Pipelines and the runner of GitHub Actions
/// look for `##vso[` and `##[` anywhere in a line.
pub(crate) fn in_log(text: String) -> String {
    if text.contains("##") {
        text.replace("##vso[", "# #vso[").replace("##[", "# #[")
    } else {
        text
    }
}

/// Text for XML 1.0: markup escaped, line ends of attributes kept, and characters that XML can't
/// hold replaced.
pub(crate) fn xml(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c >= ' ' && !"<>&\"'\u{FFFE}\u{FFFF}".contains(c);
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push_str(&format!("&#{};", u32::from(c))),
            '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            c if c < ' ' => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}
