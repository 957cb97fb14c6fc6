//! Secrets that show by what stands around them in a text: in connection strings, addresses,
//! scripts, policy documents and comments.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::names;
use super::structure::is_reference;

/// What stands right before a secret in connection strings, query strings and attributes.
const BEFORE_A_SECRET: [&str; 21] = [
    "AccountKey=",
    "SharedAccessKey=",
    "SharedAccessSignature=",
    "SharedSecret=",
    "Password=",
    "Passwd=",
    "Passphrase=",
    "Pwd=",
    "secret=",
    "token=",
    "apikey=",
    "api_key=",
    "api-key=",
    "access_key=",
    "access-key=",
    "subscription-key=",
    "&sig=",
    "?sig=",
    // `&` as Windows PowerShell and as XML write it.
    "u0026sig=",
    "amp;sig=",
    "InstrumentationKey=",
];

/// What a private key, a JSON web token, an address and a header with a credential start with.
const PRIVATE_KEY: &str = "PRIVATE KEY-----";
const WEB_TOKEN: &str = "eyJ";
const ADDRESS: &str = "://";
const SCHEMES: [&str; 2] = ["Bearer ", "Basic "];

/// A private key of 16 kbit has 13 kB; nothing that is looked for is longer. The limit keeps
/// the search linear in a text made to be slow.
const LONGEST: usize = 16_384;

static PATTERNS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let patterns = BEFORE_A_SECRET.iter().copied();
    let patterns = patterns
        .chain([PRIVATE_KEY, WEB_TOKEN, ADDRESS])
        .chain(SCHEMES);
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(patterns)
        .ok()
});

/// Where a secret may stand: what [`secrets`] looks at, in order.
pub(super) fn candidates(content: &str) -> Vec<usize> {
    let patterns = PATTERNS
        .iter()
        .flat_map(|patterns| patterns.find_iter(content));
    patterns.map(|found| found.start()).collect()
}

/// The ranges of secrets in one string or comment.
pub(super) fn secrets(content: &str) -> Vec<Range<usize>> {
    let mut secrets: Vec<Range<usize>> = Vec::new();
    for found in PATTERNS
        .iter()
        .flat_map(|patterns| patterns.find_iter(content))
    {
        if secrets.last().is_some_and(|last| last.end > found.start()) {
            continue;
        }
        let rest = &content[found.end()..];
        let after = |range: Range<usize>| found.end() + range.start..found.end() + range.end;
        let at = found.pattern().as_usize();
        secrets.extend(match at.checked_sub(BEFORE_A_SECRET.len()) {
            None => value(rest, ends_value).map(after),
            Some(0) => Some(after(private_key(rest))),
            Some(1) => web_token(content, found.start()),
            Some(2) => password_of_address(rest).map(after),
            Some(_) => credential(rest).map(after),
        });
    }
    secrets
}

fn ends_value(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '&' | '<' | '>' | ',')
}

/// The value at the start of `rest`: up to the closing quote if it is quoted, else up to what
/// `ends` it. Nothing for a reference, a truth value or a comparison.
fn value(rest: &str, ends: fn(char) -> bool) -> Option<Range<usize>> {
    let escapes = rest.len() - rest.trim_start_matches('\\').len();
    let quote = rest[escapes..]
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''));
    let start = if quote.is_some() { escapes + 1 } else { 0 };
    let rest = &rest[start..];
    if rest.starts_with(['=', '*']) {
        return None;
    }
    let length = match quote {
        Some(quote) => rest.find(quote).unwrap_or(rest.len()),
        None => unquoted_length(rest, ends),
    };
    let text = rest[..length].trim_end_matches('\\');
    let is_secret = !is_reference(text)
        && !["true", "false", "null"]
            .iter()
            .any(|word| text.eq_ignore_ascii_case(word));
    is_secret.then_some(start..start + text.len())
}

