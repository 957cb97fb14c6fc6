//! `format`: .NET's composite format strings, as far as texts and numbers go (Microsoft Learn,
//! "Composite formatting" and "Standard numeric format strings", 2025).

use palisade_document::{Content, Derived};

use super::array::utf16_length;
use super::{LONGEST_TEXT, made_text, text_of};
use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::value;

/// `format('{0}-{1:D3}', …)`.
pub(super) fn format(evaluator: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let pattern = text_of(values, 0)?;
    let mut out = String::with_capacity(pattern.len() + 32);
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
            continue;
        }
        let end = rest.find('}').filter(|_| brace == "{");
        let Some(end) = end else {
            return Err(Fault::new("the format has a brace without its counterpart"));
        };
        match item(evaluator, &rest[..end], &values[1..])? {
            Ok(text) => out.push_str(&text),
            Err(unknown) => return Ok(unknown),
        }
        rest = &rest[end + 1..];
        if out.len() > LONGEST_TEXT {
            break;
        }
    }
    out.push_str(rest);
    made_text(out)
}

/// `index[,width][:format]`.
fn item(
    evaluator: &Evaluator<'_>,
    item: &str,
    values: &[Derived],
) -> Result<Result<String, Derived>, Fault> {
    let (head, style) = item.split_once(':').unwrap_or((item, ""));
    let (index, width) = head.split_once(',').unwrap_or((head, ""));
    let index: usize = index
        .trim()
        .parse()
        .map_err(|_| Fault::new("the format has an item without a number"))?;
    let value = values.get(index).ok_or_else(|| {
        Fault::new(format!(
            "the format asks for argument {index}, which isn't given"
        ))
    })?;
    let text = match &value.content {
        Content::String(text) => text.to_string(),
        Content::Number(number) => numeral(number, style)?,
        Content::Bool(true) => "True".to_owned(),
        Content::Bool(false) => "False".to_owned(),
        Content::Null => String::new(),
        _ => {
            if let Some(unknown) = evaluator.first_unknown(value) {
                return Ok(Err(unknown));
            }
            let json = value::to_json(value, &|| evaluator.spend(1));
            json.ok_or_else(|| Fault::new("the value is too large for a text"))?
        }
    };
    let width: i32 = match width.trim() {
        "" => 0,
        width => width
            .parse()
            .map_err(|_| Fault::new("the format has a width that is no number"))?,
    };
    let missing = (width.unsigned_abs().min(10_000) as usize).saturating_sub(utf16_length(&text));
    let padding = " ".repeat(missing);
    Ok(Ok(if width < 0 {
        text + &padding
    } else {
        padding + &text
    }))
}

/// A whole number in one of .NET's styles.
fn numeral(number: &str, style: &str) -> Result<String, Fault> {
    let Some(value) = value::whole(number).filter(|_| !style.is_empty()) else {
        return Ok(number.to_owned());
    };
    let (letter, precision) = style.split_at(style.chars().next().map_or(0, char::len_utf8));
    let digits = precision.parse::<usize>().ok().map(|digits| digits.min(99));
    if !precision.is_empty() && digits.is_none() {
        return Ok(custom(value, style));
    }
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    let decimals = |default: usize| match digits.unwrap_or(default) {
        0 => String::new(),
        digits => format!(".{}", "0".repeat(digits)),
    };
    Ok(match letter {
        "D" | "d" => format!("{sign}{magnitude:0>width$}", width = digits.unwrap_or(1)),
        "X" => format!("{value:0>width$X}", width = digits.unwrap_or(1)),
        "x" => format!("{value:0>width$x}", width = digits.unwrap_or(1)),
        "N" | "n" => format!("{sign}{}{}", grouped(magnitude), decimals(2)),
        "F" | "f" => format!("{sign}{magnitude}{}", decimals(2)),
        "P" | "p" => {
            let hundred = magnitude.saturating_mul(100);
            format!("{sign}{}{} %", grouped(hundred), decimals(2))
        }
        "G" | "g" | "R" | "r" => value.to_string(),
        "C" | "c" => format!("{sign}¤{}{}", grouped(magnitude), decimals(2)),
        _ if letter == "0" || letter == "#" => custom(value, style),
        _ => return Err(Fault::new("the format has a style that .NET doesn't know")),
    })
}

/// With a comma between thousands.
fn grouped(magnitude: u64) -> String {
    let digits = magnitude.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A pattern such as `0000` or `#,##0`: zeros are digits that are always there.
fn custom(value: i64, pattern: &str) -> String {
    let digits = pattern.chars().filter(|c| matches!(c, '0' | '#')).count();
    if digits == 0 {
        return pattern.to_owned();
    }
    let whole = pattern.split('.').next().unwrap_or_default();
    let decimals = pattern.split('.').nth(1).unwrap_or_default();
    let least = match whole.find('0') {
        Some(at) => whole[at..]
            .chars()
            .filter(|c| matches!(c, '0' | '#'))
            .count(),
        None => 0,
    };
    let is_grouped = whole.contains(',');
    let magnitude = value.unsigned_abs();
    let number = if is_grouped {
        grouped(magnitude)
    } else {
        magnitude.to_string()
    };
    let is_digit = |c: char| matches!(c, '0' | '#' | ',');
    let before = &whole[..whole.find(is_digit).unwrap_or(whole.len())];
    let after = &whole[whole.rfind(is_digit).map_or(whole.len(), |at| at + 1)..];
    let fraction: String = decimals.chars().filter(|c| *c == '0').collect();
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{before}{number:0>least$}{after}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::numeral;

    #[test]
    fn numbers_take_the_styles_of_dotnet() {
        for (number, style, wanted) in [
            ("7", "", "7"),
            ("7", "D3", "007"),
            ("-7", "D3", "-007"),
            ("8175133", "N0", "8,175,133"),
            ("1234", "N", "1,234.00"),
            ("255", "X", "FF"),
            ("255", "x4", "00ff"),
            ("5", "00", "05"),
            ("5", "000", "005"),
            ("1234567", "#,##0", "1,234,567"),
            ("5", "F1", "5.0"),
        ] {
            assert_eq!(numeral(number, style).unwrap(), wanted, "{number} {style}");
        }
        assert!(numeral("1", "Q").is_err());
    }
}
