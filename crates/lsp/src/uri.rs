//! Paths as `file:` URIs and back (RFC 8089).

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stands for itself in a path of a URI.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The path of a file; nothing for what isn't a file of this machine.
pub(crate) fn to_path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let path = match path.as_bytes() {
        // `/c:/folder` of Windows.
        [b'/', _, b':', ..] => &path[1..],
        [b'/', ..] => &path,
        _ => return None,
    };
    Some(PathBuf::from(path))
}

/// The URI of a file.
pub(crate) fn of_path(path: &Path) -> Option<Uri> {
    let text = path.to_str()?.replace('\\', "/");
    let slash = if text.starts_with('/') { "" } else { "/" };
    let text = utf8_percent_encode(&text, ESCAPED);
    Uri::from_str(&format!("file://{slash}{text}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_the_way_there_and_back() {
        for path in ["/a/b.yaml", "/a b/ø/😀#?%20.tf", "/[x]"] {
            let uri = of_path(Path::new(path)).unwrap();
            assert_eq!(to_path(uri.as_str()), Some(PathBuf::from(path)), "{path}");
        }
    }

    #[test]
    fn windows_and_other_schemes() {
        let path = Some(PathBuf::from("c:/a.yaml"));
        assert_eq!(to_path("file:///c%3A/a.yaml"), path);
        assert_eq!(to_path("untitled:Untitled-1"), None);
        assert_eq!(to_path("file://server/share"), None);
    }
}
