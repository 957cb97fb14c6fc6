//! The comments of a file, which the parser doesn't keep apart.

use palisade_document::Span;

/// The comments of a text in HCL, in order, each with its sign: `#`, `//` or `/* */`.
///
/// Signs in quoted texts and in heredocs are none; those in an interpolation are taken for text,
/// as there are no comments in practice.
pub fn comments(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut heredoc: Option<&str> = None;
    let mut block: Option<usize> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let (line_start, end) = (start, start + line.trim_end().len());
        start += line.len();
        if let Some(word) = heredoc {
            if line.trim() == word {
                heredoc = None;
            }
            continue;
        }
        heredoc = scan(line, line_start, end, &mut block, &mut found);
    }
    if let Some(from) = block {
        found.extend(span(from, text.len()));
    }
    found
}

/// Looks through a line; gives the end word of a heredoc that starts there.
fn scan<'t>(
    line: &'t str,
    line_start: usize,
    end: usize,
    block: &mut Option<usize>,
    found: &mut Vec<Span>,
) -> Option<&'t str> {
    let mut is_quoted = false;
    let mut at = 0;
    while at < line.len() {
        let rest = &line.as_bytes()[at..];
        let step = match rest {
            [b'*', b'/', ..] if block.is_some() => {
                let from = block.take().unwrap_or_default();
                found.extend(span(from, line_start + at + 2));
                2
            }
            _ if block.is_some() => 1,
            [b'\\', _, ..] if is_quoted => 2,
            [b'"', ..] => {
                is_quoted = !is_quoted;
                1
            }
            _ if is_quoted => 1,
            [b'#', ..] | [b'/', b'/', ..] => {
                found.extend(span(line_start + at, end));
                return None;
            }
            [b'/', b'*', ..] => {
                *block = Some(line_start + at);
                2
            }
            [b'<', b'<', ..] => {
                let word = line.get(at + 2..).unwrap_or_default();
                let word = word.trim_start_matches('-').trim();
                let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
                if !word.is_empty() && word.chars().all(is_name) {
                    return Some(word);
                }
                2
            }
            _ => 1,
        };
        at += step;
    }
    None
}

fn span(from: usize, to: usize) -> Option<Span> {
    Some(Span {
        start: u32::try_from(from).ok()?,
        end: u32::try_from(to).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_in_texts_are_no_comments() {
        let text =
            "a = \"# no // no\" # yes\n/* two\nlines */ b = <<-EOT\n  # no\nEOT\nc = 1 // yes";
        let found: Vec<_> = comments(text)
            .into_iter()
            .map(|span| &text[span.range()])
            .collect();
        assert_eq!(found, ["# yes", "/* two\nlines */", "// yes"]);
    }
}
