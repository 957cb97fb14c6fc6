//! What a plain YAML scalar means. Kubernetes reads YAML with a 1.1 resolver, so `yes`, `on`
//! and `0o17` count as well as `true` and `15` (sigs.k8s.io/yaml, 2024).

use crate::tree::Tag;

/// The tag of a plain scalar.
pub(crate) fn resolve(text: &str) -> Tag {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Tag::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Tag::True,
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Tag::False,
        _ if is_number(text) => Tag::Number,
        _ => Tag::Verbatim,
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let starts_well = unsigned.starts_with(|c: char| c.is_ascii_digit())
        || unsigned
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    starts_well && (whole_number(text).is_some() || is_decimal(unsigned))
}

fn is_decimal(unsigned: &str) -> bool {
    unsigned
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
        && unsigned.parse::<f64>().is_ok()
}

/// A whole number in decimal, hexadecimal (`0x`), octal (`0o` or a leading zero) or binary (`0b`).
pub(crate) fn whole_number(text: &str) -> Option<i64> {
    let (negative, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let (digits, radix) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&unsigned[2..], 16),
        [b'0', b'o' | b'O', ..] => (&unsigned[2..], 8),
        [b'0', b'b' | b'B', ..] => (&unsigned[2..], 2),
        [b'0', _, ..] if unsigned.bytes().all(|b| matches!(b, b'0'..=b'7')) => (&unsigned[1..], 8),
        _ => (unsigned, 10),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = i64::from_str_radix(digits, radix).ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_resolve_as_kubernetes_reads_them() {
        for (text, tag) in [
            ("yes", Tag::True),
            ("off", Tag::False),
            ("~", Tag::Null),
            ("10", Tag::Number),
            ("-1.5e3", Tag::Number),
            ("0x1F", Tag::Number),
            (".5", Tag::Number),
            ("1.2.3", Tag::Verbatim),
            ("10.0.0.0/8", Tag::Verbatim),
            ("1e", Tag::Verbatim),
            ("-", Tag::Verbatim),
            ("2026-11-23", Tag::Verbatim),
            ("infinity", Tag::Verbatim),
        ] {
            assert_eq!(resolve(text), tag, "{text}");
        }
    }

    #[test]
    fn whole_numbers_have_a_radix() {
        assert_eq!(whole_number("0x1F"), Some(31));
        assert_eq!(whole_number("0o17"), Some(15));
        assert_eq!(whole_number("-0b11"), Some(-3));
        assert_eq!(whole_number("0644"), Some(420));
        assert_eq!(whole_number("12a"), None);
        assert_eq!(whole_number("0x-1"), None);
    }
}
