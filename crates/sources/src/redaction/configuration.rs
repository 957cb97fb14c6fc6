//! Secrets in HCL, the language of Terraform's configurations.

use std::ops::Range;

use super::names;
use super::structure::is_reference;
use super::text;

/// The ranges of secrets in the quoted texts and heredocs of a configuration. What stands
/// outside of quotes names a value kept elsewhere, and stays as it is.
pub(super) fn secrets(content: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in content.split_inclusive('\n') {
        let quoted = quoted(line);
        for literal in &quoted {
            let inner = &line[literal.clone()];
            let shift = |range: Range<usize>| {
                let by = start + literal.start;
                range.start + by..range.end + by
            };
            if is_secret(&line[..literal.start]) && !is_reference(inner) {
                found.push(shift(0..inner.len()));
            } else {
                found.extend(text::secrets(inner).into_iter().map(shift));
            }
        }
        if quoted.is_empty() {
            // A line of a heredoc, or one that assigns nothing that is written here.
            let shift = |range: Range<usize>| range.start + start..range.end + start;
            let inside = text::secrets(line)
                .into_iter()
                .filter(|_| !line.contains(" = "));
            found.extend(inside.map(shift));
        }
        start += line.len();
    }
    found
}

/// Whether what is assigned here is a secret: `password = "`, `"password" : "`.
fn is_secret(before: &str) -> bool {
    let before = before.strip_suffix('"').unwrap_or(before).trim_end();
    let Some(name) = before.strip_suffix(['=', ':']) else {
        return false;
    };
    let name = name.trim_end().trim_end_matches('"');
    let start = name.rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    names::is_secret(&name[start.map_or(0, |at| at + 1)..])
}

/// The quoted texts of a line, without their quotes.
fn quoted(line: &str) -> Vec<Range<usize>> {
    let mut quotes = Vec::new();
    let mut is_escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' if !is_escaped => quotes.push(at),
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    quotes
        .chunks_exact(2)
        .map(|pair| pair[0] + 1..pair[1])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_quoted_texts_are_masked() {
        let content = "admin_password = \"hunter2\"\npassword = var.password\ntoken = \"${var.token}\"\n  url = \"sb://x;SharedAccessKey=abcdef==\"\n\"client_secret\": \"s3\"\n";
        let found: Vec<_> = secrets(content)
            .into_iter()
            .map(|range| &content[range])
            .collect();
        assert_eq!(found, ["hunter2", "abcdef==", "s3"]);
    }
}
