//! Links to places in files.

use crate::Location;

/// How a place in a file becomes a link.
#[derive(Clone, Copy, Debug, Default)]
pub struct Links<'b> {
    /// What stands before the path; or the whole link with `{path}`, `{line}` and `{endLine}` where
    /// they belong. Without it, links are relative.
    pub base: Option<&'b str>,
}

impl Links<'_> {
    /// The link to a place. Lines are named as GitHub and GitLab do, unless the base says how.
    pub fn to(self, place: &Location) -> String {
        let path = uri(&place.path);
        let (line, end_line) = (place.start_line.to_string(), place.end_line.to_string());
        let base = self.base.unwrap_or_default();
        if base.contains("{path}") {
            return base
                .replace("{line}", &line)
                .replace("{endLine}", &end_line)
                .replace("{path}", &path);
        }
        let lines = if line == end_line {
            format!("#L{line}")
        } else {
            format!("#L{line}-L{end_line}")
        };
        let base = base.trim_end_matches('/');
        let slash = if base.is_empty() || path.starts_with('/') {
            ""
        } else {
            "/"
        };
        format!("{base}{slash}{path}{lines}")
    }
}

/// A path as a URI reference: forward slashes, everything unusual percent-encoded.
pub(crate) fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