/// A backslash ends a value unless it escapes a character that can stand in a key.
fn unquoted_length(rest: &str, ends: fn(char) -> bool) -> usize {
    const ENDING_ESCAPES: [&str; 6] = ["u0022", "u0026", "u0027", "u003b", "u003c", "u003e"];
    let mut at = 0;
    while let Some(length) = rest[at..].find(|c| c == '\\' || ends(c)) {
        let escape = rest[at + length..].strip_prefix('\\').unwrap_or_default();
        let goes_on = escape.starts_with('/')
            || (escape.starts_with('u')
                && !escape.get(..5).is_some_and(|code| {
                    ENDING_ESCAPES
                        .iter()
                        .any(|ending| ending.eq_ignore_ascii_case(code))
                }));
        if !goes_on {
            return at + length;
        }
        at += length + 1;
    }
    rest.len()
}

/// A key up to its end mark, or as far as it looks like one if it was cut off.
fn private_key(rest: &str) -> Range<usize> {
    let near = &rest[..rest.floor_char_boundary(LONGEST)];
    let is_part = |c: char| {
        c.is_ascii_alphanumeric() || c.is_whitespace() || matches!(c, '+' | '/' | '=' | '\\')
    };
    let mark = near
        .find("-----")
        .filter(|&mark| near[mark..].starts_with("-----END"));
    0..mark.unwrap_or_else(|| near.find(|c| !is_part(c)).unwrap_or(near.len()))
}

/// Three parts with dots between them, the first two of which start as encoded JSON does.
fn web_token(content: &str, start: usize) -> Option<Range<usize>> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if content[..start].ends_with(is_letter) {
        return None;
    }
    let rest = &content[start..];
    let first = rest.find(|c| !is_letter(c)).filter(|&length| length > 10)?;
    let second = rest[first..]
        .strip_prefix('.')
        .filter(|second| second.starts_with(WEB_TOKEN))?;
    second.trim_start_matches(is_letter).strip_prefix('.')?;
    let length = rest
        .find(|c| !(is_letter(c) || c == '.'))
        .unwrap_or(rest.len());
    Some(start..start + length)
}

/// `user:password@host` after `://`.
fn password_of_address(rest: &str) -> Option<Range<usize>> {
    let near = &rest[..rest.floor_char_boundary(LONGEST)];
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | '\\');
    let authority = &near[..near.find(ends).unwrap_or(near.len())];
    let end = authority.rfind('@')?;
    let start = authority[..end].find(':')? + 1;
    (!is_reference(&authority[start..end])).then_some(start..end)
}

/// The credential after the name of an authentication scheme, told from a word by its letters.
fn credential(rest: &str) -> Option<Range<usize>> {
    let is_part =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_' | '.' | '~');
    let text = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
    let inner = text.get(1..).unwrap_or_default();
    let has = |is: fn(&u8) -> bool| inner.bytes().any(|byte| is(&byte));
    let is_opaque =
        has(u8::is_ascii_digit) || (has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase));
    (text.len() >= 8 && is_opaque).then_some(0..text.len())
}

/// Secrets assigned to a name, as in `password: …`, `DB_PASSWORD=…`, `"apiKey": "…"` and
/// `<password>…</password>`.
pub(super) fn assigned_secrets(content: &str) -> Vec<Range<usize>> {
    let mut secrets = Vec::new();
    let mut at = 0;
    while let Some(found) = content[at..].find([':', '=', '>']) {
        let separator = at + found;
        at = separator + 1;
        let before = content[..separator].trim_end_matches([' ', '\t', '"', '\'', '\\']);
        let name = last_name(before);
        if !names::is_assigned_secret(name) {
            continue;
        }
        let rest = &content[at..];
        let start = at + rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if let Some(range) = value(&content[start..], ends_assigned) {
            let text = &content[start + range.start..start + range.end];
            let end = start + range.start + text.trim_end().len();
            secrets.push(start + range.start..end);
            at = end.max(at);
        }
    }
    secrets
}

/// Values without quotes run to the end of the line: phrases have spaces.
fn ends_assigned(c: char) -> bool {
    matches!(c, '\n' | '\r' | '"' | '\'' | '<' | '}')
}

/// The name at the end of a text.
fn last_name(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let start = text.rfind(|c| !is_part(c)).map_or(0, |at| {
        at + text[at..].chars().next().map_or(1, char::len_utf8)
    });
    &text[start..]
}
